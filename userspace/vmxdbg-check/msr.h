/* SPDX-License-Identifier: GPL-2.0-only */
/* MSRs of the host's CPUs, by the kernel's msr driver. */
#ifndef VMXDBG_CHECK_MSR_H
#define VMXDBG_CHECK_MSR_H

#include <stdbool.h>
#include <stdint.h>

#include "host.h"

/* SDM vol. 4, table 2-2 */
#define MSR_FEATURE_CONTROL	0x3a
#define MSR_VMX_BASIC		0x480
#define MSR_VMX_PIN		0x481
#define MSR_VMX_PROC		0x482
#define MSR_VMX_EXIT		0x483
#define MSR_VMX_ENTRY		0x484
#define MSR_VMX_PROC2		0x48b
#define MSR_VMX_EPT_VPID	0x48c
#define MSR_VMX_LAST		0x493	/* IA32_VMX_EXIT_CTLS2 */
#define MSR_VMX_TRUE		(0x48d - 0x481)	/* distance of the TRUE_ forms */

/* Return: the number of a CPU after @cpu (-1 for the first) that has MSRs, or -1 */
int msr_next_cpu(const struct host *host, int cpu);

/*
 * Return: descriptor for msr_read(), or -errno. In a made-up host the file is an ordinary
 * one, where MSR n is at byte 8 n.
 */
int msr_open(const struct host *host, int cpu);

/* Return: whether the CPU has this MSR */
bool msr_read(int fd, uint32_t msr, uint64_t *value);

#endif
