/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests: work that a vCPU must do before it runs guest code again. */
#ifndef VMXDBG_MMU_REQUEST_H
#define VMXDBG_MMU_REQUEST_H

#include <linux/bits.h>
#include <linux/types.h>

#include "vcpu.h"
#include "vmx/vmcs_slot.h"

struct vm;

/*
 * Set @req and make the vCPU leave the guest, or wake it up if it has halted. @wait: return
 * only when it has left; else the context may be any, hard interrupts too.
 */
void vcpu_request(struct vcpu *vcpu, enum vcpu_request req, bool wait);

/**
 * vm_request() - set a request on every vCPU
 * @req: enum vcpu_request
 * Context: interrupts on, no spinlock held.
 * On return, each vCPU that was in the guest has left it.
 */
void vm_request(struct vm *vm, int req);

/**
 * vm_flush_tlb() - drop translations that processors have cached for the VM
 * Context: interrupts on, no spinlock held.
 * On return, each vCPU that was in the guest has left it. Each vCPU flushes before it
 * runs guest code again.
 */
void vm_flush_tlb(struct vm *vm);

/**
 * vcpu_act_begin() - begin a memory access that the module makes for the guest
 *
 * Until vcpu_act_end(), other CPUs see this vCPU as in the guest, so vm_request()
 * waits for the access. Interrupts are off until then.
 * Context: the vCPU's thread, preemption off.
 * Return: false if a request is pending: do not access, let the run loop handle it.
 */
static inline bool vcpu_act_begin(struct vcpu *vcpu)
{
	local_irq_disable();
	WRITE_ONCE(vcpu->guest_cpu, smp_processor_id());
	smp_mb();	/* pairs with request_tell(), as in run_once() */
	/* Events may wait for longer than this instruction takes. */
	if (likely(!(READ_ONCE(vcpu->requests) &
		     ~(BIT(REQ_ENTRY) | BIT(REQ_INJECT) | BIT(REQ_NMI)))))
		return true;
	WRITE_ONCE(vcpu->guest_cpu, -1);
	vmcs_irq_enable();
	return false;
}

static inline void vcpu_act_end(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->guest_cpu, -1);
	vmcs_irq_enable();
}

#endif
