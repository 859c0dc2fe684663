/* SPDX-License-Identifier: GPL-2.0-only */
/* The chips report the end of an interrupt, and an unmasked pin, to the notifiers (ack.h). */
#ifndef VMXDBG_IRQ_ACKED_H
#define VMXDBG_IRQ_ACKED_H

#include <linux/types.h>

struct vm;

/* The guest has ended the interrupt of a pin. @chip: KVM_IRQCHIP_*. Context: any. */
void irq_acked(struct vm *vm, u32 chip, u32 pin);

/* The guest has unmasked a pin. Context: any. */
void irq_unmasked(struct vm *vm, u32 chip, u32 pin);

/* Return: whether a notifier waits for the end of the pin's interrupt. Context: any. */
bool irq_ack_wanted(struct vm *vm, u32 chip, u32 pin);

#endif
