/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts that a local APIC has requested (IRR) and in service (ISR), by priority. */
#ifndef VMXDBG_IRQ_LAPIC_IRR_H
#define VMXDBG_IRQ_LAPIC_IRR_H

#include <linux/types.h>

#include "irq/lapic_regs.h"
#include "lib/tpr.h"
#include "vcpu.h"

/* Set a vector in IRR, and its trigger mode in TMR. Any context, any thread. */
void lapic_irr_set(struct lapic *lapic, u8 vector, bool level);

/* The registers were replaced: find out anew. The vCPU's state is the caller's. */
void lapic_irr_refresh(struct lapic *lapic);

/* Write PPR, which follows TPR and ISR (SDM vol. 3, 11.8.3.1). Return: PPR. */
u8 lapic_update_ppr(struct lapic *lapic);

/* Return: the vector that the processor would get now, or -1. Does not change anything. */
int lapic_pending(const struct vcpu *vcpu);

/* lapic_tpr_threshold() with a TPR that may hold something back */
u8 lapic_find_threshold(const struct vcpu *vcpu);

/* Return: the class below which the guest must not lower TPR without an exit, 0 for none. */
static inline u8 lapic_tpr_threshold(const struct vcpu *vcpu)
{
	if (likely(!TPR_CLASS(lapic_reg(vcpu->lapic, APIC_TASKPRI))))
		return 0;
	return lapic_find_threshold(vcpu);
}

/* Move @vector, as lapic_pending() returned it, from IRR to ISR. The vCPU's thread. */
void lapic_acknowledge(struct lapic *lapic, u8 vector);

/* End the interrupt in service. Return: its vector, or -1. The vCPU's thread. */
int lapic_end(struct lapic *lapic);

#endif
