// SPDX-License-Identifier: GPL-2.0-only
/* The interrupt for a vCPU: a PIC's through LINT0 first, then the local APIC's, as in KVM. */
#include <linux/bitops.h>

#include "irq/lapic_accept.h"
#include "irq/lapic_irr.h"
#include "irq/lapic_regs.h"
#include "irq/next.h"
#include "irq/pic.h"
#include "irq/types.h"
#include "vmxdbg.h"

static int extint_next(const struct vcpu *vcpu)
{
	int vector = READ_ONCE(vcpu->lapic->extint);

	if (vector < 0)
		vector = pic_next(vcpu->vm);
	return vector >= 0 && lapic_takes_extint(vcpu) ? vector : -1;
}

bool irq_can_take_extint(const struct vcpu *vcpu)
{
	return vcpu->lapic->extint < 0 && lapic_takes_extint(vcpu);
}

int irq_next(const struct vcpu *vcpu)
{
	int vector = extint_next(vcpu);

	return vector >= 0 ? vector : lapic_pending(vcpu);
}

u32 irq_from(const struct vcpu *vcpu, u8 vector)
{
	if (extint_next(vcpu) != vector)
		return READ_ONCE(vcpu->lapic->from[vector]);
	if (!vcpu->vm->irq.pic)
		return IRQ_FROM(VMXDBG_FROM_VMM, 0);
	return IRQ_FROM(VMXDBG_FROM_PIC, pic_pin_of(vcpu->vm, vector));
}

bool irq_has(const struct vcpu *vcpu, u8 vector)
{
	return lapic_test(vcpu->lapic, APIC_IRR, vector) || extint_next(vcpu) == vector;
}

int irq_take(struct vcpu *vcpu, const unsigned long *only)
{
	int extint = extint_next(vcpu), vector = extint;

	if (extint >= 0 && vcpu->vm->irq.pic)
		return pic_ack(vcpu->vm, only);
	if (extint < 0)
		vector = lapic_pending(vcpu);
	if (vector < 0 || (only && !test_bit(vector, only)))
		return -1;
	if (extint >= 0)
		vcpu->lapic->extint = -1;
	else
		lapic_acknowledge(vcpu->lapic, vector);
	return vector;
}
