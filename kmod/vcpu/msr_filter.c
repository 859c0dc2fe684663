// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_X86_SET_MSR_FILTER: MSRs that the VMM takes away from its guest. The first range that
 * has the MSR and the kind of access decides; its bit 1 allows.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/kvm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "mmu/request.h"
#include "vcpu/msr_filter.h"
#include "vm.h"

#define BITMAP_BYTES	0x600	/* at most, same as KVM */

/* The local APIC in x2APIC mode: no filter applies, same as KVM. */
#define X2APIC_FIRST	0x800U
#define X2APIC_LAST	0x8ffU

#define BOTH		(KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE)

struct msr_filter {
	bool deny;		/* MSRs that are in no range */
	unsigned int nr;
	struct {
		u32 access, base, nr;
		unsigned long *allowed;
	} range[KVM_MSR_FILTER_MAX_RANGES];
};

static void filter_free(struct msr_filter *filter)
{
	unsigned int i;

	if (!filter)
		return;
	for (i = 0; i < filter->nr; i++)
		kfree(filter->range[i].allowed);
	kfree(filter);
}

static int take_range(struct msr_filter *filter, const struct kvm_msr_filter_range *arg)
{
	size_t size = BITS_TO_LONGS((size_t)arg->nmsrs) * sizeof(long);
	unsigned long *allowed;

	if (!arg->nmsrs)
		return 0;
	if (!arg->flags || (arg->flags & ~BOTH) || size > BITMAP_BYTES)
		return -EINVAL;
	allowed = memdup_user((void __user *)arg->bitmap, size);
	if (IS_ERR(allowed))
		return PTR_ERR(allowed);
	filter->range[filter->nr].access = arg->flags;
	filter->range[filter->nr].base = arg->base;
	filter->range[filter->nr].nr = arg->nmsrs;
	filter->range[filter->nr].allowed = allowed;
	filter->nr++;
	return 0;
}

static struct msr_filter *filter_make(const struct kvm_msr_filter *arg)
{
	struct msr_filter *filter = kzalloc(sizeof(*filter), GFP_KERNEL_ACCOUNT);
	unsigned int i;
	int r = 0;

	if (!filter)
		return ERR_PTR(-ENOMEM);
	filter->deny = arg->flags & KVM_MSR_FILTER_DEFAULT_DENY;
	for (i = 0; i < ARRAY_SIZE(arg->ranges) && !r; i++)
		r = take_range(filter, &arg->ranges[i]);
	if (!r && filter->deny && !filter->nr)
		r = -EINVAL;
	if (!r)
		return filter;
	filter_free(filter);
	return ERR_PTR(r);
}

int msr_filter_set(struct vm *vm, const struct kvm_msr_filter *arg)
{
	struct msr_filter *filter, *old;

	if (arg->flags & ~KVM_MSR_FILTER_DEFAULT_DENY)
		return -EINVAL;
	filter = filter_make(arg);
	if (IS_ERR(filter))
		return PTR_ERR(filter);
	mutex_lock(&vm->lock);
	old = rcu_replace_pointer(vm->msr_filter, filter, lockdep_is_held(&vm->lock));
	/* Makes new MSR bitmaps. */
	vm_request(vm, REQ_CATCH);
	mutex_unlock(&vm->lock);
	synchronize_rcu();
	filter_free(old);
	return 0;
}

void msr_filter_end(struct vm *vm)
{
	filter_free(rcu_dereference_protected(vm->msr_filter, true));
}

static bool filter_allows(const struct msr_filter *filter, u32 index, u32 access)
{
	unsigned int i;

	for (i = 0; i < filter->nr; i++) {
		u32 at = index - filter->range[i].base;

		if (index >= filter->range[i].base && at < filter->range[i].nr &&
		    (filter->range[i].access & access))
			return test_bit(at, filter->range[i].allowed);
	}
	return !filter->deny;
}

bool msr_filter_allows(const struct vm *vm, u32 index, u32 access)
{
	const struct msr_filter *filter;
	bool allowed = true;

	if (likely(!rcu_access_pointer(vm->msr_filter)) ||
	    (index >= X2APIC_FIRST && index <= X2APIC_LAST))
		return true;
	rcu_read_lock();
	filter = rcu_dereference(vm->msr_filter);
	if (filter)
		allowed = filter_allows(filter, index, access);
	rcu_read_unlock();
	return allowed;
}
