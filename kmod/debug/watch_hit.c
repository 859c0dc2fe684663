// SPDX-License-Identifier: GPL-2.0-only
/*
 * Violations of pages that the hooked view protects for a watch. The guest makes the
 * access with one instruction on the vCPU's step view. watch_insn.c notes the watched
 * bytes that it touches before that, from the operands of the decoded instruction or
 * else from the address of the fault and a guess. At its end the watches are hit.
 */
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/dbg_object.h"
#include "debug/post.h"
#include "debug/rep.h"
#include "debug/types.h"
#include "debug/watch_hit.h"
#include "debug/watch_insn.h"
#include "lib/ept_entry.h"
#include "lib/watch_tree.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/step_view.h"
#include "mmu/types.h"
#include "mmu/watch.h"
#include "vcpu.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vm.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

#define OBJECTS		16	/* per call of watch_find() */

static u32 watch_hit_access(u64 qual)
{
	u32 access = 0;

	if (qual & EPT_R)
		access |= VMXDBG_ACCESS_READ;
	if (qual & EPT_W)
		access |= VMXDBG_ACCESS_WRITE;
	if ((qual & EPT_QUAL_LINEAR) != EPT_QUAL_LINEAR)
		access |= VMXDBG_ACCESS_WALK;
	return access;
}

/* Return: EPT_RWX that watches deny on the exit's page. mmu_lock held. */
static u64 watch_hit_denied(struct vcpu *vcpu)
{
	u64 page = vcpu->exit_gpa & PAGE_MASK, denied;

	denied = watch_denies(&vcpu->vm->watches, page, page + PAGE_SIZE - 1);
	if ((denied & EPT_R) && !vmx_ctl.exec_only)
		denied |= EPT_X;
	return denied;
}

/* Return: whether a watch or a hook denies @wanted on the exit's page. */
static bool watch_hit_protects(struct vcpu *vcpu, u64 wanted, struct hook **hook)
{
	struct vm *vm = vcpu->vm;
	u64 denied;

	spin_lock(&vm->mmu_lock);
	*hook = hook_find(vm, vcpu->exit_gpa >> PAGE_SHIFT);
	denied = watch_hit_denied(vcpu);
	spin_unlock(&vm->mmu_lock);
	if (denied & wanted)
		return true;
	/* Only execute-only copies deny reads, see ept.c. */
	return *hook && ((wanted & EPT_W) || (!(wanted & EPT_X) && vmx_ctl.exec_only));
}

/* Return: whether the operands matter. After a fetch, watch_insn_touch_own() needs them. */
static bool watch_hit_may_touch(struct vcpu *vcpu)
{
	u64 denied;

	if (!(vcpu->exit_qual & EPT_X))
		return true;
	if (vmx_ctl.exec_only)
		return false;
	spin_lock(&vcpu->vm->mmu_lock);
	denied = watch_hit_denied(vcpu);
	spin_unlock(&vcpu->vm->mmu_lock);
	return denied & EPT_R;
}

static int watch_hit_use_page(struct vcpu *vcpu, u64 wanted, const struct hook *hook, u64 gva)
{
	struct vm *vm = vcpu->vm;
	unsigned int nr = vcpu->watch.nr;
	bool open;

	spin_lock(&vm->mmu_lock);
	open = step_view_open(vcpu, vcpu->exit_gpa, wanted, vcpu->stepping & STEP_PASS);
	if (open && !(wanted & EPT_X))
		watch_insn_touch_page(vcpu, gva, watch_hit_access(vcpu->exit_qual));
	spin_unlock(&vm->mmu_lock);
	if (!open)
		return RUN_SLOW;
	if ((wanted & EPT_X) && watch_hit_may_touch(vcpu)) {
		pagefault_disable();
		watch_insn_touch_own(vcpu);
		pagefault_enable();
	}
	watch_insn_read_old(vcpu, nr);
	if (hook && (wanted & EPT_W))
		hook_note_written(vcpu, vcpu->exit_gpa);
	vcpu->stepping |= STEP_DATA;
	set_bit(REQ_ENTRY, &vcpu->requests);
	return RUN_RESUME;
}

static bool watch_hit_listed(const struct hits *hits, u32 id)
{
	unsigned int i;

	for (i = 0; i < hits->nr; i++)
		if (hits->ids[i] == id)
			return true;
	return false;
}

static enum hit_result watch_hit_ask(struct vcpu *vcpu, const struct watch_access *a, u32 why,
				     struct hits *hits)
{
	struct dbg_object *obj[OBJECTS];
	enum hit_result all = HIT_GO;
	unsigned int i, nr, skip = 0;
	struct vm *vm = vcpu->vm;

	do {
		spin_lock(&vm->mmu_lock);
		nr = watch_find(&vm->watches, a, obj, OBJECTS, skip);
		spin_unlock(&vm->mmu_lock);
		/* An access may be split into parts: hit an object once. */
		for (i = 0; i < nr; i++)
			if (!watch_hit_listed(hits, obj[i]->id))
				all = hit_both(all, dbg_object_hit(vcpu, obj[i], why, hits));
		skip += nr;
	} while (nr == OBJECTS);
	return all;
}

static int watch_hit_exec_passed(struct vcpu *vcpu, u64 rip)
{
	vcpu->watch.asked = rip + 1;
	vcpu->reported_rip = rip;	/* rep_note() compares it */
	return WATCH_NOT_MINE;
}

