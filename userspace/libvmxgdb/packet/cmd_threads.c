// SPDX-License-Identifier: MIT
/* Packets about vCPUs. gdb sees them as threads. */
#include <errno.h>

#include "guest/reply.h"
#include "guest/stops.h"
#include "guest/vcpus.h"
#include "packet/cmd_threads.h"
#include "packet/threads.h"
#include "wire/parse.h"

#define THREADS_IN_REPLY	100	/* fewer than 1000 characters, for any debugger */

/* The thread id @text, which is all of it; -ESRCH if there is no such vCPU. */
static int parse_vcpu(struct stub *s, const char *text, int *vcpu)
{
	int result = vcpu_parse_thread(s, &text, vcpu);

	if (result < 0)
		return result;
	if (*text)
		return reply_malformed(s);
	if (*vcpu >= 0 && !vcpu_exists(s, *vcpu))
		return reply_error(s, -ESRCH, "there is no such vCPU");
	return 0;
}

static int parse_one_vcpu(struct stub *s, const char *text, int *vcpu)
{
	int result = parse_vcpu(s, text, vcpu);

	if (result < 0)
		return result;
	if (*vcpu < 0 || s->gone)
		return reply_error(s, -ESRCH, "there is no such vCPU");
	return 0;
}

/* H OP THREAD: choose the thread for the packets of kind OP. */
int cmd_select_thread(struct stub *s, char *args, size_t len)
{
	int vcpu, result;

	if (*args != 'g' && *args != 'c')
		return reply_malformed(s);
	result = parse_vcpu(s, args + 1, &vcpu);
	if (result < 0)
		return result;
	if (*args == 'c') {
		s->resumed = vcpu;
		return reply_ok(s);
	}
	if (vcpu == THREAD_ALL)
		return reply_error(s, -EINVAL, "all threads at once have no registers");
	s->general = vcpu < 0 ? (int)s->stopped : vcpu;
	return reply_ok(s);
}

int cmd_thread_alive(struct stub *s, char *args, size_t len)
{
	int vcpu, result = parse_one_vcpu(s, args, &vcpu);

	return result < 0 ? result : reply_ok(s);
}

int cmd_current_thread(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "QC");
	vcpu_put_thread(s, s->general, &s->reply);
	return 0;
}

int cmd_first_threads(struct stub *s, char *args, size_t len)
{
	if (s->non_stop && s->attached && !s->gone)
		stops_new(s);
	s->threads_from = 0;
	return cmd_more_threads(s, args, len);
}

/* The vCPUs from the one on with which the last reply ended. */
int cmd_more_threads(struct stub *s, char *args, size_t len)
{
	const char *separator = "m";
	int i = vcpu_set_next(&s->exist, s->threads_from), count;

	for (count = 0; i < VCPUS_MAX && count < THREADS_IN_REPLY; count++) {
		buf_puts(&s->reply, separator);
		vcpu_put_thread(s, i, &s->reply);
		separator = ",";
		i = vcpu_set_next(&s->exist, i + 1);
	}
	s->threads_from = i;
	if (!count)
		buf_puts(&s->reply, "l");
	return 0;
}

int cmd_thread_extra(struct stub *s, char *args, size_t len)
{
	BUF_ON_STACK(text, 128);
	int vcpu, result = parse_one_vcpu(s, args, &vcpu);

	if (result < 0)
		return result;
	buf_printf(&text, "vCPU %d, ", vcpu);
	thread_describe(s, vcpu, &text);
	buf_hex(&s->reply, text.data, text.len);
	return 0;
}
