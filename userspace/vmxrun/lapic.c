// SPDX-License-Identifier: GPL-2.0-only
/*
 * A local APIC, with its registers in memory (SDM vol. 3, chapter "APIC").
 *
 * x2APIC, TSC-deadline mode and remote read are left out, and CPUID does not
 * offer them. The timer stores the time of its load, as the PIT does (pit.c).
 */
#include <string.h>

#include "lapic.h"
#include "nsec.h"

/* Shorter periods would keep the whole machine busy. */
#define MIN_PERIOD_NS	100000ULL

/* Registers, 16 bytes apart */
#define LAPIC_ID		0x020
#define LAPIC_VERSION	0x030
#define LAPIC_TPR		0x080
#define LAPIC_APR		0x090
#define LAPIC_PPR		0x0a0
#define LAPIC_EOI		0x0b0
#define LAPIC_LDR		0x0d0
#define LAPIC_DFR		0x0e0
#define LAPIC_SVR		0x0f0
#define LAPIC_ISR		0x100
#define LAPIC_TMR		0x180
#define LAPIC_IRR		0x200
#define LAPIC_ESR		0x280
#define LAPIC_ICR_LOW	0x300
#define LAPIC_ICR_HIGH	0x310
#define LAPIC_LVT		0x320	/* LVT_TIMER and so on */
#define LAPIC_INITIAL	0x380
#define LAPIC_CURRENT	0x390
#define LAPIC_DIVIDE	0x3e0

#define LAPIC_VERSION_VALUE		(0x14 | (LVT_COUNT - 1) << 16)

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

static void set_vector(uint32_t *set, uint8_t vector)
{
	set[vector / 32] |= 1U << (vector & 31);
}

static void clear_vector(uint32_t *set, uint8_t vector)
{
	set[vector / 32] &= ~(1U << (vector & 31));
}

static bool test_vector(const uint32_t *set, uint8_t vector)
{
	return set[vector / 32] >> (vector & 31) & 1;
}

/* Return: the highest vector, or -1 if @set is empty */
static int highest_vector(const uint32_t *set)
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
	int serving = highest_vector(lapic->isr);

	if (serving < 0 || lapic->tpr >> 4 >= serving >> 4)
		return lapic->tpr;
	return serving & 0xf0;
}

/**
 * lapic_pending - find the interrupt that is due
 *
 * Return: its vector, or -1.
 */
int lapic_pending(const struct lapic *lapic)
{
	int vector = highest_vector(lapic->irr);

	if (!lapic_is_on(lapic) || vector < 0 ||
	    vector >> 4 <= ppr(lapic) >> 4)
		return -1;
	return vector;
}

/**
 * lapic_acknowledge - take the interrupt that is due
 *
 * Return: the vector to inject, the spurious vector if none is due.
 */
uint8_t lapic_acknowledge(struct lapic *lapic)
{
	int vector = lapic_pending(lapic);

	if (vector < 0)
		return lapic->svr;
	clear_vector(lapic->irr, vector);
	set_vector(lapic->isr, vector);
	return vector;
}

/*
 * Return: whether the PIC's wire reaches the CPU: through LINT0 ("virtual
 * wire"), or because the APIC is off
 */
bool lapic_takes_extint(const struct lapic *lapic)
{
	uint32_t lint0 = lapic->lvt[LVT_LINT0];

	return !lapic_is_on(lapic) ||
	       (!(lint0 & LVT_MASKED) && LVT_MODE(lint0) == APIC_EXTINT);
}

/**
 * lapic_set_tpr - set the task priority
 */
void lapic_set_tpr(struct lapic *lapic, uint8_t tpr)
{
	lapic->tpr = tpr;
}

/* ---- incoming interrupts ---- */

static void report_error(struct lapic *lapic, uint32_t bits);

static void request_interrupt(struct lapic *lapic, uint8_t vector, bool level)
{
	if (!is_enabled(lapic))
		return;
	if (vector < 16) {
		report_error(lapic, ESR_RECEIVED_VECTOR);
		return;
	}
	set_vector(lapic->irr, vector);
	if (level)
		set_vector(lapic->tmr, vector);
	else
		clear_vector(lapic->tmr, vector);
	lapic->interrupt(lapic->opaque);
}

static void report_error(struct lapic *lapic, uint32_t bits)
{
	uint32_t lvt = lapic->lvt[LVT_ERROR];

	lapic->errors |= bits;
	/* The vector of the error interrupt may be the invalid one. */
	if (!(lvt & LVT_MASKED) && (lvt & 0xff) >= 16)
		request_interrupt(lapic, lvt, false);
}

