// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID: the leaves a guest can have on this host (KVM_GET_SUPPORTED_CPUID), those
 * that the VMM gave it (KVM_SET_CPUID2), and the instruction.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/apicdef.h>
#include <asm/cpufeature.h>
#include <asm/fpu/types.h>
#include <asm/kvm_para.h>
#include <asm/processor-flags.h>
#include <asm/processor.h>
#include <asm/vmx.h>

#include "irq/lapic.h"
#include "lib/compat.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/cpuid.h"
#include "vcpu/event.h"
#include "vcpu/fpu.h"
#include "vcpu/pv.h"
#include "vcpu/regs.h"
#include "vcpu/spec_ctrl.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

#define MAX_ENTRIES	256	/* same as KVM */
#define MAX_BASIC	0xdU	/* the last leaf with content here */
#define MAX_EXTENDED	0x80000008U
#define MAX_GPA_BITS	48U	/* 4-level EPT */
#define MAX_GVA_BITS	48U	/* no 5-level paging */
#define DEFAULT_PHYS_BITS 36	/* if leaf 0x80000008 is absent */

#define F(name)		BIT(X86_FEATURE_##name & 31)

/* ---- features: an allow list, so that new ones stay off ---- */

#define AVX512_7_EBX	(F(AVX512F) | F(AVX512DQ) | F(AVX512IFMA) |	\
			 F(AVX512PF) | F(AVX512ER) | F(AVX512CD) |	\
			 F(AVX512BW) | F(AVX512VL))
#define AVX512_7_ECX	(F(AVX512VBMI) | F(AVX512_VBMI2) |		\
			 F(AVX512_VNNI) | F(AVX512_BITALG) |		\
			 F(AVX512_VPOPCNTDQ))
#define AVX512_7_EDX	(F(AVX512_4VNNIW) | F(AVX512_4FMAPS) |		\
			 F(AVX512_VP2INTERSECT))

/* Leaf 7.2, EDX: PSFD, IPRED_CTRL, RRSBA_CTRL, DDPD_U, BHI_CTRL (SDM vol. 2, CPUID) */
#define LEAF_7_2_CONTROLS	0x1f
#define LEAF_7_2_MCDT_NO	BIT(5)
#define MAX_SUBLEAF_7		2U

/*
 * No MONITOR, VMX, PDCM. OSXSAVE follows the guest's CR4. A VMM that has the local APIC in
 * the module may add the TSC deadline timer; one that emulates it should hide x2APIC.
 */
static u32 leaf_1_ecx(u32 host)
{
	u32 allowed = F(XMM3) | F(PCLMULQDQ) | F(SSSE3) | F(FMA) | F(CX16) |
		      F(PCID) | F(XMM4_1) | F(XMM4_2) | F(MOVBE) | F(POPCNT) |
		      F(AES) | F(XSAVE) | F(AVX) | F(F16C) | F(RDRAND);
	u32 emulated = F(X2APIC) | (COMPAT_KVM_HYPERVISOR_BIT ? F(HYPERVISOR) : 0);

	if (!(fpu_xcr0_mask & XFEATURE_MASK_YMM))
		allowed &= ~(F(AVX) | F(FMA) | F(F16C));
	return (host & allowed & boot_cpu_data.x86_capability[CPUID_1_ECX]) | emulated;
}

static u32 leaf_1_edx(u32 host)
{
	u32 allowed = F(FPU) | F(VME) | F(DE) | F(PSE) | F(TSC) | F(MSR) |
		      F(PAE) | F(MCE) | F(CX8) | F(SEP) | F(MTRR) | F(PGE) |
		      F(MCA) | F(CMOV) | F(PAT) | F(PSE36) | F(CLFLUSH) |
		      F(MMX) | F(FXSR) | F(XMM) | F(XMM2) | F(SELFSNOOP);

	/* The VMM emulates the APIC, so the host's setting does not matter. */
	return (host & allowed & boot_cpu_data.x86_capability[CPUID_1_EDX]) |
	       F(APIC);
}

