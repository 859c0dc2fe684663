/* SPDX-License-Identifier: GPL-2.0-only */
/* One local APIC takes an interrupt. */
#ifndef VMXDBG_IRQ_LAPIC_ACCEPT_H
#define VMXDBG_IRQ_LAPIC_ACCEPT_H

#include <linux/types.h>

#include "irq/types.h"

/**
 * lapic_accept() - take an interrupt whose destination is this vCPU
 * The vCPU leaves the guest, or wakes up, if it has to.
 * Context: any, any thread.
 * Return: whether it was taken. A local APIC that is off, or disabled by software, takes
 * no vector (SDM vol. 3, 11.4.7.2); ExtINT and SMI have no effect.
 */
bool lapic_accept(struct vcpu *vcpu, const struct irq_message *msg);

/* Forget who has raised the interrupts that wait. Any thread. */
void lapic_forget_sources(struct vcpu *vcpu);

/* The local interrupt of the LVT entry at @reg occurs. Any context. Return: as lapic_accept(). */
bool lapic_local(struct vcpu *vcpu, u32 reg);

/*
 * Return: whether LINT0 passes the interrupt of a PIC to the processor. A local APIC that is
 * off does (SDM vol. 3, 11.4.7.1). Any thread.
 */
bool lapic_takes_extint(const struct vcpu *vcpu);

#endif
