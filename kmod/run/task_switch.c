// SPDX-License-Identifier: GPL-2.0-only
/*
 * Task switches. The processor checks privileges and exits; the module does the
 * rest, since VMX non-root operation has no task switches (SDM vol. 3, 26.4.2). A
 * fault before the old task is saved is the old task's, and nothing has changed; a
 * later one is the new task's (8.3).
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "debug/dr_plan.h"
#include "lib/dr.h"
#include "lib/entry_state.h"
#include "lib/tss.h"
#include "lib/walk.h"
#include "run/system_mem.h"
#include "run/task_switch.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/debug_regs.h"
#include "vcpu/event.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vcpu/vmm_exit.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* Cause of the switch: bits 31:30 of the exit qualification */
enum source { BY_CALL, BY_IRET, BY_JMP, BY_GATE };

#define SEL_TI		BIT(2)
#define SEL_RPL		3U

#define AR_UNUSABLE	VMX_AR_UNUSABLE_MASK
#define AR_VM86		0xf3		/* virtual-8086 mode: SDM vol. 3, 27.3.1.2 */
#define AR_CODE32	(0x9b | VMX_AR_DB_MASK | VMX_AR_G_MASK)

/* Flags in byte 5 of a descriptor */
#define DESC_FLAGS	5
#define DESC_BUSY	BIT(1)
#define DESC_ACCESSED	BIT(0)
#define DESC_S		BIT(4)
#define DESC_WIDE	BIT_ULL(43)

#define EFLAGS_DEFINED	0x3f7fd5U
#define DR7_LOCAL	0x155ULL	/* L0-L3, LE */

/* A segment register to load */
struct segment {
	u64 base;
	u32 limit, ar;
};

struct task_switch {
	struct vcpu *vcpu;
	enum source source;
	u16 selector, old_selector;
	u8 ext;			/* EXT bit of error codes: no instruction is the cause */
	bool wide, old_wide;
	bool has_error;		/* push @error on the new task's stack */
	u32 error;
	u64 desc;		/* of the new TSS */
	struct segment old_tss, gdt;
	struct task_state old, new;
};

static int task_fault(struct task_switch *ts, u8 vector, u16 selector)
{
	vcpu_raise_error(ts->vcpu, vector, (selector & ~SEL_RPL) | ts->ext);
	return -EFAULT;
}

/* ---- tables in memory ---- */

static u32 desc_gva(const struct segment *table, u16 selector)
{
	return table->base + (selector & ~7U);
}

static bool in_table(const struct segment *table, u16 selector)
{
	return !(table->ar & AR_UNUSABLE) && (selector | 7U) <= table->limit;
}

/* Change busy or accessed bits; write only their byte. */
static int change_flags(struct task_switch *ts, const struct segment *table,
			u16 selector, u8 set, u8 clear)
{
	u32 gva = desc_gva(table, selector) + DESC_FLAGS;
	u8 flags;
	int r;

	r = system_read(ts->vcpu, gva, &flags, 1);
	if (r)
		return r;
	flags = (flags & ~clear) | set;
	return system_write(ts->vcpu, gva, &flags, 1);
}

/* ---- before the switch ---- */

static void task_get_segment(enum task_seg nr, struct segment *seg)
{
	seg->base = vmcs_read(GUEST_ES_BASE + 2 * nr);
	seg->limit = vmcs_read32(GUEST_ES_LIMIT + 2 * nr);
	seg->ar = vmcs_read32(GUEST_ES_AR_BYTES + 2 * nr);
}