/*
 * No RTM, HLE (and TSXLDTRK): an int3 or a VM exit aborts a transaction, and no exception
 * tells of the int3 (SDM vol. 1, 16.3.8). Breakpoints in it would be lost.
 */
static u32 leaf_7_ebx(u32 host)
{
	u32 allowed = F(FSGSBASE) | F(BMI1) | F(AVX2) | F(FDP_EXCPTN_ONLY) |
		      F(SMEP) | F(BMI2) | F(ERMS) | F(INVPCID) |
		      F(ZERO_FCS_FDS) | F(RDSEED) | F(ADX) | F(SMAP) |
		      F(CLFLUSHOPT) | F(CLWB) | F(SHA_NI) | AVX512_7_EBX;

	if (!(vmx_ctl.proc2 & SECONDARY_EXEC_ENABLE_INVPCID))
		allowed &= ~F(INVPCID);
	if (!(fpu_xcr0_mask & XFEATURE_MASK_YMM))
		allowed &= ~F(AVX2);
	if (!(fpu_xcr0_mask & XFEATURE_MASK_AVX512))
		allowed &= ~AVX512_7_EBX;
	return (host & allowed & boot_cpu_data.x86_capability[CPUID_7_0_EBX]) |
	       F(TSC_ADJUST);
}

/* No PKU, CET, WAITPKG, LA57, bus lock detection, SGX. */
static u32 leaf_7_ecx(u32 host)
{
	u32 allowed = F(RDPID) | F(UMIP) | F(GFNI) | F(VAES) | F(VPCLMULQDQ) |
		      F(CLDEMOTE) | F(MOVDIRI) | F(MOVDIR64B) | AVX512_7_ECX;

	if (!(vmx_ctl.proc2 & SECONDARY_EXEC_ENABLE_RDTSCP))
		allowed &= ~F(RDPID);
	if (!(fpu_xcr0_mask & XFEATURE_MASK_YMM))
		allowed &= ~(F(VAES) | F(VPCLMULQDQ));
	if (!(fpu_xcr0_mask & XFEATURE_MASK_AVX512))
		allowed &= ~AVX512_7_ECX;
	return host & allowed & boot_cpu_data.x86_capability[CPUID_7_ECX];
}

/* The module has IA32_ARCH_CAPABILITIES on any host. */
static u32 leaf_7_edx(u32 host)
{
	u32 allowed = F(FSRM) | F(MD_CLEAR) | F(SERIALIZE) |
		      F(SPEC_CTRL) | F(INTEL_STIBP) | F(FLUSH_L1D) |
		      F(SPEC_CTRL_SSBD) | AVX512_7_EDX;

	if (!(fpu_xcr0_mask & XFEATURE_MASK_AVX512))
		allowed &= ~AVX512_7_EDX;
	return (host & allowed & boot_cpu_data.x86_capability[CPUID_7_EDX]) |
	       F(ARCH_CAPABILITIES);
}

static u32 leaf_7_1_eax(u32 host)
{
	u32 allowed = F(AVX_VNNI) | F(AVX512_BF16);

	if (!(fpu_xcr0_mask & XFEATURE_MASK_YMM))
		allowed &= ~F(AVX_VNNI);
	if (!(fpu_xcr0_mask & XFEATURE_MASK_AVX512))
		allowed &= ~F(AVX512_BF16);
	return host & allowed & boot_cpu_data.x86_capability[CPUID_7_1_EAX];
}

/* Bits of IA32_SPEC_CTRL, of which MCDT_NO is none. */
static u32 leaf_7_2_edx(u32 host)
{
	return host & (LEAF_7_2_MCDT_NO |
		       (boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL) ? LEAF_7_2_CONTROLS : 0));
}

