// SPDX-License-Identifier: GPL-2.0-only
/* vCPUs as gdb's threads: vCPU n is thread n + 1. */
#include <errno.h>

#include "commands.h"

bool vcpu_exists(const struct stub *s, int vcpu)
{
	return vcpu >= 0 && vcpu < VCPUS_MAX && s->vcpu_mask >> vcpu & 1;
}

int vcpu_first(const struct stub *s)
{
	return s->vcpu_mask ? __builtin_ctzll(s->vcpu_mask) : 0;
}

/* A guest may get more vCPUs while it runs. */
void vcpus_refresh(struct stub *s)
{
	struct vmxdbg_info info;

	if (!s->target->ops->info(s->target, &info))
		s->vcpu_mask = info.vcpu_mask;
}

/* "halted", "in the VMM", ...: what a person wants to know about a vCPU. */
static void describe(struct stub *s, int vcpu, struct buf *out)
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
		describe(s, i, out);
		buf_puts(out, "</thread>\n");
	}
	buf_puts(out, "</threads>\n");
}

/* H OP THREAD: which thread the packets of kind OP are about. */
int cmd_select_thread(struct stub *s, char *args, size_t len)
{
	const char *p = args + 1;
	int vcpu;

	if ((*args != 'g' && *args != 'c') || !parse_thread(&p, &vcpu) || *p)
		return stub_malformed(s);
	if (vcpu >= 0 && !vcpu_exists(s, vcpu))
		return stub_error(s, -ESRCH, "no such vCPU");
	if (*args == 'c')
		s->resumed = vcpu;
	else
		s->general = vcpu < 0 ? (int)s->stopped : vcpu;
	return stub_ok(s);
}

int cmd_thread_alive(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	int vcpu;

	if (!parse_thread(&p, &vcpu) || *p)
		return stub_malformed(s);
	if (s->gone || !vcpu_exists(s, vcpu))
		return stub_error(s, -ESRCH, "no such vCPU");
	return stub_ok(s);
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

/* All of them fit in the first reply. */
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
		return stub_malformed(s);
	if (!vcpu_exists(s, vcpu))
		return stub_error(s, -ESRCH, "no such vCPU");
	buf_printf(&text, "vCPU %d, ", vcpu);
	describe(s, vcpu, &text);
	buf_hex(&s->reply, text.data, text.len);
	return 0;
}
