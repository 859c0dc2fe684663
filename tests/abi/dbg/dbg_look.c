// SPDX-License-Identifier: GPL-2.0-only
/* Lists and states that a debugger reads: memory slots, the place of a gpa, objects. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "hostmem.h"
#include "machine.h"

#define SLOTS_GPA	0x10000000ULL
#define ALIAS		0x100000	/* mapped by entry 0x100 of GUEST_PT */

GUEST64(halt, "hlt");

/* ---- memory slots ---- */

/* Return: the number of slots, or -errno. */
static long slots_of(int session, struct vmxdbg_slot *slots, u32 room)
{
	struct vmxdbg_slot_list list = { .count = room, .slots = (unsigned long)slots };

	return ioctl(session, VMXDBG_GET_SLOTS, &list) ? -errno : (long)list.count;
}

static void machine_attach(struct machine *m)
{
	m->session = CHECK_OK(attach(m->vm.dev, VMXDBG_ATTACH_FD, m->vm.fd));
}

static void make(struct machine *m, struct prog prog)
{
	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(m, MODE_LONG, prog);
	machine_attach(m);
}

static void check_slot(const struct vmxdbg_slot *got, u32 slot, u32 flags, u64 gpa, u64 size,
		       const void *mem)
{
	CHECK_EQ(got->slot, slot);
	CHECK_EQ(got->flags, flags);
	CHECK_EQ(got->gpa, gpa);
	CHECK_EQ(got->size, size);
	CHECK_EQ(got->hva, (unsigned long)mem);
	CHECK_EQ(got->reserved[0] | got->reserved[1], 0);
}

static void slots_are_those_that_the_vmm_set(void)
{
	struct vmxdbg_slot slots[8];
	struct machine m;
	u8 *mem;

	make(&m, PROG(halt));
	mem = area(8 * PAGE);
	add_slot(&m.vm, 7, 0, 0x7000000000ULL, 2 * PAGE, mem);
	add_slot(&m.vm, 32763, KVM_MEM_READONLY, SLOTS_GPA, PAGE, mem + 2 * PAGE);
	add_slot(&m.vm, 3, KVM_MEM_LOG_DIRTY_PAGES, SLOTS_GPA + PAGE, 3 * PAGE, mem + 4 * PAGE);
	REQUIRE_EQ(slots_of(m.session, slots, 8), 4);
	check_slot(&slots[0], 0, 0, 0, GUEST_RAM, m.vm.mem);
	check_slot(&slots[1], 32763, KVM_MEM_READONLY, SLOTS_GPA, PAGE, mem + 2 * PAGE);
	check_slot(&slots[2], 3, KVM_MEM_LOG_DIRTY_PAGES, SLOTS_GPA + PAGE, 3 * PAGE,
		   mem + 4 * PAGE);
	check_slot(&slots[3], 7, 0, 0x7000000000ULL, 2 * PAGE, mem);
	/* changed flags, a slot that moves, a slot that goes */
	add_slot(&m.vm, 3, 0, SLOTS_GPA + PAGE, 3 * PAGE, mem + 4 * PAGE);
	add_slot(&m.vm, 7, 0, SLOTS_GPA - 2 * PAGE, 2 * PAGE, mem);
	add_slot(&m.vm, 32763, 0, 0, 0, NULL);
	REQUIRE_EQ(slots_of(m.session, slots, 8), 3);
	check_slot(&slots[1], 7, 0, SLOTS_GPA - 2 * PAGE, 2 * PAGE, mem);
	check_slot(&slots[2], 3, 0, SLOTS_GPA + PAGE, 3 * PAGE, mem + 4 * PAGE);
	machine_destroy(&m);
}

static void a_vm_without_memory(void)
{
	struct vmxdbg_place place = { .gpa = 0 };
	struct vmxdbg_slot slot;
	struct machine m;

	make(&m, PROG(halt));
	add_slot(&m.vm, 0, 0, 0, 0, NULL);
	CHECK_EQ(slots_of(m.session, &slot, 1), 0);
	CHECK_OK(ioctl(m.session, VMXDBG_GET_PLACE, &place));
	CHECK_EQ(place.kind, VMXDBG_PLACE_MMIO);
	machine_destroy(&m);
}

