// SPDX-License-Identifier: GPL-2.0-only
/* Segments, and the whole of KVM_GET_SREGS and KVM_SET_SREGS. */
#include <linux/bitmap.h>
#include <linux/string.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "insn/insn.h"
#include "irq/types.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/msr.h"
#include "vcpu/msr_switch.h"
#include "vcpu/sregs.h"
#include "vcpu/types.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

/* VMCS segment numbers are those of instructions, followed by these. */
#define SEG_LDTR	(INSN_GS + 1)
#define SEG_TR		(INSN_GS + 2)

/* ---- segments ---- */

/* SDM vol. 3, table 25-2 */
static struct kvm_segment segment_of_ar(u32 ar)
{
	bool unusable = ar & VMX_AR_UNUSABLE_MASK;

	return (struct kvm_segment){
		.type = ar & VMX_AR_TYPE_MASK,
		.s = !!(ar & VMX_AR_S_MASK),
		.dpl = VMX_AR_DPL(ar),
		/* sregs_segment_ar() restores unusable from this, if a VMM drops it */
		.present = !unusable,
		.avl = ar >> 12 & 1,
		.l = !!(ar & VMX_AR_L_MASK),
		.db = !!(ar & VMX_AR_DB_MASK),
		.g = !!(ar & VMX_AR_G_MASK),
		.unusable = unusable,
	};
}

u32 sregs_segment_ar(const struct kvm_segment *seg)
{
	u32 ar = seg->type & VMX_AR_TYPE_MASK;

	ar |= (seg->s & 1) << 4;
	ar |= (seg->dpl & 3) << VMX_AR_DPL_SHIFT;
	ar |= (seg->present & 1) << 7;
	ar |= (seg->avl & 1) << 12;
	ar |= (seg->l & 1) << 13;
	ar |= (seg->db & 1) << 14;
	ar |= (seg->g & 1) << 15;
	if (seg->unusable || !seg->present)
		ar |= VMX_AR_UNUSABLE_MASK;
	else if (seg->s)
		ar |= VMX_AR_TYPE_ACCESSES_MASK;	/* entry requires it */
	return ar;
}

/* Compares type and present, then dpl to unusable. */
static bool same_attrs(const struct kvm_segment *a, const struct kvm_segment *b)
{
	const u64 *x = (const u64 *)a, *y = (const u64 *)b;

	BUILD_BUG_ON(offsetof(struct kvm_segment, type) != 14 ||
		     sizeof(struct kvm_segment) != 24);
	return !((x[1] ^ y[1]) >> 48) && x[2] == y[2];
}

/*
 * Attributes hardly ever change, so they are unpacked and packed only if they did.
 * Inline, so that the VMCS field numbers are constants.
 */
static __always_inline void sregs_get_segment(struct vcpu *vcpu, unsigned int nr,
					      struct kvm_segment *seg)
{
	struct seg_attrs *attrs = &vcpu->seg_attrs[nr];
	u32 ar = vmcs_read32(GUEST_ES_AR_BYTES + 2 * nr);

	if (unlikely(attrs->ar != ar || !attrs->valid)) {
		attrs->seg = segment_of_ar(ar);
		attrs->ar = ar;
		attrs->valid = true;
		attrs->reversible = sregs_segment_ar(&attrs->seg) == ar;
	}
	*seg = attrs->seg;
	seg->base = vmcs_read(GUEST_ES_BASE + 2 * nr);
	seg->limit = vmcs_read32(GUEST_ES_LIMIT + 2 * nr);
	seg->selector = vmcs_read(GUEST_ES_SELECTOR + 2 * nr);
}

static __always_inline u32 known_ar(struct vcpu *vcpu, unsigned int nr,
				    const struct kvm_segment *seg)
{
	const struct seg_attrs *attrs = &vcpu->seg_attrs[nr];

	if (likely(attrs->reversible && same_attrs(&attrs->seg, seg)))
		return attrs->ar;
	return sregs_segment_ar(seg);
}

static __always_inline void write_segment(unsigned int nr, const struct kvm_segment *seg, u32 ar)
{
	vmcs_write(GUEST_ES_SELECTOR + 2 * nr, seg->selector);
	vmcs_write(GUEST_ES_BASE + 2 * nr, seg->base);
	vmcs_write(GUEST_ES_LIMIT + 2 * nr, seg->limit);
	vmcs_write(GUEST_ES_AR_BYTES + 2 * nr, ar);
}

static __always_inline void set_segment(struct vcpu *vcpu, unsigned int nr,
					const struct kvm_segment *seg)
{
	write_segment(nr, seg, known_ar(vcpu, nr, seg));
}

static void set_tr(struct vcpu *vcpu, const struct kvm_segment *seg, bool lma)
{
	write_segment(SEG_TR, seg, control_tr_ar(known_ar(vcpu, SEG_TR, seg), lma));
}

