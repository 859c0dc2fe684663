/* SPDX-License-Identifier: GPL-2.0-only */
/* NMIs and machine checks of the host that arrived while a guest ran. */
#ifndef VMXDBG_VMX_HOST_EVENT_H
#define VMXDBG_VMX_HOST_EVENT_H

/**
 * host_nmi() - run the host's NMI handler, and unblock NMIs
 * Context: interrupts off, after a VM exit that an NMI caused.
 */
void host_nmi(void);

/**
 * host_machine_check() - run the host's machine check handler
 * The handler may queue task work, which runs before the next VM entry: host_work().
 * Context: interrupts off, after a VM exit or a failed entry that #MC caused.
 */
void host_machine_check(void);

/* Unblock NMIs by ERETS, on a processor with FRED. In unblock_nmi.S. */
void unblock_nmi(void);

#endif
