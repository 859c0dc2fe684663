// SPDX-License-Identifier: GPL-2.0-only
/* General registers, rip, CPL and the mode of the code segment. */
#include <linux/percpu.h>
#include <linux/uaccess.h>
#include <asm/debugreg.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "insn/insn.h"
#include "lib/entry_state.h"
#include "vcpu.h"
#include "vcpu/regs.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* The general registers outside the VMCS */
#define EACH_GPR(act) do {							\
	act(rax, RAX); act(rbx, RBX); act(rcx, RCX); act(rdx, RDX);	\
	act(rsi, RSI); act(rdi, RDI); act(rbp, RBP);			\
	act(r8, R8); act(r9, R9); act(r10, R10); act(r11, R11);		\
	act(r12, R12); act(r13, R13); act(r14, R14); act(r15, R15);	\
} while (0)

#define GET(field, reg)	(regs->field = r[GPR_##reg])
#define SET(field, reg)	(r[GPR_##reg] = regs->field)
#define PUT(field, reg)	unsafe_put_user(r[GPR_##reg], &user->field, failed)
#define TAKE(field, reg) unsafe_get_user(regs.field, &user->field, failed)

void vcpu_get_regs(struct vcpu *vcpu, struct kvm_regs *regs)
{
	const u64 *r = vcpu->regs;

	EACH_GPR(GET);
	vmcs_get(&vcpu->vmcs);
	regs->rsp = vmcs_read(GUEST_RSP);
	regs->rip = vmcs_read(GUEST_RIP);
	regs->rflags = vmcs_read(GUEST_RFLAGS);
	vmcs_put();
}

int vcpu_put_regs(struct vcpu *vcpu, struct kvm_regs __user *user)
{
	const u64 *r = vcpu->regs;
	u64 rsp, rip, rflags;

	vmcs_get(&vcpu->vmcs);
	rsp = vmcs_read(GUEST_RSP);
	rip = vmcs_read(GUEST_RIP);
	rflags = vmcs_read(GUEST_RFLAGS);
	vmcs_put();

	if (!user_write_access_begin(user, sizeof(*user)))
		return -EFAULT;
	EACH_GPR(PUT);
	unsafe_put_user(rsp, &user->rsp, failed);
	unsafe_put_user(rip, &user->rip, failed);
	unsafe_put_user(rflags, &user->rflags, failed);
	user_write_access_end();
	return 0;
failed:
	user_write_access_end();
	return -EFAULT;
}

/* Same as KVM: invalid RFLAGS make the VM entry fail (SDM vol. 3, 27.3.1.4). */
int vcpu_set_regs(struct vcpu *vcpu, const struct kvm_regs *regs)
{
	u64 *r = vcpu->regs;

	EACH_GPR(SET);
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_RSP, regs->rsp);
	vmcs_write(GUEST_RIP, regs->rip);
	vmcs_write(GUEST_RFLAGS, regs->rflags | X86_EFLAGS_FIXED);
	vcpu_fix_pending_debug(vcpu);
	vmcs_put();
	return 0;
}

int vcpu_take_regs(struct vcpu *vcpu, const struct kvm_regs __user *user)
{
	struct kvm_regs regs;

	if (!user_read_access_begin(user, sizeof(*user)))
		return -EFAULT;
	EACH_GPR(TAKE);
	unsafe_get_user(regs.rsp, &user->rsp, failed);
	unsafe_get_user(regs.rip, &user->rip, failed);
	unsafe_get_user(regs.rflags, &user->rflags, failed);
	user_read_access_end();
	return vcpu_set_regs(vcpu, &regs);
failed:
	user_read_access_end();
	return -EFAULT;
}

u64 vcpu_gpr(struct vcpu *vcpu, unsigned int nr)
{
	u64 val;

	if (nr != GPR_RSP)
		return vcpu->regs[nr];
	vmcs_get(&vcpu->vmcs);
	val = vmcs_read(GUEST_RSP);
	vmcs_put();
	return val;
}

void vcpu_gpr_set(struct vcpu *vcpu, unsigned int nr, u64 val)
{
	if (nr != GPR_RSP) {
		vcpu->regs[nr] = val;
		return;
	}
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_RSP, val);
	vmcs_put();
}

