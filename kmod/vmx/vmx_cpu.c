// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX on each CPU of the host: on while a VM exists, also across CPU hotplug, suspend and
 * reboot. Its owner is KVM, where KVM is loaded when the first VM is made (kvm_hold.h),
 * and the module otherwise. The owner stays until the last VM is gone.
 *
 * Lock order: vmx_lock, then what KVM takes, then cpus_read_lock(). Only the CPU itself
 * changes its per-CPU data, with interrupts off.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/tlbflush.h>
#include <asm/vmx.h>

#include "lib/compat.h"
#include "vmx/kvm_hold.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* KVM as its module's notifications tell: no VM waits for a look at /sys. */
static enum {
	KVM_ABSENT,
	KVM_LOADING,	/* from its COMING to its LIVE or GOING */
	KVM_THERE,	/* loaded, or part of the kernel */
} kvm;					/* vmx_lock */

static DEFINE_MUTEX(vmx_lock);		/* vmx_users, the owner, and kvm */
static unsigned int vmx_users;
static bool vmx_wanted;			/* written with cpus_read_lock() */
static bool vmx_rebooting;		/* the notifier has run: vmx_on() fails from now on */
static int hotplug_state;

/* ---- one CPU: interrupts off ---- */

/* Drop translations that an earlier user of VMX has left (SDM vol. 3, 29.4.3.3). */
static void flush_all_here(void)
{
	vmx_invept(2, 0);
	if (vmx_ctl.vpid)
		vmx_invvpid(2, 0);
}

static int own_here(struct vmx_cpu *c)
{
	if (__read_cr4() & X86_CR4_VMXE)
		return -EBUSY;
	*(u32 *)c->vmxon = vmx_ctl.revision;
	compat_pt_handle_vmx(true);
	compat_set_vmxe(true);
	if (!vmx_vmxon(__pa(c->vmxon)))
		return 0;
	compat_set_vmxe(false);
	compat_pt_handle_vmx(false);
	return -EIO;
}

static void disown_here(void)
{
	vmx_vmxoff();
	compat_set_vmxe(false);
	compat_pt_handle_vmx(false);
}

static int vmx_on(void)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);
	int r = 0;

	if (c->state != VMX_CPU_OFF)
		return 0;
	if (READ_ONCE(vmx_rebooting))
		return -ESHUTDOWN;
	r = vmx_check_here();
	if (r)
		return r;
	if (!static_branch_unlikely(&vmx_shared))
		r = own_here(c);
	else if (!(__read_cr4() & X86_CR4_VMXE))
		r = -EIO;
	if (r)
		return r;
	flush_all_here();
	c->state = VMX_CPU_ON;
	return 0;
}

static void vmx_off(void)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);

	if (c->state == VMX_CPU_OFF)
		return;
	vmcs_clear_all_here();
	flush_all_here();
	if (!static_branch_unlikely(&vmx_shared))
		disown_here();
	c->state = VMX_CPU_OFF;
}

static void on_ipi(void *arg)
{
	int r = vmx_on();

	if (r)
		WRITE_ONCE(*(int *)arg, r);
}

static void off_ipi(void *unused)
{
	vmx_off();
}

/* ---- suspend, reboot, panic ---- */

/* Runs on the last CPU with interrupts off; tasks are frozen. */
static int vmx_suspend(COMPAT_SYSCORE_ARG)
{
	vmx_off();
	host_tsc_suspend(&vmx_host_tsc, rdtsc());
	return 0;
}

/* The other CPUs come online later, with the TSC of this one. */
static void vmx_resume(COMPAT_SYSCORE_ARG)
{
	host_tsc_resume(&vmx_host_tsc, rdtsc());
	if (!vmx_on())
		return;
	pr_err("VMX is not on after suspend\n");
	/* KVM may have it on: its VMCS must not be taken for ours. */
	if (static_branch_unlikely(&vmx_shared))
		this_cpu_ptr(&vmx_cpus)->state = VMX_CPU_STOPPING;
}

