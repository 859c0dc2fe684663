// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks of page tables in an array that stands for guest-physical memory:
 *
 *	0x1000	PML4	0 PDPT, 1 with PS, 2 outside of memory, 256 PDPT
 *	0x2000	PDPT	0 PD, 1 1 GiB page, 2 the same with bit 13, 3 nothing
 *	0x3000	PD	0 PT, 1 2 MiB page, 2 the same with bit 13, 3 PT not
 *			executable, 4 PT for supervisors, 5 PT read-only
 *	0x4000	PT	see fill_pt()
 *	0x5000	PML5	0 PML4, 1 with PS, 256 PML4
 *	0x6000	PD of 32-bit paging, see fill_32()
 *	0x7000	PT of 32-bit paging
 */
#include <kunit/test.h>

#include "../../kmod/lib/walk.c"

#define MEMORY	0x8000
#define MAXPHY	40

#define P	1ULL
#define RW	2ULL
#define US	4ULL
#define PS	0x80ULL
#define NX	BIT_ULL(63)

static int read_memory(void *ctx, u64 gpa, void *buf, unsigned int len)
{
	if (gpa >= MEMORY)
		return -ENXIO;
	memcpy(buf, ctx + gpa, len);
	return 0;
}

static void fill_pt(u64 *pt)
{
	pt[0] = 0x123000 | P | RW | US;
	pt[1] = 0x124000 | P | US;
	pt[2] = 0x125000 | P | RW;
	pt[3] = 0x126000 | P | RW | US | NX;
	pt[4] = ~P;
	pt[5] = 0x127000 | P | RW | US | BIT_ULL(MAXPHY);
	pt[6] = 0x128000 | P;
	pt[7] = 0x129000 | P | RW | NX;
	pt[8] = 0x12a000 | P | RW | US | BIT_ULL(52);
	pt[9] = 0xfffffff000ULL | P | RW | US;	/* the top below 1 << MAXPHY */
	pt[10] = 0x12b000 | P | RW | US | PS;	/* bit 7 is PAT here */
}

static void fill_pd(u64 *pd)
{
	pd[0] = 0x4000 | P | RW | US;
	pd[1] = 0x600000 | P | RW | US | PS | BIT_ULL(12); /* bit 12: PAT */
	pd[2] = 0x600000 | P | RW | US | PS | BIT_ULL(13);
	pd[3] = 0x4000 | P | RW | US | NX;
	pd[4] = 0x4000 | P | RW;
	pd[5] = 0x4000 | P | US;
	pd[6] = 0x600000 | P | RW | US | PS | BIT_ULL(20);
}

static void fill_32(u32 *pd, u32 *pt)
{
	pd[0] = 0x7000 | P | RW | US;
	pd[1] = 0x00800000 | P | RW | US | PS;
	pd[2] = 0x00c00000 | P | RW | US | PS | 0xab << 13;	/* PSE-36 */
	pd[3] = 0x00c00000 | P | RW | US | PS | BIT(21);
	pd[4] = 0x7000 | P;
	pd[5] = 0x100000 | P | RW | US;				/* no memory */
	pd[1023] = 0x7000 | P | RW | US;
	pt[0] = 0x123000 | P | RW | US;
	pt[1] = 0x124000 | P | US;
	pt[2] = 0x125000 | P | RW;
	pt[3] = 0xfffff000 | P | RW | US | PS;			/* bit 7 is PAT here */
	pt[4] = 0xfffffffe;
	pt[1023] = 0x126000 | P | RW | US;
}

static u8 *make_memory(struct kunit *test)
{
	u8 *memory = kunit_kzalloc(test, MEMORY, GFP_KERNEL);
	u64 *pml4, *pdpt, *pml5;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, memory);
	pml4 = (u64 *)(memory + 0x1000);
	pml4[0] = 0x2000 | P | RW | US;
	pml4[1] = 0x2000 | P | RW | US | PS;
	pml4[2] = 0x100000 | P | RW | US;
	pml4[256] = 0x2000 | P | RW | US;
	pdpt = (u64 *)(memory + 0x2000);
	pdpt[0] = 0x3000 | P | RW | US;
	pdpt[1] = 0xc0000000ULL | P | RW | US | PS;
	pdpt[2] = 0xc0000000ULL | P | RW | US | PS | BIT_ULL(13);
	fill_pd((u64 *)(memory + 0x3000));
	fill_pt((u64 *)(memory + 0x4000));
	pml5 = (u64 *)(memory + 0x5000);
	pml5[0] = 0x1000 | P | RW | US;
	pml5[1] = 0x1000 | P | RW | US | PS;
	pml5[256] = 0x1000 | P | RW | US;
	fill_32((u32 *)(memory + 0x6000), (u32 *)(memory + 0x7000));
	return memory;
}

