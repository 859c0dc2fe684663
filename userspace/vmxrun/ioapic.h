/* SPDX-License-Identifier: GPL-2.0-only */
/* The I/O APIC (Intel 82093AA). */
#ifndef VMXRUN_IOAPIC_H
#define VMXRUN_IOAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "apic_bus.h"

#define IOAPIC_BASE	0xfec00000ULL
#define IOAPIC_SIZE	0x1000ULL
#define IOAPIC_PINS	24

/**
 * struct ioapic - the chip
 * @id: bits 27:24 of register 0
 * @select: register that the window accesses
 * @lines: level of each pin
 * @entry: redirection table
 * @bus: bus to the local APICs
 * @routed: an entry of a level-triggered pin has changed; may be NULL
 * @opaque: first argument of @routed
 */
struct ioapic {
	uint8_t id;
	uint8_t select;
	uint32_t lines;
	uint64_t entry[IOAPIC_PINS];
	const struct apic_bus *bus;
	void (*routed)(void *opaque);
	void *opaque;
};

void ioapic_power_on(struct ioapic *ioapic);
uint32_t ioapic_read(struct ioapic *ioapic, uint32_t offset);
void ioapic_write(struct ioapic *ioapic, uint32_t offset, uint32_t val);
void ioapic_set_pin(struct ioapic *ioapic, unsigned int pin, bool level);
bool ioapic_level_message(const struct ioapic *ioapic, unsigned int pin,
			  struct apic_message *msg);
void ioapic_eoi(void *ioapic, uint8_t vector);

#endif
