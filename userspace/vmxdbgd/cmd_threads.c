// SPDX-License-Identifier: GPL-2.0-only
/* Packets about vCPUs. gdb sees them as threads: vCPU n is thread n + 1. */
#include <errno.h>

#include "cmd_threads.h"
#include "parse.h"
#include "reply.h"
#include "target.h"
#include "vcpus.h"

/* Add the state of a vCPU in words ("halted, host thread 123"). */
static void describe_vcpu(struct stub *s, int vcpu, struct buf *out)
{
	struct vmxdbg_vcpu state;

	if (s->target->ops->vcpu(s->target, vcpu, &state) < 0) {
		buf_puts(out, "gone");
		return;
	}
	if (state.flags & VMXDBG_VCPU_HALTED)
		buf_puts(out, "halted, ");
	if (state.flags & VMXDBG_VCPU_IO_PENDING)
		buf_puts(out, "in an I/O instruction, ");
	if (state.flags & VMXDBG_VCPU_IN_VMM)
		buf_puts(out, "in its VMM, ");
	buf_printf(out, "host thread %d", state.tid);
}

void threads_xml(struct stub *s, struct buf *out)
{
	int i;

	buf_puts(out, "<?xml version=\"1.0\"?>\n<threads>\n");
	for (i = 0; i < VCPUS_MAX; i++) {
		if (!vcpu_exists(s, i))
			continue;
		buf_printf(out, "<thread id=\"%x\" core=\"%d\" name=\"vCPU %d\">",
			   i + 1, i, i);
		describe_vcpu(s, i, out);
		buf_puts(out, "</thread>\n");
	}
	buf_puts(out, "</threads>\n");
}

/* H OP THREAD: choose the thread for the packets of kind OP. */
int cmd_select_thread(struct stub *s, char *args, size_t len)
{
	const char *p = args + 1;
	int vcpu;

	if ((*args != 'g' && *args != 'c') || !parse_thread(&p, &vcpu) || *p)
		return reply_malformed(s);
	if (vcpu >= 0 && !vcpu_exists(s, vcpu))
		return reply_error(s, -ESRCH, "there is no such vCPU");
	if (*args == 'c')
		s->resumed = vcpu;
	else
		s->general = vcpu < 0 ? (int)s->stopped : vcpu;
	return reply_ok(s);
}

int cmd_thread_alive(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	int vcpu;

	if (!parse_thread(&p, &vcpu) || *p)
		return reply_malformed(s);
	if (s->gone || !vcpu_exists(s, vcpu))
		return reply_error(s, -ESRCH, "there is no such vCPU");
	return reply_ok(s);
}

int cmd_current_thread(struct stub *s, char *args, size_t len)
{
	buf_printf(&s->reply, "QC%x", s->general + 1);
	return 0;
}

int cmd_first_threads(struct stub *s, char *args, size_t len)
{
	char separator = 'm';
	int i;

	for (i = 0; i < VCPUS_MAX; i++) {
		if (!vcpu_exists(s, i))
			continue;
		buf_printf(&s->reply, "%c%x", separator, i + 1);
		separator = ',';
	}
	if (!s->reply.len)
		buf_puts(&s->reply, "l");
	return 0;
}

/* The first reply has all threads. */
int cmd_more_threads(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "l");
	return 0;
}

int cmd_thread_extra(struct stub *s, char *args, size_t len)
{
	BUF_ON_STACK(text, 128);
	const char *p = args;
	int vcpu;

	if (!parse_thread(&p, &vcpu) || *p)
		return reply_malformed(s);
	if (!vcpu_exists(s, vcpu))
		return reply_error(s, -ESRCH, "there is no such vCPU");
	buf_printf(&text, "vCPU %d, ", vcpu);
	describe_vcpu(s, vcpu, &text);
	buf_hex(&s->reply, text.data, text.len);
	return 0;
}