enum paging { OFF, BITS32, PSE, PAE, LEVELS4, LEVELS5 };

static const struct walk_mode modes[] = {
	[OFF] = { .cr3 = 0x6000 },
	[BITS32] = { .cr0 = X86_CR0_PG, .cr3 = 0x6018 },
	[PSE] = { .cr0 = X86_CR0_PG, .cr3 = 0x6018, .cr4 = X86_CR4_PSE },
	[PAE] = { .cr0 = X86_CR0_PG, .cr3 = 0x12345678, .cr4 = X86_CR4_PAE,
		  .pdpte = { 0x3001, 0, 0x2000, 0x100001 } },
	[LEVELS4] = { .cr0 = X86_CR0_PG, .cr3 = 0x1fff, .cr4 = X86_CR4_PAE,
		      .efer = EFER_LME | EFER_LMA },
	[LEVELS5] = { .cr0 = X86_CR0_PG, .cr3 = 0x5fff,
		      .cr4 = X86_CR4_PAE | X86_CR4_LA57,
		      .efer = EFER_LME | EFER_LMA },
};

/* Features that a row enables besides */
#define WP	BIT(0)
#define SMEP	BIT(1)
#define SMAP	BIT(2)
#define AC	BIT(3)
#define NXE	BIT(4)

static struct walk_mode mode_with(enum paging paging, u32 on)
{
	struct walk_mode mode = modes[paging];

	mode.maxphyaddr = MAXPHY;
	if (on & WP)
		mode.cr0 |= X86_CR0_WP;
	if (on & SMEP)
		mode.cr4 |= X86_CR4_SMEP;
	if (on & SMAP)
		mode.cr4 |= X86_CR4_SMAP;
	if (on & AC)
		mode.rflags |= X86_EFLAGS_AC;
	if (on & NXE)
		mode.efer |= EFER_NX;
	return mode;
}

/* Linear addresses by the indices of their tables */
#define LA(pml4, pdpt, pd, pt) \
	((u64)(pml4) << 39 | (u64)(pdpt) << 30 | (u64)(pd) << 21 | (u64)(pt) << 12)
#define LA32(pd, pt)	((u64)(pd) << 22 | (u64)(pt) << 12)
#define HIGH4		0xffff800000000000ULL
#define HIGH5		0xff00000000000000ULL

#define SIZE_4K	0x1000ULL
#define SIZE_2M	0x200000ULL
#define SIZE_4M	0x400000ULL
#define SIZE_1G	0x40000000ULL

