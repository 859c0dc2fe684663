// SPDX-License-Identifier: MIT
/*
 * Reasons of stops, and stop replies.
 *
 * The all-stop protocol has one stop reply for each resume packet, but several
 * vCPUs may stop at once. The other stops stay pending with their vCPUs. Each
 * becomes the reply to a later resume packet, which then runs nothing, unless
 * it is no longer true by then.
 */
#include <errno.h>

#include "guest/bp_table.h"
#include "guest/catchpoints.h"
#include "guest/event_words.h"
#include "guest/events.h"
#include "guest/records.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/signals.h"
#include "guest/stops.h"
#include "guest/target.h"
#include "guest/terminal.h"
#include "guest/vcpus.h"

int stops_all(struct stub *s)
{
	int i, result;

	result = s->target->ops->stop(s->target, VMXDBG_ALL_VCPUS);
	if (result == -ENODEV)
		s->gone = true;
	vcpus_refresh(s, NULL);
	for_each_vcpu(s, i) {
		reg_cache_forget(s, i);
		if (s->vcpus[i]->runs)
			s->vcpus[i]->why = (struct vcpu_event){ .event.vcpu = i,
							       .caught = NO_CATCH };
		s->vcpus[i]->runs = s->vcpus[i]->passed = false;
	}
	events_collect(s);
	return result;
}

int stops_one(struct stub *s, unsigned int vcpu, int signal)
{
	struct vcpu *v = s->vcpus[vcpu];
	int result;

	if (!v->runs)
		return 0;
	result = s->target->ops->stop(s->target, vcpu);
	events_collect(s);
	v->passed = false;
	events_resume_passed(s);
	if (result < 0 || !v->runs)
		return result;
	v->runs = false;
	v->pending = true;
	v->why = (struct vcpu_event){ .event.vcpu = vcpu, .signal = signal,
				       .caught = NO_CATCH };
	reg_cache_forget(s, vcpu);
	return 0;
}

/* Stop a new vCPU, and tell the debugger. */
static void report_new(struct stub *s, unsigned int vcpu)
{
	struct vcpu *v = s->vcpus[vcpu];

	stops_one(s, vcpu, SIGNAL_TRAP);
	v->pending = true;
	v->why.signal = SIGNAL_TRAP;
	v->why.created = true;
}

/*
 * Since the beginning of the conversation the target holds new vCPUs, until a resume of all.
 * A debugger in non-stop mode thinks that they run.
 */
static void let_new_run(struct stub *s, unsigned int vcpu)
{
	struct vcpu *v = s->vcpus[vcpu];

	if (!v->runs && !v->pending)
		v->runs = s->target->ops->resume(s->target, &v->how) == 0;
}

int stops_new(struct stub *s)
{
	struct vcpu_set new;
	int i, count = 0;

	if ((!s->non_stop && !s->thread_events) || s->gone)
		return 0;
	vcpus_refresh(s, &new);
	for_each_vcpu_of(&new, i) {
		if (s->thread_events)
			report_new(s, i);
		else
			let_new_run(s, i);
		count += s->thread_events;
	}
	return count;
}

/* ---- pending stops that are no longer true ---- */

static bool any_wanted(const struct stub *s, const struct vcpu_event *why)
{
	unsigned int i;

	if (why->syscall && s->bp_table.syscalls.wanted)
		return true;
	for (i = 0; i < why->nr_hit; i++)
		if (bp_table_wants(s, &why->hit[i]))
			return true;
	for (i = 0; i < why->nr_catchpoints; i++)
		if (catchpoints_get(s, why->catchpoints[i]))
			return true;
	return false;
}

/*
 * A stop is no longer true if gdb has removed its breakpoint or moved the vCPU
 * elsewhere. The end of a step is not reported either if another vCPU's stop
 * was the reply to the step: gdb reads the new registers anyway, and would show
 * a later stop reply as an unexpected signal.
 */
static bool still_true(struct stub *s, int vcpu)
{
	struct vcpu *v = s->vcpus[vcpu];
	unsigned int need = 1U << VMXDBG_REGS_GENERAL |
			    1U << VMXDBG_REGS_SYSTEM;
	uint32_t why = v->why.event.why;

	/* An error must not be lost: it is told once. */
	if (why & (VMXDBG_WHY_SHUTDOWN | VMXDBG_WHY_ERROR | VMXDBG_WHY_RESET | TARGET_WHY_OWN))
		return true;
	if (v->why.created)
		return true;
	if (!any_wanted(s, &v->why))
		return false;
	if (why & (VMXDBG_WHY_WATCH | VMXDBG_WHY_CATCH))
		return true;
	return (why & VMXDBG_WHY_BREAKPOINT) &&
	       reg_cache_load(s, vcpu, need) == 0 &&
	       reg_linear_rip(&v->regs) == v->why.event.rip;
}

