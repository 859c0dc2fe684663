// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices of the module in ports and in memory: an array for each space, sorted by the last
 * byte, that is replaced when a device comes. A device that goes leaves a hole until then,
 * so that it can always go.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "irq/io_bus.h"

#define LONGEST	8	/* bytes of an access */

struct io_range {
	u64 first, last;	/* bytes that an access may have */
	u64 low;		/* the lowest @first of this range and all behind it */
	bool any_len;		/* the access must start at @first */
	struct io_device *dev;	/* NULL: a hole */
};

struct io_bus {
	struct rcu_head rcu;
	unsigned int nr, holes;
	struct io_range range[];
};

static struct io_bus *bus_locked(struct vm *vm, enum io_space space)
{
	return rcu_dereference_protected(vm->irq.bus[space], lockdep_is_held(&vm->irq.lock));
}

/* Return: the last of @len bytes, or of all bytes from @first on. */
static u64 last_byte(u64 first, u32 len)
{
	return first + min_t(u64, len - 1, U64_MAX - first);
}

static struct io_range range_of(struct io_device *dev)
{
	return (struct io_range){
		.first = dev->addr,
		.last = last_byte(dev->addr, dev->len ? dev->len : LONGEST),
		.any_len = !dev->len,
		.dev = dev,
	};
}

static bool comes_before(const struct io_range *a, const struct io_range *b)
{
	return a->last < b->last || (a->last == b->last && a->first >= b->first);
}

/* Copy the devices of @old, which may be NULL, and put the new one at its place. */
static void bus_fill(struct io_bus *bus, const struct io_bus *old, const struct io_range *add)
{
	u64 low = U64_MAX;
	unsigned int i;

	bus->nr = 0;
	bus->holes = 0;
	for (i = 0; old && i < old->nr; i++) {
		if (!old->range[i].dev)
			continue;
		if (add && !comes_before(&old->range[i], add)) {
			bus->range[bus->nr++] = *add;
			add = NULL;
		}
		bus->range[bus->nr++] = old->range[i];
	}
	if (add)
		bus->range[bus->nr++] = *add;
	for (i = bus->nr; i--; ) {
		low = min(low, bus->range[i].first);
		bus->range[i].low = low;
	}
}

static unsigned int bus_counted(const struct io_bus *bus)
{
	unsigned int i, n = 0;

	for (i = 0; bus && i < bus->nr; i++)
		n += bus->range[i].dev && !bus->range[i].dev->uncounted;
	return n;
}

int io_bus_add(struct vm *vm, enum io_space space, struct io_device *dev)
{
	struct io_bus *old = bus_locked(vm, space), *bus;
	struct io_range range = range_of(dev);

	/* Same as KVM: those that are not counted do not come either. */
	if (bus_counted(old) >= IO_BUS_DEVICES)
		return -ENOSPC;
	bus = kvmalloc(struct_size(bus, range, (old ? old->nr - old->holes : 0) + 1),
		       GFP_KERNEL_ACCOUNT);
	if (!bus)
		return -ENOMEM;
	bus_fill(bus, old, &range);
	rcu_assign_pointer(vm->irq.bus[space], bus);
	if (old)
		kvfree_rcu(old, rcu);
	return 0;
}

void io_bus_remove(struct vm *vm, enum io_space space, struct io_device *dev)
{
	struct io_bus *bus = bus_locked(vm, space);
	unsigned int i;

	for (i = 0; bus->range[i].dev != dev; i++)
		;
	WRITE_ONCE(bus->range[i].dev, NULL);
	if (++bus->holes == bus->nr)
		RCU_INIT_POINTER(vm->irq.bus[space], NULL);
	synchronize_rcu_expedited();
	if (bus->holes == bus->nr)
		kvfree(bus);
}

void io_bus_init(struct vm *vm)
{
	mutex_init(&vm->irq.lock);
	INIT_LIST_HEAD(&vm->irq.ioeventfds);
}

void io_bus_free(struct vm *vm)
{
	enum io_space space;
	unsigned int i;

	for (space = 0; space < IO_SPACES; space++) {
		struct io_bus *bus = rcu_dereference_protected(vm->irq.bus[space], true);

		for (i = 0; bus && i < bus->nr; i++)
			if (bus->range[i].dev && bus->range[i].dev->ops->release)
				bus->range[i].dev->ops->release(bus->range[i].dev);
		kvfree(bus);
	}
}

/* ---- accesses ---- */

/* Return: the number of the first range that ends with the byte @last or behind it. */
static unsigned int first_to_reach(const struct io_bus *bus, u64 last)
{
	unsigned int from = 0, to = bus->nr;

	while (from < to) {
		unsigned int mid = (from + to) / 2;

		if (bus->range[mid].last < last)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* Return: the first device from range @i on that covers the access from @addr, or NULL. */
static struct io_device *next_device(const struct io_bus *bus, unsigned int *i, u64 addr)
{
	for (; *i < bus->nr && bus->range[*i].low <= addr; (*i)++) {
		const struct io_range *range = &bus->range[*i];
		struct io_device *dev = READ_ONCE(range->dev);

		if (dev && (range->any_len ? range->first == addr : range->first <= addr))
			return dev;
	}
	return NULL;
}

/* Each device that covers the access, the RCU read lock held. @bus may be NULL. */
#define for_each_device(dev, i, bus, addr, len)						\
	for (i = bus ? first_to_reach(bus, last_byte(addr, len)) : 0;			\
	     bus && (dev = next_device(bus, &i, addr)); i++)

/* An access: a read to @to, a write from @from, or neither, which any device takes */
struct bus_access {
	u64 addr;
	u32 len;
	void *to;
	const void *from;
};

static bool device_takes(struct io_device *dev, const struct bus_access *a)
{
	if (a->to)
		return dev->ops->read && dev->ops->read(dev, a->addr, a->to, a->len);
	if (a->from)
		return dev->ops->write && dev->ops->write(dev, a->addr, a->from, a->len);
	return true;
}

static bool bus_takes(struct vm *vm, enum io_space space, const struct bus_access *a)
{
	const struct io_bus *bus;
	struct io_device *dev;
	bool taken = false;
	unsigned int i;

	rcu_read_lock();
	bus = rcu_dereference(vm->irq.bus[space]);
	for_each_device(dev, i, bus, a->addr, a->len) {
		taken = device_takes(dev, a);
		if (taken)
			break;
	}
	rcu_read_unlock();
	return taken;
}

bool io_bus_has(struct vm *vm, enum io_space space, u64 addr, u32 len)
{
	const struct bus_access any = { .addr = addr, .len = len };

	return io_bus_used(vm, space) && bus_takes(vm, space, &any);
}

bool io_bus_read_devices(struct vm *vm, enum io_space space, u64 addr, void *data, u32 len)
{
	const struct bus_access read = { .addr = addr, .len = len, .to = data };

	return bus_takes(vm, space, &read);
}

bool io_bus_write_devices(struct vm *vm, enum io_space space, u64 addr, const void *data,
			  u32 len)
{
	const struct bus_access write = { .addr = addr, .len = len, .from = data };

	return bus_takes(vm, space, &write);
}