static void get_old(struct task_switch *ts)
{
	unsigned int i;

	ts->old_selector = vmcs_read(GUEST_TR_SELECTOR);
	task_get_segment(TASK_TR, &ts->old_tss);
	ts->old_wide = (ts->old_tss.ar & VMX_AR_TYPE_MASK) != VMX_AR_TYPE_BUSY_16_TSS;
	ts->gdt = (struct segment){
		.base = vmcs_read(GUEST_GDTR_BASE),
		.limit = vmcs_read32(GUEST_GDTR_LIMIT),
	};
	ts->old.eip = vmcs_read(GUEST_RIP);
	ts->old.eflags = vmcs_read(GUEST_RFLAGS);
	for (i = 0; i < ARRAY_SIZE(ts->old.gpr); i++)
		ts->old.gpr[i] = vcpu_gpr(ts->vcpu, i);
	for (i = 0; i < ARRAY_SIZE(ts->old.sel); i++)
		ts->old.sel[i] = vmcs_read(GUEST_ES_SELECTOR + 2 * i);
	/* A 16-bit TSS leaves the rest unchanged. */
	ts->new = ts->old;
}

static bool is_instruction(u32 vectoring)
{
	if (!(vectoring & VECTORING_INFO_VALID_MASK))
		return true;
	switch (vectoring & INTR_INFO_INTR_TYPE_MASK) {
	case INTR_TYPE_EXT_INTR:
	case INTR_TYPE_NMI_INTR:
	case INTR_TYPE_HARD_EXCEPTION:
		return false;
	}
	return true;
}

/*
 * An interrupt through a task gate is consumed by the attempt. An exception stays
 * queued until the switch is certain, so that an earlier fault makes it a #DF.
 */
static void take_cause(struct task_switch *ts, u32 vectoring)
{
	struct vcpu *vcpu = ts->vcpu;
	u32 type = vectoring & INTR_INFO_INTR_TYPE_MASK;

	ts->ext = !is_instruction(vectoring);
	event_superseded(vcpu);
	if (!(vectoring & VECTORING_INFO_VALID_MASK) || type == INTR_TYPE_EXT_INTR ||
	    type == INTR_TYPE_NMI_INTR)
		return;
	ts->has_error = vcpu->event.has_error;
	ts->error = vcpu->event.error;
}

static void task_begin(struct task_switch *ts)
{
	u64 qual = ts->vcpu->exit_qual;
	u32 vectoring;

	ts->selector = qual;
	ts->source = qual >> 30 & 3;
	vmcs_get(&ts->vcpu->vmcs);
	vectoring = vmcs_read32(IDT_VECTORING_INFO_FIELD);
	get_old(ts);
	if (is_instruction(vectoring))
		ts->old.eip += vmcs_read32(VM_EXIT_INSTRUCTION_LEN);
	take_cause(ts, vectoring);
	vmcs_put();
	if (ts->source == BY_IRET)
		ts->old.eflags &= ~X86_EFLAGS_NT;
}

static int read_new_desc(struct task_switch *ts)
{
	bool back = ts->source == BY_IRET;
	u8 vector;
	int r;

	if ((ts->selector & SEL_TI) || !(ts->selector & ~SEL_RPL) ||
	    !in_table(&ts->gdt, ts->selector))
		return task_fault(ts, back ? X86_TRAP_TS : X86_TRAP_GP, ts->selector);
	r = system_read(ts->vcpu, desc_gva(&ts->gdt, ts->selector), &ts->desc, 8);
	if (r)
		return r;
	vector = tss_check(ts->desc, back);
	if (vector)
		return task_fault(ts, vector, ts->selector);
	ts->wide = ts->desc & DESC_WIDE;
	return 0;
}

static int read_new_tss(struct task_switch *ts)
{
	u8 image[TSS_SIZE_32];
	int r;

	r = system_read(ts->vcpu, desc_base(ts->desc), image, tss_size(ts->wide));
	if (!r)
		tss_load(image, ts->wide, &ts->new);
	ts->new.eflags = (ts->new.eflags & EFLAGS_DEFINED) | X86_EFLAGS_FIXED;
	return r;
}

static bool leaves_old(const struct task_switch *ts)
{
	return ts->source == BY_JMP || ts->source == BY_IRET;
}

