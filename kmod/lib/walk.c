// SPDX-License-Identifier: GPL-2.0-only
/* Translation of linear addresses by the guest's page tables (SDM vol. 3, chapter 4). */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/types.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "lib/walk.h"

/*
 * The table format of a paging mode. PAE has two levels here: the four PDPTEs are
 * registers, without the permissions and the index of other entries.
 */
struct format {
	u8 levels;
	u8 entry_size;
	u8 index_bits;
	u8 large_levels;	/* leaves are possible from this level down */
	u64 reserved;		/* in every entry, for any MAXPHYADDR */
};

/* The state of one walk. */
struct walk {
	const struct walk_mode *mode;
	struct format format;
	u32 access;
	u64 reserved;		/* in every entry of this walk */
	walk_read_fn read;
	void *ctx;
	struct walk_result *res;
};

static bool long_mode(const struct walk_mode *mode)
{
	return mode->efer & EFER_LMA;
}

static bool has_nx(const struct walk_mode *mode)
{
	return (mode->cr4 & X86_CR4_PAE) && (mode->efer & EFER_NX);
}

static struct format format_of(const struct walk_mode *mode)
{
	if (!(mode->cr4 & X86_CR4_PAE))
		return (struct format){
			.levels = 2, .entry_size = 4, .index_bits = 10,
			.large_levels = mode->cr4 & X86_CR4_PSE ? 2 : 1,
		};
	if (!long_mode(mode))
		return (struct format){
			.levels = 2, .entry_size = 8, .index_bits = 9,
			.large_levels = 2,
			.reserved = GENMASK_ULL(62, 52),
		};
	return (struct format){
		.levels = mode->cr4 & X86_CR4_LA57 ? 5 : 4,
		.entry_size = 8, .index_bits = 9, .large_levels = 3,
	};
}

static unsigned int level_shift(const struct format *format, int level)
{
	return 12 + format->index_bits * (level - 1);
}

/* An address is canonical if bit 63 down to the highest translated bit are equal. */
static bool walk_canonical(const struct format *format, u64 gva)
{
	s64 top = (s64)gva >> (level_shift(format, format->levels + 1) - 1);

	return top == 0 || top == -1;
}

/* Report a page fault. @why: the bits that do not follow from the access (4.7). */
static int walk_fault(const struct walk *walk, u32 why)
{
	u32 code = why;

	if (walk->access & WALK_WRITE)
		code |= WALK_PF_WRITE;
	if (walk->access & WALK_USER)
		code |= WALK_PF_USER;
	if ((walk->access & WALK_FETCH) &&
	    (has_nx(walk->mode) || (walk->mode->cr4 & X86_CR4_SMEP)))
		code |= WALK_PF_FETCH;
	walk->res->error_code = code;
	return -EFAULT;
}

static bool is_leaf(const struct format *format, u64 entry, int level)
{
	return level == 1 || (level <= format->large_levels && (entry & PTE_PS));
}

/* Return: the reserved bits of an entry without PAE (table 4-4). */
static u64 reserved_bits_32(const struct walk_mode *mode, int level, bool leaf)
{
	unsigned int width = mode->maxphyaddr;

	if (level == 1 || !leaf)
		return 0;
	if (width < 32)
		width = 32;
	if (width > 40)
		width = 40;
	return GENMASK_ULL(21, width - 19);
}

/* Return: the reserved bits of a present entry (tables 4-8 to 4-20). */
static u64 reserved_bits(const struct walk *walk, int level, bool leaf)
{
	u64 bits = walk->reserved;

	if (walk->format.entry_size == 4)
		return reserved_bits_32(walk->mode, level, leaf);
	if (level > walk->format.large_levels)
		bits |= PTE_PS;
	if (leaf && level > 1)
		bits |= GENMASK_ULL(level_shift(&walk->format, level) - 1, 13);
	return bits;
}

/* Return: the gpa of the first byte of the page. */
static u64 leaf_base(const struct format *format, u64 entry, int level)
{
	if (format->entry_size == 4 && level > 1)
		return (entry & PSE_ADDR) | (entry & PSE36_ADDR) << PSE36_SHIFT;
	return entry & PTE_ADDR & ~((1ULL << level_shift(format, level)) - 1);
}

/* Return: whether the tables permit this access to a supervisor (4.6.1). */
static bool supervisor_ok(const struct walk *walk)
{
	const struct walk_mode *mode = walk->mode;
	const struct walk_result *res = walk->res;

	if (walk->access & WALK_FETCH)
		return res->executable &&
		       !(res->user && (mode->cr4 & X86_CR4_SMEP));
	if (res->user && (mode->cr4 & X86_CR4_SMAP) &&
	    !(mode->rflags & X86_EFLAGS_AC))
		return false;
	return !(walk->access & WALK_WRITE) || res->writable ||
	       !(mode->cr0 & X86_CR0_WP);
}

