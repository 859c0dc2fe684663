// SPDX-License-Identifier: GPL-2.0-only
/* Writes of registers by a debugger, see debugger_regs.h. */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "lib/entry_regs.h"
#include "lib/entry_state.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/debug_regs.h"
#include "vcpu/debugger_regs.h"
#include "vcpu/fpu.h"
#include "vcpu/regs.h"
#include "vcpu/sregs.h"
#include "vcpu/vcpu_events.h"
#include "vcpu/xsave.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

/* Segments of struct kvm_sregs by VMXDBG_SEG_*, which are also the numbers of the VMCS. */
#define SREGS_SEGMENT(name)	offsetof(struct kvm_sregs, name)
static const u16 sregs_segments[ENTRY_SEGMENTS] = {
	[VMXDBG_SEG_ES] = SREGS_SEGMENT(es), [VMXDBG_SEG_CS] = SREGS_SEGMENT(cs),
	[VMXDBG_SEG_SS] = SREGS_SEGMENT(ss), [VMXDBG_SEG_DS] = SREGS_SEGMENT(ds),
	[VMXDBG_SEG_FS] = SREGS_SEGMENT(fs), [VMXDBG_SEG_GS] = SREGS_SEGMENT(gs),
	[VMXDBG_SEG_LDTR] = SREGS_SEGMENT(ldt), [VMXDBG_SEG_TR] = SREGS_SEGMENT(tr),
};

static const struct kvm_segment *sregs_segment(const struct kvm_sregs *sregs, unsigned int nr)
{
	return (const void *)sregs + sregs_segments[nr];
}

/* ---- the state now ---- */

static void gather_event(const struct vcpu *vcpu, struct entry_regs *r)
{
	const struct vcpu_event *e = &vcpu->event;

	r->event = 0;
	r->error = e->error;
	if (!e->valid)
		return;
	r->event = INTR_INFO_VALID_MASK | e->type << 8 | e->vector;
	if (e->has_error)
		r->event |= INTR_INFO_DELIVER_CODE_MASK;
}

static void gather_segments(struct entry_regs *r)
{
	unsigned int i;

	for (i = 0; i < ENTRY_SEGMENTS; i++)
		r->seg[i] = (struct entry_segment){
			.base = vmcs_read(GUEST_ES_BASE + 2 * i),
			.limit = vmcs_read32(GUEST_ES_LIMIT + 2 * i),
			.ar = vmcs_read32(GUEST_ES_AR_BYTES + 2 * i),
			.selector = vmcs_read(GUEST_ES_SELECTOR + 2 * i),
		};
}

static void gather(struct vcpu *vcpu, struct entry_regs *r)
{
	unsigned int i;

	memset(r, 0, sizeof(*r));
	vmcs_get(&vcpu->vmcs);
	r->rip = vmcs_read(GUEST_RIP);
	r->rflags = vmcs_read(GUEST_RFLAGS);
	r->cr0 = control_get_cr0();
	r->cr3 = vmcs_read(GUEST_CR3);
	r->cr4 = control_get_cr4();
	r->efer = vmcs_read(GUEST_IA32_EFER);
	r->gdt_base = vmcs_read(GUEST_GDTR_BASE);
	r->idt_base = vmcs_read(GUEST_IDTR_BASE);
	r->blocking = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);
	gather_segments(r);
	if (entry_regs_pae(r))
		for (i = 0; i < ARRAY_SIZE(r->pdptr); i++)
			r->pdptr[i] = vmcs_read(GUEST_PDPTR0 + 2 * i);
	vmcs_put();
	gather_event(vcpu, r);
	r->cr4_allowed = vcpu->cr4_allowed;
	r->efer_allowed = control_efer_bits();
	r->phys_bits = min(vcpu->maxphyaddr, boot_cpu_data.x86_phys_bits);
}

/* ---- the state as it would be ---- */

static void with_general(struct entry_regs *r, const struct kvm_regs *regs)
{
	r->rip = regs->rip;
	r->rflags = regs->rflags | X86_EFLAGS_FIXED;
	if (!(regs->rflags & X86_EFLAGS_IF))
		r->blocking &= ~GUEST_INTR_STATE_STI;	/* as set_general() does */
}