void stops_drop_stale(struct stub *s, const struct vcpu_set *vcpus)
{
	int i;

	for_each_vcpu_of(vcpus ? vcpus : &s->exist, i)
		if (s->vcpus[i]->pending && !still_true(s, i))
			s->vcpus[i]->pending = false;
}

/* ---- stop replies ---- */

static const struct bp_key *first_hit(const struct vcpu_event *why,
				   bool watchpoint)
{
	unsigned int i;

	for (i = 0; i < why->nr_hit; i++)
		if ((why->hit[i].type >= BP_WRITE) == watchpoint)
			return &why->hit[i];
	return NULL;
}

/*
 * Several watchpoints can be reported to a debugger that has said so. The target tells
 * the address of the first access alone; gdb looks for a watchpoint whose region has
 * the address.
 */
static void put_watches(const struct stub *s, const struct vcpu_event *why, struct buf *out)
{
	static const char * const names[] = {
		[BP_WRITE] = "watch", [BP_READ] = "rwatch", [BP_ACCESS] = "awatch",
	};
	unsigned int i;

	for (i = 0; i < why->nr_hit; i++) {
		const struct bp_key *key = &why->hit[i];
		uint64_t addr = why->event.addr;

		if (key->type < BP_WRITE)
			continue;
		if (addr < key->addr || addr - key->addr >= key->len)
			addr = key->addr;
		buf_printf(out, "%s:%llx;", names[key->type], (unsigned long long)addr);
		if (!s->multi_watch)
			return;
	}
}

/*
 * A stop reply has at most one kind of reason. A watchpoint comes first, because gdb
 * finds a breakpoint at the pc by itself. With a system call it does not, and the catchpoint
 * counts.
 */
static void put_reason(struct stub *s, const struct vcpu_event *why,
		       struct buf *out)
{
	const struct bp_key *key = first_hit(why, true);

	if (why->created)
		buf_puts(out, "create:;");
	if (key && (why->event.why & VMXDBG_WHY_WATCH)) {
		put_watches(s, why, out);
		return;
	}
	if (why->syscall) {
		buf_printf(out, "syscall_entry:%x;", why->syscall_number);
		return;
	}
	key = first_hit(why, false);
	if (!key || !(why->event.why & VMXDBG_WHY_BREAKPOINT))
		return;
	if (key->type == BP_SOFT && s->swbreak)
		buf_puts(out, "swbreak:;");
	else if (key->type == BP_HARD && s->hwbreak)
		buf_puts(out, "hwbreak:;");
}

/* All threads, and where they are: lldb asks for less then. */
static void put_threads(struct stub *s, struct buf *out)
{
	unsigned int need = 1U << VMXDBG_REGS_GENERAL | 1U << VMXDBG_REGS_SYSTEM;
	const char *separator = "threads:";
	int i;

	for_each_vcpu(s, i) {
		buf_printf(out, "%s%x", separator, i + 1);
		separator = ",";
	}
	separator = ";thread-pcs:";
	for_each_vcpu(s, i) {
		if (reg_cache_load(s, i, need) < 0)
			continue;
		buf_printf(out, "%s%llx", separator,
			   (unsigned long long)reg_linear_rip(&s->vcpus[i]->regs));
		separator = ",";
	}
	buf_puts(out, ";");
}

/* Make the stop reply in @out. @why: NULL if there is no event */
static void put_stop(struct stub *s, struct buf *out, unsigned int vcpu, int signal,
		     const struct vcpu_event *why)
{
	s->stopped = vcpu;
	if (!s->non_stop)
		s->general = vcpu;
	buf_printf(out, "T%02x", signal);
	reg_cache_expedite(s, vcpu, out);
	if (why)
		put_reason(s, why, out);
	buf_puts(out, "thread:");
	vcpu_put_thread(s, vcpu, out);
	buf_printf(out, ";core:%x;", vcpu);
	if (s->list_threads)
		put_threads(s, out);
}

static void put_gone(struct stub *s, struct buf *out)
{
	buf_puts(out, "W00");
	if (s->multiprocess)
		buf_printf(out, ";process:%x", s->vm);
}

