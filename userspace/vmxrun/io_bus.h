/* SPDX-License-Identifier: GPL-2.0-only */
/* The I/O port space, and the devices behind each port. */
#ifndef VMXRUN_IO_BUS_H
#define VMXRUN_IO_BUS_H

#include <stdbool.h>
#include <stdint.h>

#define IO_BUS_RANGES	24

/**
 * struct io_ops - accesses to a device's ports, one byte each as on an ISA bus
 * @read: read a byte at @offset from the start of the range
 * @write: write a byte, likewise
 *
 * The bus calls them with the machine's lock held.
 */
struct io_ops {
	uint8_t (*read)(void *dev, uint16_t offset);
	void (*write)(void *dev, uint16_t offset, uint8_t val);
};

struct io_range {
	uint16_t base;
	uint16_t len;
	const struct io_ops *ops;
	void *dev;
};

struct io_bus {
	unsigned int nr;
	struct io_range ranges[IO_BUS_RANGES];
};

bool io_bus_add(struct io_bus *bus, uint16_t base, uint16_t len,
		const struct io_ops *ops, void *dev);
void io_bus_read(const struct io_bus *bus, uint16_t port, void *data,
		 unsigned int size);
void io_bus_write(const struct io_bus *bus, uint16_t port, const void *data,
		  unsigned int size);

#endif