/* AMD's bits for the same MSRs, as KVM has them on any processor. */
static u32 leaf_80000008_ebx(void)
{
	u32 ebx = 0;

	if (boot_cpu_has(X86_FEATURE_IBPB))
		ebx |= F(AMD_IBPB);
	if (boot_cpu_has(X86_FEATURE_IBRS))
		ebx |= F(AMD_IBRS);
	if (boot_cpu_has(X86_FEATURE_STIBP))
		ebx |= F(AMD_STIBP);
	if (boot_cpu_has(X86_FEATURE_SPEC_CTRL_SSBD))
		ebx |= F(AMD_SSBD);
	if (!boot_cpu_has_bug(X86_BUG_SPEC_STORE_BYPASS))
		ebx |= F(AMD_SSB_NO);
	return ebx;
}

static u32 leaf_80000001_ecx(u32 host)
{
	u32 allowed = F(LAHF_LM) | F(ABM) | F(3DNOWPREFETCH);

	return host & allowed & boot_cpu_data.x86_capability[CPUID_8000_0001_ECX];
}

static u32 leaf_80000001_edx(u32 host)
{
	u32 allowed = F(SYSCALL) | F(NX) | F(GBPAGES) | F(RDTSCP) | F(LM);

	if (!(vmx_ctl.proc2 & SECONDARY_EXEC_ENABLE_RDTSCP))
		allowed &= ~F(RDTSCP);
	return host & allowed & boot_cpu_data.x86_capability[CPUID_8000_0001_EDX];
}

/* ---- the list of leaves ---- */

struct list {
	struct kvm_cpuid_entry2 *entries;
	unsigned int nr, room;
};

/* Append the host's leaf. Return: the entry, or NULL if the list is full. */
static struct kvm_cpuid_entry2 *cpuid_add(struct list *list, u32 function, u32 index,
					  bool indexed)
{
	struct kvm_cpuid_entry2 *e = &list->entries[list->nr];

	if (list->nr == list->room)
		return NULL;
	list->nr++;
	memset(e, 0, sizeof(*e));
	e->function = function;
	e->index = index;
	if (indexed)
		e->flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
	cpuid_count(function, index, &e->eax, &e->ebx, &e->ecx, &e->edx);
	return e;
}

static void zero(struct kvm_cpuid_entry2 *e)
{
	e->eax = 0;
	e->ebx = 0;
	e->ecx = 0;
	e->edx = 0;
}

static void fix_leaf_1(struct kvm_cpuid_entry2 *e)
{
	e->ebx &= 0xff00;	/* CLFLUSH line size; the VMM sets the APIC id */
	e->ecx = leaf_1_ecx(e->ecx);
	e->edx = leaf_1_edx(e->edx);
}

static void fix_leaf_7(struct kvm_cpuid_entry2 *e)
{
	e->eax = min(e->eax, MAX_SUBLEAF_7);
	e->ebx = leaf_7_ebx(e->ebx);
	e->ecx = leaf_7_ecx(e->ecx);
	e->edx = leaf_7_edx(e->edx);
}

static void fix_leaf_7_sub(struct kvm_cpuid_entry2 *e)
{
	e->eax = e->index == 1 ? leaf_7_1_eax(e->eax) : 0;
	e->ebx = 0;
	e->ecx = 0;
	e->edx = e->index == 2 ? leaf_7_2_edx(e->edx) : 0;
}

static void fix_leaf_d(struct kvm_cpuid_entry2 *e)
{
	e->eax = fpu_xcr0_mask;
	e->edx = fpu_xcr0_mask >> 32;
	e->ebx = fpu_xsave_size(fpu_xcr0_mask);
	e->ecx = e->ebx;
}

static void fix_leaf_d_1(struct kvm_cpuid_entry2 *e)
{
	e->eax &= F(XSAVEOPT) | F(XGETBV1);	/* no XSAVES, no XFD */
	e->ebx = 0;
	e->ecx = 0;
	e->edx = 0;
}

static void fix_leaf_80000008(struct kvm_cpuid_entry2 *e)
{
	e->eax = min(e->eax & 0xff, MAX_GPA_BITS) | MAX_GVA_BITS << 8;
	e->ebx = leaf_80000008_ebx();
	e->ecx = 0;
	e->edx = 0;
}

