/* SPDX-License-Identifier: GPL-2.0-only */
/* The 8254 interval timer, and port 0x61, which gates its channel 2. */
#ifndef VMXRUN_PIT_H
#define VMXRUN_PIT_H

#include <stdbool.h>
#include <stdint.h>

#include "io_bus.h"
#include "irq_line.h"

#define PIT_HZ		1193182U
#define PIT_CHANNELS	3

struct pit_channel {
	uint8_t mode;
	uint8_t access;		/* 1: low byte, 2: high byte, 3: low then high */
	bool gate;
	bool loaded;		/* counting since @start */
	uint32_t count;		/* 1 to 65536 */
	uint64_t start;		/* ns */
	uint64_t held;		/* ticks until the gate went low */
	uint8_t low;		/* low byte, while the high byte is due */
	bool write_high;	/* the next write is a high byte */
	bool read_high;
	bool latched;
	uint16_t latch;
	bool status_latched;
	uint8_t status;
};

/**
 * struct pit - the chip
 * @channel: channel 0 drives @irq, channel 2 the speaker
 * @speaker: bit 1 of port 0x61
 * @refresh: bit 4 of port 0x61, which toggles with DRAM refresh
 * @fired: periods of channel 0 that have ended; 1 after the end of a one-shot
 * @deadline: time of the next pit_expire() in ns, 0 for never
 * @irq: IRQ 0
 * @now: returns the time in ns
 * @deadline_changed: called with a new @deadline; may be NULL
 * @opaque: first argument of @now and @deadline_changed
 */
struct pit {
	struct pit_channel channel[PIT_CHANNELS];
	uint8_t speaker;
	bool refresh;
	uint64_t fired;
	uint64_t deadline;
	struct irq_line irq;
	uint64_t (*now)(void *opaque);
	void (*deadline_changed)(void *opaque, uint64_t deadline);
	void *opaque;
};

void pit_init(struct pit *pit);
bool pit_add_ports(struct pit *pit, struct io_bus *bus);
void pit_expire(struct pit *pit);

#endif
