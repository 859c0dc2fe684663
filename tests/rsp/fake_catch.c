// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_catch.h"
#include "fake_vms.h"

#define CATCHES_MAX	64

static struct {
	struct vmxdbg_catch what;	/* id 0: unused */
	struct fake_object object;
} all_catches[FAKE_VMS_MAX][CATCHES_MAX];

#define catches	(all_catches[fake_vm])

static void broken(const char *what)
{
	fprintf(stderr, "fake: CONTRACT BROKEN in a catch: %s\n", what);
	abort();
}

#define contract(condition)	((condition) ? (void)0 : broken(#condition))

/* ---- instructions ---- */

static bool after_0f(const struct kvm_regs *r, const uint8_t *code, struct fake_event *event)
{
	switch (code[1]) {
	case 0x0b:	/* ud2 */
		*event = (struct fake_event){ VMXDBG_CATCH_EXCEPTION, 0, { 6 } };
		return true;
	case 0x01:	/* vmcall */
		*event = (struct fake_event){ VMXDBG_CATCH_VMCALL, 0,
					      { r->rax, r->rbx, r->rcx, r->rdx } };
		return code[2] == 0xc1;
	case 0x22:	/* mov %rax, %cr */
		*event = (struct fake_event){ VMXDBG_CATCH_CR, 0,
					      { code[2] >> 3 & 7, r->rax, 0x1000 } };
		return true;
	case 0x30:	/* wrmsr */
		*event = (struct fake_event){ VMXDBG_CATCH_MSR, VMXDBG_CATCH_WRITE,
					      { (uint32_t)r->rcx, VMXDBG_CATCH_WRITE,
						r->rdx << 32 | (uint32_t)r->rax } };
		return true;
	case 0x31:	/* rdtsc */
		*event = (struct fake_event){ VMXDBG_CATCH_RDTSC, 0, { 0 } };
		return true;
	case 0x32:	/* rdmsr */
		*event = (struct fake_event){ VMXDBG_CATCH_MSR, VMXDBG_CATCH_READ,
					      { (uint32_t)r->rcx, VMXDBG_CATCH_READ } };
		return true;
	case 0xa2:	/* cpuid */
		*event = (struct fake_event){ VMXDBG_CATCH_CPUID, 0,
					      { (uint32_t)r->rax, (uint32_t)r->rcx } };
		return true;
	}
	return false;
}

bool fake_catch_decode(const struct kvm_regs *r, const uint8_t *code, struct fake_event *event)
{
	switch (code[0]) {
	case 0x0f:
		return after_0f(r, code, event);
	case 0xcc:	/* int3 */
		*event = (struct fake_event){ VMXDBG_CATCH_EXCEPTION, 0, { 3 } };
		return true;
	case 0xcd:	/* int: the exceptions of fake_cpu.c; #GP and #PF have error codes */
		*event = (struct fake_event){ VMXDBG_CATCH_EXCEPTION, 0, { code[1] } };
		if (code[1] == 13 || code[1] == 14) {
			event->data[1] = code[1] == 14 ? 6 : 0x18;
			event->data[2] = code[1] == 14 ? r->rsi : 0;
			event->data[3] = 1;
		}
		return code[1] < 32;
	case 0xe4:	/* in */
		*event = (struct fake_event){ VMXDBG_CATCH_IO, VMXDBG_CATCH_READ,
					      { code[1], 1, VMXDBG_CATCH_READ } };
		return true;
	case 0xe6:	/* out */
		*event = (struct fake_event){ VMXDBG_CATCH_IO, VMXDBG_CATCH_WRITE,
					      { code[1], 1, VMXDBG_CATCH_WRITE, r->rax & 0xff } };
		return true;
	case 0xf4:
		*event = (struct fake_event){ VMXDBG_CATCH_HLT, 0, { 0 } };
		return true;
	}
	return false;
}

/* ---- catches ---- */

