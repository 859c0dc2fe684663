/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notifiers of the end of an interrupt: for the PIT, which waits with its next tick, and
 * for level triggered interrupts that the VMM raises again by an eventfd.
 */
#ifndef VMXDBG_IRQ_ACK_H
#define VMXDBG_IRQ_ACK_H

#include <linux/list.h>
#include <linux/types.h>

#include "vm.h"

/*
 * Context of the functions: any, RCU read lock held, no lock of a chip. They may drive
 * pins.
 */
struct irq_ack_notifier {
	struct hlist_node link;
	u32 gsi;
	void (*acked)(struct irq_ack_notifier *n);	/* the guest has ended it */
	void (*unmasked)(struct irq_ack_notifier *n);	/* or NULL: a chip takes it again */
};

/* @n: its fields but for link are set. irq.lock held. */
void irq_ack_register(struct vm *vm, struct irq_ack_notifier *n);

/* irq.lock held; may sleep. On return, no function of @n runs or will run. */
void irq_ack_unregister(struct vm *vm, struct irq_ack_notifier *n);

#endif