static void fix_entry(struct kvm_cpuid_entry2 *e)
{
	switch (e->function) {
	case 0:
		e->eax = min(e->eax, MAX_BASIC);
		break;
	case 1:
		fix_leaf_1(e);
		break;
	case 6:
		zero(e);
		e->eax = BIT(2);	/* ARAT: the VMM's timer does not stop */
		break;
	case 7:
		fix_leaf_7(e);
		break;
	case 0xd:
		fix_leaf_d(e);
		break;
	case 2: case 4: case 0x80000002: case 0x80000003: case 0x80000004:
	case 0x80000006:
		break;		/* caches and the brand string: as on the host */
	case 0x80000000:
		e->eax = min(e->eax, MAX_EXTENDED);
		break;
	case 0x80000001:
		e->ecx = leaf_80000001_ecx(e->ecx);
		e->edx = leaf_80000001_edx(e->edx);
		break;
	case 0x80000007:
		e->edx &= BIT(8);	/* invariant TSC */
		e->eax = 0;
		e->ebx = 0;
		e->ecx = 0;
		break;
	case 0x80000008:
		fix_leaf_80000008(e);
		break;
	default:	/* MONITOR, perfmon, topology: zero */
		zero(e);
	}
}

/* Deterministic cache parameters: type 0 ends the list. */
static bool add_caches(struct list *list, struct kvm_cpuid_entry2 *e)
{
	u32 i;

	for (i = 1; e->eax & 0x1f; i++) {
		e = cpuid_add(list, 4, i, true);
		if (!e)
			return false;
	}
	return true;
}

/* Features: subleaves up to the maximum in EAX. */
static bool add_features(struct list *list, u32 max)
{
	struct kvm_cpuid_entry2 *e;
	u32 i;

	for (i = 1; i <= max; i++) {
		e = cpuid_add(list, 7, i, true);
		if (!e)
			return false;
		fix_leaf_7_sub(e);
	}
	return true;
}

/* Extended state: subleaf 1, and one for each component from 2 up. */
static bool add_components(struct list *list)
{
	struct kvm_cpuid_entry2 *e = cpuid_add(list, 0xd, 1, true);
	u32 i;

	if (!e)
		return false;
	fix_leaf_d_1(e);
	for (i = 2; i < 63; i++) {
		if (!(fpu_xcr0_mask & BIT_ULL(i)))
			continue;
		e = cpuid_add(list, 0xd, i, true);
		if (!e)
			return false;
		e->ecx &= BIT(1);	/* aligned in the compacted format */
		e->edx = 0;
	}
	return true;
}

static bool add_leaf(struct list *list, u32 function)
{
	bool indexed = function == 4 || function == 7 || function == 0xb ||
		       function == 0xd;
	struct kvm_cpuid_entry2 *e = cpuid_add(list, function, 0, indexed);

	if (!e)
		return false;
	fix_entry(e);
	if (function == 4)
		return add_caches(list, e);
	if (function == 7)
		return add_features(list, e->eax);
	return function != 0xd || add_components(list);
}

/* Add the leaves from @first up to the maximum in its EAX. */
static bool add_class(struct list *list, u32 first)
{
	u32 function, last;

	if (!add_leaf(list, first))
		return false;
	last = list->entries[list->nr - 1].eax;
	for (function = first + 1; function <= last; function++)
		if (!add_leaf(list, function))
			return false;
	return true;
}

/* KVM's signature, and what a guest may use of KVM's services */
static bool add_pv(struct list *list)
{
	struct kvm_cpuid_entry2 *e;
	u32 function;

	for (function = KVM_CPUID_SIGNATURE; function <= KVM_CPUID_FEATURES; function++) {
		e = cpuid_add(list, function, 0, false);
		if (!e)
			return false;
		pv_fill_leaf(e);
	}
	return true;
}

/* Same as KVM: -EFAULT unless the padding can be read as well. */
static int read_head(struct kvm_cpuid2 __user *user, u32 *nr)
{
	struct kvm_cpuid2 head;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	*nr = head.nent;
	return 0;
}

