/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_IRQFD: interrupts that a signal of an eventfd raises, and ends that signal another. */
#ifndef VMXDBG_IRQ_IRQFD_H
#define VMXDBG_IRQ_IRQFD_H

#include <linux/types.h>

struct kvm_irqfd;
struct vm;

/* When the module is loaded. Return: 0, -ENOMEM. */
int irqfd_init(void);
void irqfd_exit(void);

/* The VM is new. */
void irqfd_vm_init(struct vm *vm);

/**
 * irqfd_ioctl() - KVM_IRQFD
 *
 * After KVM_IRQFD_FLAG_DEASSIGN, no signal of the eventfd raises the interrupt any more on
 * return.
 * Context: may sleep; takes vm->irq.lock.
 * Return: 0; -EINVAL for flags, without local APICs, or to resample without the chips; -EBADF,
 * or -EINVAL for a file that is no eventfd; -EBUSY if the eventfd raises an interrupt of this VM
 * already; -ENOMEM.
 */
int irqfd_ioctl(struct vm *vm, const struct kvm_irqfd *arg);

/* The VM's file is closed: end them all. Context: may sleep. */
void irqfd_release(struct vm *vm);

#endif
