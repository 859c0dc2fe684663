// SPDX-License-Identifier: GPL-2.0-only
/* The host's memory management at work under a guest that runs, and large pages. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rounds.h"

#define PAGES		(AREA / PAGE)
#define TIMES		(debug_kernel() ? 2U : 8U)	/* repetitions of each test */

/* ---- under a guest that runs ---- */

/* the first word of each page counts the rounds */
GUEST64(count_rounds,
	"1: mov $0x10000000, %ebx\n"
	"2: incl (%rbx); add $0x1000, %rbx; cmp $0x10200000, %rbx; jne 2b\n"
	"in $0x20, %al; test %al, %al; jnz 1b\n"
	"hlt");

static void start(struct rounds *r)
{
	*r = (struct rounds){ .vcpus = 1, .stride = PAGE };
	rounds_make(r, PROG(count_rounds), AREA_GPA);
	rounds_go(r);
}

static void stop(struct rounds *r)
{
	rounds_stop(r);
	CHECK_EQ(rounds_mmios(r), 0);
}

static u32 counter(const struct rounds *r, unsigned int page)
{
	return *(volatile u32 *)(r->mem + page * PAGE);
}

/* Do @what to the memory again and again; no count may be lost. */
static void counts_survive(void (*prepare)(struct rounds *r), void (*what)(struct rounds *r))
{
	struct rounds r;
	unsigned int i, wrong = 0;

	start(&r);
	if (prepare)
		prepare(&r);
	for (i = 0; i < TIMES; i++) {
		rounds_more(&r, 2);
		what(&r);
	}
	stop(&r);
	for (i = 0; i < PAGES; i++)
		wrong += counter(&r, i) != rounds_done(&r);
	CHECK_EQ(wrong, 0);
}

static void swapping(void)
{
	counts_survive(NULL, rounds_swap_out);
}

static void large_pages_made_and_split(void)
{
	counts_survive(NULL, rounds_collapse_and_split);
}

#define KSM "/sys/kernel/mm/ksm/"

static void ksm_on(struct rounds *r)
{
	if (!write_text(KSM "pages_to_scan", "2000") || !write_text(KSM "sleep_millisecs", "1") ||
	    !write_text(KSM "run", "1"))
		tap_skip("no KSM");
	/* Newer kernels skip pages that could not be merged before. */
	write_text(KSM "smart_scan", "0");
	CHECK_OK(madvise(r->mem, AREA, MADV_MERGEABLE));
}

/* Equal pages are merged while the guest writes them. It cannot write for a while. */
static void merge(struct rounds *r)
{
	long scans = read_number(KSM "full_scans");
	unsigned int i;

	CHECK_OK(mprotect(r->mem, AREA, PROT_READ));
	for (i = 0; i < 5000 && (read_number(KSM "full_scans") < scans + 3 ||
				 read_number(KSM "pages_sharing") <= 0); i++)
		usleep(1000);
	CHECK(read_number(KSM "pages_sharing") > 0);
	CHECK_OK(mprotect(r->mem, AREA, PROT_READ | PROT_WRITE));
}

static void same_page_merging(void)
{
	if (!tap_alone())
		tap_skip("others turn KSM off");
	counts_survive(ksm_on, merge);
	write_text(KSM "run", "2");
}

static void fork_of_the_vmm(void)
{
	counts_survive(NULL, rounds_fork);
}

static void mprotect_read_only(void)
{
	counts_survive(NULL, rounds_protect);
}

static void mremap_away_and_back(void)
{
	counts_survive(NULL, rounds_move_away_and_back);
}

static void compaction(void)
{
	counts_survive(NULL, rounds_compact);
}

