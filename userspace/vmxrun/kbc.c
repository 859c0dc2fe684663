// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keyboard controller (8042) without keyboard and mouse. It answers its
 * self tests; a command to a keyboard gets no answer. The guest needs it for
 * the reset line. The other two ports that reset a PC, 0x92 and 0xcf9, are here
 * as well. A20 is always on.
 */
#include "kbc.h"

#define STATUS_OUT_FULL		0x01
#define STATUS_SYSTEM		0x04	/* self test passed */
#define STATUS_UNLOCKED		0x10

#define CMD_READ_CONFIG		0x20
#define CMD_WRITE_CONFIG	0x60
#define CMD_AUX_TEST		0xa9
#define CMD_SELF_TEST		0xaa
#define CMD_KEYBOARD_TEST	0xab
#define CMD_READ_OUTPUT		0xd0
#define CMD_WRITE_OUTPUT	0xd1
#define CMD_PULSE_OUTPUT	0xf0	/* low bits: lines not to pulse */

#define OUTPUT_NO_RESET		0x01
#define OUTPUT_A20		0x02

#define PORT92_RESET		0x01
#define PORT92_A20		0x02
#define CF9_RESET		0x04

static void set_answer(struct kbc *kbc, uint8_t val)
{
	kbc->out = val;
	kbc->full = true;
}

static void kbc_write_command(struct kbc *kbc, uint8_t cmd)
{
	kbc->command = 0;
	switch (cmd) {
	case CMD_READ_CONFIG:
		set_answer(kbc, kbc->config);
		break;
	case CMD_WRITE_CONFIG:
	case CMD_WRITE_OUTPUT:
		kbc->command = cmd;
		break;
	case CMD_AUX_TEST:
		set_answer(kbc, 0xff);	/* no mouse port */
		break;
	case CMD_SELF_TEST:
		set_answer(kbc, 0x55);
		break;
	case CMD_KEYBOARD_TEST:
		set_answer(kbc, 0x00);
		break;
	case CMD_READ_OUTPUT:
		set_answer(kbc, OUTPUT_NO_RESET | OUTPUT_A20);
		break;
	default:
		if ((cmd & 0xf0) == CMD_PULSE_OUTPUT && !(cmd & OUTPUT_NO_RESET))
			kbc->reset(kbc->opaque);
	}
}

static void kbc_write_data(struct kbc *kbc, uint8_t val)
{
	uint8_t cmd = kbc->command;

	kbc->command = 0;
	if (cmd == CMD_WRITE_CONFIG)
		kbc->config = val;
	else if (cmd == CMD_WRITE_OUTPUT && !(val & OUTPUT_NO_RESET))
		kbc->reset(kbc->opaque);
}

static uint8_t data_read(void *dev, uint16_t offset)
{
	struct kbc *kbc = dev;

	(void)offset;
	kbc->full = false;
	return kbc->out;
}

static void data_write(void *dev, uint16_t offset, uint8_t val)
{
	(void)offset;
	kbc_write_data(dev, val);
}

static uint8_t status_read(void *dev, uint16_t offset)
{
	struct kbc *kbc = dev;

	(void)offset;
	return STATUS_SYSTEM | STATUS_UNLOCKED |
	       (kbc->full ? STATUS_OUT_FULL : 0);
}

static void status_write(void *dev, uint16_t offset, uint8_t val)
{
	(void)offset;
	kbc_write_command(dev, val);
}

static uint8_t port92_read(void *dev, uint16_t offset)
{
	struct kbc *kbc = dev;

	(void)offset;
	return kbc->port92;
}

static void port92_write(void *dev, uint16_t offset, uint8_t val)
{
	struct kbc *kbc = dev;

	(void)offset;
	if (val & PORT92_RESET)
		kbc->reset(kbc->opaque);
	kbc->port92 = val & ~PORT92_RESET;
}

static uint8_t cf9_read(void *dev, uint16_t offset)
{
	struct kbc *kbc = dev;

	(void)offset;
	return kbc->cf9;
}

static void cf9_write(void *dev, uint16_t offset, uint8_t val)
{
	struct kbc *kbc = dev;

	(void)offset;
	if (val & CF9_RESET)
		kbc->reset(kbc->opaque);
	kbc->cf9 = val & ~CF9_RESET;
}

static const struct io_ops data_ops = { data_read, data_write };
static const struct io_ops status_ops = { status_read, status_write };
static const struct io_ops port92_ops = { port92_read, port92_write };
static const struct io_ops cf9_ops = { cf9_read, cf9_write };

/* Return: false if a port belongs to another device */
bool kbc_add_ports(struct kbc *kbc, struct io_bus *bus)
{
	return io_bus_add(bus, 0x60, 1, &data_ops, kbc) &&
	       io_bus_add(bus, 0x64, 1, &status_ops, kbc) &&
	       io_bus_add(bus, 0x92, 1, &port92_ops, kbc) &&
	       io_bus_add(bus, KBC_RESET_PORT, 1, &cf9_ops, kbc);
}

/**
 * kbc_init - set the state after power-on
 */
void kbc_init(struct kbc *kbc)
{
	kbc->command = 0;
	kbc->full = false;
	kbc->cf9 = 0;
	kbc->config = 0x24;	/* self test passed, no mouse clock */
	kbc->port92 = PORT92_A20;
}
