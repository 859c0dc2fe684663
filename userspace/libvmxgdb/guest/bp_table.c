// SPDX-License-Identifier: MIT
/*
 * The debugger's breakpoints and watchpoints, and the target's objects for
 * them.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "guest/address_space.h"
#include "guest/bp_code.h"
#include "guest/bp_print.h"
#include "guest/bp_table.h"
#include "guest/pause.h"
#include "guest/records.h"
#include "guest/reply.h"
#include "guest/target.h"

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_keys(const void *one, const void *other)
{
	const struct bp_key *a = &((const struct bp *)one)->key;
	const struct bp_key *b = &((const struct bp *)other)->key;
	int result = compare(a->addr, b->addr);

	if (!result)
		result = compare(a->type, b->type);
	return result ? result : compare(a->len, b->len);
}

static int compare_ids(const void *one, const void *other)
{
	return compare(((const struct bp *)one)->id, ((const struct bp *)other)->id);
}

static struct bp *find_bp(const struct stub *s, const struct bp_key *key)
{
	struct bp wanted = { .key = *key };
	struct bp **found = tfind(&wanted, &s->bp_table.by_key, compare_keys);

	return found ? *found : NULL;
}

bool bp_table_wants(const struct stub *s, const struct bp_key *key)
{
	const struct bp *bp = find_bp(s, key);

	return bp && bp->wanted;
}

const struct bp *bp_table_by_id(const struct stub *s, uint32_t id)
{
	struct bp wanted = { .id = id };
	struct bp **found = tfind(&wanted, &s->bp_table.by_id, compare_ids);

	return found ? *found : NULL;
}

/* ---- the table ---- */

static bool make_room(struct bp_table *t)
{
	size_t room = t->room ? 2 * t->room : 16;
	struct bp **bigger;

	if (t->count < t->room)
		return true;
	bigger = realloc(t->bps, room * sizeof(*bigger));
	if (!bigger)
		return false;
	t->bps = bigger;
	t->room = room;
	return true;
}

/* Take @bp out of the trees, and free it. */
static void drop(struct bp_table *t, struct bp *bp)
{
	tdelete(bp, &t->by_key, compare_keys);
	tdelete(bp, &t->by_id, compare_ids);
	free(bp->code);
	free(bp);
}

/*
 * Return: a copy of @new in the table, which owns @new->code; or NULL if there is no
 * memory.
 */
static struct bp *put(struct bp_table *t, const struct bp *new)
{
	struct bp *bp = malloc(sizeof(*bp));

	if (!bp)
		return NULL;
	*bp = *new;
	if (make_room(t) && tsearch(bp, &t->by_key, compare_keys) &&
	    tsearch(bp, &t->by_id, compare_ids)) {
		t->bps[t->count++] = bp;
		return bp;
	}
	drop(t, bp);
	return NULL;
}

void bp_table_flush(struct stub *s)
{
	struct bp_table *t = &s->bp_table;
	size_t i, kept = 0;

	for (i = 0; i < t->count; i++) {
		if (t->bps[i]->wanted) {
			t->bps[kept++] = t->bps[i];
		} else {
			target_call(s->target, del_bp, t->bps[i]->id);
			drop(t, t->bps[i]);
		}
	}
	t->count = kept;
}

void bp_table_unwant_all(struct stub *s)
{
	size_t i;

	for (i = 0; i < s->bp_table.count; i++)
		s->bp_table.bps[i]->wanted = false;
	s->bp_table.one_space = false;
}

void bp_table_forget(struct stub *s)
{
	struct bp_table *t = &s->bp_table;

	while (t->count)
		drop(t, t->bps[--t->count]);
	free(t->bps);
	*t = (struct bp_table){ 0 };
}

/* ---- the target's objects ---- */

static const uint32_t target_type[] = {
	[BP_SOFT] = VMXDBG_BP_SOFT,
	[BP_HARD] = VMXDBG_BP_HARD,
	[BP_WRITE] = VMXDBG_BP_WRITE,
	[BP_READ] = VMXDBG_BP_READ,
	[BP_ACCESS] = VMXDBG_BP_ACCESS,
};

/* Let the object stop in one address space. @cond: where its condition will be */
static int limit_to_space(const struct address_space *space, struct vmxdbg_bp *object,
			  struct vmxdbg_options *options, struct condition *cond)
{
	bool by_cr3;
	int result;

	cond->len = options->cond_len;
	if (cond->len)
		memcpy(cond->code, (const void *)(uintptr_t)options->cond, cond->len);
	result = address_space_require(space, cond, &by_cr3);
	if (result < 0)
		return result;
	if (by_cr3) {
		object->flags |= VMXDBG_BP_CR3;
		object->cr3 = space->cr3;
	}
	options->cond = cond->len ? (uintptr_t)cond->code : 0;
	options->cond_len = cond->len;
	object->options = (uintptr_t)options;
	return 0;
}

int bp_table_add_object(struct stub *s, const struct bp_key *key,
			const struct vmxdbg_options *options, uint32_t *id)
{
	struct vmxdbg_bp object = {
		.type = target_type[key->type],
		.addr = key->addr,
		.len = key->len,
		.vcpu = s->general,
		.options = (uintptr_t)options,
	};
	struct vmxdbg_options in_space;
	struct condition cond;
	bool paused;
	int result = 0;

	if (s->bp_table.one_space) {
		in_space = options ? *options : (struct vmxdbg_options){ 0 };
		result = limit_to_space(&s->bp_table.space, &object, &in_space, &cond);
	}
	if (result < 0)
		return reply_error(s, result, "the condition is too long");
	result = pause_begin(s, s->general, &paused);
	if (result < 0)
		return result;
	result = target_call(s->target, add_bp, &object);
	pause_end(s, s->general, paused);
	*id = object.id;
	return result;
}

static int add_object(struct stub *s, struct bp *bp, const struct vmxdbg_options *options)
{
	return bp_table_add_object(s, &bp->key, options, &bp->id);
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
	result = records_open(s);
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
	struct bp_table *t = &s->bp_table;
	struct bp new;
	int result = make(s, &new, &bp->key, code);

	if (result < 0)
		return result;
	target_call(s->target, del_bp, bp->id);
	tdelete(bp, &t->by_id, compare_ids);
	free(bp->code);
	*bp = new;
	return tsearch(bp, &t->by_id, compare_ids) ? 0 : -ENOMEM;
}

int bp_table_insert(struct stub *s, const struct bp_key *key, const char *code)
{
	struct bp *bp = find_bp(s, key);
	struct bp new;
	int result;

	if (bp) {
		bp->wanted = true;
		return same_code(bp, code) ? 0 : replace(s, bp, code);
	}
	result = make(s, &new, key, code);
	if (result < 0)
		return result;
	if (!put(&s->bp_table, &new)) {
		target_call(s->target, del_bp, new.id);
		return -ENOMEM;
	}
	return 0;
}

void bp_table_remove(struct stub *s, const struct bp_key *key)
{
	struct bp *bp = find_bp(s, key);

	if (bp)
		bp->wanted = false;
}
