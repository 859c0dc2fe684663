/* SPDX-License-Identifier: MIT */
/* The values of all registers of a vCPU, set by set. */
#ifndef VMXGDB_VCPU_REGS_H
#define VMXGDB_VCPU_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

/* Sets are VMXDBG_REGS_GENERAL to VMXDBG_REGS_HIDDEN, and this one. */
#define REGS_MSRS	9

#define REGS_SETS	10	/* beyond the numbers of all sets */

/* MSRs that are registers of the layouts; EFER and the APIC base are in the system set. */
enum reg_msr {
	REG_MSR_STAR,
	REG_MSR_LSTAR,
	REG_MSR_CSTAR,
	REG_MSR_FMASK,
	REG_MSR_KERNEL_GS_BASE,
	REG_MSR_SYSENTER_CS,
	REG_MSR_SYSENTER_ESP,
	REG_MSR_SYSENTER_EIP,
	REG_MSR_PAT,
	REG_MSR_MISC_ENABLE,
	REG_MSR_DEBUGCTL,
	REG_MSR_SPEC_CTRL,
	REG_MSR_TSC,
	REG_MSR_TSC_ADJUST,
	REG_MSR_TSC_AUX,
	REG_MSRS,
};

/* Numbers of these MSRs */
extern const uint32_t reg_msr_numbers[REG_MSRS];

/**
 * struct msr_values - set REGS_MSRS
 * @value: values
 * @there: bit n: the guest has MSR n
 */
struct msr_values {
	uint64_t value[REG_MSRS];
	uint32_t there;
};

#define XSAVE_SIZE	4096	/* struct kvm_xsave */

/* All registers of a vCPU: one member for each set. */
struct vcpu_regs {
	struct kvm_regs general;
	struct kvm_sregs system;
	struct kvm_debugregs debug;
	struct kvm_fpu fpu;
	uint8_t xsave[XSAVE_SIZE];
	struct kvm_xcrs xcrs;
	struct kvm_vcpu_events events;
	struct vmxdbg_hidden hidden;
	struct msr_values msrs;
};

/*
 * Return: the structure of set @set in @regs; its size goes to *@size. NULL if there is
 * no set of this number.
 */
void *reg_set_data(struct vcpu_regs *regs, unsigned int set, size_t *size);

/*
 * Return: the linear address of the next instruction, gdb's pc: gdb has no
 * segments and compares the pc with the addresses of breakpoints. Needs the
 * general and the system set.
 */
uint64_t reg_linear_rip(const struct vcpu_regs *regs);

#endif /* VMXGDB_VCPU_REGS_H */
