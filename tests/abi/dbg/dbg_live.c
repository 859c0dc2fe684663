// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's memory changes under breakpoints and watchpoints that are hit all the
 * time, by two vCPUs: no hit is lost or doubled, no byte is other than without them.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hostmem.h"
#include "vmm.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define AREA		LARGE_PAGE
#define AREA_GPA	0x10000000UL
#define OTHER_GPA	0x10200000UL
#define STRIDE		(8 * PAGE)	/* from one page that is used to the next */
#define PLACES		(AREA / STRIDE)
#define ROUTINE		0x100UL
#define VCPUS		2
#define SUMS		(debug_kernel() ? 1U : 20U)	/* of a vCPU */
#define TIMES		(debug_kernel() ? 1U : 4U)	/* each thing is done */

/*
 * Calls the routine of each eighth page, from what 0xc000 says on: it counts in the
 * page's first word.
 */
GUEST64(rounds,
	"1: mov 0xc000, %rbx; lea 0x200000(%rbx), %rbp\n"
	"2: call *%rbx; add $0x8000, %rbx; cmp %rbp, %rbx; jne 2b\n"
	"in $0x20, %al; test %al, %al; jnz 1b\n"
	"hlt");
GUEST64(routine, "lock incl -0x107(%rip); ret");
GUEST64(routine_2, "lock incl -0x103(%rip); ret");	/* the second word */

struct runner;

struct thread {
	struct runner *r;
	struct vcpu *v;
	pthread_t id;
	volatile u32 rounds, faults;
	volatile bool held;
	int last;
};

struct runner {
	struct vm vm;
	int fd;
	u8 *mem;
	struct thread thread[VCPUS];
	volatile bool hold, stop;
	u32 id[16];
	unsigned int nr;
	u64 hits;	/* that each object has got before they are counted */
};

static void *run_rounds(void *arg)
{
	struct thread *t = arg;
	struct runner *r = t->r;

	for (;;) {
		t->last = vcpu_run(t->v);
		if (t->last == -EFAULT) {
			t->faults++;
			usleep(100);
		} else if (t->last == KVM_EXIT_IO) {
			t->rounds++;
			for (t->held = r->hold; r->hold;)
				usleep(100);
			*(u8 *)vcpu_io_data(t->v) = !r->stop;
		} else if (t->last != KVM_EXIT_MMIO) {
			return NULL;
		}
	}
}

static u64 all_rounds(const struct runner *r)
{
	return (u64)r->thread[0].rounds + r->thread[1].rounds;
}

static u32 all_faults(const struct runner *r)
{
	return r->thread[0].faults + r->thread[1].faults;
}

static void some_rounds(struct runner *r, u32 more)
{
	unsigned int i;

	for (i = 0; i < VCPUS; i++) {
		u32 until = r->thread[i].rounds + more;

		while (r->thread[i].rounds < until)
			usleep(100);
	}
}

/* Between two rounds, both. */
static void hold(struct runner *r)
{
	unsigned int i;

	for (i = 0; i < VCPUS; i++)
		r->thread[i].held = false;
	r->hold = true;
	for (i = 0; i < VCPUS; i++)
		while (!r->thread[i].held)
			usleep(100);
}

static void let_go(struct runner *r)
{
	r->hold = false;
}

static void put_routines(u8 *mem, const u8 *begin, const u8 *end)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		memcpy(mem + i * STRIDE + ROUTINE, begin, end - begin);
}

static void set_slot(struct runner *r, u32 flags, u64 gpa, u64 size)
{
	add_slot(&r->vm, 1, flags, gpa, size, r->mem);
}

/* ---- what is hit, once in each round of each vCPU ---- */

static void count(struct runner *r, u32 type, u32 flags, u64 addr, u64 len)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };
	long id = session_add_bp(r->fd, (struct vmxdbg_bp){ .type = type, .flags = flags,
				.addr = addr, .len = len, .options = (unsigned long)&count });

	if (id <= 0)
		tap_fail("type %u at %#llx: %s", type, (unsigned long long)addr, strerror(-id));
	r->id[r->nr++] = id;
}

