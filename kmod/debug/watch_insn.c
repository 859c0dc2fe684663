// SPDX-License-Identifier: GPL-2.0-only
/* Accesses of the current instruction to watched bytes, kept until it is over. */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/types.h"
#include "debug/watch_insn.h"
#include "insn/insn.h"
#include "insn/insn_execute.h"
#include "insn/watch_guess.h"
#include "lib/watch_tree.h"
#include "mmu/memslot.h"
#include "mmu/types.h"
#include "vcpu.h"
#include "vcpu/fetch.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmxdbg.h"

/*
 * Most that the delivery of an event pushes, and reads at once (SDM vol. 3, 6.14). In
 * long mode the first is exact.
 */
#define EVENT_PUSHES	(5 * sizeof(u64))
#define EVENT_READS	16

bool watch_insn_peek(struct vcpu *vcpu, const struct watch_access *a, u64 *val)
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

static void watch_insn_reset(struct watch_insn *w)
{
	w->nr = 0;
	w->nr_operands = 0;
	w->rip = 0;
	w->emulated = false;
}

void watch_forget(struct vcpu *vcpu)
{
	watch_insn_reset(&vcpu->watch);
	vcpu->watch.asked = 0;
	vcpu->watch.looked = 0;
}

static void watch_insn_add(struct watch_insn *w, u64 gva, unsigned int size, u32 access)
{
	w->operand[w->nr_operands++] = (struct watch_access){
		.gva = gva, .size = size, .access = access };
}

static void watch_insn_add_stack(struct vcpu *vcpu, const struct insn *insn, bool push)
{
	unsigned int bytes = vcpu_stack_size(vcpu);
	u64 offset = vcpu->regs[GPR_RSP];

	if (push)
		offset -= insn->size;
	if (bytes < sizeof(offset))
		offset &= BIT_ULL(8 * bytes) - 1;
	watch_insn_add(&vcpu->watch, vcpu_linear(vcpu, INSN_SS, offset), insn->size,
		       push ? VMXDBG_ACCESS_WRITE : VMXDBG_ACCESS_READ);
}

static void watch_insn_add_second(struct vcpu *vcpu, const struct insn *insn)
{
	u64 dest;

	switch (insn->op) {
	case INSN_MOVS:
	case INSN_CMPS:
		dest = insn_string_dest(insn, vcpu->regs);
		watch_insn_add(&vcpu->watch, vcpu_linear(vcpu, INSN_ES, dest), insn->size,
			       insn->op == INSN_MOVS ? VMXDBG_ACCESS_WRITE : VMXDBG_ACCESS_READ);
		break;
	case INSN_PUSH:
	case INSN_CALL:
		watch_insn_add_stack(vcpu, insn, true);
		break;
	case INSN_POP:
		watch_insn_add_stack(vcpu, insn, false);
		break;
	}
}

static void watch_insn_add_operands(struct vcpu *vcpu, const struct insn *insn)
{
	u32 access = 0;
	u64 offset;

	if (insn_reads_memory(insn))
		access |= VMXDBG_ACCESS_READ;
	if (insn_writes_memory(insn) && insn->op != INSN_MOVS)
		access |= VMXDBG_ACCESS_WRITE;
	vcpu->regs[GPR_RSP] = vmcs_read(GUEST_RSP);
	offset = insn_address(insn, vcpu->regs, vmcs_read(GUEST_RIP));
	watch_insn_add(&vcpu->watch, vcpu_linear(vcpu, insn->seg, offset), insn->size, access);
	watch_insn_add_second(vcpu, insn);
}

static u32 watch_insn_event(void)
{
	u32 info = vmcs_read32(IDT_VECTORING_INFO_FIELD);

	return info & VECTORING_INFO_VALID_MASK ? info : 0;
}

static struct watch_guess watch_insn_event_guess(u32 info)
{
	bool error = info & VECTORING_INFO_DELIVER_CODE_MASK;

	return (struct watch_guess){
		.size = EVENT_PUSHES + (error ? sizeof(u64) : 0), .down = true };
}

bool watch_insn_begin(struct vcpu *vcpu)
{
	struct watch_insn *w = &vcpu->watch;
	u64 rip = vcpu_linear_rip(vcpu);
	const struct insn *insn;
	u32 event;

	if (w->rip == rip + 1)
		return true;
	watch_insn_reset(w);
	w->len = 0;
	event = watch_insn_event();
	if (event) {
		w->guess = watch_insn_event_guess(event);
	} else if (w->looked != rip + 1 || w->decoded) {
		insn = w->looked == rip + 1 ? &w->insn :
			fetch_known(vcpu, rip, vcpu_code_bits(vcpu));
		if (!insn || insn_touches_more(insn))
			return false;
		w->len = insn->len;
		w->jumps = insn->op == INSN_CALL || insn->op == INSN_JMP;
		w->repeats = insn->rep || insn->repne;
		watch_insn_add_operands(vcpu, insn);
	}
	w->rip = rip + 1;
	return true;
}

