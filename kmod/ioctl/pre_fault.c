// SPDX-License-Identifier: GPL-2.0-only
/* KVM_PRE_FAULT_MEMORY: as if the guest had read a range of its memory. */
#include <linux/align.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>

#include "ioctl/pre_fault.h"
#include "kvm_newer.h"
#include "mmu/ept.h"
#include "vcpu.h"

static bool range_ok(const struct kvm_pre_fault_memory *range)
{
	return !range->flags && PAGE_ALIGNED(range->gpa) && PAGE_ALIGNED(range->size) &&
	       range->gpa + range->size > range->gpa;
}

/* Return: 0 once all is mapped, or -errno. vcpu->mutex held. */
static long pre_fault(struct vcpu *vcpu, struct kvm_pre_fault_memory *range)
{
	long r;

	do {
		r = ept_prefault(vcpu, range->gpa);
		if (r < 0)
			return r;
		r = min_t(u64, r, range->size);
		range->gpa += r;
		range->size -= r;
	} while (range->size);
	return 0;
}

long pre_fault_ioctl(struct vcpu *vcpu, void __user *user)
{
	struct kvm_pre_fault_memory range;
	u64 size;
	long r;

	if (copy_from_user(&range, user, sizeof(range)))
		return -EFAULT;
	if (!range_ok(&range))
		return -EINVAL;
	size = range.size;
	if (mutex_lock_killable(&vcpu->mutex))
		return -EINTR;
	r = pre_fault(vcpu, &range);
	mutex_unlock(&vcpu->mutex);
	if (copy_to_user(user, &range, sizeof(range)))
		return -EFAULT;
	return range.size == size ? r : 0;
}
