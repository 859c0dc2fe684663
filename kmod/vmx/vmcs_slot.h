/* SPDX-License-Identifier: GPL-2.0-only */
/* VMCSs, and which of them is current in a CPU. */
#ifndef VMXDBG_VMX_VMCS_SLOT_H
#define VMXDBG_VMX_VMCS_SLOT_H

#include <linux/irqflags.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/types.h>
#include <asm/asm.h>

#include "lib/host_tsc.h"

/* A VMCS and the CPU on which it is active. Only its user moves it, see vmcs_get(). */
struct vmcs_slot {
	void *page;
	u64 pa;			/* host-physical address of @page */
	int cpu;		/* CPU on which it is active, -1 after VMCLEAR */
	bool launched;
	struct list_head link;	/* in vmx_cpu.slots of @cpu */
	u64 tsc_made_up;	/* for its TSC_OFFSET: host_tsc_make_up() */
	u64 tsc_ratio;		/* TSC_MULTIPLIER, if the processor has that */
};

enum vmx_cpu_state {
	VMX_CPU_OFF,
	VMX_CPU_ON,		/* VMX is on, by us or by KVM, and is ours to use */
	VMX_CPU_STOPPING,	/* on, but a reboot began: no more VM entries */
};

struct vmx_cpu {
	void *vmxon;			/* VMXON region */
	u8 state;			/* enum vmx_cpu_state */
	struct vmcs_slot *ready_slot;	/* @current_slot, or NULL while KVM has VMX on */
	struct vmcs_slot *current_slot;	/* the last slot that the module made current */
	struct list_head slots;		/* all slots active on this CPU */

	/* Guest that entered last, for its IBPB (mitigation.c), and new_guests at that time */
	const struct vmcs_slot *last_guest;
	int last_number;

	/* While KVM has VMX on (vmx_shared): */
	int depth;			/* nested vmcs_get(), from 0; or from VMCS_OWES */
	u64 vmptr;			/* vmcs_load() alone: the current VMCS */
	/* pa of the VMCS that KVM takes for current, or VMPTR_NONE (vmcs.h); or 0 */
	u64 owed;
	unsigned long flags;		/* of the caller, while @owed keeps interrupts off */
};

/* vmx_cpu.depth while no VMCS is in use */
#define VMCS_IDLE	(-1)
/* vmx_cpu.depth from where a VMCS is owed: only the vmcs_put() that must pay overflows. */
#define VMCS_OWES	INT_MIN

DECLARE_PER_CPU(struct vmx_cpu, vmx_cpus);

/* Changes in syscore callbacks alone, while no VMCS is active and no task runs. */
extern struct host_tsc vmx_host_tsc;

/* KVM has VMX on, and the module uses it beside KVM (kvm_hold.h). */
DECLARE_STATIC_KEY_FALSE(vmx_shared);

/* Allocate a VMCS; may sleep. Return: 0, -ENOMEM. */
int vmcs_slot_init(struct vmcs_slot *slot);
/* Clear the VMCS on its CPU and free it; may sleep. */
void vmcs_slot_free(struct vmcs_slot *slot);

/* VMCLEAR each VMCS that is active on this CPU. Interrupts off. */
void vmcs_clear_all_here(void);

/* Compare with memory, in one instruction: compilers load the pointer first. */
static inline bool vmcs_is_ready(const struct vmcs_slot *slot)
{
	const struct vmcs_slot *const *now = (const void *)(__force uintptr_t)
					     &vmx_cpus.ready_slot;
	bool ready;

	asm("cmp %%gs:%1, %2" : "=@cce"(ready) : "m"(*now), "r"(slot));
	return ready;
}

/* The slow paths of vmcs_get() and vmcs_put() */
void vmcs_load(struct vmcs_slot *slot);
asmlinkage void vmcs_pay(void);

/**
 * vmcs_get() - make @slot the current VMCS of this CPU
 *
 * Disables preemption until vmcs_put(). Calls may nest, for the same slot.
 *
 * Beside KVM: KVM remembers, for each CPU, which VMCS is current, and executes no
 * VMPTRLD when it wants that one. So vmcs_put() makes KVM's current again. An interrupt
 * in between could make KVM execute VMCLEAR for it, so interrupts are off from here to
 * vmcs_put(). If KVM has no current VMCS on this CPU, nothing is owed to it, and
 * interrupts stay on: only KVM's tasks make one current. After the begin of a reboot,
 * interrupts are off in any case, and vmcs_put() executes VMCLEAR.
 *
 * Context: interrupts on, unless the slot is current here already. The caller is the
 * only user of the slot (vcpu->state_mutex, or the vCPU's thread in KVM_RUN). Code
 * between vmcs_get() and vmcs_put() runs with interrupts on or off.
 */
static inline void vmcs_get(struct vmcs_slot *slot)
{
	preempt_disable();
	if (unlikely(!vmcs_is_ready(slot)))
		vmcs_load(slot);
}

static inline void vmcs_put(void)
{
	int *depth = (__force void *)(uintptr_t)&vmx_cpus.depth;

	/* Not a call in C, for which each caller would save registers also without KVM. */
	if (static_branch_unlikely(&vmx_shared))
		asm volatile("decl %%gs:%0\n\t"
			     "jno 1f\n\t"
			     "call vmcs_pay_thunk\n"
			     "1:" : "+m"(*depth), ASM_CALL_CONSTRAINT : : "memory", "cc");
	preempt_enable();
}

/* Between vmcs_get() and vmcs_put(). Return: whether they keep interrupts off. */
static inline bool vmcs_keeps_irqs_off(void)
{
	return static_branch_unlikely(&vmx_shared) && __this_cpu_read(vmx_cpus.owed);
}

/* Ends local_irq_disable() between vmcs_get() and vmcs_put(). */
static inline void vmcs_irq_enable(void)
{
	if (likely(!vmcs_keeps_irqs_off()))
		local_irq_enable();
}

/**
 * vmcs_irq_window() - handle the host's pending interrupts between vmcs_get() and
 * vmcs_put()
 * Context: not nested; vmcs_keeps_irqs_off().
 */
void vmcs_irq_window(struct vmcs_slot *slot);

/*
 * The two halves of vmcs_irq_window(), in the same context. In between preemption stays off,
 * interrupts are on, and the VMCS is not current.
 */
void vmcs_lend(void);
void vmcs_take_back(struct vmcs_slot *slot);

#endif
