/* SPDX-License-Identifier: GPL-2.0-only */
/* The PC's 16 interrupt wires, which go to the PICs and to the I/O APIC. */
#ifndef VMXRUN_ISA_IRQ_H
#define VMXRUN_ISA_IRQ_H

#include <stdbool.h>

#include "ioapic.h"
#include "pic.h"

/*
 * The timer has pin 2 of the I/O APIC, as IRQ 2 is the cascade of the PICs. The
 * other wires have the same number at both.
 */
#define ISA_IRQ_TIMER		0
#define ISA_IRQ_TIMER_PIN	2

struct isa_irq {
	struct pic *pic;
	struct ioapic *ioapic;
};

void isa_irq_set(void *isa_irq, unsigned int irq, bool level);

#endif
