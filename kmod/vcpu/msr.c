// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's MSRs and the homes of their values. An MSR that is not listed here
 * does not exist: a guest's access raises #GP, a VMM's fails.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/apicdef.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/vmx.h>

#include "irq/lapic.h"
#include "lib/compat.h"
#include "lib/walk.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/cpuid.h"
#include "vcpu/cpuid_fault.h"
#include "vcpu/event.h"
#include "vcpu/mce.h"
#include "vcpu/msr.h"
#include "vcpu/msr_filter.h"
#include "vcpu/msr_switch.h"
#include "vcpu/pv.h"
#include "vcpu/regs.h"
#include "vcpu/spec_ctrl.h"
#include "vcpu/tsc.h"
#include "vcpu/types.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

#define MAX_MSRS	256		/* in one ioctl, same as KVM */
#define MSRS_QUARTER	0x2000		/* bits: reads or writes, low or high */
#define MSRS_HIGH	0xc0000000ULL
#define HWCR_IGNORED	(BIT_ULL(3) | BIT_ULL(6) | BIT_ULL(8))
#define HWCR_TSC_FREQ	BIT_ULL(24)	/* TscFreqSel */

/* Eight variable ranges, fixed ranges, WC (SDM vol. 3, 12.11.1) */
#define MTRR_PAIRS	8
#define MTRR_CAP	(0x500 | MTRR_PAIRS)
#define MTRR_DEF_VALID	0xcffULL
#define MTRR_PHYS_BASE	0x200
#define MTRR_PHYS_END	(MTRR_PHYS_BASE + 2 * MTRR_PAIRS)
#define MTRR_MASK_VALID	BIT_ULL(11)

/* How to check a value */
enum check { ANY, CANONICAL, MAKE_CANONICAL, LOW_HALF };

/* Home of a value that is a VMCS field or in vcpu->msrs */
struct msr_home {
	u32 index;
	u32 field;		/* VMCS field, or enum vcpu_msr */
	enum check check;
};

static const struct msr_home vmcs_msrs[] = {
	{ MSR_FS_BASE, GUEST_FS_BASE, CANONICAL },
	{ MSR_GS_BASE, GUEST_GS_BASE, CANONICAL },
	{ MSR_IA32_SYSENTER_CS, GUEST_SYSENTER_CS, ANY },
	{ MSR_IA32_SYSENTER_ESP, GUEST_SYSENTER_ESP, MAKE_CANONICAL },
	{ MSR_IA32_SYSENTER_EIP, GUEST_SYSENTER_EIP, MAKE_CANONICAL },
};

static const struct msr_home switched_msrs[] = {
	{ MSR_STAR, VMSR_STAR, ANY },
	{ MSR_LSTAR, VMSR_LSTAR, CANONICAL },
	{ MSR_CSTAR, VMSR_CSTAR, CANONICAL },
	{ MSR_SYSCALL_MASK, VMSR_FMASK, LOW_HALF },
	{ MSR_KERNEL_GS_BASE, VMSR_KERNEL_GS, CANONICAL },
	{ MSR_TSC_AUX, VMSR_TSC_AUX, LOW_HALF },	/* must be the last */
};

static const u32 mtrr_fixed[] = {
	MSR_MTRRfix64K_00000, MSR_MTRRfix16K_80000, MSR_MTRRfix16K_A0000,
	MSR_MTRRfix4K_C0000, MSR_MTRRfix4K_C8000, MSR_MTRRfix4K_D0000,
	MSR_MTRRfix4K_D8000, MSR_MTRRfix4K_E0000, MSR_MTRRfix4K_E8000,
	MSR_MTRRfix4K_F0000, MSR_MTRRfix4K_F8000,
};

