/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vCPUs of a VM by their ids, which may be sparse. Blocks of 64 exist as far as there
 * are vCPUs; the first is part of the table, so that a small VM finds its vCPUs in one step.
 * vCPUs are added one at a time and stay until vcpu_table_free(). Readers take no lock.
 */
#ifndef VMXDBG_LIB_VCPU_TABLE_H
#define VMXDBG_LIB_VCPU_TABLE_H

#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/barrier.h>

#include "lib/vcpu_set.h"

struct vcpu;

struct vcpu_block {
	u64 mask;		/* bit n: vcpu[n] exists */
	struct vcpu *vcpu[VCPU_WORD];	/* set once, by smp_store_release() */
};

/* Starts as all zero. */
struct vcpu_table {
	struct vcpu_block first;
	u64 blocks;		/* bit n: block n has vCPUs */
	struct vcpu_block *more[VCPU_WORDS];	/* from 1 on; set once, before its bit */
	u32 nr;			/* vCPUs */
};

/*
 * Enter @vcpu, which is complete. @id is below VCPU_IDS and free.
 * Return: 0, -ENOMEM. Context: one caller at a time; may sleep.
 */
int vcpu_table_add(struct vcpu_table *table, u32 id, struct vcpu *vcpu);

/* Free what the table has allocated, but no vCPU. */
void vcpu_table_free(struct vcpu_table *table);

/* vcpu_table_find() and vcpu_table_next() beyond the first block */
struct vcpu *vcpu_table_find_far(const struct vcpu_table *table, u32 id);
struct vcpu *vcpu_table_next_far(const struct vcpu_table *table, unsigned int *id);

/* Return: the vCPU of that id, or NULL. */
static inline struct vcpu *vcpu_table_find(const struct vcpu_table *table, u32 id)
{
	if (unlikely(id >= VCPU_WORD))
		return vcpu_table_find_far(table, id);
	/* Pairs with vcpu_table_add(). */
	return smp_load_acquire(&table->first.vcpu[id]);
}

/* Return: the first vCPU whose id is at least @id, which becomes its id, or NULL. */
static inline struct vcpu *vcpu_table_next(const struct vcpu_table *table, unsigned int *id)
{
	u64 left = 0;

	if (likely(*id < VCPU_WORD))
		/* Pairs with vcpu_table_add(): a vCPU of the mask can be found. */
		left = smp_load_acquire(&table->first.mask) >> *id;
	if (likely(left)) {
		*id += __ffs64(left);
		return table->first.vcpu[*id];
	}
	return likely(READ_ONCE(table->blocks) < 2) ? NULL : vcpu_table_next_far(table, id);
}

/*
 * A walk over all vCPUs that takes less than vcpu_table_next(), for hot paths:
 * for (walk = vcpu_walk_begin(table); (vcpu = vcpu_walk_next(table, &walk)); )
 */
struct vcpu_walk {
	const struct vcpu_block *block;
	u64 left;		/* of this block */
	u32 nr;			/* of this block */
};

static inline struct vcpu_walk vcpu_walk_begin(const struct vcpu_table *table)
{
	/* Pairs with vcpu_table_add(): a vCPU of the mask can be found. */
	u64 left = smp_load_acquire(&table->first.mask);

	return (struct vcpu_walk){ .block = &table->first, .left = left };
}

/* Go on with the next block. Return: whether there is one, which has a vCPU. */
bool vcpu_walk_far(const struct vcpu_table *table, struct vcpu_walk *walk);

static inline struct vcpu *vcpu_walk_next(const struct vcpu_table *table,
					  struct vcpu_walk *walk)
{
	unsigned int bit;

	if (!walk->left && (likely(READ_ONCE(table->blocks) < 2) || !vcpu_walk_far(table, walk)))
		return NULL;
	bit = __ffs64(walk->left);
	walk->left &= walk->left - 1;
	return walk->block->vcpu[bit];
}

/* Return: whether all vCPUs have numbers below 64. */
static inline bool vcpu_table_is_small(const struct vcpu_table *table)
{
	return READ_ONCE(table->blocks) < 2;
}

/* Return: bit n: vCPU n exists, of the first 64. */
static inline u64 vcpu_table_first(const struct vcpu_table *table)
{
	return READ_ONCE(table->first.mask);
}

/* Return: the number of vCPUs. One that is counted may not be found for a moment yet. */
static inline u32 vcpu_table_nr(const struct vcpu_table *table)
{
	return READ_ONCE(table->nr);
}

/* Return: whether a vCPU exists for each bit of @word, which is number @nr of a set. */
bool vcpu_table_has(const struct vcpu_table *table, u32 nr, u64 word);

#endif
