// SPDX-License-Identifier: GPL-2.0-only
/* The I/O port space, and the devices behind each port. */
#include <stddef.h>

#include "io_bus.h"

static const struct io_range *find_range(const struct io_bus *bus, uint16_t port)
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
 * Return: false if a port belongs to another device, or there are too many
 * ranges.
 */
bool io_bus_add(struct io_bus *bus, uint16_t base, uint16_t len,
		const struct io_ops *ops, void *dev)
{
	if (bus->nr == IO_BUS_RANGES)
		return false;
	for (uint16_t i = 0; i < len; i++)
		if (find_range(bus, base + i))
			return false;
	bus->ranges[bus->nr++] = (struct io_range){ base, len, ops, dev };
	return true;
}

/**
 * io_bus_read - read @size bytes from consecutive ports, as on an ISA bus
 *
 * A port without a device reads all ones, which Linux takes for "no device".
 */
void io_bus_read(const struct io_bus *bus, uint16_t port, void *data,
		 unsigned int size)
{
	uint8_t *byte = data;

	for (unsigned int i = 0; i < size; i++) {
		const struct io_range *r = find_range(bus, port + i);

		byte[i] = r ? r->ops->read(r->dev, port + i - r->base) : 0xff;
	}
}

/**
 * io_bus_write - write @size bytes to consecutive ports
 *
 * A write to a port without a device has no effect.
 */
void io_bus_write(const struct io_bus *bus, uint16_t port, const void *data,
		  unsigned int size)
{
	const uint8_t *byte = data;

	for (unsigned int i = 0; i < size; i++) {
		const struct io_range *r = find_range(bus, port + i);

		if (r)
			r->ops->write(r->dev, port + i - r->base, byte[i]);
	}
}
