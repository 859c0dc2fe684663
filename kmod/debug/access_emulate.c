// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to protected pages that the module makes for the guest. Most are moves or
 * arithmetic on a few bytes, and so cost one exit instead of two. The processor has
 * checked the access when it reports a violation of the final translation (SDM vol. 3,
 * table 28-7). The memory is what EPT maps, under mmu_lock, so to the host the guest has
 * made the access. For all other accesses the guest executes the instruction.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/cmpxchg.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "debug/access_emulate.h"
#include "debug/dbg_object.h"
#include "debug/track_sync.h"
#include "debug/watch_insn.h"
#include "insn/insn.h"
#include "insn/insn_execute.h"
#include "lib/mc_read.h"
#include "lib/watch_tree.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/page_ref.h"
#include "mmu/request.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vcpu/debug_regs.h"
#include "vcpu/fetch.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vcpu/types.h"
#include "vm.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmxdbg.h"

#define CACHE_LINE	64

/* An instruction with one access. */
struct access_op {
	const struct insn *insn;
	struct page_ref *page_ref;	/* of the accessed page */
	u64 rip, gva, gpa;
	u64 val;		/* read, or to be written */
	bool reads, writes;
};

/* ---- selection ---- */

/*
 * Only instructions that leave no flag undefined. An exchange is atomic to other
 * processors, as the host's cmpxchg is.
 */
static bool can_emulate(const struct insn *insn)
{
	switch (insn->op) {
	case INSN_LOAD ... INSN_DEC:
	case INSN_XCHG ... INSN_XADD:
	case INSN_BT ... INSN_BTC:
	case INSN_CMOV:
	case INSN_SETCC:
		return insn->size <= sizeof(u64);
	default:
		return false;
	}
}

/* An atomic access across two cache lines would be a split lock on the host. */
static bool within_line(const struct access_op *s)
{
	return s->gva % CACHE_LINE + s->insn->size <= CACHE_LINE;
}

/* Is the exit's access the only one of the instruction, and complete? */
static bool access_is_exit_access(struct vcpu *vcpu, struct access_op *s, unsigned int bits)
{
	const struct insn *insn = s->insn;

	s->writes = insn->op == INSN_STORE || insn_writes_memory(insn);
	s->reads = insn->op != INSN_STORE && insn_reads_memory(insn);
	vcpu->regs[GPR_RSP] = vmcs_read(GUEST_RSP);
	s->gva = insn_address(insn, vcpu->regs, s->rip);
	if (bits != 64 || insn->seg >= INSN_FS)
		s->gva = vcpu_linear(vcpu, insn->seg, s->gva);
	return s->writes == !!(vcpu->exit_qual & EPT_VIOLATION_ACC_WRITE) &&
	       s->gva == vmcs_read(GUEST_LINEAR_ADDRESS) &&
	       offset_in_page(s->gva) + insn->size <= PAGE_SIZE &&
	       (!(s->reads && s->writes) || within_line(s));
}

/* #AC is the one check that may come after a violation (SDM vol. 3, table 6-2). */
static bool checks_alignment(const struct access_op *s)
{
	return (s->gva & (s->insn->size - 1)) &&
	       (vmcs_read(GUEST_RFLAGS) & X86_EFLAGS_AC);
}

static bool access_find(struct vcpu *vcpu, struct access_op *s)
{
	struct insn_memo *slot = fetch_now(vcpu, linear_rip());

	s->insn = &slot->insn;
	s->gpa = vcpu->exit_gpa;
	s->rip = vmcs_read(GUEST_RIP);
	return s->insn->len && can_emulate(s->insn) &&
	       access_is_exit_access(vcpu, s, slot->bits) && !checks_alignment(s) &&
	       fetch_operand_marked(vcpu, slot, s->gva, s->gpa, s->writes);
}

/* ---- memory ---- */

static u64 read_memory(const void *p, unsigned int size)
{
	switch (size) {
	case 1:
		return READ_ONCE(*(u8 *)p);
	case 2:
		return READ_ONCE(*(u16 *)p);
	case 4:
		return READ_ONCE(*(u32 *)p);
	default:
		return READ_ONCE(*(u64 *)p);
	}
}