/* a small array is filled, and nothing is stored after it */
static void small_arrays_of_slots(void)
{
	struct vmxdbg_slot slots[4], untouched;
	struct machine m;
	u32 room, i;
	u8 *mem;

	make(&m, PROG(halt));
	mem = area(3 * PAGE);
	for (i = 0; i < 3; i++)
		add_slot(&m.vm, 10 + i, 0, SLOTS_GPA + i * PAGE, PAGE, mem + i * PAGE);
	memset(&untouched, 0xa5, sizeof(untouched));
	for (room = 0; room < 4; room++) {
		memset(slots, 0xa5, sizeof(slots));
		CHECK_EQ(slots_of(m.session, slots, room), 4);
		for (i = 0; i < 4; i++)
			CHECK_EQ(!memcmp(&slots[i], &untouched, sizeof(untouched)), i >= room);
	}
	CHECK_EQ(slots_of(m.session, NULL, 0), 4);
	CHECK_EQ(slots_of(m.session, bad_pointer(), 0), 4);
	CHECK_EQ(slots_of(m.session, bad_pointer(), 1), -EFAULT);
	CHECK_EQ(slots_of(m.session, NULL, 4), -EFAULT);
	/* the caller's count takes no memory, it is the number of slots that does */
	CHECK_EQ(slots_of(m.session, slots, ~0U), 4);
	machine_destroy(&m);
}

static void many_slots(void)
{
	enum { MANY = 600 };
	struct vmxdbg_slot *slots = calloc(MANY + 1, sizeof(*slots));
	struct machine m;
	unsigned int i, gap;
	u8 *mem;

	make(&m, PROG(halt));
	mem = area(PAGE);
	/* all show one page, in an order that is not that of their gpas */
	for (i = 0; i < MANY; i++) {
		gap = (i * 7) % MANY;
		add_slot(&m.vm, i + 1, 0, SLOTS_GPA + gap * 2 * PAGE, PAGE, mem);
	}
	REQUIRE_EQ(slots_of(m.session, slots, MANY + 1), MANY + 1);
	for (i = 0; i < MANY; i++) {
		gap = (slots[i + 1].slot - 1) * 7 % MANY;
		if (!CHECK_EQ(slots[i + 1].gpa, SLOTS_GPA + i * 2 * PAGE) ||
		    !CHECK_EQ(gap, i))
			break;
	}
	free(slots);
	machine_destroy(&m);
}

struct changer {
	struct machine m;
	u8 *mem;
	volatile bool stop;
};

/* Slot 1 moves to and fro; slots 2 to 9 come one after the other, and go in reverse. */
static void *change_slots(void *arg)
{
	struct changer *c = arg;
	unsigned int i;

	while (!c->stop) {
		add_slot(&c->m.vm, 1, 0, SLOTS_GPA, PAGE, c->mem);
		for (i = 2; i < 10; i++)
			add_slot(&c->m.vm, i, 0, SLOTS_GPA + i * PAGE, PAGE, c->mem);
		add_slot(&c->m.vm, 1, 0, SLOTS_GPA + 20 * PAGE, PAGE, c->mem);
		for (i = 9; i > 1; i--)
			add_slot(&c->m.vm, i, 0, 0, 0, NULL);
	}
	return NULL;
}

/* Return: whether the list is one that there was at a time. @moved: slot 1 is the last. */
static bool list_was(const struct vmxdbg_slot *slots, long nr, bool moved)
{
	const struct vmxdbg_slot *one = &slots[moved ? nr - 1 : 1];
	long i, first = moved ? 1 : 2;

	if (slots[0].slot || one->slot != 1 ||
	    one->gpa != SLOTS_GPA + (moved ? 20 * PAGE : 0))
		return false;
	for (i = first; i < nr - moved; i++)
		if (slots[i].slot != i - first + 2 ||
		    slots[i].gpa != SLOTS_GPA + slots[i].slot * PAGE)
			return false;
	return true;
}

static void slots_that_change_while_they_are_listed(void)
{
	unsigned int rounds = 0, seen = 0;
	struct vmxdbg_slot slots[12];
	struct changer c = { };
	pthread_t thread;
	bool moved;
	long nr;

	make(&c.m, PROG(halt));
	c.mem = area(PAGE);
	add_slot(&c.m.vm, 1, 0, SLOTS_GPA, PAGE, c.mem);
	pthread_create(&thread, NULL, change_slots, &c);
	/* until both places, and lists of several lengths, have been seen */
	while (rounds++ < 2000 || __builtin_popcount(seen) < 6) {
		memset(slots, 0xa5, sizeof(slots));
		nr = slots_of(c.m.session, slots, 12);
		moved = nr > 1 && slots[nr - 1].gpa > SLOTS_GPA + 10 * PAGE;
		if (!CHECK(nr > 1 && nr <= 10 && list_was(slots, nr, moved))) {
			tap_note("%ld slots", nr);
			break;
		}
		seen |= 1U << (nr + (moved ? 16 : 0));
		if (rounds % 16 == 0)
			sched_yield();
	}
	tap_note("%u rounds", rounds);
	c.stop = true;
	pthread_join(thread, NULL);
	machine_destroy(&c.m);
}

