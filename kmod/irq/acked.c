// SPDX-License-Identifier: GPL-2.0-only
/* The end of an interrupt: a chip reports its pin, and the routing knows whose GSI it is. */
#include <linux/rculist.h>
#include <linux/rcupdate.h>

#include "irq/ack.h"
#include "irq/acked.h"
#include "vm.h"

static bool irq_ack_is_of(const struct vm *vm, const struct irq_ack_notifier *n, u32 chip,
			  u32 pin)
{
	u32 gsi = READ_ONCE(vm->irq.pin_gsi[chip][pin]);

	return gsi && n->gsi == gsi - 1;
}

void irq_acked(struct vm *vm, u32 chip, u32 pin)
{
	struct irq_ack_notifier *n;

	rcu_read_lock();
	hlist_for_each_entry_rcu(n, &vm->irq.acks, link)
		if (irq_ack_is_of(vm, n, chip, pin))
			n->acked(n);
	rcu_read_unlock();
}

void irq_unmasked(struct vm *vm, u32 chip, u32 pin)
{
	struct irq_ack_notifier *n;

	rcu_read_lock();
	hlist_for_each_entry_rcu(n, &vm->irq.acks, link)
		if (irq_ack_is_of(vm, n, chip, pin) && n->unmasked)
			n->unmasked(n);
	rcu_read_unlock();
}

bool irq_ack_wanted(struct vm *vm, u32 chip, u32 pin)
{
	struct irq_ack_notifier *n;
	bool wanted = false;

	rcu_read_lock();
	hlist_for_each_entry_rcu(n, &vm->irq.acks, link)
		wanted |= irq_ack_is_of(vm, n, chip, pin);
	rcu_read_unlock();
	return wanted;
}