bool vcpu_long_mode(struct vcpu *vcpu)
{
	bool lma;

	vmcs_get(&vcpu->vmcs);
	lma = vmcs_read(GUEST_IA32_EFER) & EFER_LMA;
	vmcs_put();
	return lma;
}

/* VMCS current. */
static unsigned int code_bits(void)
{
	u32 ar = vmcs_read32(GUEST_CS_AR_BYTES);

	if ((ar & VMX_AR_L_MASK) && (vmcs_read(GUEST_IA32_EFER) & EFER_LMA))
		return 64;
	return ar & VMX_AR_DB_MASK ? 32 : 16;
}

unsigned int vcpu_code_bits(struct vcpu *vcpu)
{
	unsigned int bits;

	vmcs_get(&vcpu->vmcs);
	bits = code_bits();
	vmcs_put();
	return bits;
}

/* VMX keeps CPL in SS.DPL (SDM vol. 3, 25.4.1). It is 0 in real mode. */
int vcpu_cpl(struct vcpu *vcpu)
{
	int cpl = 0;

	vmcs_get(&vcpu->vmcs);
	if (vmcs_read(GUEST_CR0) & X86_CR0_PE)
		cpl = VMX_AR_DPL(vmcs_read32(GUEST_SS_AR_BYTES));
	vmcs_put();
	return cpl;
}

/* Only FS and GS have a base in 64-bit mode (SDM vol. 1, 3.4.2.1). */
u64 vcpu_seg_base(struct vcpu *vcpu, enum insn_seg seg)
{
	u64 base = 0;

	vmcs_get(&vcpu->vmcs);
	if (seg >= INSN_FS || vcpu_code_bits(vcpu) != 64)
		base = vmcs_read(GUEST_ES_BASE + 2 * seg);
	vmcs_put();
	return base;
}

u64 linear_rip_of(u64 rip, u64 base)
{
	return code_bits() == 64 ? rip : (u32)(rip + base);
}

u64 vcpu_linear_rip(struct vcpu *vcpu)
{
	u64 rip;

	vmcs_get(&vcpu->vmcs);
	rip = linear_rip();
	vmcs_put();
	return rip;
}

/*
 * BS means that a single-step trap is pending. With TF and a shadow, entry requires
 * it; without TF, entry refuses it. With TF alone either is valid and stays.
 */
void vcpu_fix_pending_debug(struct vcpu *vcpu)
{
	u64 old, pending;

	vmcs_get(&vcpu->vmcs);
	old = vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS);
	pending = old;
	if (!(vmcs_read(GUEST_RFLAGS) & X86_EFLAGS_TF))
		pending &= ~(u64)DR_STEP;
	else if (vmcs_read32(GUEST_INTERRUPTIBILITY_INFO) & SHADOWS)
		pending |= DR_STEP;
	if (pending != old)
		vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS, pending);
	vmcs_put();
}

static void end_shadows(void)
{
	u32 state = vmcs_read32(GUEST_INTERRUPTIBILITY_INFO);

	if (state & SHADOWS)
		vmcs_write(GUEST_INTERRUPTIBILITY_INFO, state & ~SHADOWS);
}

static void end_flags(void)
{
	u64 rflags = vmcs_read(GUEST_RFLAGS);

	if (rflags & X86_EFLAGS_RF)
		vmcs_write(GUEST_RFLAGS, rflags & ~(u64)X86_EFLAGS_RF);
	if (rflags & X86_EFLAGS_TF)
		vmcs_write(GUEST_PENDING_DBG_EXCEPTIONS, DR_STEP |
			   vmcs_read(GUEST_PENDING_DBG_EXCEPTIONS));
}

void vcpu_advance(unsigned int len)
{
	u64 old = vmcs_read(GUEST_RIP), rip = old + len;

	/* The code size matters only if the upper half changes. */
	if (unlikely((rip ^ old) >> 32) && code_bits() != 64)
		rip = (u32)rip;
	vmcs_write(GUEST_RIP, rip);
}

void vcpu_skip(struct vcpu *vcpu, unsigned int len)
{
	vcpu_advance(len);
	end_shadows();
	end_flags();
	vcpu->insn_done = true;
}