static void write_memory(void *p, unsigned int size, u64 val)
{
	switch (size) {
	case 1:
		WRITE_ONCE(*(u8 *)p, val);
		break;
	case 2:
		WRITE_ONCE(*(u16 *)p, val);
		break;
	case 4:
		WRITE_ONCE(*(u32 *)p, val);
		break;
	default:
		WRITE_ONCE(*(u64 *)p, val);
	}
}

static bool exchange_memory(void *p, unsigned int size, u64 old, u64 val)
{
	switch (size) {
	case 1:
		return cmpxchg((u8 *)p, (u8)old, (u8)val) == (u8)old;
	case 2:
		return cmpxchg((u16 *)p, (u16)old, (u16)val) == (u16)old;
	case 4:
		return cmpxchg((u32 *)p, (u32)old, (u32)val) == (u32)old;
	default:
		return cmpxchg((u64 *)p, old, val) == old;
	}
}

enum access_result { ACCESS_NOT_MADE, ACCESS_MADE, ACCESS_AGAIN };

/*
 * Read, modify and write atomically, with or without LOCK.
 * Return: ACCESS_AGAIN if another vCPU has written meanwhile. Nothing has changed then, and
 * the guest repeats the instruction.
 */
static noinline enum access_result update(struct vcpu *vcpu, const struct access_op *s, void *p)
{
	u64 flags = vmcs_read(GUEST_RFLAGS), rflags = flags;
	unsigned int size = s->insn->size;
	u64 old = read_memory(p, size), val = old;
	u64 regs[16];

	memcpy(regs, vcpu->regs, sizeof(regs));
	insn_execute(s->insn, regs, &rflags, &val);
	if (!exchange_memory(p, size, old, val))
		return ACCESS_AGAIN;
	memcpy(vcpu->regs, regs, sizeof(regs));
	vmcs_write(GUEST_RSP, regs[GPR_RSP]);
	if (rflags != flags)
		vmcs_write(GUEST_RFLAGS, rflags);
	return ACCESS_MADE;
}

static enum access_result access(struct vcpu *vcpu, struct access_op *s, void *p)
{
	if (!s->writes)
		s->val = read_memory(p, s->insn->size);
	else if (!s->reads)
		write_memory(p, s->insn->size, s->val);
	else
		return update(vcpu, s, p);
	return ACCESS_MADE;
}

static bool is_watched(struct vm *vm, const struct access_op *s)
{
	struct watch_access a = { .gpa = s->gpa, .gva = s->gva, .size = s->insn->size };
	struct dbg_object *obj;

	if (!vm->nr_watches)
		return false;
	if (s->reads)
		a.access |= VMXDBG_ACCESS_READ;
	if (s->writes)
		a.access |= VMXDBG_ACCESS_WRITE;
	return watch_find(&vm->watches, &a, &obj, 1, 0);
}

/* mmu_lock held. @guarded: set if the page holds a guarded page table. */
static enum access_result access_unwatched(struct vcpu *vcpu, struct access_op *s, bool *guarded)
{
	struct hook *hook;
	enum access_result r;
	void *p;

	if (!page_ref_find(vcpu->vm, s->page_ref, s->gpa) || is_watched(vcpu->vm, s))
		return ACCESS_NOT_MADE;
	p = page_ref_bytes(s->page_ref, s->gpa, s->writes);
	/* A poisoned page is left to the guest: its machine check is not the kernel's. */
	if (!p || !mc_readable(p) || !mc_readable(p + s->insn->size - 1))
		return ACCESS_NOT_MADE;
	hook = s->page_ref->hook;
	r = access(vcpu, s, p);
	if (hook && s->writes && r == ACCESS_MADE) {
		if (hook->copy)
			hook_follow(hook, p, s->insn->size);
		*guarded = hook->guards;
	}
	return r;
}

