/* SPDX-License-Identifier: MIT */
/* Sets of vCPUs by their numbers. */
#ifndef VMXGDB_VCPU_SET_H
#define VMXGDB_VCPU_SET_H

#include <stdbool.h>
#include <stdint.h>

#include <vmxdbg.h>

#define VCPUS_MAX	(64 * VMXDBG_VCPU_WORDS)	/* numbers are below */

/**
 * struct vcpu_set - vCPUs; all zero: none
 * @words: bit n of word w: vCPU 64 * w + n
 * @end: one more than the highest number, or 0
 */
struct vcpu_set {
	uint64_t words[VMXDBG_VCPU_WORDS];
	int end;
};

static inline bool vcpu_set_has(const struct vcpu_set *set, int vcpu)
{
	return vcpu >= 0 && vcpu < set->end && set->words[vcpu / 64] >> vcpu % 64 & 1;
}

/* @vcpu: below VCPUS_MAX */
static inline void vcpu_set_add(struct vcpu_set *set, int vcpu)
{
	set->words[vcpu / 64] |= 1ULL << vcpu % 64;
	if (vcpu >= set->end)
		set->end = vcpu + 1;
}

/* Return: the first number from @vcpu on, VCPUS_MAX if there is none. */
static inline int vcpu_set_next(const struct vcpu_set *set, int vcpu)
{
	uint64_t left;

	for (; vcpu < set->end; vcpu = (vcpu | 63) + 1) {
		left = set->words[vcpu / 64] >> vcpu % 64;
		if (left)
			return vcpu + __builtin_ctzll(left);
	}
	return VCPUS_MAX;
}

static inline bool vcpu_set_is_empty(const struct vcpu_set *set)
{
	return !set->end;
}

/* Words that have a bit set, and all before them. */
static inline unsigned int vcpu_set_words(const struct vcpu_set *set)
{
	return (set->end + 63) / 64;
}

#define for_each_vcpu_of(set, vcpu)						\
	for (vcpu = vcpu_set_next(set, 0); vcpu < VCPUS_MAX;			\
	     vcpu = vcpu_set_next(set, vcpu + 1))

#endif /* VMXGDB_VCPU_SET_H */
