/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memos of page walks. The entries that a walk read are read again: if they are
 * unchanged, so is the translation, and INVLPG needs no tracking.
 */
#ifndef VMXDBG_VCPU_WALK_MEMO_H
#define VMXDBG_VCPU_WALK_MEMO_H

#include <linux/mm.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include "vcpu/types.h"

struct vcpu;

/*
 * Return: whether the entries are unchanged; false also if the VMM's page is not
 * present now. Context: after user_read_access_begin(), with page faults disabled.
 */
static __always_inline bool unsafe_walk_holds(const struct walk_memo *m)
{
	unsigned int i;
	u64 val;

	for (i = 0; i < m->levels; i++) {
		unsafe_get_user(val, m->entry[i], failed);
		if (val != m->value[i])
			return false;
	}
	return true;
failed:
	return false;
}

/* Return: the slot for a memo of @gva. Context: the vCPU's thread. */
struct walk_memo *walk_memo_for(struct vcpu *vcpu, u64 gva);

/* Return: whether @m is for @gva under the current registers; check its entries next. */
bool walk_memo_is_of(struct vcpu *vcpu, const struct walk_memo *m, u64 gva);

/**
 * walk_memo_fill() - walk to @gva and fill the memo
 * The user of the memo compares the registers that it depends on.
 * Context: the vCPU's thread; does not sleep with page faults disabled.
 * Return: false if @gva is not mapped, or its walk cannot be remembered.
 */
bool walk_memo_fill(struct vcpu *vcpu, struct walk_memo *m, u64 gva);

#endif