/* Return: RUN_RESUME if the vCPU stops, RUN_SLOW, or WATCH_NOT_MINE to go on. */
static int watch_hit_exec(struct vcpu *vcpu, u64 gva)
{
	u64 rip = vcpu_linear_rip(vcpu);
	struct watch_access a = {
		.gva = rip, .size = 1, .access = VMXDBG_ACCESS_FETCH,
		.gpa = (vcpu->exit_gpa & PAGE_MASK) | offset_in_page(rip),
	};
	struct hits hits = { };
	enum hit_result r;

	/* Not at another page of the instruction, nor when it is passed over, nor twice. */
	if ((vcpu->stepping & STEP_PASS) || ((gva ^ rip) & PAGE_MASK) ||
	    vcpu->watch.asked == rip + 1)
		return WATCH_NOT_MINE;
	if (rep_goes_on(vcpu, rip))
		return watch_hit_exec_passed(vcpu, rip);
	hit_point_begin(vcpu);
	rcu_read_lock();
	r = watch_hit_ask(vcpu, &a, VMXDBG_WHY_BREAKPOINT, &hits);
	rcu_read_unlock();
	if (r == HIT_RETRY)
		return RUN_SLOW;
	if (r == HIT_STOP && post_hits(vcpu, &hits, 0, 0)) {
		vcpu->stepping &= ~STEP_SESSION;
		return RUN_RESUME;
	}
	return watch_hit_exec_passed(vcpu, rip);
}

int watch_violation(struct vcpu *vcpu)
{
	u64 wanted = vcpu->exit_qual & EPT_RWX, gva;
	struct hook *hook;
	int r;

	if (vcpu->view == VIEW_PLAIN || !watch_hit_protects(vcpu, wanted, &hook))
		return WATCH_NOT_MINE;
	gva = vmcs_read(GUEST_LINEAR_ADDRESS);
	if (wanted & EPT_X) {
		r = watch_hit_exec(vcpu, gva);
		if (r != WATCH_NOT_MINE)
			return r;
	}
	if (watch_hit_may_touch(vcpu) && !watch_insn_begin(vcpu))
		return RUN_SLOW;
	return watch_hit_use_page(vcpu, wanted, hook, gva);
}

int watch_violation_slow(struct vcpu *vcpu)
{
	u32 info;

	if (vcpu->hit_point.end == HIT_POINT_MISSES)
		hit_point_fault_in(vcpu);
	vmcs_get(&vcpu->vmcs);
	info = vmcs_read32(IDT_VECTORING_INFO_FIELD);
	if (watch_hit_may_touch(vcpu) && !(info & VECTORING_INFO_VALID_MASK)) {
		vmcs_put();
		watch_insn_decode(vcpu);
	} else {
		vmcs_put();
	}
	step_view_reset(vcpu);
	return step_view_prepare(vcpu);
}

/* Return: false if an exception came instead. The guest repeats the instruction. */
static bool watch_hit_completed(struct vcpu *vcpu, const struct watch_insn *w)
{
	u64 was = w->rip - 1, now = vcpu_linear_rip(vcpu);

	if (w->emulated || !w->len || w->jumps)
		return true;
	return (u32)now == (u32)(was + w->len) || (w->repeats && now == was);
}

static void watch_hit_describe(struct vcpu *vcpu, const struct watch_touch *t, struct hits *hits)
{
	hits->gpa = t->at.gpa;
	hits->insn = vcpu->watch.rip - 1;
	hits->access = t->at.access | VMXDBG_ACCESS_GPA;
	if (!(t->at.access & VMXDBG_ACCESS_WALK))
		hits->addr = t->at.gva;
	if (t->guessed)
		return;
	hits->size = t->at.size;
	hits->old_value = t->old;
	if (watch_insn_peek(vcpu, &t->at, &hits->new_value) && t->has_old)
		hits->access |= VMXDBG_ACCESS_VALUES;
	else
		hits->old_value = 0;
}

enum hit_result watch_hits(struct vcpu *vcpu, struct hits *hits)
{
	const struct watch_insn *w = &vcpu->watch;
	enum hit_result all = HIT_GO, r;
	unsigned int i;

	if (!w->nr || !watch_hit_completed(vcpu, w))
		return HIT_GO;
	rcu_read_lock();
	for (i = 0; i < w->nr; i++) {
		vcpu->hit_point.addr = w->touch[i].at.access & VMXDBG_ACCESS_WALK ? 0 :
				    w->touch[i].at.gva;
		r = watch_hit_ask(vcpu, &w->touch[i].at, VMXDBG_WHY_WATCH, hits);
		if (r == HIT_STOP && !hits->access)
			watch_hit_describe(vcpu, &w->touch[i], hits);
		all = hit_both(all, r);
	}
	rcu_read_unlock();
	return all;
}

bool watch_exec_at(struct vcpu *vcpu, u64 rip)
{
	struct watch_access a = {
		.gva = rip, .size = 1, .access = VMXDBG_ACCESS_FETCH };
	struct vm *vm = vcpu->vm;
	struct dbg_object *obj;
	bool found;

	if (!READ_ONCE(vm->nr_watches) || vcpu_translate(vcpu, rip, &a.gpa, NULL))
		return false;
	spin_lock(&vm->mmu_lock);
	found = watch_find(&vm->watches, &a, &obj, 1, 0);
	spin_unlock(&vm->mmu_lock);
	return found;
}
