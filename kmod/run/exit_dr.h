/* SPDX-License-Identifier: GPL-2.0-only */
/* MOV to and from debug registers. */
#ifndef VMXDBG_RUN_EXIT_DR_H
#define VMXDBG_RUN_EXIT_DR_H

#include <linux/types.h>

struct vcpu;

/* Exit handler, does not sleep. Return: RUN_RESUME. */
int exit_dr(struct vcpu *vcpu);

#endif
