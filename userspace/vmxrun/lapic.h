/* SPDX-License-Identifier: GPL-2.0-only */
/* A local APIC, with its registers in memory (SDM vol. 3, chapter "APIC"). */
#ifndef VMXRUN_LAPIC_H
#define VMXRUN_LAPIC_H

#include <stdbool.h>
#include <stdint.h>

#include "apic_bus.h"

#define LAPIC_DEFAULT_BASE	0xfee00000ULL
#define LAPIC_SIZE		0x1000ULL

/* IA32_APIC_BASE */
#define APIC_BASE_BSP		(1ULL << 8)
#define APIC_BASE_ENABLE	(1ULL << 11)
#define APIC_BASE_ADDRESS	0xffffffffff000ULL

enum lapic_lvt {
	LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR,
	LVT_COUNT
};

/**
 * struct lapic - the chip
 * @base: IA32_APIC_BASE; the vCPU tells of the guest's changes
 * @id: register 0x20, bits 31:24
 * @irr: a bit for each vector requested
 * @isr: in service
 * @tmr: requested by level: its EOI goes to the I/O APIC
 * @esr: what the register shows, until it is next written
 * @errors: gathered since
 * @initial: count that the timer was given, 0 when it is stopped
 * @count: what it held at the time @start (ns)
 * @fired: times that it reached zero since
 * @deadline: when to call lapic_expire(), 0 for never
 * @hz: what the timer counts, before it is divided
 * @nmi: for the CPU to take and to clear, like the next three
 * @sipi_vector: page to start at
 * @now: the clock, in ns
 * @deadline_changed: told a new @deadline
 * @interrupt: told that the CPU has something to look at
 * @opaque: passed to these three
 * @bus: to the other local APICs
 * @eoi: told each vector at whose end the I/O APICs must look; may be NULL
 * @eoi_opaque: passed to it
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
	const struct apic_bus *bus;
	void (*eoi)(void *opaque, uint8_t vector);
	void *eoi_opaque;
};

void lapic_power_on(struct lapic *lapic, uint8_t id);
void lapic_init(struct lapic *lapic);
uint32_t lapic_read(struct lapic *lapic, uint32_t offset);
void lapic_write(struct lapic *lapic, uint32_t offset, uint32_t val);
void lapic_expire(struct lapic *lapic);

/* The CPU's side. */
int lapic_pending(const struct lapic *lapic);
uint8_t lapic_acknowledge(struct lapic *lapic);
bool lapic_takes_extint(const struct lapic *lapic);
void lapic_set_tpr(struct lapic *lapic, uint8_t tpr);

/* The bus's side. */
bool lapic_is_on(const struct lapic *lapic);
bool lapic_matches(const struct lapic *lapic, const struct apic_message *msg);
uint8_t lapic_priority(const struct lapic *lapic);
void lapic_deliver(struct lapic *lapic, const struct apic_message *msg);

#endif