/* ---- the place of a gpa ---- */

static struct vmxdbg_place place_of(int session, u64 gpa)
{
	struct vmxdbg_place place = { .gpa = gpa };

	CHECK_OK(ioctl(session, VMXDBG_GET_PLACE, &place));
	CHECK_EQ(place.gpa, gpa);
	CHECK_EQ(place.reserved[0] | place.reserved[1] | place.reserved[2] | place.reserved[3],
		 0);
	return place;
}

/* @page_size: 0: not mapped */
static void check_ept(struct vmxdbg_ept got, u64 page_size, u32 rights)
{
	CHECK_EQ(got.page_size, page_size);
	CHECK_EQ(got.rights, rights);
	CHECK_EQ(got.memory_type, page_size ? 6 : 0);
}

#define R	VMXDBG_EPT_READ
#define W	VMXDBG_EPT_WRITE
#define X	VMXDBG_EPT_EXEC

static void memory_of_each_kind(void)
{
	struct vmxdbg_place p;
	struct machine m;
	u8 *mem;

	make(&m, PROG(halt));
	mem = area(4 * PAGE);
	add_slot(&m.vm, 5, KVM_MEM_READONLY, SLOTS_GPA, PAGE, mem);
	add_slot(&m.vm, 6, KVM_MEM_LOG_DIRTY_PAGES, SLOTS_GPA + PAGE, 2 * PAGE, mem + PAGE);
	p = place_of(m.session, 0x8123);
	CHECK_EQ(p.kind, VMXDBG_PLACE_RAM);
	CHECK_EQ(p.flags, 0);
	CHECK_EQ(p.slot, 0);
	CHECK_EQ(p.hva, (unsigned long)m.vm.mem + 0x8123);
	p = place_of(m.session, SLOTS_GPA + 0xfff);
	CHECK_EQ(p.kind, VMXDBG_PLACE_READONLY);
	CHECK_EQ(p.flags, 0);
	CHECK_EQ(p.slot, 5);
	CHECK_EQ(p.slot_flags, KVM_MEM_READONLY);
	CHECK_EQ(p.hva, (unsigned long)mem + 0xfff);
	p = place_of(m.session, SLOTS_GPA + 3 * PAGE - 1);
	CHECK_EQ(p.kind, VMXDBG_PLACE_RAM);
	CHECK_EQ(p.flags, VMXDBG_PLACE_LOGGED);
	CHECK_EQ(p.slot, 6);
	CHECK_EQ(p.slot_flags, KVM_MEM_LOG_DIRTY_PAGES);
	CHECK_EQ(p.hva, (unsigned long)mem + 3 * PAGE - 1);
	/* nothing ran: a slot is enough to be memory, and no view maps it */
	check_ept(p.plain, 0, 0);
	check_ept(p.hooked, 0, 0);
	machine_destroy(&m);
}

static void no_memory_is_no_error(void)
{
	static const u64 gpas[] = {
		GUEST_RAM, GUEST_MMIO, SLOTS_GPA + PAGE, (1ULL << 48) - 1, 1ULL << 48,
		(1ULL << 48) + 0x8000,	/* the low 48 bits are those of RAM */
		~0ULL,
	};
	struct vmxdbg_place p, nothing;
	struct machine m;
	unsigned int i;

	make(&m, PROG(halt));
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	for (i = 0; i < ARRAY_SIZE(gpas); i++) {
		p = place_of(m.session, gpas[i]);
		nothing = (struct vmxdbg_place){ .gpa = gpas[i] };
		if (!CHECK(!memcmp(&p, &nothing, sizeof(p))))
			tap_note("gpa %#llx", (unsigned long long)gpas[i]);
	}
	machine_destroy(&m);
}

/* reads a page of each slot, then writes to those that it may write to */
GUEST64(reads_then_writes,
	"mov $0x10000000, %ebx; mov (%rbx), %al; mov 0x1000(%rbx), %al; mov 0x2000(%rbx), %al\n"
	"out %al, $0x10\n"
	"mov %al, 0x1000(%rbx); mov %al, 0x2000(%rbx); out %al, $0x10\n"
	"hlt");

