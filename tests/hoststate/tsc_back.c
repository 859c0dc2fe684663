// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets the TSC back to the start when the host is suspended, as many processors do. Load
 * it before the hypervisor: callbacks of a suspend run in the reverse order. A write of
 * IA32_TSC changes IA32_TSC_ADJUST as well, which Linux would notice and undo, so the host
 * must run without it (clearcpuid=289). Used by tests/abi/run/run_suspend.c; not a part of
 * vmxdbg.
 */
#include <linux/module.h>
#include <linux/syscore_ops.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "lib/compat.h"

static int set_back(COMPAT_SYSCORE_ARG)
{
	wrmsrl(MSR_IA32_TSC, tsc_khz);
	return 0;
}

static void nothing(COMPAT_SYSCORE_ARG)
{
}

COMPAT_DEFINE_SYSCORE(tsc_back, set_back, nothing);

static int __init tsc_back_init(void)
{
	compat_register_syscore(&tsc_back);
	return 0;
}

static void __exit tsc_back_exit(void)
{
	compat_unregister_syscore(&tsc_back);
}

module_init(tsc_back_init);
module_exit(tsc_back_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A TSC that goes back in a suspend, for tests of hypervisors");
