/* SPDX-License-Identifier: GPL-2.0-only */
/* What joins the local APICs with each other and with the I/O APIC. */
#ifndef VMXRUN_APIC_BUS_H
#define VMXRUN_APIC_BUS_H

#include <stdbool.h>
#include <stdint.h>

#define APIC_BUS_MAX		16
#define APIC_BROADCAST		0xff

/* Numbers as in the ICR and in redirection entries. */
enum apic_mode {
	APIC_FIXED		= 0,
	APIC_LOWEST_PRIORITY	= 1,
	APIC_SMI		= 2,
	APIC_NMI		= 4,
	APIC_INIT		= 5,
	APIC_STARTUP		= 6,
	APIC_EXTINT		= 7,
};

/**
 * struct apic_message - an interrupt under way
 * @dest: APIC id or, if @logical, a set of logical ones
 * @level: level triggered: the I/O APIC waits for its EOI
 */
struct apic_message {
	uint8_t dest;
	bool logical;
	bool level;
	enum apic_mode mode;
	uint8_t vector;
};

struct lapic;

struct apic_bus {
	unsigned int nr;
	struct lapic *lapics[APIC_BUS_MAX];
};

void apic_bus_send(const struct apic_bus *bus, const struct apic_message *msg,
		   const struct lapic *except);

#endif
