// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why vCPUs stopped, and telling gdb.
 *
 * All-stop has one stop reply for each resume packet, but several vCPUs may
 * stop at once. What gdb has not heard stays pending with its vCPU, and is
 * the reply to a later resume packet, without anything being run, unless it
 * has no meaning any more by then.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

/* ---- collecting ---- */

static void note_event(struct stub *s, const struct vmxdbg_event *event)
{
	struct vcpu *v = &s->vcpus[event->vcpu];
	const struct bp *bp;
	uint32_t i;

	s->vcpu_mask |= 1ULL << event->vcpu;
	v->pending = true;
	v->why = (struct vcpu_event){ .event = *event };
	regs_forget(s, event->vcpu);
	for (i = 0; i < event->nr_bps && i < VMXDBG_EVENT_BPS; i++) {
		bp = bps_by_id(s, event->bps[i]);
		if (bp)
			v->why.hit[v->why.nr_hit++] = bp->key;
	}
}

int stops_collect(struct stub *s)
{
	struct vmxdbg_event event;
	int count = 0;
	int result;

	while ((result = s->target->ops->next_event(s->target, &event)) == 1) {
		count++;
		if (event.why & VMXDBG_WHY_GONE)
			s->gone = true;
		else if (event.vcpu < VCPUS_MAX)
			note_event(s, &event);
		if (s->gone)
			break;
	}
	if (result == -ENODEV)
		s->gone = true;
	return s->gone ? 1 : count;
}

int stops_all(struct stub *s)
{
	int i, result;

	result = s->target->ops->stop_all(s->target);
	if (result == -ENODEV)
		s->gone = true;
	vcpus_refresh(s);
	for (i = 0; i < VCPUS_MAX; i++)
		regs_forget(s, i);
	stops_collect(s);
	return result;
}

/* ---- what is still true ---- */

static bool any_wanted(const struct stub *s, const struct vcpu_event *why)
{
	unsigned int i;

	for (i = 0; i < why->nr_hit; i++)
		if (bps_wanted(s, &why->hit[i]))
			return true;
	return false;
}

/*
 * A breakpoint that was removed, or a vCPU that gdb has sent elsewhere, is no
 * reason to stop. Nor is the end of a step whose reply was another vCPU's
 * stop: gdb sees where the step went, and a stop for it in answer to a later
 * resume packet would look like a signal out of nowhere.
 */
static bool still_true(struct stub *s, int vcpu)
{
	struct vcpu *v = &s->vcpus[vcpu];
	unsigned int need = 1U << VMXDBG_REGS_GENERAL |
			    1U << VMXDBG_REGS_SYSTEM;
	uint32_t why = v->why.event.why;

	if (why & VMXDBG_WHY_SHUTDOWN)
		return true;
	if (!any_wanted(s, &v->why))
		return false;
	if (why & VMXDBG_WHY_WATCH)
		return true;
	return (why & VMXDBG_WHY_BREAKPOINT) &&
	       regs_load(s, vcpu, need) == 0 &&
	       regs_linear_rip(&v->regs) == v->why.event.rip;
}

void stops_drop_stale(struct stub *s, uint64_t vcpus)
{
	int i;

	for (i = 0; i < VCPUS_MAX; i++)
		if ((vcpus >> i & 1) && s->vcpus[i].pending && !still_true(s, i))
			s->vcpus[i].pending = false;
}

/* ---- telling ---- */

static const struct bp_key *hit_of(const struct vcpu_event *why,
				   bool watchpoint)
{
	unsigned int i;

	for (i = 0; i < why->nr_hit; i++)
		if ((why->hit[i].type >= BP_WRITE) == watchpoint)
			return &why->hit[i];
	return NULL;
}

/*
 * At most one reason goes into a stop reply. A breakpoint at the pc gdb finds
 * by itself, a watchpoint only we can tell.
 */
static void put_reason(struct stub *s, const struct vcpu_event *why,
		       struct buf *out)
{
	const struct bp_key *key = hit_of(why, true);
	uint64_t addr = why->event.addr;

