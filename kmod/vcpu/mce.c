// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's machine check banks (SDM vol. 3, chapter 16). The VMM fills them with
 * KVM_X86_SET_MCE; the host's machine checks do not show here.
 */
#include <linux/nospec.h>
#include <asm/mce.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "irq/lapic_accept.h"
#include "irq/lapic.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/cpuid.h"
#include "vcpu/event.h"
#include "vcpu/mce.h"

#define BANK_MSRS	4	/* CTL, STATUS, ADDR, MISC */
#define CAP_BANKS	0xffULL
#define CAP_EXT_CNT	0xff0000ULL

/* Bits that guests clear, although the SDM defines only all ones or zero */
#define CTL_LENIENT	(BIT_ULL(10) | BIT_ULL(0))

static unsigned int nr_banks(const struct vcpu *vcpu)
{
	return vcpu->mce.cap & CAP_BANKS;
}

int vcpu_setup_mce(struct vcpu *vcpu, u64 cap)
{
	unsigned int banks = cap & CAP_BANKS, i;
	u64 changed;

	if (!banks || banks > MCE_MAX_BANKS ||
	    (cap & ~(MCE_CAP_SUPPORTED | CAP_BANKS | CAP_EXT_CNT)))
		return -EINVAL;
	changed = vcpu->mce.cap ^ cap;
	vcpu->mce.cap = cap;
	if (cap & MCG_CTL_P)
		vcpu->mce.ctl = ~0ULL;
	for (i = 0; i < banks; i++) {
		vcpu->mce.bank[i][0] = ~0ULL;
		if (cap & MCG_CMCI_P)
			vcpu->mce.ctl2[i] = 0;
	}
	if (vcpu->lapic && (changed & MCG_CMCI_P))
		lapic_lvts_changed(vcpu);
	return 0;
}

/* Return: whether uncorrected errors are off, globally or for this bank. */
static bool reporting_off(const struct vcpu *vcpu, const u64 *bank)
{
	return ((vcpu->mce.cap & MCG_CTL_P) && vcpu->mce.ctl != ~0ULL) ||
	       bank[0] != ~0ULL;
}

static void mce_fill(u64 *bank, const struct kvm_x86_mce *mce)
{
	u64 overflow = bank[1] & MCI_STATUS_VAL ? MCI_STATUS_OVER : 0;

	bank[1] = mce->status | overflow;
	bank[2] = mce->addr;
	bank[3] = mce->misc;
}

/* Uncorrected, no action required (UCNA): without an exception. */
static bool is_no_action(const struct kvm_x86_mce *mce)
{
	return !mce->mcg_status && (mce->status & MCI_STATUS_UC) &&
	       !(mce->status & (MCI_STATUS_PCC | MCI_STATUS_S | MCI_STATUS_AR));
}

/* Left for polling, or told by an interrupt (SDM vol. 3, 16.5) */
static void take_no_action(struct vcpu *vcpu, unsigned int nr, const struct kvm_x86_mce *mce)
{
	u64 *bank = vcpu->mce.bank[nr];

	bank[1] = 0;
	mce_fill(bank, mce);
	vcpu->mce.status = mce->mcg_status;
	if (vcpu->lapic && (vcpu->mce.cap & MCG_CMCI_P) &&
	    (vcpu->mce.ctl2[nr] & MCI_CTL2_CMCI_EN))
		lapic_local(vcpu, APIC_LVTCMCI);
}

/* SDM vol. 3, 6.15, interrupt 18: a #MC during the handling of a #MC shuts down. */
static void raise_mce(struct vcpu *vcpu, u64 *bank, const struct kvm_x86_mce *mce)
{
	if ((vcpu->mce.status & MCG_STATUS_MCIP) ||
	    !(vcpu_cr4(vcpu) & X86_CR4_MCE)) {
		vcpu_shut_down(vcpu);
		return;
	}
	mce_fill(bank, mce);
	vcpu->mce.status = mce->mcg_status;
	vcpu_raise(vcpu, X86_TRAP_MC);
}

