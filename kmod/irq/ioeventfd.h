/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_IOEVENTFD: writes of the guest that signal an eventfd, without an exit to the VMM. */
#ifndef VMXDBG_IRQ_IOEVENTFD_H
#define VMXDBG_IRQ_IOEVENTFD_H

struct kvm_ioeventfd;
struct vm;

/**
 * ioeventfd_ioctl() - KVM_IOEVENTFD
 *
 * After KVM_IOEVENTFD_FLAG_DEASSIGN, no write signals the eventfd any more on return.
 * Context: may sleep; takes vm->irq.lock.
 * Return: 0; -EINVAL for flags, length or range; -EBADF, or -EINVAL for a file that is no
 * eventfd; -EEXIST if another one takes such writes already; -ENOENT: there is none to
 * deassign; -ENOSPC, -ENOMEM.
 */
int ioeventfd_ioctl(struct vm *vm, const struct kvm_ioeventfd *arg);

#endif