/* KVM_GET_MSR_INDEX_LIST: the MSRs that a VMM saves */
static const u32 saved_msrs[] = {
	MSR_IA32_TSC, MSR_IA32_APICBASE, MSR_IA32_TSC_ADJUST, MSR_IA32_TSC_DEADLINE,
	MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP,
	MSR_IA32_MISC_ENABLE, MSR_IA32_CR_PAT, MSR_IA32_UCODE_REV,
	MSR_IA32_POWER_CTL, MSR_IA32_FEAT_CTL,
	MSR_IA32_MCG_STATUS, MSR_IA32_MCG_CTL, MSR_IA32_ARCH_CAPABILITIES,
	MSR_IA32_PERF_CAPABILITIES, MSR_PLATFORM_INFO, MSR_MISC_FEATURES_ENABLES,
	MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK, MSR_KERNEL_GS_BASE,
	MSR_TSC_AUX, MSR_IA32_SPEC_CTRL, MSR_K7_HWCR,
	MSR_KVM_WALL_CLOCK, MSR_KVM_SYSTEM_TIME, MSR_KVM_WALL_CLOCK_NEW,
	MSR_KVM_SYSTEM_TIME_NEW, MSR_KVM_STEAL_TIME,
};

/* KVM_GET_MSR_FEATURE_INDEX_LIST: MSRs that describe the processor */
static const u32 feature_msrs[] = {
	MSR_IA32_UCODE_REV, MSR_IA32_ARCH_CAPABILITIES, MSR_IA32_PERF_CAPABILITIES,
};

static const struct msr_home *find_home(const struct msr_home *homes,
					unsigned int nr, u32 index)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (homes[i].index == index)
			return &homes[i];
	return NULL;
}

static unsigned int nr_switched(void)
{
	return ARRAY_SIZE(switched_msrs) - !msr_has_tsc_aux();
}

/* ---- checks ---- */

/* UC, WC, WT, WP, WB (SDM vol. 3, 12.11.2.1) */
static bool mtrr_type_ok(u8 type)
{
	return type < 7 && (BIT(type) & 0x73);
}

/* PAT has these and UC-. */
static bool pat_ok(u64 pat)
{
	unsigned int i;

	for (i = 0; i < 64; i += 8) {
		u8 type = pat >> i;

		if (type != 7 && !mtrr_type_ok(type))
			return false;
	}
	return true;
}

static bool value_ok(enum check check, u64 val)
{
	switch (check) {
	case CANONICAL:
		return __is_canonical_address(val, VADDR_BITS);
	case LOW_HALF:
		return !(val >> 32);
	default:
		return true;
	}
}

/* ---- MTRRs: stored, without effect ---- */

static u64 *mtrr_slot(struct vcpu *vcpu, u32 index)
{
	unsigned int i;

	BUILD_BUG_ON(2 * MTRR_PAIRS + ARRAY_SIZE(mtrr_fixed) >
		     ARRAY_SIZE(((struct vcpu *)0)->mtrr));
	if (index == MSR_MTRRdefType)
		return &vcpu->mtrr_def;
	if (index >= MTRR_PHYS_BASE && index < MTRR_PHYS_END)
		return &vcpu->mtrr[index - MTRR_PHYS_BASE];
	for (i = 0; i < ARRAY_SIZE(mtrr_fixed); i++)
		if (mtrr_fixed[i] == index)
			return &vcpu->mtrr[2 * MTRR_PAIRS + i];
	return NULL;
}

static bool mtrr_fixed_ok(u64 val)
{
	unsigned int i;

	for (i = 0; i < 64; i += 8)
		if (!mtrr_type_ok(val >> i))
			return false;
	return true;
}

static bool mtrr_ok(struct vcpu *vcpu, u32 index, u64 val)
{
	u64 beyond = GENMASK_ULL(63, vcpu->maxphyaddr);

	if (index == MSR_MTRRdefType)
		return !(val & ~MTRR_DEF_VALID) && mtrr_type_ok(val);
	if (index >= MTRR_PHYS_END)
		return mtrr_fixed_ok(val);
	if (index & 1)
		return !(val & (beyond | (MTRR_MASK_VALID - 1)));
	return !(val & (beyond | 0xf00)) && mtrr_type_ok(val);
}

