// SPDX-License-Identifier: MIT
/* Records of hits, which the target makes while the guest runs on. */
#include <errno.h>

#include "guest/bp_print.h"
#include "guest/bp_table.h"
#include "guest/catchpoints.h"
#include "guest/event_words.h"
#include "guest/records.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "guest/trace.h"

/* About a second of hits, as fast as the guest can have them. */
#define RING_SIZE	(1U << 22)

/* A record is short, and its text may be long: so much of it at a stop. */
#define PRINT_MAX	(1U << 22)

int records_open(struct stub *s)
{
	int result;

	if (s->records.open)
		return 0;
	result = target_call(s->target, ring_open, RING_SIZE);
	if (result < 0)
		return reply_error(s, -EINVAL, result == -EOPNOTSUPP ?
				   "this target records nothing" :
				   "the target has no memory for records");
	s->records = (struct records){ .open = true };
	return 0;
}

void records_forget(struct stub *s)
{
	s->records = (struct records){ 0 };
	trace_reset(s);
}

/* ---- the parts of a record ---- */

static size_t block_size(const struct vmxdbg_record_block *block)
{
	size_t bytes = block->flags & VMXDBG_BLOCK_MISSING ? 0 : block->len;

	return sizeof(*block) + (bytes + 7) / 8 * 8;
}

const struct vmxdbg_record_block *records_block(const struct vmxdbg_record *record,
						const struct vmxdbg_record_block *block)
{
	const char *next = (const char *)(record + 1);

	if (block)
		next = (const char *)block + block_size(block);
	else if (record->flags & VMXDBG_RECORD_GENERAL)
		next += sizeof(struct kvm_regs);
	return next < (const char *)record + record->size ? (const void *)next : NULL;
}

const void *records_bytes(const struct vmxdbg_record_block *block)
{
	return block->flags & VMXDBG_BLOCK_MISSING ? NULL : block + 1;
}

/* ---- reading them ---- */

/* Return: how many bytes were printed. */
static size_t print_catchpoint(struct stub *s, const struct catchpoint *c,
			       const struct vmxdbg_record *record)
{
	BUF_ON_STACK(text, 400);

	event_put_record(c, record, &text);
	reply_console(s, "%s", text.data);
	return text.len;
}

/* @printed: bytes that were printed since the debugger could take them */
static void handle(struct stub *s, const struct vmxdbg_record *record, size_t *printed)
{
	const struct bp *bp = bp_table_by_id(s, record->id);
	const struct catchpoint *c = catchpoints_by_id(s, record->id);

	if (c && *printed < PRINT_MAX && !s->non_stop)
		*printed += print_catchpoint(s, c, record);
	else if (c)
		s->records.hidden++;
	if (!bp)
		trace_record(s, record);
	if (!bp || !bp->code)
		return;
	if (*printed < PRINT_MAX && !s->non_stop)
		*printed += bp_print(s, bp->code, record);
	else
		s->records.hidden++;
}

static void tell_lost(struct stub *s)
{
	uint64_t lost = s->target->ops->ring_lost(s->target);

	if (s->non_stop)
		return;
	if (lost != s->records.lost)
		reply_console(s, "%llu hits could not be recorded: the guest had them too fast\n",
			      (unsigned long long)(lost - s->records.lost));
	if (s->records.hidden)
		reply_console(s, "%llu hits are not printed: the debugger is too slow for them\n",
			      (unsigned long long)s->records.hidden);
	s->records.lost = lost;
	s->records.hidden = 0;
}

void records_drain(struct stub *s, bool all)
{
	const struct vmxdbg_record *record;
	size_t printed = 0;

	if (!s->records.open)
		return;
	while (all || link_wants_output(&s->link)) {
		record = s->target->ops->ring_next(s->target);
		if (!record) {
			tell_lost(s);
			return;
		}
		handle(s, record, &printed);
	}
}

bool records_wanted(const struct stub *s)
{
	return s->records.open && link_wants_output(&s->link);
}