/* May sleep. */
static void with_system(struct vcpu *vcpu, struct entry_regs *r,
			const struct kvm_sregs *sregs)
{
	bool was_pae = entry_regs_pae(r);
	u64 old_cr3 = r->cr3;
	unsigned int i;

	r->cr0 = sregs->cr0;
	r->cr3 = sregs->cr3;
	r->cr4 = sregs->cr4;
	r->efer = sregs->efer;
	r->gdt_base = sregs->gdt.base;
	r->idt_base = sregs->idt.base;
	for (i = 0; i < ENTRY_SEGMENTS; i++) {
		const struct kvm_segment *seg = sregs_segment(sregs, i);

		r->seg[i] = (struct entry_segment){
			.base = seg->base, .limit = seg->limit,
			.ar = sregs_segment_ar(seg), .selector = seg->selector,
		};
	}
	/* PDPTRs are loaded with CR3, and stay if another register is written. */
	if (entry_regs_pae(r) && (!was_pae || r->cr3 != old_cr3))
		r->pdptr_missing = !vcpu_read_pdptes(vcpu, r->cr3, r->pdptr);
}

static void with_events(struct entry_regs *r, const struct kvm_vcpu_events *events)
{
	r->event = 0;
	if (events->exception.injected || vcpu_events_pending(events)) {
		r->event = INTR_INFO_VALID_MASK | INTR_TYPE_HARD_EXCEPTION |
			   events->exception.nr;
		r->error = events->exception.error_code;
		if (events->exception.has_error_code)
			r->event |= INTR_INFO_DELIVER_CODE_MASK;
	}
	if (!(events->flags & KVM_VCPUEVENT_VALID_SHADOW))
		return;
	r->blocking &= ~SHADOWS;
	if (events->interrupt.shadow & KVM_X86_SHADOW_INT_MOV_SS)
		r->blocking |= GUEST_INTR_STATE_MOV_SS;
	else if (events->interrupt.shadow & KVM_X86_SHADOW_INT_STI)
		r->blocking |= GUEST_INTR_STATE_STI;
}

static void with_regs(struct vcpu *vcpu, struct entry_regs *r, u32 set, const void *regs)
{
	const struct vmxdbg_both *both = regs;

	switch (set) {
	case VMXDBG_REGS_GENERAL:
		with_general(r, regs);
		break;
	case VMXDBG_REGS_SYSTEM:
		with_system(vcpu, r, regs);
		break;
	case VMXDBG_REGS_BOTH:
		with_general(r, &both->general);
		with_system(vcpu, r, &both->system);
		break;
	case VMXDBG_REGS_EVENTS:
		with_events(r, regs);
		break;
	}
}

static u32 debugger_judge(const struct entry_regs *old, const struct entry_regs *now)
{
	struct entry_faults before, after;

	entry_regs_check(old, &before);
	entry_regs_check(now, &after);
	return entry_faults_new(&before, &after);
}

/* ---- values that the state above does not have ---- */

static bool segment_fits(const struct kvm_segment *seg)
{
	return seg->type <= VMX_AR_TYPE_MASK && seg->dpl <= 3 && seg->present <= 1 &&
	       seg->db <= 1 && seg->s <= 1 && seg->l <= 1 && seg->g <= 1 && seg->avl <= 1 &&
	       seg->unusable <= 1;
}

static u32 check_system(const struct kvm_sregs *sregs)
{
	unsigned int i;

	if (sregs->cr8 & ~0xfULL)
		return VMXDBG_REFUSED_CR8;
	if (bitmap_weight((const unsigned long *)sregs->interrupt_bitmap,
			  KVM_NR_INTERRUPTS) > 1)
		return VMXDBG_REFUSED_INTERRUPT;
	for (i = 0; i < ENTRY_SEGMENTS; i++)
		if (!segment_fits(sregs_segment(sregs, i)))
			return VMXDBG_REFUSED_SEG_VALUE | i << 8;
	return 0;
}

#define BOTH_SHADOWS	(KVM_X86_SHADOW_INT_MOV_SS | KVM_X86_SHADOW_INT_STI)

/*
 * A debugger may take a triple fault back, but not cause one. A VMM that sets both shadows
 * gets MOV SS's, since no processor has both (SDM vol. 3, 27.3.1.5).
 */
static u32 check_events(const struct vcpu *vcpu, const struct kvm_vcpu_events *events)
{
	bool ends = (events->flags & KVM_VCPUEVENT_VALID_TRIPLE_FAULT) &&
		    events->triple_fault.pending;

	if ((events->flags & KVM_VCPUEVENT_VALID_SHADOW) &&
	    (events->interrupt.shadow & BOTH_SHADOWS) == BOTH_SHADOWS)
		return VMXDBG_REFUSED_SHADOW;
	return ends && !vcpu->shutdown ? VMXDBG_REFUSED_SHUTDOWN : 0;
}

/* There is only XCR0. A VMM's write of another one is ignored, same as KVM. */
static u32 check_xcrs(const struct kvm_xcrs *xcrs)
{
	return xcrs->nr_xcrs != 1 || xcrs->xcrs[0].xcr ? VMXDBG_REFUSED_VALUE : 0;
}

