// SPDX-License-Identifier: GPL-2.0-only
/*
 * The number of vCPUs that stand still. A vCPU becomes quiet without a lock when its thread
 * leaves KVM_RUN, so each place that finds one quiet counts it. It stays counted until it is
 * resumed, although ->in_run is set for a moment when its thread comes back to KVM_RUN.
 */
#include <linux/spinlock.h>

#include "debug/still.h"
#include "irq/vm_hold.h"
#include "vcpu.h"
#include "vm.h"

static void hold_if_all(struct vm *vm)
{
	/* A VM without vCPUs has none that stands still. */
	if (!vm->time_runs && vm->nr_still &&
	    vm->nr_still == vcpu_table_nr(&vm->vcpus))
		vm_time_hold(vm);
}

void still_by_itself(struct vcpu *vcpu)
{
	if (vcpu->still)
		return;
	vcpu->still = true;
	vcpu->vm->nr_still++;
	hold_if_all(vcpu->vm);
}

void still_note(struct vcpu *vcpu)
{
	if (vcpu->stop && !READ_ONCE(vcpu->in_run))
		still_by_itself(vcpu);
}

/*
 * The time goes on when the vCPU's thread wakes up, so that the guest does not count the
 * time until then. A thread in the VMM may wait there for the time to go on.
 */
void still_over(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	if (vcpu->still) {
		vcpu->still = false;
		vm->nr_still--;
	}
	if (!vcpu->parked)
		vm_time_go_on(vm);
	set_bit(REQ_TIME, &vcpu->requests);
}

void still_awake(struct vcpu *vcpu)
{
	vm_time_go_on(vcpu->vm);
}

void still_new(struct vcpu *vcpu)
{
	still_note(vcpu);
	if (!vcpu->stop)
		vm_time_go_on(vcpu->vm);
}

void still_set_time(struct vm *vm, bool runs)
{
	spin_lock(&vm->dbg_lock);
	vm->time_runs = runs;
	if (runs)
		vm_time_go_on(vm);
	else
		hold_if_all(vm);
	spin_unlock(&vm->dbg_lock);
}
