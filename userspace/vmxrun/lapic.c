// SPDX-License-Identifier: GPL-2.0-only
/*
 * A local APIC, with its registers in memory (SDM vol. 3, chapter "APIC").
 *
 * Left out: x2APIC, TSC-deadline mode, and remote read; CPUID does not offer
 * them. As the PIT does (pit.c), the timer only remembers when it was loaded.
 */
#include <string.h>

#include "lapic.h"

#define NSEC_PER_SEC	1000000000ULL

/* A guest's nonsense must not keep the whole machine busy. */
#define MIN_PERIOD_NS	100000ULL

/* Registers, each 16 bytes apart */
#define REG_ID		0x020
#define REG_VERSION	0x030
#define REG_TPR		0x080
#define REG_APR		0x090
#define REG_PPR		0x0a0
#define REG_EOI		0x0b0
#define REG_LDR		0x0d0
#define REG_DFR		0x0e0
#define REG_SVR		0x0f0
#define REG_ISR		0x100
#define REG_TMR		0x180
#define REG_IRR		0x200
#define REG_ESR		0x280
#define REG_ICR_LOW	0x300
#define REG_ICR_HIGH	0x310
#define REG_LVT		0x320	/* LVT_TIMER and so on */
#define REG_INITIAL	0x380
#define REG_CURRENT	0x390
#define REG_DIVIDE	0x3e0

#define VERSION		(0x14 | (LVT_COUNT - 1) << 16)

#define SVR_ENABLED	(1U << 8)
#define SVR_WRITABLE	0x3ff

#define ESR_SEND_VECTOR		(1U << 5)
#define ESR_RECEIVED_VECTOR	(1U << 6)
#define ESR_REGISTER		(1U << 7)

#define ICR_WRITABLE	0x000ccfffU
#define ICR_LOGICAL	(1U << 11)
#define ICR_ASSERT	(1U << 14)
#define ICR_LEVEL	(1U << 15)

#define LVT_MASKED	(1U << 16)
#define LVT_MODE(lvt)	((lvt) >> 8 & 7)
#define TIMER_MODE(lvt)	((lvt) >> 17 & 3)
#define TIMER_ONE_SHOT	0
#define TIMER_PERIODIC	1

static const uint32_t lvt_writable[LVT_COUNT] = {
	[LVT_TIMER]	= 0x000700ff,
	[LVT_THERMAL]	= 0x000107ff,
	[LVT_PERF]	= 0x000107ff,
	[LVT_LINT0]	= 0x0001a7ff,
	[LVT_LINT1]	= 0x0001a7ff,
	[LVT_ERROR]	= 0x000100ff,
};

/* ---- sets of vectors ---- */

static void set_bit(uint32_t *set, uint8_t vector)
{
	set[vector / 32] |= 1U << (vector & 31);
}

static void clear_bit(uint32_t *set, uint8_t vector)
{
	set[vector / 32] &= ~(1U << (vector & 31));
}

static bool test_bit(const uint32_t *set, uint8_t vector)
{
	return set[vector / 32] >> (vector & 31) & 1;
}

/* Return: -1 when @set is empty */
static int highest(const uint32_t *set)
{
	for (int i = 7; i >= 0; i--)
		if (set[i])
			return i * 32 + 31 - __builtin_clz(set[i]);
	return -1;
}

/* ---- priorities ---- */

static bool is_enabled(const struct lapic *lapic)
{
	return lapic_is_on(lapic) && (lapic->svr & SVR_ENABLED);
}

/* SDM vol. 3, "Task and Processor Priorities" */
static uint8_t ppr(const struct lapic *lapic)
{
	int serving = highest(lapic->isr);

	if (serving < 0 || lapic->tpr >> 4 >= serving >> 4)
		return lapic->tpr;
	return serving & 0xf0;
}

/**
 * lapic_pending - what the CPU would be given now
 *
 * Return: a vector, or -1.
 */
int lapic_pending(const struct lapic *lapic)
{
	int vector = highest(lapic->irr);

	if (!lapic_is_on(lapic) || vector < 0 ||
	    vector >> 4 <= ppr(lapic) >> 4)
		return -1;
	return vector;
}

/* Return: the vector to inject; the spurious one if none is pending */
uint8_t lapic_acknowledge(struct lapic *lapic)
{
	int vector = lapic_pending(lapic);

	if (vector < 0)
		return lapic->svr;
	clear_bit(lapic->irr, vector);
	set_bit(lapic->isr, vector);
	return vector;
}

