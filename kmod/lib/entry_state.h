/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What VM entry checks of the guest's non-register state, as far as this module
 * and no VMM answers for it (SDM vol. 3, 27.3.1.5).
 */
#ifndef VMXDBG_LIB_ENTRY_STATE_H
#define VMXDBG_LIB_ENTRY_STATE_H

#include <linux/kconfig.h>
#include <linux/types.h>
#include <asm/vmx.h>

/* of interruptibility: the next instruction is in one */
#define SHADOWS		(GUEST_INTR_STATE_STI | GUEST_INTR_STATE_MOV_SS)

struct entry_state {
	u64 rflags;
	u64 pending;		/* debug exceptions */
	u64 debugctl;
	u32 blocking;		/* interruptibility state */
	u32 activity;
	u32 event;		/* interruption information of the entry */
};

/* Return: NULL, or what is wrong, as words for the log. */
const char *entry_state_bad(const struct entry_state *s);

#endif
