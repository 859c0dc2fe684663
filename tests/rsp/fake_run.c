// SPDX-License-Identifier: GPL-2.0-only
/* How the fake target's vCPUs execute and hit breakpoints. */
#include <string.h>
#include <time.h>

#include "fake_bps.h"
#include "fake_catch.h"
#include "fake_cpu.h"
#include "fake_machine.h"
#include "fake_run.h"

#define SLICE		400
#define HANDLER		0x104c0		/* of events that are injected */

static void hit(struct vcpu *v, const struct vmxdbg_bp *bp)
{
	struct fake_view view = {
		.vcpu = v - fake.vcpus, .id = bp->id, .rip = fake_linear_rip(v),
		.addr = fake_is_data(bp) ? bp->addr : 0,
		.general = &v->general, .system = &v->system, .debug = &v->debug,
		.memory = fake_linear,
	};
	int result = fake_object_hit(&fake.objects[bp - fake.bps], &view);

	if (!result)
		return;
	if (result < 0) {
		v->event.error = -result;
		if (v->event.nr_bps < VMXDBG_EVENT_BPS)
			v->event.bps[v->event.nr_bps++] = v->event.bps[0];
		v->event.bps[0] = bp->id;
		fake_stop_for(v, VMXDBG_WHY_ERROR);
	} else if (v->event.nr_bps < VMXDBG_EVENT_BPS) {
		v->event.bps[v->event.nr_bps++] = bp->id;
	}
	if (fake_is_data(bp) && !v->event.addr)
		v->event.addr = bp->addr;
	fake_stop_for(v, fake_is_data(bp) ? VMXDBG_WHY_WATCH : VMXDBG_WHY_BREAKPOINT);
}

static bool in_space(const struct vcpu *v, const struct vmxdbg_bp *bp)
{
	if (!fake_object_counts(&fake.objects[bp - fake.bps], bp->vcpu_mask, v - fake.vcpus))
		return false;
	return !(bp->flags & VMXDBG_BP_CR3) || bp->cr3 == (v->system.cr3 & ~0xfffULL);
}

/* Return: the kind of address that the breakpoint has. */
static uint64_t addr_for(const struct vmxdbg_bp *bp, uint64_t addr)
{
	return (bp->flags & VMXDBG_BP_PHYSICAL) && addr >= KERNEL ? addr - KERNEL : addr;
}

static bool breakpoint_here(struct vcpu *v)
{
	uint64_t rip = fake_linear_rip(v);
	bool passing = v->passing && v->passing_rip == rip;
	int i;

	v->passing = false;
	for (i = 0; i < fake.bps_used && !passing; i++)
		if (fake.bps[i].id && !fake_is_data(&fake.bps[i]) &&
		    (fake.bps[i].type == VMXDBG_BP_HARD || !fake_no_execute(rip)) &&
		    addr_for(&fake.bps[i], rip) - fake.bps[i].addr < fake.bps[i].len &&
		    in_space(v, &fake.bps[i]))
			hit(v, &fake.bps[i]);
	if (v->stopped) {
		v->passing = true;
		v->passing_rip = rip;
	}
	return v->stopped;
}

static void describe_access(struct vcpu *v, const struct fake_access *a, uint64_t rip)
{
	struct vmxdbg_event *event = &v->event;

	if (event->access)
		return;
	event->access = VMXDBG_ACCESS_GPA |
			(a->write ? VMXDBG_ACCESS_WRITE : VMXDBG_ACCESS_READ);
	event->addr = a->addr;
	event->gpa = a->addr >= KERNEL ? a->addr - KERNEL : a->addr;
	event->size = a->len;
	event->insn = rip;
	if (a->len != 8 || !a->write)
		return;
	event->access |= VMXDBG_ACCESS_VALUES;
	event->old_value = a->old;
	memcpy(&event->new_value, fake_linear(a->addr, 8), 8);
}

/* @rip: of the instruction that has made the access */
static void watchpoints(struct vcpu *v, const struct fake_access *a, uint64_t rip)
{
	int i;

	for (i = 0; i < fake.bps_used && a->len; i++) {
		const struct vmxdbg_bp *bp = &fake.bps[i];

		uint64_t addr = addr_for(bp, a->addr);

		if (bp->id && fake_is_data(bp) && in_space(v, bp) &&
		    addr < bp->addr + bp->len &&
		    bp->addr < addr + a->len &&
		    bp->type != (a->write ? VMXDBG_BP_READ : VMXDBG_BP_WRITE)) {
			hit(v, bp);
			if (v->stopped)
				describe_access(v, a, rip);
		}
	}
}