static int set_mtrr(struct vcpu *vcpu, u32 index, u64 val)
{
	if (!mtrr_ok(vcpu, index, val))
		return -EINVAL;
	*mtrr_slot(vcpu, index) = val;
	return 0;
}

/* ---- MSRs with their own rules ---- */

/*
 * SDM vol. 3, 11.12.5: x2APIC mode is entered from xAPIC mode, and left by turning the local
 * APIC off. Turned off, it is not in x2APIC mode.
 */
static bool apic_mode_follows(u64 old, u64 val)
{
	bool enabled = val & MSR_IA32_APICBASE_ENABLE, x2apic = val & X2APIC_ENABLE;

	if (old & X2APIC_ENABLE)
		return x2apic == enabled;
	return !x2apic || (old & MSR_IA32_APICBASE_ENABLE);
}

int vcpu_set_apic_base(struct vcpu *vcpu, u64 val, bool host)
{
	u64 allowed = MSR_IA32_APICBASE_BSP | MSR_IA32_APICBASE_ENABLE |
		      GENMASK_ULL(vcpu->maxphyaddr - 1, 12);
	u64 old = vcpu->apic_base;

	if (vcpu->x2apic && (val & MSR_IA32_APICBASE_ENABLE))
		allowed |= X2APIC_ENABLE;
	if ((val & ~allowed) || (!host && !apic_mode_follows(old, val)))
		return -EINVAL;
	vcpu->apic_base = val;
	if (vcpu->lapic)
		lapic_base_changed(vcpu, old);
	return 0;
}

/* IA32_TSC_DEADLINE. Without a local APIC, KVM has it all the same, and it stays 0. */
static int get_deadline(struct vcpu *vcpu, u64 *val)
{
	*val = 0;
	return vcpu->lapic ? lapic_get_msr(vcpu, MSR_IA32_TSC_DEADLINE, val, true) : 0;
}

static int set_deadline(struct vcpu *vcpu, u64 val)
{
	return vcpu->lapic ? lapic_set_msr(vcpu, MSR_IA32_TSC_DEADLINE, val, true) : 0;
}

static bool is_x2apic_msr(u32 index)
{
	return index - APIC_BASE_MSR < 0x100;
}

static int set_pat(struct vcpu *vcpu, u64 val)
{
	if (!pat_ok(val))
		return -EINVAL;
	vcpu->pat = val;
	if (vmx_ctl.pat)
		vmcs_write(GUEST_IA32_PAT, val);
	return 0;
}

static int set_tsc(struct vcpu *vcpu, u64 val, bool host)
{
	if (host)
		vcpu_tsc_write_host(vcpu, val);
	else
		vcpu_tsc_write_guest(vcpu, val);
	return 0;
}

static int set_tsc_adjust(struct vcpu *vcpu, u64 val, bool host)
{
	if (!host)
		vcpu_tsc_adjust_guest(vcpu, val);
	vcpu->tsc_adjust = val;
	return 0;
}

/*
 * A guest's change of BTS_UNAVAIL or PEBS_UNAVAIL faults, that of EMON is ignored. The bit for
 * MWAIT is reserved without SSE3 (SDM vol. 4, table 2-2), but by default it has no effect.
 */
static int set_misc_enable(struct vcpu *vcpu, u64 val, bool host)
{
	u64 old = vcpu->misc_enable;

	if (!host) {
		if ((old ^ val) & (MSR_IA32_MISC_ENABLE_BTS_UNAVAIL |
				   MSR_IA32_MISC_ENABLE_PEBS_UNAVAIL))
			return -EINVAL;
		val = (val & ~MSR_IA32_MISC_ENABLE_EMON) |
		      (old & MSR_IA32_MISC_ENABLE_EMON);
	}
	if (((old ^ val) & MSR_IA32_MISC_ENABLE_MWAIT) && !cpuid_has_sse3(vcpu) &&
	    !vm_has_quirk(vcpu->vm, KVM_X86_QUIRK_MISC_ENABLE_NO_MWAIT))
		return -EINVAL;
	vcpu->misc_enable = val;
	return 0;
}

