// SPDX-License-Identifier: MIT
/*
 * Steps over what an instruction calls. gdb's nexti finds out that a step has entered a
 * function, but not that it has entered a handler, whose frame it cannot unwind. So the stub
 * itself runs to the return of INT n, INT3, INTO, SYSCALL, a call, or an exception.
 */
#include "guest/reg_cache.h"
#include "guest/step_over.h"
#include "guest/target.h"

#define NEED		(1U << VMXDBG_REGS_GENERAL | 1U << VMXDBG_REGS_SYSTEM)
#define INSN_MAX	15

void step_over_begin(struct stub *s, int vcpu)
{
	struct vcpu *v = s->vcpus[vcpu];

	v->over.active = reg_cache_load(s, vcpu, NEED) == 0;
	v->over.rip = v->regs.general.rip;
	v->over.rsp = v->regs.general.rsp;
	v->over.cpl = v->regs.system.ss.dpl;
}

static bool behind(const struct vcpu *v, uint64_t rip)
{
	return rip - v->over.rip - 1 < INSN_MAX;
}

/* A function that is near is called by what pushes the address behind it. */
static bool pushed_return(struct stub *s, int vcpu)
{
	const struct vcpu *v = s->vcpus[vcpu];
	uint64_t size = v->over.rsp - v->regs.general.rsp, to = 0;
	uint64_t stack = v->regs.general.rsp + v->regs.system.ss.base;

	if (size > sizeof(to) ||
	    s->target->ops->read_mem(s->target, vcpu, 0, stack, &to, size) != (ssize_t)size)
		return false;
	return behind(v, to);
}

/* A jump leaves RSP as it is, a return raises it, and after a push rip is near. */
static bool has_called(struct stub *s, int vcpu)
{
	const struct vcpu *v = s->vcpus[vcpu];

	if (v->regs.system.ss.dpl != v->over.cpl)
		return v->regs.system.ss.dpl < v->over.cpl;
	return v->regs.general.rsp < v->over.rsp &&
	       (!behind(v, v->regs.general.rip) || pushed_return(s, vcpu));
}

bool step_over_goes_on(struct stub *s, const struct vmxdbg_event *event)
{
	struct vcpu *v = s->vcpus[event->vcpu];
	bool active = v->over.active, called;

	v->over.active = false;
	if (!active || !v->runs || event->why != VMXDBG_WHY_STEP)
		return false;
	v->runs = false;	/* else there are no registers */
	called = reg_cache_load(s, event->vcpu, NEED) == 0 && has_called(s, event->vcpu);
	v->runs = true;
	if (!called)
		return false;
	/* The function or handler may wait for an interrupt. */
	v->how.flags = VMXDBG_RESUME_STEP | VMXDBG_RESUME_RETURN | VMXDBG_RESUME_IRQS;
	reg_cache_forget(s, event->vcpu);
	return true;
}
