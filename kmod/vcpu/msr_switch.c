// SPDX-License-Identifier: GPL-2.0-only
/* Switching of MSRs that VM entry and exit leave alone. */
#include <asm/msr.h>
#include <asm/vmx.h>

#include "lib/compat.h"
#include "vcpu.h"
#include "vcpu/msr_switch.h"
#include "vcpu/types.h"
#include "vmx/vmcs.h"
#include "vmx/vmcs_slot.h"

/* Indexed by enum vcpu_msr */
static const u32 syscall_msrs[VMSR_FMASK + 1] = {
	[VMSR_STAR] = MSR_STAR, [VMSR_LSTAR] = MSR_LSTAR,
	[VMSR_CSTAR] = MSR_CSTAR, [VMSR_FMASK] = MSR_SYSCALL_MASK,
};

/* Host values; each CPU has the same, and the host does not change them. */
static u64 host_syscall[VMSR_FMASK + 1];

static void read_syscall(u64 *values)
{
	unsigned int i;

	for (i = 0; i <= VMSR_FMASK; i++)
		rdmsrl(syscall_msrs[i], values[i]);
}

static void switch_syscall(u8 switches, const u64 *to)
{
	unsigned int i;

	for (i = 0; switches; i++, switches >>= 1)
		if (switches & 1)
			wrmsrl(syscall_msrs[i], to[i]);
}

/*
 * KVM leaves a guest's values in these MSRs until a task returns to user space, and
 * remembers which. So beside KVM, a vCPU puts back what it found when it was loaded.
 */
static const u64 *host_values(const struct vcpu *vcpu)
{
	return static_branch_unlikely(&vmx_shared) ? vcpu->host.syscall : host_syscall;
}

/*
 * Return: the MSRs to switch. They must differ from the host's and have an effect:
 * no SYSCALL without SCE, and CSTAR is never used (SDM vol. 3, 5.8.8: SYSCALL is
 * for 64-bit mode).
 */
static u8 plan_switches(const struct vcpu *vcpu)
{
	const u64 *host = host_values(vcpu);
	u8 switches = 0;
	unsigned int i;

	if (!vcpu->has_syscall)
		return 0;
	for (i = 0; i <= VMSR_FMASK; i++)
		if (i != VMSR_CSTAR && vcpu->msrs[i] != host[i])
			switches |= BIT(i);
	return switches;
}

void msr_plan_switches(struct vcpu *vcpu, bool loaded)
{
	vcpu->has_syscall = vmcs_read(GUEST_IA32_EFER) & EFER_SCE;
	if (loaded) {
		switch_syscall(vcpu->msr_switches, host_values(vcpu));
		/* The MSRs are again as they were found. */
		if (static_branch_unlikely(&vmx_shared))
			read_syscall(vcpu->host.syscall);
	}
	vcpu->msr_switches = plan_switches(vcpu);
	if (loaded)
		switch_syscall(vcpu->msr_switches, vcpu->msrs);
}

void msr_switch_syscall(struct vcpu *vcpu, bool guest)
{
	if (static_branch_unlikely(&vmx_shared) && guest) {
		read_syscall(vcpu->host.syscall);
		vcpu->msr_switches = plan_switches(vcpu);
	}
	switch_syscall(vcpu->msr_switches, guest ? vcpu->msrs : host_values(vcpu));
}

void msr_switch_init(void)
{
	read_syscall(host_syscall);
}