/* Only the lock: there is neither VMX nor SMX. A VMM may open it. */
static int set_feature_control(struct vcpu *vcpu, u64 val, bool host)
{
	if (val & ~(u64)FEAT_CTL_LOCKED)
		return -EINVAL;
	if (!host && vcpu->feature_control)
		return -EINVAL;
	vcpu->feature_control = val;
	return 0;
}

/* Hardware configuration of AMD's processors, which KVM has on any */
static int set_hwcr(struct vcpu *vcpu, u64 val)
{
	val &= ~HWCR_IGNORED;
	if (val & ~(HWCR_MC_STATUS_WR | HWCR_TSC_FREQ))
		return -EINVAL;
	vcpu->hwcr = val;
	return 0;
}

/* Constants that guests read without a check of CPUID; KVM's values */
static const struct {
	u32 index;
	u64 val;
	bool writable;		/* writes are ignored */
} constants[] = {
	{ MSR_IA32_PLATFORM_ID, 0, false },
	{ MSR_IA32_EBL_CR_POWERON, 0, false },
	{ MSR_EBC_FREQUENCY_ID, 1 << 24, false },
	{ MSR_FSB_FREQ, 3, false },
	{ MSR_IA32_UCODE_WRITE, 0, true },
	{ MSR_IA32_BBL_CR_CTL3, 0xbe702111, true },
	{ MSR_IA32_LASTBRANCHFROMIP, 0, false },
	{ MSR_IA32_LASTBRANCHTOIP, 0, false },
	{ MSR_IA32_LASTINTFROMIP, 0, false },
	{ MSR_IA32_LASTINTTOIP, 0, false },
	{ MSR_IA32_DEBUGCTLMSR, 0, false },	/* writes: see set_special() */
};

static int get_constant(u32 index, u64 *val)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(constants); i++) {
		if (constants[i].index != index)
			continue;
		*val = constants[i].val;
		return 0;
	}
	return -ENOENT;
}

static int set_constant(u32 index)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(constants); i++)
		if (constants[i].index == index && constants[i].writable)
			return 0;
	return -ENOENT;
}

/* MSRs that processors have, with what they belong to: other banks, x2APIC */
static const struct {
	u32 first, last;
} absent[] = {
	{ MSR_IA32_MC0_CTL2, MSR_IA32_MCx_CTL2(31) },
	{ MSR_IA32_MC0_CTL, MSR_IA32_MCx_MISC(31) },
	{ APIC_BASE_MSR, APIC_BASE_MSR + 0xff },
};

/* Return: as vcpu_get_msr(), for an MSR that the guest has not. */
static int no_msr(u32 index)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(absent); i++)
		if (index >= absent[i].first && index <= absent[i].last)
			return -EINVAL;
	return -ENOENT;
}

