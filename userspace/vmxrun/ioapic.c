// SPDX-License-Identifier: GPL-2.0-only
/*
 * The I/O APIC (Intel 82093AA). A high pin means that the device requests an
 * interrupt, independent of the polarity that the ACPI tables report.
 */
#include <stddef.h>

#include "ioapic.h"

#define OFFSET_SELECT	0x00
#define OFFSET_WINDOW	0x10

#define IOAPIC_ID		0x00
#define IOAPIC_VERSION	0x01
#define IOAPIC_ARBITRATION	0x02
#define IOAPIC_TABLE	0x10

#define IOAPIC_VERSION_VALUE		(0x11 | (IOAPIC_PINS - 1) << 16)

#define ENTRY_VECTOR(e)		((uint8_t)(e))
#define ENTRY_MODE(e)		((e) >> 8 & 7)
#define ENTRY_LOGICAL		(1ULL << 11)
#define ENTRY_REMOTE_IRR	(1ULL << 14)
#define ENTRY_LEVEL		(1ULL << 15)
#define ENTRY_MASKED		(1ULL << 16)
#define ENTRY_DEST(e)		((e) >> 56)
#define ENTRY_WRITABLE		0xff0000000001afffULL

static struct apic_message message_of(uint64_t entry)
{
	return (struct apic_message){
		.dest = ENTRY_DEST(entry),
		.logical = entry & ENTRY_LOGICAL,
		.level = entry & ENTRY_LEVEL,
		.mode = ENTRY_MODE(entry),
		.vector = ENTRY_VECTOR(entry),
	};
}

/**
 * ioapic_level_message - get the message that a pin sends
 *
 * Return: whether the pin is level-triggered and not masked.
 */
bool ioapic_level_message(const struct ioapic *ioapic, unsigned int pin,
			  struct apic_message *msg)
{
	uint64_t entry = ioapic->entry[pin];

	*msg = message_of(entry);
	return msg->level && !(entry & ENTRY_MASKED);
}

static void send_entry(const struct ioapic *ioapic, uint64_t entry)
{
	struct apic_message msg = message_of(entry);

	apic_bus_send(ioapic->bus, &msg, NULL);
}

/*
 * Send the interrupt of a high level, unless the guest has not ended the last.
 */
static void send_level(struct ioapic *ioapic, unsigned int pin)
{
	uint64_t *entry = &ioapic->entry[pin];

	if (!(ioapic->lines & (1U << pin)) || !(*entry & ENTRY_LEVEL) ||
	    (*entry & (ENTRY_MASKED | ENTRY_REMOTE_IRR)))
		return;
	*entry |= ENTRY_REMOTE_IRR;
	send_entry(ioapic, *entry);
}

/**
 * ioapic_set_pin - drive a pin
 *
 * An edge at a masked pin is lost, as on the chip.
 */
void ioapic_set_pin(struct ioapic *ioapic, unsigned int pin, bool level)
{
	uint32_t bit = 1U << pin;
	uint64_t entry = ioapic->entry[pin];
	bool rises = level && !(ioapic->lines & bit);

	if (level)
		ioapic->lines |= bit;
	else
		ioapic->lines &= ~bit;
	if (entry & ENTRY_LEVEL)
		send_level(ioapic, pin);
	else if (rises && !(entry & ENTRY_MASKED))
		send_entry(ioapic, entry);
}

/**
 * ioapic_eoi - handle the EOI of a level triggered @vector, from a local APIC
 */
void ioapic_eoi(void *opaque, uint8_t vector)
{
	struct ioapic *ioapic = opaque;

	for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++) {
		uint64_t *entry = &ioapic->entry[pin];

		if (ENTRY_VECTOR(*entry) != vector ||
		    !(*entry & ENTRY_REMOTE_IRR))
			continue;
		*entry &= ~ENTRY_REMOTE_IRR;
		send_level(ioapic, pin);
	}
}

static uint32_t read_window(const struct ioapic *ioapic)
{
	unsigned int i = ioapic->select - IOAPIC_TABLE;

	switch (ioapic->select) {
	case IOAPIC_ID:
	case IOAPIC_ARBITRATION:
		return (uint32_t)ioapic->id << 24;
	case IOAPIC_VERSION:
		return IOAPIC_VERSION_VALUE;
	}
	if (i >= 2 * IOAPIC_PINS)
		return 0xffffffff;
	return ioapic->entry[i / 2] >> (i & 1 ? 32 : 0);
}

static void write_entry(struct ioapic *ioapic, unsigned int i, uint32_t val)
{
	unsigned int pin = i / 2, shift = i & 1 ? 32 : 0;
	uint64_t mask = (uint64_t)UINT32_MAX << shift & ENTRY_WRITABLE;
	uint64_t *entry = &ioapic->entry[pin], old = *entry;

	*entry = (*entry & ~mask) | ((uint64_t)val << shift & mask);
	/* Guests clear Remote IRR by switching to edge mode and back. */
	if (!(*entry & ENTRY_LEVEL))
		*entry &= ~ENTRY_REMOTE_IRR;
	if (ioapic->routed && *entry != old && ((*entry | old) & ENTRY_LEVEL))
		ioapic->routed(ioapic->opaque);
	send_level(ioapic, pin);
}

static void write_window(struct ioapic *ioapic, uint32_t val)
{
	unsigned int i = ioapic->select - IOAPIC_TABLE;

	if (ioapic->select == IOAPIC_ID)
		ioapic->id = val >> 24 & 0xf;
	else if (i < 2 * IOAPIC_PINS)
		write_entry(ioapic, i, val);
}

/**
 * ioapic_read - read a register at @offset from IOAPIC_BASE
 */
uint32_t ioapic_read(struct ioapic *ioapic, uint32_t offset)
{
	if (offset == OFFSET_SELECT)
		return ioapic->select;
	return offset == OFFSET_WINDOW ? read_window(ioapic) : 0xffffffff;
}

/**
 * ioapic_write - write a register at @offset from IOAPIC_BASE
 */
void ioapic_write(struct ioapic *ioapic, uint32_t offset, uint32_t val)
{
	if (offset == OFFSET_SELECT)
		ioapic->select = val;
	else if (offset == OFFSET_WINDOW)
		write_window(ioapic, val);
}

/**
 * ioapic_power_on - set the state after power-on
 */
void ioapic_power_on(struct ioapic *ioapic)
{
	ioapic->id = 0;
	ioapic->select = 0;
	ioapic->lines = 0;
	for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++)
		ioapic->entry[pin] = ENTRY_MASKED;
}