static void pages_as_the_guest_uses_them(void)
{
	struct kvm_dirty_log log = { .slot = 6 };
	struct machine m;
	u64 bits = 0;
	u8 *mem;

	make(&m, PROG(reads_then_writes));
	mem = area(4 * PAGE);
	madvise(mem, 4 * PAGE, MADV_NOHUGEPAGE);
	memset(mem, 1, 4 * PAGE);
	add_slot(&m.vm, 5, KVM_MEM_READONLY, SLOTS_GPA, PAGE, mem);
	add_slot(&m.vm, 6, KVM_MEM_LOG_DIRTY_PAGES, SLOTS_GPA + PAGE, PAGE, mem + PAGE);
	add_slot(&m.vm, 7, 0, SLOTS_GPA + 2 * PAGE, 2 * PAGE, mem + 2 * PAGE);
	vcpu_run_out(m.v, 0x10);
	check_ept(place_of(m.session, SLOTS_GPA).plain, PAGE, R | X);
	check_ept(place_of(m.session, SLOTS_GPA + PAGE).plain, PAGE, R | X);
	/* mapped for writes at once, as the VMM can write it: this saves a fault */
	check_ept(place_of(m.session, SLOTS_GPA + 2 * PAGE).plain, PAGE, R | W | X);
	check_ept(place_of(m.session, SLOTS_GPA + 3 * PAGE).plain, 0, 0);
	vcpu_run_out(m.v, 0x10);
	check_ept(place_of(m.session, SLOTS_GPA + PAGE).plain, PAGE, R | W | X);
	/* clean again: the next write exits */
	log.dirty_bitmap = &bits;
	CHECK_OK(ioctl(m.vm.fd, KVM_GET_DIRTY_LOG, &log));
	CHECK_EQ(bits, 1);
	check_ept(place_of(m.session, SLOTS_GPA + PAGE).plain, PAGE, R | X);
	/* nobody uses the other view, and looking at a page does not map it */
	check_ept(place_of(m.session, SLOTS_GPA + PAGE).hooked, 0, 0);
	check_ept(place_of(m.session, SLOTS_GPA + 3 * PAGE).plain, 0, 0);
	/* the VMM gives the page back */
	CHECK_OK(madvise(mem + 2 * PAGE, PAGE, MADV_DONTNEED));
	check_ept(place_of(m.session, SLOTS_GPA + 2 * PAGE).plain, 0, 0);
	machine_destroy(&m);
}

GUEST64(writes_large, "mov $0x10000000, %ebx; movb $1, 0x5000(%rbx); out %al, $0x10; hlt");

static void a_large_page(void)
{
	struct machine m;
	u8 *mem;

	make(&m, PROG(writes_large));
	mem = area(LARGE_PAGE);
	if (madvise(mem, LARGE_PAGE, MADV_HUGEPAGE))
		tap_skip("no transparent huge pages");
	memset(mem, 1, LARGE_PAGE);
	add_slot(&m.vm, 1, 0, SLOTS_GPA, LARGE_PAGE, mem);
	vcpu_run_out(m.v, 0x10);
	/* each of its gpas has it */
	check_ept(place_of(m.session, SLOTS_GPA).plain, LARGE_PAGE, R | W | X);
	check_ept(place_of(m.session, SLOTS_GPA + LARGE_PAGE - 1).plain, LARGE_PAGE, R | W | X);
	CHECK_EQ(place_of(m.session, SLOTS_GPA + 0x5001).hva, (unsigned long)mem + 0x5001);
	machine_destroy(&m);
}

/* executes code on two pages, reads and writes the data */
GUEST64(two_pages,
	"two_first: incl 0xc000; call two_second; mov 0xd000, %eax; incl 0xd000\n"
	"two_over: jmp two_first\n"
	".org two_pages_begin + 0x1000\n"
	"two_second: ret");
LABEL(two_first); LABEL(two_second); LABEL(two_over);

