// SPDX-License-Identifier: MIT
/* Stopping a running vCPU for a moment, to look at it: for the non-stop protocol. */
#include "guest/events.h"
#include "guest/pause.h"
#include "guest/reg_cache.h"
#include "guest/target.h"
#include "guest/trace_stops.h"

int pause_begin(struct stub *s, unsigned int vcpu, bool *paused)
{
	int result;

	*paused = false;
	if (!s->vcpus[vcpu]->runs)
		return 0;
	result = s->target->ops->stop(s->target, vcpu);
	*paused = result == 0;
	return result;
}

void pause_end(struct stub *s, unsigned int vcpu, bool paused)
{
	struct vcpu *v = s->vcpus[vcpu];
	struct vmxdbg_resume how;

	if (!paused)
		return;
	reg_cache_forget(s, vcpu);
	/* An event from before the pause is unread, and a resume would discard it. */
	events_collect(s);
	how = trace_stops_how(s, vcpu);
	if (v->runs && !s->gone)
		s->target->ops->resume(s->target, &how);
	v->passed = false;
	events_resume_passed(s);
}