int cpuid_supported(struct kvm_cpuid2 __user *user)
{
	struct list list = { };
	u32 room;
	int r = 0;

	if (read_head(user, &room))
		return -EFAULT;
	if (!room)
		return -E2BIG;
	list.room = min_t(u32, room, MAX_ENTRIES);
	list.entries = kvcalloc(list.room, sizeof(*list.entries), GFP_KERNEL);
	if (!list.entries)
		return -ENOMEM;
	if (!add_class(&list, 0) || !add_class(&list, 0x80000000) || !add_pv(&list))
		r = -E2BIG;
	else if (copy_to_user(user->entries, list.entries,
			      list.nr * sizeof(*list.entries)) ||
		 put_user(list.nr, &user->nent))
		r = -EFAULT;
	kvfree(list.entries);
	return r;
}

/* ---- the leaves of a vCPU ---- */

static const struct kvm_cpuid_entry2 *
cpuid_find(const struct kvm_cpuid_entry2 *entries, unsigned int nr, u32 function, u32 index)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const struct kvm_cpuid_entry2 *e = &entries[i];
		bool any = !(e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX);

		if (e->function == function && (any || e->index == index))
			return e;
	}
	return NULL;
}

/*
 * Get the width of physical addresses. Return: false if no processor has such
 * widths.
 */
static bool read_widths(const struct kvm_cpuid_entry2 *entries, unsigned int nr,
			u8 *phys_bits)
{
	const struct kvm_cpuid_entry2 *e = cpuid_find(entries, nr, 0x80000008, 0);
	u8 virt_bits;

	*phys_bits = DEFAULT_PHYS_BITS;
	if (!e)
		return true;
	virt_bits = e->eax >> 8;
	if (virt_bits && virt_bits != 48 && virt_bits != 57)
		return false;
	if (e->eax & 0xff)
		*phys_bits = clamp_t(u8, e->eax, 32, 52);
	return true;
}

/* Return: the components of XCR0 that the CPUID has and guests can have here. */
static u64 read_xcr0(const struct kvm_cpuid_entry2 *entries, unsigned int nr)
{
	const struct kvm_cpuid_entry2 *e = cpuid_find(entries, nr, 0xd, 0);

	return e ? (e->eax | (u64)e->edx << 32) & fpu_xcr0_mask : 0;
}

/* Update the bits that depend on the guest's control registers. */
static void apply_state(struct vcpu *vcpu, struct kvm_cpuid_entry2 *e, u32 index)
{
	switch (e->function) {
	case 1:
		e->ecx &= ~F(OSXSAVE);
		if (vcpu_cr4(vcpu) & X86_CR4_OSXSAVE)
			e->ecx |= F(OSXSAVE);
		e->edx &= ~F(APIC);
		if (vcpu->apic_base & MSR_IA32_APICBASE_ENABLE)
			e->edx |= F(APIC);
		if (vm_has_quirk(vcpu->vm, KVM_X86_QUIRK_MISC_ENABLE_NO_MWAIT))
			break;
		e->ecx &= ~F(MWAIT);
		if (vcpu->misc_enable & MSR_IA32_MISC_ENABLE_MWAIT)
			e->ecx |= F(MWAIT);
		break;
	case 7:
		if (index == 0)
			e->ecx &= ~F(OSPKE);
		break;
	case 0xd:
		if (index == 0)
			e->ebx = fpu_xsave_size(vcpu->xcr0);
		break;
	}
}

/*
 * Return: CR4 bits that a guest may set, by the features for which KVM checks its
 * CPUID.
 */
