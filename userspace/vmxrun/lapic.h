/* SPDX-License-Identifier: GPL-2.0-only */
/* A local APIC, with its registers in memory (SDM vol. 3, chapter "APIC"). */
#ifndef VMXRUN_LAPIC_H
#define VMXRUN_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "apic_message.h"

#define LAPIC_DEFAULT_BASE	0xfee00000ULL
#define LAPIC_SIZE		0x1000ULL

/* IA32_APIC_BASE */
#define APIC_BASE_BSP		(1ULL << 8)
#define APIC_BASE_ENABLE	(1ULL << 11)
#define APIC_BASE_ADDRESS	0xffffffffff000ULL

struct apic_bus;

enum lapic_lvt {
	LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR,
	LVT_COUNT
};

/**
 * struct lapic - the chip
 * @base: IA32_APIC_BASE; vcpu_note_exit() copies the guest's changes
 * @id: register 0x20, bits 31:24
 * @irr: requested vectors, a bit for each
 * @isr: vectors in service
 * @tmr: level triggered vectors, whose EOI goes to the I/O APIC
 * @esr: value of the register, changed by its next write
 * @errors: errors since that write
 * @initial: initial count of the timer, 0 if it is stopped
 * @count: count at the time @start
 * @start: time in ns
 * @fired: how often the timer has reached zero since @start
 * @deadline: time of the next lapic_expire() in ns, 0 for never
 * @hz: frequency of the timer before division
 * @nmi: an NMI is pending; the CPU clears it
 * @init: likewise, an INIT
 * @sipi: likewise, a start-up
 * @sipi_vector: page of the start-up
 * @now: returns the time in ns
 * @deadline_changed: called with a new @deadline
 * @interrupt: called when the CPU must check for events
 * @opaque: first argument of @now, @deadline_changed and @interrupt
 * @send: apic_bus_send(): sends a message to other local APICs
 * @bus: first argument of @send
 * @eoi: called at the end of each level triggered vector; may be NULL
 * @eoi_opaque: first argument of @eoi
 */
struct lapic {
	uint64_t base;
	uint8_t id;
	uint8_t tpr;
	uint32_t ldr;
	uint32_t dfr;
	uint32_t svr;
	uint32_t icr_low;
	uint32_t icr_high;
	uint32_t lvt[LVT_COUNT];
	uint32_t irr[8];
	uint32_t isr[8];
	uint32_t tmr[8];
	uint32_t esr;
	uint32_t errors;
	uint32_t divide;
	uint32_t initial;
	uint32_t count;
	uint64_t start;
	uint64_t fired;
	uint64_t deadline;
	uint32_t hz;
	bool nmi;
	bool init;
	bool sipi;
	uint8_t sipi_vector;
	uint64_t (*now)(void *opaque);
	void (*deadline_changed)(void *opaque, uint64_t deadline);
	void (*interrupt)(void *opaque);
	void *opaque;
	void (*send)(const struct apic_bus *bus, const struct apic_message *msg,
		     const struct lapic *except);
	const struct apic_bus *bus;
	void (*eoi)(void *opaque, uint8_t vector);
	void *eoi_opaque;
};

void lapic_power_on(struct lapic *lapic, uint8_t id);
void lapic_init(struct lapic *lapic);
uint32_t lapic_read(struct lapic *lapic, uint32_t offset);
void lapic_write(struct lapic *lapic, uint32_t offset, uint32_t val);
void lapic_expire(struct lapic *lapic);

/* Calls by the CPU. */
int lapic_pending(const struct lapic *lapic);
uint8_t lapic_acknowledge(struct lapic *lapic);
bool lapic_takes_extint(const struct lapic *lapic);
void lapic_set_tpr(struct lapic *lapic, uint8_t tpr);

/* Calls by the bus. */
bool lapic_is_on(const struct lapic *lapic);
bool lapic_matches(const struct lapic *lapic, const struct apic_message *msg);
uint8_t lapic_priority(const struct lapic *lapic);
void lapic_deliver(struct lapic *lapic, const struct apic_message *msg);

#endif
