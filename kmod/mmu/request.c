// SPDX-License-Identifier: GPL-2.0-only
/* Requests: work that a vCPU must do before it runs guest code again. */
#include <linux/cpumask.h>
#include <linux/rcuwait.h>
#include <linux/smp.h>
#include <trace/events/ipi.h>

#include "mmu/request.h"
#include "vcpu.h"
#include "vm.h"

static void nothing(void *unused)
{
}

/*
 * Set @req, and wake the vCPU's thread if it waits as the guest has halted. Return: the CPU
 * that must be interrupted, as it is in the guest, or -1.
 */
static int request_tell(struct vcpu *vcpu, int req)
{
	set_bit(req, &vcpu->requests);
	smp_mb__after_atomic();	/* pairs with run_once() in run.c, and with wait_for_event() */
	if (unlikely(rcuwait_active(&vcpu->wait)))
		rcuwait_wake_up(&vcpu->wait);
	return READ_ONCE(vcpu->guest_cpu);
}

void vcpu_request(struct vcpu *vcpu, enum vcpu_request req, bool wait)
{
	int cpu;

	preempt_disable();
	cpu = request_tell(vcpu, req);
	/* To this CPU: the thread itself, on its way to an entry with interrupts off. */
	if (cpu >= 0 && !wait)
		smp_send_reschedule(cpu);
	else if (cpu >= 0 && cpu != smp_processor_id())
		smp_call_function_single(cpu, nothing, NULL, true);
	preempt_enable();
}

/* Interrupt each CPU that is in the guest for this VM, and wait for all of them. */
void vm_request(struct vm *vm, int req)
{
	struct vcpu_walk walk;
	struct vcpu *vcpu;
	cpumask_var_t cpus;
	bool any = false;
	int cpu;

	if (!zalloc_cpumask_var(&cpus, GFP_ATOMIC)) {
		vm_for_each_vcpu(vm, vcpu, walk)
			vcpu_request(vcpu, req, true);
		return;
	}
	preempt_disable();
	vm_for_each_vcpu(vm, vcpu, walk) {
		cpu = request_tell(vcpu, req);
		if (cpu >= 0) {
			cpumask_set_cpu(cpu, cpus);
			any = true;
		}
	}
	if (any)
		smp_call_function_many(cpus, nothing, NULL, true);
	preempt_enable();
	free_cpumask_var(cpus);
}

void vm_flush_tlb(struct vm *vm)
{
	/* The entry of a leaf that counts here is not present for a vCPU that flushes. */
	u64 zapped = smp_load_acquire(&vm->zapped);	/* pairs with ept_zap_leaf() */
	u64 flushed;

	vm_request(vm, REQ_FLUSH);
	flushed = READ_ONCE(vm->flushed);
	while (flushed < zapped && !try_cmpxchg(&vm->flushed, &flushed, zapped))
		;
}
