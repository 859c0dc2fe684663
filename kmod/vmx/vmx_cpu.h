/* SPDX-License-Identifier: GPL-2.0-only */
/* VMX on each CPU of the host, and which VMCS each CPU holds. */
#ifndef VMXDBG_VMX_VMX_CPU_H
#define VMXDBG_VMX_VMX_CPU_H

#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/types.h>

#include "lib/controls.h"

/* A VMCS and where it is. Only its user moves it, see vmcs_get(). */
struct vmcs_slot {
	void *page;
	u64 pa;
	int cpu;		/* where it is active, -1 when clear */
	bool launched;
	struct list_head link;	/* in that CPU's list, changed there, IRQs off */
};

extern struct vmx_controls vmx_ctl __ro_after_init;

/**
 * vmx_cpu_init() - check every CPU, install the hotplug and power callbacks
 * Changes nothing in any CPU: VMX is on only between vmx_get() and vmx_put().
 * Return: 0 or a negative errno, after one line in the log.
 */
int vmx_cpu_init(void);

void vmx_cpu_exit(void);

/**
 * vmx_get() - VMX on in every CPU, until the matching vmx_put()
 * Context: may sleep. Return: 0, or -EBUSY when somebody else has VMX on.
 */
int vmx_get(void);

void vmx_put(void);

struct vmx_cpu {
	void *vmxon;			/* VMXON region */
	bool on;			/* we did VMXON here */
	struct vmcs_slot *current_slot;
	struct list_head slots;		/* every slot active here */
};

DECLARE_PER_CPU(struct vmx_cpu, vmx_cpus);

/* Is VMX still ours on this CPU? Preemption off. False during reboot. */
static inline bool vmx_on_here(void)
{
	return __this_cpu_read(vmx_cpus.on);
}

int vmcs_slot_init(struct vmcs_slot *slot);
void vmcs_slot_free(struct vmcs_slot *slot);

void vmcs_load(struct vmcs_slot *slot);	/* vmcs_get()'s slow half */

/**
 * vmcs_get() - make @slot this CPU's current VMCS
 * Disables preemption until vmcs_put(). May nest. The caller is the only user
 * of the slot (vcpu->state_mutex, or the vCPU's thread in KVM_RUN).
 */
static inline void vmcs_get(struct vmcs_slot *slot)
{
	preempt_disable();
	if (unlikely(__this_cpu_read(vmx_cpus.current_slot) != slot))
		vmcs_load(slot);
}

static inline void vmcs_put(void)
{
	preempt_enable();
}

#endif
