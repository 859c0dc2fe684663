// SPDX-License-Identifier: GPL-2.0-only
/* Events for the session, which read() of its file descriptor returns. */
#include <linux/string.h>
#include <linux/wait.h>

#include "debug/dbg_object.h"
#include "debug/post.h"
#include "debug/still.h"
#include "irq/vm_hold.h"
#include "lib/trace.h"
#include "vcpu.h"
#include "vcpu/regs.h"
#include "vm.h"
#include "vmxdbg.h"

/* dbg_lock held. All reasons for one stop go into one event. */
static struct vmxdbg_event *event_begin(struct vcpu *vcpu)
{
	struct vmxdbg_event *event = &vcpu->dbg_event;

	if (!vcpu->event_ready)
		memset(event, 0, sizeof(*event));
	vcpu->event_ready = true;
	event->vcpu = vcpu->id;
	return event;
}

static void add_objects(struct vmxdbg_event *event, const struct vmxdbg_event *part)
{
	unsigned int i;

	for (i = 0; i < part->nr_bps && event->nr_bps < VMXDBG_EVENT_BPS; i++)
		event->bps[event->nr_bps++] = part->bps[i];
}

/* The event describes only the first access. */
static void add_access(struct vmxdbg_event *event, const struct vmxdbg_event *part)
{
	if (event->addr || event->access)
		return;
	event->addr = part->addr;
	event->gpa = part->gpa;
	event->insn = part->insn;
	event->access = part->access;
	event->size = part->size;
	event->old_value = part->old_value;
	event->new_value = part->new_value;
}

/* dbg_lock held. */
static void add_to_event(struct vcpu *vcpu, const struct vmxdbg_event *part)
{
	struct vmxdbg_event *event = event_begin(vcpu);

	event->why |= part->why;
	event->dr6 |= part->dr6;
	if (part->error)
		event->error = part->error;
	add_objects(event, part);
	add_access(event, part);
	if (part->why & VMXDBG_WHY_CATCH)
		memcpy(event->data, part->data, sizeof(event->data));
}

bool post_event(struct vcpu *vcpu, const struct vmxdbg_event *part)
{
	u64 rip = vcpu_linear_rip(vcpu);
	struct vm *vm = vcpu->vm;

	spin_lock(&vm->dbg_lock);
	if (!post_has_listener(vm)) {
		spin_unlock(&vm->dbg_lock);
		return false;
	}
	add_to_event(vcpu, part);
	vcpu->dbg_event.rip = rip;
	vcpu->reported = vcpu->dbg_event.why & VMXDBG_WHY_BREAKPOINT;
	vcpu->reported_rip = rip;
	vcpu->stop = true;
	still_by_itself(vcpu);
	trace_vmxdbg_stop(vm->id, vcpu->id, rip, part->why);
	set_bit(REQ_STOP, &vcpu->requests);
	/* Not after the unlock: the session could be freed by then. */
	wake_up_all(&vm->session->wq);
	spin_unlock(&vm->dbg_lock);
	return true;
}

bool post_hits(struct vcpu *vcpu, const struct hits *hits, u32 why, u64 dr6)
{
	struct vmxdbg_event part = {
		.why = hits->why | why, .dr6 = dr6, .nr_bps = hits->nr,
		.error = hits->error, .addr = hits->addr, .gpa = hits->gpa,
		.insn = hits->insn, .access = hits->access, .size = hits->size,
		.old_value = hits->old_value, .new_value = hits->new_value,
	};

	memcpy(part.bps, hits->ids, sizeof(hits->ids));
	return post_event(vcpu, &part);
}

void post_vm_gone(struct vm *vm)
{
	spin_lock(&vm->dbg_lock);
	vm->dead = true;
	/* A session may have the VM for long, and no timer of it is of use any more. */
	vm_time_hold(vm);
	if (vm->session)
		wake_up_all(&vm->session->wq);
	spin_unlock(&vm->dbg_lock);
}