static void breakpoints_watches_and_page_tables(void)
{
	u32 exec, flags = VMXDBG_PLACE_ON_HOOKED;
	struct vmxdbg_place p;
	u32 over, second, watch;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(two_pages), NULL);
	exec = session_hides(d.fd) ? X : R | X;
	CHECK_EQ(place_of(d.fd, 0x8000).flags, 0);
	over = session_add(d.fd, VMXDBG_BP_SOFT, AT(two_pages, two_over), 1);
	second = session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(two_pages, two_second), .len = 1,
		.flags = VMXDBG_BP_PHYSICAL });
	watch = session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_WRITE, .addr = 0xd004, .len = 3, .flags = VMXDBG_BP_PHYSICAL });
	p = place_of(d.fd, 0x8000);
	CHECK_EQ(p.flags, flags | VMXDBG_PLACE_BREAKS);
	check_ept(p.hooked, 0, 0);
	CHECK_EQ(place_of(d.fd, 0x9000).flags, flags | VMXDBG_PLACE_BREAKS);
	CHECK_EQ(place_of(d.fd, 0xc000).flags, flags);
	/* the flag is that of the 4 KiB around the gpa */
	CHECK_EQ(place_of(d.fd, 0xd000).flags, flags | VMXDBG_PLACE_WATCHED);
	CHECK_EQ(place_of(d.fd, 0xdfff).flags, flags | VMXDBG_PLACE_WATCHED);
	/* the tables on the way to two_over, but not others */
	CHECK_EQ(place_of(d.fd, GUEST_PML4).flags, flags | VMXDBG_PLACE_TABLE);
	CHECK_EQ(place_of(d.fd, GUEST_PT).flags, flags | VMXDBG_PLACE_TABLE);
	CHECK_EQ(place_of(d.fd, GUEST_PD32).flags, flags);

	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(two_pages, two_second));
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(two_pages, two_over));
	check_ept(place_of(d.fd, 0x8000).hooked, PAGE, exec);
	check_ept(place_of(d.fd, 0x9000).hooked, PAGE, exec);
	check_ept(place_of(d.fd, 0xc000).hooked, PAGE, R | W | X);
	check_ept(place_of(d.fd, 0xd000).hooked, PAGE, R | X);

	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, over));
	CHECK_EQ(place_of(d.fd, 0x8000).flags, flags);
	CHECK_EQ(place_of(d.fd, GUEST_PML4).flags, flags);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, watch));
	CHECK_EQ(place_of(d.fd, 0xd000).flags, flags);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, second));
	CHECK_EQ(place_of(d.fd, 0x9000).flags, 0);
	vmm_kill(&d.vmm);
}

static void a_place_while_the_guest_runs(void)
{
	unsigned int i;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(two_pages), NULL);
	CHECK_OK(session_resume(d.fd, 0, 0));
	REQUIRE(vmm_counts(&d.vmm, 0));
	for (i = 0; i < 100; i++)
		CHECK_EQ(place_of(d.fd, 0xc000).plain.page_size, PAGE);
	REQUIRE(vmm_counts(&d.vmm, 0));
	vmm_kill(&d.vmm);
}

/* ---- objects ---- */

/* Return: the number of objects, or -errno. */
static long objects_of(int session, struct vmxdbg_object_info *info, u32 room)
{
	struct vmxdbg_object_list list = { .count = room, .objects = (unsigned long)info };

	return ioctl(session, VMXDBG_LIST_OBJECTS, &list) ? -errno : (long)list.count;
}

/* Return: the description of the object @id, which must be there. */
static struct vmxdbg_object_info object_of(int session, u32 id)
{
	struct vmxdbg_object_info info[32];
	long i, nr = objects_of(session, info, 32);

	for (i = 0; i < nr && i < 32; i++)
		if (info[i].id == id)
			return info[i];
	tap_fail("no object %u among %ld", id, nr);
}

static void check_object(const struct vmxdbg_object_info *got,
			 const struct vmxdbg_object_info *want)
{
	CHECK_EQ(got->id, want->id);
	CHECK_EQ(got->kind, want->kind);
	CHECK_EQ(got->type, want->type);
	CHECK_EQ(got->flags, want->flags);
	CHECK_EQ(got->first, want->first);
	CHECK_EQ(got->last, want->last);
	CHECK_EQ(got->vcpu_mask, want->vcpu_mask);
	CHECK_EQ(got->cr3, want->cr3);
	CHECK_EQ(got->hits, want->hits);
	CHECK_EQ(got->ignore, want->ignore);
	CHECK_EQ(got->action, want->action);
	CHECK_EQ(got->cpl_mask, want->cpl_mask);
	CHECK_EQ(got->armed, want->armed);
	CHECK_EQ(got->sites, want->sites);
	CHECK_EQ(got->code, want->code);
	CHECK_EQ(got->record_flags, want->record_flags);
	CHECK_EQ(got->vcpu_words, want->vcpu_words);
	CHECK(!memcmp(got, want, sizeof(*got)));
}

