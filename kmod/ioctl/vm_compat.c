// SPDX-License-Identifier: GPL-2.0-only
/* Ioctls of a VM that differ in 32-bit programs: see vm_compat.h. */
#include <linux/compat.h>
#include <linux/errno.h>
#include <linux/ioctl.h>
#include <linux/kvm.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include "ioctl/vm_compat.h"
#include "mmu/dirty_log.h"
#include "vcpu/msr_filter.h"

struct compat_msr_filter {
	__u32 flags;
	struct {
		__u32 flags;
		__u32 nmsrs;
		__u32 base;
		__u32 bitmap;
	} ranges[KVM_MSR_FILTER_MAX_RANGES];
};

/* KVM_X86_SET_MSR_FILTER: the number has the size of the argument in it. */
#define COMPAT_SET_MSR_FILTER	_IOW(KVMIO, 0xc6, struct compat_msr_filter)

static long compat_set_msr_filter(struct vm *vm, void __user *user)
{
	struct compat_msr_filter arg;
	struct kvm_msr_filter filter = { };
	unsigned int i;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	filter.flags = arg.flags;
	for (i = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++) {
		filter.ranges[i].flags = arg.ranges[i].flags;
		filter.ranges[i].nmsrs = arg.ranges[i].nmsrs;
		filter.ranges[i].base = arg.ranges[i].base;
		filter.ranges[i].bitmap = (__force __u8 *)compat_ptr(arg.ranges[i].bitmap);
	}
	return msr_filter_set(vm, &filter);
}

/* The program has written only half of the union that the pointer is in. */
static long compat_get_dirty_log(struct vm *vm, void __user *user)
{
	struct kvm_dirty_log log;

	if (copy_from_user(&log, user, sizeof(log)))
		return -EFAULT;
	log.dirty_bitmap = compat_ptr(log.padding2);
	return dirty_log_get(vm, &log);
}

static long compat_clear_dirty_log(struct vm *vm, void __user *user)
{
	struct kvm_clear_dirty_log log;

	if (copy_from_user(&log, user, sizeof(log)))
		return -EFAULT;
	log.dirty_bitmap = compat_ptr(log.padding2);
	return dirty_log_clear(vm, &log);
}

long vm_compat_call(struct vm *vm, unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case COMPAT_SET_MSR_FILTER:
		return compat_set_msr_filter(vm, user);
	case KVM_GET_DIRTY_LOG:
		return compat_get_dirty_log(vm, user);
	case KVM_CLEAR_DIRTY_LOG:
		return compat_clear_dirty_log(vm, user);
	default:
		return -ENOIOCTLCMD;
	}
}
