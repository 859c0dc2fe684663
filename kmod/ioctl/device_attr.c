// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of the device and of vCPUs (KVM_GET_DEVICE_ATTR and its kin): the XCR0 that
 * guests can have, and the offset of a vCPU's TSC.
 */
#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/uaccess.h>

#include "ioctl/device_attr.h"
#include "vcpu.h"
#include "vcpu/fpu.h"
#include "vcpu/tsc.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

long dev_attr_ioctl(unsigned int cmd, const struct kvm_device_attr __user *user)
{
	struct kvm_device_attr attr;

	if (copy_from_user(&attr, user, sizeof(attr)))
		return -EFAULT;
	if (attr.group || attr.attr != KVM_X86_XCOMP_GUEST_SUPP)
		return -ENXIO;
	if (cmd == KVM_HAS_DEVICE_ATTR)
		return 0;
	return put_user(fpu_xcr0_mask, (u64 __user *)u64_to_user_ptr(attr.addr)) ? -EFAULT : 0;
}

static long set_tsc_offset(struct vcpu *vcpu, const u64 __user *user)
{
	u64 offset;

	if (get_user(offset, user))
		return -EFAULT;
	vmcs_get(&vcpu->vmcs);
	vcpu_tsc_set_offset(vcpu, offset);
	vmcs_put();
	return 0;
}

long vcpu_attr_ioctl(struct vcpu *vcpu, unsigned int cmd,
		     const struct kvm_device_attr __user *user)
{
	struct kvm_device_attr attr;
	u64 __user *at;

	if (copy_from_user(&attr, user, sizeof(attr)))
		return -EFAULT;
	if (attr.group != KVM_VCPU_TSC_CTRL || attr.attr != KVM_VCPU_TSC_OFFSET)
		return -ENXIO;
	at = u64_to_user_ptr(attr.addr);
	if (cmd == KVM_HAS_DEVICE_ATTR)
		return 0;
	if (cmd == KVM_SET_DEVICE_ATTR)
		return set_tsc_offset(vcpu, at);
	return put_user(vcpu_tsc_get_offset(vcpu), at) ? -EFAULT : 0;
}
