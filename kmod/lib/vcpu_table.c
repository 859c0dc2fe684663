// SPDX-License-Identifier: GPL-2.0-only
/* The vCPUs of a VM beyond the first 64, and how one is added. */
#include <linux/errno.h>
#include <linux/slab.h>

#include "lib/vcpu_table.h"

/* Return: block @nr, or NULL if no vCPU has needed it yet. */
static const struct vcpu_block *block_of(const struct vcpu_table *table, u32 nr)
{
	/* Pairs with block_make(). */
	return nr ? smp_load_acquire(&table->more[nr]) : &table->first;
}

static struct vcpu_block *block_make(struct vcpu_table *table, u32 nr)
{
	struct vcpu_block *block;

	if (!nr)
		return &table->first;
	if (table->more[nr])
		return table->more[nr];
	block = kzalloc(sizeof(*block), GFP_KERNEL_ACCOUNT);
	if (block)
		/* Pairs with block_of(). */
		smp_store_release(&table->more[nr], block);
	return block;
}

int vcpu_table_add(struct vcpu_table *table, u32 id, struct vcpu *vcpu)
{
	struct vcpu_block *block = block_make(table, id / VCPU_WORD);

	if (!block)
		return -ENOMEM;
	/* Counted first: who counts those that stand still must not miss one that runs. */
	WRITE_ONCE(table->nr, table->nr + 1);
	/* Pairs with vcpu_table_find(): the vCPU is complete before it can be found. */
	smp_store_release(&block->vcpu[id % VCPU_WORD], vcpu);
	/* Pairs with vcpu_table_next(). */
	smp_store_release(&block->mask, block->mask | BIT_ULL(id % VCPU_WORD));
	/* Pairs with vcpu_table_next_far(). */
	smp_store_release(&table->blocks, table->blocks | BIT_ULL(id / VCPU_WORD));
	return 0;
}

void vcpu_table_free(struct vcpu_table *table)
{
	u32 nr;

	for (nr = 1; nr < VCPU_WORDS; nr++)
		kfree(table->more[nr]);
}

struct vcpu *vcpu_table_find_far(const struct vcpu_table *table, u32 id)
{
	const struct vcpu_block *block;

	if (id >= VCPU_IDS)
		return NULL;
	block = block_of(table, id / VCPU_WORD);
	/* Pairs with vcpu_table_add(). */
	return block ? smp_load_acquire(&block->vcpu[id % VCPU_WORD]) : NULL;
}

struct vcpu *vcpu_table_next_far(const struct vcpu_table *table, unsigned int *id)
{
	/* Pairs with vcpu_table_add(): a block of the mask can be found. */
	u64 blocks = smp_load_acquire(&table->blocks) & ~1ULL, left;
	unsigned int from = *id, nr;

	for (; blocks; blocks &= blocks - 1) {
		const struct vcpu_block *block;

		nr = __ffs64(blocks);
		if (from >= (nr + 1) * VCPU_WORD)
			continue;
		block = block_of(table, nr);
		/* Pairs with vcpu_table_add(). */
		left = smp_load_acquire(&block->mask);
		if (from > nr * VCPU_WORD)
			left &= ~0ULL << from % VCPU_WORD;
		if (left) {
			*id = nr * VCPU_WORD + __ffs64(left);
			return block->vcpu[*id % VCPU_WORD];
		}
	}
	return NULL;
}

bool vcpu_walk_far(const struct vcpu_table *table, struct vcpu_walk *walk)
{
	unsigned int id = (walk->nr + 1) * VCPU_WORD;

	if (!vcpu_table_next_far(table, &id))
		return false;
	walk->nr = id / VCPU_WORD;
	walk->block = block_of(table, walk->nr);
	/* Pairs with vcpu_table_add(). */
	walk->left = smp_load_acquire(&walk->block->mask);
	return true;
}

bool vcpu_table_has(const struct vcpu_table *table, u32 nr, u64 word)
{
	const struct vcpu_block *block = block_of(table, nr);

	return !(word & ~(block ? READ_ONCE(block->mask) : 0));
}
