/* SPDX-License-Identifier: GPL-2.0-only */
/* The PC's pair of 8259A interrupt controllers. */
#ifndef VMXRUN_PIC_H
#define VMXRUN_PIC_H

#include <stdbool.h>
#include <stdint.h>

#include "io_bus.h"

#define PIC_INPUTS	16
#define PIC_CASCADE	2	/* the master's input that the slave drives */

struct pic_chip {
	uint8_t irr;		/* requests latched */
	uint8_t imr;		/* masked */
	uint8_t isr;		/* in service */
	uint8_t lines;		/* level of each input now */
	uint8_t elcr;		/* inputs that are level triggered */
	uint8_t base;		/* vector of input 0 */
	uint8_t first;		/* input with the highest priority */
	uint8_t icw;		/* number of the ICW of the next data write, or 0 */
	bool want_icw4;
	bool single;
	bool auto_eoi;
	bool rotate_auto_eoi;
	bool special_mask;
	bool read_isr;
	bool poll;
};

/**
 * struct pic - the pair of chips
 * @chip: master and slave
 * @intr: level of the INTR wire to the CPU
 * @intr_changed: called when @intr has changed
 * @opaque: first argument of @intr_changed
 */
struct pic {
	struct pic_chip chip[2];
	bool intr;
	void (*intr_changed)(void *opaque, bool level);
	void *opaque;
};

void pic_init(struct pic *pic);
bool pic_add_ports(struct pic *pic, struct io_bus *bus);
void pic_set_input(void *pic, unsigned int input, bool level);
uint8_t pic_acknowledge(struct pic *pic);

#endif
