/* SPDX-License-Identifier: GPL-2.0-only */
/* Every entry is looked at, where the kernel checks itself. */
#ifndef VMXDBG_RUN_ENTRY_CHECK_H
#define VMXDBG_RUN_ENTRY_CHECK_H

#include <linux/types.h>

struct vcpu;

/* VMCS current, all of it written. */
#if IS_ENABLED(CONFIG_DEBUG_VM)
void entry_check(struct vcpu *vcpu);
#else
static inline void entry_check(struct vcpu *vcpu)
{
}
#endif

#endif
