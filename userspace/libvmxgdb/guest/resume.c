// SPDX-License-Identifier: MIT
/* Resuming vCPUs, and stopping them on request. */
#include <errno.h>

#include "guest/bp_table.h"
#include "guest/signals.h"
#include "wire/parse.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/resume.h"
#include "guest/step_over.h"
#include "guest/stops.h"
#include "guest/target.h"
#include "guest/terminal.h"
#include "guest/trace_stops.h"
#include "guest/vcpus.h"

static bool runs(const struct resume_action *action)
{
	return action->kind != ACTION_NONE && action->kind != ACTION_STOP;
}

static const struct resume_action *action_of(const struct stub *s,
					     const struct resume_plan *plan, int vcpu)
{
	const struct resume_action *own = &s->vcpus[vcpu]->action;

	return own->kind != ACTION_NONE ? own : &plan->rest;
}

bool resume_plan_runs(const struct stub *s, const struct resume_plan *plan,
		      struct vcpu_set *vcpus)
{
	bool any = false;
	int i;

	if (vcpus)
		*vcpus = (struct vcpu_set){ .end = 0 };
	for_each_vcpu(s, i) {
		if (!runs(action_of(s, plan, i)))
			continue;
		any = true;
		if (vcpus)
			vcpu_set_add(vcpus, i);
	}
	return any;
}

void resume_plan_begin(struct stub *s, struct resume_plan *plan)
{
	int i;

	plan->rest.kind = ACTION_NONE;
	for_each_vcpu(s, i)
		s->vcpus[i]->action.kind = ACTION_NONE;
}

void resume_plan_add(struct stub *s, struct resume_plan *plan, int vcpu,
		     const struct resume_action *action)
{
	if (vcpu == THREAD_ANY)
		vcpu = s->stopped;
	if (plan->rest.kind != ACTION_NONE)
		return;
	if (vcpu == THREAD_ALL)
		plan->rest = *action;
	else if (vcpu_exists(s, vcpu) && s->vcpus[vcpu]->action.kind == ACTION_NONE)
		s->vcpus[vcpu]->action = *action;
}

static struct vmxdbg_resume how_of(const struct stub *s, int vcpu,
				   const struct resume_action *action)
{
	struct vmxdbg_resume how = { .vcpu = vcpu };

	if (action->kind != ACTION_CONTINUE) {
		how.flags = VMXDBG_RESUME_STEP;
		if (s->step_irqs)
			how.flags |= VMXDBG_RESUME_IRQS;
		if (action->kind == ACTION_STEP)
			how.flags |= s->step_once ? s->step_once : s->step_how;
	}
	/* In the protocol an empty range means one step. */
	if (action->kind == ACTION_RANGE && action->start < action->end) {
		how.flags |= VMXDBG_RESUME_RANGE;
		how.range_start = action->start;
		how.range_end = action->end;
	}
	return how;
}

static int resume_one(struct stub *s, int vcpu, const struct resume_action *action)
{
	struct vcpu *v = s->vcpus[vcpu];
	struct vmxdbg_resume how;
	int result;

	v->how = how_of(s, vcpu, action);
	how = trace_stops_how(s, vcpu);
	v->over.active = false;
	if (v->how.flags & STEP_OVER) {
		v->how.flags &= ~STEP_OVER;
		how.flags &= ~STEP_OVER;
		step_over_begin(s, vcpu);
	}
	if (action->kind == ACTION_STEP)
		s->step_once = 0;
	reg_cache_forget(s, vcpu);
	result = s->target->ops->resume(s->target, &how);
	v->runs = result == 0;
	return result;
}

/* A resume of all does not step. */
static void resume_stepping(struct stub *s, int vcpu)
{
	struct vmxdbg_resume how = trace_stops_how(s, vcpu);

	if (how.flags & VMXDBG_RESUME_STEP)
		s->target->ops->resume(s->target, &how);
}

static bool all_continue(const struct stub *s, const struct resume_plan *plan)
{
	int i;

	for_each_vcpu(s, i)
		if (action_of(s, plan, i)->kind != ACTION_CONTINUE)
			return false;
	return true;
}

static int resume_vcpus(struct stub *s, const struct resume_plan *plan)
{
	struct vmxdbg_resume all = { .vcpu = VMXDBG_ALL_VCPUS };
	int i, result;

	/* This includes vCPUs that were created since the guest stopped. */
	if (all_continue(s, plan)) {
		for_each_vcpu(s, i) {
			reg_cache_forget(s, i);
			s->vcpus[i]->runs = true;
			s->vcpus[i]->over.active = false;
			s->vcpus[i]->how = (struct vmxdbg_resume){ .vcpu = i };
			resume_stepping(s, i);
		}
		return s->target->ops->resume(s->target, &all);
	}
	for_each_vcpu(s, i) {
		if (!runs(action_of(s, plan, i)))
			continue;
		result = resume_one(s, i, action_of(s, plan, i));
		if (result < 0)
			return result;
	}
	return 0;
}

/* A vCPU with a pending stop that is still true must not run on. */
static bool report_instead(struct stub *s, const struct vcpu_set *vcpus)
{
	stops_drop_stale(s, vcpus);
	return stops_report(s, vcpus);
}

int resume_run(struct stub *s, const struct resume_plan *plan)
{
	struct vcpu_set vcpus;
	bool any = resume_plan_runs(s, plan, &vcpus);
	int result;

	if (report_instead(s, &vcpus))
		return REPLY_SENT;
	if (!any)
		return reply_error(s, -EINVAL, "no vCPU to run");
	bp_table_flush(s);
	s->running = true;
	terminal_show(s);
	result = resume_vcpus(s, plan);
	if (!result)
		return REPLY_SENT;

	s->running = false;
	stops_all(s);
	if (!s->gone)
		return result;
	stops_report_gone(s);
	return REPLY_SENT;
}

void resume_stop(struct stub *s, int signal)
{
	stops_all(s);
	/* A pending stop is as good a reply. */
	if (!stops_report(s, NULL))
		stops_report_signal(s, vcpu_exists(s, s->stopped) ?
				    s->stopped : (unsigned int)vcpu_first(s),
				    signal);
}

/* ---- non-stop ---- */

static bool all_run(const struct stub *s)
{
	int i;

	for_each_vcpu(s, i)
		if (!s->vcpus[i]->runs)
			return false;
	return true;
}

int resume_run_some(struct stub *s, const struct resume_plan *plan)
{
	struct vmxdbg_resume all = { .vcpu = VMXDBG_ALL_VCPUS };
	int i, result = 0;

	bp_table_flush(s);
	stops_new(s);
	for_each_vcpu(s, i) {
		const struct resume_action *action = action_of(s, plan, i);

		if (result < 0)
			break;
		if (action->kind == ACTION_STOP)
			result = stops_one(s, i, SIGNAL_0);
		/* A stop that the debugger does not know yet comes first. */
		else if (runs(action) && !s->vcpus[i]->runs && !s->vcpus[i]->pending)
			result = resume_one(s, i, action);
	}
	/* Since the debugger's beginning, the target holds vCPUs that are new. */
	if (result >= 0 && all_continue(s, plan) && all_run(s))
		result = s->target->ops->resume(s->target, &all);
	if (result == -ENODEV) {
		s->gone = true;
		return 0;
	}
	return result < 0 ? result : 0;
}
