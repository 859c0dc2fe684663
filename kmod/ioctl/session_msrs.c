// SPDX-License-Identifier: GPL-2.0-only
/* MSRs of a stopped vCPU, read and written by the debugger. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/err.h>
#include <linux/kvm.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "debug/session_object.h"
#include "debug/stop.h"
#include "ioctl/session_msrs.h"
#include "vcpu.h"
#include "vcpu/msr_debugger.h"
#include "vm.h"
#include "vmxdbg.h"

static int no_such_msr(struct vmxdbg_msrs *arg)
{
	arg->refused = VMXDBG_REFUSED_MSR;
	return -EINVAL;
}

/* Transfer until an entry fails, and count those done. */
static int transfer_msrs(struct vcpu *vcpu, struct kvm_msr_entry *entries,
			 struct vmxdbg_msrs *arg, bool write)
{
	int r = stop_lock(vcpu);

	if (r)
		return r;
	for (; arg->done < arg->count && !r; arg->done += !r) {
		struct kvm_msr_entry *e = &entries[arg->done];
		u64 val = e->data;

		if (write)
			r = msr_debugger_set(vcpu, e->index, val, &arg->refused);
		else if (msr_debugger_get(vcpu, e->index, &val))
			r = no_such_msr(arg);
		e->data = val;
	}
	stop_unlock(vcpu);
	if (r)
		pr_debug_ratelimited("MSR %#x: refused by rule %u\n",
				     entries[arg->done].index, arg->refused);
	return r;
}

int session_msrs(struct session *s, struct vmxdbg_msrs *arg, bool write)
{
	struct kvm_msr_entry __user *user = u64_to_user_ptr(arg->entries);
	struct kvm_msr_entry *entries;
	struct vcpu *vcpu;
	int r;

	arg->done = 0;
	arg->refused = 0;
	if (arg->count > VMXDBG_MSRS_MAX)
		return -EINVAL;
	vcpu = vm_vcpu(s->vm, arg->vcpu);
	if (!vcpu)
		return -ENOENT;
	entries = memdup_user(user, arg->count * sizeof(*entries));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	r = transfer_msrs(vcpu, entries, arg, write);
	if (!write && copy_to_user(user, entries, arg->done * sizeof(*entries)))
		r = -EFAULT;
	kfree(entries);
	return r;
}

int session_list_msrs(struct session *s, struct vmxdbg_msr_list *arg)
{
	struct vcpu *vcpu = vm_vcpu(s->vm, arg->vcpu);
	u32 *list, room = arg->count;
	int r;

	if (!vcpu)
		return -ENOENT;
	list = kmalloc_array(MSR_DEBUGGER_MAX, sizeof(*list), GFP_KERNEL_ACCOUNT);
	if (!list)
		return -ENOMEM;
	r = stop_lock(vcpu);
	if (!r) {
		arg->count = msr_debugger_list(vcpu, list);
		stop_unlock(vcpu);
		room = min(room, arg->count);
		if (copy_to_user(u64_to_user_ptr(arg->indices), list, room * sizeof(*list)))
			r = -EFAULT;
	}
	kfree(list);
	return r;
}
