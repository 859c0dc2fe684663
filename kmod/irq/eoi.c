// SPDX-License-Identifier: GPL-2.0-only
/* The end of an interrupt, for those beyond the local APIC that have to hear of it. */
#include "irq/eoi.h"
#include "irq/ioapic.h"
#include "irq/lapic_regs.h"

void irq_end_of_interrupt(struct vcpu *vcpu, u8 vector)
{
	struct lapic *lapic = vcpu->lapic;

	if (vcpu->vm->irq.ioapic) {
		ioapic_eoi(vcpu->vm, vector, lapic_test(lapic, APIC_TMR, vector));
		return;
	}
	/* The VMM's I/O APIC hears of level-triggered ones: KVM_EXIT_IOAPIC_EOI. */
	if (!lapic_test(lapic, APIC_TMR, vector))
		return;
	lapic->eoi = vector;
	set_bit(REQ_EOI, &vcpu->requests);
}
