// SPDX-License-Identifier: MIT
/* Monitor commands about steps and breakpoints. */
#include <errno.h>
#include <string.h>

#include "guest/address_space.h"
#include "guest/bp_table.h"
#include "guest/reply.h"
#include "guest/step_over.h"
#include "guest/target.h"
#include "monitor/monitor_command.h"

static int mon_irqs(struct stub *s, int argc, char **argv)
{
	return monitor_flag(s, argc, argv, &s->step_irqs);
}

/* ---- steps ---- */

static const struct step_kind {
	const char *name;
	uint32_t how;
	const char *words;
} step_kinds[] = {
	{ "insn", 0, "executes one instruction" },
	{ "branch", VMXDBG_RESUME_BRANCH, "runs to the next branch that is taken" },
	{ "return", VMXDBG_RESUME_RETURN, "runs until the function returns" },
	{ "over", STEP_OVER,
	  "executes one instruction and what it calls: a function, a handler, a system call" },
	{ "handler", VMXDBG_RESUME_INTO,
	  "executes one instruction, or stops in the handler of an interrupt or exception" },
};

#define NR_STEP_KINDS	(sizeof(step_kinds) / sizeof(*step_kinds))

static const struct step_kind *step_kind(const char *name)
{
	size_t i;

	for (i = 0; i < NR_STEP_KINDS; i++)
		if (!strcmp(step_kinds[i].name, name))
			return &step_kinds[i];
	return NULL;
}

static int step_possible(struct stub *s, const struct step_kind *kind)
{
	struct vmxdbg_info info;

	if (kind->how & (VMXDBG_RESUME_BRANCH | VMXDBG_RESUME_RETURN | STEP_OVER) &&
	    target_call(s->target, info, &info) == 0 &&
	    !(info.features & VMXDBG_FEATURE_BRANCH))
		return reply_error(s, -EOPNOTSUPP, "this VM steps single instructions only");
	return 0;
}

static int show_step(struct stub *s)
{
	size_t i;

	for (i = 0; i < NR_STEP_KINDS; i++)
		if (step_kinds[i].how == s->step_how)
			reply_console(s, "stepi %s\n", step_kinds[i].words);
	for (i = 1; i < NR_STEP_KINDS; i++)
		if (step_kinds[i].how == s->step_once)
			reply_console(s, "the next stepi %s\n", step_kinds[i].words);
	return 0;
}

/* A monitor command cannot resume the guest: it says what gdb's next commands do. */
static int mon_step(struct stub *s, int argc, char **argv)
{
	const struct step_kind *kind;
	int result;

	if (argc == 1)
		return show_step(s);
	if (!strcmp(argv[1], "irqs") && argc <= 3)
		return monitor_flag(s, argc - 1, argv + 1, &s->step_irqs);
	kind = argc == 2 ? step_kind(argv[1]) : NULL;
	if (!kind)
		return monitor_usage(s);
	result = step_possible(s, kind);
	if (result < 0)
		return result;
	s->step_how = kind->how;
	s->step_once = 0;
	show_step(s);
	if (kind->how)
		reply_console(s, "gdb also steps when it goes on from a breakpoint: monitor step insn before continue\n");
	return 0;
}

static int mon_until(struct stub *s, int argc, char **argv)
{
	const struct step_kind *kind = argc == 2 ? step_kind(argv[1]) : NULL;
	int result;

	if (!kind || !kind->how)
		return monitor_usage(s);
	result = step_possible(s, kind);
	if (result < 0)
		return result;
	s->step_once = kind->how;
	reply_console(s, "the next stepi %s\n", kind->words);
	return 0;
}

/* ---- address spaces ---- */

/*
 * While the guest is stopped, gdb has removed all its breakpoints, but the
 * target keeps them until something runs. Flush them, so that none of them is
 * used again with the old address space.
 */
static int mon_space(struct stub *s, int argc, char **argv)
{
	struct bp_table *t = &s->bp_table;
	BUF_ON_STACK(text, 100);
	int result;

	if (argc == 2 && !strcmp(argv[1], "this")) {
		result = address_space_of(s, s->general, &t->space);
		if (result < 0)
			return result;
		t->one_space = true;
	} else if (argc == 2 && !strcmp(argv[1], "any")) {
		t->one_space = false;
	} else if (argc != 1) {
		return monitor_usage(s);
	}
	bp_table_flush(s);
	if (t->one_space) {
		address_space_put(&t->space, &text);
		reply_console(s, "new breakpoints stop only in the address space of %s\n",
			      text.data);
	} else {
		reply_console(s, "new breakpoints stop in any address space\n");
	}
	return 0;
}

const struct monitor_command monitor_running[] = {
	{ "irqs", "[on|off]", "let interrupts into steps", .handler = mon_irqs },
	{ "step", "[insn|over|branch|return|handler] [irqs on|off]", "choose what stepi does",
	  .handler = mon_step },
	{ "until", "over|branch|return|handler", "choose what the next stepi does",
	  .handler = mon_until },
	{ "space", "[this|any]",
	  "let new breakpoints stop only in the vCPU's address space, or in any",
	  .handler = mon_space },
	{ 0 },
};
