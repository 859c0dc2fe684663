// SPDX-License-Identifier: GPL-2.0-only
/* The host's memory management at work under a guest that runs, and large pages. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostmem.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define AREA		LARGE_PAGE
#define AREA_GPA	0x10000000
#define PAGES		(AREA / PAGE)
#define TIMES		(debug_kernel() ? 2U : 8U)	/* each thing is done */

/* ---- under a guest that runs ---- */

/* each page's first word counts the rounds */
GUEST64(count_rounds,
	"1: mov $0x10000000, %ebx\n"
	"2: incl (%rbx); add $0x1000, %rbx; cmp $0x10200000, %rbx; jne 2b\n"
	"in $0x20, %al; test %al, %al; jnz 1b\n"
	"hlt");

struct runner {
	struct vm vm;
	struct vcpu *v;
	u8 *mem;
	pthread_t thread;
	volatile u32 rounds, faults;
	volatile bool stop, halted, hold, held;
};

static void *run_rounds(void *arg)
{
	struct runner *r = arg;
	int got;

	for (;;) {
		got = vcpu_run(r->v);
		if (got == -EFAULT) {
			r->faults++;
			usleep(100);
		} else if (got == KVM_EXIT_IO) {
			r->rounds++;
			for (r->held = r->hold; r->hold;)
				usleep(100);
			*(u8 *)vcpu_io_data(r->v) = !r->stop;
		} else {
			break;
		}
	}
	r->halted = got == KVM_EXIT_HLT;
	return NULL;
}

static void start(struct runner *r)
{
	r->v = guest_make(&r->vm, MODE_LONG, PROG(count_rounds));
	r->mem = area(AREA);
	add_slot(&r->vm, 1, 0, AREA_GPA, AREA, r->mem);
	CHECK_OK(pthread_create(&r->thread, NULL, run_rounds, r));
}

static void some_rounds(struct runner *r, u32 more)
{
	u32 until = r->rounds + more;

	while (r->rounds < until)
		usleep(100);
}

static u32 counter(const struct runner *r, unsigned int page)
{
	return *(volatile u32 *)(r->mem + page * PAGE);
}

static u64 sum(const struct runner *r)
{
	unsigned int i;
	u64 all = 0;

	for (i = 0; i < PAGES; i++)
		all += counter(r, i);
	return all;
}

static void stop(struct runner *r)
{
	some_rounds(r, 2);
	r->stop = true;
	pthread_join(r->thread, NULL);
	CHECK(r->halted);
}

/* @what is done to the memory again and again, and no count may be lost. */
static void counts_survive(void (*prepare)(struct runner *r), void (*what)(struct runner *r))
{
	struct runner r = { .stop = false };
	unsigned int i, wrong = 0;

	start(&r);
	if (prepare)
		prepare(&r);
	for (i = 0; i < TIMES; i++) {
		some_rounds(&r, 2);
		what(&r);
	}
	stop(&r);
	for (i = 0; i < PAGES; i++)
		wrong += counter(&r, i) != r.rounds;
	CHECK_EQ(wrong, 0);
}

static void with_swap(struct runner *r)
{
	(void)r;
	swap_on();
}

/* Once while it stands between two rounds, which succeeds, and while it runs. */
static void swap_out(struct runner *r)
{
	unsigned int i;

	r->held = false;
	r->hold = true;
	while (!r->held)
		usleep(100);
	CHECK(page_out(r->mem, AREA));
	r->hold = false;
	for (i = 0; i < 3; i++)
		CHECK_OK(madvise(r->mem, AREA, MADV_PAGEOUT));
}

static void swapping(void)
{
	counts_survive(with_swap, swap_out);
}

static void collapse_and_split(struct runner *r)
{
	if (madvise(r->mem, AREA, MADV_COLLAPSE))
		tap_note("not collapsed: %s", strerror(errno));
	some_rounds(r, 2);
	CHECK_OK(mprotect(r->mem + AREA / 2, PAGE, PROT_READ));
	CHECK_OK(mprotect(r->mem + AREA / 2, PAGE, PROT_READ | PROT_WRITE));
}

static void large_pages_made_and_split(void)
{
	counts_survive(NULL, collapse_and_split);
}

#define KSM "/sys/kernel/mm/ksm/"

static void ksm_on(struct runner *r)
{
	if (!write_text(KSM "pages_to_scan", "2000") || !write_text(KSM "sleep_millisecs", "1") ||
	    !write_text(KSM "run", "1"))
		tap_skip("no KSM");
	/* Newer ones pass over pages that they could not merge before. */
	write_text(KSM "smart_scan", "0");
	CHECK_OK(madvise(r->mem, AREA, MADV_MERGEABLE));
}

