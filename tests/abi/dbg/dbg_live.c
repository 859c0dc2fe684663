// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host and the VMM change the guest's memory under breakpoints and watchpoints
 * that two vCPUs hit all the time. No hit is lost or doubled, and no byte differs
 * from a run without them.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "rounds.h"
#include "vmm.h"

#define OTHER_GPA	0x10200000UL
#define STRIDE		(8 * PAGE)	/* from one used page to the next */
#define PLACES		(AREA / STRIDE)
#define ROUTINE		0x100UL
#define VCPUS		2
#define SUMS		(debug_kernel() ? 1U : 20U)	/* for each vCPU */
#define TIMES		(debug_kernel() ? 1U : 4U)	/* repetitions of each test */

/*
 * Calls the routine of each eighth page, from the address at 0xc000 on. The routine
 * counts in the first word of its page.
 */
GUEST64(rounds,
	"1: mov 0xc000, %rbx; lea 0x200000(%rbx), %rbp\n"
	"2: call *%rbx; add $0x8000, %rbx; cmp %rbp, %rbx; jne 2b\n"
	"in $0x20, %al; test %al, %al; jnz 1b\n"
	"hlt");
GUEST64(routine, "lock incl -0x107(%rip); ret");
GUEST64(routine_2, "lock incl -0x103(%rip); ret");	/* counts in the second word */

/* rounds, with a session on them */
struct live {
	struct rounds r;
	int fd;
	u32 id[16];
	unsigned int nr;
};

static void put_routines(u8 *mem, const u8 *begin, const u8 *end)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		memcpy(mem + i * STRIDE + ROUTINE, begin, end - begin);
}

static void set_slot(struct rounds *r, u32 flags, u64 gpa, u64 size)
{
	add_slot(&r->vm, 1, flags, gpa, size, r->mem);
}

/* ---- what is hit, once in each round of each vCPU ---- */

static void count(struct live *l, u32 type, u32 flags, u64 addr, u64 len)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };

	l->id[l->nr++] = session_must_add(l->fd, (struct vmxdbg_bp){ .type = type,
				.flags = flags, .addr = addr, .len = len,
				.options = (unsigned long)&count });
}

static void count_all(struct live *l, u64 base)
{
	const u32 phys = VMXDBG_BP_PHYSICAL;

	count(l, VMXDBG_BP_SOFT, 0, base + ROUTINE, 1);
	count(l, VMXDBG_BP_SOFT, 0, base + STRIDE + ROUTINE + 7, 1);
	count(l, VMXDBG_BP_SOFT, phys, base + 5 * STRIDE + ROUTINE, 1);
	count(l, VMXDBG_BP_READ, phys, base + 5 * STRIDE + 1, 3);
	count(l, VMXDBG_BP_SOFT, 0, base + 40 * STRIDE + ROUTINE, 1);
	count(l, VMXDBG_BP_EXEC, 0, base + 7 * STRIDE + ROUTINE + 7, 3);
	count(l, VMXDBG_BP_WRITE, 0, base + 3 * STRIDE + 1, 3);
	count(l, VMXDBG_BP_ACCESS, phys, base + 50 * STRIDE + 1, 3);
	count(l, VMXDBG_BP_ACCESS, 0, base + 63 * STRIDE, 3);
}

static void remove_all(struct live *l)
{
	while (l->nr)
		CHECK_OK(ioctl(l->fd, VMXDBG_DEL_BP, l->id[--l->nr]));
}

static void check_hits(struct live *l, u64 hits)
{
	unsigned int i;

	for (i = 0; i < l->nr; i++) {
		struct vmxdbg_object o = { .id = l->id[i] };

		CHECK_OK(ioctl(l->fd, VMXDBG_GET_OBJECT, &o));
		if (!CHECK_EQ(o.hits, hits))
			tap_note("object %u", i);
	}
}

/* ---- the guest ---- */

static void start(struct live *l, u64 gpa)
{
	*l = (struct live){ .r = { .vcpus = VCPUS, .stride = STRIDE } };
	rounds_make(&l->r, PROG(rounds), gpa);
	DATA64(&l->r.vm, 0) = gpa + ROUTINE;
	put_routines(l->r.mem, routine_begin, routine_end);
	l->fd = CHECK_OK(attach(l->r.vm.dev, VMXDBG_ATTACH_FD, l->r.vm.fd));
	CHECK_OK(session_stop(l->fd, VMXDBG_ALL_VCPUS));
}

