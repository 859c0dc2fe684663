// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "fake_act.h"

#define BIT(n)		(1U << (n))
#define WITH_ERROR	(BIT(8) | 0x1fU << 10 | BIT(17))
#define NO_EXCEPTION	(BIT(2) | BIT(9) | BIT(15))
#define VECTOR_DB	1
#define VECTOR_PF	14

static bool exception_valid(const struct vmxdbg_inject *e)
{
	uint32_t error_max;

	if (e->vector > 19 || (BIT(e->vector) & NO_EXCEPTION))
		return false;
	error_max = BIT(e->vector) & WITH_ERROR ? 0x7fff : 0;
	if (e->error > error_max)
		return false;
	if (e->vector == VECTOR_DB)
		return !(e->addr & ~0xe00fULL);
	return e->vector == VECTOR_PF || !e->addr;
}

bool fake_inject_valid(const struct vmxdbg_inject *e)
{
	if (e->flags || e->reserved0 || e->reserved[0] || e->reserved[1])
		return false;
	switch (e->type) {
	case VMXDBG_INJECT_INTERRUPT:
		return e->vector < 256 && !e->error && !e->addr;
	case VMXDBG_INJECT_NMI:
	case VMXDBG_INJECT_INIT:
		return !e->vector && !e->error && !e->addr;
	case VMXDBG_INJECT_EXCEPTION:
		return exception_valid(e);
	}
	return false;
}

int fake_inject(struct fake_waiting *w, const struct vmxdbg_inject *event)
{
	if (event->type == VMXDBG_INJECT_INIT)
		return -ENXIO;
	if (w->types & BIT(event->type))
		return -EBUSY;
	w->types |= BIT(event->type);
	w->events[event->type] = *event;
	return 0;
}

/* Return: the type of the event that comes first, or -1. */
static int next_type(const struct fake_waiting *w, bool steps)
{
	static const int order[] = {
		VMXDBG_INJECT_EXCEPTION, VMXDBG_INJECT_NMI, VMXDBG_INJECT_INTERRUPT };
	int i;

	for (i = 0; i < (steps ? 1 : 3); i++)
		if (w->types & BIT(order[i]))
			return order[i];
	return -1;
}

bool fake_deliver(struct fake_waiting *w, bool steps, struct kvm_regs *regs,
		  struct kvm_sregs *sregs, uint64_t handler,
		  void *(*memory)(uint64_t addr, uint64_t len))
{
	int type = next_type(w, steps);
	void *stack = memory(regs->rsp - 8, 8);
	const struct vmxdbg_inject *e;

	if (type < 0 || !stack)
		return false;
	e = &w->events[type];
	w->types &= ~BIT(type);
	memcpy(stack, &regs->rip, 8);
	regs->rsp -= 8;
	regs->rip = handler;
	regs->r14 = type == VMXDBG_INJECT_NMI ? 2 : e->vector;
	regs->r15 = e->error;
	if (type == VMXDBG_INJECT_EXCEPTION && e->vector == VECTOR_PF)
		sregs->cr2 = e->addr;
	return true;
}
