/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of a VM or vCPU in a file descriptor of its own: KVM_GET_STATS_FD. */
#ifndef VMXDBG_IOCTL_STATS_FD_H
#define VMXDBG_IOCTL_STATS_FD_H

struct vcpu;
struct vm;

/* Each returns a file descriptor, which holds a reference on the VM, or an errno. */
int stats_fd_of_vm(struct vm *vm);
int stats_fd_of_vcpu(struct vcpu *vcpu);

#endif
