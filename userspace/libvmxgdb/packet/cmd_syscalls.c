// SPDX-License-Identifier: MIT
#include <errno.h>

#include "guest/bp_table.h"
#include "guest/reply.h"
#include "guest/syscalls.h"
#include "guest/target.h"
#include "guest/terminal.h"
#include "packet/cmd_syscalls.h"

/* gdb removes them at each stop, and inserts them again before it resumes the guest. */
static int switch_off(struct stub *s)
{
	s->bp_table.syscalls.wanted = false;
	/* No resume of all vCPUs comes that would flush it. */
	if (s->non_stop)
		bp_table_flush(s);
	return reply_ok(s);
}

/* 0, or 1 with the numbers of the calls: ";N;N" */
int cmd_catch_syscalls(struct stub *s, char *args, size_t len)
{
	int result;

	if (!s->target->ops->add_bp || !s->target->ops->get_msrs)
		return 0;
	if (len == 1 && *args == '0')
		return switch_off(s);
	if (*args != '1' || !syscalls_valid(args + 1))
		return reply_malformed(s);
	result = syscalls_catch(s, args + 1);
	if (result == 0)
		return reply_ok(s);
	if (result == -EOPNOTSUPP)
		return 0;
	/* gdb shows that there was an error, but not which. */
	terminal_keep(s, "catch syscall: %s\n", reply_reason(s, result));
	return result;
}
