// SPDX-License-Identifier: MIT
/* A guest without a debugger that waits for its next one, with what the last has set up. */
#include <string.h>

#include "guest/bp_table.h"
#include "guest/catchpoints.h"
#include "guest/events.h"
#include "guest/records.h"
#include "guest/stay.h"
#include "guest/stops.h"
#include "guest/target.h"
#include "guest/trace.h"
#include "guest/trace_stops.h"
#include "guest/vcpus.h"

bool stay_wants_trace(const struct stub *s)
{
	return s->attached && s->may_stay && s->trace.running && s->trace.disconnected;
}

/* Resume vCPUs with a stop that nobody waits for. */
static void pass_stops(struct stub *s)
{
	int i;

	for_each_vcpu(s, i) {
		struct vcpu *v = s->vcpus[i];
		struct vmxdbg_resume how;

		if (v->runs || s->gone)
			continue;
		v->pending = v->passed = false;
		v->how = (struct vmxdbg_resume){ .vcpu = i };
		how = trace_stops_how(s, i);
		v->runs = s->target->ops->resume(s->target, &how) == 0;
	}
}

/* Nothing but tracepoints is left, and all vCPUs run, also those that come later. */
static void run_freely(struct stub *s)
{
	struct vmxdbg_resume all = { .vcpu = VMXDBG_ALL_VCPUS };

	bp_table_unwant_all(s);
	bp_table_flush(s);
	catchpoints_delete_all(s);
	pass_stops(s);
	if (!s->gone)
		s->target->ops->resume(s->target, &all);
	s->running = !s->non_stop;
}

void stay_begin(struct stub *s, enum stub_stay how)
{
	s->waits = true;
	s->how = how;
	s->notified = s->asked = s->first_only = false;
	if (how == STAY_RUNNING)
		run_freely(s);
	else if (how == STAY_STOPPED)
		s->running = stops_all(s) < 0;
}

void stay_event(struct stub *s)
{
	records_drain(s, false);
	if (events_collect(s) && !s->gone) {
		if (s->how == STAY_RUNNING) {
			pass_stops(s);
		} else if (!s->non_stop) {
			stops_all(s);
			s->running = false;
		}
	}
	if (!s->gone)
		events_resume_passed(s);
}

int stay_end(struct stub *s)
{
	int result = stops_all(s);

	if (result < 0)
		return result;
	/* Text of hits waits until the debugger can take it. */
	records_drain(s, true);
	s->waits = s->running = s->physical = false;
	s->notified = s->asked = s->first_only = false;
	s->trace.selected = -1;
	if (!vcpu_exists(s, s->stopped))
		s->stopped = vcpu_first(s);
	return 0;
}

/* Each of them keeps one at [0]. */
static void swap_vcpus(struct stub *a, struct stub *b)
{
	struct vcpu *v;
	int i;

	for (i = 0; i < VCPUS_MAX; i++) {
		v = a->vcpus[i];
		a->vcpus[i] = b->vcpus[i];
		b->vcpus[i] = v;
	}
}

void stay_move(struct stub *to, struct stub *from)
{
	struct terminal none = to->terminal;

	trace_reset(to);
	/* Frames are by the layout of the registers that were collected. */
	if (from->trace.points)
		to->layout = from->layout;
	to->target = from->target;
	to->attached = from->attached;
	to->running = from->running;
	to->non_stop = from->non_stop;
	to->gone = from->gone;
	to->waits = from->waits;
	to->how = from->how;
	to->exist = from->exist;
	swap_vcpus(to, from);
	to->bp_table = from->bp_table;
	to->records = from->records;
	to->terminal = from->terminal;
	to->catchpoints = from->catchpoints;
	to->trace = from->trace;
	to->passed_signals = from->passed_signals;
	to->general = from->general;
	to->stopped = from->stopped;
	to->time_runs = from->time_runs;
	to->vm = from->vm;

	from->attached = from->running = from->waits = false;
	from->general = from->stopped = 0;
	from->exist = (struct vcpu_set){ .end = 0 };
	from->bp_table = (struct bp_table){ 0 };
	from->records = (struct records){ 0 };
	from->terminal = none;
	from->catchpoints = (struct catchpoints){ 0 };
	from->trace = (struct trace){ .selected = -1 };
}
