// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to pages that the hooked view protects for a watch. Each is done by
 * one instruction on the vCPU's step view. Whether it meets watched bytes is
 * known before: by the operands, if the instruction can be decoded, else by the
 * address of the fault and a guess. Only what meets any is kept until its end.
 */
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/dbg_object.h"
#include "debug/post.h"
#include "debug/rep.h"
#include "debug/types.h"
#include "debug/watch_hit.h"
#include "insn/insn.h"
#include "insn/insn_execute.h"
#include "insn/watch_guess.h"
#include "lib/ept_entry.h"
#include "lib/watch_tree.h"
#include "mmu/hook.h"
#include "mmu/hook_copy.h"
#include "mmu/memslot.h"
#include "mmu/step_view.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vcpu/fetch.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vm.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

#define OBJECTS		16	/* at a time */
#define EVENT_BYTES	48	/* what the delivery of an event pushes, at most */

/* ---- guest memory, where it is there at the hit_point ---- */

static bool peek(struct vcpu *vcpu, const struct watch_access *a, u64 *val)
{
	unsigned int len = min_t(unsigned int, a->size, sizeof(*val));
	void __user *user = memslot_user(vcpu->vm, a->gpa);
	unsigned long left;

	*val = 0;
	if (!user || current->mm != vcpu->vm->mm)
		return false;
	pagefault_disable();
	left = raw_copy_from_user(val, user, len);
	pagefault_enable();
	return !left;
}

/* ---- the instruction ---- */

static void forget_touches(struct watch_insn *w)
{
	w->nr = 0;
	w->nr_operands = 0;
	w->rip = 0;
	w->emulated = false;
}

void watch_forget(struct vcpu *vcpu)
{
	forget_touches(&vcpu->watch);
	vcpu->watch.asked = 0;
	vcpu->watch.looked = 0;
}

static void add_operand(struct watch_insn *w, u64 gva, unsigned int size, u32 access)
{
	w->operand[w->nr_operands++] = (struct watch_access){
		.gva = gva, .size = size, .access = access };
}

static void add_stack(struct vcpu *vcpu, const struct insn *insn, bool push)
{
	unsigned int bytes = vcpu_stack_size(vcpu);
	u64 offset = vcpu->regs[GPR_RSP];

	if (push)
		offset -= insn->size;
	if (bytes < sizeof(offset))
		offset &= BIT_ULL(8 * bytes) - 1;
	add_operand(&vcpu->watch, vcpu_linear(vcpu, INSN_SS, offset), insn->size,
		    push ? VMXDBG_ACCESS_WRITE : VMXDBG_ACCESS_READ);
}

static void add_second(struct vcpu *vcpu, const struct insn *insn)
{
	u64 dest;

	switch (insn->op) {
	case INSN_MOVS:
	case INSN_CMPS:
		dest = insn_string_dest(insn, vcpu->regs);
		add_operand(&vcpu->watch, vcpu_linear(vcpu, INSN_ES, dest), insn->size,
			    insn->op == INSN_MOVS ? VMXDBG_ACCESS_WRITE : VMXDBG_ACCESS_READ);
		break;
	case INSN_PUSH:
	case INSN_CALL:
		add_stack(vcpu, insn, true);
		break;
	case INSN_POP:
		add_stack(vcpu, insn, false);
		break;
	}
}

static void add_operands(struct vcpu *vcpu, const struct insn *insn)
{
	u32 access = 0;
	u64 offset;

	if (insn_reads_memory(insn))
		access |= VMXDBG_ACCESS_READ;
	if (insn_writes_memory(insn) && insn->op != INSN_MOVS)
		access |= VMXDBG_ACCESS_WRITE;
	vcpu->regs[GPR_RSP] = vmcs_read(GUEST_RSP);
	offset = insn_address(insn, vcpu->regs, vmcs_read(GUEST_RIP));
	add_operand(&vcpu->watch, vcpu_linear(vcpu, insn->seg, offset), insn->size, access);
	add_second(vcpu, insn);
}

static bool delivers_event(void)
{
	return vmcs_read32(IDT_VECTORING_INFO_FIELD) & VECTORING_INFO_VALID_MASK;
}

/*
 * An instruction, or the delivery of an event, touches the first protected page.
 * False: it is to be read and decoded first.
 */
static bool watch_begin(struct vcpu *vcpu)
{
	struct watch_insn *w = &vcpu->watch;
	u64 rip = vcpu_linear_rip(vcpu);
	const struct insn *insn;

	if (w->rip == rip + 1)
		return true;
	forget_touches(w);
	w->len = 0;
	if (delivers_event()) {
		w->guess = (struct watch_guess){ .size = EVENT_BYTES, .down = true };
	} else if (w->looked != rip + 1 || w->decoded) {
		insn = w->looked == rip + 1 ? &w->insn :
			fetch_known(vcpu, rip, vcpu_code_bits(vcpu));
		if (!insn)
			return false;
		w->len = insn->len;
		w->jumps = insn->op == INSN_CALL || insn->op == INSN_JMP;
		w->repeats = insn->rep || insn->repne;
		add_operands(vcpu, insn);
	}
	w->rip = rip + 1;
	return true;
}

