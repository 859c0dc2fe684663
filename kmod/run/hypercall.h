/* SPDX-License-Identifier: GPL-2.0-only */
/* VMCALL. */
#ifndef VMXDBG_RUN_HYPERCALL_H
#define VMXDBG_RUN_HYPERCALL_H

#include <linux/types.h>

struct vcpu;

/* Exit handler, does not sleep. Return: RUN_RESUME. */
int exit_vmcall(struct vcpu *vcpu);

#endif