static const struct {
	enum paging paging;
	u32 on;
	u64 gva, gpa, size;
} found[] = {
	{ OFF, 0, 0x12345678, 0x12345678, 0 },
	{ OFF, 0, 0x912345678ULL, 0x12345678, 0 },

	{ BITS32, 0, LA32(0, 0) | 0xabc, 0x123abc, SIZE_4K },
	{ BITS32, 0, LA32(0, 3) | 0xfff, 0xffffffff, SIZE_4K },
	{ BITS32, 0, 0xfffffffc, 0x126ffc, SIZE_4K },
	{ BITS32, 0, 0xfffffffffffffffcULL, 0x126ffc, SIZE_4K },
	{ BITS32, 0, 0x100000abcULL, 0x123abc, SIZE_4K },
	{ PSE, 0, LA32(0, 0) | 0xabc, 0x123abc, SIZE_4K },
	{ PSE, 0, LA32(1, 0), 0x00800000, SIZE_4M },
	{ PSE, 0, LA32(1, 1023) | 0xfff, 0x00bfffff, SIZE_4M },
	{ PSE, 0, LA32(2, 5) | 0x123, 0xab00c05123ULL, SIZE_4M },

	{ PAE, 0, LA(0, 0, 0, 0) | 0xabc, 0x123abc, SIZE_4K },
	{ PAE, 0, LA(0, 0, 0, 9) | 0xabc, 0xfffffffabcULL, SIZE_4K },
	{ PAE, 0, LA(0, 0, 0, 10), 0x12b000, SIZE_4K },
	{ PAE, 0, LA(0, 0, 1, 7) | 0x123, 0x607123, SIZE_2M },
	{ PAE, NXE, LA(0, 0, 3, 0), 0x123000, SIZE_4K },
	{ PAE, 0, 0xabcdef0100000123ULL, 0x123123, SIZE_4K },

	{ LEVELS4, 0, LA(0, 0, 0, 0) | 0xabc, 0x123abc, SIZE_4K },
	{ LEVELS4, 0, LA(0, 0, 0, 8), 0x12a000, SIZE_4K },
	{ LEVELS4, 0, LA(0, 0, 0, 10), 0x12b000, SIZE_4K },
	{ LEVELS4, 0, LA(0, 0, 1, 7) | 0x123, 0x607123, SIZE_2M },
	{ LEVELS4, 0, LA(0, 1, 5, 7) | 0x123, 0xc0a07123ULL, SIZE_1G },
	{ LEVELS4, NXE, LA(0, 0, 0, 3), 0x126000, SIZE_4K },
	{ LEVELS4, 0, HIGH4 | LA(0, 0, 0, 0), 0x123000, SIZE_4K },
	{ LEVELS4, 0, HIGH4 | LA(0, 1, 511, 511) | 0xfff, 0xffffffffULL, SIZE_1G },

	{ LEVELS5, 0, LA(0, 0, 0, 0) | 0xabc, 0x123abc, SIZE_4K },
	{ LEVELS5, 0, LA(256, 0, 1, 7) | 0x123, 0x607123, SIZE_2M },
	{ LEVELS5, 0, HIGH5 | LA(0, 1, 5, 7), 0xc0a07000ULL, SIZE_1G },
};

static void address_is_translated(struct kunit *test)
{
	u8 *memory = make_memory(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(found); i++) {
		struct walk_mode mode = mode_with(found[i].paging, found[i].on);
		struct walk_result res;
		int ret = guest_walk(&mode, found[i].gva, 0, read_memory,
				     memory, &res);

		KUNIT_EXPECT_EQ_MSG(test, ret, 0, "row %u", i);
		if (ret)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, res.gpa, found[i].gpa, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, res.page_size, found[i].size, "row %u", i);
	}
}

/* Error codes: P 1, W 2, U 4, RSVD 8, I/D 16 */
#define C	WALK_CHECK
#define CW	(WALK_CHECK | WALK_WRITE)
#define CF	(WALK_CHECK | WALK_FETCH)
#define CU	(WALK_CHECK | WALK_USER)
#define CUW	(CU | WALK_WRITE)
#define CUF	(CU | WALK_FETCH)

