// SPDX-License-Identifier: GPL-2.0-only
/* The PC's 16 interrupt wires, which go to the PICs and to the I/O APIC. */
#include "isa_irq.h"

/**
 * isa_irq_set - drive wire @irq, as @set of struct irq_line
 *
 * The level reaches both controllers; the guest masks the unused one.
 */
void isa_irq_set(void *opaque, unsigned int irq, bool level)
{
	struct isa_irq *isa = opaque;

	pic_set_input(isa->pic, irq, level);
	ioapic_set_pin(isa->ioapic,
		       irq == ISA_IRQ_TIMER ? ISA_IRQ_TIMER_PIN : irq, level);
}