/* Dropped counts are lost. The guest goes on from the values that the VMM stores. */
static void dropped_pages_are_dropped(void)
{
	struct rounds r;
	volatile u32 *first;
	unsigned int i;

	start(&r);
	first = (volatile u32 *)r.mem;
	for (i = 1; i <= TIMES; i++) {
		rounds_more(&r, 2);
		CHECK_OK(madvise(r.mem, AREA, MADV_DONTNEED));
		*first = i * 1000000;
		rounds_more(&r, 2);
		CHECK(*first > i * 1000000 && *first < i * 1000000 + rounds_done(&r));
	}
	stop(&r);
	CHECK_EQ(rounds_faults(&r), 0);
}

static void munmap_and_new_memory(void)
{
	struct rounds r;
	unsigned int i;

	start(&r);
	for (i = 1; i <= TIMES; i++) {
		u32 faults = rounds_faults(&r);

		rounds_more(&r, 2);
		CHECK_OK(munmap(r.mem, AREA));
		rounds_wait_faults(&r, faults);
		REQUIRE(mmap(r.mem, AREA, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == r.mem);
		rounds_more(&r, 2);
		CHECK(counter(&r, 0) <= rounds_done(&r) && counter(&r, PAGES - 1) > 0);
	}
	stop(&r);
}

/* ---- large pages ---- */

/* Writes each page of 4 MiB. */
GUEST64(touch_all,
	"1: mov $0x10000000, %ebx\n"
	"2: incl (%rbx); add $0x1000, %rbx; cmp $0x10400000, %rbx; jne 2b\n"
	"out %al, $0x10; jmp 1b");

static void touch(struct vcpu *v)
{
	vcpu_run_out(v, 0x10);
}

static u8 *large(size_t size)
{
	u8 *mem = area(size);
	size_t i;

	if (madvise(mem, size, MADV_HUGEPAGE))
		tap_skip("no transparent huge pages");
	for (i = 0; i < size; i += AREA)
		mem[i + 8] = 1;
	return mem;
}

static long large_now(long before)
{
	return stat_of("pages_2m") - before;
}

static void large_pages_are_mapped_as_such(void)
{
	long before = stat_of("pages_2m"), faults;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_all));

	add_slot(&vm, 1, 0, AREA_GPA, 2 * AREA, large(2 * AREA));
	faults = stat_of("pf_taken");
	touch(v);
	CHECK_EQ(large_now(before), 2);
	/* for code, page tables, and the two large pages */
	CHECK(stat_of("pf_taken") - faults < 20);
	faults = stat_of("pf_taken");
	touch(v);
	CHECK_EQ(stat_of("pf_taken"), faults);
}

/* Slots that start inside a large page, or whose host address does not match. */
static void slots_that_large_pages_do_not_fit(void)
{
	long before = stat_of("pages_2m");
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_all));
	u8 *mem = large(3 * AREA);

	add_slot(&vm, 1, 0, AREA_GPA, 2 * AREA, mem + PAGE);
	touch(v);
	CHECK_EQ(large_now(before), 0);
	CHECK_EQ(*(u32 *)(mem + PAGE), 1);
	add_slot(&vm, 1, 0, 0, 0, NULL);
	add_slot(&vm, 1, 0, AREA_GPA, PAGE, mem);
	add_slot(&vm, 2, 0, AREA_GPA + PAGE, 2 * AREA - 2 * PAGE, mem + PAGE);
	add_slot(&vm, 3, 0, AREA_GPA + 2 * AREA - PAGE, PAGE, mem + 2 * AREA - PAGE);
	touch(v);
	CHECK_EQ(large_now(before), 0);
}

static void one_fault_for_reading_and_writing(void)
{
	long faults;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_all));
	u8 *mem = area(2 * AREA);

	madvise(mem, 2 * AREA, MADV_NOHUGEPAGE);
	add_slot(&vm, 1, 0, AREA_GPA, 2 * AREA, mem);
	faults = stat_of("pf_taken");
	touch(v);
	faults = stat_of("pf_taken") - faults;
	tap_note("%ld faults for %lu pages", faults, 2 * PAGES);
	CHECK(faults >= (long)(2 * PAGES) && faults < (long)(2 * PAGES) + 20);
}