static int get_special(struct vcpu *vcpu, u32 index, u64 *val, bool host)
{
	const u64 *slot;
	int r = spec_get_msr(vcpu, index, val, host);

	if (r != -ENOENT)
		return r;
	switch (index) {
	case MSR_EFER:
		*val = vmcs_read(GUEST_IA32_EFER);
		return 0;
	case MSR_IA32_TSC:
		*val = vcpu_tsc_read(vcpu);
		return 0;
	case MSR_IA32_TSC_ADJUST:
		*val = vcpu->tsc_adjust;
		return 0;
	case MSR_IA32_APICBASE:
		*val = vcpu->apic_base;
		return 0;
	case MSR_IA32_TSC_DEADLINE:
		return get_deadline(vcpu, val);
	case MSR_IA32_CR_PAT:
		*val = vcpu->pat;
		return 0;
	case MSR_IA32_POWER_CTL:
		*val = vcpu->power_ctl;
		return 0;
	case MSR_IA32_FEAT_CTL:
		*val = vcpu->feature_control;
		return 0;
	case MSR_IA32_MISC_ENABLE:
		*val = vcpu->misc_enable;
		return 0;
	case MSR_K7_HWCR:
		*val = vcpu->hwcr;
		return 0;
	case MSR_MTRRcap:
		*val = MTRR_CAP;
		return 0;
	case MSR_IA32_UCODE_REV:
		*val = vcpu->ucode_rev;
		return 0;
	case MSR_IA32_PERF_CAPABILITIES:	/* guests have no counters */
		*val = 0;
		return host || vcpu->pdcm ? 0 : -EINVAL;
	}
	if (pv_is_msr(index))
		return pv_get_msr(vcpu, index, val, host);
	r = cpuid_fault_get_msr(vcpu, index, val, host);
	if (r != -ENOENT)
		return r;
	if (!get_constant(index, val))
		return 0;
	slot = mtrr_slot(vcpu, index);
	if (slot) {
		*val = *slot;
		return 0;
	}
	r = mce_get_msr(vcpu, index, val, host);
	return r == -ENOENT ? no_msr(index) : r;
}

static int set_special(struct vcpu *vcpu, u32 index, u64 val, bool host)
{
	int r = spec_set_msr(vcpu, index, val, host);

	if (r != -ENOENT)
		return r;
	switch (index) {
	case MSR_EFER:
		return vcpu_set_efer(vcpu, val, !host);
	case MSR_IA32_TSC:
		return set_tsc(vcpu, val, host);
	case MSR_IA32_TSC_ADJUST:
		return set_tsc_adjust(vcpu, val, host);
	case MSR_IA32_APICBASE:
		return vcpu_set_apic_base(vcpu, val, host);
	case MSR_IA32_TSC_DEADLINE:
		return set_deadline(vcpu, val);
	case MSR_IA32_CR_PAT:
		return set_pat(vcpu, val);
	case MSR_IA32_POWER_CTL:
		vcpu->power_ctl = val;	/* no effect, same as KVM */
		return 0;
	case MSR_IA32_FEAT_CTL:
		return set_feature_control(vcpu, val, host);
	case MSR_IA32_MISC_ENABLE:
		return set_misc_enable(vcpu, val, host);
	case MSR_K7_HWCR:
		return set_hwcr(vcpu, val);
	case MSR_IA32_DEBUGCTLMSR:	/* LBR and BTF are ignored, same as KVM */
		return val & ~(u64)(DEBUGCTLMSR_LBR | DEBUGCTLMSR_BTF) ? -EINVAL : 0;
	case MSR_IA32_UCODE_REV:	/* a guest's write triggers an update, but there is none */
		if (host)
			vcpu->ucode_rev = val;
		return 0;
	case MSR_IA32_PERF_CAPABILITIES:
		return host && !val ? 0 : -EINVAL;
	}
	if (pv_is_msr(index))
		return pv_set_msr(vcpu, index, val, host);
	r = cpuid_fault_set_msr(vcpu, index, val, host);
	if (r != -ENOENT)
		return r;
	if (!set_constant(index))
		return 0;
	if (mtrr_slot(vcpu, index))
		return set_mtrr(vcpu, index, val);
	r = mce_set_msr(vcpu, index, val, host);
	return r == -ENOENT ? no_msr(index) : r;
}

/* @loaded: the guest's MSRs are in the CPU */
static void set_switched(struct vcpu *vcpu, u32 field, u64 val, bool loaded)
{
	vcpu->msrs[field] = val;
	if (loaded && field == VMSR_TSC_AUX)
		wrmsrl(MSR_TSC_AUX, val);
	msr_plan_switches(vcpu, loaded);
}

/* ---- one MSR ---- */

static bool is_absent(const struct vcpu *vcpu, u32 index, bool host)
{
	return index == MSR_TSC_AUX && !host && !vcpu->tsc_aux;
}