/* What watch_begin() could not find out. */
static void watch_decode(struct vcpu *vcpu)
{
	struct watch_insn *w = &vcpu->watch;
	u64 rip = vcpu_linear_rip(vcpu);
	const struct insn *insn;
	u8 bytes[INSN_MAX];
	unsigned int len;

	insn = fetch_insn(vcpu, rip, bytes, &len);
	w->decoded = insn;
	if (insn)
		w->insn = *insn;
	else
		w->guess = watch_guess(bytes, len, vcpu_code_bits(vcpu));
	w->looked = rip + 1;
}

/* ---- what it touches ---- */

/* mmu_lock held. */
static void touch(struct vcpu *vcpu, const struct watch_access *a, bool guessed)
{
	struct watch_insn *w = &vcpu->watch;
	struct dbg_object *obj;
	unsigned int i;

	for (i = 0; i < w->nr; i++)
		if (w->touch[i].at.gpa == a->gpa && w->touch[i].at.access == a->access)
			return;
	if (w->nr == WATCH_TOUCHES || !watch_find(&vcpu->vm->watches, a, &obj, 1, 0))
		return;
	w->touch[w->nr++] = (struct watch_touch){ .at = *a, .guessed = guessed };
}

/* @a's bytes on the page at @gva, which is at @gpa. */
static bool clip(struct watch_access *a, u64 gva, u64 gpa)
{
	u64 page = gva & PAGE_MASK, first = max(a->gva, page);
	u64 last = min(a->gva + a->size - 1, page + PAGE_SIZE - 1);

	if (first > last || a->gva + a->size - 1 < a->gva)
		return false;
	a->gva = first;
	a->gpa = (gpa & PAGE_MASK) | offset_in_page(first);
	a->size = last - first + 1;
	return true;
}

static struct watch_access guessed(const struct watch_guess *guess, u64 gva, u32 access)
{
	struct watch_access a = { .gva = gva, .size = guess->size, .access = access };

	if (guess->down)
		a.gva -= guess->size - sizeof(u64);
	return a;
}

/* mmu_lock held. The exit's access, and what the operands say of the same page. */
static void touch_all(struct vcpu *vcpu, u64 gva, u32 access)
{
	struct watch_insn *w = &vcpu->watch;
	u64 gpa = vcpu->exit_gpa;
	struct watch_access a;
	bool found = false;
	unsigned int i;

	if (access & VMXDBG_ACCESS_WALK) {
		a = (struct watch_access){ .gpa = round_down(gpa, sizeof(u64)),
					   .size = sizeof(u64), .access = access };
		touch(vcpu, &a, false);
		return;
	}
	for (i = 0; i < w->nr_operands; i++) {
		a = w->operand[i];
		if (!(a.access & access) || !clip(&a, gva, gpa))
			continue;
		found |= gva - a.gva < a.size;
		touch(vcpu, &a, false);
	}
	a = guessed(&w->guess, gva, access);
	if (!found && !w->len && clip(&a, gva, gpa))
		touch(vcpu, &a, true);
}

/*
 * Without execute-only pages, what may be executed may be read: no exit tells of
 * the reads of an instruction's own page, so they are known by its operands alone.
 * Tables on the way to one that the host has not got at hand are a fault to the
 * processor as well, and this is asked again with them there.
 */
static void touch_own(struct vcpu *vcpu)
{
	struct watch_insn *w = &vcpu->watch;
	struct watch_access a;
	unsigned int i;
	u64 gva, gpa;

	for (i = 0; i < 2 * w->nr_operands; i++) {
		a = w->operand[i / 2];
		gva = i % 2 ? a.gva + a.size - 1 : a.gva;
		if (!(a.access & VMXDBG_ACCESS_READ) ||
		    vcpu_translate(vcpu, gva, &gpa, NULL) ||
		    ((gpa ^ vcpu->exit_gpa) & PAGE_MASK) || !clip(&a, gva, gpa))
			continue;
		spin_lock(&vcpu->vm->mmu_lock);
		touch(vcpu, &a, false);
		spin_unlock(&vcpu->vm->mmu_lock);
	}
}

static void read_old(struct vcpu *vcpu, unsigned int from)
{
	struct watch_insn *w = &vcpu->watch;

	for (; from < w->nr; from++)
		w->touch[from].has_old = peek(vcpu, &w->touch[from].at,
					      &w->touch[from].old);
}

