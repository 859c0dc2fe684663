/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_RUN: enter the guest, dispatch exits, and serve requests in between. */
#ifndef VMXDBG_RUN_RUN_H
#define VMXDBG_RUN_RUN_H

#include <linux/types.h>

struct vcpu;

/**
 * vcpu_run() - the ioctl KVM_RUN
 * Context: vcpu->mutex held; may sleep.
 * Return: 0 with run->exit_reason set; -EINTR on a signal; another negative errno.
 */
int vcpu_run(struct vcpu *vcpu);

#endif
