// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/hoststate: the processor state that a hypervisor must not change, one line for
 * each value ("name value"). The state is that of the reader's CPU at the first read.
 * Used by tests/abi/run/run_host.c; not a part of vmxdbg.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/fpu/xcr.h>
#include <asm/msr.h>
#include <asm/perf_event.h>
#include <asm/pkru.h>
#include <asm/segment.h>
#include <asm/special_insns.h>

#include "lib/compat.h"

static const struct {
	const char *name;
	u32 index;
} msrs[] = {
	{ "star", MSR_STAR },
	{ "lstar", MSR_LSTAR },
	{ "cstar", MSR_CSTAR },
	{ "fmask", MSR_SYSCALL_MASK },
	{ "fs_base", MSR_FS_BASE },
	{ "gs_base", MSR_GS_BASE },
	{ "kernel_gs_base", MSR_KERNEL_GS_BASE },
	{ "tsc_aux", MSR_TSC_AUX },
	{ "sysenter_cs", MSR_IA32_SYSENTER_CS },
	{ "sysenter_esp", MSR_IA32_SYSENTER_ESP },
	{ "sysenter_eip", MSR_IA32_SYSENTER_EIP },
	{ "efer", MSR_EFER },
	{ "pat", MSR_IA32_CR_PAT },
	{ "debugctl", MSR_IA32_DEBUGCTLMSR },
	{ "xss", MSR_IA32_XSS },
	{ "spec_ctrl", MSR_IA32_SPEC_CTRL },
	{ "misc_enable", MSR_IA32_MISC_ENABLE },
	{ "apic_base", MSR_IA32_APICBASE },
	{ "tsc_adjust", MSR_IA32_TSC_ADJUST },
	{ "mtrr_def_type", MSR_MTRRdefType },
	{ "perf_global_ctrl", MSR_CORE_PERF_GLOBAL_CTRL },
	{ "perf_fixed_ctrl", MSR_CORE_PERF_FIXED_CTR_CTRL },
	{ "perf_event_sel0", MSR_ARCH_PERFMON_EVENTSEL0 },
	{ "pebs_enable", MSR_IA32_PEBS_ENABLE },
};

static void line(struct seq_file *seq, const char *name, u64 value)
{
	seq_printf(seq, "%s %#llx\n", name, value);
}

static void show_msrs(struct seq_file *seq)
{
	unsigned int i;
	u64 val;

	for (i = 0; i < ARRAY_SIZE(msrs); i++)
		if (!rdmsrl_safe(msrs[i].index, &val))
			line(seq, msrs[i].name, val);
}

static void show_segments(struct seq_file *seq)
{
	unsigned long sel, limit = 0;

	savesegment(ds, sel);
	line(seq, "ds", sel);
	savesegment(es, sel);
	line(seq, "es", sel);
	savesegment(fs, sel);
	line(seq, "fs", sel);
	savesegment(gs, sel);
	line(seq, "gs", sel);
	store_ldt(sel);
	line(seq, "ldtr", (u16)sel);
	store_tr(sel);
	line(seq, "tr", (u16)sel);
	asm("lsl %1, %0" : "+r" (limit) : "r" ((unsigned long)(u16)sel));
	line(seq, "tss_limit", limit);
}

static void show_tables(struct seq_file *seq)
{
	struct desc_ptr ptr;

	native_store_gdt(&ptr);
	line(seq, "gdt_base", ptr.address);
	line(seq, "gdt_limit", ptr.size);
	store_idt(&ptr);
	line(seq, "idt_base", ptr.address);
	line(seq, "idt_limit", ptr.size);
}

static void show_registers(struct seq_file *seq)
{
	unsigned long dr7;

	/* Without an enabled breakpoint, lengths and types mean nothing. */
	get_debugreg(dr7, 7);
	line(seq, "dr7", dr7 & 0xff ? dr7 : 0);
	line(seq, "cr0", read_cr0());
	line(seq, "cr4", native_read_cr4());
	if (native_read_cr4() & X86_CR4_OSXSAVE)
		line(seq, "xcr0", xgetbv(XCR_XFEATURE_ENABLED_MASK));
	line(seq, "pkru", read_pkru());
}

static int show(struct seq_file *seq, void *unused)
{
	preempt_disable();
	show_msrs(seq);
	show_segments(seq);
	show_tables(seq);
	show_registers(seq);
	preempt_enable();
	return 0;
}

static int open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;	/* set by misc, used by seq_file from here on */
	return single_open_size(file, show, NULL, PAGE_SIZE);
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static struct miscdevice dev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hoststate",
	.mode = 0400,
	.fops = &fops,
};
module_misc_device(dev);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("The processor's state, for tests of hypervisors");