static void count_all(struct runner *r, u64 base)
{
	const u32 phys = VMXDBG_BP_PHYSICAL;

	count(r, VMXDBG_BP_SOFT, 0, base + ROUTINE, 1);
	count(r, VMXDBG_BP_SOFT, 0, base + STRIDE + ROUTINE + 7, 1);
	count(r, VMXDBG_BP_SOFT, phys, base + 5 * STRIDE + ROUTINE, 1);
	count(r, VMXDBG_BP_READ, phys, base + 5 * STRIDE + 1, 3);
	count(r, VMXDBG_BP_SOFT, 0, base + 40 * STRIDE + ROUTINE, 1);
	count(r, VMXDBG_BP_EXEC, 0, base + 7 * STRIDE + ROUTINE + 7, 3);
	count(r, VMXDBG_BP_WRITE, 0, base + 3 * STRIDE + 1, 3);
	count(r, VMXDBG_BP_ACCESS, phys, base + 50 * STRIDE + 1, 3);
	count(r, VMXDBG_BP_ACCESS, 0, base + 63 * STRIDE, 3);
}

static void remove_all(struct runner *r)
{
	while (r->nr)
		CHECK_OK(ioctl(r->fd, VMXDBG_DEL_BP, r->id[--r->nr]));
}

static void check_hits(struct runner *r, u64 hits)
{
	unsigned int i;

	for (i = 0; i < r->nr; i++) {
		struct vmxdbg_object o = { .id = r->id[i] };

		CHECK_OK(ioctl(r->fd, VMXDBG_GET_OBJECT, &o));
		if (!CHECK_EQ(o.hits, hits))
			tap_note("object %u", i);
	}
}

/* ---- the guest ---- */

static void start(struct runner *r, u64 gpa)
{
	unsigned int i;

	guest_make(&r->vm, MODE_LONG, PROG(rounds));
	DATA64(&r->vm, 0) = gpa + ROUTINE;
	r->mem = area(AREA);
	put_routines(r->mem, routine_begin, routine_end);
	add_slot(&r->vm, 1, 0, gpa, AREA, r->mem);
	for (i = 1; i < VCPUS; i++) {
		struct vcpu *v = vm_add_vcpu(&r->vm, i);

		set_supported_cpuid(v);
		vcpu_reset(v, MODE_LONG, GUEST_CODE);
	}
	r->fd = CHECK_OK(attach(r->vm.dev, VMXDBG_ATTACH_FD, r->vm.fd));
	CHECK_OK(session_stop(r->fd, VMXDBG_ALL_VCPUS));
}

static void go(struct runner *r)
{
	unsigned int i;

	for (i = 0; i < VCPUS; i++) {
		r->thread[i].r = r;
		r->thread[i].v = &r->vm.vcpu[i];
		CHECK_OK(pthread_create(&r->thread[i].id, NULL, run_rounds, &r->thread[i]));
	}
	CHECK_OK(session_resume(r->fd, VMXDBG_ALL_VCPUS, 0));
}

static void finish(struct runner *r)
{
	unsigned int i;

	some_rounds(r, 2);
	r->stop = true;
	for (i = 0; i < VCPUS; i++) {
		pthread_join(r->thread[i].id, NULL);
		CHECK_EQ(r->thread[i].last, KVM_EXIT_HLT);
	}
}

/* each page is as if nobody had debugged */
static void check_pages(struct runner *r, u64 first, u64 second, const u8 *code, u32 len)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < PLACES; i++) {
		const u8 *page = r->mem + i * STRIDE;

		wrong += *(u32 *)page != first || *(u32 *)(page + 4) != second ||
			 memcmp(page + ROUTINE, code, len);
	}
	CHECK_EQ(wrong, 0);
}

#define CODE(g)		g##_begin, (u32)(g##_end - g##_begin)

/* @what is done again and again. */
static void live(void (*what)(struct runner *r))
{
	struct runner r = { .nr = 0 };
	unsigned int i;

	start(&r, AREA_GPA);
	count_all(&r, AREA_GPA);
	go(&r);
	for (i = 0; i < TIMES; i++) {
		some_rounds(&r, 2);
		what(&r);
	}
	finish(&r);
	check_pages(&r, all_rounds(&r), 0, CODE(routine));
	check_hits(&r, all_rounds(&r));
}

