// SPDX-License-Identifier: GPL-2.0-only
/* VMXDBG_RESET: a session asks the VMM for a reset of the VM. */
#include <linux/kernel.h>

#include "debug/reset_request.h"
#include "debug/still.h"
#include "debug/stop.h"
#include "debug/types.h"
#include "vcpu.h"
#include "vm.h"
#include "vmxdbg.h"

static bool all_stopped(struct vm *vm)
{
	struct vcpu *vcpu;
	bool stopped = true;
	unsigned int i;

	spin_lock(&vm->dbg_lock);
	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		stopped &= vcpu->stop;
	spin_unlock(&vm->dbg_lock);
	return stopped;
}

/*
 * Nothing of the time before the reset happens after it. A triple fault would be a second
 * reset for the VMM. stop_lock() held.
 */
static void forget_past(struct vcpu *vcpu)
{
	vcpu->inject.types = 0;
	clear_bit(REQ_INJECT, &vcpu->requests);
	vcpu->shutdown = false;
	vcpu->dead_end.exit_reason = 0;
	vcpu->stepping &= ~(STEP_SESSION | STEP_PASS | STEP_CATCH);
	spin_lock(&vcpu->vm->dbg_lock);
	vcpu->event_ready = false;
	vcpu->reported = false;
	vcpu->caught = false;
	spin_unlock(&vcpu->vm->dbg_lock);
}

static int forget_pasts(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;
	int r;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++) {
		r = stop_lock(vcpu);
		if (r)
			return r;
		forget_past(vcpu);
		stop_unlock(vcpu);
	}
	return 0;
}

/* dbg_lock held. */
static bool any_in_run(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		if (vcpu->in_run || vcpu->parked)
			return true;
	return false;
}

/*
 * All vCPUs are with the VMM, which calls KVM_RUN perhaps only when a timer of the guest
 * expires. Until reset_take() stops them again, none executes an instruction. dbg_lock held.
 */
static void let_all_go(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++) {
		still_over(vcpu);
		/* Pairs with vcpu_enter_run(). */
		smp_store_release(&vcpu->stop, false);
	}
}

int reset_request(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;
	int r;

	if (!vcpu_table_nr(&vm->vcpus))
		return -EAGAIN;
	if (!all_stopped(vm))
		return -EBUSY;
	r = forget_pasts(vm);
	if (r)
		return r;
	spin_lock(&vm->dbg_lock);
	vm->reset_asked = true;
	vm->reset_by = NULL;
	/* One that is not stopped when it comes to KVM_RUN takes the reset at this request. */
	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		set_bit(REQ_STOP, &vcpu->requests);
	if (!any_in_run(vm))
		let_all_go(vm);
	spin_unlock(&vm->dbg_lock);
	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		wake_up_all(&vcpu->park_wq);
	return 0;
}
