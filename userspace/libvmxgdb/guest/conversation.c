// SPDX-License-Identifier: MIT
/* The beginning of a conversation with a debugger, and its VM. */
#include <errno.h>
#include <string.h>

#include "guest/bp_table.h"
#include "guest/catchpoints.h"
#include "guest/conversation.h"
#include "guest/guest_time.h"
#include "guest/records.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/stay.h"
#include "guest/stops.h"
#include "guest/target.h"
#include "guest/trace.h"
#include "guest/vcpus.h"
#include "wire/parse.h"

/* Without --arch NAME the registers are those of the mode in which the guest is. */
static void choose_layout(struct stub *s)
{
	int vcpu = s->general;

	s->layout = s->choice;
	if (s->layout)
		return;
	s->layout = layout_default();
	if (reg_cache_load(s, vcpu, 1U << VMXDBG_REGS_GENERAL |
				    1U << VMXDBG_REGS_SYSTEM) == 0)
		s->layout = layout_of_mode(&s->vcpus[vcpu]->regs);
}

/* Stop the VM, about which nothing is known. */
static int begin_vm(struct stub *s)
{
	int i, result;

	s->gone = s->running = s->notified = false;
	s->physical = false;
	for_each_vcpu(s, i) {
		s->vcpus[i]->runs = true;
		s->vcpus[i]->how = (struct vmxdbg_resume){ .vcpu = i };
	}
	bp_table_unwant_all(s);
	catchpoints_delete_all(s);
	trace_stop(s, "tnotrun:0");
	trace_reset(s);
	guest_time_begin(s);
	result = stops_all(s);
	if (result < 0)
		return result;
	s->general = s->stopped = vcpu_first(s);
	s->resumed = THREAD_ALL;
	choose_layout(s);
	stops_initial(s);
	return 0;
}

/* The guest has waited for this debugger. */
static int go_on(struct stub *s)
{
	int result = stay_end(s);

	if (result < 0)
		return result;
	s->general = s->stopped;
	s->resumed = THREAD_ALL;
	if (!s->trace.points)
		choose_layout(s);
	stops_again(s);
	/* The debugger inserts those that it knows before it resumes the guest. */
	bp_table_unwant_all(s);
	return 0;
}

int conversation_begin(struct stub *s)
{
	s->swbreak = s->hwbreak = s->text_errors = s->multiprocess = s->multi_watch = false;
	s->lldb = s->list_threads = s->error_strings = false;
	s->introduced = s->extended = s->non_stop = s->step_irqs = false;
	s->thread_events = false;
	s->step_how = s->step_once = 0;
	s->passed_signals = 0;
	s->document = NULL;
	s->knows_g = false;
	if (!s->waits || !s->trace.points)
		s->layout = s->choice ? s->choice : layout_default();
	if (!s->attached)
		return 0;
	return s->waits ? go_on(s) : begin_vm(s);
}

int conversation_again(struct stub *s)
{
	s->waits = s->stays && s->attached;
	return conversation_begin(s);
}

const char *conversation_refused(int error)
{
	switch (-error) {
	case ENOENT:
		return "there is no such VM";
	case ENOTUNIQ:
		return "there are several VMs, and none is named";
	case EBUSY:
		return "another debugger has this VM";
	case EPERM:
	case EACCES:
		return "you are not allowed to debug the VM's process";
	case ENODEV:
		return "the VM has ended";
	case EOPNOTSUPP:
		return "there is only one VM here";
	default:
		return NULL;
	}
}

int conversation_attach(struct stub *s, uint32_t vm)
{
	bool waits = s->find_staying && s->find_staying(s->context, vm);
	int result = waits ? 0 : target_call(s->target, attach, vm);
	const char *why = conversation_refused(result);

	if (result == 0) {
		s->attached = true;
		result = waits ? go_on(s) : begin_vm(s);
		if (result == 0)
			return 0;
		conversation_detach(s);
	}
	return reply_error(s, result, "%s", why ? why : strerror(-result));
}

void conversation_detach(struct stub *s)
{
	int i;

	if (s->attached && s->target->ops->detach)
		s->target->ops->detach(s->target);
	s->attached = s->running = s->notified = false;
	for_each_vcpu(s, i) {
		s->vcpus[i]->pending = s->vcpus[i]->runs = false;
		reg_cache_forget(s, i);
	}
	s->exist = (struct vcpu_set){ .end = 0 };
	bp_table_forget(s);
	records_forget(s);
	catchpoints_forget(s);
}
