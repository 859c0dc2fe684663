/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt that the controllers in the module have for a vCPU. */
#ifndef VMXDBG_IRQ_NEXT_H
#define VMXDBG_IRQ_NEXT_H

#include "vcpu.h"

/* The vCPU has a local APIC here in each of these. */

/* Return: the vector that the vCPU would get now, or -1. Any context. */
int irq_next(const struct vcpu *vcpu);

/* Return: the source of the interrupt @vector, which irq_next() has: IRQ_FROM(). */
u32 irq_from(const struct vcpu *vcpu, u8 vector);

/* Return: whether LINT0 would pass a KVM_INTERRUPT to the processor. The vCPU's thread. */
bool irq_can_take_extint(const struct vcpu *vcpu);

/* Return: whether a controller has this vector for the vCPU, now or later. Any context. */
bool irq_has(const struct vcpu *vcpu, u8 vector);

/*
 * Take the interrupt that is next from its controller. @only: the vectors that may be taken,
 * NULL for any. Return: the vector, or -1. The vCPU's thread.
 */
int irq_take(struct vcpu *vcpu, const unsigned long *only);

#endif