/* Is the PIC's wire the CPU's? "Virtual wire" by LINT0, or no APIC at all. */
bool lapic_takes_extint(const struct lapic *lapic)
{
	uint32_t lint0 = lapic->lvt[LVT_LINT0];

	return !lapic_is_on(lapic) ||
	       (!(lint0 & LVT_MASKED) && LVT_MODE(lint0) == APIC_EXTINT);
}

void lapic_set_tpr(struct lapic *lapic, uint8_t tpr)
{
	lapic->tpr = tpr;
}

/* ---- what comes in ---- */

static void error(struct lapic *lapic, uint32_t bits);

static void request(struct lapic *lapic, uint8_t vector, bool level)
{
	if (!is_enabled(lapic))
		return;
	if (vector < 16) {
		error(lapic, ESR_RECEIVED_VECTOR);
		return;
	}
	set_bit(lapic->irr, vector);
	if (level)
		set_bit(lapic->tmr, vector);
	else
		clear_bit(lapic->tmr, vector);
	lapic->interrupt(lapic->opaque);
}

static void error(struct lapic *lapic, uint32_t bits)
{
	uint32_t lvt = lapic->lvt[LVT_ERROR];

	lapic->errors |= bits;
	/* Its own vector may be the bad one. */
	if (!(lvt & LVT_MASKED) && (lvt & 0xff) >= 16)
		request(lapic, lvt, false);
}

bool lapic_is_on(const struct lapic *lapic)
{
	return lapic->base & APIC_BASE_ENABLE;
}

/* SDM vol. 3, "Determining IPI Destination" */
bool lapic_matches(const struct lapic *lapic, const struct apic_message *msg)
{
	uint8_t dest = msg->dest, ldr = lapic->ldr >> 24;

	if (!lapic_is_on(lapic))
		return false;
	if (dest == APIC_BROADCAST)
		return true;
	if (!msg->logical)
		return dest == lapic->id;
	if (lapic->dfr >> 28 == 0xf)
		return dest & ldr;
	return dest >> 4 == ldr >> 4 && (dest & ldr & 0xf);
}

/* Who has the lowest gets what goes to the least busy; who is off, never. */
uint8_t lapic_priority(const struct lapic *lapic)
{
	return is_enabled(lapic) ? ppr(lapic) : 0xff;
}

void lapic_deliver(struct lapic *lapic, const struct apic_message *msg)
{
	switch (msg->mode) {
	case APIC_FIXED:
	case APIC_LOWEST_PRIORITY:
		request(lapic, msg->vector, msg->level);
		return;
	case APIC_NMI:
		lapic->nmi = true;
		break;
	case APIC_INIT:
		lapic->init = true;
		lapic->sipi = false;
		break;
	case APIC_STARTUP:
		lapic->sipi = true;
		lapic->sipi_vector = msg->vector;
		break;
	default:	/* SMI: there is no SMM; ExtINT comes by LINT0 only */
		return;
	}
	lapic->interrupt(lapic->opaque);
}

/* ---- what goes out ---- */

/* Vectors 0 to 15 are illegal; only modes that use theirs care. */
static bool has_bad_vector(const struct apic_message *msg)
{
	return (msg->mode == APIC_FIXED || msg->mode == APIC_LOWEST_PRIORITY) &&
	       msg->vector < 16;
}

static void send(struct lapic *lapic)
{
	uint32_t icr = lapic->icr_low;
	struct apic_message msg = {
		.dest = lapic->icr_high >> 24,
		.logical = icr & ICR_LOGICAL,
		.mode = icr >> 8 & 7,
		.vector = icr,
	};

	/* The de-assertion of an INIT by level means nothing any more. */
	if (msg.mode == APIC_INIT && (icr & ICR_LEVEL) && !(icr & ICR_ASSERT))
		return;
	if (has_bad_vector(&msg)) {
		error(lapic, ESR_SEND_VECTOR);
		return;
	}
	switch (icr >> 18 & 3) {
	case 0:
		apic_bus_send(lapic->bus, &msg, NULL);
		break;
	case 1:
		lapic_deliver(lapic, &msg);
		break;
	case 2:
		msg.dest = APIC_BROADCAST;
		apic_bus_send(lapic->bus, &msg, NULL);
		break;
	case 3:
		msg.dest = APIC_BROADCAST;
		apic_bus_send(lapic->bus, &msg, lapic);
		break;
	}
}

static void end_of_interrupt(struct lapic *lapic)
{
	int vector = highest(lapic->isr);

	if (vector < 0)
		return;
	clear_bit(lapic->isr, vector);
	if (test_bit(lapic->tmr, vector) && lapic->eoi)
		lapic->eoi(lapic->eoi_opaque, vector);
	/* What this one held back may come now. */
	lapic->interrupt(lapic->opaque);
}