static const struct {
	enum paging paging;
	u32 on, access;
	u64 gva;
	int ret;
	u32 error_code;
} failures[] = {
	/* not present: at each level, in each mode */
	{ BITS32, 0, 0, LA32(6, 0), -EFAULT, 0 },
	{ BITS32, 0, CW, LA32(0, 4), -EFAULT, 2 },
	{ BITS32, 0, CU, LA32(0, 5), -EFAULT, 4 },
	{ BITS32, 0, CUW, LA32(0, 5), -EFAULT, 6 },
	{ BITS32, 0, CUF, LA32(0, 5), -EFAULT, 4 },
	{ BITS32, SMEP, CUF, LA32(0, 5), -EFAULT, 0x14 },
	{ PAE, 0, 0, LA(0, 1, 0, 0), -EFAULT, 0 },
	{ PAE, NXE, CUF, LA(0, 1, 0, 0), -EFAULT, 0x14 },
	{ PAE, 0, C, LA(0, 2, 0, 0), -EFAULT, 0 },
	{ PAE, 0, 0, LA(0, 0, 7, 0), -EFAULT, 0 },
	{ PAE, 0, 0, LA(0, 0, 0, 4), -EFAULT, 0 },
	{ LEVELS4, 0, 0, LA(3, 0, 0, 0), -EFAULT, 0 },
	{ LEVELS4, 0, 0, LA(0, 3, 0, 0), -EFAULT, 0 },
	{ LEVELS4, 0, 0, LA(0, 0, 7, 0), -EFAULT, 0 },
	{ LEVELS4, 0, CUW, LA(0, 0, 0, 4), -EFAULT, 6 },
	{ LEVELS4, 0, CF, LA(0, 0, 0, 4), -EFAULT, 0 },
	{ LEVELS4, NXE, CF, LA(0, 0, 0, 4), -EFAULT, 0x10 },
	{ LEVELS4, SMEP, CF, LA(0, 0, 0, 4), -EFAULT, 0x10 },
	{ LEVELS5, 0, 0, LA(1024, 0, 0, 0), -EFAULT, 0 },

	/* the error code of a debugger's walk has no W, U and I/D, whatever its flags */
	{ LEVELS4, NXE, WALK_WRITE | WALK_USER, LA(0, 0, 0, 4), -EFAULT, 0 },

	/* reserved bits */
	{ PSE, 0, 0, LA32(3, 0), -EFAULT, 9 },
	{ PSE, 0, CUW, LA32(3, 0), -EFAULT, 0xf },
	{ PAE, 0, 0, LA(0, 0, 2, 0), -EFAULT, 9 },
	{ PAE, 0, 0, LA(0, 0, 6, 0), -EFAULT, 9 },
	{ PAE, 0, 0, LA(0, 0, 0, 5), -EFAULT, 9 },
	{ PAE, 0, 0, LA(0, 0, 0, 8), -EFAULT, 9 },
	{ PAE, 0, 0, LA(0, 0, 3, 0), -EFAULT, 9 },
	{ PAE, 0, 0, LA(0, 0, 0, 3), -EFAULT, 9 },
	{ LEVELS4, 0, 0, LA(1, 0, 0, 0), -EFAULT, 9 },
	{ LEVELS4, 0, 0, LA(0, 2, 0, 0), -EFAULT, 9 },
	{ LEVELS4, 0, 0, LA(0, 0, 2, 0), -EFAULT, 9 },
	{ LEVELS4, 0, 0, LA(0, 0, 0, 5), -EFAULT, 9 },
	{ LEVELS4, 0, 0, LA(0, 0, 3, 0), -EFAULT, 9 },
	{ LEVELS4, 0, CU, LA(0, 0, 0, 3), -EFAULT, 0xd },
	{ LEVELS4, NXE, CUF, LA(0, 0, 0, 5), -EFAULT, 0x1d },
	{ LEVELS5, 0, 0, LA(512, 0, 0, 0), -EFAULT, 9 },

	/* not canonical: no page fault */
	{ LEVELS4, 0, CUW, 0x0000800000000000ULL, -EFAULT, 0 },
	{ LEVELS4, 0, 0, 0xffff7fffffffffffULL, -EFAULT, 0 },
	{ LEVELS4, 0, 0, 0x8000000000000000ULL, -EFAULT, 0 },
	{ LEVELS5, 0, 0, 0x0100000000000000ULL, -EFAULT, 0 },
	{ LEVELS5, 0, 0, 0xfeffffffffffffffULL, -EFAULT, 0 },

	/* the table is not in memory */
	{ BITS32, 0, 0, LA32(5, 0), -ENXIO, 0 },
	{ PAE, 0, 0, LA(0, 3, 0, 0), -ENXIO, 0 },
	{ LEVELS4, 0, 0, LA(2, 0, 0, 0), -ENXIO, 0 },
};

static void failure_has_its_error_code(struct kunit *test)
{
	u8 *memory = make_memory(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(failures); i++) {
		struct walk_mode mode = mode_with(failures[i].paging, failures[i].on);
		struct walk_result res;
		int ret = guest_walk(&mode, failures[i].gva, failures[i].access,
				     read_memory, memory, &res);

		KUNIT_EXPECT_EQ_MSG(test, ret, failures[i].ret, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, res.error_code, failures[i].error_code,
				    "row %u", i);
	}
}

/*
 * Pages by their rights, all of LA(0, 0, x, y). error_code is 0 if the access is
 * allowed.
 */