void watch_insn_decode(struct vcpu *vcpu)
{
	struct watch_insn *w = &vcpu->watch;
	u64 rip = vcpu_linear_rip(vcpu);
	const struct insn *insn;
	u8 bytes[INSN_MAX];
	unsigned int len;

	insn = fetch_insn(vcpu, rip, bytes, &len);
	w->decoded = insn && !insn_touches_more(insn);
	if (w->decoded)
		w->insn = *insn;
	else
		w->guess = watch_guess(bytes, len, vcpu_code_bits(vcpu));
	w->looked = rip + 1;
}

/* mmu_lock held. Keep an access if it meets watched bytes. */
static void watch_insn_touch(struct vcpu *vcpu, const struct watch_access *a, bool guessed)
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

/* Cut @a to the page of @gva, which is mapped to @gpa. Return: false if nothing is left. */
static bool watch_insn_clip(struct watch_access *a, u64 gva, u64 gpa)
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

static struct watch_access watch_insn_guess(const struct watch_guess *guess, u64 gva, u32 access)
{
	struct watch_access a = { .gva = gva, .size = guess->size, .access = access };

	if (guess->down && (access & VMXDBG_ACCESS_WRITE))
		a.gva -= guess->size - sizeof(u64);
	else if (guess->down)
		a.size = EVENT_READS;	/* of the IDT and the TSS */
	return a;
}

void watch_insn_touch_page(struct vcpu *vcpu, u64 gva, u32 access)
{
	struct watch_insn *w = &vcpu->watch;
	u64 gpa = vcpu->exit_gpa;
	struct watch_access a;
	bool found = false;
	unsigned int i;

	if (access & VMXDBG_ACCESS_WALK) {
		a = (struct watch_access){ .gpa = round_down(gpa, sizeof(u64)),
					   .size = sizeof(u64), .access = access };
		watch_insn_touch(vcpu, &a, false);
		return;
	}
	for (i = 0; i < w->nr_operands; i++) {
		a = w->operand[i];
		if (!(a.access & access) || !watch_insn_clip(&a, gva, gpa))
			continue;
		found |= gva - a.gva < a.size;
		watch_insn_touch(vcpu, &a, false);
	}
	a = watch_insn_guess(&w->guess, gva, access);
	if (!found && !w->len && watch_insn_clip(&a, gva, gpa))
		watch_insn_touch(vcpu, &a, true);
}

/*
 * Without execute-only pages a page that can be executed can be read, and no exit reports
 * the reads of an instruction's own page. So they are taken from its operands. If the host
 * has not got the page tables at hand, the processor faults as well, and this is repeated
 * with them present.
 */
void watch_insn_touch_own(struct vcpu *vcpu)
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
		    ((gpa ^ vcpu->exit_gpa) & PAGE_MASK) || !watch_insn_clip(&a, gva, gpa))
			continue;
		spin_lock(&vcpu->vm->mmu_lock);
		watch_insn_touch(vcpu, &a, false);
		spin_unlock(&vcpu->vm->mmu_lock);
	}
}

void watch_insn_read_old(struct vcpu *vcpu, unsigned int from)
{
	struct watch_insn *w = &vcpu->watch;

	for (; from < w->nr; from++)
		w->touch[from].has_old = watch_insn_peek(vcpu, &w->touch[from].at,
							 &w->touch[from].old);
}

static void watch_insn_note_page(struct vcpu *vcpu, struct watch_access *a, const u64 *gpa)
{
	const char __user *user;
	struct vm *vm = vcpu->vm;

	if (gpa) {
		a->gpa = *gpa;
	} else {
		if (vcpu_translate(vcpu, a->gva, &a->gpa, NULL))
			return;
		/* For watch_insn_read_old(). */
		user = memslot_user(vm, a->gpa);
		if (user)
			fault_in_readable(user, 1);
	}
	spin_lock(&vm->mmu_lock);
	watch_insn_touch(vcpu, a, false);
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
		watch_insn_reset(w);
	w->rip = rip + 1;
	w->emulated = true;
	nr = w->nr;
	for (; len; gva += a.size, len -= a.size) {
		a.gva = gva;
		a.size = min_t(u64, len, PAGE_SIZE - offset_in_page(gva));
		watch_insn_note_page(vcpu, &a, gpa);
		if (gpa)
			gpa++;
	}
	if (!w->nr) {
		watch_forget(vcpu);
		return;
	}
	watch_insn_read_old(vcpu, nr);
	vcpu->stepping |= STEP_DATA;
	set_bit(REQ_ENTRY, &vcpu->requests);
}
