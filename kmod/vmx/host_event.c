// SPDX-License-Identifier: GPL-2.0-only
/* NMIs and machine checks of the host that arrived while a guest ran. */
#include <linux/ptrace.h>
#include <linux/smp.h>
#include <asm/apic.h>
#include <asm/cpufeature.h>
#include <asm/mce.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>

#include "vmx/host_event.h"

#ifdef CONFIG_X86_FRED
/*
 * With FRED, INT 2 is no NMI for the kernel. Send one to this CPU: it stays pending
 * until NMIs are unblocked.
 */
static bool nmi_by_fred(void)
{
	if (!cpu_feature_enabled(X86_FEATURE_FRED))
		return false;
	apic->send_IPI(smp_processor_id(), NMI_VECTOR);
	unblock_nmi();
	return true;
}
#else
static bool nmi_by_fred(void)
{
	return false;
}
#endif

/* The exit blocks NMIs, as in a handler, until the IRET of the host's handler. */
void host_nmi(void)
{
	if (!nmi_by_fred())
		asm volatile("int $2");
}

/*
 * The guest's memory is that of the VMM's process, so the handler is told that user
 * mode was interrupted: it may then kill this process instead of the host. INT 18
 * would show it kernel mode, for which most errors are fatal.
 */
void host_machine_check(void)
{
#ifdef CONFIG_X86_MCE
	struct pt_regs regs = {
		.cs = __USER_CS,
		.ss = __USER_DS,
		.flags = X86_EFLAGS_IF | X86_EFLAGS_FIXED,
	};

	do_machine_check(&regs);
#endif
}
