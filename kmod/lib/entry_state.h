/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The checks of VM entry that depend on this module and not on the VMM: on the guest's
 * non-register state (SDM vol. 3, 27.3.1.5), and on the TPR threshold (27.2.1.1).
 */
#ifndef VMXDBG_LIB_ENTRY_STATE_H
#define VMXDBG_LIB_ENTRY_STATE_H

#include <linux/kconfig.h>
#include <linux/types.h>
#include <asm/vmx.h>

/* Bits of the interruptibility state: the next instruction is in a shadow. */
#define SHADOWS		(GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS)

struct entry_state {
	u64 rflags;
	u64 pending;		/* debug exceptions */
	u64 debugctl;
	u32 blocking;		/* interruptibility state */
	u32 activity;
	u32 event;		/* interruption information of the entry */
	u32 tpr, tpr_threshold;	/* 0 without a TPR shadow */
};

/* Return: NULL if VM entry accepts @s, or the fault in words for the log. */
const char *entry_state_bad(const struct entry_state *s);

#endif
