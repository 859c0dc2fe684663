// SPDX-License-Identifier: GPL-2.0-only
/*
 * insmod misuse.ko rule=RULE: break a rule for VMCSs (SDM vol. 3, "Software Use of
 * Virtual-Machine Control Structures"), or none of them. tests/lab/selftest expects that
 * the emulator stops with a sentence. Otherwise insmod fails with ENODEV. The rule "dies" is
 * "vmxoff" in a host that is reset next, for which nothing stops the emulator.
 */
#define pr_fmt(fmt) "misuse: " fmt

#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/processor-flags.h>

static char *rule = "none";
module_param(rule, charp, 0);
MODULE_PARM_DESC(rule, "none, vmxoff, dies, other_cpu, clear_elsewhere or written");

/* A CPU's VMXON region and two VMCSs for any CPU. */
static void *regions[2], *vmcs, *other;

static bool is(const char *name)
{
	return !strcmp(rule, name);
}

static void clear(void *page)
{
	u64 pa = __pa(page);

	asm volatile("vmclear %0" : : "m" (pa) : "cc", "memory");
}

static void load(void *page)
{
	u64 pa = __pa(page);

	asm volatile("vmptrld %0" : : "m" (pa) : "cc", "memory");
}

static void set_vmxe(bool on)
{
	unsigned long cr4;

	asm volatile("mov %%cr4, %0" : "=r" (cr4));
	cr4 = on ? cr4 | X86_CR4_VMXE : cr4 & ~X86_CR4_VMXE;
	asm volatile("mov %0, %%cr4" : : "r" (cr4) : "memory");
}

static void vmx_on(void *unused)
{
	u64 pa = __pa(regions[smp_processor_id()]);

	set_vmxe(true);
	asm volatile("vmxon %0" : : "m" (pa) : "cc", "memory");
}

static void vmx_off(void *unused)
{
	asm volatile("vmxoff" : : : "cc", "memory");
	set_vmxe(false);
}

/* Runs on CPU 0, with VMX on. */
static void use(void *unused)
{
	clear(vmcs);
	clear(other);
	load(vmcs);
	load(other);
	load(vmcs);
	load(other);
	if (is("written"))
		memset(vmcs + PAGE_SIZE / 2, 0x55, 16);
	if (is("vmxoff") || is("dies") || is("other_cpu") || is("clear_elsewhere"))
		return;
	clear(vmcs);
	clear(other);
	/* Memory of an inactive VMCS may be written, and another CPU may have it. */
	memset(vmcs + PAGE_SIZE / 2, 0x55, 16);
}

static void *region(void)
{
	u32 *page = (u32 *)get_zeroed_page(GFP_KERNEL);
	u64 basic;

	rdmsrl(MSR_IA32_VMX_BASIC, basic);
	if (page)
		*page = basic & 0x7fffffff;
	return page;
}

static int __init misuse_init(void)
{
	regions[0] = region();
	regions[1] = region();
	vmcs = region();
	other = region();
	if (!regions[0] || !regions[1] || !vmcs || !other || num_online_cpus() > 2)
		return -EINVAL;

	on_each_cpu(vmx_on, NULL, 1);
	smp_call_function_single(0, use, NULL, 1);
	if (num_online_cpus() > 1) {
		smp_call_function_single(1, is("other_cpu") ? load : clear, vmcs, 1);
		smp_call_function_single(1, load, vmcs, 1);
		smp_call_function_single(1, clear, vmcs, 1);
	}
	if (is("dies")) {
		local_irq_disable();
		vmx_off(NULL);
		emergency_restart();
	}
	on_each_cpu(vmx_off, NULL, 1);
	free_page((unsigned long)regions[0]);
	free_page((unsigned long)regions[1]);
	free_page((unsigned long)vmcs);
	free_page((unsigned long)other);
	pr_info("rule %s: nothing stopped this\n", rule);
	return -ENODEV;
}

module_init(misuse_init);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Breaks a rule for VMCSs");
