// SPDX-License-Identifier: GPL-2.0-only
/* CR0, CR4 and EFER: valid values, and what a change of them entails. */
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "lib/entry_regs.h"
#include "lib/walk.h"
#include "mmu/gpa.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/msr_switch.h"
#include "vcpu/regs.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* A change of one of these bits loads the PDPTEs (SDM vol. 3, 4.4.1). */
#define CR0_PDPTES	(X86_CR0_CD | X86_CR0_NW | X86_CR0_PG)
#define CR4_PDPTES	(X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE | X86_CR4_SMEP)

/* LMSW can set PE but not clear it. */
#define LMSW_BITS	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS)

/* A guest changes TS at each task switch, and the module does not use it. */
#define CR0_GUEST_OWNED	X86_CR0_TS

/* The module does not depend on any of these bits. */
#define CR4_GUEST_OWNED	(X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE |	\
			 X86_CR4_PGE | X86_CR4_PCE | X86_CR4_OSFXSR |	\
			 X86_CR4_OSXMMEXCPT | X86_CR4_FSGSBASE)

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

u64 vcpu_cr0(struct vcpu *vcpu)
{
	u64 cr0;

	vmcs_get(&vcpu->vmcs);
	cr0 = control_get_cr0();
	vmcs_put();
	return cr0;
}

u64 vcpu_cr4(struct vcpu *vcpu)
{
	u64 cr4;

	vmcs_get(&vcpu->vmcs);
	cr4 = control_get_cr4();
	vmcs_put();
	return cr4;
}

u64 vcpu_efer(struct vcpu *vcpu)
{
	u64 efer;

	vmcs_get(&vcpu->vmcs);
	efer = vmcs_read(GUEST_IA32_EFER);
	vmcs_put();
	return efer;
}

/* LMA is LME and PG (SDM vol. 3, 2.2.1). VMCS current. */
static void update_lma(u64 cr0)
{
	u64 efer = vmcs_read(GUEST_IA32_EFER);
	u64 updated = efer & ~(u64)EFER_LMA;
	u32 ar;

	if ((cr0 & X86_CR0_PG) && (efer & EFER_LME))
		updated |= EFER_LMA;
	if (updated == efer)
		return;
	control_put_efer(updated);
	if (updated & EFER_LMA) {
		ar = vmcs_read32(GUEST_TR_AR_BYTES);
		vmcs_write(GUEST_TR_AR_BYTES, control_tr_ar(ar, true));
	}
}

bool vcpu_read_pdptes(struct vcpu *vcpu, u64 cr3, u64 pdpte[4])
{
	size_t size = 4 * sizeof(*pdpte);

	return gpa_read(vcpu->vm, cr3 & GENMASK_ULL(31, 5), pdpte, size) == size;
}

void vcpu_put_pdptes(struct vcpu *vcpu, const u64 pdpte[4])
{
	unsigned int i;

	vmcs_get(&vcpu->vmcs);
	for (i = 0; i < 4; i++)
		vmcs_write(GUEST_PDPTR0 + 2 * i, pdpte[i]);
	vmcs_put();
	set_bit(REQ_FLUSH, &vcpu->requests);
}

int vcpu_load_pdptes(struct vcpu *vcpu)
{
	u64 pdpte[4], cr3;

	vmcs_get(&vcpu->vmcs);
	cr3 = vmcs_read(GUEST_CR3);
	vmcs_put();

	if (!vcpu_read_pdptes(vcpu, cr3, pdpte) || !pdptrs_valid(pdpte, vcpu->maxphyaddr))
		return -EINVAL;
	vcpu_put_pdptes(vcpu, pdpte);
	return 0;
}