static int get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host)
{
	const struct msr_home *home;

	if (vcpu->lapic && is_x2apic_msr(index))
		return lapic_get_msr(vcpu, index, val, host);
	home = find_home(vmcs_msrs, ARRAY_SIZE(vmcs_msrs), index);
	if (home) {
		*val = vmcs_read(home->field);
		return 0;
	}
	home = find_home(switched_msrs, nr_switched(), index);
	if (home) {
		*val = vcpu->msrs[home->field];
		return is_absent(vcpu, index, host) ? -EINVAL : 0;
	}
	return get_special(vcpu, index, val, host);
}

static int set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host)
{
	const struct msr_home *home;

	if (vcpu->lapic && is_x2apic_msr(index))
		return lapic_set_msr(vcpu, index, val, host);
	home = find_home(vmcs_msrs, ARRAY_SIZE(vmcs_msrs), index);
	if (home) {
		if (!value_ok(home->check, val))
			return -EINVAL;
		/*
		 * A VMM may restore a value from AMD, where these have 32 bits.
		 * Same as KVM.
		 */
		if (home->check == MAKE_CANONICAL)
			val = __canonical_address(val, VADDR_BITS);
		vmcs_write(home->field, val);
		return 0;
	}
	home = find_home(switched_msrs, nr_switched(), index);
	if (home) {
		if (!value_ok(home->check, val) || is_absent(vcpu, index, host))
			return -EINVAL;
		set_switched(vcpu, home->field, val, !host);
		return 0;
	}
	return set_special(vcpu, index, val, host);
}

int vcpu_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host)
{
	int r;

	vmcs_get(&vcpu->vmcs);
	r = get_msr(vcpu, index, val, host);
	vmcs_put();
	return r;
}

int vcpu_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host)
{
	int r;

	vmcs_get(&vcpu->vmcs);
	r = set_msr(vcpu, index, val, host);
	vmcs_put();
	return r;
}

/* ---- ioctls ---- */

static int put_list(struct kvm_msr_list __user *user, const u32 *list, u32 nr)
{
	u32 room;

	if (get_user(room, &user->nmsrs) || put_user(nr, &user->nmsrs))
		return -EFAULT;
	if (room < nr)
		return -E2BIG;
	if (copy_to_user(user->indices, list, nr * sizeof(u32)))
		return -EFAULT;
	return 0;
}

static bool to_be_saved(u32 index)
{
	switch (index) {
	case MSR_TSC_AUX:
		return msr_has_tsc_aux();
	case MSR_IA32_SPEC_CTRL:
		return boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL);
	default:
		return true;
	}
}

int msr_index_list(struct kvm_msr_list __user *user)
{
	u32 list[ARRAY_SIZE(saved_msrs)], nr = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(saved_msrs); i++)
		if (to_be_saved(saved_msrs[i]))
			list[nr++] = saved_msrs[i];
	return put_list(user, list, nr);
}

int msr_feature_list(struct kvm_msr_list __user *user)
{
	return put_list(user, feature_msrs, ARRAY_SIZE(feature_msrs));
}