static u64 read_cr4(const struct kvm_cpuid_entry2 *entries, unsigned int nr)
{
	static const struct kvm_cpuid_entry2 none;
	const struct kvm_cpuid_entry2 *e1 = cpuid_find(entries, nr, 1, 0) ?: &none;
	const struct kvm_cpuid_entry2 *e7 = cpuid_find(entries, nr, 7, 0) ?: &none;
	u64 cr4 = cr4_allowed;

	if (!(e1->ecx & F(XSAVE)))
		cr4 &= ~(u64)X86_CR4_OSXSAVE;
	if (!(e1->ecx & F(PCID)))
		cr4 &= ~(u64)X86_CR4_PCIDE;
	if (!(e7->ebx & F(FSGSBASE)))
		cr4 &= ~(u64)X86_CR4_FSGSBASE;
	if (!(e7->ebx & F(SMEP)))
		cr4 &= ~(u64)X86_CR4_SMEP;
	if (!(e7->ebx & F(SMAP)))
		cr4 &= ~(u64)X86_CR4_SMAP;
	if (!(e7->ecx & F(UMIP)))
		cr4 &= ~(u64)X86_CR4_UMIP;
	return cr4;
}

static u64 read_efer(const struct kvm_cpuid_entry2 *entries, unsigned int nr)
{
	const struct kvm_cpuid_entry2 *e = cpuid_find(entries, nr, 0x80000001, 0);
	u64 efer = EFER_SCE;

	if (e && (e->edx & F(LM)))
		efer |= EFER_LME | EFER_LMA;
	if (e && (e->edx & F(NX)))
		efer |= EFER_NX;
	return efer;
}

/* Return: SPEC_CTRL_MSR and so on. Same bits as in KVM. */
static u8 read_spec_msrs(const struct kvm_cpuid_entry2 *entries, unsigned int nr)
{
	static const struct kvm_cpuid_entry2 none;
	const struct kvm_cpuid_entry2 *e7 = cpuid_find(entries, nr, 7, 0) ?: &none;
	u32 amd = (cpuid_find(entries, nr, 0x80000008, 0) ?: &none)->ebx;
	u8 msrs = 0;

	if ((e7->edx & F(SPEC_CTRL)) || (amd & (F(AMD_IBRS) | F(AMD_STIBP) | F(AMD_SSBD))))
		msrs |= SPEC_CTRL_MSR;
	if ((e7->edx & F(SPEC_CTRL)) || (amd & F(AMD_IBPB)))
		msrs |= PRED_CMD_MSR;
	if (e7->edx & F(FLUSH_L1D))
		msrs |= FLUSH_CMD_MSR;
	if (e7->edx & F(ARCH_CAPABILITIES))
		msrs |= ARCH_CAPS_MSR;
	return msrs;
}

static bool has_1_ecx(const struct kvm_cpuid_entry2 *entries, unsigned int nr, u32 bit)
{
	const struct kvm_cpuid_entry2 *e = cpuid_find(entries, nr, 1, 0);

	return e && (e->ecx & bit);
}

/* No guest gets a component for which a task needs the host's permission (AMX). */
static bool wants_permission(const struct kvm_cpuid_entry2 *entries, unsigned int nr)
{
	const struct kvm_cpuid_entry2 *e = cpuid_find(entries, nr, 0xd, 0);

	return e && (e->eax & XFEATURE_MASK_XTILE_DATA);
}

/* Compare without the bits that apply_state() changes. */
static bool same_entry(struct vcpu *vcpu, struct kvm_cpuid_entry2 a,
		       struct kvm_cpuid_entry2 b)
{
	apply_state(vcpu, &a, a.index);
	apply_state(vcpu, &b, b.index);
	return a.function == b.function && a.index == b.index &&
	       a.flags == b.flags && a.eax == b.eax && a.ebx == b.ebx &&
	       a.ecx == b.ecx && a.edx == b.edx;
}

static bool same_as_before(struct vcpu *vcpu, const struct kvm_cpuid_entry2 *entries,
			   u32 nr)
{
	u32 i;

	if (nr != vcpu->cpuid_nr)
		return false;
	for (i = 0; i < nr; i++)
		if (!same_entry(vcpu, entries[i], vcpu->cpuid[i]))
			return false;
	return true;
}

/* A vCPU that has run keeps its CPUID. Return: 0, -EINVAL or -EPERM. */
static int cpuid_check(struct vcpu *vcpu, const struct kvm_cpuid_entry2 *entries, u32 nr,
		       u8 *phys_bits)
{
	bool has_run = vcpu->host_cpu >= 0;

	if (has_run && !same_as_before(vcpu, entries, nr))
		return -EINVAL;
	if (!read_widths(entries, nr, phys_bits))
		return -EINVAL;
	return wants_permission(entries, nr) ? -EPERM : 0;
}

