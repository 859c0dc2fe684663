// SPDX-License-Identifier: GPL-2.0-only
/* Features of the host's processors, read on each of them when the module is loaded. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/special_insns.h>
#include <asm/tsc.h>
#include <asm/vmx.h>

#include "lib/compat.h"
#include "lib/controls.h"
#include "vmx/vmx_check.h"

static bool exec_only = true;
module_param(exec_only, bool, 0444);
MODULE_PARM_DESC(exec_only, "Use execute-only EPT where the CPU has it (default: on)");

static bool tpr_shadow = true;
module_param(tpr_shadow, bool, 0444);
MODULE_PARM_DESC(tpr_shadow, "Let guests access CR8 without exits where the CPU can (default: on)");

struct vmx_controls vmx_ctl __ro_after_init;

#define PERFMON_LEAF		0xa
#define PERFMON_GLOBAL_CTRL	2	/* the version that has IA32_PERF_GLOBAL_CTRL */

static void read_msrs(struct vmx_msrs *m)
{
	u64 off = 0;

	memset(m, 0, sizeof(*m));
	m->cpu_has_vmx = cpuid_ecx(1) & BIT(5);
	m->cpu_has_xsave = cpuid_ecx(1) & BIT(26);
	m->cpu_has_global_ctrl = boot_cpu_has(X86_FEATURE_ARCH_PERFMON) &&
				 (cpuid_eax(PERFMON_LEAF) & 0xff) >= PERFMON_GLOBAL_CTRL;
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
	struct vmx_msrs msrs;		/* capabilities that all CPUs have */
	raw_spinlock_t lock;		/* @msrs */
	struct vmx_controls ctl;	/* from @msrs */
	atomic_t failed;		/* number of the first CPU that failed, plus 1 */
	int error;
	const char *missing;
	bool kvm;			/* KVM is there, and may have VMX on */
};

static void check_fail(struct cpu_check *check, int error, const char *missing)
{
	if (atomic_cmpxchg(&check->failed, 0, smp_processor_id() + 1))
		return;
	check->error = error;
	check->missing = missing;
}

/*
 * Runs on every CPU. VMX that neither KVM nor the module has turned on makes the module
 * refuse. CPUs may differ, and guests then have what all of them have.
 */
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
	else if (!check->kvm && (__read_cr4() & X86_CR4_VMXE))
		check_fail(check, -EBUSY, NULL);
	raw_spin_lock(&check->lock);
	vmx_msrs_merge(&check->msrs, &msrs);
	raw_spin_unlock(&check->lock);
}

/* Runs on every CPU, after check_ipi() ran on all. */
static void check_fits_ipi(void *arg)
{
	struct cpu_check *check = arg;
	struct vmx_msrs msrs;
	const char *missing;

	read_msrs(&msrs);
	missing = vmx_controls_lacking(&check->ctl, &msrs);
	if (missing)
		check_fail(check, -EOPNOTSUPP, missing);
}

int vmx_check_here(void)
{
	struct vmx_msrs msrs;
	const char *missing;

	read_msrs(&msrs);
	missing = vmx_controls_lacking(&vmx_ctl, &msrs);
	if (!missing)
		return 0;
	pr_err_ratelimited("CPU %d cannot run guests: it lacks %s\n", smp_processor_id(),
			   missing);
	return -EOPNOTSUPP;
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
		pr_err("not loaded: another hypervisor than KVM has VMX on (CR4.VMXE is set on CPU %d)\n",
		       cpu);
		break;
	default:
		pr_err("not loaded: CPU %d lacks %s\n", cpu, missing);
	}
	return error;
}

int __init vmx_check_all(bool kvm)
{
	struct cpu_check check = { .kvm = kvm };
	int r;

	raw_spin_lock_init(&check.lock);
	read_msrs(&check.msrs);
	r = vmx_controls_make(&check.msrs, &check.ctl, &check.missing);
	if (r)
		return vmx_refuse(r, check.missing, raw_smp_processor_id());
	if (!check.kvm && !COMPAT_CAN_OWN_VMX) {
		pr_err("not loaded: only KVM can turn VMX on in this kernel: load kvm_intel first\n");
		return -ENODEV;
	}
	if (!tsc_khz) {
		pr_err("not loaded: the kernel does not know the frequency of the TSC\n");
		return -ENODEV;
	}
	cpus_read_lock();
	on_each_cpu(check_ipi, &check, 1);
	if (!atomic_read(&check.failed)) {
		r = vmx_controls_make(&check.msrs, &check.ctl, &check.missing);
		if (!r)
			on_each_cpu(check_fits_ipi, &check, 1);
	}
	cpus_read_unlock();
	if (atomic_read(&check.failed))
		return vmx_refuse(check.error, check.missing,
				  atomic_read(&check.failed) - 1);
	if (r)
		return vmx_refuse(r, check.missing, raw_smp_processor_id());
	vmx_ctl = check.ctl;
	vmx_ctl.exec_only &= exec_only;
	vmx_ctl.tpr_shadow &= tpr_shadow;
	if (!vmx_ctl.tpr_shadow)
		vmx_ctl.proc &= ~CPU_BASED_TPR_SHADOW;
	return 0;
}
