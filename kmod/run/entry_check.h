/* SPDX-License-Identifier: GPL-2.0-only */
/* Check of the guest state before each VM entry, on kernels with CONFIG_DEBUG_VM. */
#ifndef VMXDBG_RUN_ENTRY_CHECK_H
#define VMXDBG_RUN_ENTRY_CHECK_H

#include <linux/types.h>

struct vcpu;

/* Warn if VM entry should refuse the state. VMCS current, with all writes done. */
#if IS_ENABLED(CONFIG_DEBUG_VM)
void entry_check(struct vcpu *vcpu);
#else
static inline void entry_check(struct vcpu *vcpu)
{
}
#endif

#endif
