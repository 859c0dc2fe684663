// SPDX-License-Identifier: GPL-2.0-only
/*
 * Actions against CPU flaws at VM entry and exit. lib/mitigate.c decides, vmenter.S
 * does what must be beside the entry or the exit itself.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched/smt.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>

#include "lib/compat.h"
#include "lib/compat_asm.h"
#include "vmx/mitigation.h"
#include "vmx/vmx_cpu.h"

#define L1D_ORDER	4	/* 64 KiB: no L1 data cache of a CPU with L1TF is larger */
#define L1D_LINE	64

static char *accept = "";
module_param(accept, charp, 0444);
MODULE_PARM_DESC(accept, "CPU flaws that may stay open to guests, with commas between, or all");

struct mitigate_plan mitigation_plan __ro_after_init;

DEFINE_STATIC_CALL(enter_guest, vmx_enter);

static const u8 *l1d_pages;
static u32 guarded_flags __ro_after_init;	/* of each entry */

static atomic_t new_guests;

/* ---- facts ---- */

struct flaw_bug {
	enum flaw flaw;
	s16 bug;		/* -1: this kernel has no name for it */
};

#ifndef X86_BUG_RFDS
#define X86_BUG_RFDS	-1
#endif
#ifndef X86_BUG_BHI
#define X86_BUG_BHI	-1
#endif
#ifndef X86_BUG_VMSCAPE
#define X86_BUG_VMSCAPE	-1
#endif

static const struct flaw_bug flaw_bugs[] = {
	{ FLAW_SPECTRE_V2, X86_BUG_SPECTRE_V2 },
	{ FLAW_L1TF, X86_BUG_L1TF },
	{ FLAW_MDS, X86_BUG_MDS },
	{ FLAW_TAA, X86_BUG_TAA },
	{ FLAW_ITLB_MULTIHIT, X86_BUG_ITLB_MULTIHIT },
	{ FLAW_MMIO_STALE_DATA, X86_BUG_MMIO_STALE_DATA },
	{ FLAW_RETBLEED, X86_BUG_RETBLEED },
	{ FLAW_PBRSB, X86_BUG_EIBRS_PBRSB },
	{ FLAW_RFDS, X86_BUG_RFDS },
	{ FLAW_BHI, X86_BUG_BHI },
	{ FLAW_VMSCAPE, X86_BUG_VMSCAPE },
};

static u64 arch_capabilities(void)
{
	u64 caps = 0;

	if (boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES))
		rdmsrl_safe(MSR_IA32_ARCH_CAPABILITIES, &caps);
	return caps;
}

static void read_facts(struct mitigate_facts *facts)
{
	u64 caps = arch_capabilities();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flaw_bugs); i++)
		if (flaw_bugs[i].bug < 0)
			facts->unknown |= BIT(flaw_bugs[i].flaw);
		else if (boot_cpu_has_bug(flaw_bugs[i].bug))
			facts->flaws |= BIT(flaw_bugs[i].flaw);
	facts->off = cpu_mitigations_off();
	facts->smt = sched_smt_active();
	facts->mds_no = caps & ARCH_CAP_MDS_NO;
	facts->tsx_ctrl = caps & ARCH_CAP_TSX_CTRL_MSR;
	facts->has_tsx = boot_cpu_has(X86_FEATURE_RTM);
	facts->has_md_clear = boot_cpu_has(X86_FEATURE_MD_CLEAR);
	facts->has_flush_l1d = boot_cpu_has(X86_FEATURE_FLUSH_L1D);
	facts->has_ibpb = boot_cpu_has(X86_FEATURE_IBPB);
	facts->has_fb_clear = caps & ARCH_CAP_FB_CLEAR;
	facts->skips_l1d = caps & ARCH_CAP_SKIP_VMENTRY_L1DFLUSH;
	facts->ibrs = boot_cpu_has(X86_FEATURE_KERNEL_IBRS);
#ifdef ARCH_CAP_RFDS_CLEAR
	facts->has_rfds_clear = caps & ARCH_CAP_RFDS_CLEAR;
#endif
#ifdef X86_FEATURE_CLEAR_BHB_HW
	facts->bhi_dis_s = boot_cpu_has(X86_FEATURE_CLEAR_BHB_HW);
#endif
#ifdef COMPAT_CLEAR_BHB
	facts->bhb_loop = boot_cpu_has(COMPAT_CLEAR_BHB);
#endif
#ifdef X86_FEATURE_IBPB_EXIT_TO_USER
	facts->ibpb_to_user = boot_cpu_has(X86_FEATURE_IBPB_EXIT_TO_USER);
