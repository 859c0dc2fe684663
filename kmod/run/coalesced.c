// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalesced MMIO and port I/O. The VMM maps the ring and empties it when it likes, at the
 * latest at the next exit. It may write anything into the ring, so indices are checked.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "run/coalesced.h"
#include "vm.h"

#define MAX_ZONES	1000	/* of ports, and of memory; as in KVM */

struct coalesced_zone {
	struct list_head link;
	struct rcu_head rcu;
	u64 addr;
	u32 size;
	bool pio;
};

struct coalesced {
	struct list_head zones;		/* vm->lock; read under RCU */
	unsigned int nr[2];		/* zones of memory, of ports */
	spinlock_t lock;		/* of writers of @ring */
	struct kvm_coalesced_mmio_ring *ring;	/* a page, once somebody uses it */
};

int coalesced_init(struct vm *vm)
{
	struct coalesced *c = kzalloc(sizeof(*c), GFP_KERNEL_ACCOUNT);

	if (!c)
		return -ENOMEM;
	vm->coalesced = c;
	INIT_LIST_HEAD(&c->zones);
	spin_lock_init(&c->lock);
	return 0;
}

void coalesced_free(struct vm *vm)
{
	struct coalesced *c = vm->coalesced;
	struct coalesced_zone *zone, *next;

	if (!c)
		return;
	list_for_each_entry_safe(zone, next, &c->zones, link)
		kfree(zone);
	free_page((unsigned long)c->ring);
	kfree(c);
}

/* Without a lock, as a page fault of the VMM's comes here, too. */
void *coalesced_ring(struct vm *vm)
{
	struct coalesced *c = vm->coalesced;
	void *page, *other;

	if (READ_ONCE(c->ring))
		return c->ring;
	page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!page)
		return NULL;
	other = cmpxchg(&c->ring, NULL, page);
	if (!other)
		return page;
	free_page((unsigned long)page);
	return other;
}

static bool has(const struct coalesced_zone *zone, u64 addr, u64 len, bool pio)
{
	return zone->pio == pio && addr >= zone->addr && len <= zone->size &&
	       addr - zone->addr <= zone->size - len;
}

int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *arg)
{
	struct coalesced *c = vm->coalesced;
	struct coalesced_zone *zone;
	int r = 0;

	if (arg->pio > 1)
		return -EINVAL;
	if (!coalesced_ring(vm))
		return -ENOMEM;
	zone = kzalloc(sizeof(*zone), GFP_KERNEL_ACCOUNT);
	if (!zone)
		return -ENOMEM;
	zone->addr = arg->addr;
	zone->size = arg->size;
	zone->pio = arg->pio;
	mutex_lock(&vm->lock);
	if (c->nr[zone->pio] == MAX_ZONES) {
		r = -ENOSPC;
		kfree(zone);
	} else {
		list_add_tail_rcu(&zone->link, &c->zones);
		c->nr[zone->pio]++;
		WRITE_ONCE(vm->nr_coalesced, vm->nr_coalesced + 1);
	}
	mutex_unlock(&vm->lock);
	return r;
}

/* Afterwards no write comes into the ring through these zones. */
int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *arg)
{
	struct coalesced *c = vm->coalesced;
	struct coalesced_zone *zone, *next;
	bool any = false;

	if (arg->pio > 1)
		return -EINVAL;
	mutex_lock(&vm->lock);
	list_for_each_entry_safe(zone, next, &c->zones, link) {
		if (!has(zone, arg->addr, arg->size, arg->pio))
			continue;
		list_del_rcu(&zone->link);
		c->nr[zone->pio]--;
		WRITE_ONCE(vm->nr_coalesced, vm->nr_coalesced - 1);
		kfree_rcu(zone, rcu);
		any = true;
	}
	if (any)
		synchronize_rcu_expedited();
	mutex_unlock(&vm->lock);
	return 0;
}

/* rcu_read_lock() held. */
static bool find_zone(struct vm *vm, u64 addr, unsigned int len, bool pio)
{
	struct coalesced_zone *zone;

	list_for_each_entry_rcu(zone, &vm->coalesced->zones, link)
		if (has(zone, addr, len, pio))
			return true;
	return false;
}

bool coalesced_has(struct vm *vm, u64 addr, unsigned int len, bool pio)
{
	bool is;

	if (!READ_ONCE(vm->nr_coalesced))
		return false;
	rcu_read_lock();
	is = find_zone(vm, addr, len, pio);
	rcu_read_unlock();
	return is;
}

/* One entry stays free: otherwise a full ring would look empty. */
static bool put_entry(struct coalesced *c, u64 addr, const void *data, unsigned int len, bool pio)
{
	struct kvm_coalesced_mmio_ring *ring = c->ring;
	struct kvm_coalesced_mmio *entry;
	u32 last = READ_ONCE(ring->last), next;

	if (last >= KVM_COALESCED_MMIO_MAX)
		return false;
	next = (last + 1) % KVM_COALESCED_MMIO_MAX;
	if (next == READ_ONCE(ring->first))
		return false;
	entry = &ring->coalesced_mmio[last];
	entry->phys_addr = addr;
	entry->len = len;
	entry->pio = pio;
	memcpy(entry->data, data, len);
	smp_wmb();	/* the VMM sees the entry before the index */
	WRITE_ONCE(ring->last, next);
	return true;
}

bool coalesced_write_zones(struct vm *vm, u64 addr, const void *data, unsigned int len,
			   bool pio)
{
	struct coalesced *c = vm->coalesced;
	bool done = false;

	rcu_read_lock();
	if (find_zone(vm, addr, len, pio)) {
		spin_lock(&c->lock);
		done = put_entry(c, addr, data, len, pio);
		spin_unlock(&c->lock);
	}
	rcu_read_unlock();
	return done;
}