COMPAT_DEFINE_SYSCORE(vmx_syscore, vmx_suspend, vmx_resume);

/*
 * Firmware expects VMX off, and INIT is blocked while VMX is on. KVM turns off its own
 * later, in its notifier; until then, KVM's VMCS must not be taken for ours.
 */
static void reboot_ipi(void *unused)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);

	if (c->state == VMX_CPU_OFF)
		return;
	c->state = VMX_CPU_STOPPING;
	if (!static_branch_unlikely(&vmx_shared))
		vmx_off();
}

static void clear_all_ipi(void *unused)
{
	vmcs_clear_all_here();
}

/*
 * Tasks go on. Those that use a VMCS since before the state changed have to end that first:
 * they have preemption disabled, so synchronize_rcu() waits for them. Later users leave no
 * VMCS active (vmcs_slot.c).
 */
static int vmx_reboot(struct notifier_block *nb, unsigned long val, void *v)
{
	WRITE_ONCE(vmx_rebooting, true);	/* for vmx_on() on a CPU that had the IPI already */
	on_each_cpu(reboot_ipi, NULL, 1);
	if (static_branch_unlikely(&vmx_shared)) {
		synchronize_rcu();
		on_each_cpu(clear_all_ipi, NULL, 1);
	}
	return NOTIFY_OK;
}

/* Before KVM's */
static struct notifier_block vmx_reboot_notifier = {
	.notifier_call = vmx_reboot,
	.priority = 1,
};

/* The kernel panics or restarts without notifiers; maybe in an NMI. */
static void vmx_emergency(void)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);
	struct vmcs_slot *slot;

	if (c->state == VMX_CPU_OFF || !(__read_cr4() & X86_CR4_VMXE))
		return;
	c->state = VMX_CPU_STOPPING;
	list_for_each_entry(slot, &c->slots, link)
		vmx_vmclear(slot->pa);
	vmx_vmxoff();
	c->state = VMX_CPU_OFF;
}

/* ---- the owner: vmx_lock held ---- */

/*
 * Registered after KVM's, as KVM is loaded by now and stays: on suspend it runs before
 * KVM's VMXOFF, and on resume after KVM's VMXON.
 */
static int all_on(void)
{
	int r = 0;

	compat_register_syscore(&vmx_syscore);
	cpus_read_lock();
	vmx_wanted = true;
	on_each_cpu(on_ipi, &r, 1);
	if (r) {
		vmx_wanted = false;
		on_each_cpu(off_ipi, NULL, 1);
	}
	cpus_read_unlock();
	if (r)
		compat_unregister_syscore(&vmx_syscore);
	return r;
}

static void all_off(void)
{
	cpus_read_lock();
	vmx_wanted = false;
	on_each_cpu(off_ipi, NULL, 1);
	cpus_read_unlock();
	compat_unregister_syscore(&vmx_syscore);
}

static int begin_shared(void)
{
	int r = kvm_hold();

	if (r)
		return r;
	static_branch_enable(&vmx_shared);
	r = all_on();
	if (r) {
		static_branch_disable(&vmx_shared);
		kvm_release();
	}
	return r;
}

static int begin_own(void)
{
	int r;

	if (!COMPAT_CAN_OWN_VMX) {
		pr_err_ratelimited("only KVM can turn VMX on in this kernel: load kvm_intel\n");
		return -ENODEV;
	}
	compat_register_emergency(vmx_emergency);
	r = all_on();
	if (r)
		compat_unregister_emergency(vmx_emergency);
	return r;
}

static int begin(void)
{
	int r = -ENOENT;

	if (kvm == KVM_ABSENT)
		return begin_own();
	if (kvm == KVM_THERE)
		r = begin_shared();
	if (r != -ENOENT)
		return r;
	pr_err_ratelimited("kvm_intel is being loaded or unloaded: create the VM again\n");
	return -EBUSY;
}

