// SPDX-License-Identifier: MIT
/* Ranges of addresses that are mapped alike, or not at all. */
#include <errno.h>

#include "guest/page_region.h"
#include "guest/page_walk.h"
#include "guest/slots.h"

#define PAGE	0x1000ULL

/* Limits for one call: tables, and blocks of addresses */
#define READS	64
#define BLOCKS	4096

static unsigned int flags_of(const struct page_block *b)
{
	return b->kind == PAGE_MAPPED ? REGION_MAPPED | b->rights : 0;
}

/* Return: whether the block at @addr continues a region of @flags. */
static bool continues(struct page_walk *w, uint64_t addr, unsigned int flags,
		      struct page_block *b)
{
	if (page_walk_at(w, addr, b) < 0 || flags_of(b) != flags)
		return false;
	page_walk_widen(w, b);
	return true;
}

static void grow(struct page_walk *w, uint64_t *first, uint64_t *last, unsigned int flags)
{
	struct page_block b;
	int i;

	for (i = 0; i < BLOCKS && *last != ~0ULL && continues(w, *last + 1, flags, &b); i++)
		*last = b.last;
	w->reads = READS;
	for (i = 0; i < BLOCKS && *first && continues(w, *first - 1, flags, &b); i++)
		*first = b.first;
}

int page_region(struct stub *s, uint64_t addr, uint64_t *first, uint64_t *last,
		unsigned int *flags)
{
	struct page_walk w;
	struct page_block b;
	bool memory;
	int result;

	if (s->physical) {
		result = slots_region(s, addr, first, last, &memory);
		*flags = memory ? REGION_MAPPED | PAGE_WRITE | PAGE_USER | PAGE_EXEC : 0;
		return result;
	}
	result = page_walk_begin(s, s->general, READS, &w);
	if (result == 0)
		result = page_walk_at(&w, addr, &b);
	if (result < 0)
		return result;
	*first = b.first;
	*last = b.last;
	*flags = flags_of(&b);
	grow(&w, first, last, *flags);
	return 0;
}

/* Return: the number of addresses from @addr to @last, at most the largest number. */
static uint64_t span(uint64_t addr, uint64_t last)
{
	return last - addr + 1 ? last - addr + 1 : ~0ULL;
}

static uint64_t to_next_page(uint64_t addr)
{
	return PAGE - addr % PAGE;
}

static uint64_t physical_hole(struct stub *s, uint64_t addr)
{
	uint64_t first, last;
	bool memory;

	/* Memory that cannot be read all the same, or a target without a list of slots */
	if (slots_region(s, addr, &first, &last, &memory) < 0 || memory)
		return to_next_page(addr);
	return span(addr, last);
}

/* A mapped page without memory behind it: to the next memory slot, or the block's end. */
static uint64_t mapped_hole(struct stub *s, uint64_t addr, const struct page_block *b)
{
	uint64_t hole = physical_hole(s, b->gpa + (addr - b->first));

	return hole > span(addr, b->last) ? span(addr, b->last) : hole;
}

static uint64_t linear_hole(struct stub *s, uint64_t addr)
{
	struct page_walk w;
	struct page_block b;
	uint64_t next = addr;
	int i;

	if (page_walk_begin(s, s->general, READS, &w) < 0)
		return to_next_page(addr);
	for (i = 0; i < BLOCKS && page_walk_at(&w, next, &b) == 0; i++) {
		if (b.kind == PAGE_MAPPED && next == addr)
			return mapped_hole(s, addr, &b);
		if (b.kind == PAGE_MAPPED)
			break;
		page_walk_widen(&w, &b);
		if (b.last == ~0ULL)
			return span(addr, b.last);
		next = b.last + 1;
	}
	return next == addr ? to_next_page(addr) : next - addr;
}

uint64_t page_hole(struct stub *s, uint64_t addr)
{
	return s->physical ? physical_hole(s, addr) : linear_hole(s, addr);
}
