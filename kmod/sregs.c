// SPDX-License-Identifier: GPL-2.0-only
/* Segments, control registers and EFER: KVM_GET_SREGS, KVM_SET_SREGS. */
#include <linux/bitmap.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "vcpu.h"

/* The VMCS numbers segments as instructions do, and then these. */
#define SEG_LDTR	(INSN_GS + 1)
#define SEG_TR		(INSN_GS + 2)

#define CR0_DEFINED	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | \
			 X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | \
			 X86_CR0_NW | X86_CR0_CD | X86_CR0_PG)

/* Cached translations are no longer right when one of these changes. */
#define CR0_FLUSH	(X86_CR0_PG | X86_CR0_WP)
#define CR4_FLUSH	(X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE |	\
			 X86_CR4_PCIDE | X86_CR4_SMEP | X86_CR4_SMAP)

/* The PDPTEs are loaded anew when one of these changes (SDM vol. 3, 4.4.1). */
#define CR0_PDPTES	(X86_CR0_CD | X86_CR0_NW | X86_CR0_PG)
#define CR4_PDPTES	(X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE | X86_CR4_SMEP)

/* Must be 0 in a present PDPTE, besides bits beyond MAXPHYADDR (table 4-8) */
#define PDPTE_PRESENT	BIT_ULL(0)
#define PDPTE_RESERVED	(BIT_ULL(63) | GENMASK_ULL(8, 5) | GENMASK_ULL(2, 1))

static const struct {
	u16 feature;
	u32 bit;
} cr4_features[] = {
	{ X86_FEATURE_VME, X86_CR4_VME | X86_CR4_PVI },
	{ X86_FEATURE_TSC, X86_CR4_TSD },
	{ X86_FEATURE_DE, X86_CR4_DE },
	{ X86_FEATURE_PSE, X86_CR4_PSE },
	{ X86_FEATURE_PAE, X86_CR4_PAE },
	{ X86_FEATURE_MCE, X86_CR4_MCE },
	{ X86_FEATURE_PGE, X86_CR4_PGE },
	{ X86_FEATURE_FXSR, X86_CR4_OSFXSR },
	{ X86_FEATURE_XMM, X86_CR4_OSXMMEXCPT },
	{ X86_FEATURE_UMIP, X86_CR4_UMIP },
	{ X86_FEATURE_FSGSBASE, X86_CR4_FSGSBASE },
	{ X86_FEATURE_PCID, X86_CR4_PCIDE },
	{ X86_FEATURE_XSAVE, X86_CR4_OSXSAVE },
	{ X86_FEATURE_SMEP, X86_CR4_SMEP },
	{ X86_FEATURE_SMAP, X86_CR4_SMAP },
};

u64 cr4_allowed __ro_after_init = X86_CR4_PCE;

void __init sregs_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cr4_features); i++)
		if (test_cpu_cap(&boot_cpu_data, cr4_features[i].feature))
			cr4_allowed |= cr4_features[i].bit;
}

/* ---- segments ---- */

/* Attributes as VMX has them (SDM vol. 3, table 25-2) */
static struct kvm_segment segment_of_ar(u32 ar)
{
	bool unusable = ar & VMX_AR_UNUSABLE_MASK;

	return (struct kvm_segment){
		.type = ar & VMX_AR_TYPE_MASK,
		.s = !!(ar & VMX_AR_S_MASK),
		.dpl = VMX_AR_DPL(ar),
		/* whoever forgets to copy unusable gets the same back */
		.present = !unusable,
		.avl = ar >> 12 & 1,
		.l = !!(ar & VMX_AR_L_MASK),
		.db = !!(ar & VMX_AR_DB_MASK),
		.g = !!(ar & VMX_AR_G_MASK),
		.unusable = unusable,
	};
}

static u32 segment_ar(const struct kvm_segment *seg)
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
		ar |= VMX_AR_TYPE_ACCESSES_MASK;	/* entry wants it */
	return ar;
}

/* type and present; then dpl to unusable */
static bool same_attrs(const struct kvm_segment *a, const struct kvm_segment *b)
{
	const u64 *x = (const u64 *)a, *y = (const u64 *)b;

	BUILD_BUG_ON(offsetof(struct kvm_segment, type) != 14 ||
		     sizeof(struct kvm_segment) != 24);
	return !((x[1] ^ y[1]) >> 48) && x[2] == y[2];
}

/*
 * Attributes hardly ever change: they are unpacked and packed when they have.
 * Inline, so that the fields' numbers are constants.
 */
