/* SPDX-License-Identifier: GPL-2.0-only */
/* A set of vCPUs by their ids. It does not change. No set, NULL, means every vCPU. */
#ifndef VMXDBG_LIB_VCPU_SET_H
#define VMXDBG_LIB_VCPU_SET_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#define VCPU_IDS	4096U	/* as in KVM: ids are below */
#define VCPU_WORD	64U	/* ids in a word of a set */
#define VCPU_WORDS	(VCPU_IDS / VCPU_WORD)

struct vcpu_set {
	struct rcu_head rcu;
	u32 nr;			/* words; the last one is not zero */
	u64 word[];
};

/*
 * @words: at least one of the @nr words is not zero
 * Return: the set, or NULL without memory. Context: may sleep.
 */
struct vcpu_set *vcpu_set_new(const u64 *words, u32 nr);

/* Free the set, which may be NULL, when nobody under RCU can have it any more. */
void vcpu_set_free(struct vcpu_set *set);

static inline bool vcpu_set_has(const struct vcpu_set *set, u32 id)
{
	if (likely(!set))
		return true;
	return id / VCPU_WORD < set->nr &&
	       (set->word[id / VCPU_WORD] & BIT_ULL(id % VCPU_WORD));
}

#endif