static u32 check_values(struct vcpu *vcpu, u32 set, const void *regs)
{
	const struct vmxdbg_both *both = regs;

	switch (set) {
	case VMXDBG_REGS_SYSTEM:
		return check_system(regs);
	case VMXDBG_REGS_BOTH:
		return check_system(&both->system);
	case VMXDBG_REGS_EVENTS:
		return check_events(vcpu, regs);
	case VMXDBG_REGS_XCRS:
		return check_xcrs(regs);
	default:
		return 0;
	}
}

/* ---- writing ---- */

/* Interrupts are blocked without the shadow, and with it VM entry would fail. */
static void end_sti_shadow(struct vcpu *vcpu)
{
	u32 blocking;

	vmcs_get(&vcpu->vmcs);
	blocking = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);
	vmcs_write(GUEST_INTERRUPTIBILITY_INFO, blocking & ~GUEST_INTR_STATE_STI);
	vmcs_put();
}

static int set_general(struct vcpu *vcpu, const struct kvm_regs *regs)
{
	if (!(regs->rflags & X86_EFLAGS_IF))
		end_sti_shadow(vcpu);
	return vcpu_set_regs(vcpu, regs);
}

static int set_system(struct vcpu *vcpu, const struct kvm_sregs *sregs,
		      const struct entry_regs *now)
{
	int r = vcpu_set_sregs(vcpu, sregs);

	/* The guest's tables may differ by now, from what was checked or is loaded. */
	if (!r && entry_regs_pae(now))
		vcpu_put_pdptes(vcpu, now->pdptr);
	return r;
}

static int set_both(struct vcpu *vcpu, const struct vmxdbg_both *both,
		    const struct entry_regs *now)
{
	int r = set_system(vcpu, &both->system, now);

	return r ? r : set_general(vcpu, &both->general);
}

static int debugger_write(struct vcpu *vcpu, u32 set, const void *regs,
			  const struct entry_regs *now)
{
	switch (set) {
	case VMXDBG_REGS_GENERAL:
		return set_general(vcpu, regs);
	case VMXDBG_REGS_SYSTEM:
		return set_system(vcpu, regs, now);
	case VMXDBG_REGS_BOTH:
		return set_both(vcpu, regs, now);
	case VMXDBG_REGS_DEBUG:
		return vcpu_set_debugregs(vcpu, regs);
	case VMXDBG_REGS_FPU:
		return vcpu_set_fpu(vcpu, regs);
	case VMXDBG_REGS_XSAVE:
		return vcpu_set_xsave(vcpu, regs);
	case VMXDBG_REGS_XCRS:
		return vcpu_set_xcrs(vcpu, regs);
	case VMXDBG_REGS_EVENTS:
		return vcpu_set_events(vcpu, regs);
	default:
		return -EINVAL;
	}
}

/* The reason of a write that the call of the run plane refuses. */
static u32 refused_by_setter(u32 set, const struct entry_regs *now)
{
	static const struct entry_faults none;
	struct entry_faults faults;
	u32 refused;

	if (set != VMXDBG_REGS_SYSTEM && set != VMXDBG_REGS_BOTH)
		return VMXDBG_REFUSED_VALUE;
	/* A rule that the state broke before, or the register that is not in @now. */
	entry_regs_check(now, &faults);
	refused = entry_faults_new(&none, &faults);
	return refused ? refused : VMXDBG_REFUSED_APIC_BASE;
}

int debugger_set_regs(struct vcpu *vcpu, u32 set, const void *regs, u32 *refused)
{
	struct entry_regs old, now;
	int r;

	gather(vcpu, &old);
	now = old;
	with_regs(vcpu, &now, set, regs);
	*refused = check_values(vcpu, set, regs);
	if (!*refused)
		*refused = debugger_judge(&old, &now);
	if (*refused)
		return -EINVAL;
	r = debugger_write(vcpu, set, regs, &now);
	if (r)
		*refused = refused_by_setter(set, &now);
	return r;
}

u32 debugger_msr_refused(struct vcpu *vcpu, u32 index, u64 val)
{
	struct entry_regs old, now;

	gather(vcpu, &old);
	now = old;
	switch (index) {
	case MSR_EFER:
		if ((val ^ old.efer) & EFER_LMA)
			return VMXDBG_REFUSED_EFER;	/* read-only */
		now.efer = val;
		break;
	case MSR_FS_BASE:
		now.seg[VMXDBG_SEG_FS].base = val;
		break;
	case MSR_GS_BASE:
		now.seg[VMXDBG_SEG_GS].base = val;
		break;
	default:
		return 0;
	}
	return debugger_judge(&old, &now);
}
