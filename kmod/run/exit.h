/* SPDX-License-Identifier: GPL-2.0-only */
/* Every reason for a VM exit (SDM vol. 3, appendix C), and who handles it. */
#ifndef VMXDBG_RUN_EXIT_H
#define VMXDBG_RUN_EXIT_H

#include <linux/types.h>

struct vcpu;

int exit_dispatch(struct vcpu *vcpu);	/* preemption off: RUN_* */
int exit_slow(struct vcpu *vcpu);	/* may sleep */

#endif