/* ---- timer ---- */

static unsigned int divisor(const struct lapic *lapic)
{
	unsigned int code = (lapic->divide & 3) | (lapic->divide >> 1 & 4);

	return 1U << (code == 7 ? 0 : code + 1);
}

static uint64_t ns_to_ticks(const struct lapic *lapic, uint64_t ns)
{
	return (unsigned __int128)ns * lapic->hz / NSEC_PER_SEC / divisor(lapic);
}

/* Rounded up: at that time the tick has happened. */
static uint64_t ticks_to_ns(const struct lapic *lapic, uint64_t ticks)
{
	return ((unsigned __int128)ticks * divisor(lapic) * NSEC_PER_SEC +
		lapic->hz - 1) / lapic->hz;
}

static bool is_periodic(const struct lapic *lapic)
{
	return TIMER_MODE(lapic->lvt[LVT_TIMER]) == TIMER_PERIODIC;
}

static uint64_t ticks_since_start(const struct lapic *lapic)
{
	return ns_to_ticks(lapic, lapic->now(lapic->opaque) - lapic->start);
}

static uint32_t current_count(const struct lapic *lapic)
{
	uint64_t ticks;

	if (!lapic->initial || !lapic->count)
		return 0;
	ticks = ticks_since_start(lapic);
	if (ticks < lapic->count)
		return lapic->count - ticks;
	if (!is_periodic(lapic))
		return 0;
	return lapic->initial - (ticks - lapic->count) % lapic->initial;
}

/* @after: not before that time */
static void set_deadline(struct lapic *lapic, uint64_t after)
{
	uint32_t lvt = lapic->lvt[LVT_TIMER];
	uint64_t deadline = 0;
	bool due = lapic->initial && lapic->count && !(lvt & LVT_MASKED);

	if (due && (is_periodic(lapic) ||
		    (TIMER_MODE(lvt) == TIMER_ONE_SHOT && !lapic->fired)))
		deadline = lapic->start +
			   ticks_to_ns(lapic, lapic->count +
				       lapic->fired * lapic->initial);
	if (deadline && deadline < after)
		deadline = after;
	if (deadline == lapic->deadline)
		return;
	lapic->deadline = deadline;
	lapic->deadline_changed(lapic->opaque, deadline);
}

static void load_timer(struct lapic *lapic, uint32_t count)
{
	lapic->count = count;
	lapic->start = lapic->now(lapic->opaque);
	lapic->fired = 0;
	set_deadline(lapic, 0);
}

/**
 * lapic_expire - the timer's deadline may have come
 *
 * Periods that were missed while a debugger held the machine are one interrupt,
 * as they would be in the IRR.
 */
void lapic_expire(struct lapic *lapic)
{
	uint64_t now;

	if (!lapic->deadline)
		return;
	now = lapic->now(lapic->opaque);
	if (now < lapic->deadline)
		return;
	lapic->fired = 1;
	if (is_periodic(lapic))
		lapic->fired += (ticks_since_start(lapic) - lapic->count) /
				lapic->initial;
	request(lapic, lapic->lvt[LVT_TIMER], false);
	set_deadline(lapic, now + MIN_PERIOD_NS);
}

/* ---- registers ---- */

/**
 * lapic_read - the guest reads
 * @offset: from the start of the page, a multiple of 16
 */
uint32_t lapic_read(struct lapic *lapic, uint32_t offset)
{
	unsigned int i = offset >> 4;

	switch (offset) {
	case REG_ID:
		return (uint32_t)lapic->id << 24;
	case REG_VERSION:
		return VERSION;
	case REG_TPR:
		return lapic->tpr;
	case REG_APR:
	case REG_PPR:
		return ppr(lapic);
	case REG_EOI:
		return 0;
	case REG_LDR:
		return lapic->ldr;
	case REG_DFR:
		return lapic->dfr;
	case REG_SVR:
		return lapic->svr;
	case REG_ISR ... REG_ISR + 0x70:
		return lapic->isr[i & 7];
	case REG_TMR ... REG_TMR + 0x70:
		return lapic->tmr[i & 7];
	case REG_IRR ... REG_IRR + 0x70:
		return lapic->irr[i & 7];
	case REG_ESR:
		return lapic->esr;
	case REG_ICR_LOW:
		return lapic->icr_low;
	case REG_ICR_HIGH:
		return lapic->icr_high;
	case REG_LVT ... REG_LVT + (LVT_COUNT - 1) * 0x10:
		return lapic->lvt[i - (REG_LVT >> 4)];
	case REG_INITIAL:
		return lapic->initial;
	case REG_CURRENT:
		return current_count(lapic);
	case REG_DIVIDE:
		return lapic->divide;
	default:
		error(lapic, ESR_REGISTER);
		return 0;
	}
}

