// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PC's pair of 8259A interrupt controllers (Intel data sheet 231468).
 *
 * Special fully nested mode, buffered mode and 8080 vectors are left out,
 * because no PC software uses them.
 */
#include <string.h>

#include "pic.h"

#define ICW1_ICW4	0x01
#define ICW1_SINGLE	0x02
#define ICW1		0x10
#define ICW4_AUTO_EOI	0x02
#define OCW3		0x08
#define OCW3_READ_ISR	0x01
#define OCW3_READ	0x02
#define OCW3_POLL	0x04
#define OCW3_SMM	0x20
#define OCW3_SMM_SET	0x40

/* Inputs that are never level triggered: timer, keyboard, cascade; RTC, FPU. */
static const uint8_t elcr_writable[2] = { 0xf8, 0xde };

/* Return: the input whose interrupt is due, or -1. */
static int chip_pending(const struct pic_chip *c)
{
	uint8_t serving = c->isr;

	if (c->special_mask)
		serving &= ~c->imr;
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int input = (c->first + i) & 7;

		if (serving & (1U << input))
			return -1;
		if (c->irr & ~c->imr & (1U << input))
			return input;
	}
	return -1;
}

static void pic_update(struct pic *pic)
{
	bool level;

	/*
	 * The slave's output falls at each acknowledge and rises for the next
	 * request. So the master sees an edge for each request, and following
	 * the level is enough.
	 */
	if (chip_pending(&pic->chip[1]) >= 0)
		pic->chip[0].irr |= 1U << PIC_CASCADE;
	else
		pic->chip[0].irr &= ~(1U << PIC_CASCADE);

	level = chip_pending(&pic->chip[0]) >= 0;
	if (level != pic->intr) {
		pic->intr = level;
		pic->intr_changed(pic->opaque, level);
	}
}

/**
 * pic_set_input - drive one of the 16 inputs, as @set of struct irq_line
 *
 * An edge stays latched until it is acknowledged, even if the line falls
 * earlier.
 */
void pic_set_input(void *opaque, unsigned int input, bool level)
{
	struct pic *pic = opaque;
	struct pic_chip *c = &pic->chip[input / 8];
	uint8_t bit = 1U << (input & 7);

	if (level) {
		if (!(c->lines & bit) || (c->elcr & bit))
			c->irr |= bit;
		c->lines |= bit;
	} else {
		c->lines &= ~bit;
		c->irr &= ~(c->elcr & bit);
	}
	pic_update(pic);
}

/*
 * INTA. Without a request the result is the spurious vector, that of input 7.
 */
static uint8_t chip_acknowledge(struct pic_chip *c)
{
	int input = chip_pending(c);
	uint8_t bit;

	if (input < 0)
		return c->base + 7;

	bit = 1U << input;
	if (!(c->elcr & bit))
		c->irr &= ~bit;
	if (!c->auto_eoi)
		c->isr |= bit;
	else if (c->rotate_auto_eoi)
		c->first = (input + 1) & 7;
	return c->base + input;
}

/**
 * pic_acknowledge - take the interrupt that is due
 *
 * Return: the vector to inject.
 */
uint8_t pic_acknowledge(struct pic *pic)
{
	bool cascade = chip_pending(&pic->chip[0]) == PIC_CASCADE;
	uint8_t vector = chip_acknowledge(&pic->chip[0]);

	if (cascade)
		vector = chip_acknowledge(&pic->chip[1]);
	pic_update(pic);
	return vector;
}

static void write_icw1(struct pic_chip *c, uint8_t val)
{
	c->imr = 0;
	c->isr = 0;
	c->irr = c->lines & c->elcr;
	c->first = 0;
	c->auto_eoi = false;
	c->rotate_auto_eoi = false;
	c->special_mask = false;
	c->read_isr = false;
	c->poll = false;
	c->want_icw4 = val & ICW1_ICW4;
	c->single = val & ICW1_SINGLE;
	c->icw = 2;
}

/* Return: the input in service with the highest priority, or -1. */
static int chip_serving(const struct pic_chip *c)
{
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int input = (c->first + i) & 7;

		if (c->isr & (1U << input))
			return input;
	}
	return -1;
}

