// SPDX-License-Identifier: GPL-2.0-only
/* Making the guest run, and stopping it. */
#include <errno.h>
#include <string.h>

#include "commands.h"

/* One for each vCPU. */
struct plan {
	struct action actions[VCPUS_MAX];
};

static bool runs(const struct action *action)
{
	return action->kind != ACTION_NONE && action->kind != ACTION_STOP;
}

static uint64_t running_vcpus(const struct stub *s, const struct plan *plan)
{
	uint64_t mask = 0;
	int i;

	for (i = 0; i < VCPUS_MAX; i++)
		if (vcpu_exists(s, i) && runs(&plan->actions[i]))
			mask |= 1ULL << i;
	return mask;
}

static int resume_one(struct stub *s, int vcpu, const struct action *action)
{
	struct vmxdbg_resume how = { .vcpu = vcpu };

	if (action->kind != ACTION_CONTINUE) {
		how.flags = VMXDBG_RESUME_STEP;
		if (s->step_irqs)
			how.flags |= VMXDBG_RESUME_IRQS;
	}
	/* The protocol's empty range is one step. */
	if (action->kind == ACTION_RANGE && action->start < action->end) {
		how.flags |= VMXDBG_RESUME_RANGE;
		how.range_start = action->start;
		how.range_end = action->end;
	}
	return s->target->ops->resume(s->target, &how);
}

static bool all_continue(const struct stub *s, const struct plan *plan)
{
	int i;

	for (i = 0; i < VCPUS_MAX; i++)
		if (vcpu_exists(s, i) &&
		    plan->actions[i].kind != ACTION_CONTINUE)
			return false;
	return true;
}

static int resume_vcpus(struct stub *s, const struct plan *plan)
{
	struct vmxdbg_resume all = { .vcpu = VMXDBG_ALL_VCPUS };
	int i, result;

	/* Those too, then, that were made since the guest stopped. */
	if (all_continue(s, plan))
		return s->target->ops->resume(s->target, &all);
	for (i = 0; i < VCPUS_MAX; i++) {
		if (!vcpu_exists(s, i) || !runs(&plan->actions[i]))
			continue;
		result = resume_one(s, i, &plan->actions[i]);
		if (result < 0)
			return result;
	}
	return 0;
}

/* Nothing that is pending and still true may be run over. */
static bool report_instead(struct stub *s, uint64_t vcpus)
{
	stops_drop_stale(s, vcpus);
	return stops_report(s, vcpus);
}

/*
 * Carries out a resume packet. Its reply is a stop reply, now or later, and an
 * error only if nothing was run.
 */
static int run(struct stub *s, const struct plan *plan)
{
	uint64_t vcpus = running_vcpus(s, plan);
	int i, result;

	if (report_instead(s, vcpus))
		return COMMAND_SILENT;
	if (!vcpus)
		return stub_error(s, -EINVAL, "no vCPU to run");
	bps_flush(s);
	for (i = 0; i < VCPUS_MAX; i++)
		if (vcpus >> i & 1)
			regs_forget(s, i);
	s->running = true;
	result = resume_vcpus(s, plan);
	if (!result)
		return COMMAND_SILENT;

	s->running = false;
	stops_all(s);
	if (!s->gone)
		return result;
	stops_report_gone(s);
	return COMMAND_SILENT;
}

static void stop_with(struct stub *s, int signal)
{
	stops_all(s);
	/* A stop of its own answers the request as well. */
	if (!stops_report(s, ~0ULL))
		stops_report_signal(s, vcpu_exists(s, s->stopped) ?
				    s->stopped : (unsigned int)vcpu_first(s),
				    signal);
}

void run_interrupt(struct stub *s)
{
	stop_with(s, SIGNAL_INT);
}

/* ---- vCont ---- */

int cmd_vcont_actions(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "vCont;c;C;s;S;t;r");
	return 0;
}

/* The guest takes no signals: C and S are c and s. */
static bool parse_action(const char **p, struct action *action)
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

/* Where several actions fit a thread, the leftmost counts. */
static void plan_for(const struct stub *s, struct plan *plan, int vcpu,
		     const struct action *action)
{
	int i;

	if (vcpu == THREAD_ANY)
		vcpu = s->stopped;
	for (i = 0; i < VCPUS_MAX; i++)
		if ((vcpu == THREAD_ALL || vcpu == i) &&
		    plan->actions[i].kind == ACTION_NONE)
			plan->actions[i] = *action;
}

static int parse_plan(struct stub *s, const char *p, struct plan *plan)
{
	do {
		struct action action = { .kind = ACTION_NONE };
		int vcpu = THREAD_ALL;

		if (!parse_action(&p, &action))
			return stub_malformed(s);
		if (parse_char(&p, ':') && !parse_thread(&p, &vcpu))
			return stub_malformed(s);
		if (vcpu >= 0 && !vcpu_exists(s, vcpu))
			return stub_error(s, -ESRCH, "no such vCPU");
		plan_for(s, plan, vcpu, &action);
	} while (parse_char(&p, ';'));
	return *p ? stub_malformed(s) : 0;
}

int cmd_vcont(struct stub *s, char *args, size_t len)
{
	struct plan plan = { 0 };
	int result = parse_plan(s, args, &plan);

	if (result < 0)
		return result;
	if (!s->running)
		return run(s, &plan);
	/* All that can be said of a guest that runs is that it shall stop. */
	if (running_vcpus(s, &plan))
		return stub_error(s, -EBUSY, "the guest is running");
	stop_with(s, SIGNAL_0);
	return COMMAND_SILENT;
}

/* ---- the older packets, about the thread of Hc ---- */

/* With no thread chosen, the action is for the one that stopped, the others run. */
static int run_chosen(struct stub *s, int kind, const char *addr)
{
	struct action action = { .kind = kind };
	struct action others = { .kind = ACTION_CONTINUE };
	struct plan plan = { 0 };
	int vcpu = s->resumed >= 0 ? s->resumed : (int)s->stopped;
	uint64_t rip;
	int result;

	if (*addr) {
		if (!parse_hex(&addr, &rip) || *addr)
			return stub_malformed(s);
		result = regs_set_rip(s, vcpu, rip);
		if (result < 0)
			return result;
	}
	plan_for(s, &plan, vcpu, &action);
	if (s->resumed < 0)
		plan_for(s, &plan, THREAD_ALL, &others);
	return run(s, &plan);
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
		return stub_malformed(s);
	if (*p && (!parse_char(&p, ';') || !*p))
		return stub_malformed(s);
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

/* It asks where the guest is: whatever else was in flight is no more. */
int cmd_why_stopped(struct stub *s, char *args, size_t len)
{
	buf_add(&s->reply, s->stop_reply.data, s->stop_reply.len);
	return 0;
}

/*
 * ---- how a step is made, by the packets that QEMU's stub has for it ----
 *
 * 1: steps are possible, 2: no interrupts in them, 4: no timers. Timers are
 * the VMM's, and not ours to stop.
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
		return stub_malformed(s);
	if (!(bits & SSTEP_ENABLE) || bits & ~(SSTEP_ENABLE | SSTEP_NOIRQ))
		return stub_error(s, -EINVAL, "no such kind of step");
	s->step_irqs = !(bits & SSTEP_NOIRQ);
	return stub_ok(s);
}

int cmd_qemu_supported(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "sstepbits;sstep;PhyMemMode");
	return 0;
}
