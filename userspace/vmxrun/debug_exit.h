/* SPDX-License-Identifier: GPL-2.0-only */
/* A port by which the guest ends vmxrun with an exit status. */
#ifndef VMXRUN_DEBUG_EXIT_H
#define VMXRUN_DEBUG_EXIT_H

#include <stdbool.h>
#include <stdint.h>

#include "io_bus.h"

/**
 * struct debug_exit - the port
 * @exit: called with the byte that the guest has written
 * @opaque: first argument of @exit
 */
struct debug_exit {
	void (*exit)(void *opaque, uint8_t status);
	void *opaque;
};

bool debug_exit_add_port(struct debug_exit *de, struct io_bus *bus,
			 uint16_t port);

#endif
