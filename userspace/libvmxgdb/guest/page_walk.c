// SPDX-License-Identifier: MIT
/* The guest's page tables, by reads of physical memory. */
#include <errno.h>
#include <string.h>

#include "guest/page_walk.h"
#include "guest/pause.h"
#include "guest/target.h"

#define CR0_PG		(1ULL << 31)
#define CR4_PSE		(1ULL << 4)
#define CR4_PAE		(1ULL << 5)
#define CR4_LA57	(1ULL << 12)
#define EFER_LMA	(1ULL << 10)
#define EFER_NXE	(1ULL << 11)

#define ADDR_MAX_32	0xffffffffULL

/* Physical address of a large page without PAE: bits 39 to 32 are bits 20 to 13. */
#define PSE_ADDR	0xffc00000ULL
#define PSE36_ADDR	0x001fe000ULL
#define PSE36_SHIFT	19
#define PSE36_RESERVED	(1ULL << 21)

/* Reserved in PAE's entries */
#define PAE_RESERVED	0x7ff0000000000000ULL

const char *paging_name(enum paging paging)
{
	static const char * const names[] = {
		[PAGING_NONE] = "no paging",
		[PAGING_32] = "32-bit paging",
		[PAGING_PAE] = "PAE paging",
		[PAGING_4] = "4-level paging",
		[PAGING_5] = "5-level paging",
	};

	return names[paging];
}

static enum paging paging_of(const struct kvm_sregs *r)
{
	if (!(r->cr0 & CR0_PG))
		return PAGING_NONE;
	if (!(r->cr4 & CR4_PAE))
		return PAGING_32;
	if (!(r->efer & EFER_LMA))
		return PAGING_PAE;
	return r->cr4 & CR4_LA57 ? PAGING_5 : PAGING_4;
}

static unsigned int large_level(enum paging paging, const struct kvm_sregs *r)
{
	if (paging == PAGING_32)
		return r->cr4 & CR4_PSE ? 2 : 1;
	return paging == PAGING_PAE ? 2 : 3;
}

static uint64_t root_of(enum paging paging, uint64_t cr3)
{
	if (paging == PAGING_32)
		return cr3 & 0xfffff000;
	return cr3 & (paging == PAGING_PAE ? 0xffffffe0 : ENTRY_ADDR);
}

/* A vCPU that runs is stopped, and its registers are read past the cache. */
static int read_system(struct stub *s, unsigned int vcpu, struct kvm_sregs *r,
		       struct vmxdbg_hidden *hidden)
{
	bool paused;
	int result = pause_begin(s, vcpu, &paused);

	if (result < 0)
		return result;
	result = s->target->ops->get_regs(s->target, vcpu, VMXDBG_REGS_SYSTEM, r, sizeof(*r));
	if (result == 0 && paging_of(r) == PAGING_PAE &&
	    s->target->ops->get_regs(s->target, vcpu, VMXDBG_REGS_HIDDEN, hidden,
				     sizeof(*hidden)) == 0)
		result = 1;
	pause_end(s, vcpu, paused);
	return result;
}

int page_walk_begin(struct stub *s, unsigned int vcpu, unsigned int reads, struct page_walk *w)
{
	struct vmxdbg_hidden hidden;
	struct kvm_sregs r;
	unsigned int i;
	int result = read_system(s, vcpu, &r, &hidden);

	if (result < 0)
		return result;
	w->s = s;
	w->paging = paging_of(&r);
	w->root = root_of(w->paging, r.cr3);
	w->large = large_level(w->paging, &r);
	w->nx = w->paging >= PAGING_PAE && (r.efer & EFER_NXE);
	w->reads = reads;
	w->pdptes_valid = result == 1;
	if (w->pdptes_valid)
		memcpy(w->pdptes, hidden.pdptrs, sizeof(w->pdptes));
	for (i = 0; i < PAGE_LEVELS; i++)
		w->tables[i].valid = false;
	return 0;
}

/* ---- the format of the tables ---- */