#endif
}

/* ---- actions ---- */

/*
 * Each line replaces one of the cache. The loads of the first loop fill the TLB, so
 * that no page walk of the second loop brings a table into the cache.
 */
static void fill_l1d(void)
{
	unsigned int i;

	for (i = 0; i < PAGE_SIZE << L1D_ORDER; i += PAGE_SIZE)
		READ_ONCE(l1d_pages[i]);
	for (i = 0; i < PAGE_SIZE << L1D_ORDER; i += L1D_LINE)
		READ_ONCE(l1d_pages[i]);
	rmb();	/* the loads complete before the entry */
}

/* IBPB unless this CPU entered the same guest last. */
static __always_inline void separate_guests(void)
{
	const struct vmcs_slot *guest = __this_cpu_read(vmx_cpus.current_slot);
	int number = atomic_read(&new_guests);

	if (likely(__this_cpu_read(vmx_cpus.last_guest) == guest &&
		   __this_cpu_read(vmx_cpus.last_number) == number))
		return;
	__this_cpu_write(vmx_cpus.last_guest, guest);
	__this_cpu_write(vmx_cpus.last_number, number);
	native_wrmsr(MSR_IA32_PRED_CMD, PRED_CMD_IBPB, 0);
}

static noinline int enter_filled(u64 regs[16], u32 flags, u64 *host_rsp)
{
	fill_l1d();
	return vmx_enter_guarded(regs, flags, host_rsp);
}

static int enter_mitigated(u64 regs[16], bool launched, u64 *host_rsp)
{
	const struct mitigate_plan *plan = &mitigation_plan;
	u32 flags = guarded_flags | launched;

	BUILD_BUG_ON(VMX_GUARDED_RESUME != 1);
	if (plan->ibpb)
		separate_guests();
#ifdef X86_FEATURE_IBPB_EXIT_TO_USER
	if (plan->ibpb_to_user)
		__this_cpu_write(x86_ibpb_exit_to_user, true);
#endif
	if (plan->l1d_msr)
		/* Not wrmsrl(): its tracepoint could fill the cache again. */
		native_wrmsr(MSR_IA32_FLUSH_CMD, L1D_FLUSH, 0);
	else if (plan->l1d_fill)
		return enter_filled(regs, flags, host_rsp);
	return vmx_enter_guarded(regs, flags, host_rsp);
}

void mitigation_new_guest(void)
{
	atomic_inc(&new_guests);
}

unsigned long mitigation_host_rip(void)
{
	return (unsigned long)(mitigation_plan.guarded ? vmx_exited_guarded : vmx_exited);
}

/* ---- load and unload ---- */

static int refuse_flaw(enum flaw flaw)
{
	pr_err("not loaded: guests could use the CPU's flaw %s, and the microcode has nothing against it; update it, or load with accept=%s\n",
	       flaw_names[flaw], flaw_names[flaw]);
	return -EOPNOTSUPP;
}

static int alloc_l1d(void)
{
	/* No page of zeros: KSM and the like must not find them equal. */
	u8 *pages = (u8 *)__get_free_pages(GFP_KERNEL, L1D_ORDER);
	unsigned int i;

	if (!pages)
		return -ENOMEM;
	for (i = 0; i < BIT(L1D_ORDER); i++)
		memset(pages + i * PAGE_SIZE, i + 1, PAGE_SIZE);
	l1d_pages = pages;
	return 0;
}

int __init mitigation_init(void)
{
	struct mitigate_facts facts = { };
	int r;

	r = mitigate_parse(accept, &facts.accepted);
	if (r) {
		pr_err("not loaded: accept=%s names a flaw that is not in vmxdbg(4)\n",
		       accept);
		return r;
	}
	read_facts(&facts);
	mitigate_decide(&facts, &mitigation_plan);
	if (mitigation_plan.lacking)
		return refuse_flaw(__ffs(mitigation_plan.lacking));
	if (mitigation_plan.l1d_fill) {
		r = alloc_l1d();
		if (r)
			return r;
	}
	if (mitigation_plan.smt_open)
		pr_warn("SMT is on, so a guest can read what the other thread of its core does (flaw %s): boot with nosmt against it\n",
			flaw_names[__ffs(mitigation_plan.smt_open)]);
	if (mitigation_plan.verw)
		guarded_flags = VMX_GUARDED_VERW;
	if (mitigation_plan.guarded)
		static_call_update(enter_guest, enter_mitigated);
	return 0;
}

void mitigation_exit(void)
{
	free_pages((unsigned long)l1d_pages, L1D_ORDER);
}