static void go(struct live *l)
{
	rounds_go(&l->r);
	CHECK_OK(session_resume(l->fd, VMXDBG_ALL_VCPUS, 0));
}

/* the pages are as if there had been no debugger */
static void check_pages(struct rounds *r, u64 first, u64 second, const u8 *code, u32 len)
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

/* Do @what again and again while the guest runs. */
static void live(void (*what)(struct rounds *r))
{
	struct live l;
	unsigned int i;

	start(&l, AREA_GPA);
	count_all(&l, AREA_GPA);
	go(&l);
	for (i = 0; i < TIMES; i++) {
		rounds_more(&l.r, 2);
		what(&l.r);
	}
	rounds_stop(&l.r);
	check_pages(&l.r, rounds_done(&l.r), 0, CODE(routine));
	check_hits(&l, rounds_done(&l.r));
}

/* ---- the host's memory management ---- */

static void nothing(struct rounds *r)
{
	(void)r;
}

static void on_its_own(void)
{
	live(nothing);
}

static void large_pages_made_and_split(void)
{
	live(rounds_collapse_and_split);
}

static void swapping(void)
{
	live(rounds_swap_out);
}

static void fork_of_the_vmm(void)
{
	live(rounds_fork);
}

static void mprotect_read_only(void)
{
	live(rounds_protect);
}

static void protect_pages(struct rounds *r)
{
	static const unsigned int pages[] = { 0, 3, 5, 7, 50, 63 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		u32 faults = rounds_faults(r);

		CHECK_OK(mprotect(r->mem + pages[i] * STRIDE, PAGE, i & 1 ? PROT_NONE : PROT_READ));
		rounds_wait_faults(r, faults);
		CHECK_OK(mprotect(r->mem + pages[i] * STRIDE, PAGE, PROT_READ | PROT_WRITE));
	}
}

static void mprotect_of_hooked_and_watched_pages(void)
{
	live(protect_pages);
}

static void mremap_away_and_back(void)
{
	live(rounds_move_away_and_back);
}

/* Replace the pages by others with the same bytes. */
static void replace(struct rounds *r)
{
	u8 *there = area(AREA);

	rounds_hold(r);
	memcpy(there, r->mem, AREA);
	REQUIRE(mremap(there, AREA, AREA, MREMAP_MAYMOVE | MREMAP_FIXED, r->mem) == r->mem);
	rounds_let_go(r);
}

static void other_memory_in_its_place(void)
{
	live(replace);
}

static void compaction(void)
{
	live(rounds_compact);
}

/* The pages are dropped, which leaves zeroes, and other code is stored there. */
static void code_dropped_and_replaced(void)
{
	struct live l;
	u64 before;

	start(&l, AREA_GPA);
	count(&l, VMXDBG_BP_SOFT, 0, AREA_GPA + ROUTINE, 1);
	count(&l, VMXDBG_BP_SOFT, 0, AREA_GPA + STRIDE + ROUTINE + 7, 1);
	count(&l, VMXDBG_BP_EXEC, 0, AREA_GPA + 7 * STRIDE + ROUTINE + 7, 3);
	count(&l, VMXDBG_BP_ACCESS, 0, AREA_GPA + 3 * STRIDE + 1, 6);
	go(&l);
	rounds_more(&l.r, 2);
	rounds_hold(&l.r);
	before = rounds_done(&l.r);
	CHECK_OK(madvise(l.r.mem, AREA, MADV_DONTNEED));
	put_routines(l.r.mem, routine_2_begin, routine_2_end);
	rounds_let_go(&l.r);
	rounds_stop(&l.r);
	check_pages(&l.r, 0, rounds_done(&l.r) - before, CODE(routine_2));
	check_hits(&l, rounds_done(&l.r));
}

/* ---- slots ---- */

static void slot_away_and_back(struct rounds *r)
{
	rounds_hold(r);
	set_slot(r, 0, AREA_GPA, 0);
	rounds_more(r, 0);
	set_slot(r, 0, AREA_GPA, AREA);
	rounds_let_go(r);
}

static void slot_deleted_and_made_again(void)
{
	live(slot_away_and_back);
}

