/* SPDX-License-Identifier: GPL-2.0-only */
/* The end of an interrupt, for those beyond the local APIC that have to hear of it. */
#ifndef VMXDBG_IRQ_EOI_H
#define VMXDBG_IRQ_EOI_H

#include <linux/types.h>

struct vcpu;

/*
 * The vCPU has ended the interrupt @vector, which is in vm->irq.eoi_vectors. Context: its
 * thread; does not sleep.
 */
void irq_end_of_interrupt(struct vcpu *vcpu, u8 vector);

#endif
