/* SPDX-License-Identifier: GPL-2.0-only */
/* EPT violations: memory to be mapped, hooked pages, and what is no memory. */
#ifndef VMXDBG_RUN_EXIT_EPT_H
#define VMXDBG_RUN_EXIT_EPT_H

#include <linux/types.h>

struct vcpu;

int exit_ept_violation(struct vcpu *vcpu);	/* exit_ept.c: fast half */
int exit_ept_violation_slow(struct vcpu *vcpu);

#endif
