// SPDX-License-Identifier: GPL-2.0-only
/* Check the guest state before each VM entry, on kernels with CONFIG_DEBUG_VM. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/bug.h>
#include <asm/vmx.h>

#include "irq/lapic_regs.h"
#include "lib/entry_state.h"
#include "run/entry_check.h"
#include "vcpu.h"
#include "vmx/vmcs.h"

void entry_check(struct vcpu *vcpu)
{
	struct entry_state state = {
		.rflags = vmcs_read(GUEST_RFLAGS),
		.pending = vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS),
		.debugctl = vmcs_read(GUEST_IA32_DEBUGCTL),
		.blocking = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO),
		.activity = vmcs_read32(GUEST_ACTIVITY_STATE),
		.event = vmcs_read32(VM_ENTRY_INTR_INFO_FIELD),
	};
	const char *bad;

	if (vcpu->tpr_shadow) {
		state.tpr = lapic_reg(vcpu->lapic, APIC_TASKPRI);
		state.tpr_threshold = vmcs_read32(TPR_THRESHOLD);
	}
	bad = entry_state_bad(&state);
	WARN_ONCE(bad, "vmxdbg: entry with %s (blocking %#x, pending %#llx)\n", bad,
		  state.blocking, state.pending);
}
