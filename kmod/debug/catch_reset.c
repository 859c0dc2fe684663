// SPDX-License-Identifier: GPL-2.0-only
/*
 * Catches of resets by the VMM, and of triple faults. A VMM resets a vCPU by writing
 * its sets of registers. The first one that moves it to the reset vector is caught.
 */
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <asm/processor-flags.h>

#include "debug/catch_exit.h"
#include "debug/catch_reset.h"
#include "debug/dbg_object.h"
#include "debug/post.h"
#include "debug/types.h"
#include "vcpu.h"
#include "vmxdbg.h"

/* SDM vol. 3, table 10-1 */
#define RESET_RIP	0xfff0
#define RESET_CS_BASE	0xffff0000
#define RESET_CS	0xf000

static int regs_reset(const struct kvm_regs __user *user)
{
	u64 rip;

	return get_user(rip, &user->rip) ? -EFAULT : rip == RESET_RIP;
}

/* struct kvm_sregs2 begins with the same members. */
static int sregs_reset(const struct kvm_sregs __user *user)
{
	u64 base, cr0;
	u16 cs;

	if (get_user(base, &user->cs.base) || get_user(cs, &user->cs.selector) ||
	    get_user(cr0, &user->cr0))
		return -EFAULT;
	return base == RESET_CS_BASE && cs == RESET_CS && !(cr0 & X86_CR0_PE);
}

/* Return: 1 if the ioctl resets the vCPU, 0 if not, -EFAULT. */
static int resets(unsigned int cmd, void __user *user)
{
	switch (cmd) {
	case KVM_SET_REGS:
		return regs_reset(user);
	case KVM_SET_SREGS:
	case KVM_SET_SREGS2:
		return sregs_reset(user);
	default:
		return 0;
	}
}

static enum hit_result reset_ask(struct vcpu *vcpu, u64 how)
{
	enum hit_result r;

	do {
		if (vcpu->hit_point.end == HIT_POINT_MISSES)
			hit_point_fault_in(vcpu);
		r = catch_reset(vcpu, how);
	} while (r == HIT_RETRY);
	return r;
}

void catch_shutdown(struct vcpu *vcpu)
{
	static const struct vmxdbg_event event = { .why = VMXDBG_WHY_SHUTDOWN };
	struct vmxdbg_event error = {
		.why = VMXDBG_WHY_ERROR, .error = vcpu->dead_end.error };

	if (vcpu->dead_end.exit_reason) {
		post_event(vcpu, &error);
		return;
	}
	if ((READ_ONCE(vcpu->vm->catch_types) & BIT(VMXDBG_CATCH_RESET)) &&
	    reset_ask(vcpu, VMXDBG_RESET_TRIPLE_FAULT) == HIT_STOP)
		return;
	post_event(vcpu, &event);
}

int catch_vmm_reset(struct vcpu *vcpu, unsigned int cmd, void __user *user)
{
	enum hit_result hit = HIT_GO;
	int r = resets(cmd, user);

	if (r <= 0)
		return r;
	if (mutex_lock_killable(&vcpu->state_mutex))
		return -EINTR;
	if (!vcpu->reset_caught)
		hit = reset_ask(vcpu, VMXDBG_RESET_VMM);
	vcpu->reset_caught = true;	/* the other sets belong to this reset */
	mutex_unlock(&vcpu->state_mutex);
	if (hit != HIT_STOP)
		return 0;
	return wait_event_killable(vcpu->park_wq, !READ_ONCE(vcpu->stop)) ? -EINTR : 0;
}
