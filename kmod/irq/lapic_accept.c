// SPDX-License-Identifier: GPL-2.0-only
/* One local APIC takes an interrupt (SDM vol. 3, 11.5.1, 11.8.2). */
#include <linux/bitops.h>

#include "irq/lapic_accept.h"
#include "irq/lapic_irr.h"
#include "irq/lapic_regs.h"
#include "mmu/request.h"
#include "vm.h"
#include "vmxdbg.h"

/* Catches of interrupts report the source, the last one if there are several. */
static void accept_note_source(struct vcpu *vcpu, u8 vector, u32 from)
{
	if (unlikely(READ_ONCE(vcpu->vm->catch_types) & BIT(VMXDBG_CATCH_INTERRUPT)))
		WRITE_ONCE(vcpu->lapic->from[vector], from);
}

void lapic_forget_sources(struct vcpu *vcpu)
{
	unsigned int i;

	for (i = 0; i < IRQ_VECTORS; i++)
		WRITE_ONCE(vcpu->lapic->from[i], 0);
}

static bool accept_vector(struct vcpu *vcpu, const struct irq_message *msg)
{
	if (!lapic_is_enabled(vcpu))
		return false;
	accept_note_source(vcpu, msg->vector, msg->from);
	lapic_irr_set(vcpu->lapic, msg->vector, msg->level);
	vcpu_request(vcpu, REQ_ENTRY, false);
	return true;
}

static bool accept_nmi(struct vcpu *vcpu, const struct irq_message *msg)
{
	accept_note_source(vcpu, LAPIC_FROM_NMI, msg->from);
	/* More than two would be lost in the processor, too. */
	atomic_add_unless(&vcpu->lapic->nmis, 1, VCPU_MAX_NMIS);
	vcpu_request(vcpu, REQ_NMI, false);
	return true;
}

static bool accept_init(struct vcpu *vcpu, const struct irq_message *msg)
{
	/* A level de-assert has no effect since the Pentium 4 (SDM vol. 3, 11.6.1). */
	if (msg->level && !msg->assert)
		return false;
	WRITE_ONCE(vcpu->lapic->events, BIT(LAPIC_INIT));	/* ends a SIPI */
	vcpu_request(vcpu, REQ_LIFE, false);
	return true;
}

static bool accept_sipi(struct vcpu *vcpu, const struct irq_message *msg)
{
	WRITE_ONCE(vcpu->lapic->sipi_vector, msg->vector);
	smp_wmb();	/* pairs with vcpu_take_events() */
	set_bit(LAPIC_SIPI, &vcpu->lapic->events);
	vcpu_request(vcpu, REQ_LIFE, false);
	return true;
}

bool lapic_accept(struct vcpu *vcpu, const struct irq_message *msg)
{
	switch (msg->mode << 8) {
	case APIC_DM_LOWEST:
		vcpu->lapic->turns++;
		fallthrough;
	case APIC_DM_FIXED:
		return accept_vector(vcpu, msg);
	case APIC_DM_NMI:
		return accept_nmi(vcpu, msg);
	case APIC_DM_INIT:
		return accept_init(vcpu, msg);
	case APIC_DM_STARTUP:
		return accept_sipi(vcpu, msg);
	default:
		return false;
	}
}

bool lapic_local(struct vcpu *vcpu, u32 reg)
{
	u32 lvt = lapic_reg(vcpu->lapic, reg);
	struct irq_message msg = {
		.vector = lvt & APIC_VECTOR_MASK,
		.mode = reg == APIC_LVTT || reg == APIC_LVTERR ? 0 : lvt >> 8 & 7,
		.level = lvt & APIC_LVT_LEVEL_TRIGGER,
		.assert = true,
		.from = reg == APIC_LVTT ? IRQ_FROM(VMXDBG_FROM_TIMER, 0) :
					   IRQ_FROM(VMXDBG_FROM_LVT, reg),
	};

	if (!lapic_is_on(vcpu) || (lvt & APIC_LVT_MASKED))
		return false;
	return lapic_accept(vcpu, &msg);
}

bool lapic_takes_extint(const struct vcpu *vcpu)
{
	u32 lvt0 = lapic_reg(vcpu->lapic, APIC_LVT0);

	if (!lapic_is_on(vcpu))
		return true;
	return !(lvt0 & APIC_LVT_MASKED) && (lvt0 & APIC_DM_FIXED_MASK) == APIC_DM_EXTINT;
}