/* Add the breakpoint and fill in what its description must have. */
static void expect_bp(struct dbg *d, struct vmxdbg_bp bp, u32 armed, u32 sites,
		      struct vmxdbg_object_info *want)
{
	*want = (struct vmxdbg_object_info){
		.id = session_must_add(d->fd, bp), .kind = VMXDBG_OBJECT_BP, .type = bp.type,
		.flags = bp.flags, .first = bp.addr, .last = bp.addr + bp.len - 1,
		.vcpu_mask = bp.vcpu_mask, .vcpu_words = !!bp.vcpu_mask, .cr3 = bp.cr3,
		.armed = armed, .sites = sites };
}

static void expect_catch(struct dbg *d, struct vmxdbg_catch c, struct vmxdbg_object_info *want)
{
	CHECK_OK(ioctl(d->fd, VMXDBG_ADD_CATCH, &c));
	*want = (struct vmxdbg_object_info){
		.id = c.id, .kind = VMXDBG_OBJECT_CATCH, .type = c.type, .flags = c.flags,
		.first = c.first, .last = c.last, .vcpu_mask = c.vcpu_mask,
		.vcpu_words = !!c.vcpu_mask, .cr3 = c.cr3, .armed = VMXDBG_ARMED_EXIT };
}

static const u8 always[] = { 0x22, 1, 0x27 };			/* const8 1; end */
static const u8 a_word[] = { 0x23, 0xc0, 0, 0x0d, 4, 0x27 };	/* const16 0xc000; trace_quick */

/* one of each kind, as it was created */
static void objects_as_they_were_created(void)
{
	struct vmxdbg_options counting = {
		.action = VMXDBG_ACTION_COUNT, .cpl_mask = 1, .ignore = 5,
		.cond = (unsigned long)always, .cond_len = sizeof(always) };
	struct vmxdbg_options recording = {
		.action = VMXDBG_ACTION_RECORD, .record = (unsigned long)a_word,
		.record_len = sizeof(a_word), .record_flags = VMXDBG_RECORD_GENERAL };
	struct vmxdbg_object_info want[10], got[12];
	unsigned int n = 0, i;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(two_pages), &(struct vmm_options){ .vcpus = 2 });
	expect_bp(&d, (struct vmxdbg_bp){ .type = VMXDBG_BP_SOFT, .len = 1,
		  .addr = AT(two_pages, two_over) }, VMXDBG_ARMED_COPY, 1, &want[n++]);
	expect_bp(&d, (struct vmxdbg_bp){ .type = VMXDBG_BP_SOFT, .len = 1, .addr = 0x30000,
		  .flags = VMXDBG_BP_PHYSICAL, .vcpu_mask = 2 }, VMXDBG_ARMED_COPY, 1, &want[n++]);
	expect_bp(&d, (struct vmxdbg_bp){ .type = VMXDBG_BP_HARD, .len = 1, .addr = 0xa000 },
		  VMXDBG_ARMED_REGISTER, 0, &want[n++]);
	expect_bp(&d, (struct vmxdbg_bp){ .type = VMXDBG_BP_ACCESS, .len = 8, .addr = 0xb008,
		  .flags = VMXDBG_BP_CR3, .cr3 = GUEST_PML4, .vcpu_mask = 1 },
		  VMXDBG_ARMED_REGISTER, 0, &want[n++]);
	expect_bp(&d, (struct vmxdbg_bp){ .type = VMXDBG_BP_READ, .len = 0x1000, .addr = 0xb800,
		  .options = (unsigned long)&recording }, VMXDBG_ARMED_EPT, 2, &want[n]);
	want[n].action = VMXDBG_ACTION_RECORD;
	want[n].code = VMXDBG_CODE_RECORD;
	want[n++].record_flags = VMXDBG_RECORD_GENERAL;
	expect_bp(&d, (struct vmxdbg_bp){ .type = VMXDBG_BP_EXEC, .len = 1 << 20,
		  .addr = 0x40000000, .flags = VMXDBG_BP_PHYSICAL,
		  .options = (unsigned long)&counting }, VMXDBG_ARMED_EPT, 1, &want[n]);
	want[n].action = VMXDBG_ACTION_COUNT;
	want[n].cpl_mask = 1;
	want[n].ignore = 5;
	want[n++].code = VMXDBG_CODE_COND;
	expect_catch(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_IO, .first = 0x3f8,
		     .last = 0x3ff, .flags = VMXDBG_CATCH_WRITE }, &want[n++]);
	expect_catch(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_VMCALL, .last = ~0ULL,
		     .flags = VMXDBG_BP_CR3, .cr3 = 0x5000, .vcpu_mask = 3 }, &want[n++]);
	expect_catch(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_MSR, .first = 0x1b,
		     .last = 0x1b }, &want[n++]);
	REQUIRE_EQ(objects_of(d.fd, got, ARRAY_SIZE(got)), n);
	for (i = 0; i < n; i++) {
		tap_note("object %u", i);
		check_object(&got[i], &want[i]);
	}
	vmm_kill(&d.vmm);
}

