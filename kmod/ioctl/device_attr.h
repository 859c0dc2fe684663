/* SPDX-License-Identifier: GPL-2.0-only */
/* Attributes of the device and of vCPUs: KVM_GET_DEVICE_ATTR and its kin. */
#ifndef VMXDBG_IOCTL_DEVICE_ATTR_H
#define VMXDBG_IOCTL_DEVICE_ATTR_H

#include <linux/compiler_types.h>

struct kvm_device_attr;
struct vcpu;

/*
 * Each takes KVM_HAS_DEVICE_ATTR, KVM_GET_DEVICE_ATTR or KVM_SET_DEVICE_ATTR. The device has
 * no attribute that can be set. Return: 0, -ENXIO without such an attribute, or -EFAULT.
 */
long dev_attr_ioctl(unsigned int cmd, const struct kvm_device_attr __user *user);
long vcpu_attr_ioctl(struct vcpu *vcpu, unsigned int cmd,
		     const struct kvm_device_attr __user *user);

#endif