static void write_ocw2(struct pic_chip *c, uint8_t val)
{
	bool rotate = val & 0x80, specific = val & 0x40, eoi = val & 0x20;
	int input = specific ? val & 7 : chip_serving(c);

	if (!eoi && !specific) {
		c->rotate_auto_eoi = rotate;
		return;
	}
	if (input < 0)
		return;
	if (eoi)
		c->isr &= ~(1U << input);
	if (rotate)
		c->first = (input + 1) & 7;
}

static void write_ocw3(struct pic_chip *c, uint8_t val)
{
	if (val & OCW3_POLL)
		c->poll = true;
	if (val & OCW3_READ)
		c->read_isr = val & OCW3_READ_ISR;
	if (val & OCW3_SMM_SET)
		c->special_mask = val & OCW3_SMM;
}

/* The data port: a mask, or the next word of the initialization sequence. */
static void chip_write_data(struct pic_chip *c, uint8_t val)
{
	switch (c->icw) {
	case 2:
		c->base = val & 0xf8;
		c->icw = c->single ? (c->want_icw4 ? 4 : 0) : 3;
		break;
	case 3:
		/* Input of the cascade, which the wiring of a PC fixes. */
		c->icw = c->want_icw4 ? 4 : 0;
		break;
	case 4:
		c->auto_eoi = val & ICW4_AUTO_EOI;
		c->icw = 0;
		break;
	default:
		c->imr = val;
	}
}

static void chip_write(struct pic_chip *c, uint16_t offset, uint8_t val)
{
	if (offset)
		chip_write_data(c, val);
	else if (val & ICW1)
		write_icw1(c, val);
	else if (val & OCW3)
		write_ocw3(c, val);
	else
		write_ocw2(c, val);
}

static uint8_t chip_read(struct pic_chip *c, uint16_t offset)
{
	if (c->poll) {
		int input = chip_pending(c);

		c->poll = false;
		if (input < 0)
			return 0;
		chip_acknowledge(c);
		return 0x80 | input;
	}
	if (offset)
		return c->imr;
	return c->read_isr ? c->isr : c->irr;
}

static uint8_t master_read(void *dev, uint16_t offset)
{
	struct pic *pic = dev;
	uint8_t val = chip_read(&pic->chip[0], offset);

	pic_update(pic);
	return val;
}

static uint8_t slave_read(void *dev, uint16_t offset)
{
	struct pic *pic = dev;
	uint8_t val = chip_read(&pic->chip[1], offset);

	pic_update(pic);
	return val;
}

static void master_write(void *dev, uint16_t offset, uint8_t val)
{
	struct pic *pic = dev;

	chip_write(&pic->chip[0], offset, val);
	pic_update(pic);
}

static void slave_write(void *dev, uint16_t offset, uint8_t val)
{
	struct pic *pic = dev;

	chip_write(&pic->chip[1], offset, val);
	pic_update(pic);
}

static uint8_t elcr_read(void *dev, uint16_t offset)
{
	struct pic *pic = dev;

	return pic->chip[offset].elcr;
}

static void elcr_write(void *dev, uint16_t offset, uint8_t val)
{
	struct pic *pic = dev;

	pic->chip[offset].elcr = val & elcr_writable[offset];
	pic_update(pic);
}

static const struct io_ops master_ops = { master_read, master_write };
static const struct io_ops slave_ops = { slave_read, slave_write };
static const struct io_ops elcr_ops = { elcr_read, elcr_write };

/* Return: false if a port belongs to another device */
bool pic_add_ports(struct pic *pic, struct io_bus *bus)
{
	return io_bus_add(bus, 0x20, 2, &master_ops, pic) &&
	       io_bus_add(bus, 0xa0, 2, &slave_ops, pic) &&
	       io_bus_add(bus, 0x4d0, 2, &elcr_ops, pic);
}

/**
 * pic_init - set the state that a PC's firmware leaves
 *
 * The vectors are those of real mode. All inputs are masked, because a guest
 * may not handle interrupts of the PIC.
 */
void pic_init(struct pic *pic)
{
	memset(pic->chip, 0, sizeof(pic->chip));
	pic->chip[0].base = 0x08;
	pic->chip[1].base = 0x70;
	pic->chip[0].imr = 0xff;
	pic->chip[1].imr = 0xff;
	pic->intr = false;
}
