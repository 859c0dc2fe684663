// SPDX-License-Identifier: GPL-2.0-only
/* Registers in struct kvm_run (KVM_CAP_SYNC_REGS), see sync_regs.h. */
#include <linux/string.h>

#include "vcpu.h"
#include "vcpu/regs.h"
#include "vcpu/sregs.h"
#include "vcpu/sync_regs.h"
#include "vcpu/vcpu_events.h"

/* Copy before the checks: the VMM may write the page at any time. */
static int take_regs(struct vcpu *vcpu)
{
	struct kvm_regs regs = vcpu->run->s.regs.regs;

	return vcpu_set_regs(vcpu, &regs);
}

static int take_sregs(struct vcpu *vcpu)
{
	struct kvm_sregs sregs = vcpu->run->s.regs.sregs;

	return vcpu_set_sregs(vcpu, &sregs);
}

static int take_events(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events = vcpu->run->s.regs.events;

	return vcpu_set_events(vcpu, &events);
}

/* If a set is refused, it and the following ones stay dirty. */
static int sync_take(struct vcpu *vcpu, u64 dirty)
{
	struct kvm_run *run = vcpu->run;

	if (dirty & KVM_SYNC_X86_REGS) {
		if (take_regs(vcpu))
			return -EINVAL;
		run->kvm_dirty_regs &= ~KVM_SYNC_X86_REGS;
	}
	if (dirty & KVM_SYNC_X86_SREGS) {
		if (take_sregs(vcpu))
			return -EINVAL;
		run->kvm_dirty_regs &= ~KVM_SYNC_X86_SREGS;
	}
	if (dirty & KVM_SYNC_X86_EVENTS) {
		if (take_events(vcpu))
			return -EINVAL;
		run->kvm_dirty_regs &= ~KVM_SYNC_X86_EVENTS;
	}
	return 0;
}

int vcpu_sync_take(struct vcpu *vcpu)
{
	u64 dirty = READ_ONCE(vcpu->run->kvm_dirty_regs);
	u64 valid = READ_ONCE(vcpu->run->kvm_valid_regs);
	int r;

	if ((dirty | valid) & ~(u64)KVM_SYNC_X86_VALID_FIELDS)
		return -EINVAL;
	if (!dirty)
		return 0;
	if (mutex_lock_killable(&vcpu->state_mutex))
		return -EINTR;
	set_bit(REQ_ENTRY, &vcpu->requests);
	r = sync_take(vcpu, dirty);
	mutex_unlock(&vcpu->state_mutex);
	return r;
}

void vcpu_sync_leave(struct vcpu *vcpu)
{
	struct kvm_sync_regs *sync = &vcpu->run->s.regs;
	u64 valid = READ_ONCE(vcpu->run->kvm_valid_regs);

	BUILD_BUG_ON(sizeof(*sync) > SYNC_REGS_SIZE_BYTES);
	if (valid & KVM_SYNC_X86_REGS)
		vcpu_get_regs(vcpu, &sync->regs);
	if (valid & KVM_SYNC_X86_SREGS)
		vcpu_get_sregs(vcpu, &sync->sregs);
	if (valid & KVM_SYNC_X86_EVENTS)
		vcpu_get_events(vcpu, &sync->events);
}