static unsigned int top_level(enum paging paging)
{
	static const unsigned int levels[] = {
		[PAGING_32] = 2, [PAGING_PAE] = 3, [PAGING_4] = 4, [PAGING_5] = 5,
	};

	return levels[paging];
}

static unsigned int index_bits(const struct page_walk *w)
{
	return w->paging == PAGING_32 ? 10 : 9;
}

static unsigned int entry_size(const struct page_walk *w)
{
	return w->paging == PAGING_32 ? 4 : 8;
}

static unsigned int level_shift(const struct page_walk *w, unsigned int level)
{
	return 12 + index_bits(w) * (level - 1);
}

/* A PAE entry of the top level has no rights and maps no page. */
static bool is_pdpte(const struct page_walk *w, unsigned int level)
{
	return w->paging == PAGING_PAE && level == 3;
}

static bool is_leaf(const struct page_walk *w, const struct page_entry *e)
{
	return e->level == 1 || (e->level <= w->large && (e->value & ENTRY_LARGE));
}

/*
 * Return: the reserved bits of a present entry, for the widest physical addresses: what a
 * smaller processor has reserved leads to where no memory is.
 */
static uint64_t reserved_bits(const struct page_walk *w, const struct page_entry *e)
{
	bool leaf = is_leaf(w, e);
	uint64_t bits = w->nx ? 0 : ENTRY_NX;

	if (w->paging == PAGING_32)
		return leaf && e->level > 1 ? PSE36_RESERVED : 0;
	/* A load of CR3 has checked them. */
	if (is_pdpte(w, e->level))
		return 0;
	if (w->paging == PAGING_PAE)
		bits |= PAE_RESERVED;
	if (e->level > w->large)
		bits |= ENTRY_LARGE;
	if (leaf && e->level > 1)
		bits |= ((1ULL << level_shift(w, e->level)) - 1) & ~0x1fffULL;
	return bits;
}

static uint64_t leaf_gpa(const struct page_walk *w, const struct page_entry *e)
{
	if (w->paging == PAGING_32 && e->level > 1)
		return (e->value & PSE_ADDR) | (e->value & PSE36_ADDR) << PSE36_SHIFT;
	return e->value & ENTRY_ADDR & ~((1ULL << level_shift(w, e->level)) - 1);
}

/* ---- reading ---- */

static int read_table(struct page_walk *w, struct page_table *t, uint64_t gpa, size_t len)
{
	ssize_t n;

	if (t->valid && t->gpa == gpa)
		return 0;
	if (!w->reads)
		return -EAGAIN;
	w->reads--;
	n = w->s->target->ops->read_mem(w->s->target, 0, VMXDBG_MEM_PHYSICAL, gpa, t->bytes, len);
	if (n < 0 && n != -ENXIO && n != -EFAULT)
		return n;
	t->gpa = gpa;
	t->len = n < 0 ? 0 : n;
	t->valid = true;
	t->compared = false;
	return 0;
}

/* Return: 1, 0 if there is no memory, or a negative errno. */
static int read_entry(struct page_walk *w, uint64_t table, uint64_t addr, struct page_entry *e)
{
	struct page_table *t = &w->tables[e->level - 1];
	unsigned int size = entry_size(w);
	uint64_t index = addr >> level_shift(w, e->level) & ((1U << index_bits(w)) - 1);
	int result;

	e->at = table + index * size;
	e->value = 0;
	if (is_pdpte(w, e->level) && w->pdptes_valid) {
		e->value = w->pdptes[index];
		return 1;
	}
	result = read_table(w, t, table, is_pdpte(w, e->level) ? 32 : sizeof(t->bytes));
	if (result < 0)
		return result;
	if ((index + 1) * size > t->len)
		return 0;
	memcpy(&e->value, t->bytes + index * size, size);
	return 1;
}

/* ---- the walk ---- */

/*
 * Return: whether the mode can translate @addr. Otherwise @b is set to the hole around it.
 */
