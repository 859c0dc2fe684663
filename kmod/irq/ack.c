// SPDX-License-Identifier: GPL-2.0-only
/* The list of notifiers of the end of an interrupt; acked.c calls them. */
#include <linux/lockdep.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>

#include "irq/ack.h"
#include "irq/ioapic.h"

void irq_ack_register(struct vm *vm, struct irq_ack_notifier *n)
{
	lockdep_assert_held(&vm->irq.lock);
	/* No pin has a higher number. */
	if (n->gsi >= IRQ_MAX_GSIS)
		return;
	hlist_add_head_rcu(&n->link, &vm->irq.acks);
	set_bit(n->gsi, vm->irq.acked_gsis);
	ioapic_find_eoi_vectors(vm);
}

/* irq.lock held */
static bool irq_ack_has(struct vm *vm, u32 gsi)
{
	struct irq_ack_notifier *n;

	hlist_for_each_entry_rcu(n, &vm->irq.acks, link, lockdep_is_held(&vm->irq.lock))
		if (n->gsi == gsi)
			return true;
	return false;
}

void irq_ack_unregister(struct vm *vm, struct irq_ack_notifier *n)
{
	lockdep_assert_held(&vm->irq.lock);
	if (n->gsi >= IRQ_MAX_GSIS)
		return;
	hlist_del_init_rcu(&n->link);
	if (!irq_ack_has(vm, n->gsi))
		clear_bit(n->gsi, vm->irq.acked_gsis);
	synchronize_rcu();
	ioapic_find_eoi_vectors(vm);
}
