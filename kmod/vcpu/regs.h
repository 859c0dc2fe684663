/* SPDX-License-Identifier: GPL-2.0-only */
/* General registers, rip, and what follows from the code segment. */
#ifndef VMXDBG_VCPU_REGS_H
#define VMXDBG_VCPU_REGS_H

#include <linux/types.h>

#include "insn/insn.h"
#include "vmx/vmcs.h"

struct kvm_regs;
struct vcpu;

void vcpu_get_regs(struct vcpu *vcpu, struct kvm_regs *regs);
int vcpu_set_regs(struct vcpu *vcpu, const struct kvm_regs *regs);
/* the same two on user memory, shorter than through copy_to_user(); -EFAULT */
int vcpu_put_regs(struct vcpu *vcpu, struct kvm_regs __user *user);
int vcpu_take_regs(struct vcpu *vcpu, const struct kvm_regs __user *user);
u64 vcpu_linear_rip(struct vcpu *vcpu);
u64 linear_rip_of(u64 rip, u64 base);
/* the same for the same instruction, whatever the mode: has rip been moved? */
u64 vcpu_insn_point(struct vcpu *vcpu);
u64 vcpu_gpr(struct vcpu *vcpu, unsigned int nr);	/* RSP too */
void vcpu_gpr_set(struct vcpu *vcpu, unsigned int nr, u64 val);
/*
 * the instruction is over: rip moves on by @len, interrupt shadows end, RF is
 * cleared, a guest TF becomes a pending debug exception, insn_done is set
 */
void vcpu_skip(struct vcpu *vcpu, unsigned int len);
int vcpu_cpl(struct vcpu *vcpu);
bool vcpu_long_mode(struct vcpu *vcpu);		/* EFER.LMA */
unsigned int vcpu_code_bits(struct vcpu *vcpu);	/* 16, 32, 64 */
u64 vcpu_seg_base(struct vcpu *vcpu, enum insn_seg seg);
/*
 * SDM 27.3.1.5: with TF and an STI or MOV SS shadow, entry wants pending BS,
 * and without the shadow or TF it does not; called where software changed one
 */
void vcpu_fix_pending_debug(struct vcpu *vcpu);

/* the same with the VMCS current */
static inline u64 linear_rip(void)
{
	u64 rip = vmcs_read(GUEST_RIP), base = vmcs_read(GUEST_CS_BASE);

	/* Low in a flat segment, it is the same in all modes. */
	return base | rip >> 32 ? linear_rip_of(rip, base) : rip;
}

#endif
