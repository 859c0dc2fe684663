// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX on each CPU of the host, and the VMCSs that each CPU has active. VMX is on while
 * a VM exists, and off otherwise, also across CPU hotplug, suspend and reboot.
 *
 * Lock order: cpus_read_lock() before vmx_lock. Only the CPU itself changes its per-CPU
 * data, with interrupts off.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/gfp.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/tlbflush.h>
#include <asm/vmx.h>

#include "lib/compat.h"
#include "lib/controls.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

DEFINE_PER_CPU(struct vmx_cpu, vmx_cpus);
static DEFINE_MUTEX(vmx_lock);		/* vmx_users, and VMX on or off on all CPUs */
static unsigned int vmx_users;
static int hotplug_state;

static bool exec_only = true;
module_param(exec_only, bool, 0444);
MODULE_PARM_DESC(exec_only, "Use execute-only EPT where the CPU has it (default: on)");

struct vmx_controls vmx_ctl __ro_after_init;

void vmcs_write_failed(unsigned long field, u64 value)
{
	WARN_ONCE(1, "vmxdbg: vmwrite of %#llx to field %#lx failed, error %u\n",
		  value, field, vmcs_read32(VM_INSTRUCTION_ERROR));
}

static void clear_here(struct vmcs_slot *slot)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);

	vmx_vmclear(slot->pa);
	if (c->current_slot == slot)
		c->current_slot = NULL;
	list_del_init(&slot->link);
	slot->launched = false;
	/* Pairs with slot_move_here(): a CPU that reads -1 may take the slot. */
	smp_store_release(&slot->cpu, -1);
}

/* Runs on the slot's CPU with interrupts off. */
static void clear_ipi(void *arg)
{
	struct vmcs_slot *slot = arg;

	if (slot->cpu == smp_processor_id())
		clear_here(slot);
}

static void vmxoff_here(void)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);
	struct vmcs_slot *slot, *next;

	if (!c->on)
		return;
	list_for_each_entry_safe(slot, next, &c->slots, link)
		clear_here(slot);
	vmx_vmxoff();
	cr4_clear_bits(X86_CR4_VMXE);
	c->on = false;
}

static int vmxon_here(void)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);

	if (c->on)
		return 0;
	if (__read_cr4() & X86_CR4_VMXE)
		return -EBUSY;
	*(u32 *)c->vmxon = vmx_ctl.revision;
	cr4_set_bits(X86_CR4_VMXE);
	if (vmx_vmxon(__pa(c->vmxon))) {
		cr4_clear_bits(X86_CR4_VMXE);
		return -EIO;
	}
	/* Drop translations that an earlier owner of VMX has left. */
	vmx_invept(2, 0);
	if (vmx_ctl.vpid)
		vmx_invvpid(2, 0);
	c->on = true;
	return 0;
}

static void vmxon_ipi(void *arg)
{
	int r = vmxon_here();

	if (r)
		WRITE_ONCE(*(int *)arg, r);
}

static void vmxoff_ipi(void *unused)
{
	vmxoff_here();
}

int vmx_get(void)
{
	int r = 0;

	cpus_read_lock();
	mutex_lock(&vmx_lock);
	if (!vmx_users) {
		on_each_cpu(vmxon_ipi, &r, 1);
		if (r)
			on_each_cpu(vmxoff_ipi, NULL, 1);
	}
	if (!r)
		vmx_users++;
	mutex_unlock(&vmx_lock);
	cpus_read_unlock();
	if (r)
		pr_debug_ratelimited("cannot turn VMX on (-EBUSY: another user has it): %d\n", r);
	return r;
}

void vmx_put(void)
{
	cpus_read_lock();
	mutex_lock(&vmx_lock);
	if (!--vmx_users)
		on_each_cpu(vmxoff_ipi, NULL, 1);
	mutex_unlock(&vmx_lock);
	cpus_read_unlock();
}

/* ---- the VMCSs ---- */

int vmcs_slot_init(struct vmcs_slot *slot)
{
	slot->page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!slot->page)
		return -ENOMEM;
	*(u32 *)slot->page = vmx_ctl.revision;
	slot->pa = __pa(slot->page);
	slot->cpu = -1;
	slot->launched = true;	/* makes slot_move_here() do VMCLEAR first */
	INIT_LIST_HEAD(&slot->link);
	return 0;
}

