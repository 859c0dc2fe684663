/* SPDX-License-Identifier: GPL-2.0-only */
/* CR0, CR4 and EFER: valid values, and what a change of them entails. */
#ifndef VMXDBG_VCPU_CONTROL_REGS_H
#define VMXDBG_VCPU_CONTROL_REGS_H

#include <linux/types.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "irq/lapic.h"
#include "vcpu.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"

struct walk_mode;

#define CR0_DEFINED	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | \
			 X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | \
			 X86_CR0_NW | X86_CR0_CD | X86_CR0_PG)

/* A change of one of these bits invalidates cached translations. */
#define CR0_FLUSH	(X86_CR0_PG | X86_CR0_WP)
#define CR4_FLUSH	(X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE |	\
			 X86_CR4_PCIDE | X86_CR4_SMEP | X86_CR4_SMAP)

/* Does not sleep. */
u64 vcpu_efer(struct vcpu *vcpu);

/* Return: a register as the guest reads it. VMCS current. */
static __always_inline u64 control_get(unsigned long field, unsigned long shadow,
				       unsigned long mask_field)
{
	u64 host = vmcs_read(mask_field);

	return (vmcs_read(shadow) & host) | (vmcs_read(field) & ~host);
}

static inline u64 control_get_cr0(void)
{
	return control_get(GUEST_CR0, CR0_READ_SHADOW, CR0_GUEST_HOST_MASK);
}

static inline u64 control_get_cr4(void)
{
	return control_get(GUEST_CR4, CR4_READ_SHADOW, CR4_GUEST_HOST_MASK);
}

static inline bool control_cr0_valid(u64 cr0)
{
	if (cr0 >> 32)
		return false;
	if ((cr0 & X86_CR0_NW) && !(cr0 & X86_CR0_CD))
		return false;
	return (cr0 & X86_CR0_PE) || !(cr0 & X86_CR0_PG);
}

static inline u64 control_efer_bits(void)
{
	u64 bits = EFER_SCE | EFER_LME | EFER_LMA;

	return boot_cpu_has(X86_FEATURE_NX) ? bits | EFER_NX : bits;
}

static inline bool control_efer_valid(u64 efer)
{
	return !(efer & ~control_efer_bits());
}

/* Return: @ar as VM entry requires TR: a busy TSS, 64-bit in IA-32e mode (27.3.1.2). */
static inline u32 control_tr_ar(u32 ar, bool lma)
{
	u32 type = VMX_AR_TYPE_BUSY_32_TSS;

	if (!lma && (ar & VMX_AR_TYPE_MASK) <= VMX_AR_TYPE_BUSY_16_TSS)
		type = VMX_AR_TYPE_BUSY_16_TSS;
	ar &= ~(VMX_AR_TYPE_MASK | VMX_AR_S_MASK | VMX_AR_UNUSABLE_MASK);
	return ar | type | VMX_AR_P_MASK;
}

/* The next three functions write a value that is known to be valid. VMCS current. */

/* CD and NW show in the read shadow only: the host controls caching. */
static inline void control_put_cr0(struct vcpu *vcpu, u64 cr0)
{
	/* Reserved bits are ignored, ET is hardwired to 1. */
	cr0 = (cr0 & CR0_DEFINED) | X86_CR0_ET;
	if ((vmcs_read(GUEST_CR0) ^ cr0) & CR0_FLUSH)
		set_bit(REQ_FLUSH, &vcpu->requests);
	vmcs_write(CR0_READ_SHADOW, cr0);
	vmcs_write(GUEST_CR0, (cr0 & ~(X86_CR0_CD | X86_CR0_NW)) | X86_CR0_NE);
}

static inline void control_put_cr4(struct vcpu *vcpu, u64 cr4)
{
	if ((vmcs_read(GUEST_CR4) ^ cr4) & CR4_FLUSH)
		set_bit(REQ_FLUSH, &vcpu->requests);
	vmcs_write(CR4_READ_SHADOW, cr4);
	vmcs_write(GUEST_CR4, cr4 | X86_CR4_VMXE);
}