/* ---- the host's memory management ---- */

static void nothing(struct runner *r)
{
	(void)r;
}

static void on_its_own(void)
{
	live(nothing);
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
	live(collapse_and_split);
}

static void swap_out(struct runner *r)
{
	swap_on();
	hold(r);
	CHECK(page_out(r->mem, AREA));
	let_go(r);
	CHECK_OK(madvise(r->mem, AREA, MADV_PAGEOUT));
}

static void swapping(void)
{
	live(swap_out);
}

static u64 sum(const struct runner *r)
{
	unsigned int i;
	u64 all = 0;

	for (i = 0; i < PLACES; i++)
		all += *(volatile u32 *)(r->mem + i * STRIDE);
	return all;
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
	live(fork_vmm);
}

/* Instructions fail in the middle, those that are passed over too, and come again. */
static void protect(struct runner *r)
{
	u32 faults = all_faults(r);
	u64 before;

	CHECK_OK(mprotect(r->mem, AREA, PROT_READ));
	before = sum(r);
	while (all_faults(r) < faults + 3)
		usleep(100);
	CHECK_EQ(sum(r), before);
	CHECK_OK(mprotect(r->mem, AREA, PROT_READ | PROT_WRITE));
}

static void mprotect_read_only(void)
{
	live(protect);
}

static void protect_pages(struct runner *r)
{
	static const unsigned int pages[] = { 0, 3, 5, 7, 50, 63 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		u32 faults = all_faults(r);

		CHECK_OK(mprotect(r->mem + pages[i] * STRIDE, PAGE, i & 1 ? PROT_NONE : PROT_READ));
		while (all_faults(r) < faults + 3)
			usleep(100);
		CHECK_OK(mprotect(r->mem + pages[i] * STRIDE, PAGE, PROT_READ | PROT_WRITE));
	}
}

static void mprotect_of_hooked_and_watched_pages(void)
{
	live(protect_pages);
}

static void move_away_and_back(struct runner *r)
{
	u32 faults = all_faults(r);
	u8 *there = area(AREA);

	REQUIRE(mremap(r->mem, AREA, AREA, MREMAP_MAYMOVE | MREMAP_FIXED, there) == there);
	while (all_faults(r) < faults + 3)
		usleep(100);
	REQUIRE(mremap(there, AREA, AREA, MREMAP_MAYMOVE | MREMAP_FIXED, r->mem) == r->mem);
}

/* as munmap(), and new memory with the same bytes */
static void mremap_away_and_back(void)
{
	live(move_away_and_back);
}

/* Other pages with the same bytes come in place of these. */
static void replace(struct runner *r)
{
	u8 *there = area(AREA);

	hold(r);
	memcpy(there, r->mem, AREA);
	REQUIRE(mremap(there, AREA, AREA, MREMAP_MAYMOVE | MREMAP_FIXED, r->mem) == r->mem);
	let_go(r);
}

static void other_memory_in_its_place(void)
{
	live(replace);
}

static void compact(struct runner *r)
{
	(void)r;
	if (!write_text("/proc/sys/vm/compact_memory", "1"))
		tap_skip("no compaction");
}

static void compaction(void)
{
	live(compact);
}

/* Dropped, the pages are zeroes, and other code is put there. */
static void code_dropped_and_replaced(void)
{
	struct runner r = { .nr = 0 };
	u64 before;

	start(&r, AREA_GPA);
	count(&r, VMXDBG_BP_SOFT, 0, AREA_GPA + ROUTINE, 1);
	count(&r, VMXDBG_BP_SOFT, 0, AREA_GPA + STRIDE + ROUTINE + 7, 1);
	count(&r, VMXDBG_BP_EXEC, 0, AREA_GPA + 7 * STRIDE + ROUTINE + 7, 3);
	count(&r, VMXDBG_BP_ACCESS, 0, AREA_GPA + 3 * STRIDE + 1, 6);
	go(&r);
	some_rounds(&r, 2);
	hold(&r);
	before = all_rounds(&r);
	CHECK_OK(madvise(r.mem, AREA, MADV_DONTNEED));
	put_routines(r.mem, routine_2_begin, routine_2_end);
	let_go(&r);
	finish(&r);
	check_pages(&r, 0, all_rounds(&r) - before, CODE(routine_2));
	check_hits(&r, all_rounds(&r));
}