/* Return: whether the guest may set PG as in @cr0 (SDM vol. 3, 4.1.2). */
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

	if (!control_cr0_valid(cr0) || !cr0_change_ok(vcpu, old, cr0))
		return -EINVAL;
	pae = (cr0 & X86_CR0_PG) && (vcpu_cr4(vcpu) & X86_CR4_PAE) &&
	      !(vcpu_efer(vcpu) & EFER_LME);
	if (pae && ((old ^ cr0) & CR0_PDPTES) && vcpu_load_pdptes(vcpu))
		return -EINVAL;

	vmcs_get(&vcpu->vmcs);
	control_put_cr0(vcpu, cr0);
	update_lma(cr0);
	vmcs_put();
	vcpu_mode_changed(vcpu);
	return 0;
}

/* PCIDE may be set in IA-32e mode only, while the current PCID is 0 (4.10.1). */
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
	control_put_cr4(vcpu, cr4);
	vmcs_put();
	vcpu_mode_changed(vcpu);
	return 0;
}

int vcpu_set_efer(struct vcpu *vcpu, u64 efer, bool guest)
{
	u64 old = vcpu_efer(vcpu);

	if (!control_efer_valid(efer) || (guest && (efer & ~vcpu->efer_allowed)))
		return -EINVAL;
	if (guest && ((old ^ efer) & EFER_LME) && (vcpu_cr0(vcpu) & X86_CR0_PG))
		return -EINVAL;
	/* LMA is read-only (SDM vol. 3, 2.2.1). */
	efer = (efer & ~(u64)EFER_LMA) | (old & EFER_LMA);
	vmcs_get(&vcpu->vmcs);
	control_put_efer(efer);
	msr_plan_switches(vcpu, guest);
	vmcs_put();
	return 0;
}

void vcpu_walk_mode(struct vcpu *vcpu, struct walk_mode *mode)
{
	unsigned int i;
	bool pae;

	vmcs_get(&vcpu->vmcs);
	mode->cr0 = vmcs_read(GUEST_CR0);
	mode->cr3 = vmcs_read(GUEST_CR3);
	mode->cr4 = vmcs_read(GUEST_CR4);
	mode->efer = vmcs_read(GUEST_IA32_EFER);
	mode->rflags = vmcs_read(GUEST_RFLAGS);
	pae = (mode->cr4 & X86_CR4_PAE) && !(mode->efer & EFER_LMA);
	for (i = 0; pae && i < ARRAY_SIZE(mode->pdpte); i++)
		mode->pdpte[i] = vmcs_read(GUEST_PDPTR0 + 2 * i);
	vmcs_put();
	mode->maxphyaddr = vcpu->maxphyaddr;
}

/* ---- reads and writes that exit ---- */

/* The guest must not own a bit that its CPUID does not have. */
void vcpu_own_crs(struct vcpu *vcpu)
{
	u64 cr0 = vcpu->catch_crs & BIT(0) ? 0 : CR0_GUEST_OWNED;
	u64 cr4 = vcpu->catch_crs & BIT(4) ? 0 : CR4_GUEST_OWNED;

	vmcs_write(CR0_GUEST_HOST_MASK, ~cr0);
	vmcs_write(CR4_GUEST_HOST_MASK, ~(cr4 & vcpu->cr4_allowed));
}

u64 control_source(struct vcpu *vcpu)
{
	u64 val = vcpu_gpr(vcpu, CR_QUAL_GPR(vcpu->exit_qual));

	return vcpu_code_bits(vcpu) == 64 ? val : (u32)val;
}

u64 control_lmsw(u64 cr0, u64 source)
{
	return (cr0 & ~(u64)(LMSW_BITS & ~X86_CR0_PE)) | (source & LMSW_BITS);
}

bool control_written(struct vcpu *vcpu, unsigned int *nr, u64 *val)
{
	u64 qual = vcpu->exit_qual;

	*nr = CR_QUAL_NR(qual);
	switch (CR_QUAL_ACCESS(qual)) {
	case CR_CLTS:
		*val = vcpu_cr0(vcpu) & ~X86_CR0_TS;
		return true;
	case CR_LMSW:
		*val = control_lmsw(vcpu_cr0(vcpu), CR_QUAL_LMSW(qual));
		return true;
	case CR_WRITE:
		*val = control_source(vcpu);
		return true;
	}
	return false;
}
