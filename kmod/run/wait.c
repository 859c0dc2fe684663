// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that has halted, or waits for INIT or SIPI, while its local APIC is in the module.
 * As long as it cannot run, REQ_LIFE is set.
 */
#include <linux/kvm.h>
#include <linux/rcuwait.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "irq/next.h"
#include "irq/types.h"
#include "run/wait.h"
#include "vcpu.h"
#include "vcpu/init_sipi.h"
#include "vmx/vmcs.h"

/* HLT ends with an interrupt only if RFLAGS.IF is set, which the VMM or a session may change. */
static bool irqs_end_hlt(struct vcpu *vcpu)
{
	u64 rflags;

	vmcs_get(&vcpu->vmcs);
	rflags = vmcs_read(GUEST_RFLAGS);
	vmcs_put();
	return rflags & X86_EFLAGS_IF;
}

/* A step of a debugger may hold the event back. It ends HLT all the same. */
static bool hlt_ends(struct vcpu *vcpu, bool irqs)
{
	return vcpu->event.valid || vcpu->nmi_pending || vcpu->inject.types ||
	       atomic_read(&vcpu->lapic->nmis) ||
	       (irqs && (vcpu->irq >= 0 || irq_next(vcpu) >= 0));
}

static bool wait_over(struct vcpu *vcpu, bool irqs)
{
	if (READ_ONCE(vcpu->lapic->events) || test_bit(REQ_STOP, &vcpu->requests))
		return true;
	return vcpu->mp_state == KVM_MP_STATE_HALTED && hlt_ends(vcpu, irqs);
}

static void wait_for_event(struct vcpu *vcpu, bool irqs)
{
	prepare_to_rcuwait(&vcpu->wait);
	for (;;) {
		/* The barrier in it pairs with request_tell(). */
		set_current_state(TASK_INTERRUPTIBLE);
		if (wait_over(vcpu, irqs) || signal_pending(current))
			break;
		schedule();
	}
	finish_rcuwait(&vcpu->wait);
}

/* Return: whether the vCPU can run. */
static bool comes_to_life(struct vcpu *vcpu, bool irqs)
{
	if (READ_ONCE(vcpu->lapic->events))
		vcpu_take_init_sipi(vcpu);
	if (vcpu->mp_state == KVM_MP_STATE_HALTED && hlt_ends(vcpu, irqs))
		vcpu->mp_state = KVM_MP_STATE_RUNNABLE;
	return vcpu->mp_state == KVM_MP_STATE_RUNNABLE;
}

int vcpu_live(struct vcpu *vcpu)
{
	bool started = vcpu->mp_state != KVM_MP_STATE_UNINITIALIZED;
	bool irqs = irqs_end_hlt(vcpu);

	vcpu->halted = vcpu->mp_state == KVM_MP_STATE_HALTED;
	for (;;) {
		/* Events that come after this set it again. */
		clear_bit(REQ_LIFE, &vcpu->requests);
		smp_mb__after_atomic();	/* pairs with request_tell() */
		if (comes_to_life(vcpu, irqs)) {
			vcpu->halted = false;
			return started ? RUN_RESUME : -EAGAIN;
		}
		set_bit(REQ_LIFE, &vcpu->requests);
		if (!started && vcpu->mp_state != KVM_MP_STATE_UNINITIALIZED)
			return -EAGAIN;
		if (signal_pending(current) || test_bit(REQ_STOP, &vcpu->requests))
			return RUN_RESUME;
		wait_for_event(vcpu, irqs);
	}
}
