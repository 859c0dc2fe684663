/* SPDX-License-Identifier: MIT */
/*
 * The guest's page tables, by reads of physical memory (SDM vol. 3, chapter 4).
 *
 * The guest writes its tables as it likes: a walk ends after at most five entries whatever
 * they are, and reads a bounded number of tables.
 */
#ifndef VMXGDB_PAGE_WALK_H
#define VMXGDB_PAGE_WALK_H

#include "guest/stub_types.h"

enum paging {
	PAGING_NONE,
	PAGING_32,	/* two levels, pages of 4 KiB and 4 MiB (PSE-36) */
	PAGING_PAE,	/* three levels, the first with four entries */
	PAGING_4,
	PAGING_5,
};

#define PAGE_LEVELS	5	/* at most; level 1 maps pages of 4 KiB */

/* Bits of an entry */
#define ENTRY_PRESENT	(1ULL << 0)
#define ENTRY_WRITE	(1ULL << 1)
#define ENTRY_USER	(1ULL << 2)
#define ENTRY_PWT	(1ULL << 3)
#define ENTRY_PCD	(1ULL << 4)
#define ENTRY_ACCESSED	(1ULL << 5)
#define ENTRY_DIRTY	(1ULL << 6)
#define ENTRY_LARGE	(1ULL << 7)	/* PAT in an entry of level 1 */
#define ENTRY_GLOBAL	(1ULL << 8)
#define ENTRY_NX	(1ULL << 63)
#define ENTRY_ADDR	0x000ffffffffff000ULL

/* Rights of a page: what all its entries allow */
#define PAGE_WRITE	(1U << 0)
#define PAGE_USER	(1U << 1)
#define PAGE_EXEC	(1U << 2)

enum page_kind {
	PAGE_MAPPED,
	PAGE_ABSENT,		/* the last entry is not present */
	PAGE_RESERVED,		/* the last entry has a reserved bit */
	PAGE_NO_TABLE,		/* there is no memory where the next entry should be */
	PAGE_NO_ADDRESS,	/* not canonical, or above 4 GiB without long mode */
};

/**
 * struct page_entry - one entry of a walk
 * @at: its gpa
 * @value: its value
 * @level: 1 to 5
 */
struct page_entry {
	uint64_t at;
	uint64_t value;
	unsigned int level;
};

/**
 * struct page_block - addresses that the same entries translate
 * @first: first linear address
 * @last: last linear address
 * @kind: how the walk ended
 * @rights: PAGE_WRITE, PAGE_USER, PAGE_EXEC; 0 unless PAGE_MAPPED
 * @gpa: gpa of @first, if PAGE_MAPPED; of the entry without memory, if PAGE_NO_TABLE
 * @depth: number of @entries
 * @entries: entries from the top table down
 */
struct page_block {
	uint64_t first;
	uint64_t last;
	enum page_kind kind;
	unsigned int rights;
	uint64_t gpa;
	unsigned int depth;
	struct page_entry entries[PAGE_LEVELS];
};

/* A copy of one table; @len 0: no memory is there. @alike is valid if @compared */
struct page_table {
	bool valid;
	bool compared;
	bool alike;
	uint64_t gpa;
	size_t len;
	uint8_t bytes[4096];
};

/**
 * struct page_walk - the tables of one vCPU
 * @s: stub
 * @paging: mode
 * @root: gpa of the top table
 * @large: highest level with large pages
 * @nx: bit 63 is "no execute", and not reserved
 * @pdptes: PAE: the four entries, which the processor has loaded
 * @pdptes_valid: otherwise they are read from memory
 * @reads: tables that may be read still
 * @tables: the last table of each level
 */
struct page_walk {
	struct stub *s;
	enum paging paging;
	uint64_t root;
	unsigned int large;
	bool nx;
	bool pdptes_valid;
	uint64_t pdptes[4];
	unsigned int reads;
	struct page_table tables[PAGE_LEVELS];
};

/**
 * page_walk_begin() - prepare to walk the tables of a vCPU
 * @s: stub
 * @vcpu: existing vCPU; it is stopped for a moment if it runs
 * @reads: limit of the tables that are read
 * @w: filled in; it keeps copies of tables, so it is good for one look
 *
 * Return: 0 or a negative errno.
 */
int page_walk_begin(struct stub *s, unsigned int vcpu, unsigned int reads, struct page_walk *w);

/* Return: the name of the mode. */
const char *paging_name(enum paging paging);

/**
 * page_walk_at() - walk to an address
 * @w: from page_walk_begin()
 * @addr: linear address
 * @b: set to the block with @addr in it
 *
 * Return: 0, whether it is mapped or not; -EAGAIN if too many tables were read; or a
 * negative errno of the target.
 */
int page_walk_at(struct page_walk *w, uint64_t addr, struct page_block *b);

/*
 * Widen @b, the last result of page_walk_at(), to all addresses around it that lead through
 * equal entries: a table whose entries are all the same is passed at once. Such tables map
 * terabytes to one page in kernels with KASAN. @b->gpa is then that of each page in it.
 */
void page_walk_widen(struct page_walk *w, struct page_block *b);

#endif /* VMXGDB_PAGE_WALK_H */