/* mmu_lock held. Return: ACCESS_AGAIN also if the vCPU has a request to handle first. */
static enum access_result access_act(struct vcpu *vcpu, struct access_op *s, bool *guarded)
{
	enum access_result r;

	if (!vcpu_act_begin(vcpu))
		return ACCESS_AGAIN;
	r = access_unwatched(vcpu, s, guarded);
	if (r == ACCESS_MADE)
		vcpu_note_access(vcpu, s->gva, s->insn->size, s->writes);
	vcpu_act_end(vcpu);
	return r;
}

static enum access_result access_make(struct vcpu *vcpu, struct access_op *s)
{
	bool guarded = false;
	enum access_result r;

	spin_lock(&vcpu->vm->mmu_lock);
	r = access_act(vcpu, s, &guarded);
	spin_unlock(&vcpu->vm->mmu_lock);
	if (guarded)
		track_written(vcpu->vm, s->gpa >> PAGE_SHIFT);
	return r;
}

/* ---- the instruction ---- */

/* access_unwatched() checks again under the lock. */
static bool is_protected(struct vcpu *vcpu, struct page_ref *page_ref)
{
	struct vm *vm = vcpu->vm;
	bool is;

	if (likely(page_ref_is_of(page_ref, vcpu->exit_gpa, READ_ONCE(vm->page_refs_seq))))
		return true;
	spin_lock(&vm->mmu_lock);
	is = page_ref_find(vm, page_ref, vcpu->exit_gpa);
	spin_unlock(&vm->mmu_lock);
	return is;
}

/* Compute the value of a store that does not depend on memory. */
static void access_prepare(struct vcpu *vcpu, struct access_op *s)
{
	u64 rflags = 0;

	if (insn_is_move(s->insn)) {
		s->val = s->insn->has_imm ? s->insn->imm : vcpu->regs[s->insn->reg];
		return;
	}
	if (s->insn->op != INSN_STORE)
		rflags = vmcs_read(GUEST_RFLAGS);
	s->val = 0;
	insn_execute(s->insn, vcpu->regs, &rflags, &s->val);
}

/* Put the value of a load into its register or flags. */
static void access_take(struct vcpu *vcpu, struct access_op *s)
{
	u64 flags, rflags;

	if (insn_is_move(s->insn)) {
		vcpu->regs[s->insn->reg] = s->val;
	} else {
		flags = vmcs_read(GUEST_RFLAGS);
		rflags = flags;
		insn_execute(s->insn, vcpu->regs, &rflags, &s->val);
		if (rflags != flags)
			vmcs_write(GUEST_RFLAGS, rflags);
	}
	if (s->insn->reg == GPR_RSP)
		vmcs_write(GUEST_RSP, vcpu->regs[GPR_RSP]);
}

/* Not for the delivery of an event, nor after watched bytes were touched. */
static bool may_emulate(struct vcpu *vcpu, struct page_ref *page_ref)
{
	return (vcpu->exit_qual & EPT_QUAL_LINEAR) == EPT_QUAL_LINEAR && !vcpu->watch.nr &&
	       !(vmcs_read32(IDT_VECTORING_INFO_FIELD) & VECTORING_INFO_VALID_MASK) &&
	       is_protected(vcpu, page_ref);
}

static bool access_emulate_op(struct vcpu *vcpu, struct access_op *s)
{
	enum access_result r;

	if (!access_find(vcpu, s))
		return false;
	if (!s->reads)
		access_prepare(vcpu, s);
	r = access_make(vcpu, s);
	if (r != ACCESS_MADE)
		return r == ACCESS_AGAIN;
	if (!s->writes)
		access_take(vcpu, s);
	/* Forget what an earlier violation of the instruction has noted. */
	if (vcpu->watch.rip)
		watch_forget(vcpu);
	vcpu_skip(vcpu, s->insn->len);
	return true;
}

bool access_emulate(struct vcpu *vcpu)
{
	struct access_op s = { .page_ref = page_ref_for(vcpu, vcpu->exit_gpa) };

	return may_emulate(vcpu, s.page_ref) && access_emulate_op(vcpu, &s);
}
