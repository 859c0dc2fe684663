/* SPDX-License-Identifier: GPL-2.0-only */
/* IN and OUT as the guest would do them, on a bus that each test fills. */
#ifndef TESTS_VMXRUN_PORTS_H
#define TESTS_VMXRUN_PORTS_H

#include <io_bus.h>

static struct io_bus bus;

static inline uint8_t inb(uint16_t port)
{
	uint8_t val;

	io_bus_read(&bus, port, &val, 1);
	return val;
}

static inline void outb(uint16_t port, uint8_t val)
{
	io_bus_write(&bus, port, &val, 1);
}

#endif
