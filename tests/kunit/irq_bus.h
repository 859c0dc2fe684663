/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A bus for the test of one chip, in place of irq/io_bus.c. A test includes this before
 * the chip's source.
 */
#ifndef TESTS_KUNIT_IRQ_BUS_H
#define TESTS_KUNIT_IRQ_BUS_H

#include <kunit/test.h>
#include <linux/string.h>

#include "irq/io_bus.h"

#define BUS_DEVICES	4

static struct io_device *bus_devices[BUS_DEVICES];
static unsigned int bus_room = BUS_DEVICES;	/* fewer: adding one fails */

static int bus_add(struct vm *vm, enum io_space space, struct io_device *dev)
{
	unsigned int i;

	for (i = 0; i < bus_room; i++) {
		if (bus_devices[i])
			continue;
		bus_devices[i] = dev;
		return 0;
	}
	return -ENOSPC;
}

static void bus_remove(struct vm *vm, enum io_space space, struct io_device *dev)
{
	unsigned int i;

	for (i = 0; i < BUS_DEVICES; i++)
		if (bus_devices[i] == dev)
			bus_devices[i] = NULL;
}

static unsigned int bus_used(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < BUS_DEVICES; i++)
		n += !!bus_devices[i];
	return n;
}

static void bus_reset(void)
{
	memset(bus_devices, 0, sizeof(bus_devices));
	bus_room = BUS_DEVICES;
}

static struct io_device *bus_find(u64 addr, u32 len)
{
	unsigned int i;

	for (i = 0; i < BUS_DEVICES; i++) {
		struct io_device *dev = bus_devices[i];

		if (dev && addr >= dev->addr && addr + len <= dev->addr + dev->len)
			return dev;
	}
	return NULL;
}

/* Return: whether a device took it. */
static bool bus_write(u64 addr, u64 val, u32 len)
{
	struct io_device *dev = bus_find(addr, len);

	return dev && dev->ops->write(dev, addr, &val, len);
}

/* @val: all ones if no device answers */
static bool bus_read(u64 addr, u64 *val, u32 len)
{
	struct io_device *dev = bus_find(addr, len);
	u8 data[sizeof(*val)] = { };
	bool r = dev && dev->ops->read(dev, addr, data, len);

	*val = ~0ULL;
	if (r)
		memcpy(val, data, sizeof(*val));
	return r;
}

static inline struct vm *vm_of(struct kunit *test)
{
	return test->priv;
}

/* A byte of a port that some device has */
static inline void outb(struct kunit *test, u16 port, u8 val)
{
	KUNIT_EXPECT_TRUE(test, bus_write(port, val, 1));
}

static inline u8 inb(struct kunit *test, u16 port)
{
	u64 val;

	KUNIT_EXPECT_TRUE(test, bus_read(port, &val, 1));
	return val;
}

#define io_bus_add	bus_add
#define io_bus_remove	bus_remove

#endif
