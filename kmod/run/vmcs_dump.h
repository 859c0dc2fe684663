/* SPDX-License-Identifier: GPL-2.0-only */
/* Log of the state at which VM entry failed. */
#ifndef VMXDBG_RUN_VMCS_DUMP_H
#define VMXDBG_RUN_VMCS_DUMP_H

#include <linux/types.h>

struct vcpu;

/* Once per VM; shown with dynamic debug on (pr_debug). May sleep. */
void vmcs_dump(struct vcpu *vcpu);

#endif