static bool nests(const struct task_switch *ts)
{
	return ts->source == BY_CALL || ts->source == BY_GATE;
}

/* Check all that save() writes, so that it cannot fail halfway. */
static int check_writes(struct task_switch *ts)
{
	unsigned int offset, len;
	int r;

	if (ts->old_tss.limit < tss_size(ts->old_wide) - 1)
		return task_fault(ts, X86_TRAP_TS, ts->old_selector);
	tss_saved_part(ts->old_wide, &offset, &len);
	r = system_check(ts->vcpu, ts->old_tss.base + offset, len, WALK_WRITE);
	if (!r)
		r = system_check(ts->vcpu, desc_gva(&ts->gdt, ts->selector), 8, WALK_WRITE);
	if (!r && leaves_old(ts)) {
		if (!in_table(&ts->gdt, ts->old_selector))
			return task_fault(ts, X86_TRAP_GP, ts->old_selector);
		r = system_check(ts->vcpu, desc_gva(&ts->gdt, ts->old_selector), 8,
				 WALK_WRITE);
	}
	if (!r && nests(ts))
		r = system_check(ts->vcpu, desc_base(ts->desc), 2, WALK_WRITE);
	return r;
}

/* ---- the switch ---- */

static int save(struct task_switch *ts)
{
	struct vcpu *vcpu = ts->vcpu;
	unsigned int offset, len;
	u8 image[TSS_SIZE_32];
	int r = 0;

	if (leaves_old(ts))
		r = change_flags(ts, &ts->gdt, ts->old_selector, 0, DESC_BUSY);
	tss_store(image, ts->old_wide, &ts->old);
	tss_saved_part(ts->old_wide, &offset, &len);
	if (!r)
		r = system_write(vcpu, ts->old_tss.base + offset, image + offset, len);
	if (!r && nests(ts))
		r = system_write(vcpu, desc_base(ts->desc), &ts->old_selector, 2);
	if (!r && ts->source != BY_IRET)
		r = change_flags(ts, &ts->gdt, ts->selector, DESC_BUSY, 0);
	return r;
}

static void put_segment(enum task_seg nr, u16 selector, const struct segment *seg)
{
	vmcs_write(GUEST_ES_SELECTOR + 2 * nr, selector);
	vmcs_write(GUEST_ES_BASE + 2 * nr, seg->base);
	vmcs_write(GUEST_ES_LIMIT + 2 * nr, seg->limit);
	vmcs_write(GUEST_ES_AR_BYTES + 2 * nr, seg->ar);
}

static void segment_of(u64 desc, struct segment *seg)
{
	seg->base = desc_base(desc);
	seg->limit = desc_limit(desc);
	seg->ar = desc_ar(desc);
}

static void put_tr(struct task_switch *ts)
{
	struct segment tr;

	segment_of(ts->desc, &tr);
	tr.ar |= DESC_BUSY;
	put_segment(TASK_TR, ts->selector, &tr);
}

/* Shadows and a pending trap of the old task end, and IRET unblocks NMIs. */
static void put_blocking(struct task_switch *ts)
{
	u32 state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & ~SHADOWS;

	if (ts->source == BY_IRET)
		state &= ~GUEST_INTR_STATE_NMI;
	vmcs_write(GUEST_INTERRUPTIBILITY_INFO, state);
	vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS,
		   vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS) & ~(u64)DR6_BS);
}

static void put_registers(struct task_switch *ts)
{
	struct vcpu *vcpu = ts->vcpu;
	u32 eflags = ts->new.eflags;
	unsigned int i;

	if (nests(ts))
		eflags |= X86_EFLAGS_NT;
	vmcs_get(&vcpu->vmcs);
	put_tr(ts);
	for (i = 0; i < ARRAY_SIZE(ts->new.gpr); i++)
		vcpu_gpr_set(vcpu, i, ts->new.gpr[i]);
	vmcs_write(GUEST_RIP, ts->new.eip);
	vmcs_write(GUEST_RFLAGS, eflags);
	vmcs_write(GUEST_CR0, vmcs_read(GUEST_CR0) | X86_CR0_TS);
	put_blocking(ts);
	vmcs_put();
	if (vcpu->dr7 & DR7_LOCAL) {
		vcpu->dr7 &= ~DR7_LOCAL;
		dr_plan_vcpu(vcpu);
	}
}

