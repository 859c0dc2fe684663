/* SPDX-License-Identifier: GPL-2.0-only */
/* Execution controls and bitmaps that make events exit for catches. */
#ifndef VMXDBG_DEBUG_CATCH_PLAN_H
#define VMXDBG_DEBUG_CATCH_PLAN_H

#include <linux/types.h>

#include "debug/catch.h"
#include "vcpu.h"

/* Set vcpu->catching to @types, and the controls for them. VMCS current. */
void catch_plan(struct vcpu *vcpu, u32 types);

/* Before an entry with a request: find the types to catch, and plan if they changed. */
static inline void catch_choose(struct vcpu *vcpu)
{
	u32 types = READ_ONCE(vcpu->vm->catch_types);

	if (vcpu->stepping & STEP_CATCH)
		types &= ~CATCH_INSNS;
	if (unlikely(vcpu->catching != types))
		catch_plan(vcpu, types);
}

#endif