static bool has_address(const struct page_walk *w, uint64_t addr, struct page_block *b)
{
	uint64_t half;

	*b = (struct page_block){ .kind = PAGE_NO_ADDRESS, .last = ~0ULL };
	if (w->paging < PAGING_4) {
		b->first = ADDR_MAX_32 + 1;
		return addr <= ADDR_MAX_32;
	}
	half = 1ULL << (level_shift(w, top_level(w->paging) + 1) - 1);
	b->first = half;
	b->last = -half - 1;
	return addr < half || addr >= -half;
}

static void set_extent(const struct page_walk *w, uint64_t addr, unsigned int level,
		       struct page_block *b)
{
	uint64_t size = 1ULL << level_shift(w, level);

	b->first = addr & ~(size - 1);
	b->last = b->first + size - 1;
}

/* Narrow the rights to those of the entry. Return: false at the end of the walk. */
static bool pass_entry(const struct page_walk *w, const struct page_entry *e,
		       struct page_block *b)
{
	b->kind = PAGE_ABSENT;
	if (!(e->value & ENTRY_PRESENT))
		return false;
	b->kind = PAGE_RESERVED;
	if (e->value & reserved_bits(w, e))
		return false;
	if (!is_pdpte(w, e->level)) {
		b->rights &= (e->value & ENTRY_WRITE ? PAGE_WRITE : 0) |
			     (e->value & ENTRY_USER ? PAGE_USER : 0) |
			     (e->value & ENTRY_NX ? 0 : PAGE_EXEC);
	}
	b->kind = PAGE_MAPPED;
	b->gpa = leaf_gpa(w, e);
	return !is_leaf(w, e);
}

static int walk_tables(struct page_walk *w, uint64_t addr, struct page_block *b)
{
	unsigned int level = top_level(w->paging);
	uint64_t table = w->root;
	struct page_entry *e;
	int result;

	for (;; level--) {
		e = &b->entries[b->depth];
		e->level = level;
		set_extent(w, addr, level, b);
		result = read_entry(w, table, addr, e);
		if (result < 0)
			return result;
		if (!result) {
			b->kind = PAGE_NO_TABLE;
			b->gpa = e->at;
			if (!w->tables[level - 1].len && level < top_level(w->paging))
				set_extent(w, addr, level + 1, b);
			return 0;
		}
		b->depth++;
		if (!pass_entry(w, e, b))
			return 0;
		table = e->value & ENTRY_ADDR;
	}
}

int page_walk_at(struct page_walk *w, uint64_t addr, struct page_block *b)
{
	int result = 0;

	if (!has_address(w, addr, b))
		return 0;
	b->rights = PAGE_WRITE | PAGE_USER | PAGE_EXEC;
	if (w->paging == PAGING_NONE) {
		b->kind = PAGE_MAPPED;
		b->first = 0;
		b->last = ADDR_MAX_32;
	} else {
		result = walk_tables(w, addr, b);
	}
	if (b->kind != PAGE_MAPPED)
		b->rights = 0;
	return result;
}

/* ---- tables of equal entries ---- */

#define MARKS	(ENTRY_ACCESSED | ENTRY_DIRTY)

static bool compare_entries(const struct page_walk *w, const struct page_table *t)
{
	unsigned int at, size = entry_size(w);
	uint64_t first = 0, entry = 0;

	if (t->len < sizeof(t->bytes))
		return false;
	memcpy(&first, t->bytes, size);
	for (at = size; at < t->len; at += size) {
		memcpy(&entry, t->bytes + at, size);
		if ((entry ^ first) & ~MARKS)
			return false;
	}
	return true;
}

void page_walk_widen(struct page_walk *w, struct page_block *b)
{
	unsigned int i, level;
	struct page_table *t;

	for (i = b->depth; i > 0; i--) {
		level = b->entries[i - 1].level;
		t = &w->tables[level - 1];
		if (level == top_level(w->paging))
			return;
		if (!t->compared)
			t->alike = compare_entries(w, t);
		t->compared = true;
		if (!t->alike)
			return;
		set_extent(w, b->first, level + 1, b);
	}
}
