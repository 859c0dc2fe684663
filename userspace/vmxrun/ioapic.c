// SPDX-License-Identifier: GPL-2.0-only
/*
 * The I/O APIC (Intel 82093AA). A pin is high when its device asks for an
 * interrupt, whatever polarity the guest is told of.
 */
#include <stddef.h>

#include "ioapic.h"

#define OFFSET_SELECT	0x00
#define OFFSET_WINDOW	0x10

#define REG_ID		0x00
#define REG_VERSION	0x01
#define REG_ARBITRATION	0x02
#define REG_TABLE	0x10

#define VERSION		(0x11 | (IOAPIC_PINS - 1) << 16)

#define ENTRY_VECTOR(e)		((uint8_t)(e))
#define ENTRY_MODE(e)		((e) >> 8 & 7)
#define ENTRY_LOGICAL		(1ULL << 11)
#define ENTRY_REMOTE_IRR	(1ULL << 14)
#define ENTRY_LEVEL		(1ULL << 15)
#define ENTRY_MASKED		(1ULL << 16)
#define ENTRY_DEST(e)		((e) >> 56)
#define ENTRY_WRITABLE		0xff0000000001afffULL

static void send(const struct ioapic *ioapic, uint64_t entry)
{
	struct apic_message msg = {
		.dest = ENTRY_DEST(entry),
		.logical = entry & ENTRY_LOGICAL,
		.level = entry & ENTRY_LEVEL,
		.mode = ENTRY_MODE(entry),
		.vector = ENTRY_VECTOR(entry),
	};

	apic_bus_send(ioapic->bus, &msg, NULL);
}

/* A level that is up, unless it is being served already. */
static void serve_level(struct ioapic *ioapic, unsigned int pin)
{
	uint64_t *entry = &ioapic->entry[pin];

	if (!(ioapic->lines & (1U << pin)) || !(*entry & ENTRY_LEVEL) ||
	    (*entry & (ENTRY_MASKED | ENTRY_REMOTE_IRR)))
		return;
	*entry |= ENTRY_REMOTE_IRR;
	send(ioapic, *entry);
}

/* An edge that comes while the pin is masked is lost, as on the chip. */
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
		serve_level(ioapic, pin);
	else if (rises && !(entry & ENTRY_MASKED))
		send(ioapic, entry);
}

/**
 * ioapic_eoi - a local APIC has ended a level triggered @vector
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
		serve_level(ioapic, pin);
	}
}

static uint32_t read_window(const struct ioapic *ioapic)
{
	unsigned int i = ioapic->select - REG_TABLE;

	switch (ioapic->select) {
	case REG_ID:
	case REG_ARBITRATION:
		return (uint32_t)ioapic->id << 24;
	case REG_VERSION:
		return VERSION;
	}
	if (i >= 2 * IOAPIC_PINS)
		return 0xffffffff;
	return ioapic->entry[i / 2] >> (i & 1 ? 32 : 0);
}

static void write_entry(struct ioapic *ioapic, unsigned int i, uint32_t val)
{
	unsigned int pin = i / 2, shift = i & 1 ? 32 : 0;
	uint64_t mask = (uint64_t)UINT32_MAX << shift & ENTRY_WRITABLE;
	uint64_t *entry = &ioapic->entry[pin];

	*entry = (*entry & ~mask) | ((uint64_t)val << shift & mask);
	/* Switching to edge and back is how guests clear it by hand. */
	if (!(*entry & ENTRY_LEVEL))
		*entry &= ~ENTRY_REMOTE_IRR;
	serve_level(ioapic, pin);
}

static void write_window(struct ioapic *ioapic, uint32_t val)
{
	unsigned int i = ioapic->select - REG_TABLE;

	if (ioapic->select == REG_ID)
		ioapic->id = val >> 24 & 0xf;
	else if (i < 2 * IOAPIC_PINS)
		write_entry(ioapic, i, val);
}

/**
 * ioapic_read - the guest reads at @offset from IOAPIC_BASE
 */
uint32_t ioapic_read(struct ioapic *ioapic, uint32_t offset)
{
	if (offset == OFFSET_SELECT)
		return ioapic->select;
	return offset == OFFSET_WINDOW ? read_window(ioapic) : 0xffffffff;
}

void ioapic_write(struct ioapic *ioapic, uint32_t offset, uint32_t val)
{
	if (offset == OFFSET_SELECT)
		ioapic->select = val;
	else if (offset == OFFSET_WINDOW)
		write_window(ioapic, val);
}

void ioapic_power_on(struct ioapic *ioapic)
{
	ioapic->id = 0;
	ioapic->select = 0;
	ioapic->lines = 0;
	for (unsigned int pin = 0; pin < IOAPIC_PINS; pin++)
		ioapic->entry[pin] = ENTRY_MASKED;
}
