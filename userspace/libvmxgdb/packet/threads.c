// SPDX-License-Identifier: MIT
/* vCPUs in words and XML. */
#include "guest/stops.h"
#include "guest/target.h"
#include "guest/vcpus.h"
#include "packet/threads.h"

void thread_describe(struct stub *s, int vcpu, struct buf *out)
{
	struct vmxdbg_vcpu state;

	if (s->vcpus[vcpu]->runs)
		buf_puts(out, "running, ");
	if (target_call(s->target, vcpu, vcpu, &state) < 0) {
		buf_puts(out, s->target->ops->vcpu ? "gone" : "stopped");
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

	/* In all-stop a stop of all has read them. */
	if (s->non_stop && s->attached && !s->gone)
		stops_new(s);
	/* gdb reads this at each stop, and each character takes time: no XML declaration. */
	buf_puts(out, "<threads>");
	for_each_vcpu(s, i) {
		if (s->gone)
			break;
		buf_puts(out, "<thread id=\"");
		vcpu_put_thread(s, i, out);
		buf_printf(out, "\" core=\"%d\" name=\"vCPU %d\">", i, i);
		thread_describe(s, i, out);
		buf_puts(out, "</thread>");
	}
	buf_puts(out, "</threads>");
}
