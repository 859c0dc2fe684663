// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets that a session asks the VMM for. Devices and memory are the VMM's, so only the
 * VMM can reset the VM: KVM_RUN of one vCPU reports KVM_SYSTEM_EVENT_RESET. All vCPUs
 * stay stopped, while the VMM writes their registers and calls KVM_RUN again.
 */
#include <linux/kernel.h>

#include "debug/post.h"
#include "debug/reset.h"
#include "debug/still.h"
#include "debug/types.h"
#include "mmu/request.h"
#include "vcpu.h"
#include "vm.h"
#include "vmxdbg.h"

bool reset_take(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct vcpu *other;
	unsigned int i;

	if (likely(!vm->reset_asked))
		return false;
	vm->reset_asked = false;
	vm->reset_by = vcpu;
	vm->stop_new = true;
	for (i = 0; (other = vm_next_vcpu(vm, &i)); i++) {
		other->stop = true;
		still_note(other);
	}
	return true;
}

void reset_taken(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	smp_mb();	/* pairs with vcpu_enter_run(), as in stop_vcpus() */
	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		vcpu_request(vcpu, REQ_STOP, false);
}

/*
 * Other vCPUs than the first may wait in the VMM for the guest to start them, and a VMM
 * that has them in KVM_RUN may call it again before the reset.
 */
static bool vmm_returned(struct vcpu *vcpu)
{
	unsigned int first = 0;
	bool returns;

	spin_lock(&vcpu->vm->dbg_lock);
	returns = vcpu->vm->reset_by &&
		  (vcpu == vcpu->vm->reset_by || vcpu == vm_next_vcpu(vcpu->vm, &first));
	if (returns)
		vcpu->vm->reset_by = NULL;
	spin_unlock(&vcpu->vm->dbg_lock);
	return returns;
}

void reset_note_return(struct vcpu *vcpu)
{
	static const struct vmxdbg_event event = { .why = VMXDBG_WHY_RESET };

	if (vmm_returned(vcpu))
		post_event(vcpu, &event);
}

void reset_forget_return(struct vm *vm)
{
	vm->reset_by = NULL;
}

void reset_forget(struct vm *vm)
{
	vm->reset_asked = false;
	reset_forget_return(vm);
}