/* ---- violations ---- */

static u32 access_of(u64 qual)
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

/* What watches deny of the exit's page. mmu_lock held. */
static u64 denied_there(struct vcpu *vcpu)
{
	u64 page = vcpu->exit_gpa & PAGE_MASK, denied;

	denied = watch_denies(&vcpu->vm->watches, page, page + PAGE_SIZE - 1);
	if ((denied & EPT_R) && !vmx_ctl.exec_only)
		denied |= EPT_X;
	return denied;
}

/* Is the page's protection ours? */
static bool protects(struct vcpu *vcpu, u64 wanted, struct hook **hook)
{
	struct vm *vm = vcpu->vm;
	u64 denied;

	spin_lock(&vm->mmu_lock);
	*hook = hook_find(vm, vcpu->exit_gpa >> PAGE_SHIFT);
	denied = denied_there(vcpu);
	spin_unlock(&vm->mmu_lock);
	if (denied & wanted)
		return true;
	/* Reads of a copy are as ept.c has them. */
	return *hook && ((wanted & EPT_W) || (!(wanted & EPT_X) && vmx_ctl.exec_only));
}

/* Is what the instruction touches to be known? If it is fetched, for touch_own(). */
static bool may_touch(struct vcpu *vcpu)
{
	u64 denied;

	if (!(vcpu->exit_qual & EPT_X))
		return true;
	if (vmx_ctl.exec_only)
		return false;
	spin_lock(&vcpu->vm->mmu_lock);
	denied = denied_there(vcpu);
	spin_unlock(&vcpu->vm->mmu_lock);
	return denied & EPT_R;
}

static int use_page(struct vcpu *vcpu, u64 wanted, const struct hook *hook, u64 gva)
{
	struct vm *vm = vcpu->vm;
	unsigned int nr = vcpu->watch.nr;
	bool open;

	spin_lock(&vm->mmu_lock);
	open = step_view_open(vcpu, vcpu->exit_gpa, wanted, vcpu->stepping & STEP_PASS);
	if (open && !(wanted & EPT_X))
		touch_all(vcpu, gva, access_of(vcpu->exit_qual));
	spin_unlock(&vm->mmu_lock);
	if (!open)
		return RUN_SLOW;
	if ((wanted & EPT_X) && may_touch(vcpu)) {
		pagefault_disable();
		touch_own(vcpu);
		pagefault_enable();
	}
	read_old(vcpu, nr);
	if (hook && (wanted & EPT_W))
		hook_note_written(vcpu, vcpu->exit_gpa);
	vcpu->stepping |= STEP_DATA;
	set_bit(REQ_ENTRY, &vcpu->requests);
	return RUN_RESUME;
}

static bool listed(const struct hits *hits, u32 id)
{
	unsigned int i;

	for (i = 0; i < hits->nr; i++)
		if (hits->ids[i] == id)
			return true;
	return false;
}

static enum hit_result watch_ask_all(struct vcpu *vcpu, const struct watch_access *a, u32 why,
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
		/* One access may be in parts: an object is told once. */
		for (i = 0; i < nr; i++)
			if (!listed(hits, obj[i]->id))
				all = hit_both(all, dbg_object_hit(vcpu, obj[i], why, hits));
		skip += nr;
	} while (nr == OBJECTS);
	return all;
}

static int exec_passed(struct vcpu *vcpu, u64 rip)
{
	vcpu->watch.asked = rip + 1;
	vcpu->reported_rip = rip;	/* for rep_note() */
	return WATCH_NOT_MINE;
}

/* Return: RUN_RESUME when it stops, RUN_SLOW, or WATCH_NOT_MINE: go on. */
static int exec_hit(struct vcpu *vcpu, u64 gva)
{
	u64 rip = vcpu_linear_rip(vcpu);
	struct watch_access a = {
		.gva = rip, .size = 1, .access = VMXDBG_ACCESS_FETCH,
		.gpa = (vcpu->exit_gpa & PAGE_MASK) | offset_in_page(rip),
	};
	struct hits hits = { };
	enum hit_result r;

	/* Another page of an instruction that has begun, or that was let pass. */
	if ((vcpu->stepping & STEP_PASS) || ((gva ^ rip) & PAGE_MASK) ||
	    vcpu->watch.asked == rip + 1)
		return WATCH_NOT_MINE;
	if (rep_goes_on(vcpu, rip))
		return exec_passed(vcpu, rip);
	hit_point_begin(vcpu);
	rcu_read_lock();
	r = watch_ask_all(vcpu, &a, VMXDBG_WHY_BREAKPOINT, &hits);
	rcu_read_unlock();
	if (r == HIT_RETRY)
		return RUN_SLOW;
	if (r == HIT_STOP && post_hits(vcpu, &hits, 0, 0)) {
		vcpu->stepping &= ~STEP_SESSION;
		return RUN_RESUME;
	}
	return exec_passed(vcpu, rip);
}