static const struct {
	u32 on, access;
	u16 pd, pt;
	u32 error_code;
} rights[] = {
	/* user, writable */
	{ 0, CU, 0, 0, 0 }, { 0, CUW, 0, 0, 0 }, { NXE, CUF, 0, 0, 0 },
	{ WP, CW, 0, 0, 0 }, { 0, CF, 0, 0, 0 },
	/* user, read-only */
	{ 0, CU, 0, 1, 0 }, { 0, CUW, 0, 1, 7 }, { WP, CUW, 0, 1, 7 },
	{ 0, CW, 0, 1, 0 }, { WP, CW, 0, 1, 3 },
	/* supervisor, writable */
	{ 0, CU, 0, 2, 5 }, { 0, CUW, 0, 2, 7 }, { NXE, CUF, 0, 2, 0x15 },
	{ 0, CUF, 0, 2, 5 }, { WP, CW, 0, 2, 0 }, { NXE, CF, 0, 2, 0 },
	/* supervisor, read-only */
	{ 0, C, 0, 6, 0 }, { 0, CW, 0, 6, 0 }, { WP, CW, 0, 6, 3 },
	/* not executable */
	{ NXE, CU, 0, 3, 0 }, { NXE, CUF, 0, 3, 0x15 }, { NXE, CF, 0, 3, 0x11 },
	{ NXE, CF, 0, 7, 0x11 }, { NXE, CW, 0, 7, 0 },
	/* rights of the upper level count too: not executable, supervisor, read-only */
	{ NXE, CUF, 3, 0, 0x15 }, { NXE, CU, 3, 0, 0 },
	{ 0, CU, 4, 0, 5 }, { 0, C, 4, 0, 0 },
	{ 0, CUW, 5, 0, 7 }, { 0, CU, 5, 0, 0 }, { WP, CW, 5, 0, 3 },
	/* SMEP: no supervisor fetch from user pages */
	{ SMEP, CF, 0, 0, 0x11 }, { SMEP, CUF, 0, 0, 0 }, { SMEP, C, 0, 0, 0 },
	{ SMEP, CF, 0, 2, 0 }, { SMEP, CF, 4, 0, 0 },
	/* SMAP: no supervisor access to user pages, unless AC is set */
	{ SMAP, C, 0, 0, 1 }, { SMAP, CW, 0, 0, 3 }, { SMAP, CU, 0, 0, 0 },
	{ SMAP, CF, 0, 0, 0 }, { SMAP, C, 0, 2, 0 }, { SMAP, C, 4, 0, 0 },
	{ SMAP | AC, C, 0, 0, 0 }, { SMAP | AC, CW, 0, 0, 0 },
	{ SMAP | AC | WP, CW, 0, 1, 3 }, { AC | WP, CW, 0, 1, 3 },
	{ AC | SMEP, CF, 0, 0, 0x11 },
	/* a debugger's walk ignores all rights */
	{ NXE | WP | SMEP | SMAP, WALK_USER | WALK_WRITE | WALK_FETCH, 0, 7, 0 },
};

static void check_rights(struct kunit *test, enum paging paging)
{
	u8 *memory = make_memory(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rights); i++) {
		struct walk_mode mode = mode_with(paging, rights[i].on);
		struct walk_result res;
		int ret = guest_walk(&mode, LA(0, 0, rights[i].pd, rights[i].pt),
				     rights[i].access, read_memory, memory, &res);

		KUNIT_EXPECT_EQ_MSG(test, ret, rights[i].error_code ? -EFAULT : 0,
				    "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, res.error_code, rights[i].error_code,
				    "row %u", i);
	}
}

static void rights_are_checked_with_pae(struct kunit *test)
{
	check_rights(test, PAE);
}

static void rights_are_checked_with_4_levels(struct kunit *test)
{
	check_rights(test, LEVELS4);
}

static void rights_are_checked_with_5_levels(struct kunit *test)
{
	check_rights(test, LEVELS5);
}