/* ---- slots ---- */

static void slot_away_and_back(struct runner *r)
{
	hold(r);
	set_slot(r, 0, AREA_GPA, 0);
	some_rounds(r, 0);
	set_slot(r, 0, AREA_GPA, AREA);
	let_go(r);
}

static void slot_deleted_and_made_again(void)
{
	live(slot_away_and_back);
}

/* Physical ones stay where they are, linear ones are where the memory comes to. */
static void slot_moved(void)
{
	struct runner r = { .nr = 0 };
	u64 before;

	start(&r, AREA_GPA);
	count_all(&r, AREA_GPA);
	go(&r);
	some_rounds(&r, 2);
	hold(&r);
	before = all_rounds(&r);
	check_hits(&r, before);
	r.nr = 0;
	CHECK_OK(session_stop(r.fd, VMXDBG_ALL_VCPUS));
	count(&r, VMXDBG_BP_SOFT, 0, OTHER_GPA + ROUTINE, 1);
	count(&r, VMXDBG_BP_EXEC, 0, OTHER_GPA + 7 * STRIDE + ROUTINE + 7, 3);
	count(&r, VMXDBG_BP_WRITE, 0, OTHER_GPA + 3 * STRIDE + 1, 3);
	count(&r, VMXDBG_BP_ACCESS, VMXDBG_BP_PHYSICAL, OTHER_GPA + 50 * STRIDE + 1, 3);
	CHECK_OK(session_resume(r.fd, VMXDBG_ALL_VCPUS, 0));
	set_slot(&r, 0, OTHER_GPA, AREA);
	DATA64(&r.vm, 0) = OTHER_GPA + ROUTINE;
	let_go(&r);
	finish(&r);
	check_pages(&r, all_rounds(&r), 0, CODE(routine));
	check_hits(&r, all_rounds(&r) - before);
}

/* The guest's writes go to the VMM, its code runs on. */
static void slot_made_read_only(void)
{
	struct runner r = { .nr = 0 };
	u64 writable;

	start(&r, AREA_GPA);
	if (!has_cap(&r.vm, KVM_CAP_READONLY_MEM))
		tap_skip("no KVM_CAP_READONLY_MEM");
	count_all(&r, AREA_GPA);
	go(&r);
	some_rounds(&r, 2);
	hold(&r);
	writable = all_rounds(&r);
	set_slot(&r, 0, AREA_GPA, 0);
	set_slot(&r, KVM_MEM_READONLY, AREA_GPA, AREA);
	let_go(&r);
	some_rounds(&r, 2);
	hold(&r);
	check_pages(&r, writable, 0, CODE(routine));
	check_hits(&r, all_rounds(&r));
	writable -= all_rounds(&r);
	set_slot(&r, 0, AREA_GPA, 0);
	set_slot(&r, 0, AREA_GPA, AREA);
	let_go(&r);
	finish(&r);
	check_pages(&r, writable + all_rounds(&r), 0, CODE(routine));
	check_hits(&r, all_rounds(&r));
}

/* What a migration does: at the end the copy is the memory. */
static void copy_dirty(struct runner *r, u8 *copy)
{
	u64 bits[AREA / PAGE / 64];
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bits };
	unsigned int i;

	CHECK_OK(ioctl(r->vm.fd, KVM_GET_DIRTY_LOG, &log));
	for (i = 0; i < AREA / PAGE; i++)
		if (bits[i / 64] & 1ULL << i % 64)
			memcpy(copy + i * PAGE, r->mem + i * PAGE, PAGE);
}