/* Physical breakpoints keep their addresses; linear ones hit where the memory is then. */
static void slot_moved(void)
{
	struct live l;
	u64 before;

	start(&l, AREA_GPA);
	count_all(&l, AREA_GPA);
	go(&l);
	rounds_more(&l.r, 2);
	rounds_hold(&l.r);
	before = rounds_done(&l.r);
	check_hits(&l, before);
	l.nr = 0;
	CHECK_OK(session_stop(l.fd, VMXDBG_ALL_VCPUS));
	count(&l, VMXDBG_BP_SOFT, 0, OTHER_GPA + ROUTINE, 1);
	count(&l, VMXDBG_BP_EXEC, 0, OTHER_GPA + 7 * STRIDE + ROUTINE + 7, 3);
	count(&l, VMXDBG_BP_WRITE, 0, OTHER_GPA + 3 * STRIDE + 1, 3);
	count(&l, VMXDBG_BP_ACCESS, VMXDBG_BP_PHYSICAL, OTHER_GPA + 50 * STRIDE + 1, 3);
	CHECK_OK(session_resume(l.fd, VMXDBG_ALL_VCPUS, 0));
	set_slot(&l.r, 0, OTHER_GPA, AREA);
	DATA64(&l.r.vm, 0) = OTHER_GPA + ROUTINE;
	rounds_let_go(&l.r);
	rounds_stop(&l.r);
	check_pages(&l.r, rounds_done(&l.r), 0, CODE(routine));
	check_hits(&l, rounds_done(&l.r) - before);
}

/* The guest's writes exit to the VMM, its code still executes. */
static void slot_made_read_only(void)
{
	struct live l;
	u64 writable;

	start(&l, AREA_GPA);
	if (!has_cap(&l.r.vm, KVM_CAP_READONLY_MEM))
		tap_skip("no KVM_CAP_READONLY_MEM");
	count_all(&l, AREA_GPA);
	go(&l);
	rounds_more(&l.r, 2);
	rounds_hold(&l.r);
	writable = rounds_done(&l.r);
	set_slot(&l.r, 0, AREA_GPA, 0);
	set_slot(&l.r, KVM_MEM_READONLY, AREA_GPA, AREA);
	rounds_let_go(&l.r);
	rounds_more(&l.r, 2);
	rounds_hold(&l.r);
	check_pages(&l.r, writable, 0, CODE(routine));
	check_hits(&l, rounds_done(&l.r));
	writable -= rounds_done(&l.r);
	set_slot(&l.r, 0, AREA_GPA, 0);
	set_slot(&l.r, 0, AREA_GPA, AREA);
	rounds_let_go(&l.r);
	rounds_stop(&l.r);
	check_pages(&l.r, writable + rounds_done(&l.r), 0, CODE(routine));
	check_hits(&l, rounds_done(&l.r));
}

/* Copy as a migration does: at the end the copy equals the memory. */
static void copy_dirty(struct rounds *r, u8 *copy)
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
	struct live l;
	u8 *copy = area(AREA);
	unsigned int i, j;

	start(&l, AREA_GPA);
	count_all(&l, AREA_GPA);
	go(&l);
	for (i = 0; i < TIMES; i++) {
		rounds_more(&l.r, 1);
		set_slot(&l.r, KVM_MEM_LOG_DIRTY_PAGES, AREA_GPA, AREA);
		memcpy(copy, l.r.mem, AREA);
		for (j = 0; j < 4; j++) {
			rounds_more(&l.r, 1);
			copy_dirty(&l.r, copy);
		}
		rounds_hold(&l.r);
		copy_dirty(&l.r, copy);
		CHECK(!memcmp(copy, l.r.mem, AREA));
		set_slot(&l.r, 0, AREA_GPA, AREA);
		rounds_let_go(&l.r);
	}
	rounds_stop(&l.r);
	check_pages(&l.r, rounds_done(&l.r), 0, CODE(routine));
	check_hits(&l, rounds_done(&l.r));
}

/* ---- large pages ---- */

static void split_and_merged_back(void)
{
	struct live l;
	long large = stat_of("pages_2m");

	start(&l, AREA_GPA);
	if (madvise(l.r.mem, AREA, MADV_COLLAPSE) && madvise(l.r.mem, AREA, MADV_HUGEPAGE))
		tap_skip("no transparent huge pages");
	go(&l);
	rounds_more(&l.r, 2);
	rounds_hold(&l.r);
	if (stat_of("pages_2m") == large)
		tap_skip("the host gives no large page");
	CHECK_OK(session_stop(l.fd, VMXDBG_ALL_VCPUS));
	count_all(&l, AREA_GPA);
	CHECK_OK(session_resume(l.fd, VMXDBG_ALL_VCPUS, 0));
	rounds_let_go(&l.r);
	rounds_more(&l.r, 2);
	rounds_hold(&l.r);
	CHECK_EQ(stat_of("pages_2m"), large);
	remove_all(&l);
	rounds_let_go(&l.r);
	rounds_more(&l.r, 2);
	rounds_hold(&l.r);
	CHECK_EQ(stat_of("pages_2m") - large, 1);
	rounds_let_go(&l.r);
	rounds_stop(&l.r);
	check_pages(&l.r, rounds_done(&l.r), 0, CODE(routine));
}