static void make_reply(struct stub *s, unsigned int vcpu, int signal,
		       const struct vcpu_event *why)
{
	buf_clear(&s->stop_reply);
	put_stop(s, &s->stop_reply, vcpu, signal, why);
}

static void send_stop_reply(struct stub *s)
{
	/* Hits before the stop are told before it. */
	if (!s->non_stop)
		terminal_show(s);
	records_drain(s, true);
	s->running = s->fresh = false;
	link_send(&s->link, s->stop_reply.data, s->stop_reply.len);
}

void stops_report_signal(struct stub *s, unsigned int vcpu, int signal)
{
	make_reply(s, vcpu, signal, NULL);
	send_stop_reply(s);
}

void stops_report_gone(struct stub *s)
{
	s->gone = true;
	buf_clear(&s->stop_reply);
	put_gone(s, &s->stop_reply);
	send_stop_reply(s);
}

/* Make the reply for a pending stop, and drop the stop. */
static void put_event(struct stub *s, struct buf *out, unsigned int vcpu)
{
	struct vcpu *v = s->vcpus[vcpu];

	v->pending = false;
	put_stop(s, out, vcpu, event_signal(&v->why), &v->why);
}

static void explain_own(struct stub *s, unsigned int vcpu)
{
	char text[200] = "";

	if (s->target->ops->explain)
		s->target->ops->explain(s->target, vcpu, text, sizeof(text));
	if (*text)
		reply_console(s, "%s\n", text);
}

/* Text on the debugger's terminal is possible only in front of a stop reply. */
static void explain_event(struct stub *s, unsigned int vcpu)
{
	const struct vmxdbg_event *event = &s->vcpus[vcpu]->why.event;
	BUF_ON_STACK(text, 900);

	event_put_catchpoints(s, &s->vcpus[vcpu]->why, &text);
	if (text.len)
		reply_console(s, "%s", text.data);
	if (event->why & VMXDBG_WHY_SHUTDOWN)
		reply_console(s, "vCPU %u: triple fault at 0x%llx. Its VMM is told when it goes on.\n",
			      vcpu, (unsigned long long)event->rip);
	if (event->why & VMXDBG_WHY_RESET)
		reply_console(s, "vCPU %u: the VMM has reset the VM.\n", vcpu);
	if (event_dead_end(event))
		reply_console(s, "vCPU %u: the guest cannot go on at 0x%llx: %s. Its VMM is told when it goes on.\n",
			      vcpu, (unsigned long long)event->rip, event_dead_end(event));
	if (event_trouble(event))
		reply_console(s, "vCPU %u: %s.\n", vcpu, event_trouble(event));
	if (event->why & TARGET_WHY_OWN)
		explain_own(s, vcpu);
}

static void report_event(struct stub *s, unsigned int vcpu)
{
	explain_event(s, vcpu);
	buf_clear(&s->stop_reply);
	put_event(s, &s->stop_reply, vcpu);
	send_stop_reply(s);
}

/* ---- which stop is reported ---- */

/* Return: the first pending vCPU of @vcpus from @vcpu on, VCPUS_MAX if there is none. */
static int pending_from(const struct stub *s, const struct vcpu_set *vcpus, int vcpu,
			uint32_t why)
{
	for (vcpu = vcpu_set_next(vcpus, vcpu); vcpu < VCPUS_MAX;
	     vcpu = vcpu_set_next(vcpus, vcpu + 1))
		if (s->vcpus[vcpu]->pending && (!why || (s->vcpus[vcpu]->why.event.why & why)))
			break;
	return vcpu;
}

/*
 * Return: the next pending vCPU of @vcpus, all if NULL, after that of the last stop reply. @why:
 * with one of these reasons; 0: with any
 */
static int next_pending(const struct stub *s, const struct vcpu_set *vcpus, uint32_t why)
{
	/* To '?' the first vCPU comes first. */
	int start = s->asked ? 0 : s->stopped + 1, vcpu;

	if (!vcpus)
		vcpus = &s->exist;
	vcpu = pending_from(s, vcpus, start, why);
	if (vcpu == VCPUS_MAX)
		vcpu = pending_from(s, vcpus, 0, why);
	return vcpu < VCPUS_MAX ? vcpu : -1;
}

/* The end of a step comes first, because it is never reported later. */
static int choose_pending(const struct stub *s, const struct vcpu_set *vcpus)
{
	int vcpu = next_pending(s, vcpus, VMXDBG_WHY_STEP);

	return vcpu >= 0 ? vcpu : next_pending(s, vcpus, 0);
}

