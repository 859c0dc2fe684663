// SPDX-License-Identifier: MIT
/* The signals that stand for exceptions. */
#include <errno.h>

#include "guest/reply.h"
#include "guest/signals.h"
#include "guest/vectors.h"
#include "packet/cmd_signals.h"
#include "wire/parse.h"

#define VECTOR_PF	14
#define ERROR_PRESENT	1	/* bit of a #PF's error code: the page is there */

/* si_code of a SIGSEGV in Linux: the access has no right */
#define CODE_SEGV_ACCERR 2

/*
 * SIGNAL;SIGNAL;… (gdb's numbers, in hex): exceptions with these signals do not stop, as the
 * debugger would only go on.
 */
int cmd_pass_signals(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	uint64_t signal, mask = 0;

	while (*p) {
		if (!parse_hex(&p, &signal) || (*p && !parse_char(&p, ';')))
			return reply_malformed(s);
		if (signal < 64)
			mask |= 1ULL << signal;
	}
	s->passed_signals = mask;
	return reply_ok(s);
}

/* siginfo_t of x86-64 Linux, as far as it is used here. */
struct siginfo {
	int32_t signo;
	int32_t error;
	int32_t code;
	int32_t pad;
	uint64_t addr;
	uint8_t rest[104];
};

int siginfo_make(struct stub *s, const char *annex, struct buf *out)
{
	const struct vcpu *v = s->vcpus[s->general];
	const struct vmxdbg_event *event = &v->why.event;
	const struct vector *vector;
	struct siginfo info = { 0 };

	if (v->runs || v->why.caught != VMXDBG_CATCH_EXCEPTION)
		return -ENOENT;
	vector = vector_get(event->data[0]);
	if (!vector)
		return -ENOENT;
	/* SIGBUS alone has another number in Linux. */
	info.signo = vector->signal == SIGNAL_BUS ? 7 : vector->signal;
	info.code = vector->code;
	info.addr = event->rip;
	if (event->data[0] == VECTOR_PF) {
		info.addr = event->data[2];
		if (event->data[1] & ERROR_PRESENT)
			info.code = CODE_SEGV_ACCERR;
	}
	buf_add(out, &info, sizeof(info));
	return 0;
}
