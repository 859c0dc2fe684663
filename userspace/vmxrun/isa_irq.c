// SPDX-License-Identifier: GPL-2.0-only
/* The PC's 16 interrupt wires, which end at both kinds of controller. */
#include "isa_irq.h"

/* The guest masks the controller that it does not use. */
void isa_irq_set(void *opaque, unsigned int irq, bool level)
{
	struct isa_irq *isa = opaque;

	pic_set_input(isa->pic, irq, level);
	ioapic_set_pin(isa->ioapic,
		       irq == ISA_IRQ_TIMER ? ISA_IRQ_TIMER_PIN : irq, level);
}
