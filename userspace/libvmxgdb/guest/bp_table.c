// SPDX-License-Identifier: MIT
/* The table of the debugger's breakpoints and watchpoints. */
#include <search.h>
#include <stdlib.h>

#include "guest/bp_table.h"
#include "guest/syscall_table.h"
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

struct bp *bp_table_find(const struct stub *s, const struct bp_key *key)
{
	struct bp wanted = { .key = *key };
	struct bp **found = tfind(&wanted, &s->bp_table.by_key, compare_keys);

	return found ? *found : NULL;
}

bool bp_table_wants(const struct stub *s, const struct bp_key *key)
{
	const struct bp *bp = bp_table_find(s, key);

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

struct bp *bp_table_put(struct bp_table *t, const struct bp *new)
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

bool bp_table_replace(struct bp_table *t, struct bp *bp, const struct bp *new)
{
	tdelete(bp, &t->by_id, compare_ids);
	free(bp->code);
	*bp = *new;
	return tsearch(bp, &t->by_id, compare_ids);
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
	syscall_table_flush(s);
}

void bp_table_unwant_all(struct stub *s)
{
	size_t i;

	for (i = 0; i < s->bp_table.count; i++)
		s->bp_table.bps[i]->wanted = false;
	s->bp_table.one_space = false;
	s->bp_table.syscalls.wanted = false;
}

void bp_table_forget(struct stub *s)
{
	struct bp_table *t = &s->bp_table;

	while (t->count)
		drop(t, t->bps[--t->count]);
	free(t->bps);
	free(t->syscalls.numbers);
	*t = (struct bp_table){ 0 };
}

void bp_table_remove(struct stub *s, const struct bp_key *key)
{
	struct bp *bp = bp_table_find(s, key);

	if (bp)
		bp->wanted = false;
}