static void write_lvt(struct lapic *lapic, unsigned int i, uint32_t val)
{
	uint32_t count = current_count(lapic);

	val &= lvt_writable[i];
	/* SDM vol. 3, "State After It Has Been Software Disabled" */
	if (!(lapic->svr & SVR_ENABLED))
		val |= LVT_MASKED;
	lapic->lvt[i] = val;
	if (i == LVT_TIMER)
		load_timer(lapic, count);
	lapic->interrupt(lapic->opaque);
}

static void write_svr(struct lapic *lapic, uint32_t val)
{
	lapic->svr = val & SVR_WRITABLE;
	for (unsigned int i = 0; !(val & SVR_ENABLED) && i < LVT_COUNT; i++)
		write_lvt(lapic, i, lapic->lvt[i]);
}

static void write_divide(struct lapic *lapic, uint32_t val)
{
	uint32_t count = current_count(lapic);

	lapic->divide = val & 0xb;
	load_timer(lapic, count);
}

/**
 * lapic_write - the guest writes
 * @offset: from the start of the page, a multiple of 16
 */
void lapic_write(struct lapic *lapic, uint32_t offset, uint32_t val)
{
	switch (offset) {
	case REG_ID:
		lapic->id = val >> 24;
		break;
	case REG_TPR:
		lapic_set_tpr(lapic, val);
		break;
	case REG_EOI:
		end_of_interrupt(lapic);
		break;
	case REG_LDR:
		lapic->ldr = val & 0xff000000;
		break;
	case REG_DFR:
		lapic->dfr = val | 0x0fffffff;
		break;
	case REG_SVR:
		write_svr(lapic, val);
		break;
	case REG_ESR:
		lapic->esr = lapic->errors;
		lapic->errors = 0;
		break;
	case REG_ICR_LOW:
		lapic->icr_low = val & ICR_WRITABLE;
		send(lapic);
		break;
	case REG_ICR_HIGH:
		lapic->icr_high = val & 0xff000000;
		break;
	case REG_LVT ... REG_LVT + (LVT_COUNT - 1) * 0x10:
		write_lvt(lapic, (offset - REG_LVT) >> 4, val);
		break;
	case REG_INITIAL:
		lapic->initial = val;
		load_timer(lapic, val);
		break;
	case REG_DIVIDE:
		write_divide(lapic, val);
		break;
	case REG_VERSION:
	case REG_APR:
	case REG_PPR:
	case REG_ISR ... REG_IRR + 0x70:
	case REG_CURRENT:
		break;
	default:
		error(lapic, ESR_REGISTER);
	}
}

/* ---- reset ---- */

/* INIT: all but what identifies it (SDM vol. 3, "After an INIT Reset"). */
void lapic_init(struct lapic *lapic)
{
	lapic->tpr = 0;
	lapic->ldr = 0;
	lapic->dfr = 0xffffffff;
	lapic->svr = 0xff;
	lapic->icr_low = 0;
	lapic->icr_high = 0;
	lapic->esr = 0;
	lapic->errors = 0;
	for (unsigned int i = 0; i < LVT_COUNT; i++)
		lapic->lvt[i] = LVT_MASKED;
	memset(lapic->irr, 0, sizeof(lapic->irr));
	memset(lapic->isr, 0, sizeof(lapic->isr));
	memset(lapic->tmr, 0, sizeof(lapic->tmr));
	lapic->divide = 0;
	lapic->initial = 0;
	load_timer(lapic, 0);
	lapic->nmi = false;
	lapic->init = false;
	lapic->sipi = false;
}

/**
 * lapic_power_on - as a PC's firmware leaves it
 * @id: number of its CPU; the first one starts the others
 *
 * The first CPU's is in virtual wire mode (MP specification, 3.6.2.2): a guest
 * that does not know of it gets the PIC's interrupts.
 */
void lapic_power_on(struct lapic *lapic, uint8_t id)
{
	lapic->id = id;
	lapic->base = LAPIC_DEFAULT_BASE | APIC_BASE_ENABLE |
		      (id ? 0 : APIC_BASE_BSP);
	lapic_init(lapic);
	if (id)
		return;
	lapic->svr |= SVR_ENABLED;
	lapic->lvt[LVT_LINT0] = APIC_EXTINT << 8;
	lapic->lvt[LVT_LINT1] = APIC_NMI << 8;
}
