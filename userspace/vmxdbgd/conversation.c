// SPDX-License-Identifier: GPL-2.0-only
/* The beginning of a conversation with a debugger. */
#include "bp_table.h"
#include "conversation.h"
#include "parse.h"
#include "stops.h"
#include "vcpus.h"

int conversation_begin(struct stub *s)
{
	int result;

	s->running = s->gone = s->finished = false;
	s->swbreak = s->hwbreak = s->text_errors = false;
	s->physical = s->step_irqs = false;
	bp_table_unwant_all(s);
	result = stops_all(s);
	if (result < 0)
		return result;
	s->general = s->stopped = vcpu_first(s);
	s->resumed = THREAD_ALL;
	stops_initial(s);
	return 0;
}
