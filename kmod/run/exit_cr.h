/* SPDX-License-Identifier: GPL-2.0-only */
/* MOV to and from control registers, CLTS, LMSW. */
#ifndef VMXDBG_RUN_EXIT_CR_H
#define VMXDBG_RUN_EXIT_CR_H

#include <linux/types.h>

struct vcpu;

/* Fast half: CR3 and CR8. Return: RUN_*. */
int exit_cr(struct vcpu *vcpu);

/* Slow half: CR0, CR4, and CR3 with PAE paging. Return: RUN_*. */
int exit_cr_slow(struct vcpu *vcpu);

#endif
