// SPDX-License-Identifier: MIT
/* Events from the target: what stopped a vCPU. */
#include <errno.h>

#include "guest/bp_table.h"
#include "guest/catchpoints.h"
#include "guest/event_words.h"
#include "guest/events.h"
#include "guest/reg_cache.h"
#include "guest/signals.h"
#include "guest/step_over.h"
#include "guest/syscall_table.h"
#include "guest/target.h"
#include "guest/trace.h"
#include "guest/trace_stops.h"
#include "guest/vcpus.h"
#include "guest/vectors.h"

static void note_hit(struct stub *s, struct vcpu_event *why, uint32_t id)
{
	const struct bp *bp = bp_table_by_id(s, id);
	const struct catchpoint *c = catchpoints_by_id(s, id);

	if (bp)
		why->hit[why->nr_hit++] = bp->key;
	if (syscall_table_has(s, id))
		why->syscall = true;
	if (!c)
		return;
	why->catchpoints[why->nr_catchpoints++] = c->number;
	if (c->type != NO_CATCH)
		why->caught = c->type;
}

int event_signal(const struct vcpu_event *why)
{
	if ((why->event.why & VMXDBG_WHY_SHUTDOWN) || event_dead_end(&why->event))
		return SIGNAL_ABRT;
	if (why->caught == VMXDBG_CATCH_EXCEPTION && vector_get(why->event.data[0]))
		return vector_get(why->event.data[0])->signal;
	if ((why->event.why & TARGET_WHY_OWN) && why->event.error)
		return why->event.error;
	return why->signal;
}

/* Return: whether the debugger does not want to hear of this exception. */
static bool is_passed(const struct stub *s, const struct vcpu_event *why)
{
	return why->event.why == VMXDBG_WHY_CATCH && why->caught == VMXDBG_CATCH_EXCEPTION &&
	       (s->passed_signals >> event_signal(why) & 1);
}

/* The number is read now, because the debugger may change EAX before it asks again. */
static void syscall_note(struct stub *s, unsigned int vcpu)
{
	struct vcpu *v = s->vcpus[vcpu];

	v->why.syscall = reg_cache_load(s, vcpu, 1U << VMXDBG_REGS_GENERAL) == 0;
	v->why.syscall_number = v->regs.general.rax;
}

/* Return: whether the event is a stop. */
static bool note_event(struct stub *s, const struct vmxdbg_event *event)
{
	struct vcpu *v = s->vcpus[event->vcpu];
	struct vcpu_event why = { .event = *event, .signal = SIGNAL_TRAP, .caught = NO_CATCH };
	uint32_t i;

	reg_cache_forget(s, event->vcpu);
	if (event->nr_bps && event_trouble(event))
		trace_failed(s, event->bps[0], event_trouble(event));
	for (i = 0; i < event->nr_bps && i < VMXDBG_EVENT_BPS; i++)
		note_hit(s, &why, event->bps[i]);
	if (trace_stops_event(s, event) || (v->runs && is_passed(s, &why)) ||
	    step_over_goes_on(s, event)) {
		v->passed = v->runs;
		return false;
	}
	v->pending = true;
	v->runs = false;
	v->why = why;
	if (why.syscall)
		syscall_note(s, event->vcpu);
	return true;
}

/*
 * An event of a vCPU that was created since the numbers were read. A debugger that wants to
 * know of new vCPUs hears of it with this event, also where nobody waits for the event itself.
 * Return: whether it is a stop.
 */
static bool note_first_event(struct stub *s, const struct vmxdbg_event *event)
{
	bool stops = note_event(s, event);
	struct vcpu *v = s->vcpus[event->vcpu];

	if (!s->thread_events)
		return stops;
	if (!stops)
		v->why = (struct vcpu_event){ .event.vcpu = event->vcpu, .signal = SIGNAL_TRAP,
					       .caught = NO_CATCH };
	v->why.created = v->pending = true;
	v->runs = v->passed = false;
	return true;
}

static bool take_event(struct stub *s, const struct vmxdbg_event *event)
{
	bool known = vcpu_exists(s, event->vcpu);

	if (!vcpu_enter(s, event->vcpu))
		return false;
	if (known)
		return note_event(s, event);
	vcpu_begin(s, event->vcpu, true);
	return note_first_event(s, event);
}

int events_collect(struct stub *s)
{
	struct vmxdbg_event event;
	int count = 0;
	int result;

	while ((result = s->target->ops->next_event(s->target, &event)) == 1) {
		if (event.why & VMXDBG_WHY_GONE)
			s->gone = true;
		else if (event.vcpu < VCPUS_MAX)
			count += take_event(s, &event);
		if (s->gone)
			break;
	}
	if (result == -ENODEV)
		s->gone = true;
	return s->gone ? 1 : count;
}

void events_resume_passed(struct stub *s)
{
	int i;

	for_each_vcpu(s, i) {
		struct vmxdbg_resume how = trace_stops_how(s, i);

		if (s->vcpus[i]->passed && s->vcpus[i]->runs && !s->gone)
			s->target->ops->resume(s->target, &how);
		s->vcpus[i]->passed = false;
	}
}
