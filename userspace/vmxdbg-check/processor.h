/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows about the processor's VMX features. */
#ifndef VMXDBG_CHECK_PROCESSOR_H
#define VMXDBG_CHECK_PROCESSOR_H

#include "host.h"

void check_processor(const struct host *host);

/* Print the VMX capability MSRs of the first CPU. Return: exit status, 0 or 1 */
int print_msrs(const struct host *host);

#endif