/* ---- code that looks at itself, and changes itself ---- */

/*
 * Each vCPU sums up the page at 0x100000 and calls a routine there, which sums it up
 * too. It then writes a number into a routine of its own at 0x101000, calls it, and
 * must get that number. Wrong results are counted at 0xc000.
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
	struct live l;
	unsigned int i;
	u8 *page;

	start(&l, AREA_GPA);
	vm_load(&l.r.vm, PROG(itself));
	page = l.r.vm.mem + GUEST_HIGH;
	for (i = 0; i < PAGE; i++)
		page[i] = i * 7;
	memcpy(page, summing_begin, summing_end - summing_begin);
	for (i = 0; i < VCPUS; i++)
		memcpy(page + PAGE + i * 0x400, number_begin, number_end - number_begin);
	DATA64(&l.r.vm, 0) = 0;
	DATA64(&l.r.vm, 1) = sum_of(page);
	DATA64(&l.r.vm, 2) = SUMS;
	/* hit by each vCPU in each sum */
	count(&l, VMXDBG_BP_SOFT, 0, GUEST_HIGH, 1);
	count(&l, VMXDBG_BP_SOFT, phys, GUEST_HIGH + (summing_ret - summing_begin), 1);
	count(&l, VMXDBG_BP_EXEC, 0, GUEST_HIGH + 2, 1);
	count(&l, VMXDBG_BP_EXEC, phys, GUEST_HIGH, 2);
	go(&l);
	rounds_join(&l.r);
	check_hits(&l, SUMS * VCPUS);
	/* Where the guest can read breakpoints, a sum may include one. */
	if (session_hides(l.fd))
		CHECK_EQ(DATA32(&l.r.vm, 0), 0);
	CHECK_EQ(sum_of(page), DATA64(&l.r.vm, 1));
	for (i = 0; i < VCPUS; i++) {
		CHECK_EQ(*(u32 *)(page + PAGE + i * 0x400 + 1), 1);
	}
}

/*
 * as before, with two objects that each sum reads, and with breakpoints and
 * watchpoints on the code that is rewritten
 */
static void code_that_changes_itself_is_watched(void)
{
	struct live l;
	u8 *page;
	unsigned int i;

	start(&l, AREA_GPA);
	vm_load(&l.r.vm, PROG(itself));
	page = l.r.vm.mem + GUEST_HIGH;
	memcpy(page, summing_begin, summing_end - summing_begin);
	for (i = 0; i < VCPUS; i++)
		memcpy(page + PAGE + i * 0x400, number_begin, number_end - number_begin);
	DATA64(&l.r.vm, 0) = 0;
	DATA64(&l.r.vm, 1) = sum_of(page);
	DATA64(&l.r.vm, 2) = SUMS;
	/* hit twice in a round */
	count(&l, VMXDBG_BP_READ, 0, GUEST_HIGH + 0x801, 3);
	count(&l, VMXDBG_BP_ACCESS, VMXDBG_BP_PHYSICAL, GUEST_HIGH + 0xff9, 7);
	check_hits(&l, 0);
	/* hit once in a round */
	count(&l, VMXDBG_BP_SOFT, 0, GUEST_HIGH + PAGE, 1);
	count(&l, VMXDBG_BP_SOFT, 0, GUEST_HIGH + PAGE + 0x400 + (number_ret - number_begin), 1);
	count(&l, VMXDBG_BP_WRITE, 0, GUEST_HIGH + PAGE + 2, 3);
	count(&l, VMXDBG_BP_WRITE, 0, GUEST_HIGH + PAGE + 0x402, 3);
	go(&l);
	rounds_join(&l.r);
	CHECK_EQ(DATA32(&l.r.vm, 0), 0);
	for (i = 0; i < l.nr; i++) {
		struct vmxdbg_object o = { .id = l.id[i] };

		CHECK_OK(ioctl(l.fd, VMXDBG_GET_OBJECT, &o));
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
	TEST(code_that_changes_itself_is_watched),
};

TAP_MAIN(tests)