void vmcs_slot_free(struct vmcs_slot *slot)
{
	int cpu;

	if (!slot->page)
		return;
	cpus_read_lock();
	/* Pairs with clear_here(). */
	cpu = smp_load_acquire(&slot->cpu);
	if (cpu >= 0)
		smp_call_function_single(cpu, clear_ipi, slot, 1);
	cpus_read_unlock();
	free_page((unsigned long)slot->page);
	slot->page = NULL;
}

static void slot_move_here(struct vmcs_slot *slot)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);
	unsigned long flags;
	int cpu;

	/* Pairs with clear_here(). */
	cpu = smp_load_acquire(&slot->cpu);
	/* The call fails if the CPU went offline, which has cleared the slot already. */
	if (cpu >= 0)
		smp_call_function_single(cpu, clear_ipi, slot, 1);

	local_irq_save(flags);
	if (slot->launched) {	/* new: the launch state is undefined before VMCLEAR */
		vmx_vmclear(slot->pa);
		slot->launched = false;
	}
	list_add(&slot->link, &c->slots);
	slot->cpu = smp_processor_id();
	local_irq_restore(flags);
}

void vmcs_load(struct vmcs_slot *slot)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);
	unsigned long flags;

	if (unlikely(!c->on))
		return;		/* reboot: there will be no VM entry */
	if (slot->cpu != smp_processor_id())
		slot_move_here(slot);
	local_irq_save(flags);
	vmx_vmptrld(slot->pa);
	c->current_slot = slot;
	local_irq_restore(flags);
}

/* ---- hotplug, suspend, reboot ---- */

static int vmx_cpu_online(unsigned int cpu)
{
	int r = 0;

	mutex_lock(&vmx_lock);
	if (vmx_users) {
		local_irq_disable();
		r = vmxon_here();
		local_irq_enable();
	}
	mutex_unlock(&vmx_lock);
	return r;
}

/*
 * Runs on the CPU after user tasks have left it. vmx_lock is not needed, as the user
 * count does not matter, and a CPU that goes offline must not wait.
 */
static int vmx_cpu_offline(unsigned int cpu)
{
	local_irq_disable();
	vmxoff_here();
	local_irq_enable();
	return 0;
}

/* Runs on the last CPU with interrupts off; tasks are frozen. */
static int vmx_suspend(COMPAT_SYSCORE_ARG)
{
	vmxoff_here();
	return 0;
}

static void vmx_resume(COMPAT_SYSCORE_ARG)
{
	if (vmx_users && vmxon_here())
		pr_err("cannot turn VMX on after suspend\n");
}

COMPAT_DEFINE_SYSCORE(vmx_syscore, vmx_suspend, vmx_resume);

static int vmx_reboot(struct notifier_block *nb, unsigned long val, void *v)
{
	/* Firmware expects VMX off, and INIT is blocked while VMX is on. */
	on_each_cpu(vmxoff_ipi, NULL, 1);
	return NOTIFY_OK;
}

static struct notifier_block vmx_reboot_notifier = {
	.notifier_call = vmx_reboot,
};

/* ---- load time ---- */

static void read_msrs(struct vmx_msrs *m)
{
	u64 off = 0;

	memset(m, 0, sizeof(*m));
	m->cpu_has_vmx = cpuid_ecx(1) & BIT(5);
	m->cpu_has_xsave = cpuid_ecx(1) & BIT(26);
	if (!m->cpu_has_vmx)
		return;
	rdmsrl_safe(MSR_IA32_FEAT_CTL, &m->feature_control);
	rdmsrl_safe(MSR_IA32_VMX_BASIC, &m->basic);
	if (m->basic & BIT_ULL(55))	/* the TRUE_ MSRs exist (SDM vol. 3, A.2) */
		off = MSR_IA32_VMX_TRUE_PINBASED_CTLS - MSR_IA32_VMX_PINBASED_CTLS;
	rdmsrl_safe(MSR_IA32_VMX_PINBASED_CTLS + off, &m->pin);
	rdmsrl_safe(MSR_IA32_VMX_PROCBASED_CTLS + off, &m->proc);
	rdmsrl_safe(MSR_IA32_VMX_EXIT_CTLS + off, &m->exit);
	rdmsrl_safe(MSR_IA32_VMX_ENTRY_CTLS + off, &m->entry);
	if (m->proc >> 32 & CPU_BASED_ACTIVATE_SECONDARY_CONTROLS) {
		rdmsrl_safe(MSR_IA32_VMX_PROCBASED_CTLS2, &m->proc2);
		rdmsrl_safe(MSR_IA32_VMX_EPT_VPID_CAP, &m->ept_vpid);
	}
	rdmsrl_safe(MSR_IA32_VMX_MISC, &m->misc);
	rdmsrl_safe(MSR_IA32_VMX_CR0_FIXED0, &m->cr0_fixed0);
	rdmsrl_safe(MSR_IA32_VMX_CR0_FIXED1, &m->cr0_fixed1);
	rdmsrl_safe(MSR_IA32_VMX_CR4_FIXED0, &m->cr4_fixed0);
	rdmsrl_safe(MSR_IA32_VMX_CR4_FIXED1, &m->cr4_fixed1);
}