int vcpu_set_mce(struct vcpu *vcpu, const struct kvm_x86_mce *mce)
{
	unsigned int nr;
	u64 *bank;

	if (mce->bank >= nr_banks(vcpu) || !(mce->status & MCI_STATUS_VAL))
		return -EINVAL;
	nr = array_index_nospec(mce->bank, MCE_MAX_BANKS);
	bank = vcpu->mce.bank[nr];
	if (is_no_action(mce)) {
		take_no_action(vcpu, nr, mce);
	} else if (mce->status & MCI_STATUS_UC) {
		if (!reporting_off(vcpu, bank))
			raise_mce(vcpu, bank, mce);
	} else if ((bank[1] & MCI_STATUS_VAL) && (bank[1] & MCI_STATUS_UC)) {
		bank[1] |= MCI_STATUS_OVER;	/* the recorded error is more severe */
	} else {
		mce_fill(bank, mce);
	}
	return 0;
}

/* Return: the register of an existing bank, or NULL. */
static u64 *bank_slot(struct vcpu *vcpu, u32 index)
{
	u32 nr = index - MSR_IA32_MC0_CTL;

	if (index < MSR_IA32_MC0_CTL || nr >= BANK_MSRS * nr_banks(vcpu))
		return NULL;
	nr = array_index_nospec(nr, BANK_MSRS * MCE_MAX_BANKS);
	return &vcpu->mce.bank[nr / BANK_MSRS][nr % BANK_MSRS];
}

/* Return: CTL2 of an existing bank, or NULL. */
static u64 *ctl2_slot(struct vcpu *vcpu, u32 index)
{
	u32 nr = index - MSR_IA32_MC0_CTL2;

	if (index < MSR_IA32_MC0_CTL2 || nr >= nr_banks(vcpu))
		return NULL;
	return &vcpu->mce.ctl2[array_index_nospec(nr, MCE_MAX_BANKS)];
}

int mce_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host)
{
	const u64 *slot;

	switch (index) {
	case MSR_IA32_P5_MC_ADDR:
	case MSR_IA32_P5_MC_TYPE:
		*val = 0;
		return 0;
	case MSR_IA32_MCG_CAP:
		*val = vcpu->mce.cap;
		return 0;
	case MSR_IA32_MCG_STATUS:
		*val = vcpu->mce.status;
		return 0;
	case MSR_IA32_MCG_CTL:
		*val = vcpu->mce.ctl;
		return host || (vcpu->mce.cap & MCG_CTL_P) ? 0 : -EINVAL;
	}
	slot = ctl2_slot(vcpu, index);
	if (slot && !host && !(vcpu->mce.cap & MCG_CMCI_P))
		return -EINVAL;
	if (!slot)
		slot = bank_slot(vcpu, index);
	if (!slot)
		return -ENOENT;
	*val = *slot;
	return 0;
}

static int set_ctl(struct vcpu *vcpu, u64 val, bool host)
{
	if (!(vcpu->mce.cap & MCG_CTL_P) && (val || !host))
		return -EINVAL;
	if (val && val != ~0ULL)
		return -EINVAL;
	vcpu->mce.ctl = val;
	return 0;
}

static int set_ctl2(struct vcpu *vcpu, u64 *slot, u64 val, bool host)
{
	if (!(vcpu->mce.cap & MCG_CMCI_P) && (val || !host))
		return -EINVAL;
	if (val & ~(MCI_CTL2_CMCI_EN | MCI_CTL2_CMCI_THRESHOLD_MASK))
		return -EINVAL;
	*slot = val;
	return 0;
}

/* Intel's guests can only clear STATUS, AMD's have a bit for it. */
static bool status_writable(struct vcpu *vcpu)
{
	return (vcpu->hwcr & HWCR_MC_STATUS_WR) && cpuid_is_amd(vcpu);
}

static int set_bank(struct vcpu *vcpu, u32 index, u64 val, bool host)
{
	u64 *slot = bank_slot(vcpu, index);
	u32 which = (index - MSR_IA32_MC0_CTL) % BANK_MSRS;

	if (!slot)
		return -ENOENT;
	if (which == 0 && val && (val | CTL_LENIENT) != ~0ULL)
		return -EINVAL;
	if (which == 1 && val && !host && !status_writable(vcpu))
		return -EINVAL;
	*slot = val;
	return 0;
}

int mce_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host)
{
	u64 *ctl2 = ctl2_slot(vcpu, index);

	if (ctl2)
		return set_ctl2(vcpu, ctl2, val, host);
	switch (index) {
	case MSR_IA32_MCG_STATUS:
		vcpu->mce.status = val;
		return 0;
	case MSR_IA32_MCG_CTL:
		return set_ctl(vcpu, val, host);
	}
	return set_bank(vcpu, index, val, host);
}
