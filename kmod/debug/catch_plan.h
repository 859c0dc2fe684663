/* SPDX-License-Identifier: GPL-2.0-only */
/* What of the processor has to exit so that catches see it. */
#ifndef VMXDBG_DEBUG_CATCH_PLAN_H
#define VMXDBG_DEBUG_CATCH_PLAN_H

#include <linux/types.h>

#include "debug/catch.h"
#include "vcpu.h"

/* The lists have changed: true for controls of the processor, VMCS current. */
void catch_plan(struct vcpu *vcpu, u32 types);

/* before an entry with a request: which types are caught in it */
static inline void catch_choose(struct vcpu *vcpu)
{
	u32 types = READ_ONCE(vcpu->vm->catch_types);

	if (vcpu->stepping & STEP_CATCH)
		types &= ~CATCH_INSNS;
	if (unlikely(vcpu->catching != types))
		catch_plan(vcpu, types);
}

#endif
