/* SPDX-License-Identifier: GPL-2.0-only */
/* Destinations of an interrupt: the local APICs of a VM that take it. */
#ifndef VMXDBG_IRQ_LAPIC_DELIVER_H
#define VMXDBG_IRQ_LAPIC_DELIVER_H

#include <linux/types.h>

#include "irq/types.h"

struct vm;

/**
 * lapic_deliver() - send an interrupt to its destinations
 * @source: the vCPU that sent an IPI; NULL for an I/O APIC's or an MSI
 * Context: any; takes no lock.
 * Return: the number of vCPUs that took it.
 */
int lapic_deliver(struct vm *vm, struct vcpu *source, const struct irq_message *msg);

/* Return: whether lapic_deliver() looks at all vCPUs to find the destinations. Any context. */
bool lapic_deliver_searches(struct vm *vm, const struct irq_message *msg);

/* Return: whether a destination has not ended, or not taken, an interrupt like a device's @msg. */
bool lapic_dest_is_busy(struct vm *vm, const struct irq_message *msg);

/* Return: whether @vcpu is one of the destinations of @msg. Any context. */
bool lapic_is_dest(const struct vcpu *vcpu, struct vcpu *source,
		   const struct irq_message *msg);

#endif
