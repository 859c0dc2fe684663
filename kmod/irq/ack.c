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
	hlist_add_head_rcu(&n->link, &vm->irq.acks);
	ioapic_find_eoi_vectors(vm);
}

void irq_ack_unregister(struct vm *vm, struct irq_ack_notifier *n)
{
	lockdep_assert_held(&vm->irq.lock);
	hlist_del_init_rcu(&n->link);
	synchronize_rcu();
	ioapic_find_eoi_vectors(vm);
}