/* A 16-bit TSS has no CR3. A 32-bit TSS loads it only with paging. */
static int task_put_cr3(struct task_switch *ts)
{
	struct vcpu *vcpu = ts->vcpu;

	if (!ts->wide || !(vcpu_cr0(vcpu) & X86_CR0_PG))
		return 0;
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_CR3, ts->new.cr3);
	vmcs_put();
	vcpu_mode_changed(vcpu);
	set_bit(REQ_FLUSH, &vcpu->requests);
	if ((vcpu_cr4(vcpu) & X86_CR4_PAE) && vcpu_load_pdptes(vcpu))
		return task_fault(ts, X86_TRAP_GP, 0);
	return 0;
}

/* ---- the new task's segments ---- */

static int mark_accessed(struct task_switch *ts, const struct segment *table,
			 u16 selector, u64 desc, struct segment *seg)
{
	u8 flags = desc >> (8 * DESC_FLAGS);

	segment_of(desc, seg);
	if (!(flags & DESC_S) || (flags & DESC_ACCESSED))
		return 0;
	seg->ar |= DESC_ACCESSED;
	return change_flags(ts, table, selector, DESC_ACCESSED, 0);
}

static int load_segment(struct task_switch *ts, const struct segment *ldt,
			enum task_seg nr, u8 cpl, struct segment *seg)
{
	u16 selector = ts->new.sel[nr];
	const struct segment *table = selector & SEL_TI ? ldt : &ts->gdt;
	u8 vector;
	u64 desc;
	int r;

	if (!(selector & ~SEL_RPL)) {
		seg->ar = AR_UNUSABLE;
		return nr == TASK_CS || nr == TASK_SS ?
		       task_fault(ts, X86_TRAP_TS, selector) : 0;
	}
	if (!in_table(table, selector))
		return task_fault(ts, X86_TRAP_TS, selector);
	r = system_read(ts->vcpu, desc_gva(table, selector), &desc, sizeof(desc));
	if (r)
		return r;
	vector = task_seg_check(nr, selector, desc, cpl);
	if (vector)
		return task_fault(ts, vector, selector);
	return mark_accessed(ts, table, selector, desc, seg);
}

static int load_vm86(struct task_switch *ts, struct segment *seg)
{
	unsigned int i;

	for (i = TASK_ES; i <= TASK_GS; i++)
		seg[i] = (struct segment){
			.base = (u32)ts->new.sel[i] << 4,
			.limit = 0xffff, .ar = AR_VM86,
		};
	return 0;
}

static int load_protected(struct task_switch *ts, struct segment *seg)
{
	enum task_seg last = ts->wide ? TASK_GS : TASK_DS;
	u8 cpl = ts->new.sel[TASK_CS] & SEL_RPL;
	unsigned int i;
	int r = 0;

	for (i = TASK_ES; i <= last && !r; i++)
		r = load_segment(ts, &seg[TASK_LDTR], i, cpl, &seg[i]);
	return r;
}

/*
 * Segments of the new task before any is loaded, such that the handler of a fault
 * can be entered: VMX takes the CPL from SS, and CS must be code of this privilege.
 */
static void unloaded(struct task_switch *ts, struct segment *seg)
{
	u32 dpl = (ts->new.sel[TASK_CS] & SEL_RPL) << VMX_AR_DPL_SHIFT;
	unsigned int i;

	for (i = TASK_ES; i <= TASK_LDTR; i++)
		seg[i] = (struct segment){ .ar = AR_UNUSABLE };
	seg[TASK_SS].ar |= dpl;
	seg[TASK_CS] = (struct segment){ .limit = U32_MAX, .ar = AR_CODE32 | dpl };
	if (ts->wide)
		return;
	vmcs_get(&ts->vcpu->vmcs);
	task_get_segment(TASK_FS, &seg[TASK_FS]);
	task_get_segment(TASK_GS, &seg[TASK_GS]);
	vmcs_put();
}