int watch_violation(struct vcpu *vcpu)
{
	u64 wanted = vcpu->exit_qual & EPT_RWX, gva;
	struct hook *hook;
	int r;

	if (vcpu->view == VIEW_PLAIN || !protects(vcpu, wanted, &hook))
		return WATCH_NOT_MINE;
	gva = vmcs_read(GUEST_LINEAR_ADDRESS);
	if (wanted & EPT_X) {
		r = exec_hit(vcpu, gva);
		if (r != WATCH_NOT_MINE)
			return r;
	}
	if (may_touch(vcpu) && !watch_begin(vcpu))
		return RUN_SLOW;
	return use_page(vcpu, wanted, hook, gva);
}

int watch_violation_slow(struct vcpu *vcpu)
{
	u32 info;

	if (vcpu->hit_point.end == HIT_POINT_MISSES)
		hit_point_fault_in(vcpu);
	vmcs_get(&vcpu->vmcs);
	info = vmcs_read32(IDT_VECTORING_INFO_FIELD);
	if (may_touch(vcpu) && !(info & VECTORING_INFO_VALID_MASK)) {
		vmcs_put();
		watch_decode(vcpu);
	} else {
		vmcs_put();
	}
	step_view_reset(vcpu);
	return step_view_prepare(vcpu);
}

/* ---- accesses that the module makes ---- */

static void note_page(struct vcpu *vcpu, struct watch_access *a, const u64 *gpa)
{
	const char __user *user;
	struct vm *vm = vcpu->vm;

	if (gpa) {
		a->gpa = *gpa;
	} else {
		if (vcpu_translate(vcpu, a->gva, &a->gpa, NULL))
			return;
		/* For read_old(). */
		user = memslot_user(vm, a->gpa);
		if (user)
			fault_in_readable(user, 1);
	}
	spin_lock(&vm->mmu_lock);
	touch(vcpu, a, false);
	spin_unlock(&vm->mmu_lock);
}

void watch_note(struct vcpu *vcpu, u64 gva, const u64 *gpa, u64 len, bool write)
{
	struct watch_access a = {
		.access = write ? VMXDBG_ACCESS_WRITE : VMXDBG_ACCESS_READ };
	struct watch_insn *w = &vcpu->watch;
	u64 rip = w->held ? w->held - 1 : vcpu_linear_rip(vcpu);
	unsigned int nr;

	if (w->rip != rip + 1)
		forget_touches(w);
	w->rip = rip + 1;
	w->emulated = true;
	nr = w->nr;
	for (; len; gva += a.size, len -= a.size) {
		a.gva = gva;
		a.size = min_t(u64, len, PAGE_SIZE - offset_in_page(gva));
		note_page(vcpu, &a, gpa);
		if (gpa)
			gpa++;
	}
	if (!w->nr) {
		watch_forget(vcpu);
		return;
	}
	read_old(vcpu, nr);
	vcpu->stepping |= STEP_DATA;
	set_bit(REQ_ENTRY, &vcpu->requests);
}

/* ---- its end ---- */

/* An exception took its place: it comes again, and its accesses with it. */
static bool completed(struct vcpu *vcpu, const struct watch_insn *w)
{
	u64 was = w->rip - 1, now = vcpu_linear_rip(vcpu);

	if (w->emulated || !w->len || w->jumps)
		return true;
	return (u32)now == (u32)(was + w->len) || (w->repeats && now == was);
}

static void watch_describe(struct vcpu *vcpu, const struct watch_touch *t, struct hits *hits)
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
	if (peek(vcpu, &t->at, &hits->new_value) && t->has_old)
		hits->access |= VMXDBG_ACCESS_VALUES;
	else
		hits->old_value = 0;
}

enum hit_result watch_hits(struct vcpu *vcpu, struct hits *hits)
{
	const struct watch_insn *w = &vcpu->watch;
	enum hit_result all = HIT_GO, r;
	unsigned int i;

	if (!w->nr || !completed(vcpu, w))
		return HIT_GO;
	rcu_read_lock();
	for (i = 0; i < w->nr; i++) {
		vcpu->hit_point.addr = w->touch[i].at.access & VMXDBG_ACCESS_WALK ? 0 :
				    w->touch[i].at.gva;
		r = watch_ask_all(vcpu, &w->touch[i].at, VMXDBG_WHY_WATCH, hits);
		if (r == HIT_STOP && !hits->access)
			watch_describe(vcpu, &w->touch[i], hits);
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
