// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steal time, a structure of KVM's in guest memory. The vCPU's thread writes it at each
 * KVM_RUN, and where it gives its CPU away between two sections in the guest.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/stat.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/thread_info.h>
#include <asm/kvm_para.h>

#include "lib/compat.h"
#include "mmu/gpa.h"
#include "vcpu.h"
#include "vcpu/steal.h"
#include "vm.h"

/* The part that is written: up to the byte of the flag, and its padding */
#define WRITTEN	offsetof(struct kvm_steal_time, pad)

bool steal_available(void)
{
	return sched_info_on();
}

u64 steal_delay(void)
{
#ifdef CONFIG_SCHED_INFO
	return current->sched_info.run_delay;
#else
	return 0;
#endif
}

static u64 steal_gpa(const struct vcpu *vcpu)
{
	return vcpu->pv.steal & KVM_STEAL_VALID_BITS;
}

void steal_record(struct vcpu *vcpu)
{
	u64 gpa = steal_gpa(vcpu), delay = steal_delay();
	struct kvm_steal_time st;
	struct gpa_versioned to = {
		.gpa = gpa, .words = (u32 *)&st, .nr = WRITTEN / sizeof(u32),
		.version = offsetof(struct kvm_steal_time, version) / sizeof(u32),
	};

	/* Aligned like this, the structure never crosses a page. */
	BUILD_BUG_ON((sizeof(st) - 1) & KVM_STEAL_VALID_BITS);
	if (!(vcpu->pv.steal & KVM_MSR_ENABLED))
		return;
	if (gpa_read(vcpu->vm, gpa, &st, WRITTEN) != WRITTEN)
		return;
	st.version = ((st.version + 1) | 1) + 1;
	st.steal += delay - vcpu->pv.delay;
	st.preempted = 0;
	if (!gpa_write_versioned(vcpu->vm, &to))
		return;
	vcpu->pv.delay = delay;
	vcpu->pv.preempted = false;
}

/* Others of the guest's vCPUs need not wait for this one, which spins or holds a lock. */
static void tell_preempted(struct vcpu *vcpu)
{
	u64 gpa = steal_gpa(vcpu) + offsetof(struct kvm_steal_time, preempted);
	u8 preempted = KVM_VCPU_PREEMPTED;

	if ((vcpu->pv.steal & KVM_MSR_ENABLED) &&
	    gpa_write_nofault(vcpu->vm, gpa, &preempted, sizeof(preempted)))
		vcpu->pv.preempted = true;
}

void steal_yield(struct vcpu *vcpu)
{
	if (read_thread_flags() & COMPAT_RESCHED) {
		tell_preempted(vcpu);
		schedule();
	} else {
		cond_resched();		/* for RCU */
	}
}

void steal_tell_waits(struct vcpu *vcpu)
{
	if (vcpu->pv.preempted || steal_delay() != vcpu->pv.delay)
		steal_record(vcpu);
}