/* VM entry fails unless the entry control agrees with LMA (SDM vol. 3, 27.3.1.1). */
static inline void control_put_efer(u64 efer)
{
	u32 entry = vmcs_read32(VM_ENTRY_CONTROLS) & ~VM_ENTRY_IA32E_MODE;

	if (efer & EFER_LMA)
		entry |= VM_ENTRY_IA32E_MODE;
	vmcs_write(VM_ENTRY_CONTROLS, entry);
	vmcs_write(GUEST_IA32_EFER, efer);
}

static inline u64 vcpu_cr8(const struct vcpu *vcpu)
{
	return vcpu->lapic ? lapic_cr8(vcpu) : vcpu->cr8;
}

/* @cr8: at most 15 */
static inline void vcpu_set_cr8(struct vcpu *vcpu, u64 cr8)
{
	if (vcpu->lapic)
		lapic_set_cr8(vcpu, cr8);
	else
		vcpu->cr8 = cr8;
}

/*
 * Let MOV to CR8 exit always, for a catch, or only during steps, which end with it as with
 * any instruction that a handler executes. The next entry writes the control. Without a TPR
 * shadow it always exits.
 */
static inline void vcpu_cr8_exits(struct vcpu *vcpu, bool always)
{
	vcpu->step_ctl = CPU_BASED_MONITOR_TRAP_FLAG;
	if (always || !vcpu->tpr_shadow) {
		vcpu->proc_ctl |= CPU_BASED_CR8_LOAD_EXITING;
		return;
	}
	vcpu->proc_ctl &= ~CPU_BASED_CR8_LOAD_EXITING;
	vcpu->step_ctl |= CPU_BASED_CR8_LOAD_EXITING;
}

/* Return: the value of the register operand of MOV to CR. */
u64 control_source(struct vcpu *vcpu);

/* Return: CR0 after LMSW of @source. */
u64 control_lmsw(u64 cr0, u64 source);

/* Return: whether the exit is a write; if so, the register's number and new value. */
bool control_written(struct vcpu *vcpu, unsigned int *nr, u64 *val);

/* Apply a change of cr4_allowed or catch_crs. VMCS current. */
void vcpu_own_crs(struct vcpu *vcpu);

/*
 * As the guest's instructions: CR0 and CR4 from an exit handler that may sleep,
 * EFER in any context. @guest: WRMSR, with the guest's state in the CPU. Return: 0,
 * or -EINVAL if a processor raises #GP.
 */
int vcpu_set_cr0(struct vcpu *vcpu, u64 cr0);
int vcpu_set_cr4(struct vcpu *vcpu, u64 cr4);
int vcpu_set_efer(struct vcpu *vcpu, u64 efer, bool guest);

u64 vcpu_cr0(struct vcpu *vcpu);	/* as the guest reads it */
u64 vcpu_cr4(struct vcpu *vcpu);

void sregs_init(void);			/* at module load */

extern u64 cr4_allowed;			/* CR4 bits that guests may set on this host */

/*
 * PAE paging: load the PDPTEs that CR3 points to. May sleep. Return: 0, or -EINVAL
 * if they are not in memory or have reserved bits set.
 */
int vcpu_load_pdptes(struct vcpu *vcpu);

/* The two halves of it, without a check. Return: false if CR3 points to no memory. */
bool vcpu_read_pdptes(struct vcpu *vcpu, u64 cr3, u64 pdpte[4]);
void vcpu_put_pdptes(struct vcpu *vcpu, const u64 pdpte[4]);

/* The registers that guest_walk() needs. Does not sleep. */
void vcpu_walk_mode(struct vcpu *vcpu, struct walk_mode *mode);

/*
 * Call it after a change of CR0, CR3, CR4 or EFER, so that breakpoints follow. Any
 * context.
 */
static inline void vcpu_mode_changed(struct vcpu *vcpu)
{
	if (READ_ONCE(vcpu->vm->track.on))
		set_bit(REQ_TRACK, &vcpu->requests);
}

#endif
