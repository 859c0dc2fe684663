// SPDX-License-Identifier: MIT
/* The values of all registers of a vCPU, set by set. */
#include "guest/vcpu_regs.h"

#define EFER_LMA	(1ULL << 10)

const uint32_t reg_msr_numbers[REG_MSRS] = {
	[REG_MSR_STAR] = 0xc0000081,
	[REG_MSR_LSTAR] = 0xc0000082,
	[REG_MSR_CSTAR] = 0xc0000083,
	[REG_MSR_FMASK] = 0xc0000084,
	[REG_MSR_KERNEL_GS_BASE] = 0xc0000102,
	[REG_MSR_SYSENTER_CS] = 0x174,
	[REG_MSR_SYSENTER_ESP] = 0x175,
	[REG_MSR_SYSENTER_EIP] = 0x176,
	[REG_MSR_PAT] = 0x277,
	[REG_MSR_MISC_ENABLE] = 0x1a0,
	[REG_MSR_DEBUGCTL] = 0x1d9,
	[REG_MSR_SPEC_CTRL] = 0x48,
	[REG_MSR_TSC] = 0x10,
	[REG_MSR_TSC_ADJUST] = 0x3b,
	[REG_MSR_TSC_AUX] = 0xc0000103,
};

#define SET(number, member)						\
	[number] = { offsetof(struct vcpu_regs, member),		\
		     sizeof(((struct vcpu_regs *)0)->member) }

void *reg_set_data(struct vcpu_regs *regs, unsigned int set, size_t *size)
{
	static const struct {
		size_t offset, size;
	} sets[REGS_SETS] = {
		SET(VMXDBG_REGS_GENERAL, general),
		SET(VMXDBG_REGS_SYSTEM, system),
		SET(VMXDBG_REGS_DEBUG, debug),
		SET(VMXDBG_REGS_FPU, fpu),
		SET(VMXDBG_REGS_XSAVE, xsave),
		SET(VMXDBG_REGS_XCRS, xcrs),
		SET(VMXDBG_REGS_EVENTS, events),
		SET(VMXDBG_REGS_HIDDEN, hidden),
		SET(REGS_MSRS, msrs),
	};

	*size = sets[set].size;
	return *size ? (char *)regs + sets[set].offset : NULL;
}

uint64_t reg_linear_rip(const struct vcpu_regs *regs)
{
	/* In 64-bit code the CPU ignores CS.base and uses 0. */
	if ((regs->system.efer & EFER_LMA) && regs->system.cs.l)
		return regs->general.rip;
	return (uint32_t)(regs->general.rip + regs->system.cs.base);
}
