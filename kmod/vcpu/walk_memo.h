/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks of the guest's page tables that were made before. The entries that a walk
 * read are read again: if none has changed, neither has the translation. So no
 * INVLPG has to be heard of.
 */
#ifndef VMXDBG_VCPU_WALK_MEMO_H
#define VMXDBG_VCPU_WALK_MEMO_H

#include <linux/mm.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include "vcpu/types.h"

struct vcpu;

/*
 * Do the entries hold what they held? Inside of user_read_access_begin() with page
 * faults disabled. False too where the VMM's memory is not there at the hit_point.
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

/* where it is remembered, if it is, and is it? Its thread; the latter: page, registers */
struct walk_memo *walk_memo_for(struct vcpu *vcpu, u64 gva);
bool walk_memo_is_of(struct vcpu *vcpu, const struct walk_memo *m, u64 gva);

/**
 * walk_memo_fill() - walk to @gva, and remember it
 * Its thread; does not sleep with page faults disabled. Return: false where it is
 * not mapped, or not a walk that can be remembered. Whether all of the registers
 * that it depended on still are the same is to be compared by who uses it.
 */
bool walk_memo_fill(struct vcpu *vcpu, struct walk_memo *m, u64 gva);

#endif
