// SPDX-License-Identifier: MIT
/* Packets that attach to a VM, and leave it. gdb sees a VM as a process. */
#include <errno.h>

#include "guest/conversation.h"
#include "guest/reply.h"
#include "guest/restart.h"
#include "guest/stay.h"
#include "guest/stops.h"
#include "guest/target.h"
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

/*
 * vAttach;VM: the reply is a stop reply, or in non-stop mode "OK". IDA sends it for the VM
 * that the connection has from its first packet on.
 */
int cmd_attach(struct stub *s, char *args, size_t len)
{
	bool before = s->attached;
	uint64_t vm;
	int result = parse_vm(s, args, &vm);

	if (result < 0)
		return result;
	if (before && s->vm != vm)
		return reply_error(s, -EBUSY, "VM %u is attached: detach from it first, or use another connection",
				   s->vm);
	result = before ? 0 : conversation_attach(s, vm);
	if (result < 0)
		return result;
	if (s->non_stop) {
		if (!before)
			stops_mark_new(s);
		return reply_ok(s);
	}
	buf_add(&s->reply, s->stop_reply.data, s->stop_reply.len);
	return 0;
}

/* Without a VM the connection of a trace that stays would have a second one. */
static int refuse_to_leave_trace(struct stub *s)
{
	if (!s->extended || !stay_wants_trace(s))
		return 0;
	return reply_error(s, -EBUSY, "a trace is to go on without gdb: end it, or disconnect");
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
	result = refuse_to_leave_trace(s);
	if (result < 0)
		return result;
	leave(s);
	return reply_ok(s);
}

/*
 * The guest belongs to its VMM: unless that has said how the guest is killed, kill means
 * detach.
 */
static int kill_vm(struct stub *s)
{
	int result = s->attached ? target_call(s->target, kill) : 0;

	return result == -EOPNOTSUPP ? 0 : result;
}

/*
 * To 'k' gdb reads no reply, and lldb waits for one. To vKill gdb takes the first packet
 * as reply, so no text can go in front of it.
 */
int cmd_kill(struct stub *s, char *args, size_t len)
{
	kill_vm(s);
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
	result = kill_vm(s);
	if (result < 0)
		return result;
	leave(s);
	return reply_ok(s);
}

/* ---- from the beginning ---- */

static int run_again(struct stub *s, int (*then)(struct stub *s, int result))
{
	int result = s->attached ? 0 : conversation_attach(s, TARGET_ANY_VM);

	return result < 0 ? then(s, result) : restart_guest(s, false, then);
}

static int reply_stop(struct stub *s, int result)
{
	if (result == 0)
		buf_add(&s->reply, s->stop_reply.data, s->stop_reply.len);
	/* In non-stop mode it is told once, too. */
	s->vcpus[s->stopped]->pending = s->vcpus[s->stopped]->pending && result < 0;
	return result;
}

/* vRun;FILE;ARGUMENT...: the VMM knows what it runs. The reply is a stop reply. */
int cmd_run(struct stub *s, char *args, size_t len)
{
	return s->target->ops->reset ? run_again(s, reply_stop) : 0;
}

static int reply_nothing(struct stub *s, int result)
{
	return REPLY_SENT;
}

/* R and a number that means nothing. There is no reply. */
int cmd_restart(struct stub *s, char *args, size_t len)
{
	return s->target->ops->reset ? run_again(s, reply_nothing) : 0;
}
