/* SPDX-License-Identifier: GPL-2.0-only */
/* A VMCS from nothing, and the state of a processor after RESET. */
#ifndef VMXDBG_VCPU_VMCS_INIT_H
#define VMXDBG_VCPU_VMCS_INIT_H

#include <linux/types.h>

struct vcpu;

void vcpu_vmcs_init(struct vcpu *vcpu);	/* controls, host constants */
void vcpu_reset(struct vcpu *vcpu);		/* guest state as after RESET */

#endif