static __always_inline void get_segment(struct vcpu *vcpu, unsigned int nr, struct kvm_segment *seg)
{
	struct seg_attrs *attrs = &vcpu->seg_attrs[nr];
	u32 ar = vmcs_read32(GUEST_ES_AR_BYTES + 2 * nr);

	if (unlikely(attrs->ar != ar || !attrs->valid)) {
		attrs->seg = segment_of_ar(ar);
		attrs->ar = ar;
		attrs->valid = true;
		attrs->reversible = segment_ar(&attrs->seg) == ar;
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
	return segment_ar(seg);
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

/* There is always a busy TSS in TR, of 64 bits in IA-32e mode (27.3.1.2). */
static u32 fixed_tr_ar(u32 ar, bool lma)
{
	u32 type = VMX_AR_TYPE_BUSY_32_TSS;

	if (!lma && (ar & VMX_AR_TYPE_MASK) <= VMX_AR_TYPE_BUSY_16_TSS)
		type = VMX_AR_TYPE_BUSY_16_TSS;
	ar &= ~(VMX_AR_TYPE_MASK | VMX_AR_S_MASK | VMX_AR_UNUSABLE_MASK);
	return ar | type | VMX_AR_P_MASK;
}

static void set_tr(struct vcpu *vcpu, const struct kvm_segment *seg, bool lma)
{
	write_segment(SEG_TR, seg, fixed_tr_ar(known_ar(vcpu, SEG_TR, seg), lma));
}

static void get_segments(struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	get_segment(vcpu, INSN_ES, &sregs->es);
	get_segment(vcpu, INSN_CS, &sregs->cs);
	get_segment(vcpu, INSN_SS, &sregs->ss);
	get_segment(vcpu, INSN_DS, &sregs->ds);
	get_segment(vcpu, INSN_FS, &sregs->fs);
	get_segment(vcpu, INSN_GS, &sregs->gs);
	get_segment(vcpu, SEG_LDTR, &sregs->ldt);
	get_segment(vcpu, SEG_TR, &sregs->tr);
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

/* ---- control registers ---- */

static u64 read_masked(unsigned long field, unsigned long shadow,
		       unsigned long mask_field)
{
	u64 host = vmcs_read(mask_field);

	return (vmcs_read(shadow) & host) | (vmcs_read(field) & ~host);
}

u64 vcpu_cr0(struct vcpu *vcpu)
{
	u64 cr0;

	vmcs_get(&vcpu->vmcs);
	cr0 = read_masked(GUEST_CR0, CR0_READ_SHADOW, CR0_GUEST_HOST_MASK);
	vmcs_put();
	return cr0;
}

u64 vcpu_cr4(struct vcpu *vcpu)
{
	u64 cr4;

	vmcs_get(&vcpu->vmcs);
	cr4 = read_masked(GUEST_CR4, CR4_READ_SHADOW, CR4_GUEST_HOST_MASK);
	vmcs_put();
	return cr4;
}

static u64 vcpu_efer(struct vcpu *vcpu)
{
	u64 efer;

	vmcs_get(&vcpu->vmcs);
	efer = vmcs_read(GUEST_IA32_EFER);
	vmcs_put();
	return efer;
}

/* Caching is the host's business: CD and NW only show in the shadow. */
static void put_cr0(struct vcpu *vcpu, u64 cr0)
{
	if ((vmcs_read(GUEST_CR0) ^ cr0) & CR0_FLUSH)
		set_bit(REQ_FLUSH, &vcpu->requests);
	vmcs_write(CR0_READ_SHADOW, cr0);
	vmcs_write(GUEST_CR0, (cr0 & ~(X86_CR0_CD | X86_CR0_NW)) | X86_CR0_NE);
}

static void put_cr4(struct vcpu *vcpu, u64 cr4)
{
	if ((vmcs_read(GUEST_CR4) ^ cr4) & CR4_FLUSH)
		set_bit(REQ_FLUSH, &vcpu->requests);
	vmcs_write(CR4_READ_SHADOW, cr4);
	vmcs_write(GUEST_CR4, cr4 | X86_CR4_VMXE);
}

/* The entry control follows LMA, or entry fails (SDM vol. 3, 27.3.1.1). */
static void put_efer(u64 efer)
{
	u32 entry = vmcs_read32(VM_ENTRY_CONTROLS) & ~VM_ENTRY_IA32E_MODE;

	if (efer & EFER_LMA)
		entry |= VM_ENTRY_IA32E_MODE;
	vmcs_write(VM_ENTRY_CONTROLS, entry);
	vmcs_write(GUEST_IA32_EFER, efer);
}

/* LMA is what LME and PG are together. The VMCS is current. */
static void update_lma(u64 cr0)
{
	u64 efer = vmcs_read(GUEST_IA32_EFER);
	u64 updated = efer & ~(u64)EFER_LMA;
	u32 ar;

	if ((cr0 & X86_CR0_PG) && (efer & EFER_LME))
		updated |= EFER_LMA;
	if (updated == efer)
		return;
	put_efer(updated);
	if (updated & EFER_LMA) {
		ar = vmcs_read32(GUEST_TR_AR_BYTES);
		vmcs_write(GUEST_TR_AR_BYTES, fixed_tr_ar(ar, true));
	}
}

int vcpu_load_pdptes(struct vcpu *vcpu)
{
	u64 reserved = PDPTE_RESERVED | GENMASK_ULL(62, vcpu->maxphyaddr);
	u64 pdpte[4], cr3;
	unsigned int i;

	vmcs_get(&vcpu->vmcs);
	cr3 = vmcs_read(GUEST_CR3);
	vmcs_put();

	if (gpa_read(vcpu->vm, cr3 & GENMASK_ULL(31, 5), pdpte,
		     sizeof(pdpte)) != sizeof(pdpte))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(pdpte); i++)
		if ((pdpte[i] & PDPTE_PRESENT) && (pdpte[i] & reserved))
			return -EINVAL;

	vmcs_get(&vcpu->vmcs);
	for (i = 0; i < ARRAY_SIZE(pdpte); i++)
		vmcs_write(GUEST_PDPTR0 + 2 * i, pdpte[i]);
	vmcs_put();
	set_bit(REQ_FLUSH, &vcpu->requests);
	return 0;
}

static bool cr0_valid(u64 cr0)
{
	if (cr0 >> 32)
		return false;
	if ((cr0 & X86_CR0_NW) && !(cr0 & X86_CR0_CD))
		return false;
	return (cr0 & X86_CR0_PE) || !(cr0 & X86_CR0_PG);
}

/* May paging be switched on, or off? (SDM vol. 3, 4.1.2) */
static bool cr0_change_ok(struct vcpu *vcpu, u64 old, u64 cr0)
{
	u64 cr4 = vcpu_cr4(vcpu);
	bool ok = true;
	u32 cs_ar;

	vmcs_get(&vcpu->vmcs);
	cs_ar = vmcs_read32(GUEST_CS_AR_BYTES);
	if (!(cr0 & X86_CR0_PG))
		ok = !(cr4 & X86_CR4_PCIDE) && vcpu_code_bits(vcpu) != 64;
	else if (!(old & X86_CR0_PG) && (vcpu_efer(vcpu) & EFER_LME))
		ok = (cr4 & X86_CR4_PAE) && !(cs_ar & VMX_AR_L_MASK);
	vmcs_put();
	return ok;
}

int vcpu_set_cr0(struct vcpu *vcpu, u64 cr0)
{
	u64 old = vcpu_cr0(vcpu);
	bool pae;

	if (!cr0_valid(cr0) || !cr0_change_ok(vcpu, old, cr0))
		return -EINVAL;
	/* Reserved bits are ignored. ET is hardwired. */
	cr0 = (cr0 & CR0_DEFINED) | X86_CR0_ET;
	pae = (cr0 & X86_CR0_PG) && (vcpu_cr4(vcpu) & X86_CR4_PAE) &&
	      !(vcpu_efer(vcpu) & EFER_LME);
	if (pae && ((old ^ cr0) & CR0_PDPTES) && vcpu_load_pdptes(vcpu))
		return -EINVAL;

	vmcs_get(&vcpu->vmcs);
	put_cr0(vcpu, cr0);
	update_lma(cr0);
	vmcs_put();
	vcpu_mode_changed(vcpu);
	return 0;
}

/* PCIDs begin only in IA-32e mode and with the current one 0 (4.10.1). */
static bool pcide_ok(struct vcpu *vcpu)
{
	bool ok;

	vmcs_get(&vcpu->vmcs);
	ok = vcpu_long_mode(vcpu) && !(vmcs_read(GUEST_CR3) & 0xfff);
	vmcs_put();
	return ok;
}

int vcpu_set_cr4(struct vcpu *vcpu, u64 cr4)
{
	u64 changed = vcpu_cr4(vcpu) ^ cr4;
	bool lma = vcpu_long_mode(vcpu);

	if (cr4 & ~vcpu->cr4_allowed)
		return -EINVAL;
	if (lma && !(cr4 & X86_CR4_PAE))
		return -EINVAL;
	if ((changed & cr4 & X86_CR4_PCIDE) && !pcide_ok(vcpu))
		return -EINVAL;
	if (!lma && (cr4 & X86_CR4_PAE) && (changed & CR4_PDPTES) &&
	    (vcpu_cr0(vcpu) & X86_CR0_PG) && vcpu_load_pdptes(vcpu))
		return -EINVAL;

	vmcs_get(&vcpu->vmcs);
	put_cr4(vcpu, cr4);
	vmcs_put();
	vcpu_mode_changed(vcpu);
	return 0;
}

static bool efer_valid(u64 efer)
{
	u64 allowed = EFER_SCE | EFER_LME | EFER_LMA;

	if (boot_cpu_has(X86_FEATURE_NX))
		allowed |= EFER_NX;
	return !(efer & ~allowed);
}

int vcpu_set_efer(struct vcpu *vcpu, u64 efer, bool guest)
{
	u64 old = vcpu_efer(vcpu);

	if (!efer_valid(efer) || (guest && (efer & ~vcpu->efer_allowed)))
		return -EINVAL;
	if (guest && ((old ^ efer) & EFER_LME) && (vcpu_cr0(vcpu) & X86_CR0_PG))
		return -EINVAL;
	/* LMA is not for writing (SDM vol. 3, 2.2.1). */
	efer = (efer & ~(u64)EFER_LMA) | (old & EFER_LMA);
	vmcs_get(&vcpu->vmcs);
	put_efer(efer);
	msr_plan_switches(vcpu, guest);
	vmcs_put();
	return 0;
}

/* ---- all of it ---- */

void vcpu_get_sregs(struct vcpu *vcpu, struct kvm_sregs *sregs)
{
	memset(sregs, 0, sizeof(*sregs));
	vmcs_get(&vcpu->vmcs);
	get_segments(vcpu, sregs);
	sregs->cr0 = vcpu_cr0(vcpu);
	sregs->cr2 = vcpu->cr2;
	sregs->cr3 = vmcs_read(GUEST_CR3);
	sregs->cr4 = vcpu_cr4(vcpu);
	sregs->cr8 = vcpu->cr8;
	sregs->efer = vcpu_efer(vcpu);
	sregs->apic_base = vcpu->apic_base;
	vmcs_put();
	if (vcpu->irq >= 0)
		__set_bit(vcpu->irq, (unsigned long *)sregs->interrupt_bitmap);
}

/* What no processor could be in */
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
	return cr0_valid(sregs->cr0) && efer_valid(sregs->efer) &&
	       !(sregs->cr4 & ~vcpu->cr4_allowed) && !(sregs->cr8 & ~0xfULL);
}

static void set_control(struct vcpu *vcpu, const struct kvm_sregs *sregs)
{
	vmcs_write(GUEST_CR3, sregs->cr3);
	put_efer(sregs->efer);
	msr_plan_switches(vcpu, false);
	put_cr0(vcpu, (sregs->cr0 & CR0_DEFINED) | X86_CR0_ET);
	put_cr4(vcpu, sregs->cr4);
	vcpu->cr2 = sregs->cr2;
	vcpu->cr8 = sregs->cr8;
	vcpu_mode_changed(vcpu);
	set_bit(REQ_FLUSH, &vcpu->requests);
}

/* An interrupt that a VMM has saved: at most one is set. */
static void set_interrupt(struct vcpu *vcpu, const u64 *bitmap)
{
	unsigned int irq;

	if (likely(!(bitmap[0] | bitmap[1] | bitmap[2] | bitmap[3])))
		return;
	irq = find_first_bit((const unsigned long *)bitmap, KVM_NR_INTERRUPTS);
	vcpu->irq = irq;
}

int vcpu_set_sregs(struct vcpu *vcpu, const struct kvm_sregs *sregs)
{
	if (!sregs_valid(vcpu, sregs) ||
	    vcpu_set_apic_base(vcpu, sregs->apic_base))
		return -EINVAL;

	vmcs_get(&vcpu->vmcs);
	set_control(vcpu, sregs);
	set_segments(vcpu, sregs);
	vmcs_put();
	/* As in KVM, tables that are not there are the guest's problem. */
	if ((sregs->cr0 & X86_CR0_PG) && (sregs->cr4 & X86_CR4_PAE) &&
	    !(sregs->efer & EFER_LMA))
		vcpu_load_pdptes(vcpu);

	set_interrupt(vcpu, sregs->interrupt_bitmap);
	return 0;
}
