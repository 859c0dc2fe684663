// SPDX-License-Identifier: GPL-2.0-only
/* The end of an interrupt: a chip reports its pin, and the routing knows whose GSI it is. */
#include <linux/rculist.h>
#include <linux/rcupdate.h>

#include "irq/ack.h"
#include "irq/acked.h"
#include "vm.h"

/* Return: the GSI of the pin, if it has a notifier, or IRQ_MAX_GSIS. */
static u32 irq_ack_gsi(const struct vm *vm, u32 chip, u32 pin)
{
	u32 gsi = READ_ONCE(vm->irq.pin_gsi[chip][pin]);

	return gsi && test_bit(gsi - 1, vm->irq.acked_gsis) ? gsi - 1 : IRQ_MAX_GSIS;
}

void irq_acked(struct vm *vm, u32 chip, u32 pin)
{
	u32 gsi = irq_ack_gsi(vm, chip, pin);
	struct irq_ack_notifier *n;

	if (gsi == IRQ_MAX_GSIS)
		return;
	rcu_read_lock();
	hlist_for_each_entry_rcu(n, &vm->irq.acks, link)
		if (n->gsi == gsi)
			n->acked(n);
	rcu_read_unlock();
}

void irq_unmasked(struct vm *vm, u32 chip, u32 pin)
{
	u32 gsi = irq_ack_gsi(vm, chip, pin);
	struct irq_ack_notifier *n;

	if (gsi == IRQ_MAX_GSIS)
		return;
	rcu_read_lock();
	hlist_for_each_entry_rcu(n, &vm->irq.acks, link)
		if (n->gsi == gsi && n->unmasked)
			n->unmasked(n);
	rcu_read_unlock();
}

bool irq_ack_wanted(struct vm *vm, u32 chip, u32 pin)
{
	return irq_ack_gsi(vm, chip, pin) != IRQ_MAX_GSIS;
}
