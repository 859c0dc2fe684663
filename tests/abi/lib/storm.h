/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers for tests that do things at random: SEED=n repeats one, STEPS=n makes it longer. */
#ifndef TESTS_ABI_LIB_STORM_H
#define TESTS_ABI_LIB_STORM_H

#include <stdlib.h>

#include "vmm.h"

/* Return: a state for random_next(), which is never 0. */
static inline u64 random_from(u64 seed)
{
	return seed * 0x2545f4914f6cdd1dULL | 1;
}

/* xorshift: all 64-bit numbers but 0, in a fixed order */
static inline u64 random_next(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static inline u32 random_below(u64 *state, u32 below)
{
	return (random_next(state) >> 16) % below;
}

/* Return: the number in the environment variable @name, or @otherwise. */
static inline u64 number_from(const char *name, u64 otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

#endif
