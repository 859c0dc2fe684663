// SPDX-License-Identifier: GPL-2.0-only
/* A port by which the guest ends vmxrun with an exit status. */
#include "debug_exit.h"

static uint8_t debug_exit_read(void *dev, uint16_t offset)
{
	(void)dev;
	(void)offset;
	return 0;
}

static void debug_exit_write(void *dev, uint16_t offset, uint8_t val)
{
	struct debug_exit *de = dev;

	(void)offset;
	de->exit(de->opaque, val);
}

static const struct io_ops debug_exit_ops = {
	debug_exit_read, debug_exit_write
};

/* Return: false if the port belongs to another device */
bool debug_exit_add_port(struct debug_exit *de, struct io_bus *bus,
			 uint16_t port)
{
	return io_bus_add(bus, port, 1, &debug_exit_ops, de);
}