static void hits_and_deleted_objects(void)
{
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_COUNT };
	u32 counts, stops, nr;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(two_pages), NULL);
	CHECK_EQ(objects_of(d.fd, NULL, 0), 0);
	counts = session_must_add(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(two_pages, two_second), .len = 1,
		.options = (unsigned long)&options });
	stops = session_add(d.fd, VMXDBG_BP_SOFT, AT(two_pages, two_over), 1);
	for (nr = 1; nr <= 3; nr++) {
		resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(two_pages, two_over));
		CHECK_EQ(object_of(d.fd, counts).hits, nr);
		CHECK_EQ(object_of(d.fd, stops).hits, nr);
	}
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, counts));
	CHECK_EQ(objects_of(d.fd, NULL, 0), 1);
	CHECK_EQ(object_of(d.fd, stops).hits, 3);
	vmm_kill(&d.vmm);
}

static void small_arrays_of_objects(void)
{
	enum { MANY = 300 };
	struct vmxdbg_object_info *info = calloc(MANY + 1, sizeof(*info)), untouched;
	u32 room, i, ids[MANY];
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	for (i = 0; i < MANY; i++)
		ids[i] = session_must_add(d.fd, (struct vmxdbg_bp){
			.type = VMXDBG_BP_SOFT, .addr = 0x30000 + i * 3, .len = 1,
			.flags = VMXDBG_BP_PHYSICAL });
	memset(&untouched, 0xa5, sizeof(untouched));
	for (room = 0; room <= MANY; room += MANY / 2) {
		memset(info, 0xa5, (MANY + 1) * sizeof(*info));
		CHECK_EQ(objects_of(d.fd, info, room), MANY);
		for (i = 0; i < room; i++)
			if (!CHECK_EQ(info[i].id, ids[i]))
				break;
		CHECK(!memcmp(&info[room], &untouched, sizeof(untouched)));
	}
	CHECK_EQ(objects_of(d.fd, bad_pointer(), 0), MANY);
	CHECK_EQ(objects_of(d.fd, bad_pointer(), 1), -EFAULT);
	CHECK_EQ(objects_of(d.fd, info, ~0U), MANY);
	free(info);
	vmm_kill(&d.vmm);
}

/* maps ALIAS to a page, then to none */
GUEST64(maps_and_unmaps,
	"maps_nothing: nop\n"
	"movq $0x30007, 0x26000 + 0x100 * 8; invlpg 0x100000\n"
	"maps_now: nop\n"
	"movq $0, 0x26000 + 0x100 * 8; invlpg 0x100000\n"
	"maps_no_more: nop; hlt");
LABEL(maps_now); LABEL(maps_no_more);

static void armed_where_it_is_mapped(void)
{
	u32 here, there, watch;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(maps_and_unmaps), NULL);
	GUEST_PTR(&d.vmm.vm, GUEST_PT, u64)[0x100] = 0;
	here = session_add(d.fd, VMXDBG_BP_SOFT, AT(maps_and_unmaps, maps_now), 1);
	there = session_add(d.fd, VMXDBG_BP_SOFT, ALIAS + 5, 1);
	watch = session_add(d.fd, VMXDBG_BP_READ, ALIAS - 4, 8);
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(maps_and_unmaps, maps_no_more), 1) > 0);
	CHECK_EQ(object_of(d.fd, there).armed, VMXDBG_ARMED_COPY);
	CHECK_EQ(object_of(d.fd, there).sites, 0);
	CHECK_EQ(object_of(d.fd, watch).armed, VMXDBG_ARMED_EPT);
	CHECK_EQ(object_of(d.fd, watch).sites, 1);
	CHECK_EQ(object_of(d.fd, here).sites, 1);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(maps_and_unmaps, maps_now));
	CHECK_EQ(object_of(d.fd, there).sites, 1);
	CHECK_EQ(object_of(d.fd, watch).sites, 2);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(maps_and_unmaps, maps_no_more));
	CHECK_EQ(object_of(d.fd, there).sites, 0);
	CHECK_EQ(object_of(d.fd, watch).sites, 1);
	dbg_finish(&d);
}

