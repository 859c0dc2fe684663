/* SPDX-License-Identifier: GPL-2.0-only */
/* The keyboard controller, with nothing plugged in, and the reset ports. */
#ifndef VMXRUN_KBC_H
#define VMXRUN_KBC_H

#include <stdbool.h>
#include <stdint.h>

#include "io_bus.h"

#define KBC_RESET_PORT	0xcf9

/**
 * struct kbc - the keyboard controller and the reset ports
 * @command: 8042 command that waits for its data byte at port 0x60, or 0
 * @config: 8042 configuration byte
 * @out: answer of the 8042
 * @full: @out has not been read yet
 * @port92: system control port A: A20 gate and fast reset
 * @cf9: reset control register
 * @reset: called when the guest resets the machine
 * @opaque: argument of @reset
 */
struct kbc {
	uint8_t command;
	uint8_t config;
	uint8_t out;
	bool full;
	uint8_t port92;
	uint8_t cf9;
	void (*reset)(void *opaque);
	void *opaque;
};

void kbc_init(struct kbc *kbc);
bool kbc_add_ports(struct kbc *kbc, struct io_bus *bus);

#endif
