// SPDX-License-Identifier: GPL-2.0-only
/* Breakpoints and watchpoints: gdb's on one side, the target's on the other. */
#include <errno.h>
#include <stdlib.h>

#include "commands.h"

static bool same_key(const struct bp_key *a, const struct bp_key *b)
{
	return a->type == b->type && a->addr == b->addr && a->len == b->len;
}

static struct bp *find(const struct stub *s, const struct bp_key *key)
{
	const struct bp_table *t = &s->bp_table;
	size_t i;

	for (i = 0; i < t->count; i++)
		if (same_key(&t->bps[i].key, key))
			return &t->bps[i];
	return NULL;
}

bool bps_wanted(const struct stub *s, const struct bp_key *key)
{
	const struct bp *bp = find(s, key);

	return bp && bp->wanted;
}

const struct bp *bps_by_id(const struct stub *s, uint32_t id)
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

/* ---- the target's side ---- */

static void delete_pieces(struct stub *s, struct bp *bp)
{
	while (bp->count)
		s->target->ops->del_bp(s->target, bp->ids[--bp->count]);
}

void bps_flush(struct stub *s)
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

void bps_unwant(struct stub *s)
{
	size_t i;

	for (i = 0; i < s->bp_table.count; i++)
		s->bp_table.bps[i].wanted = false;
	s->bp_table.one_space = false;
}

void bps_forget(struct stub *s)
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
	};
	int result;

	if (bp->count == WATCH_PIECES)
		return stub_error(s, -ENOSPC,
				  "the region needs more than %d debug registers",
				  WATCH_PIECES);
	if (bp->key.type == BP_SOFT)
		piece.vcpu = s->general;
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
 * of that; other regions take several.
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

static int insert(struct stub *s, struct bp *bp)
{
	int result = add_pieces(s, bp);

	/* What gdb has removed may be in the way. */
	if (result == -ENOSPC) {
		bps_flush(s);
		s->error[0] = '\0';
		result = add_pieces(s, bp);
	}
	if (result == -ENOSPC && !*s->error)
		stub_error(s, result, "no debug register is free");
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

/* ---- gdb's side ---- */

/* TYPE,ADDR,KIND: for breakpoints KIND is 1, for watchpoints the length. */
static int parse_key(struct stub *s, const char *p, struct bp_key *key)
{
	uint64_t type;

	if (!parse_hex(&p, &type) || !parse_char(&p, ',') ||
	    !parse_span(&p, &key->addr, &key->len))
		return stub_malformed(s);
	/* A condition or commands, which we did not say we can. */
	if (*p)
		return stub_malformed(s);
	if (type > BP_ACCESS || type == BP_READ)
		return -EOPNOTSUPP;
	key->type = type;
	if (!key->len || key->addr + key->len - 1 < key->addr)
		return stub_error(s, -EINVAL, "bad length");
	if (type <= BP_HARD && key->len != 1)
		return stub_error(s, -EINVAL, "a breakpoint's kind is 1");
	return 0;
}

/*
 * x86 has no watchpoint for reads alone. With the empty reply gdb takes one
 * for accesses and hides the stops at which the value has changed.
 */
static int unsupported(int error)
{
	return error == -EOPNOTSUPP ? 0 : error;
}

/* The protocol wants both to be idempotent: a packet may come twice. */
int cmd_insert_bp(struct stub *s, char *args, size_t len)
{
	struct bp new = { .wanted = true };
	struct bp *bp;
	int result = parse_key(s, args, &new.key);

	if (result < 0)
		return unsupported(result);
	bp = find(s, &new.key);
	if (bp) {
		bp->wanted = true;
		return stub_ok(s);
	}
	result = insert(s, &new);
	if (result < 0)
		return result;
	if (!make_room(&s->bp_table)) {
		delete_pieces(s, &new);
		return -ENOMEM;
	}
	s->bp_table.bps[s->bp_table.count++] = new;
	return stub_ok(s);
}

int cmd_remove_bp(struct stub *s, char *args, size_t len)
{
	struct bp_key key;
	struct bp *bp;
	int result = parse_key(s, args, &key);

	if (result < 0)
		return unsupported(result);
	bp = find(s, &key);
	if (bp)
		bp->wanted = false;
	return stub_ok(s);
}