static bool user_ok(const struct walk *walk)
{
	const struct walk_result *res = walk->res;

	if (!res->user)
		return false;
	if (walk->access & WALK_FETCH)
		return res->executable;
	return !(walk->access & WALK_WRITE) || res->writable;
}

static bool walk_permitted(const struct walk *walk)
{
	if (!(walk->access & WALK_CHECK))
		return true;
	return walk->access & WALK_USER ? user_ok(walk) : supervisor_ok(walk);
}

/* Find the first table. With PAE the PDPTE register may be not present. */
static int first_table(const struct walk *walk, u64 gva, u64 *table)
{
	const struct walk_mode *mode = walk->mode;

	if (!(mode->cr4 & X86_CR4_PAE)) {
		*table = mode->cr3 & 0xfffff000;
	} else if (long_mode(mode)) {
		*table = mode->cr3 & PTE_ADDR;
	} else {
		u64 pdpte = mode->pdpte[(gva >> 30) & 3];

		if (!(pdpte & PTE_PRESENT))
			return walk_fault(walk, 0);
		*table = pdpte & PTE_ADDR;
	}
	return 0;
}

static int walk_read_entry(const struct walk *walk, u64 table, u64 gva, int level,
			   u64 *entry)
{
	const struct format *format = &walk->format;
	u64 index = (gva >> level_shift(format, level)) &
		    ((1U << format->index_bits) - 1);
	u64 gpa = table + index * format->entry_size;
	struct walk_result *res = walk->res;
	u32 low;
	int ret;

	res->entry_gpa[res->entries++] = gpa;

	if (format->entry_size == 8)
		return walk->read(walk->ctx, gpa, entry, 8);
	ret = walk->read(walk->ctx, gpa, &low, 4);
	if (!ret)
		*entry = low;
	return ret;
}

static int walk_tables(const struct walk *walk, u64 gva)
{
	struct walk_result *res = walk->res;
	int level = walk->format.levels;
	u64 table, entry;
	bool leaf;
	int ret = first_table(walk, gva, &table);

	while (!ret) {
		ret = walk_read_entry(walk, table, gva, level, &entry);
		if (ret)
			break;
		res->entry[res->entries - 1] = entry;
		if (!(entry & PTE_PRESENT))
			return walk_fault(walk, 0);
		leaf = is_leaf(&walk->format, entry, level);
		if (entry & reserved_bits(walk, level, leaf))
			return walk_fault(walk, WALK_PF_PRESENT | WALK_PF_RSVD);
		res->writable &= !!(entry & PTE_WRITE);
		res->user &= !!(entry & PTE_USER);
		res->executable &= !(entry & PTE_NX);
		if (leaf) {
			res->page_size = 1ULL << level_shift(&walk->format, level);
			res->gpa = leaf_base(&walk->format, entry, level) |
				   (gva & (res->page_size - 1));
			break;
		}
		table = entry & PTE_ADDR;
		level--;
	}
	return ret;
}

/* Return: the bits that are reserved in 64-bit entries of every level. */
static u64 always_reserved(const struct walk_mode *mode, const struct format *format)
{
	u64 bits = format->reserved;

	if (mode->maxphyaddr < 52)
		bits |= GENMASK_ULL(51, mode->maxphyaddr);
	if (!has_nx(mode))
		bits |= PTE_NX;
	return bits;
}

int guest_walk(const struct walk_mode *mode, u64 gva, u32 access,
	       walk_read_fn read, void *ctx, struct walk_result *res)
{
	struct walk walk = {
		.mode = mode, .format = format_of(mode), .read = read,
		.access = access & WALK_CHECK ? access : 0,
		.ctx = ctx, .res = res,
	};
	int ret;

	*res = (struct walk_result){
		.writable = true, .user = true, .executable = true,
		.entry_size = walk.format.entry_size,
	};
	if (!(mode->cr0 & X86_CR0_PG)) {
		res->gpa = (u32)gva;
		return 0;
	}
	if (!long_mode(mode))
		gva = (u32)gva;
	else if (!walk_canonical(&walk.format, gva))
		return -EFAULT;

	walk.reserved = always_reserved(mode, &walk.format);
	ret = walk_tables(&walk, gva);
	if (!ret && !walk_permitted(&walk))
		ret = walk_fault(&walk, WALK_PF_PRESENT);
	return ret;
}