	if (key && (why->event.why & VMXDBG_WHY_WATCH)) {
		/* gdb matches the address with its regions. */
		if (addr < key->addr || addr - key->addr >= key->len)
			addr = key->addr;
		buf_printf(out, "%swatch:%llx;",
			   key->type == BP_ACCESS ? "a" : "",
			   (unsigned long long)addr);
		return;
	}
	key = hit_of(why, false);
	if (!key || !(why->event.why & VMXDBG_WHY_BREAKPOINT))
		return;
	if (key->type == BP_SOFT && s->swbreak)
		buf_puts(out, "swbreak:;");
	else if (key->type == BP_HARD && s->hwbreak)
		buf_puts(out, "hwbreak:;");
}

static void make_reply(struct stub *s, unsigned int vcpu, int signal,
		       const struct vcpu_event *why)
{
	s->stopped = s->general = vcpu;
	buf_clear(&s->stop_reply);
	buf_printf(&s->stop_reply, "T%02x", signal);
	regs_expedite(s, vcpu, &s->stop_reply);
	if (why)
		put_reason(s, why, &s->stop_reply);
	buf_printf(&s->stop_reply, "thread:%x;core:%x;", vcpu + 1, vcpu);
}

static void send_stop_reply(struct stub *s)
{
	s->running = false;
	link_send(&s->link, s->stop_reply.data, s->stop_reply.len, true);
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
	buf_puts(&s->stop_reply, "W00");
	send_stop_reply(s);
}

/* Makes the reply for a pending stop, which is not pending then. */
static void make_event_reply(struct stub *s, unsigned int vcpu)
{
	struct vcpu *v = &s->vcpus[vcpu];

	v->pending = false;
	make_reply(s, vcpu, v->why.event.why & VMXDBG_WHY_SHUTDOWN ?
		   SIGNAL_ABRT : SIGNAL_TRAP, &v->why);
}

static void report_event(struct stub *s, unsigned int vcpu)
{
	const struct vmxdbg_event *event = &s->vcpus[vcpu].why.event;

	if (event->why & VMXDBG_WHY_SHUTDOWN)
		stub_console(s, "vCPU %u: triple fault at 0x%llx. When it goes on, its VMM is told.\n",
			     vcpu, (unsigned long long)event->rip);
	if (event->error == VMXDBG_ERROR_PLACES)
		stub_console(s, "vCPU %u: the guest maps more than can be watched.\n", vcpu);
	make_event_reply(s, vcpu);
	send_stop_reply(s);
}

/* ---- choosing ---- */

/* The first pending vCPU of @vcpus after the one of the last stop reply. */
static int choose_after(const struct stub *s, uint64_t vcpus, uint32_t why)
{
	unsigned int i, vcpu;

	for (i = 1; i <= VCPUS_MAX; i++) {
		vcpu = (s->stopped + i) % VCPUS_MAX;
		if ((vcpus >> vcpu & 1) && s->vcpus[vcpu].pending &&
		    (s->vcpus[vcpu].why.event.why & why))
			return vcpu;
	}
	return -1;
}

/* The end of a step first: of all stops it is the one that cannot wait. */
static int choose(const struct stub *s, uint64_t vcpus)
{
	int vcpu = choose_after(s, vcpus, VMXDBG_WHY_STEP);

	return vcpu >= 0 ? vcpu : choose_after(s, vcpus, ~0U);
}

bool stops_report(struct stub *s, uint64_t vcpus)
{
	int vcpu;

	if (s->gone) {
		stops_report_gone(s);
		return true;
	}
	vcpu = choose(s, vcpus);
	if (vcpu < 0)
		return false;
	report_event(s, vcpu);
	return true;
}

void stops_initial(struct stub *s)
{
	int vcpu;

	stops_drop_stale(s, ~0ULL);
	vcpu = choose(s, ~0ULL);
	if (s->gone) {
		buf_clear(&s->stop_reply);
		buf_puts(&s->stop_reply, "W00");
	} else if (vcpu >= 0) {
		make_event_reply(s, vcpu);
	} else {
		make_reply(s, vcpu_first(s), SIGNAL_TRAP, NULL);
	}
}

void stub_event(struct stub *s)
{
	/* While all is stopped, nothing that happens can be told. */
	if (!s->running || !stops_collect(s))
		return;
	if (!s->gone)
		stops_all(s);
	stops_report(s, ~0ULL);
}