/* SDM vol. 4, table 2-2: RDTSCP and RDPID read it. */
static bool read_tsc_aux(const struct kvm_cpuid_entry2 *entries, u32 nr)
{
	static const struct kvm_cpuid_entry2 none;
	const struct kvm_cpuid_entry2 *e7 = cpuid_find(entries, nr, 7, 0) ?: &none;
	const struct kvm_cpuid_entry2 *high = cpuid_find(entries, nr, 0x80000001, 0) ?: &none;

	return (high->edx & F(RDTSCP)) || (e7->ecx & F(RDPID));
}

static u32 switched(u32 ctl, u32 bit, bool on)
{
	return on ? ctl | (vmx_ctl.proc2 & bit) : ctl & ~bit;
}

/* Without their feature, RDTSCP, RDPID and INVPCID raise #UD. VMCS current. */
static void allow_instructions(struct vcpu *vcpu)
{
	const struct kvm_cpuid_entry2 *e7 = cpuid_find(vcpu->cpuid, vcpu->cpuid_nr, 7, 0);
	u32 ctl = vmcs_read32(SECONDARY_VM_EXEC_CONTROL);

	ctl = switched(ctl, SECONDARY_EXEC_ENABLE_RDTSCP, vcpu->tsc_aux);
	ctl = switched(ctl, SECONDARY_EXEC_ENABLE_INVPCID, e7 && (e7->ebx & F(INVPCID)));
	vmcs_write(SECONDARY_VM_EXEC_CONTROL, ctl);
}

static void cpuid_take(struct vcpu *vcpu, struct kvm_cpuid_entry2 *entries, u32 nr)
{
	kvfree(vcpu->cpuid);
	vcpu->cpuid = entries;
	vcpu->cpuid_nr = nr;
	vcpu->xcr0_allowed = read_xcr0(entries, nr);
	vcpu->cr4_allowed = read_cr4(entries, nr);
	vcpu->efer_allowed = read_efer(entries, nr);
	vcpu->x2apic = has_1_ecx(entries, nr, F(X2APIC));
	vcpu->tsc_deadline = has_1_ecx(entries, nr, F(TSC_DEADLINE_TIMER));
	vcpu->pdcm = has_1_ecx(entries, nr, F(PDCM));
	vcpu->tsc_aux = read_tsc_aux(entries, nr);
	vcpu->spec.msrs = read_spec_msrs(entries, nr);
	pv_set_features(vcpu, pv_features(entries, nr));
	if (vcpu->lapic)
		lapic_cpuid_changed(vcpu);
	set_bit(REQ_CATCH, &vcpu->requests);	/* for the MSR bitmap */
	vmcs_get(&vcpu->vmcs);
	vcpu_own_crs(vcpu);
	allow_instructions(vcpu);
	vmcs_put();
}

int vcpu_set_cpuid(struct vcpu *vcpu, struct kvm_cpuid2 __user *user)
{
	struct kvm_cpuid_entry2 *entries;
	u8 phys_bits;
	u32 nr;
	int r;

	if (read_head(user, &nr))
		return -EFAULT;
	if (nr > MAX_ENTRIES)
		return -E2BIG;
	entries = vmemdup_user(user->entries, nr * sizeof(*entries));
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	r = cpuid_check(vcpu, entries, nr, &phys_bits);
	if (r) {
		kvfree(entries);
		return r;
	}
	cpuid_take(vcpu, entries, nr);
	vcpu->maxphyaddr = phys_bits;
	return 0;
}

int vcpu_get_cpuid(struct vcpu *vcpu, struct kvm_cpuid2 __user *user)
{
	struct kvm_cpuid_entry2 e;
	u32 room, i;

	if (read_head(user, &room))
		return -EFAULT;
	if (room < vcpu->cpuid_nr)
		return -E2BIG;
	for (i = 0; i < vcpu->cpuid_nr; i++) {
		e = vcpu->cpuid[i];
		apply_state(vcpu, &e, e.index);
		if (copy_to_user(&user->entries[i], &e, sizeof(e)))
			return -EFAULT;
	}
	return put_user(vcpu->cpuid_nr, &user->nent) ? -EFAULT : 0;
}