static void split_and_made_whole(void)
{
	long before = stat_of("pages_2m");
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_all));
	u8 *mem = large(2 * AREA);

	add_slot(&vm, 1, 0, AREA_GPA, 2 * AREA, mem);
	touch(v);
	CHECK_EQ(large_now(before), 2);
	CHECK_OK(madvise(mem + PAGE, PAGE, MADV_DONTNEED));
	touch(v);
	CHECK_EQ(large_now(before), 1);
	if (madvise(mem, AREA, MADV_COLLAPSE))
		tap_skip("no MADV_COLLAPSE here: %s", strerror(errno));
	touch(v);
	CHECK_EQ(large_now(before), 2);
	CHECK_EQ(*(u32 *)mem, 3);
	CHECK_EQ(*(u32 *)(mem + PAGE), 2);
}

static void small_while_logged(void)
{
	long before = stat_of("pages_2m");
	u64 bits[2 * PAGES / 64];
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bits };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_all));
	u8 *mem = large(2 * AREA);
	unsigned int i;

	add_slot(&vm, 1, 0, AREA_GPA, 2 * AREA, mem);
	touch(v);
	add_slot(&vm, 1, KVM_MEM_LOG_DIRTY_PAGES, AREA_GPA, 2 * AREA, mem);
	touch(v);
	CHECK_EQ(large_now(before), 0);
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		CHECK_EQ(bits[i], ~0ULL);
	add_slot(&vm, 1, 0, AREA_GPA, 2 * AREA, mem);
	touch(v);
	CHECK_EQ(large_now(before), 2);
	CHECK_EQ(*(u32 *)(mem + AREA), 3);
}

static void hugetlb_pages(void)
{
	long before = stat_of("pages_2m");
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_all));
	u8 *mem;

	write_text("/proc/sys/vm/nr_hugepages", "2");
	mem = mmap(NULL, 2 * AREA, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (mem == MAP_FAILED)
		tap_skip("no pages for hugetlbfs: %s", strerror(errno));
	add_slot(&vm, 1, 0, AREA_GPA, 2 * AREA, mem);
	touch(v);
	touch(v);
	CHECK_EQ(large_now(before), 2);
	CHECK_EQ(*(u32 *)(mem + AREA), 2);
	CHECK_OK(munmap(mem, 2 * AREA));
	CHECK_EQ(large_now(before), 0);
	CHECK_EQ(vcpu_run(v), -EFAULT);
}

/* Pages that only the guest uses are young: one attempt must not swap them out. */
static void used_pages_are_young(void)
{
	struct rounds r = { .vcpus = 1, .stride = PAGE };
	struct vcpu *v = &r.vm.vcpu[0];

	if (host_since(6, 9))
		tap_skip("MADV_PAGEOUT takes young pages, too, from Linux 6.9 on");
	swap_on();
	rounds_make(&r, PROG(count_rounds), AREA_GPA);
	madvise(r.mem, AREA, MADV_NOHUGEPAGE);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_OK(madvise(r.mem, AREA, MADV_PAGEOUT));
	CHECK_EQ(swapped(r.mem, AREA), 0);
	CHECK(page_out(r.mem, AREA));
	*(u8 *)vcpu_io_data(v) = 1;
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(rounds_sum(&r), 2 * PAGES);
}

static const struct test tests[] = {
	TEST_SLOW(swapping, 60),
	TEST(large_pages_made_and_split),
	TEST_SLOW(same_page_merging, 60),
	TEST(fork_of_the_vmm),
	TEST(mprotect_read_only),
	TEST(mremap_away_and_back),
	TEST(compaction),
	TEST(dropped_pages_are_dropped),
	TEST(munmap_and_new_memory),
	TEST(used_pages_are_young),
	TEST(large_pages_are_mapped_as_such),
	TEST(slots_that_large_pages_do_not_fit),
	TEST(one_fault_for_reading_and_writing),
	TEST(split_and_made_whole),
	TEST(small_while_logged),
	TEST(hugetlb_pages),
};

TAP_MAIN(tests)
