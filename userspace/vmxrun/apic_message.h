/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt messages between APICs. */
#ifndef VMXRUN_APIC_MESSAGE_H
#define VMXRUN_APIC_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#define APIC_BROADCAST		0xff

/* Delivery modes, numbered as in the ICR and in redirection entries. */
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
 * struct apic_message - an interrupt on its way
 * @dest: APIC id, or a set of logical ids
 * @logical: @dest is a set of logical ids
 * @level: level triggered, so the I/O APIC waits for the EOI
 * @mode: delivery mode
 * @vector: vector, or page of a start-up
 */
struct apic_message {
	uint8_t dest;
	bool logical;
	bool level;
	enum apic_mode mode;
	uint8_t vector;
};

#endif