static void slot_logged(void)
{
	struct runner r = { .nr = 0 };
	u8 *copy = area(AREA);
	unsigned int i, j;

	start(&r, AREA_GPA);
	count_all(&r, AREA_GPA);
	go(&r);
	for (i = 0; i < TIMES; i++) {
		some_rounds(&r, 1);
		set_slot(&r, KVM_MEM_LOG_DIRTY_PAGES, AREA_GPA, AREA);
		memcpy(copy, r.mem, AREA);
		for (j = 0; j < 4; j++) {
			some_rounds(&r, 1);
			copy_dirty(&r, copy);
		}
		hold(&r);
		copy_dirty(&r, copy);
		CHECK(!memcmp(copy, r.mem, AREA));
		set_slot(&r, 0, AREA_GPA, AREA);
		let_go(&r);
	}
	finish(&r);
	check_pages(&r, all_rounds(&r), 0, CODE(routine));
	check_hits(&r, all_rounds(&r));
}

/* ---- large pages ---- */

static void split_and_merged_back(void)
{
	struct runner r = { .nr = 0 };
	long large = stat_of("pages_2m");

	start(&r, AREA_GPA);
	if (madvise(r.mem, AREA, MADV_COLLAPSE) && madvise(r.mem, AREA, MADV_HUGEPAGE))
		tap_skip("no transparent huge pages");
	go(&r);
	some_rounds(&r, 2);
	hold(&r);
	if (stat_of("pages_2m") == large)
		tap_skip("the host gives no large page");
	CHECK_OK(session_stop(r.fd, VMXDBG_ALL_VCPUS));
	count_all(&r, AREA_GPA);
	CHECK_OK(session_resume(r.fd, VMXDBG_ALL_VCPUS, 0));
	let_go(&r);
	some_rounds(&r, 2);
	hold(&r);
	CHECK_EQ(stat_of("pages_2m"), large);
	remove_all(&r);
	let_go(&r);
	some_rounds(&r, 2);
	hold(&r);
	CHECK_EQ(stat_of("pages_2m") - large, 1);
	let_go(&r);
	finish(&r);
	check_pages(&r, all_rounds(&r), 0, CODE(routine));
}

/* ---- code that looks at itself, and changes itself ---- */

/*
 * Each vCPU: sums up the page at 0x100000 and calls a routine there, which sums it up
 * too; then writes a number into a routine of its own at 0x101000, calls it, and must
 * get that number. What is wrong is counted at 0xc000.
 */
GUEST64(itself,
	"mov %rsp, %rbp; mov $0xf000, %ebp; sub %esp, %ebp; add $0x101000, %ebp\n"
	"mov 0xc010, %ecx\n"
	"1: call 5f; cmp %rax, 0xc008; je 2f; lock incl 0xc000\n"
	"2: mov $0x100000, %ebx; call *%rbx; cmp %rax, 0xc008; je 3f; lock incl 0xc000\n"
	"3: mov %ecx, 1(%rbp); call *%rbp; cmp %ecx, %eax; je 4f; lock incl 0xc000\n"
	"4: dec %ecx; jnz 1b; hlt\n"
	"5: xor %eax, %eax; mov $0x100000, %esi\n"
	"6: add (%rsi), %rax; rol $1, %rax; add $8, %esi; cmp $0x101000, %esi; jne 6b; ret");
GUEST64(summing,
	"xor %eax, %eax; mov $0x100000, %esi\n"
	"6: add (%rsi), %rax; rol $1, %rax; add $8, %esi; cmp $0x101000, %esi; jne 6b\n"
	"summing_ret: ret");
GUEST64(number, "mov $0, %eax\nnumber_ret: ret");
LABEL(summing_ret); LABEL(number_ret);

static u64 sum_of(const u8 *page)
{
	u64 all = 0, i;

	for (i = 0; i < PAGE / 8; i++) {
		all += ((const u64 *)page)[i];
		all = all << 1 | all >> 63;
	}
	return all;
}