/* Equal pages are merged while it writes them. It stands still for a while. */
static void merge(struct runner *r)
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
	counts_survive(ksm_on, merge);
	write_text(KSM "run", "2");
}

/* What the child sees must not change any more. */
static void fork_vmm(struct runner *r)
{
	int status;
	u64 before;
	pid_t pid = fork();

	if (!pid) {
		before = sum(r);
		usleep(3000);
		_exit(sum(r) != before);
	}
	some_rounds(r, 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static void fork_of_the_vmm(void)
{
	counts_survive(NULL, fork_vmm);
}

static void protect(struct runner *r)
{
	u32 faults = r->faults;
	u64 before;

	CHECK_OK(mprotect(r->mem, AREA, PROT_READ));
	before = sum(r);
	while (r->faults == faults)
		usleep(100);
	CHECK_EQ(sum(r), before);
	CHECK_OK(mprotect(r->mem, AREA, PROT_READ | PROT_WRITE));
}

static void mprotect_read_only(void)
{
	counts_survive(NULL, protect);
}

static void move_away_and_back(struct runner *r)
{
	u32 faults = r->faults, first;
	u8 *there = area(AREA);

	REQUIRE(mremap(r->mem, AREA, AREA, MREMAP_MAYMOVE | MREMAP_FIXED, there) == there);
	first = *(volatile u32 *)there;
	while (r->faults == faults)
		usleep(100);
	CHECK_EQ(*(volatile u32 *)there, first);
	REQUIRE(mremap(there, AREA, AREA, MREMAP_MAYMOVE | MREMAP_FIXED, r->mem) == r->mem);
}

static void mremap_away_and_back(void)
{
	counts_survive(NULL, move_away_and_back);
}

static void compact(struct runner *r)
{
	(void)r;
	if (!write_text("/proc/sys/vm/compact_memory", "1"))
		tap_skip("no compaction");
}

static void compaction(void)
{
	counts_survive(NULL, compact);
}

/* Here counts are lost. The guest goes on from what the VMM puts there. */
static void dropped_pages_are_dropped(void)
{
	struct runner r = { .stop = false };
	volatile u32 *first;
	unsigned int i;

	start(&r);
	first = (volatile u32 *)r.mem;
	for (i = 1; i <= TIMES; i++) {
		some_rounds(&r, 2);
		CHECK_OK(madvise(r.mem, AREA, MADV_DONTNEED));
		*first = i * 1000000;
		some_rounds(&r, 2);
		CHECK(*first > i * 1000000 && *first < i * 1000000 + r.rounds);
	}
	stop(&r);
	CHECK_EQ(r.faults, 0);
}

static void munmap_and_new_memory(void)
{
	struct runner r = { .stop = false };
	unsigned int i;

	start(&r);
	for (i = 1; i <= TIMES; i++) {
		u32 faults = r.faults;

		some_rounds(&r, 2);
		CHECK_OK(munmap(r.mem, AREA));
		while (r.faults == faults)
			usleep(100);
		REQUIRE(mmap(r.mem, AREA, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == r.mem);
		some_rounds(&r, 2);
		CHECK(counter(&r, 0) <= r.rounds && counter(&r, PAGES - 1) > 0);
	}
	stop(&r);
}

/* ---- large pages ---- */

/* rbx: AREA_GPA. Writes each page of 4 MiB, reads them, twice. */
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
	/* code, page tables, and the two */
	CHECK(stat_of("pf_taken") - faults < 20);
	faults = stat_of("pf_taken");
	touch(v);
	CHECK_EQ(stat_of("pf_taken"), faults);
}

/* The slot begins in the middle of a page, or the addresses do not go together. */
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

/* Used by the guest alone, it is young: one attempt must not swap it out. */
static void used_pages_are_young(void)
{
	struct runner r = { .stop = false };

	swap_on();
	r.v = guest_make(&r.vm, MODE_LONG, PROG(count_rounds));
	r.mem = area(AREA);
	madvise(r.mem, AREA, MADV_NOHUGEPAGE);
	add_slot(&r.vm, 1, 0, AREA_GPA, AREA, r.mem);
	vcpu_run_to(r.v, KVM_EXIT_IO);
	CHECK_OK(madvise(r.mem, AREA, MADV_PAGEOUT));
	CHECK_EQ(swapped(r.mem, AREA), 0);
	CHECK(page_out(r.mem, AREA));
	*(u8 *)vcpu_io_data(r.v) = 1;
	vcpu_run_to(r.v, KVM_EXIT_IO);
	CHECK_EQ(sum(&r), 2 * PAGES);
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
