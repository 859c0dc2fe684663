// SPDX-License-Identifier: MIT
/* The target's records of hits, handled one by one. */
#include "guest/bp_print.h"
#include "guest/bp_table.h"
#include "guest/catchpoints.h"
#include "guest/event_words.h"
#include "guest/records.h"
#include "guest/target.h"
#include "guest/terminal.h"
#include "guest/trace.h"
#include "guest/trace_record.h"

/* A record is short, and its text may be long: so much of it at a stop. */
#define PRINT_MAX	(1U << 22)

void records_forget(struct stub *s)
{
	s->records = (struct records){ 0 };
	terminal_forget(s);
	trace_reset(s);
}

/* Return: how many bytes were printed. */
static size_t print_catchpoint(struct stub *s, const struct catchpoint *c,
			       const struct vmxdbg_record *record)
{
	BUF_ON_STACK(text, 400);

	event_put_record(c, record, &text);
	terminal_put(s, text.data, text.len);
	return text.len;
}

/* @printed: bytes that were printed since the debugger could take them */
static void handle(struct stub *s, const struct vmxdbg_record *record, size_t *printed)
{
	const struct bp *bp = bp_table_by_id(s, record->id);
	const struct catchpoint *c = catchpoints_by_id(s, record->id);

	if (c && *printed < PRINT_MAX)
		*printed += print_catchpoint(s, c, record);
	else if (c)
		s->records.hidden++;
	if (!bp)
		trace_record(s, record);
	if (!bp || !bp->code)
		return;
	if (*printed < PRINT_MAX)
		*printed += bp_print(s, bp->code, record);
	else
		s->records.hidden++;
}

static void tell_lost(struct stub *s)
{
	uint64_t lost = s->target->ops->ring_lost(s->target);

	if (lost != s->records.lost)
		terminal_printf(s, "%llu hits could not be recorded: the guest had them too fast\n",
				(unsigned long long)(lost - s->records.lost));
	if (s->records.hidden)
		terminal_printf(s, "%llu hits are not printed: the debugger is too slow for them\n",
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