static void end(void)
{
	all_off();
	if (static_branch_unlikely(&vmx_shared)) {
		static_branch_disable(&vmx_shared);
		kvm_release();
	} else {
		compat_unregister_emergency(vmx_emergency);
	}
}

int vmx_get(void)
{
	int r = 0;

	mutex_lock(&vmx_lock);
	if (READ_ONCE(vmx_rebooting))
		r = -ESHUTDOWN;
	else if (!vmx_users)
		r = begin();
	if (!r)
		vmx_users++;
	mutex_unlock(&vmx_lock);
	if (r)
		pr_debug_ratelimited("no VMX (-EBUSY: another user has it): %d\n", r);
	return r;
}

void vmx_put(void)
{
	mutex_lock(&vmx_lock);
	if (!--vmx_users)
		end();
	mutex_unlock(&vmx_lock);
}

/* ---- KVM is loaded ---- */

/*
 * While the module owns VMX, KVM could run no guest until it is loaded once more, and
 * kernels warn of a second owner. So it is not loaded then.
 */
static int vmx_module_comes(struct notifier_block *nb, unsigned long state, void *data)
{
	const struct module *mod = data;
	bool busy;

	if (strcmp(mod->name, "kvm_intel"))
		return NOTIFY_DONE;
	mutex_lock(&vmx_lock);
	busy = state == MODULE_STATE_COMING && vmx_users &&
	       !static_branch_unlikely(&vmx_shared);
	/* LIVE follows COMING, or GOING if it cannot be loaded. */
	if (state == MODULE_STATE_LIVE)
		kvm = KVM_THERE;
	else if (state == MODULE_STATE_COMING && !busy)
		kvm = KVM_LOADING;
	else
		kvm = KVM_ABSENT;
	mutex_unlock(&vmx_lock);
	if (!busy)
		return NOTIFY_OK;
	pr_err("kvm_intel is not loaded: end vmxdbg's guests first, which then run beside KVM's\n");
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block vmx_module_notifier = {
	.notifier_call = vmx_module_comes,
};

/* ---- CPU hotplug ---- */

/* Runs on the CPU after KVM's callback. */
static int vmx_cpu_online(unsigned int cpu)
{
	int r = 0;

	if (vmx_wanted) {
		local_irq_disable();
		r = vmx_on();
		local_irq_enable();
	}
	return r;
}

/* Runs on the CPU after user tasks have left it, and before KVM's callback. */
static int vmx_cpu_offline(unsigned int cpu)
{
	local_irq_disable();
	vmx_off();
	local_irq_enable();
	return 0;
}

/* ---- load and unload ---- */

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

static void __init look_for_kvm(void)
{
	mutex_lock(&vmx_lock);
	if (kvm == KVM_ABSENT && kvm_is_there())
		kvm = KVM_THERE;
	mutex_unlock(&vmx_lock);
}

int __init vmx_cpu_init(void)
{
	int r;

	/* Before the look, so that nothing is missed in between. */
	register_module_notifier(&vmx_module_notifier);
	look_for_kvm();
	r = vmx_check_all(READ_ONCE(kvm) != KVM_ABSENT);
	if (r)
		goto unregister;
	r = alloc_regions();
	if (r)
		goto unregister;
	r = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "vmxdbg:online", vmx_cpu_online,
			      vmx_cpu_offline);
	if (r < 0)
		goto free;
	hotplug_state = r;
	register_reboot_notifier(&vmx_reboot_notifier);
	return 0;
free:
	free_regions();
unregister:
	unregister_module_notifier(&vmx_module_notifier);
	return r;
}

void vmx_cpu_exit(void)
{
	unregister_reboot_notifier(&vmx_reboot_notifier);
	cpuhp_remove_state(hotplug_state);
	free_regions();
	unregister_module_notifier(&vmx_module_notifier);
}