static void check(const struct vmxdbg_catch *c)
{
	static const uint64_t last[VMXDBG_CATCH_TYPES] = {
		0xffff, UINT32_MAX, 8, UINT32_MAX, 1, 0, 31, 255, UINT64_MAX, 7, UINT64_MAX, 1, 0,
		255, 0x7ff,
	};
	static const uint64_t zero[4];
	const uint32_t directions = VMXDBG_CATCH_READ | VMXDBG_CATCH_WRITE;
	const uint32_t sources = 2 * VMXDBG_FROM_UNKNOWN - VMXDBG_FROM_TIMER;

	contract(c->type < VMXDBG_CATCH_TYPES && !c->reserved0);
	contract(c->first <= c->last && c->last <= last[c->type]);
	contract(!(c->flags & ~(VMXDBG_BP_CR3 | directions | sources)));
	if (c->type != VMXDBG_CATCH_INTERRUPT)
		contract(!(c->flags & sources));
	if (c->type != VMXDBG_CATCH_IO && c->type != VMXDBG_CATCH_MSR &&
	    c->type != VMXDBG_CATCH_MMIO)
		contract(!(c->flags & directions));
	contract(c->flags & VMXDBG_BP_CR3 ? !(c->cr3 & 0xfff) : !c->cr3);
	contract(!memcmp(c->reserved, zero, sizeof(zero)));
}

int fake_catch_add(const struct vmxdbg_catch *c)
{
	const void *options = (const void *)(uintptr_t)c->options;
	int i;

	check(c);
	for (i = 0; i < CATCHES_MAX; i++) {
		if (catches[i].what.id)
			continue;
		/* The stub makes no bytecode that is refused. */
		contract(!fake_object_init(&catches[i].object, options));
		catches[i].what = *c;
		return 0;
	}
	return -ENOSPC;
}

static int find(uint32_t id)
{
	int i;

	for (i = 0; i < CATCHES_MAX; i++)
		if (id && catches[i].what.id == id)
			return i;
	return -1;
}

bool fake_catch_del(uint32_t id)
{
	int i = find(id);

	if (i < 0)
		return false;
	fake_object_free(&catches[i].object);
	catches[i].what.id = 0;
	return true;
}

bool fake_catch_hits(uint32_t id, uint64_t *hits)
{
	int i = find(id);

	if (i >= 0)
		*hits = catches[i].object.hits;
	return i >= 0;
}

void fake_catch_clear(void)
{
	int i;

	for (i = 0; i < CATCHES_MAX; i++)
		fake_catch_del(catches[i].what.id);
}

static bool means(const struct vmxdbg_catch *c, const struct fake_object *o,
		  const struct fake_event *event, const struct fake_view *view)
{
	uint32_t wanted = c->flags & (VMXDBG_CATCH_READ | VMXDBG_CATCH_WRITE);

	return c->id && c->type == event->type &&
	       event->data[0] >= c->first && event->data[0] <= c->last &&
	       (!wanted || (wanted & event->direction)) &&
	       fake_object_counts(o, c->vcpu_mask, view->vcpu) &&
	       (!(c->flags & VMXDBG_BP_CR3) ||
		c->cr3 == (view->system->cr3 & ~0xfffULL));
}

bool fake_catch_ask(const struct fake_event *event, struct fake_view *view,
		    struct vmxdbg_event *stop)
{
	int i, result;
	bool stops = false;

	for (i = 0; i < CATCHES_MAX; i++) {
		if (!means(&catches[i].what, &catches[i].object, event, view))
			continue;
		view->id = catches[i].what.id;
		result = fake_object_hit(&catches[i].object, view);
		if (!result)
			continue;
		stops = true;
		if (result < 0 && !(stop->why & VMXDBG_WHY_ERROR)) {
			stop->why |= VMXDBG_WHY_ERROR;
			stop->error = -result;
		}
		if (result > 0)
			stop->why |= VMXDBG_WHY_CATCH;
		if (stop->nr_bps < VMXDBG_EVENT_BPS)
			stop->bps[stop->nr_bps++] = view->id;
	}
	if (stops)
		memcpy(stop->data, event->data, sizeof(stop->data));
	return stops;
}
