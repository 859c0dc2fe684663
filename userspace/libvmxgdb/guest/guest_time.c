// SPDX-License-Identifier: MIT
/* The guest's time while all its vCPUs are stopped. */
#include "guest/guest_time.h"
#include "guest/target.h"

int guest_time_set(struct stub *s, bool runs)
{
	int result = target_call(s->target, set_time,
				 runs ? VMXDBG_TIME_RUN : VMXDBG_TIME_STOP);

	if (result == 0)
		s->time_runs = runs;
	return result;
}

/* On a line, the last debugger may have chosen something else in the same session. */
void guest_time_begin(struct stub *s)
{
	/* Without the operation nothing holds the time. */
	s->time_runs = true;
	guest_time_set(s, s->time_choice);
}
