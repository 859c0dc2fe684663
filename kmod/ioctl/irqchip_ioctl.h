/* SPDX-License-Identifier: GPL-2.0-only */
/* Ioctls of a VM on its interrupt controllers and its PIT. */
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

/* KVM_CREATE_PIT(2), KVM_GET_PIT(2), KVM_SET_PIT(2), KVM_REINJECT_CONTROL */
long irqchip_pit_ioctl(struct vm *vm, unsigned int cmd, void __user *user);

/* The VM ends, and its buses are gone. Before its vCPUs: the chips use them. */
void irqchip_free(struct vm *vm);

#endif
