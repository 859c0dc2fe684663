// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coalesced MMIO and port I/O. The VMM maps the ring and empties it when it likes, at the
 * latest at the next exit. It may write anything into the ring, so indices are checked.
 */
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "irq/io_bus.h"
#include "run/coalesced.h"
#include "vm.h"

struct coalesced_zone {
	struct io_device dev;
	struct list_head link;
	struct coalesced *coalesced;
	enum io_space space;
};

struct coalesced {
	struct list_head zones;		/* vm->irq.lock */
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

	if (!c)
		return;
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

/* Return: whether the zone has all of these bytes. A zone of no bytes has none. */
static bool zone_has(const struct coalesced_zone *zone, u64 addr, u64 len)
{
	return addr >= zone->dev.addr && len <= zone->dev.len &&
	       addr - zone->dev.addr <= zone->dev.len - len;
}

static bool zone_write(struct io_device *dev, u64 addr, const void *data, u32 len)
{
	struct coalesced_zone *zone = container_of(dev, struct coalesced_zone, dev);
	struct coalesced *c = zone->coalesced;
	bool done;

	if (!zone_has(zone, addr, len))
		return false;
	spin_lock(&c->lock);
	done = put_entry(c, addr, data, len, zone->space == IO_PORTS);
	spin_unlock(&c->lock);
	return done;
}

static void zone_release(struct io_device *dev)
{
	kfree(container_of(dev, struct coalesced_zone, dev));
}

static const struct io_ops zone_ops = {
	.write = zone_write,
	.release = zone_release,
};

int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *arg)
{
	struct coalesced *c = vm->coalesced;
	struct coalesced_zone *zone;
	int r;

	if (arg->pio > 1)
		return -EINVAL;
	if (!coalesced_ring(vm))
		return -ENOMEM;
	zone = kzalloc(sizeof(*zone), GFP_KERNEL_ACCOUNT);
	if (!zone)
		return -ENOMEM;
	zone->dev.addr = arg->addr;
	zone->dev.len = arg->size;
	zone->dev.ops = &zone_ops;
	zone->coalesced = c;
	zone->space = arg->pio ? IO_PORTS : IO_MEMORY;
	mutex_lock(&vm->irq.lock);
	r = io_bus_add(vm, zone->space, &zone->dev);
	if (!r)
		list_add_tail(&zone->link, &c->zones);
	mutex_unlock(&vm->irq.lock);
	if (r)
		kfree(zone);
	return r;
}

/* Afterwards no write comes into the ring through these zones. */
int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *arg)
{
	enum io_space space = arg->pio ? IO_PORTS : IO_MEMORY;
	struct coalesced_zone *zone, *next;

	if (arg->pio > 1)
		return -EINVAL;
	mutex_lock(&vm->irq.lock);
	list_for_each_entry_safe(zone, next, &vm->coalesced->zones, link) {
		if (zone->space != space || !zone_has(zone, arg->addr, arg->size))
			continue;
		list_del(&zone->link);
		io_bus_remove(vm, space, &zone->dev);
		kfree(zone);
	}
	mutex_unlock(&vm->irq.lock);
	return 0;
}
