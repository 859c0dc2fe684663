// SPDX-License-Identifier: MIT
/* Packets that resume and stop the guest, and say why it stopped. */
#include <errno.h>

#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/resume.h"
#include "guest/signals.h"
#include "guest/stops.h"
#include "guest/vcpus.h"
#include "packet/cmd_resume.h"
#include "wire/parse.h"

/* ---- vCont ---- */

int cmd_vcont_actions(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "vCont;c;C;s;S;t;r");
	return 0;
}

/* A guest has no signals, so C and S mean c and s. */
static bool parse_action(const char **p, struct resume_action *action)
{
	uint8_t signal;
	char c = **p;

	if (!c)
		return false;
	(*p)++;
	switch (c) {
	case 'C':
		action->kind = ACTION_CONTINUE;
		return parse_bytes(p, &signal, 1);
	case 'c':
		action->kind = ACTION_CONTINUE;
		return true;
	case 'S':
		action->kind = ACTION_STEP;
		return parse_bytes(p, &signal, 1);
	case 's':
		action->kind = ACTION_STEP;
		return true;
	case 't':
		action->kind = ACTION_STOP;
		return true;
	case 'r':
		action->kind = ACTION_RANGE;
		return parse_span(p, &action->start, &action->end);
	}
	return false;
}

static int parse_plan(struct stub *s, const char *p, struct resume_plan *plan)
{
	do {
		struct resume_action action = { .kind = ACTION_NONE };
		int vcpu = THREAD_ALL, result;

		if (!parse_action(&p, &action))
			return reply_malformed(s);
		result = parse_char(&p, ':') ? vcpu_parse_thread(s, &p, &vcpu) : 0;
		if (result < 0)
			return result;
		if (vcpu >= 0 && !vcpu_exists(s, vcpu))
			return reply_error(s, -ESRCH, "there is no such vCPU");
		resume_plan_add(s, plan, vcpu, &action);
	} while (parse_char(&p, ';'));
	return *p ? reply_malformed(s) : 0;
}

int cmd_vcont(struct stub *s, char *args, size_t len)
{
	struct resume_plan plan;
	int result;

	resume_plan_begin(s, &plan);
	result = parse_plan(s, args, &plan);
	if (result < 0)
		return result;
	if (s->non_stop) {
		result = resume_run_some(s, &plan);
		return result < 0 ? result : reply_ok(s);
	}
	if (!s->running)
		return resume_run(s, &plan);
	/* While the guest runs, only stop actions are possible. */
	if (resume_plan_runs(s, &plan, NULL))
		return reply_error(s, -EBUSY, "the guest is running");
	resume_stop(s, SIGNAL_0);
	return REPLY_SENT;
}

/* ---- the older packets, which act on the thread of Hc ---- */

/*
 * Without a thread chosen by Hc, the action is for the thread that stopped, and
 * the others continue.
 */
static int run_chosen(struct stub *s, int kind, const char *addr)
{
	struct resume_action action = { .kind = kind };
	struct resume_action others = { .kind = ACTION_CONTINUE };
	struct resume_plan plan;
	int vcpu = s->resumed >= 0 ? s->resumed : (int)s->stopped;
	uint64_t rip;
	int result;

	if (*addr) {
		if (!parse_hex(&addr, &rip) || *addr)
			return reply_malformed(s);
		result = reg_cache_set_rip(s, vcpu, rip);
		if (result < 0)
			return result;
	}
	/* The older packets have no place in the non-stop protocol. */
	if (s->non_stop)
		return reply_error(s, -EINVAL, "the non-stop protocol resumes by vCont");
	resume_plan_begin(s, &plan);
	resume_plan_add(s, &plan, vcpu, &action);
	if (s->resumed < 0)
		resume_plan_add(s, &plan, THREAD_ALL, &others);
	return resume_run(s, &plan);
}

int cmd_continue(struct stub *s, char *args, size_t len)
{
	return run_chosen(s, ACTION_CONTINUE, args);
}

int cmd_step(struct stub *s, char *args, size_t len)
{
	return run_chosen(s, ACTION_STEP, args);
}

/* SIGNAL or SIGNAL;ADDR */
static int run_signal(struct stub *s, int kind, const char *p)
{
	uint8_t signal;

	if (!parse_bytes(&p, &signal, 1))
		return reply_malformed(s);
	if (*p && (!parse_char(&p, ';') || !*p))
		return reply_malformed(s);
	return run_chosen(s, kind, p);
}

int cmd_continue_signal(struct stub *s, char *args, size_t len)
{
	return run_signal(s, ACTION_CONTINUE, args);
}

int cmd_step_signal(struct stub *s, char *args, size_t len)
{
	return run_signal(s, ACTION_STEP, args);
}

/* ---- ? ---- */

int cmd_why_stopped(struct stub *s, char *args, size_t len)
{
	if (!s->attached && s->non_stop)
		return reply_ok(s);
	if (!s->attached) {
		buf_puts(&s->reply, "W00");
		return 0;
	}
	if (s->non_stop && !s->gone) {
		stops_mark_all(s);
		s->first_only = false;
		stops_next(s);
		s->first_only = s->notified;
		return 0;
	}
	if (s->fresh)
		stops_repeat(s);
	buf_add(&s->reply, s->stop_reply.data, s->stop_reply.len);
	return 0;
}

/*
 * ---- interrupts in steps, with the packets of QEMU's stub ----
 *
 * Bits: 1 enables steps, 2 keeps interrupts out of steps, 4 stops timers during
 * steps. Timers belong to the VMM, so 4 is not offered.
 */

#define SSTEP_ENABLE	1
#define SSTEP_NOIRQ	2

int cmd_step_bits(struct stub *s, char *args, size_t len)
{
	buf_printf(&s->reply, "ENABLE=%x,NOIRQ=%x", SSTEP_ENABLE, SSTEP_NOIRQ);
	return 0;
}

int cmd_get_step(struct stub *s, char *args, size_t len)
{
	buf_printf(&s->reply, "0x%x",
		   SSTEP_ENABLE | (s->step_irqs ? 0 : SSTEP_NOIRQ));
	return 0;
}

int cmd_set_step(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	uint64_t bits;

	if (p[0] == '0' && p[1] == 'x')
		p += 2;
	if (!parse_hex(&p, &bits) || *p)
		return reply_malformed(s);
	if (!(bits & SSTEP_ENABLE) || bits & ~(SSTEP_ENABLE | SSTEP_NOIRQ))
		return reply_error(s, -EINVAL, "there is no such kind of step");
	s->step_irqs = !(bits & SSTEP_NOIRQ);
	return reply_ok(s);
}

int cmd_qemu_supported(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "sstepbits;sstep;PhyMemMode");
	return 0;
}
