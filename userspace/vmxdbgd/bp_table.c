// SPDX-License-Identifier: GPL-2.0-only
/*
 * The debugger's breakpoints and watchpoints, and the target's objects for
 * them.
 */
#include <errno.h>
#include <stdlib.h>

#include "bp_table.h"
#include "reply.h"
#include "target.h"

static bool same_key(const struct bp_key *a, const struct bp_key *b)
{
	return a->type == b->type && a->addr == b->addr && a->len == b->len;
}

static struct bp *find_bp(const struct stub *s, const struct bp_key *key)
{
	const struct bp_table *t = &s->bp_table;
	size_t i;

	for (i = 0; i < t->count; i++)
		if (same_key(&t->bps[i].key, key))
			return &t->bps[i];
	return NULL;
}

bool bp_table_wants(const struct stub *s, const struct bp_key *key)
{
	const struct bp *bp = find_bp(s, key);

	return bp && bp->wanted;
}

const struct bp *bp_table_by_id(const struct stub *s, uint32_t id)
{
	const struct bp_table *t = &s->bp_table;
	unsigned int j;
	size_t i;

	for (i = 0; i < t->count; i++)
		for (j = 0; j < t->bps[i].count; j++)
			if (t->bps[i].ids[j] == id)
				return &t->bps[i];
	return NULL;
}

/* ---- the target's objects ---- */

static void delete_pieces(struct stub *s, struct bp *bp)
{
	while (bp->count)
		s->target->ops->del_bp(s->target, bp->ids[--bp->count]);
}

void bp_table_flush(struct stub *s)
{
	struct bp_table *t = &s->bp_table;
	size_t i, kept = 0;

	for (i = 0; i < t->count; i++) {
		if (t->bps[i].wanted)
			t->bps[kept++] = t->bps[i];
		else
			delete_pieces(s, &t->bps[i]);
	}
	t->count = kept;
}

void bp_table_unwant_all(struct stub *s)
{
	size_t i;

	for (i = 0; i < s->bp_table.count; i++)
		s->bp_table.bps[i].wanted = false;
	s->bp_table.one_space = false;
}

void bp_table_forget(struct stub *s)
{
	free(s->bp_table.bps);
	s->bp_table = (struct bp_table){ 0 };
}

static const uint32_t target_type[] = {
	[BP_SOFT] = VMXDBG_BP_SOFT,
	[BP_HARD] = VMXDBG_BP_HARD,
	[BP_WRITE] = VMXDBG_BP_WRITE,
	[BP_ACCESS] = VMXDBG_BP_ACCESS,
};

static int add_piece(struct stub *s, struct bp *bp, uint64_t addr, uint64_t len)
{
	struct vmxdbg_bp piece = {
		.type = target_type[bp->key.type],
		.addr = addr,
		.len = len,
		.vcpu = s->general,
	};
	int result;

	if (bp->count == WATCH_PIECES)
		return reply_error(s, -ENOSPC,
				  "the region needs more than %d debug registers",
				  WATCH_PIECES);
	if (s->bp_table.one_space) {
		piece.flags |= VMXDBG_BP_CR3;
		piece.cr3 = s->bp_table.cr3;
	}
	result = s->target->ops->add_bp(s->target, &piece);
	if (result < 0)
		return result;
	bp->ids[bp->count++] = piece.id;
	return 0;
}

/*
 * A debug register watches 1, 2, 4 or 8 bytes at an address that is a multiple
 * of the length. Other regions need several debug registers.
 */
static int add_pieces(struct stub *s, struct bp *bp)
{
	uint64_t addr = bp->key.addr, left = bp->key.len, size;
	int result;

	for (; left; addr += size, left -= size) {
		size = 8;
		while (addr % size || size > left)
			size /= 2;
		result = add_piece(s, bp, addr, size);
		if (result < 0) {
			delete_pieces(s, bp);
			return result;
		}
	}
	return 0;
}

static int add_all_pieces(struct stub *s, struct bp *bp)
{
	int result = add_pieces(s, bp);

	/* Breakpoints that gdb has removed may occupy the debug registers. */
	if (result == -ENOSPC) {
		bp_table_flush(s);
		s->error[0] = '\0';
		result = add_pieces(s, bp);
	}
	if (result == -ENOSPC && !*s->error)
		reply_error(s, result, "no debug register is free, or there are too many breakpoints");
	return result;
}

static bool make_room(struct bp_table *t)
{
	size_t room = t->room ? 2 * t->room : 16;
	struct bp *bigger;

	if (t->count < t->room)
		return true;
	bigger = realloc(t->bps, room * sizeof(*bigger));
	if (!bigger)
		return false;
	t->bps = bigger;
	t->room = room;
	return true;
}

/* ---- gdb's breakpoints ---- */

int bp_table_insert(struct stub *s, const struct bp_key *key)
{
	struct bp *bp = find_bp(s, key);
	struct bp new = { .key = *key, .wanted = true };
	int result;

	if (bp) {
		bp->wanted = true;
		return 0;
	}
	result = add_all_pieces(s, &new);
	if (result < 0)
		return result;
	if (!make_room(&s->bp_table)) {
		delete_pieces(s, &new);
		return -ENOMEM;
	}
	s->bp_table.bps[s->bp_table.count++] = new;
	return 0;
}

void bp_table_remove(struct stub *s, const struct bp_key *key)
{
	struct bp *bp = find_bp(s, key);

	if (bp)
		bp->wanted = false;
}
