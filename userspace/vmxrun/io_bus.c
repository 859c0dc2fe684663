// SPDX-License-Identifier: GPL-2.0-only
/* The I/O port space: which device answers which ports. */
#include <stddef.h>

#include "io_bus.h"

static const struct io_range *find(const struct io_bus *bus, uint16_t port)
{
	for (unsigned int i = 0; i < bus->nr; i++) {
		const struct io_range *r = &bus->ranges[i];

		if ((uint16_t)(port - r->base) < r->len)
			return r;
	}
	return NULL;
}

/**
 * io_bus_add - give the ports @base to @base + @len - 1 to a device
 *
 * Return: false when one of them is taken, or there are too many ranges.
 */
bool io_bus_add(struct io_bus *bus, uint16_t base, uint16_t len,
		const struct io_ops *ops, void *dev)
{
	if (bus->nr == IO_BUS_RANGES)
		return false;
	for (uint16_t i = 0; i < len; i++)
		if (find(bus, base + i))
			return false;
	bus->ranges[bus->nr++] = (struct io_range){ base, len, ops, dev };
	return true;
}

/*
 * A wide access goes to consecutive ports, as the ISA bus splits it. Where
 * nobody answers, the bus floats high: Linux takes all ones for "no device".
 */
void io_bus_read(const struct io_bus *bus, uint16_t port, void *data,
		 unsigned int size)
{
	uint8_t *byte = data;

	for (unsigned int i = 0; i < size; i++) {
		const struct io_range *r = find(bus, port + i);

		byte[i] = r ? r->ops->read(r->dev, port + i - r->base) : 0xff;
	}
}

void io_bus_write(const struct io_bus *bus, uint16_t port, const void *data,
		  unsigned int size)
{
	const uint8_t *byte = data;

	for (unsigned int i = 0; i < size; i++) {
		const struct io_range *r = find(bus, port + i);

		if (r)
			r->ops->write(r->dev, port + i - r->base, byte[i]);
	}
}
