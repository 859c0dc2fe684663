// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts that a local APIC has requested (IRR) and in service (ISR), by priority
 * (SDM vol. 3, 11.8). IRR and TMR are changed by any thread, ISR by the vCPU's alone.
 */
#include <linux/minmax.h>

#include "irq/lapic_irr.h"
#include "irq/lapic_regs.h"
#include "lib/tpr.h"

#define PRIO_CLASS(priority)	((priority) & 0xf0)

void lapic_irr_set(struct lapic *lapic, u8 vector, bool level)
{
	if (level != lapic_test(lapic, APIC_TMR, vector)) {
		if (level)
			set_bit(vector % 32, lapic_word(lapic, APIC_TMR, vector));
		else
			clear_bit(vector % 32, lapic_word(lapic, APIC_TMR, vector));
	}
	set_bit(vector % 32, lapic_word(lapic, APIC_IRR, vector));
	/* Pairs with clear_requested(): one of the two sees the bit. */
	smp_mb__after_atomic();
	WRITE_ONCE(lapic->irr_any, true);
}

static int highest_requested(const struct lapic *lapic)
{
	if (!READ_ONCE(lapic->irr_any))
		return -1;
	return lapic_highest(lapic, APIC_IRR);
}

static void clear_requested(struct lapic *lapic, u8 vector)
{
	WRITE_ONCE(lapic->irr_any, false);
	clear_bit(vector % 32, lapic_word(lapic, APIC_IRR, vector));
	smp_mb__after_atomic();	/* pairs with lapic_irr_set() */
	if (lapic_highest(lapic, APIC_IRR) >= 0)
		WRITE_ONCE(lapic->irr_any, true);
}

void lapic_irr_refresh(struct lapic *lapic)
{
	WRITE_ONCE(lapic->irr_any, true);
	lapic->in_service = lapic_highest(lapic, APIC_ISR);
	lapic_update_ppr(lapic);
}

static u8 lapic_ppr(const struct lapic *lapic)
{
	u8 tpr = lapic_reg(lapic, APIC_TASKPRI);
	int served = max(lapic->in_service, 0);

	return PRIO_CLASS(tpr) >= PRIO_CLASS(served) ? tpr : PRIO_CLASS(served);
}

u8 lapic_update_ppr(struct lapic *lapic)
{
	u8 ppr = lapic_ppr(lapic);

	lapic_set_reg(lapic, APIC_PROCPRI, ppr);
	return ppr;
}

int lapic_pending(const struct vcpu *vcpu)
{
	const struct lapic *lapic = vcpu->lapic;
	int vector = highest_requested(lapic);

	if (vector < 0 || !lapic_is_on(vcpu) || PRIO_CLASS(vector) <= PRIO_CLASS(lapic_ppr(lapic)))
		return -1;
	return vector;
}

u8 lapic_find_threshold(const struct vcpu *vcpu)
{
	int vector = highest_requested(vcpu->lapic);

	if (vector < 0 || !lapic_is_on(vcpu))
		return 0;
	return tpr_threshold(lapic_reg(vcpu->lapic, APIC_TASKPRI), vector);
}

void lapic_acknowledge(struct lapic *lapic, u8 vector)
{
	clear_requested(lapic, vector);
	__set_bit(vector % 32, lapic_word(lapic, APIC_ISR, vector));
	lapic->in_service = vector;	/* above all others */
	lapic_update_ppr(lapic);
}

int lapic_end(struct lapic *lapic)
{
	int vector = lapic->in_service;

	if (vector < 0)
		return -1;
	__clear_bit(vector % 32, lapic_word(lapic, APIC_ISR, vector));
	lapic->in_service = lapic_highest(lapic, APIC_ISR);
	lapic_update_ppr(lapic);
	return vector;
}