static void code_that_sums_up_and_changes_itself(void)
{
	const u32 phys = VMXDBG_BP_PHYSICAL;
	struct runner r = { .nr = 0 };
	unsigned int i;
	u8 *page;

	start(&r, AREA_GPA);
	vm_load(&r.vm, PROG(itself));
	page = r.vm.mem + GUEST_HIGH;
	for (i = 0; i < PAGE; i++)
		page[i] = i * 7;
	memcpy(page, summing_begin, summing_end - summing_begin);
	for (i = 0; i < VCPUS; i++)
		memcpy(page + PAGE + i * 0x400, number_begin, number_end - number_begin);
	DATA64(&r.vm, 0) = 0;
	DATA64(&r.vm, 1) = sum_of(page);
	DATA64(&r.vm, 2) = SUMS;
	/* each of both vCPUs, each time */
	count(&r, VMXDBG_BP_SOFT, 0, GUEST_HIGH, 1);
	count(&r, VMXDBG_BP_SOFT, phys, GUEST_HIGH + (summing_ret - summing_begin), 1);
	count(&r, VMXDBG_BP_EXEC, 0, GUEST_HIGH + 2, 1);
	count(&r, VMXDBG_BP_EXEC, phys, GUEST_HIGH, 2);
	go(&r);
	for (i = 0; i < VCPUS; i++)
		pthread_join(r.thread[i].id, NULL);
	check_hits(&r, SUMS * VCPUS);
	/* Where the guest reads breakpoints, a sum may have one in it. */
	if (session_hides(r.fd))
		CHECK_EQ(DATA32(&r.vm, 0), 0);
	CHECK_EQ(sum_of(page), DATA64(&r.vm, 1));
	for (i = 0; i < VCPUS; i++) {
		CHECK_EQ(r.thread[i].last, KVM_EXIT_HLT);
		CHECK_EQ(*(u32 *)(page + PAGE + i * 0x400 + 1), 1);
	}
}

/* the same with each sum read by two, and the code that is rewritten hooked and watched */
static void the_same_watched(void)
{
	struct runner r = { .nr = 0 };
	u8 *page;
	unsigned int i;

	start(&r, AREA_GPA);
	vm_load(&r.vm, PROG(itself));
	page = r.vm.mem + GUEST_HIGH;
	memcpy(page, summing_begin, summing_end - summing_begin);
	for (i = 0; i < VCPUS; i++)
		memcpy(page + PAGE + i * 0x400, number_begin, number_end - number_begin);
	DATA64(&r.vm, 0) = 0;
	DATA64(&r.vm, 1) = sum_of(page);
	DATA64(&r.vm, 2) = SUMS;
	/* twice in a round is what all of these are hit */
	count(&r, VMXDBG_BP_READ, 0, GUEST_HIGH + 0x801, 3);
	count(&r, VMXDBG_BP_ACCESS, VMXDBG_BP_PHYSICAL, GUEST_HIGH + 0xff9, 7);
	check_hits(&r, 0);
	/* and once: */
	count(&r, VMXDBG_BP_SOFT, 0, GUEST_HIGH + PAGE, 1);
	count(&r, VMXDBG_BP_SOFT, 0, GUEST_HIGH + PAGE + 0x400 + (number_ret - number_begin), 1);
	count(&r, VMXDBG_BP_WRITE, 0, GUEST_HIGH + PAGE + 2, 3);
	count(&r, VMXDBG_BP_WRITE, 0, GUEST_HIGH + PAGE + 0x402, 3);
	go(&r);
	for (i = 0; i < VCPUS; i++)
		pthread_join(r.thread[i].id, NULL);
	CHECK_EQ(DATA32(&r.vm, 0), 0);
	for (i = 0; i < r.nr; i++) {
		struct vmxdbg_object o = { .id = r.id[i] };

		CHECK_OK(ioctl(r.fd, VMXDBG_GET_OBJECT, &o));
		CHECK_EQ(o.hits, i < 2 ? 2 * SUMS * VCPUS : SUMS);
	}
}

static const struct test tests[] = {
	TEST(on_its_own),
	TEST(large_pages_made_and_split),
	TEST(swapping),
	TEST(fork_of_the_vmm),
	TEST(mprotect_read_only),
	TEST(mprotect_of_hooked_and_watched_pages),
	TEST(mremap_away_and_back),
	TEST(other_memory_in_its_place),
	TEST(compaction),
	TEST(code_dropped_and_replaced),
	TEST(slot_deleted_and_made_again),
	TEST(slot_moved),
	TEST(slot_made_read_only),
	TEST(slot_logged),
	TEST(split_and_merged_back),
	TEST(code_that_sums_up_and_changes_itself),
	TEST(the_same_watched),
};

TAP_MAIN(tests)
