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

static __always_inline bool unsafe_entry_holds(u64 __user *entry, u64 value)
{
	u64 val;

	unsafe_get_user(val, entry, failed);
	return val == value;
failed:
	return false;
}

/*
 * Return: whether the first @levels entries, up to 4, are unchanged; false also if the
 * VMM's page is not present now. Context: after user_read_access_begin(), with page faults
 * disabled.
 *
 * The indexes are constants, since UBSAN calls a function if another one is outside the
 * array, and no function may be called here.
 */
static __always_inline bool unsafe_entries_hold(u64 __user *const *entry, const u64 *value,
						unsigned int levels)
{
	return (levels < 1 || unsafe_entry_holds(entry[0], value[0])) &&
	       (levels < 2 || unsafe_entry_holds(entry[1], value[1])) &&
	       (levels < 3 || unsafe_entry_holds(entry[2], value[2])) &&
	       (levels < 4 || unsafe_entry_holds(entry[3], value[3]));
}

/* unsafe_entries_hold() for all entries of @m */
static __always_inline bool unsafe_walk_holds(const struct walk_memo *m)
{
	return unsafe_entries_hold(m->entry, m->value, m->levels);
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
