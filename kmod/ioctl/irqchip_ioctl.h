/* SPDX-License-Identifier: GPL-2.0-only */
/* Ioctls of a VM on its PICs and its I/O APIC. */
#ifndef VMXDBG_IOCTL_IRQCHIP_IOCTL_H
#define VMXDBG_IOCTL_IRQCHIP_IOCTL_H

#include <linux/compiler.h>

struct vm;

/* KVM_CREATE_IRQCHIP: PICs and I/O APIC here. Return: 0, -EEXIST, -EINVAL, -ENOMEM. */
long irqchip_create(struct vm *vm);

/* KVM_GET_IRQCHIP, KVM_SET_IRQCHIP. Return: 0, -EFAULT, -ENXIO, -EINVAL, -ENOMEM. */
long irqchip_get(struct vm *vm, void __user *user);
long irqchip_set(struct vm *vm, void __user *user);

/* KVM_IRQ_LINE, KVM_IRQ_LINE_STATUS. Return: 0, -ENXIO without a local APIC, -EFAULT. */
long irqchip_line(struct vm *vm, unsigned int cmd, void __user *user);

/*
 * The VM ends, and its buses are gone: free all chips and the PIT. Before its vCPUs, which the
 * chips use.
 */
void irqchip_free(struct vm *vm);

#endif
