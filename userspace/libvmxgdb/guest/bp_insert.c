// SPDX-License-Identifier: MIT
/* Inserting gdb's breakpoints and watchpoints, with their conditions and commands. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/bp_code.h"
#include "guest/bp_insert.h"
#include "guest/bp_object.h"
#include "guest/bp_print.h"
#include "guest/bp_table.h"
#include "guest/record_ring.h"
#include "guest/reply.h"
#include "guest/target.h"

/* ---- its object ---- */

static int add_object(struct stub *s, struct bp *bp, const struct vmxdbg_options *options)
{
	return bp_object_add(s, &bp->key, options, &bp->id);
}

/*
 * A hit prints, and the guest runs on. gdb could not do a part of it, so all of it is
 * possible or it is an error.
 */
static int add_printing(struct stub *s, struct bp *bp)
{
	AGENT_CODE_ON_STACK(cond);
	AGENT_CODE_ON_STACK(record);
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_RECORD };
	const char *why = bp_code_condition(s, bp->code, &cond);
	int result;

	if (!why)
		why = bp_print_code(s, bp->code, &record);
	if (why)
		return reply_error(s, -EINVAL, "%s", why);
	result = record_ring_open(s);
	if (result < 0)
		return result;
	options.cond = (uintptr_t)cond.data;
	options.cond_len = cond.len;
	options.record = (uintptr_t)record.data;
	options.record_len = record.len;
	result = add_object(s, bp, &options);
	if (result == -EINVAL)
		reply_error(s, result, "the target cannot evaluate this: set dprintf-style gdb");
	return result;
}

/*
 * gdb looks at a condition again at each stop, so a breakpoint without it is right, only
 * slower.
 */
static int add_conditional(struct stub *s, struct bp *bp)
{
	AGENT_CODE_ON_STACK(cond);
	struct vmxdbg_options options = { 0 };
	int result;

	bp->left_to_gdb = bp_code_condition(s, bp->code, &cond);
	if (bp->left_to_gdb)
		return add_object(s, bp, NULL);
	options.cond = (uintptr_t)cond.data;
	options.cond_len = cond.len;
	result = add_object(s, bp, &options);
	if (result != -EINVAL)
		return result;
	bp->left_to_gdb = true;
	return add_object(s, bp, NULL);
}

static int add_with_code(struct stub *s, struct bp *bp)
{
	if (!bp->code)
		return add_object(s, bp, NULL);
	return bp_code_commands(bp->code) ? add_printing(s, bp) : add_conditional(s, bp);
}

static int add_or_make_room(struct stub *s, struct bp *bp)
{
	int result = add_with_code(s, bp);

	/* Breakpoints that gdb has removed may be what there is no room for. */
	if (result == -ENOSPC) {
		bp_table_flush(s);
		result = add_with_code(s, bp);
	}
	if (result == -ENOSPC)
		reply_error(s, result, "there are too many breakpoints");
	return result;
}

/* ---- gdb's breakpoints ---- */

static bool same_code(const struct bp *bp, const char *code)
{
	return !strcmp(bp->code ? bp->code : "", code);
}

/* Make @new with its object in the target. */
static int make(struct stub *s, struct bp *new, const struct bp_key *key, const char *code)
{
	int result;

	*new = (struct bp){ .key = *key, .wanted = true };
	if (*code) {
		new->code = strdup(code);
		if (!new->code)
			return -ENOMEM;
	}
	result = add_or_make_room(s, new);
	if (result < 0)
		free(new->code);
	return result;
}

/* The breakpoint is never without an object, so no hit is missed. */
static int replace(struct stub *s, struct bp *bp, const char *code)
{
	struct bp new;
	int result = make(s, &new, &bp->key, code);

	if (result < 0)
		return result;
	target_call(s->target, del_bp, bp->id);
	return bp_table_replace(&s->bp_table, bp, &new) ? 0 : -ENOMEM;
}

int bp_insert(struct stub *s, const struct bp_key *key, const char *code)
{
	struct bp *bp = bp_table_find(s, key);
	struct bp new;
	int result;

	if (bp) {
		bp->wanted = true;
		return same_code(bp, code) ? 0 : replace(s, bp, code);
	}
	result = make(s, &new, key, code);
	if (result < 0)
		return result;
	if (!bp_table_put(&s->bp_table, &new)) {
		target_call(s->target, del_bp, new.id);
		return -ENOMEM;
	}
	return 0;
}

void bp_insert_again(struct stub *s)
{
	const struct bp_table *t = &s->bp_table;
	char *code;
	size_t i;

	/* A breakpoint that cannot be made again stays as it was. */
	for (i = 0; i < t->count; i++) {
		code = t->bps[i]->code && t->bps[i]->wanted ? strdup(t->bps[i]->code) : NULL;
		if (code && !bp_code_commands(code))
			replace(s, t->bps[i], code);
		free(code);
	}
}