static void outcome(struct vcpu *v, enum fake_outcome what)
{
	int i;

	switch (what) {
	case FAKE_NOTHING:
		break;
	case FAKE_HALT:
		v->halted = true;
		break;
	case FAKE_TRIPLE_FAULT:
		fake_stop_for(v, VMXDBG_WHY_SHUTDOWN);
		v->dead = true;
		break;
	case FAKE_NO_MEMORY:
		fake_stop_for(v, VMXDBG_WHY_ERROR);
		v->event.error = VMXDBG_ERROR_FETCH;
		v->dead = true;
		break;
	case FAKE_VM_ENDS:
		fake.gone = fake.gone_unread = true;
		break;
	case FAKE_NEW_VCPU:
		for (i = 0; i < VCPUS_NEW_MAX; i++) {
			if (!fake.vcpus[i].exists) {
				fake_vcpu_new(i);
				fake.vcpus[i].stopped = fake.stop_new;
				break;
			}
		}
		break;
	}
}

/* @opcode: first byte of the instruction that was executed */
static bool steps_on(const struct vcpu *v, uint8_t opcode)
{
	uint64_t rip = fake_linear_rip(v);
	bool ret = opcode == 0xc3;

	if (v->how.flags & VMXDBG_RESUME_BRANCH)
		return opcode != 0xe8 && opcode != 0xe9 && opcode != 0xeb && !ret;
	if (v->how.flags & VMXDBG_RESUME_RETURN)
		return !ret || v->general.rsp <= v->step_rsp;

	if (!(v->how.flags & VMXDBG_RESUME_STEP))
		return true;
	return (v->how.flags & VMXDBG_RESUME_RANGE) &&
	       rip >= v->how.range_start && rip < v->how.range_end;
}

static bool died(enum fake_outcome what)
{
	return what == FAKE_TRIPLE_FAULT || what == FAKE_NO_MEMORY;
}

static bool catch_here(struct vcpu *v)
{
	struct fake_view view = {
		.vcpu = v - fake.vcpus, .rip = fake_linear_rip(v), .general = &v->general,
		.system = &v->system, .debug = &v->debug, .memory = fake_linear,
	};
	const uint8_t *code = fake_linear(view.rip, 16);
	bool again = v->caught && v->caught_rip == view.rip;
	struct fake_event event;

	v->caught = false;
	if (again || !code || !fake_catch_decode(&v->general, code, &event) ||
	    !fake_catch_ask(&event, &view, &v->event))
		return false;
	fake_stop_for(v, 0);
	v->caught = v->passing = true;
	v->caught_rip = v->passing_rip = view.rip;
	return true;
}

static void run_one(struct vcpu *v)
{
	struct fake_access access;
	enum fake_outcome what;
	uint64_t rip = fake_linear_rip(v);
	uint8_t opcode = fake_linear(rip, 1) ? *(uint8_t *)fake_linear(rip, 1) : 0;

	if (fake_deliver(&v->waiting, v->how.flags & VMXDBG_RESUME_STEP &&
			 !(v->how.flags & (VMXDBG_RESUME_IRQS | VMXDBG_RESUME_INTO)),
			 &v->general, &v->system, HANDLER, fake_linear)) {
		/* A step ends in the handler. */
		if (v->how.flags & VMXDBG_RESUME_STEP)
			fake_stop_for(v, VMXDBG_WHY_STEP);
		return;
	}
	if (breakpoint_here(v) || catch_here(v))
		return;
	access = (struct fake_access){ 0 };
	if (fake_no_execute(fake_linear_rip(v)))
		what = FAKE_TRIPLE_FAULT;
	else
		what = fake_execute(&v->general, fake_linear_rip(v), fake_linear, &access);
	if (!died(what))
		watchpoints(v, &access, rip);
	outcome(v, what);
	if (!steps_on(v, opcode) && !died(what))
		fake_stop_for(v, VMXDBG_WHY_STEP);
}

void fake_run_vcpus(void)
{
	int slice = fake.vcpus_end > VCPUS_NEW_MAX ? SLICE / 64 : SLICE;
	bool event = false, ran = false, halted = false;
	int i, n;

	/* Many vCPUs take no longer together. */
	for (n = 0; n < slice && !event && !fake.gone; n++) {
		for (i = 0; i < fake.vcpus_end && !fake.gone; i++) {
			struct vcpu *v = &fake.vcpus[i];

			halted |= v->halted && !v->stopped;
			if (!v->exists || v->stopped || v->halted)
				continue;
			ran = true;
			run_one(v);
			event |= v->unread;
		}
	}
	/* Do not use up the CPU that runs the test. */
	if (!ran && halted && !fake_env("FAKE_HURRY", 0))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}
