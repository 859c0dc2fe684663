/* SPDX-License-Identifier: GPL-2.0-only */
/* KVM_RUN: into the guest, out of it, and what has to happen between. */
#ifndef VMXDBG_RUN_RUN_H
#define VMXDBG_RUN_RUN_H

#include <linux/types.h>

struct vcpu;

int vcpu_run(struct vcpu *vcpu);	/* KVM_RUN; vcpu->mutex held */

#endif