static void get_segments(struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	sregs_get_segment(vcpu, INSN_ES, &sregs->es);
	sregs_get_segment(vcpu, INSN_CS, &sregs->cs);
	sregs_get_segment(vcpu, INSN_SS, &sregs->ss);
	sregs_get_segment(vcpu, INSN_DS, &sregs->ds);
	sregs_get_segment(vcpu, INSN_FS, &sregs->fs);
	sregs_get_segment(vcpu, INSN_GS, &sregs->gs);
	sregs_get_segment(vcpu, SEG_LDTR, &sregs->ldt);
	sregs_get_segment(vcpu, SEG_TR, &sregs->tr);
	sregs->gdt.base = vmcs_read(GUEST_GDTR_BASE);
	sregs->gdt.limit = vmcs_read32(GUEST_GDTR_LIMIT);
	sregs->idt.base = vmcs_read(GUEST_IDTR_BASE);
	sregs->idt.limit = vmcs_read32(GUEST_IDTR_LIMIT);
}

static void set_segments(struct vcpu *vcpu, const struct kvm_sregs *sregs)
{
	set_segment(vcpu, INSN_ES, &sregs->es);
	set_segment(vcpu, INSN_CS, &sregs->cs);
	set_segment(vcpu, INSN_SS, &sregs->ss);
	set_segment(vcpu, INSN_DS, &sregs->ds);
	set_segment(vcpu, INSN_FS, &sregs->fs);
	set_segment(vcpu, INSN_GS, &sregs->gs);
	set_segment(vcpu, SEG_LDTR, &sregs->ldt);
	set_tr(vcpu, &sregs->tr, sregs->efer & EFER_LMA);
	vmcs_write(GUEST_GDTR_BASE, sregs->gdt.base);
	vmcs_write(GUEST_GDTR_LIMIT, sregs->gdt.limit);
	vmcs_write(GUEST_IDTR_BASE, sregs->idt.base);
	vmcs_write(GUEST_IDTR_LIMIT, sregs->idt.limit);
}

/* ---- control registers, and the whole state ---- */

void vcpu_get_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	memset(sregs, 0, sizeof(*sregs));
	vmcs_get(&vcpu->vmcs);
	get_segments(vcpu, sregs);
	sregs->cr0 = control_get_cr0();
	sregs->cr2 = vcpu->cr2;
	sregs->cr3 = vmcs_read(GUEST_CR3);
	sregs->cr4 = control_get_cr4();
	sregs->cr8 = vcpu_cr8(vcpu);
	sregs->efer = vmcs_read(GUEST_IA32_EFER);
	sregs->apic_base = vcpu->apic_base;
	vmcs_put();
	if (vcpu->irq >= 0)
		__set_bit(vcpu->irq, (unsigned long *)sregs->interrupt_bitmap);
}

/* Return: false for a state that a processor cannot be in. */
static bool sregs_valid(struct vcpu *vcpu, const struct kvm_sregs *sregs)
{
	if ((sregs->efer & EFER_LME) && (sregs->cr0 & X86_CR0_PG)) {
		if (!(sregs->cr4 & X86_CR4_PAE) || !(sregs->efer & EFER_LMA))
			return false;
	} else if ((sregs->efer & EFER_LMA) || sregs->cs.l) {
		return false;
	}
	if (sregs->cr3 & GENMASK_ULL(63, vcpu->maxphyaddr))
		return false;
	return control_cr0_valid(sregs->cr0) && control_efer_valid(sregs->efer) &&
	       !(sregs->cr4 & ~vcpu->cr4_allowed) && !(sregs->cr8 & ~0xfULL);
}

static void set_control(struct vcpu *vcpu, const struct kvm_sregs *sregs)
{
	vmcs_write(GUEST_CR3, sregs->cr3);
	control_put_efer(sregs->efer);
	msr_plan_switches(vcpu, false);
	control_put_cr0(vcpu, sregs->cr0);
	control_put_cr4(vcpu, sregs->cr4);
	vcpu->cr2 = sregs->cr2;
	vcpu_set_cr8(vcpu, sregs->cr8);
	vcpu_mode_changed(vcpu);
	set_bit(REQ_FLUSH, &vcpu->requests);
}

/* The VMM restores a saved interrupt; at most one bit is set. */
static void sregs_set_interrupt(struct vcpu *vcpu, const u64 *bitmap)
{
	unsigned int irq;

	if (likely(!(bitmap[0] | bitmap[1] | bitmap[2] | bitmap[3])))
		return;
	irq = find_first_bit((const unsigned long *)bitmap, KVM_NR_INTERRUPTS);
	vcpu->irq = irq;
	vcpu->irq_from = IRQ_FROM(VMXDBG_FROM_VMM, 0);
}

int vcpu_set_sregs(struct vcpu *vcpu, const struct kvm_sregs *sregs)
{
	if (!sregs_valid(vcpu, sregs) ||
	    vcpu_set_apic_base(vcpu, sregs->apic_base, true))
		return -EINVAL;

	vmcs_get(&vcpu->vmcs);
	set_control(vcpu, sregs);
	set_segments(vcpu, sregs);
	vmcs_put();
	/* Same as KVM: bad or missing tables do not fail the call. */
	if ((sregs->cr0 & X86_CR0_PG) && (sregs->cr4 & X86_CR4_PAE) &&
	    !(sregs->efer & EFER_LMA))
		vcpu_load_pdptes(vcpu);

	sregs_set_interrupt(vcpu, sregs->interrupt_bitmap);
	return 0;
}
