/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the processor refused to enter, in the log: once for each VM, since its VMM
 * can do it as often as it likes. Dynamic debug shows it (pr_debug).
 */
#ifndef VMXDBG_RUN_VMCS_DUMP_H
#define VMXDBG_RUN_VMCS_DUMP_H

#include <linux/types.h>

struct vcpu;

void vmcs_dump(struct vcpu *vcpu);	/* vmcs_dump.c: an entry failed */

#endif
