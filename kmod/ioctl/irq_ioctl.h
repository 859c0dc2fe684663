/* SPDX-License-Identifier: GPL-2.0-only */
/* The run-plane ioctls for interrupt controllers, a subset of KVM's. */
#ifndef VMXDBG_IOCTL_IRQ_IOCTL_H
#define VMXDBG_IOCTL_IRQ_IOCTL_H

#include <linux/types.h>

struct vcpu;
struct vm;

/* KVM_ENABLE_CAP of KVM_CAP_SPLIT_IRQCHIP. @pins: of the VMM's I/O APIC. Return: 0, -errno. */
int irq_enable_split(struct vm *vm, u64 pins);

#define X2APIC_API_FLAGS	(KVM_X2APIC_API_USE_32BIT_IDS |	\
				 KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK)

/* KVM_ENABLE_CAP of KVM_CAP_X2APIC_API. Return: 0, -EINVAL. */
int irq_enable_x2apic_api(struct vm *vm, u64 flags);

/*
 * KVM_ENABLE_CAP of KVM_CAP_X86_APIC_BUS_CYCLES_NS. @ns: in a tick of the bus of local APICs.
 * Return: 0, -EINVAL, or -ENXIO without local APICs.
 */
int irq_enable_bus_tick(struct vm *vm, u64 ns);

/* KVM_SET_GSI_ROUTING, KVM_SIGNAL_MSI, KVM_SET_BOOT_CPU_ID. */
long irq_vm_ioctl(struct vm *vm, unsigned int cmd, void __user *user);

/*
 * KVM_GET_LAPIC, KVM_SET_LAPIC, KVM_INTERRUPT, KVM_SET_VAPIC_ADDR, KVM_TPR_ACCESS_REPORTING.
 * vcpu->mutex and state_mutex held.
 */
long irq_vcpu_ioctl(struct vcpu *vcpu, unsigned int cmd, void __user *user);

#endif
