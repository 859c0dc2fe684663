// SPDX-License-Identifier: GPL-2.0-only
/* Sets of vCPUs. */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "lib/vcpu_set.h"

struct vcpu_set *vcpu_set_new(const u64 *words, u32 nr)
{
	struct vcpu_set *set;

	while (nr && !words[nr - 1])
		nr--;
	set = kmalloc(struct_size(set, word, nr), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	set->nr = nr;
	memcpy(set->word, words, nr * sizeof(*words));
	return set;
}

void vcpu_set_free(struct vcpu_set *set)
{
	if (set)
		kfree_rcu(set, rcu);
}
