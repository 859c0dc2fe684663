// SPDX-License-Identifier: GPL-2.0-only
/* EPT violations: map memory, handle accesses to hooked pages, leave MMIO to mmio.c. */
#include <asm/vmx.h>

#include "debug/access_emulate.h"
#include "debug/watch_hit.h"
#include "lib/trace.h"
#include "mmu/ept.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/memslot.h"
#include "mmu/step_view.h"
#include "mmu/types.h"
#include "run/exit_debug.h"
#include "run/exit_ept.h"
#include "run/mmio.h"
#include "vcpu.h"
#include "vcpu/vmm_exit.h"
#include "vm.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/*
 * Return: whether the hooked view denies the access: a write to any hooked page, or
 * a read of a copy that is mapped execute-only.
 */
static bool hooked(struct vm *vm, u64 gpa, bool write)
{
	struct hook *hook;
	bool is;

	if (!READ_ONCE(vm->nr_hooks))
		return false;
	spin_lock(&vm->mmu_lock);
	hook = hook_find(vm, gpa >> PAGE_SHIFT);
	is = hook && (write || (hook->copy && vmx_ctl.exec_only));
	spin_unlock(&vm->mmu_lock);
	return is;
}

static bool fetch_of_hooked(struct vcpu *vcpu)
{
	if (vcpu->view == VIEW_PLAIN || !READ_ONCE(vcpu->vm->nr_breaks) ||
	    !hook_fetched(vcpu->vm, vcpu->exit_gpa))
		return false;
	if (vcpu->view == VIEW_STEP)
		step_view_reset(vcpu);	/* the entry of the page is stale */
	return true;
}

/* Step the access on the plain view. If that does not map the page, it exits again. */
static int data_of_hooked(struct vcpu *vcpu)
{
	int r;

	if ((vcpu->exit_qual & EPT_QUAL_LINEAR) == EPT_VIOLATION_GVA_IS_VALID &&
	    exit_break_unfetched(vcpu, &r))
		return r;
	if (vcpu->exit_qual & EPT_VIOLATION_ACC_WRITE)
		hook_note_written(vcpu, vcpu->exit_gpa);
	vcpu->stepping |= STEP_DATA;
	set_bit(REQ_ENTRY, &vcpu->requests);
	return RUN_RESUME;
}

int exit_ept_violation(struct vcpu *vcpu)
{
	u32 state;
	int r;

	vcpu->exit_qual = vmcs_read(EXIT_QUALIFICATION);
	vcpu->exit_gpa = vmcs_read(GUEST_PHYSICAL_ADDRESS);
	trace_vmxdbg_ept_violation(vcpu->vm->id, vcpu->id, vcpu->exit_gpa, vcpu->exit_qual);
	/* An IRET ended NMI blocking and then faulted; it will execute again. */
	if ((vcpu->exit_qual & EPT_QUAL_IRET_NMI) &&
	    !(vmcs_read32(IDT_VECTORING_INFO_FIELD) & VECTORING_INFO_VALID_MASK)) {
		state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);
		vmcs_write(GUEST_INTERRUPTIBILITY_INFO, state | GUEST_INTR_STATE_NMI);
	}
	if (vcpu->view == VIEW_HOOKED && !(vcpu->exit_qual & EPT_VIOLATION_ACC_INSTR) &&
	    access_emulate(vcpu))
		return RUN_RESUME;
	if (!(vcpu->exit_qual & EPT_VIOLATION_ACC_INSTR) &&
	    !memslot_is_at(vcpu->vm, vcpu->exit_gpa))
		return exit_mmio(vcpu);
	if ((vcpu->exit_qual & EPT_VIOLATION_ACC_INSTR) && fetch_of_hooked(vcpu))
		return RUN_RESUME;
	if (READ_ONCE(vcpu->vm->nr_watches)) {
		r = watch_violation(vcpu);
		if (r != WATCH_NOT_MINE)
			return r;
	}
	if (vcpu->view == VIEW_HOOKED && !(vcpu->exit_qual & EPT_VIOLATION_ACC_INSTR) &&
	    hooked(vcpu->vm, vcpu->exit_gpa, vcpu->exit_qual & EPT_VIOLATION_ACC_WRITE))
		return data_of_hooked(vcpu);
	return RUN_SLOW;
}

static int no_memory(struct vcpu *vcpu, bool fetch)
{
	if (fetch)
		return vmm_exit_fetch(vcpu);
	return exit_mmio_slow(vcpu, vcpu->exit_gpa);
}

int exit_ept_violation_slow(struct vcpu *vcpu)
{
	bool write = vcpu->exit_qual & EPT_VIOLATION_ACC_WRITE;
	bool fetch = vcpu->exit_qual & EPT_VIOLATION_ACC_INSTR;
	int r;

	if (READ_ONCE(vcpu->vm->nr_watches)) {
		r = watch_violation_slow(vcpu);
		if (r)
			return r;
	}
	if (write && hooked(vcpu->vm, vcpu->exit_gpa, true))
		hook_note_written(vcpu, vcpu->exit_gpa);
	r = ept_fault(vcpu, vcpu->exit_gpa, write, fetch);
	if (r == -ENXIO)
		return no_memory(vcpu, fetch);
	return r < 0 ? r : RUN_RESUME;
}
