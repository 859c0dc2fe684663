/* SPDX-License-Identifier: GPL-2.0-only */
/* VMX on each CPU of the host, and the VMCSs that each CPU has active. */
#ifndef VMXDBG_VMX_VMX_CPU_H
#define VMXDBG_VMX_VMX_CPU_H

#include <linux/list.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/types.h>

#include "lib/controls.h"

/* A VMCS and the CPU on which it is active. Only its user moves it, see vmcs_get(). */
struct vmcs_slot {
	void *page;
	u64 pa;			/* host-physical address of @page */
	int cpu;		/* CPU on which it is active, -1 after VMCLEAR */
	bool launched;
	struct list_head link;	/* in vmx_cpu.slots of @cpu */
};

struct vmx_cpu {
	void *vmxon;			/* VMXON region */
	bool on;			/* the module has done VMXON */
	struct vmcs_slot *current_slot;
	struct list_head slots;		/* all slots active on this CPU */
};

/* The controls of this host's processors; set by vmx_cpu_init(). */
extern struct vmx_controls vmx_ctl __ro_after_init;

DECLARE_PER_CPU(struct vmx_cpu, vmx_cpus);

/**
 * vmx_cpu_init() - check every CPU and install the hotplug and power callbacks
 * VMX stays off: it is on only between vmx_get() and vmx_put().
 * Context: module load, may sleep.
 * Return: 0; -ENODEV, -EACCES, -EBUSY, -EOPNOTSUPP after one line in the log that names
 * the reason; -ENOMEM or the error of cpuhp_setup_state().
 */
int vmx_cpu_init(void);

void vmx_cpu_exit(void);

/**
 * vmx_get() - turn on VMX in every CPU, until the matching vmx_put()
 * Context: may sleep.
 * Return: 0, -EBUSY if another user has VMX on, -EIO if VMXON fails.
 */
int vmx_get(void);

void vmx_put(void);

/* Return: whether this CPU has VMX on; false after a reboot began. Preemption off. */
static inline bool vmx_on_here(void)
{
	return __this_cpu_read(vmx_cpus.on);
}

/* Allocate a VMCS; may sleep. Return: 0, -ENOMEM. */
int vmcs_slot_init(struct vmcs_slot *slot);
/* Clear the VMCS on its CPU and free it; may sleep. */
void vmcs_slot_free(struct vmcs_slot *slot);

/* The slow path of vmcs_get(). */
void vmcs_load(struct vmcs_slot *slot);

/**
 * vmcs_get() - make @slot the current VMCS of this CPU
 * Disables preemption until vmcs_put(). Calls may nest.
 * Context: interrupts on, unless the slot is current here already. The caller is the
 * only user of the slot (vcpu->state_mutex, or the vCPU's thread in KVM_RUN).
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
