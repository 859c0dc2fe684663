/* SPDX-License-Identifier: GPL-2.0-only */
/* A port that ends vmxrun with the status the guest writes there. */
#ifndef VMXRUN_DEBUG_EXIT_H
#define VMXRUN_DEBUG_EXIT_H

#include <stdbool.h>
#include <stdint.h>

#include "io_bus.h"

struct debug_exit {
	void (*exit)(void *opaque, uint8_t status);
	void *opaque;
};

bool debug_exit_add_port(struct debug_exit *de, struct io_bus *bus,
			 uint16_t port);

#endif