/* A breakpoint at a gpa without memory is armed when the VMM adds the slot. */
static void armed_when_memory_comes(void)
{
	struct machine m;
	u8 *mem;
	long id;

	make(&m, PROG(halt));
	CHECK_OK(session_stop(m.session, 0));
	mem = area(PAGE);
	id = session_add(m.session, VMXDBG_BP_SOFT, SLOTS_GPA + 5, 1);
	REQUIRE(id > 0);
	CHECK_EQ(object_of(m.session, id).sites, 0);
	add_slot(&m.vm, 1, 0, SLOTS_GPA, PAGE, mem);
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	CHECK_EQ(object_of(m.session, id).sites, 1);
	machine_destroy(&m);
}

/* arms all four debug registers */
GUEST64(takes_registers,
	"mov $0xc100, %eax; mov %rax, %dr0; mov %rax, %dr1; mov %rax, %dr2; mov %rax, %dr3\n"
	"mov $0x55, %eax; mov %rax, %dr7\n"
	"takes_over: nop; hlt");
LABEL(takes_over);

static void moved_out_of_debug_registers(void)
{
	u32 hard, write, fifth;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(takes_registers), NULL);
	hard = session_add(d.fd, VMXDBG_BP_HARD, AT(takes_registers, takes_over), 1);
	write = session_add(d.fd, VMXDBG_BP_WRITE, 0xc200, 4);
	CHECK(session_add(d.fd, VMXDBG_BP_WRITE, 0xc204, 4) > 0);
	CHECK(session_add(d.fd, VMXDBG_BP_WRITE, 0xc208, 4) > 0);
	fifth = session_add(d.fd, VMXDBG_BP_WRITE, 0xc20c, 4);
	CHECK_EQ(object_of(d.fd, hard).armed, VMXDBG_ARMED_REGISTER);
	CHECK_EQ(object_of(d.fd, write).armed, VMXDBG_ARMED_REGISTER);
	CHECK_EQ(object_of(d.fd, fifth).armed, VMXDBG_ARMED_EPT);
	CHECK_EQ(object_of(d.fd, fifth).sites, 1);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(takes_registers, takes_over));
	CHECK_EQ(object_of(d.fd, hard).armed, VMXDBG_ARMED_COPY);
	CHECK_EQ(object_of(d.fd, hard).sites, 1);
	CHECK_EQ(object_of(d.fd, write).armed, VMXDBG_ARMED_EPT);
	CHECK_EQ(object_of(d.fd, write).sites, 1);
	dbg_finish(&d);
}

/* ---- after the VM has ended ---- */

static void nothing_to_see_after_the_end(void)
{
	struct vmxdbg_place place = { .gpa = 0 };
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	vmm_kill(&d.vmm);
	close(d.vmm.vm_fd);
	CHECK_EQ(next_event(d.fd).why, VMXDBG_WHY_GONE);
	CHECK_EQ(slots_of(d.fd, NULL, 0), -ENODEV);
	CHECK_ERR(ioctl(d.fd, VMXDBG_GET_PLACE, &place), ENODEV);
	CHECK_EQ(objects_of(d.fd, NULL, 0), -ENODEV);
}

static const struct test tests[] = {
	TEST(slots_are_those_that_the_vmm_set),
	TEST(a_vm_without_memory),
	TEST(small_arrays_of_slots),
	TEST(many_slots),
	TEST_SLOW(slots_that_change_while_they_are_listed, 30),
	TEST(memory_of_each_kind),
	TEST(no_memory_is_no_error),
	TEST(pages_as_the_guest_uses_them),
	TEST(a_large_page),
	TEST(breakpoints_watches_and_page_tables),
	TEST(a_place_while_the_guest_runs),
	TEST(objects_as_they_were_created),
	TEST(hits_and_deleted_objects),
	TEST(small_arrays_of_objects),
	TEST(armed_where_it_is_mapped),
	TEST(armed_when_memory_comes),
	TEST(moved_out_of_debug_registers),
	TEST(nothing_to_see_after_the_end),
};

TAP_MAIN(tests)
