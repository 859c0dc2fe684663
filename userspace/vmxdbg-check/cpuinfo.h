/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/cpuinfo of the host. */
#ifndef VMXDBG_CHECK_CPUINFO_H
#define VMXDBG_CHECK_CPUINFO_H

#include <stdbool.h>

#include "host.h"

/**
 * struct cpuinfo - fields of /proc/cpuinfo, of its first CPU
 * @text: the whole file
 * @model: name of the processor
 * @flags: CPUID flags, or NULL
 * @vmx_flags: VMX features, or NULL: the CPU has no VMX, or the kernel is older than 5.7
 */
struct cpuinfo {
	char *text;
	const char *model, *flags, *vmx_flags;
};

/* Return: whether the file can be read */
bool cpuinfo_read(struct cpuinfo *info, const struct host *host);
void cpuinfo_free(struct cpuinfo *info);

/* Return: whether @flags has @word as a whole word */
bool cpuinfo_has(const char *flags, const char *word);

#endif
