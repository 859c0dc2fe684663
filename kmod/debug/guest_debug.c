// SPDX-License-Identifier: GPL-2.0-only
/* In-band debugging: KVM_SET_GUEST_DEBUG and KVM_EXIT_DEBUG, for VMMs with a stub. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/percpu.h>
#include <asm/debugreg.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "debug/dr_plan.h"
#include "debug/guest_debug.h"
#include "vcpu.h"
#include "vcpu/event.h"
#include "vcpu/regs.h"
#include "vm.h"

#define INJECT	(KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP)

/* A session and in-band debugging exclude each other. */
static int claim(struct vcpu *vcpu, bool enable)
{
	struct vm *vm = vcpu->vm;
	bool had = vcpu->guest_debug.control & KVM_GUESTDBG_ENABLE;
	int r = 0;

	if (enable == had)
		return 0;	/* no session came since */
	spin_lock(&vm->dbg_lock);
	if (enable && vm->session)
		r = -EBUSY;
	else
		vm->guest_debug_users += enable - had;
	spin_unlock(&vm->dbg_lock);
	return r;
}

static int inject(struct vcpu *vcpu, u32 control)
{
	/* A #DB that hit the guest's registers too has been queued already. */
	if (vcpu->event.valid && vcpu->event.vector == DB_VECTOR &&
	    (control & KVM_GUESTDBG_INJECT_DB))
		return 0;
	if (vcpu->event.valid)
		return -EBUSY;
	if (control & KVM_GUESTDBG_INJECT_DB)
		vcpu_raise_db(vcpu, vcpu->guest_debug_dr6, false, 0);
	else
		vcpu_raise_soft(vcpu, BP_VECTOR, 1);
	return 0;
}

int vcpu_set_guest_debug(struct vcpu *vcpu, const struct kvm_guest_debug *dbg)
{
	bool enable = dbg->control & KVM_GUESTDBG_ENABLE;
	u32 was = vcpu->guest_debug.control;
	int r;

	if (dbg->control & ~(u32)GUEST_DEBUG_VALID) {
		pr_debug_ratelimited("guest debug: unknown control bits %#x\n",
				     dbg->control);
		return -EINVAL;
	}
	r = claim(vcpu, enable);
	if (r)
		return r;
	vcpu->guest_debug.control = 0;
	if (enable)
		vcpu->guest_debug = *dbg;
	vcpu->stepping &= ~STEP_INBAND;
	if ((was | vcpu->guest_debug.control) & KVM_GUESTDBG_USE_HW_BP)
		dr_plan_vcpu(vcpu);
	return dbg->control & INJECT ? inject(vcpu, dbg->control) : 0;
}

static __always_inline int debug_exit(struct vcpu *vcpu, u32 exception, u64 dr6)
{
	struct kvm_debug_exit_arch *arch = &vcpu->run->debug.arch;

	vcpu->run->exit_reason = KVM_EXIT_DEBUG;
	arch->exception = exception;
	arch->pad = 0;
	arch->dr6 = dr6;
	arch->dr7 = vcpu->guest_debug.control & KVM_GUESTDBG_USE_HW_BP ?
		vcpu->guest_debug.arch.debugreg[7] : vcpu->dr7;
	arch->pc = linear_rip();
	return RUN_USER;
}

int guest_debug_bp(struct vcpu *vcpu)
{
	return debug_exit(vcpu, BP_VECTOR, 0);
}

int guest_debug_db(struct vcpu *vcpu, u64 bits)
{
	vcpu->guest_debug_dr6 = bits;
	/* Bits of DR6 that are reserved or active low read as 1, as in a CPU. */
	return debug_exit(vcpu, DB_VECTOR, DR6_RESERVED ^ bits);
}