struct cpu_check {
	struct vmx_controls ctl;	/* of the first CPU */
	atomic_t failed;		/* number of the first CPU that failed, plus 1 */
	int error;
	const char *missing;
};

static void check_fail(struct cpu_check *check, int error, const char *missing)
{
	if (atomic_cmpxchg(&check->failed, 0, smp_processor_id() + 1))
		return;
	check->error = error;
	check->missing = missing;
}

/* Runs on every CPU. Unlike CPUs, or VMX in use on one CPU, make the module refuse. */
static void check_ipi(void *arg)
{
	struct cpu_check *check = arg;
	struct vmx_controls ctl;
	struct vmx_msrs msrs;
	const char *missing;
	int r;

	read_msrs(&msrs);
	r = vmx_controls_make(&msrs, &ctl, &missing);
	if (r)
		check_fail(check, r, missing);
	else if (memcmp(&ctl, &check->ctl, sizeof(ctl)))
		check_fail(check, -EOPNOTSUPP, "equal VMX features on every CPU");
	else if (__read_cr4() & X86_CR4_VMXE)
		check_fail(check, -EBUSY, NULL);
}

static int vmx_refuse(int error, const char *missing, int cpu)
{
	switch (error) {
	case -ENODEV:
		pr_err("not loaded: this CPU has no VMX\n");
		break;
	case -EACCES:
		pr_err("not loaded: firmware keeps VMX off (IA32_FEATURE_CONTROL): %s\n",
		       missing);
		break;
	case -EBUSY:
		pr_err("not loaded: somebody else has VMX on (CR4.VMXE is set on CPU %d): a KVM guest is running?\n",
		       cpu);
		break;
	default:
		pr_err("not loaded: CPU %d lacks %s\n", cpu, missing);
	}
	return error;
}

static int vmx_check_all(void)
{
	struct cpu_check check = { };
	struct vmx_msrs msrs;
	int r;

	read_msrs(&msrs);
	r = vmx_controls_make(&msrs, &check.ctl, &check.missing);
	if (r)
		return vmx_refuse(r, check.missing, raw_smp_processor_id());
	on_each_cpu(check_ipi, &check, 1);
	if (atomic_read(&check.failed))
		return vmx_refuse(check.error, check.missing,
				  atomic_read(&check.failed) - 1);
	vmx_ctl = check.ctl;
	vmx_ctl.exec_only &= exec_only;
	return 0;
}

static void free_regions(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		free_page((unsigned long)per_cpu(vmx_cpus, cpu).vmxon);
}

static int alloc_regions(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct vmx_cpu *c = &per_cpu(vmx_cpus, cpu);

		INIT_LIST_HEAD(&c->slots);
		c->vmxon = (void *)get_zeroed_page(GFP_KERNEL);
		if (!c->vmxon) {
			free_regions();
			return -ENOMEM;
		}
	}
	return 0;
}

int __init vmx_cpu_init(void)
{
	int r;

	r = vmx_check_all();
	if (r)
		return r;
	r = alloc_regions();
	if (r)
		return r;
	r = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "vmxdbg:online", vmx_cpu_online,
			      vmx_cpu_offline);
	if (r < 0) {
		free_regions();
		return r;
	}
	hotplug_state = r;
	compat_register_syscore(&vmx_syscore);
	register_reboot_notifier(&vmx_reboot_notifier);
	return 0;
}

void vmx_cpu_exit(void)
{
	unregister_reboot_notifier(&vmx_reboot_notifier);
	compat_unregister_syscore(&vmx_syscore);
	cpuhp_remove_state(hotplug_state);
	free_regions();
}
