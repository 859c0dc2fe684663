/* SPDX-License-Identifier: GPL-2.0-only */
/* EPT violations: map memory, handle accesses to hooked pages, leave MMIO to mmio.c. */
#ifndef VMXDBG_RUN_EXIT_EPT_H
#define VMXDBG_RUN_EXIT_EPT_H

#include <linux/types.h>

struct vcpu;

/* Fast half. Return: RUN_*. */
int exit_ept_violation(struct vcpu *vcpu);

/* Slow half: map the page, or emulate MMIO. Return: RUN_* or a negative errno. */
int exit_ept_violation_slow(struct vcpu *vcpu);

#endif
