/* SPDX-License-Identifier: GPL-2.0-only */
/* The PC's 16 interrupt wires, which end at both kinds of controller. */
#ifndef VMXRUN_ISA_IRQ_H
#define VMXRUN_ISA_IRQ_H

#include <stdbool.h>

#include "ioapic.h"
#include "pic.h"

/*
 * At the I/O APIC the timer is on the pin that is the PICs' cascade. The other
 * wires have the same number at both.
 */
#define ISA_IRQ_TIMER		0
#define ISA_IRQ_TIMER_PIN	2

struct isa_irq {
	struct pic *pic;
	struct ioapic *ioapic;
};

/* A device drives wire @irq; fits struct irq_line. */
void isa_irq_set(void *isa_irq, unsigned int irq, bool level);

#endif