/* Return: whether IA32_APIC_BASE enables the APIC */
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

/* Return: priority in the arbitration of lowest priority mode */
uint8_t lapic_priority(const struct lapic *lapic)
{
	return is_enabled(lapic) ? ppr(lapic) : 0xff;
}

/**
 * lapic_deliver - take a message for this APIC
 */
void lapic_deliver(struct lapic *lapic, const struct apic_message *msg)
{
	switch (msg->mode) {
	case APIC_FIXED:
	case APIC_LOWEST_PRIORITY:
		request_interrupt(lapic, msg->vector, msg->level);
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

/* ---- outgoing interrupts ---- */

/* Vectors 0 to 15 are illegal in modes that use the vector. */
static bool has_bad_vector(const struct apic_message *msg)
{
	return (msg->mode == APIC_FIXED || msg->mode == APIC_LOWEST_PRIORITY) &&
	       msg->vector < 16;
}

static void send_ipi(struct lapic *lapic)
{
	uint32_t icr = lapic->icr_low;
	struct apic_message msg = {
		.dest = lapic->icr_high >> 24,
		.logical = icr & ICR_LOGICAL,
		.mode = icr >> 8 & 7,
		.vector = icr,
	};

	/* Current processors ignore the level de-assert of an INIT. */
	if (msg.mode == APIC_INIT && (icr & ICR_LEVEL) && !(icr & ICR_ASSERT))
		return;
	if (has_bad_vector(&msg)) {
		report_error(lapic, ESR_SEND_VECTOR);
		return;
	}
	switch (icr >> 18 & 3) {
	case 0:
		lapic->send(lapic->bus, &msg, NULL);
		break;
	case 1:
		lapic_deliver(lapic, &msg);
		break;
	case 2:
		msg.dest = APIC_BROADCAST;
		lapic->send(lapic->bus, &msg, NULL);
		break;
	case 3:
		msg.dest = APIC_BROADCAST;
		lapic->send(lapic->bus, &msg, lapic);
		break;
	}
}

static void end_of_interrupt(struct lapic *lapic)
{
	int vector = highest_vector(lapic->isr);

	if (vector < 0)
		return;
	clear_vector(lapic->isr, vector);
	if (test_vector(lapic->tmr, vector) && lapic->eoi)
		lapic->eoi(lapic->eoi_opaque, vector);
	/* An interrupt of lower priority may be due now. */
	lapic->interrupt(lapic->opaque);
}

/* ---- timer ---- */

static unsigned int divisor(const struct lapic *lapic)
{
	unsigned int code = (lapic->divide & 3) | (lapic->divide >> 1 & 4);

	return 1U << (code == 7 ? 0 : code + 1);
}

static uint64_t lapic_ns_to_ticks(const struct lapic *lapic, uint64_t ns)
{
	return (unsigned __int128)ns * lapic->hz / NSEC_PER_SEC / divisor(lapic);
}

/* Rounded up, so that the tick has happened at the result. */
static uint64_t lapic_ticks_to_ns(const struct lapic *lapic, uint64_t ticks)
{
	return ((unsigned __int128)ticks * divisor(lapic) * NSEC_PER_SEC +
		lapic->hz - 1) / lapic->hz;
}

static bool lapic_is_periodic(const struct lapic *lapic)
{
	return TIMER_MODE(lapic->lvt[LVT_TIMER]) == TIMER_PERIODIC;
}

static uint64_t ticks_since_start(const struct lapic *lapic)
{
	return lapic_ns_to_ticks(lapic, lapic->now(lapic->opaque) - lapic->start);
}

static uint32_t current_count(const struct lapic *lapic)
{
	uint64_t ticks;

	if (!lapic->initial || !lapic->count)
		return 0;
	ticks = ticks_since_start(lapic);
	if (ticks < lapic->count)
		return lapic->count - ticks;
	if (!lapic_is_periodic(lapic))
		return 0;
	return lapic->initial - (ticks - lapic->count) % lapic->initial;
}

/* Set a deadline not before the time @after. */
static void lapic_set_deadline(struct lapic *lapic, uint64_t after)
{
	uint32_t lvt = lapic->lvt[LVT_TIMER];
	uint64_t deadline = 0;
	bool due = lapic->initial && lapic->count && !(lvt & LVT_MASKED);

	if (due && (lapic_is_periodic(lapic) ||
		    (TIMER_MODE(lvt) == TIMER_ONE_SHOT && !lapic->fired)))
		deadline = lapic->start +
			   lapic_ticks_to_ns(lapic, lapic->count +
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
	lapic_set_deadline(lapic, 0);
}

/**
 * lapic_expire - request the timer's interrupt if the deadline has come
 *
 * Several missed periods, as after a debugger's stop, cause one interrupt: the
 * IRR would have merged them.
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
	if (lapic_is_periodic(lapic))
		lapic->fired += (ticks_since_start(lapic) - lapic->count) /
				lapic->initial;
	request_interrupt(lapic, lapic->lvt[LVT_TIMER], false);
	lapic_set_deadline(lapic, now + MIN_PERIOD_NS);
}

/* ---- registers ---- */

/**
 * lapic_read - read a register
 * @offset: offset in the page, a multiple of 16
 */
uint32_t lapic_read(struct lapic *lapic, uint32_t offset)
{
	unsigned int i = offset >> 4;

	switch (offset) {
	case LAPIC_ID:
		return (uint32_t)lapic->id << 24;
	case LAPIC_VERSION:
		return LAPIC_VERSION_VALUE;
	case LAPIC_TPR:
		return lapic->tpr;
	case LAPIC_APR:
	case LAPIC_PPR:
		return ppr(lapic);
	case LAPIC_EOI:
		return 0;
	case LAPIC_LDR:
		return lapic->ldr;
	case LAPIC_DFR:
		return lapic->dfr;
	case LAPIC_SVR:
		return lapic->svr;
	case LAPIC_ISR ... LAPIC_ISR + 0x70:
		return lapic->isr[i & 7];
	case LAPIC_TMR ... LAPIC_TMR + 0x70:
		return lapic->tmr[i & 7];
	case LAPIC_IRR ... LAPIC_IRR + 0x70:
		return lapic->irr[i & 7];
	case LAPIC_ESR:
		return lapic->esr;
	case LAPIC_ICR_LOW:
		return lapic->icr_low;
	case LAPIC_ICR_HIGH:
		return lapic->icr_high;
	case LAPIC_LVT ... LAPIC_LVT + (LVT_COUNT - 1) * 0x10:
		return lapic->lvt[i - (LAPIC_LVT >> 4)];
	case LAPIC_INITIAL:
		return lapic->initial;
	case LAPIC_CURRENT:
		return current_count(lapic);
	case LAPIC_DIVIDE:
		return lapic->divide;
	default:
		report_error(lapic, ESR_REGISTER);
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
 * lapic_write - write a register
 * @offset: offset in the page, a multiple of 16
 */
void lapic_write(struct lapic *lapic, uint32_t offset, uint32_t val)
{
	switch (offset) {
	case LAPIC_ID:
		lapic->id = val >> 24;
		break;
	case LAPIC_TPR:
		lapic_set_tpr(lapic, val);
		break;
	case LAPIC_EOI:
		end_of_interrupt(lapic);
		break;
	case LAPIC_LDR:
		lapic->ldr = val & 0xff000000;
		break;
	case LAPIC_DFR:
		lapic->dfr = val | 0x0fffffff;
		break;
	case LAPIC_SVR:
		write_svr(lapic, val);
		break;
	case LAPIC_ESR:
		lapic->esr = lapic->errors;
		lapic->errors = 0;
		break;
	case LAPIC_ICR_LOW:
		lapic->icr_low = val & ICR_WRITABLE;
		send_ipi(lapic);
		break;
	case LAPIC_ICR_HIGH:
		lapic->icr_high = val & 0xff000000;
		break;
	case LAPIC_LVT ... LAPIC_LVT + (LVT_COUNT - 1) * 0x10:
		write_lvt(lapic, (offset - LAPIC_LVT) >> 4, val);
		break;
	case LAPIC_INITIAL:
		lapic->initial = val;
		load_timer(lapic, val);
		break;
	case LAPIC_DIVIDE:
		write_divide(lapic, val);
		break;
	case LAPIC_VERSION:
	case LAPIC_APR:
	case LAPIC_PPR:
	case LAPIC_ISR ... LAPIC_IRR + 0x70:
	case LAPIC_CURRENT:
		break;
	default:
		report_error(lapic, ESR_REGISTER);
	}
}

/* ---- reset ---- */

/**
 * lapic_init - set the state after INIT, which keeps the id and the base (SDM
 * vol. 3, "After an INIT Reset")
 */
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
 * lapic_power_on - set the state that a PC's firmware leaves
 * @id: number of the CPU; CPU 0 is the BSP
 *
 * CPU 0 is in virtual wire mode (MP specification, 3.6.2.2), so that a guest
 * without support for the APIC gets the interrupts of the PIC.
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
