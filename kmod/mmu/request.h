/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests: something that a vCPU has to do before it runs guest code again. */
#ifndef VMXDBG_MMU_REQUEST_H
#define VMXDBG_MMU_REQUEST_H

#include <linux/bits.h>
#include <linux/types.h>

#include "vcpu.h"

struct vm;

/* set @req and make it leave the guest; @wait: until it has left */
void vcpu_request(struct vcpu *vcpu, enum vcpu_request req, bool wait);
/*
 * sets @req, an enum vcpu_request, on every vCPU; those in the guest now have
 * left it when this returns. Interrupts on.
 */
void vm_request(struct vm *vm, int req);
/*
 * every vCPU forgets cached translations before it runs guest code again;
 * those in the guest now have left it when this returns. Interrupts on.
 */
void vm_flush_tlb(struct vm *vm);

/*
 * A few memory accesses of the guest that the module makes are to those who change
 * what they depend on as the guest's own: vm_request() waits for their end, or is
 * seen before they begin. Preemption off. False: it was, the guest is to be entered.
 */
static inline bool vcpu_act_begin(struct vcpu *vcpu)
{
	local_irq_disable();
	WRITE_ONCE(vcpu->guest_cpu, smp_processor_id());
	smp_mb();	/* as in run_once() */
	if (likely(!(READ_ONCE(vcpu->requests) & ~BIT(REQ_ENTRY))))
		return true;
	WRITE_ONCE(vcpu->guest_cpu, -1);
	local_irq_enable();
	return false;
}

static inline void vcpu_act_end(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->guest_cpu, -1);
	local_irq_enable();
}

#endif
