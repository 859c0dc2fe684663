// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fast path for a software breakpoint that does not stop the guest, as most hits
 * do not where there are conditions. The module keeps a memo of the last hit. While the
 * memo is valid, it asks the object without a walk, and executes the instruction under
 * the int3 here if that is a simple one. exit_debug.c and a step do the rest.
 */
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/bp_fastpath.h"
#include "debug/dbg_object.h"
#include "debug/dr_hit_memo.h"
#include "debug/soft_break.h"
#include "debug/types.h"
#include "insn/insn_simple.h"
#include "lib/entry_state.h"
#include "lib/walk.h"
#include "mmu/hook.h"
#include "mmu/memslot.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vcpu/regs.h"
#include "vcpu/stack_store.h"
#include "vcpu/walk_memo.h"
#include "vmx/vmcs.h"

static struct bp_fastpath_memo *memo_for(struct vcpu *vcpu, u64 rip)
{
	return &vcpu->fastpaths[(rip ^ rip >> 4) % VCPU_FASTPATHS];
}

/* ---- lookup ---- */

/* In 64-bit mode a translation depends on no more registers than these. */
static bool fastpath_same_place(struct vcpu *vcpu, const struct bp_fastpath_memo *m, u64 rip)
{
	return m->rip == rip && m->walk.levels &&
	       m->seq == hooks_seq(vcpu->vm) &&
	       m->walk.seq == READ_ONCE(vcpu->vm->mmu_seq) &&
	       m->walk.cr3 == vmcs_read(GUEST_CR3) &&
	       m->walk.efer == vmcs_read(GUEST_IA32_EFER) &&
	       m->cs_ar == vmcs_read32(GUEST_CS_AR_BYTES);
}

static __always_inline bool unsafe_same_code(const struct bp_fastpath_memo *m)
{
	u64 first, second;

	unsafe_get_user(first, &m->code[0], failed);
	unsafe_get_user(second, &m->code[1], failed);
	return first == m->bytes[0] && second == m->bytes[1];
failed:
	return false;
}

/* Are the guest's page table entries and its code as they were? */
static bool fastpath_unchanged(const struct bp_fastpath_memo *m)
{
	bool same = false;

	pagefault_disable();
	if (user_read_access_begin(m->code, sizeof(m->bytes))) {
		same = unsafe_walk_holds(&m->walk) && unsafe_same_code(m);
		user_read_access_end();
	}
	pagefault_enable();
	return same;
}

/* ---- executing the instruction ---- */

/*
 * Execute the instruction, if its end only has to clear RF (SDM vol. 3, 18.3.1.1).
 * Return: false if nothing was done.
 */
static bool fastpath_execute(struct vcpu *vcpu, const struct insn_simple *insn)
{
	u64 old = vmcs_read(GUEST_RFLAGS), rflags = old & ~(u64)X86_EFLAGS_RF;
	u64 *regs = vcpu->regs, rip = vmcs_read(GUEST_RIP);

	if (insn->form == INSN_FORM_NONE || (old & X86_EFLAGS_TF) ||
	    (vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & SHADOWS))
		return false;
	if (insn->uses_rsp)
		regs[GPR_RSP] = vmcs_read(GUEST_RSP);
	if (insn_simple_stores(insn) &&
	    !stack_store(vcpu, regs[GPR_RSP] - sizeof(u64), insn_simple_stored(insn, regs, rip)))
		return false;
	vmcs_write(GUEST_RIP, insn_simple_execute(insn, regs, &rflags, rip));
	if (insn->uses_rsp)
		vmcs_write(GUEST_RSP, regs[GPR_RSP]);
	if (rflags != old)
		vmcs_write(GUEST_RFLAGS, rflags);
	return true;
}

enum bp_fastpath_result bp_fastpath_go_on(struct vcpu *vcpu)
{
	u64 rip = vmcs_read(GUEST_RIP);
	const struct bp_fastpath_memo *m = memo_for(vcpu, rip);

	if (vcpu->view != VIEW_HOOKED || vcpu->stepping ||
	    dr_hit_memo_is_at(&vcpu->dr_hit_memo, rip) ||
	    !fastpath_same_place(vcpu, m, rip) || !fastpath_unchanged(m) ||
	    !dbg_object_lets_go(vcpu, m->sb->obj))
		return FASTPATH_UNKNOWN;
	return fastpath_execute(vcpu, &m->insn) ? FASTPATH_DONE : FASTPATH_STEP;
}

/* ---- remembering ---- */

/* A target that is not canonical would fail the VM entry, so exclude such jumps here. */
static bool jumps_out(const struct insn_simple *insn, u64 rip)
{
	return !__is_canonical_address(rip + insn->len + insn->insn.disp, VADDR_BITS) &&
	       (insn->form == INSN_FORM_JUMP || insn->form == INSN_FORM_JUMP_IF ||
		insn->form == INSN_FORM_CALL);
}

/* Read 16 bytes, more than an instruction has, if they are on one page. */
static bool read_code(struct vcpu *vcpu, struct bp_fastpath_memo *m, u64 gpa)
{
	m->code = memslot_user(vcpu->vm, gpa);
	return m->code && offset_in_page(gpa) <= PAGE_SIZE - sizeof(m->bytes) &&
	       !copy_from_user(m->bytes, m->code, sizeof(m->bytes));
}

static bool fastpath_fill(struct vcpu *vcpu, struct bp_fastpath_memo *m, u64 rip, u64 gpa)
{
	m->seq = hooks_seq(vcpu->vm);
	m->sb = soft_break_only(vcpu->vm, gpa, rip);
	if (!m->sb || vcpu_code_bits(vcpu) != 64 ||
	    !walk_memo_fill(vcpu, &m->walk, rip) ||
	    m->walk.gpa != (gpa & PAGE_MASK) || !read_code(vcpu, m, gpa))
		return false;
	insn_simple_decode((u8 *)m->bytes, sizeof(m->bytes), &m->insn);
	if (jumps_out(&m->insn, rip))
		m->insn.form = INSN_FORM_NONE;
	m->cs_ar = vmcs_read32(GUEST_CS_AR_BYTES);
	m->rip = rip;
	return true;
}

void bp_fastpath_remember(struct vcpu *vcpu, u64 rip, u64 gpa)
{
	struct bp_fastpath_memo *m = memo_for(vcpu, rip);

	pagefault_disable();
	if (!fastpath_fill(vcpu, m, rip, gpa))
		m->walk.levels = 0;
	pagefault_enable();
}