static void rights_are_checked_without_pae(struct kunit *test)
{
	static const struct {
		u32 on, access;
		u64 gva;
		u32 error_code;
	} rows[] = {
		{ 0, CUW, LA32(0, 0), 0 }, { 0, CUW, LA32(0, 1), 7 },
		{ 0, CU, LA32(0, 2), 5 }, { WP, CW, LA32(0, 1), 3 },
		{ 0, CW, LA32(0, 1), 0 }, { 0, CU, LA32(4, 0), 5 },
		{ WP, CW, LA32(4, 0), 3 }, { SMAP, C, LA32(1, 0), 1 },
		{ SMEP, CF, LA32(1, 0), 0x11 }, { SMAP | AC, CW, LA32(1, 0), 0 },
		/* NXE has no effect without PAE */
		{ NXE, CUF, LA32(0, 2), 5 },
	};
	u8 *memory = make_memory(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct walk_mode mode = mode_with(PSE, rows[i].on);
		struct walk_result res;
		int ret = guest_walk(&mode, rows[i].gva, rows[i].access,
				     read_memory, memory, &res);

		KUNIT_EXPECT_EQ_MSG(test, ret, rows[i].error_code ? -EFAULT : 0,
				    "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, res.error_code, rows[i].error_code,
				    "row %u", i);
	}
}

static void rights_are_reported_of_all_levels_together(struct kunit *test)
{
	static const struct {
		u16 pd, pt;
		bool writable, user, executable;
	} rows[] = {
		{ 0, 0, true, true, true }, { 0, 1, false, true, true },
		{ 0, 2, true, false, true }, { 0, 3, true, true, false },
		{ 3, 0, true, true, false }, { 4, 0, true, false, true },
		{ 5, 0, false, true, true }, { 5, 6, false, false, true },
	};
	struct walk_mode mode = mode_with(LEVELS4, NXE);
	u8 *memory = make_memory(test);
	struct walk_result res;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		KUNIT_ASSERT_EQ(test, 0,
				guest_walk(&mode, LA(0, 0, rows[i].pd, rows[i].pt), 0,
					   read_memory, memory, &res));
		KUNIT_EXPECT_EQ_MSG(test, res.writable, rows[i].writable, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, res.user, rows[i].user, "row %u", i);
		KUNIT_EXPECT_EQ_MSG(test, res.executable, rows[i].executable,
				    "row %u", i);
	}
}

/* PDE 2 has 8 bits of PSE-36: those beyond MAXPHYADDR are reserved. */
static void pse36_reaches_to_maxphyaddr(struct kunit *test)
{
	static const struct {
		u8 maxphyaddr;
		int ret;
	} rows[] = { { 52, 0 }, { 40, 0 }, { 39, -EFAULT }, { 36, -EFAULT },
		     { 32, -EFAULT } };
	u8 *memory = make_memory(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct walk_mode mode = mode_with(PSE, 0);
		struct walk_result res;

		mode.maxphyaddr = rows[i].maxphyaddr;
		KUNIT_EXPECT_EQ_MSG(test, rows[i].ret,
				    guest_walk(&mode, LA32(2, 0), 0, read_memory,
					       memory, &res), "row %u", i);
	}
}

/* Without CR4.PSE, a PDE with PS still refers to a table. */
static void ps_bit_means_nothing_without_pse(struct kunit *test)
{
	struct walk_mode mode = mode_with(BITS32, 0);
	u8 *memory = make_memory(test);
	struct walk_result res;

	*(u32 *)(memory + 0x6000) |= PS;
	KUNIT_EXPECT_EQ(test, 0, guest_walk(&mode, 0xabc, 0, read_memory, memory, &res));
	KUNIT_EXPECT_EQ(test, res.gpa, 0x123abcULL);
	KUNIT_EXPECT_EQ(test, res.page_size, SIZE_4K);
}

static struct kunit_case walk_cases[] = {
	KUNIT_CASE(address_is_translated),
	KUNIT_CASE(failure_has_its_error_code),
	KUNIT_CASE(rights_are_checked_without_pae),
	KUNIT_CASE(rights_are_checked_with_pae),
	KUNIT_CASE(rights_are_checked_with_4_levels),
	KUNIT_CASE(rights_are_checked_with_5_levels),
	KUNIT_CASE(rights_are_reported_of_all_levels_together),
	KUNIT_CASE(pse36_reaches_to_maxphyaddr),
	KUNIT_CASE(ps_bit_means_nothing_without_pse),
	{}
};

static struct kunit_suite walk_suite = {
	.name = "vmxdbg-walk",
	.test_cases = walk_cases,
};

kunit_test_suite(walk_suite);
