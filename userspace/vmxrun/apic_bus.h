/* SPDX-License-Identifier: GPL-2.0-only */
/* The bus between the local APICs and the I/O APIC. */
#ifndef VMXRUN_APIC_BUS_H
#define VMXRUN_APIC_BUS_H

#include "apic_message.h"

#define APIC_BUS_MAX		16

struct lapic;

/**
 * struct apic_bus - the bus
 * @nr: number of @lapics
 * @lapics: local APICs on the bus
 * @send: takes messages to local APICs elsewhere; NULL: they are @lapics
 * @opaque: first argument of @send
 */
struct apic_bus {
	unsigned int nr;
	struct lapic *lapics[APIC_BUS_MAX];
	void (*send)(void *opaque, const struct apic_message *msg);
	void *opaque;
};

void apic_bus_send(const struct apic_bus *bus, const struct apic_message *msg,
		   const struct lapic *except);

#endif
