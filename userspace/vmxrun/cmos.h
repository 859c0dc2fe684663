/* SPDX-License-Identifier: GPL-2.0-only */
/* The real-time clock and its CMOS memory. */
#ifndef VMXRUN_CMOS_H
#define VMXRUN_CMOS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "io_bus.h"

#define CMOS_CENTURY	0x32	/* register of the century */

/**
 * struct cmos - the chip
 * @index: selected register
 * @ram: registers and memory
 * @now: returns the time
 */
struct cmos {
	uint8_t index;
	uint8_t ram[128];
	time_t (*now)(void);
};

void cmos_init(struct cmos *cmos, uint64_t ram_below_4g, uint64_t ram_above_4g);
bool cmos_add_ports(struct cmos *cmos, struct io_bus *bus);

#endif
