/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic flags that the SDM leaves undefined after an instruction, as bits of a table's row. */
#ifndef TESTS_ABI_ARITH_FLAGS_H
#define TESTS_ABI_ARITH_FLAGS_H

#include "tap.h"

#define FLAGS_ARITH	0x8d5U

/* Undefined afterwards; the bits below are the table's own. */
#define NO_AF		8
#define NO_OF		16
#define ONLY_CF_OF	32
#define ONLY_CF		64
#define ONLY_ZF		128
#define NO_FLAGS	256

/* Return: the bits of RFLAGS that are defined, by those of a row. */
static inline u64 defined_flags(u32 row_flags)
{
	u64 flags = ~0ULL;

	if (row_flags & NO_AF)
		flags &= ~0x10ULL;
	if (row_flags & NO_OF)
		flags &= ~0x800ULL;
	if (row_flags & ONLY_CF)
		flags &= ~(u64)FLAGS_ARITH | 0x41;	/* ZF stays */
	if (row_flags & ONLY_CF_OF)
		flags &= ~(u64)FLAGS_ARITH | 0x801;
	if (row_flags & ONLY_ZF)
		flags &= ~(u64)FLAGS_ARITH | 0x40;
	if (row_flags & NO_FLAGS)
		flags &= ~(u64)FLAGS_ARITH;
	return flags;
}

#endif