/*
 * A leaf above the maximum of its class reads as the last basic leaf (SDM vol. 2,
 * CPUID). Classes start at 0, at 0x80000000, and at each 0x100 from 0x40000000.
 */
static bool out_of_range(struct vcpu *vcpu, u32 function, u32 *last_basic)
{
	const struct kvm_cpuid_entry2 *basic, *class;
	u32 first = function & 0x80000000;

	if (function >= 0x40000000 && function < 0x50000000)
		first = function & 0xffffff00;
	basic = cpuid_find(vcpu->cpuid, vcpu->cpuid_nr, 0, 0);
	if (!basic)
		return false;
	class = cpuid_find(vcpu->cpuid, vcpu->cpuid_nr, first, 0);
	*last_basic = basic->eax;
	return !class || function > class->eax;
}

void vcpu_cpuid(struct vcpu *vcpu, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
	u32 function = *eax, index = *ecx, last;
	const struct kvm_cpuid_entry2 *found;
	struct kvm_cpuid_entry2 e = { };

	found = cpuid_find(vcpu->cpuid, vcpu->cpuid_nr, function, index);
	if (!found && out_of_range(vcpu, function, &last))
		found = cpuid_find(vcpu->cpuid, vcpu->cpuid_nr, last, index);
	if (found) {
		e = *found;
		apply_state(vcpu, &e, index);
	} else if (function == 0xb || function == 0x1f) {
		/*
		 * Levels above the last one: only the level number and the x2APIC
		 * id.
		 */
		found = cpuid_find(vcpu->cpuid, vcpu->cpuid_nr, function, 1);
		if (found) {
			e.ecx = index & 0xff;
			e.edx = found->edx;
		}
	}
	*eax = e.eax;
	*ebx = e.ebx;
	*ecx = e.ecx;
	*edx = e.edx;
}

bool cpuid_has_mwait(struct vcpu *vcpu)
{
	if (!vm_has_quirk(vcpu->vm, KVM_X86_QUIRK_MISC_ENABLE_NO_MWAIT))
		return vcpu->misc_enable & MSR_IA32_MISC_ENABLE_MWAIT;
	return has_1_ecx(vcpu->cpuid, vcpu->cpuid_nr, F(MWAIT));
}

bool cpuid_is_amd(struct vcpu *vcpu)
{
	const struct kvm_cpuid_entry2 *e = cpuid_find(vcpu->cpuid, vcpu->cpuid_nr, 0, 0);
	char vendor[12];

	if (!e)
		return false;
	memcpy(vendor, &e->ebx, 4);
	memcpy(vendor + 4, &e->edx, 4);
	memcpy(vendor + 8, &e->ecx, 4);
	return !memcmp(vendor, "AuthenticAMD", 12) || !memcmp(vendor, "HygonGenuine", 12);
}

bool cpuid_has_sse3(struct vcpu *vcpu)
{
	return has_1_ecx(vcpu->cpuid, vcpu->cpuid_nr, F(XMM3));
}

int exit_cpuid(struct vcpu *vcpu)
{
	u32 eax = vcpu->regs[GPR_RAX], ecx = vcpu->regs[GPR_RCX], ebx, edx;

	if (unlikely(vcpu->cpuid_faults) && vcpu_cpl(vcpu)) {
		vcpu_raise_gp0(vcpu);
		return RUN_RESUME;
	}
	vcpu_cpuid(vcpu, &eax, &ebx, &ecx, &edx);
	vcpu->regs[GPR_RAX] = eax;
	vcpu->regs[GPR_RBX] = ebx;
	vcpu->regs[GPR_RCX] = ecx;
	vcpu->regs[GPR_RDX] = edx;
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	return RUN_RESUME;
}
