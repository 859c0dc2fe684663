// SPDX-License-Identifier: MIT
/* Packets that attach to a VM, and leave it. gdb sees a VM as a process. */
#include <errno.h>

#include "guest/conversation.h"
#include "guest/reply.h"
#include "packet/cmd_vm.h"
#include "wire/parse.h"

/* "target extended-remote": the conversation goes on without a VM. */
int cmd_extended(struct stub *s, char *args, size_t len)
{
	s->extended = true;
	return reply_ok(s);
}

/* "1" means that the debuggee existed before: gdb detaches when it quits. */
int cmd_attached(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "1");
	return 0;
}

/* Number of a VM in @text, which is all of it */
static int parse_vm(struct stub *s, const char *text, uint64_t *vm)
{
	if (!parse_hex(&text, vm) || *text)
		return reply_malformed(s);
	if (!*vm || *vm > UINT32_MAX)
		return reply_error(s, -ESRCH, "there is no such VM");
	return 0;
}

/* vAttach;VM: the reply is a stop reply, or in non-stop mode "OK". */
int cmd_attach(struct stub *s, char *args, size_t len)
{
	uint64_t vm;
	int result = parse_vm(s, args, &vm);

	if (result < 0)
		return result;
	if (s->attached)
		return reply_error(s, -EBUSY, "VM %u is attached: detach from it first", s->vm);
	result = conversation_attach(s, vm);
	if (result < 0)
		return result;
	if (s->non_stop)
		return reply_ok(s);
	buf_add(&s->reply, s->stop_reply.data, s->stop_reply.len);
	return 0;
}

static void leave(struct stub *s)
{
	if (s->extended)
		conversation_detach(s);
	else
		s->phase = STUB_FINISHED;
}

/* D or D;VM */
int cmd_detach(struct stub *s, char *args, size_t len)
{
	uint64_t vm;
	int result;

	if (*args) {
		result = parse_vm(s, args + 1, &vm);
		if (result < 0)
			return result;
		if (!s->attached || vm != s->vm)
			return reply_error(s, -ESRCH, "VM %llu is not attached",
					   (unsigned long long)vm);
	}
	leave(s);
	return reply_ok(s);
}

/*
 * Kill means detach, because the guest belongs to its VMM. To 'k' gdb reads no reply, and
 * lldb waits for one. To vKill gdb takes the first packet as reply, so no text can go
 * in front of it.
 */
int cmd_kill(struct stub *s, char *args, size_t len)
{
	leave(s);
	buf_puts(&s->reply, "X09");
	return 0;
}

int cmd_kill_vm(struct stub *s, char *args, size_t len)
{
	uint64_t vm;
	int result = parse_vm(s, args, &vm);

	if (result < 0)
		return result;
	if (!s->attached || vm != s->vm)
		return reply_error(s, -ESRCH, "VM %llu is not attached",
				   (unsigned long long)vm);
	leave(s);
	return reply_ok(s);
}