static int get_feature(u32 index, u64 *val)
{
	switch (index) {
	case MSR_IA32_UCODE_REV:
		*val = UCODE_REV;
		return 0;
	case MSR_IA32_ARCH_CAPABILITIES:
		*val = spec_arch_capabilities();
		return 0;
	case MSR_IA32_PERF_CAPABILITIES:
		*val = 0;
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * Transfer until an entry fails. Without @vcpu, get the processor's feature MSRs.
 * Return: the number of entries transferred.
 */
static unsigned int do_entries(struct vcpu *vcpu, struct kvm_msr_entry *entries,
			       unsigned int nr, bool set)
{
	unsigned int i;
	int r;

	for (i = 0; i < nr; i++) {
		struct kvm_msr_entry *e = &entries[i];
		u64 val = e->data;

		if (set)
			r = vcpu_set_msr(vcpu, e->index, val, true);
		else if (!vcpu)
			r = get_feature(e->index, &val);
		else
			r = vcpu_get_msr(vcpu, e->index, &val, true);
		if (r)
			break;
		e->data = val;
	}
	return i;
}

int vcpu_ioctl_msrs(struct vcpu *vcpu, struct kvm_msrs __user *user, bool set)
{
	struct kvm_msr_entry *entries;
	struct kvm_msrs head;
	size_t size;
	int r;

	if (copy_from_user(&head, user, sizeof(head)))
		return -EFAULT;
	if (head.nmsrs >= MAX_MSRS)
		return -E2BIG;
	size = head.nmsrs * sizeof(*entries);
	entries = memdup_user(user->entries, size);
	if (IS_ERR(entries))
		return PTR_ERR(entries);
	r = do_entries(vcpu, entries, head.nmsrs, set);
	if (!set && copy_to_user(user->entries, entries, size))
		r = -EFAULT;
	kfree(entries);
	return r;
}

int msr_ioctl_features(struct kvm_msrs __user *user)
{
	return vcpu_ioctl_msrs(NULL, user, false);
}

/* ---- the MSR bitmap ---- */

static void allow(struct vcpu *vcpu, u32 index, bool read, bool write)
{
	unsigned int bit = (index & 0x1fff) + (index >> 31) * 8 * 1024;
	unsigned long *bits = (unsigned long *)vcpu->msr_bitmap;

	if (read && msr_filter_allows(vcpu->vm, index, KVM_MSR_FILTER_READ))
		__clear_bit(bit, bits);
	if (write && msr_filter_allows(vcpu->vm, index, KVM_MSR_FILTER_WRITE))
		__clear_bit(bit + 8 * 2048, bits);
}

/*
 * SDM vol. 3, 25.6.9: reads low, reads high, writes low, writes high. Writes of the
 * other switched MSRs exit, so the values need not be read back at each exit.
 */
void msr_bitmap_reset(struct vcpu *vcpu)
{
	unsigned int i;

	memset(vcpu->msr_bitmap, 0xff, PAGE_SIZE);
	allow(vcpu, MSR_KERNEL_GS_BASE, true, true);
	for (i = 0; i < ARRAY_SIZE(vmcs_msrs); i++)
		allow(vcpu, vmcs_msrs[i].index, true, true);
	allow(vcpu, MSR_IA32_TSC, true, false);
	if (spec_ctrl_passes(vcpu))
		allow(vcpu, MSR_IA32_SPEC_CTRL, true, true);
	if (spec_pred_cmd_passes(vcpu))
		allow(vcpu, MSR_IA32_PRED_CMD, false, true);
}

bool msr_passes(u32 index, bool write)
{
	return index == MSR_KERNEL_GS_BASE || (index == MSR_IA32_TSC && !write) ||
	       find_home(vmcs_msrs, ARRAY_SIZE(vmcs_msrs), index);
}

/*
 * Set the bits of MSRs @first to @last in the quarter at bit @at, whose first MSR
 * is @base.
 */
static void exit_quarter(u64 *bitmap, u64 base, u64 first, u64 last, unsigned int at)
{
	first = max(first, base);
	last = min(last, base + MSRS_QUARTER - 1);
	if (first <= last)
		bitmap_set((unsigned long *)bitmap, at + first - base, last - first + 1);
}

void msr_bitmap_exit(u64 *bitmap, u64 first, u64 last, bool read, bool write)
{
	if (read) {
		exit_quarter(bitmap, 0, first, last, 0);
		exit_quarter(bitmap, MSRS_HIGH, first, last, MSRS_QUARTER);
	}
	if (write) {
		exit_quarter(bitmap, 0, first, last, 2 * MSRS_QUARTER);
		exit_quarter(bitmap, MSRS_HIGH, first, last, 3 * MSRS_QUARTER);
	}
}