static int load_segments(struct task_switch *ts)
{
	struct segment seg[TASK_LDTR + 1];
	bool vm86 = ts->new.eflags & X86_EFLAGS_VM;
	unsigned int i;
	int r;

	unloaded(ts, seg);
	if (ts->new.sel[TASK_LDTR] & SEL_TI)
		r = task_fault(ts, X86_TRAP_TS, ts->new.sel[TASK_LDTR]);
	else
		r = load_segment(ts, NULL, TASK_LDTR, 0, &seg[TASK_LDTR]);
	if (vm86)
		load_vm86(ts, seg);
	else if (!r)
		r = load_protected(ts, seg);

	vmcs_get(&ts->vcpu->vmcs);
	for (i = TASK_ES; i <= TASK_LDTR; i++)
		put_segment(i, ts->new.sel[i], &seg[i]);
	vmcs_put();
	return r;
}

static int push_error(struct task_switch *ts)
{
	u32 len = ts->wide ? 4 : 2, esp = ts->new.gpr[GPR_RSP], mask, sp;
	struct vcpu *vcpu = ts->vcpu;
	struct segment ss;
	u64 gpa;
	int r;

	if (!ts->has_error)
		return 0;
	vmcs_get(&vcpu->vmcs);
	task_get_segment(TASK_SS, &ss);
	vmcs_put();
	mask = ss.ar & VMX_AR_DB_MASK ? U32_MAX : U16_MAX;
	sp = (esp - len) & mask;
	if (!task_stack_fits(ss.ar, ss.limit, sp, len))
		return task_fault(ts, X86_TRAP_SS, 0);
	r = gva_access_check(vcpu, ss.base + sp, WALK_WRITE, &gpa);
	if (r)
		return r;
	system_note(vcpu, (u32)(ss.base + sp), len, true);
	if (gva_write(vcpu, (u32)(ss.base + sp), &ts->error, len) != len)
		return -ENXIO;
	vcpu_gpr_set(vcpu, GPR_RSP, (esp & ~mask) | sp);
	return 0;
}

static int enter_new(struct task_switch *ts)
{
	struct vcpu *vcpu = ts->vcpu;
	int r;

	vcpu->event.valid = false;
	put_registers(ts);
	vcpu->insn_done = true;
	r = task_put_cr3(ts);
	if (!r)
		r = load_segments(ts);
	if (!r)
		r = push_error(ts);
	vcpu_fix_pending_debug(vcpu);
	if (!r && ts->new.trap)
		vcpu_raise_db(vcpu, DR6_BT, false, 0);
	return r;
}

static int task_switch(struct task_switch *ts)
{
	int r;

	task_begin(ts);
	r = read_new_desc(ts);
	if (!r)
		r = read_new_tss(ts);
	if (!r)
		r = check_writes(ts);
	if (!r)
		r = save(ts);
	return r ?: enter_new(ts);
}

int exit_task_switch(struct vcpu *vcpu)
{
	vcpu->exit_qual = vmcs_read(EXIT_QUALIFICATION);
	return RUN_SLOW;
}

/* A fault is queued. Tables outside memory are not emulated. */
int exit_task_switch_slow(struct vcpu *vcpu)
{
	struct task_switch ts = { .vcpu = vcpu };
	int r;

	vcpu->watch.held = vcpu_linear_rip(vcpu) + 1;
	r = task_switch(&ts);
	vcpu->watch.held = 0;
	if (r == -ENXIO)
		return vmm_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_EMULATION);
	return RUN_RESUME;
}
