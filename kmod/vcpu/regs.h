/* SPDX-License-Identifier: GPL-2.0-only */
/* General registers, rip, CPL and the mode of the code segment. */
#ifndef VMXDBG_VCPU_REGS_H
#define VMXDBG_VCPU_REGS_H

#include <linux/types.h>

#include "insn/insn.h"
#include "vmx/vmcs.h"

struct kvm_regs;
struct vcpu;

/* KVM_GET_REGS, KVM_SET_REGS. Return: 0. */
void vcpu_get_regs(struct vcpu *vcpu, struct kvm_regs *regs);
int vcpu_set_regs(struct vcpu *vcpu, const struct kvm_regs *regs);

/* Directly to and from user memory, faster than with a copy. Return: 0 or -EFAULT. */
int vcpu_put_regs(struct vcpu *vcpu, struct kvm_regs __user *user);
int vcpu_take_regs(struct vcpu *vcpu, const struct kvm_regs __user *user);

/* Return: the linear address of the instruction. */
u64 vcpu_linear_rip(struct vcpu *vcpu);

/* Return: the linear address of @rip with CS base @base. VMCS current. */
u64 linear_rip_of(u64 rip, u64 base);

u64 vcpu_gpr(struct vcpu *vcpu, unsigned int nr);	/* any, also RSP */
void vcpu_gpr_set(struct vcpu *vcpu, unsigned int nr, u64 val);

static inline u64 gpr_mask(unsigned int size)
{
	return size == 8 ? ~0ULL : (1ULL << 8 * size) - 1;
}

/* SDM vol. 1, 3.4.1.1: 32-bit results clear the upper half. */
static inline void gpr_write(u64 *reg, unsigned int size, u64 val)
{
	if (size < 4)
		*reg = (*reg & ~gpr_mask(size)) | (val & gpr_mask(size));
	else
		*reg = val & gpr_mask(size);
}

/* Write the lower @size bytes of any register, as gpr_write(). */
static inline void vcpu_gpr_write(struct vcpu *vcpu, unsigned int nr, unsigned int size, u64 val)
{
	u64 reg = vcpu_gpr(vcpu, nr);

	gpr_write(&reg, size, val);
	vcpu_gpr_set(vcpu, nr, reg);
}

/**
 * vcpu_skip() - complete an instruction of @len bytes
 * Moves rip, ends STI and MOV SS shadows, clears RF, makes a single-step trap pending
 * if TF is set, and sets insn_done.
 * Context: VMCS current.
 */
void vcpu_skip(struct vcpu *vcpu, unsigned int len);

/* Move rip alone by @len bytes. vcpu_skip() completes the instruction later. VMCS current. */
void vcpu_advance(unsigned int len);

int vcpu_cpl(struct vcpu *vcpu);
bool vcpu_long_mode(struct vcpu *vcpu);		/* EFER.LMA */
unsigned int vcpu_code_bits(struct vcpu *vcpu);	/* 16, 32, 64 */
u64 vcpu_seg_base(struct vcpu *vcpu, enum insn_seg seg);

/*
 * Make the pending BS consistent with TF and the shadows, or VM entry fails (SDM
 * vol. 3, 27.3.1.5). Call it after software changed one of the three.
 */
void vcpu_fix_pending_debug(struct vcpu *vcpu);

/*
 * Return: rip plus CS base in any mode; compare two of them to see if rip was moved.
 * VMCS current.
 */
static inline u64 insn_point(void)
{
	return vmcs_read(GUEST_RIP) + vmcs_read(GUEST_CS_BASE);
}

/* vcpu_linear_rip() with the VMCS current */
static __always_inline u64 linear_rip(void)
{
	u64 rip = vmcs_read(GUEST_RIP), base = vmcs_read(GUEST_CS_BASE);

	/* With a base of 0 and rip below 4 GiB all modes agree. */
	return base | rip >> 32 ? linear_rip_of(rip, base) : rip;
}

#endif
