/* SPDX-License-Identifier: GPL-2.0-only */
/* MOV to and from control registers, CLTS, LMSW. */
#ifndef VMXDBG_RUN_EXIT_CR_H
#define VMXDBG_RUN_EXIT_CR_H

#include <linux/types.h>

struct vcpu;

int exit_cr(struct vcpu *vcpu);		/* exit_cr.c */
int exit_cr_slow(struct vcpu *vcpu);

#endif