bool stops_report(struct stub *s, const struct vcpu_set *vcpus)
{
	int vcpu;

	if (s->gone) {
		stops_report_gone(s);
		return true;
	}
	vcpu = choose_pending(s, vcpus);
	if (vcpu < 0)
		return false;
	report_event(s, vcpu);
	return true;
}

void stops_initial(struct stub *s)
{
	int vcpu;

	stops_drop_stale(s, NULL);
	vcpu = choose_pending(s, NULL);
	buf_clear(&s->stop_reply);
	if (s->gone)
		put_gone(s, &s->stop_reply);
	else if (vcpu >= 0)
		put_event(s, &s->stop_reply, vcpu);
	else
		put_stop(s, &s->stop_reply, vcpu_first(s), SIGNAL_TRAP, NULL);
	s->fresh = true;
}

void stops_repeat(struct stub *s)
{
	const struct vcpu_event *why = &s->vcpus[s->stopped]->why;

	s->fresh = false;
	buf_clear(&s->stop_reply);
	if (s->gone)
		put_gone(s, &s->stop_reply);
	else
		put_stop(s, &s->stop_reply, s->stopped,
			 event_signal(why) ? event_signal(why) : SIGNAL_TRAP, why);
}

void stops_again(struct stub *s)
{
	int vcpu = choose_pending(s, NULL);

	if (vcpu >= 0)
		s->stopped = vcpu;
	s->vcpus[s->stopped]->pending = false;
	stops_repeat(s);
	s->fresh = true;
}

/* ---- the last stop of a vCPU ---- */

int stops_signal(const struct stub *s, unsigned int vcpu)
{
	const struct vcpu_event *why = &s->vcpus[vcpu]->why;

	return vcpu == s->stopped || why->event.why ? event_signal(why) : SIGNAL_0;
}

const char *stops_reason(const struct stub *s, unsigned int vcpu)
{
	uint32_t why = s->vcpus[vcpu]->why.event.why;

	if (why & (VMXDBG_WHY_SHUTDOWN | VMXDBG_WHY_ERROR | VMXDBG_WHY_CATCH))
		return "exception";
	if (why & VMXDBG_WHY_WATCH)
		return "watchpoint";
	if (why & VMXDBG_WHY_BREAKPOINT)
		return "breakpoint";
	return why & VMXDBG_WHY_STEP ? "trace" : "none";
}

void stops_describe(struct stub *s, unsigned int vcpu, struct buf *out)
{
	buf_printf(out, "T%02x", stops_signal(s, vcpu));
	put_reason(s, &s->vcpus[vcpu]->why, out);
	buf_puts(out, "thread:");
	vcpu_put_thread(s, vcpu, out);
	buf_printf(out, ";core:%x;reason:%s;", vcpu, stops_reason(s, vcpu));
}

/* ---- non-stop ---- */

void stops_notify(struct stub *s)
{
	int vcpu = next_pending(s, NULL, 0);

	if (s->notified || (vcpu < 0 && !s->gone))
		return;
	buf_clear(&s->stop_reply);
	buf_puts(&s->stop_reply, "Stop:");
	if (s->gone)
		put_gone(s, &s->stop_reply);
	else
		put_event(s, &s->stop_reply, vcpu);
	s->notified = true;
	link_notify(&s->link, s->stop_reply.data, s->stop_reply.len);
}

void stops_next(struct stub *s)
{
	int vcpu = s->first_only ? -1 : next_pending(s, NULL, 0);

	s->asked = s->first_only = false;
	s->notified = vcpu >= 0;
	if (vcpu >= 0)
		put_event(s, &s->reply, vcpu);
	else
		reply_ok(s);
}

void stops_mark_new(struct stub *s)
{
	int i;

	for_each_vcpu(s, i) {
		s->vcpus[i]->pending = true;
		if (!s->vcpus[i]->why.event.why)
			s->vcpus[i]->why = (struct vcpu_event){ .event.vcpu = i,
							       .signal = SIGNAL_0,
							       .caught = NO_CATCH };
	}
	s->asked = true;
}

void stops_mark_all(struct stub *s)
{
	int i;

	for_each_vcpu(s, i) {
		if (s->vcpus[i]->runs || s->vcpus[i]->pending)
			continue;
		s->vcpus[i]->pending = true;
		s->vcpus[i]->why = (struct vcpu_event){ .event.vcpu = i, .signal = SIGNAL_TRAP,
						       .caught = NO_CATCH };
	}
	s->asked = true;
}
