// SPDX-License-Identifier: GPL-2.0-only
/* KVM_MEM_LOG_DIRTY_PAGES, and changes of memory slots. */
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define PAGE		4096UL
#define MIB		(1UL << 20)
#define LOG_GPA		0x10000000
#define LOG_PAGES	130		/* two words of the log and a bit */
#define WORDS		3
#define EAGER		"pages read are logged too, as they are mapped writable"

static int set_slot(struct vm *vm, u32 slot, u32 flags, u64 gpa, u64 size, void *mem)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa,
		.memory_size = size, .userspace_addr = (unsigned long)mem,
	};

	return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &r);
}

static u8 *memory(size_t size)
{
	u8 *mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(mem != MAP_FAILED);
	return mem;
}

/* add slot 1 at LOG_GPA, whose pages are populated already */
static u8 *add_log(struct vm *vm, u32 flags)
{
	u8 *mem = memory(LOG_PAGES * PAGE);
	unsigned int i;

	for (i = 0; i < LOG_PAGES; i++)
		mem[i * PAGE + 8] = 1;
	CHECK_OK(set_slot(vm, 1, flags, LOG_GPA, LOG_PAGES * PAGE, mem));
	return mem;
}

static int get_log(struct vm *vm, u32 slot, void *bits)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bits };

	return ioctl(vm->fd, KVM_GET_DIRTY_LOG, &log);
}

static void check_log(struct vm *vm, u64 a, u64 b, u64 c)
{
	u64 bits[WORDS];

	memset(bits, 0x5a, sizeof(bits));
	CHECK_OK(get_log(vm, 1, bits));
	CHECK_EQ(bits[0], a);
	CHECK_EQ(bits[1], b);
	CHECK_EQ(bits[2], c);
}

#define LOGGED	"mov $0x10000000, %ebx\n"	/* rbx is LOG_GPA in all guests */

GUEST64(write_some, LOGGED
	"1: movl $1, (%rbx)\n"
	"movl $1, 0x3ffc(%rbx)\n"
	"movl $1, 0x7fffe(%rbx)\n"	/* across two pages: 127 and 128 */
	"movl $1, 0x81000(%rbx)\n"
	"out %al, $0x10\n"
	"out %al, $0x11\n"
	"movl $1, 0x5000(%rbx)\n"
	"out %al, $0x12; jmp 1b");

static void written_pages_are_logged_once(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(write_some));

	add_log(&vm, KVM_MEM_LOG_DIRTY_PAGES);
	check_log(&vm, 0, 0, 0);
	vcpu_run_out(v, 0x10);
	check_log(&vm, 1 | 1 << 3, 1ULL << 63, 3);
	check_log(&vm, 0, 0, 0);
	vcpu_run_out(v, 0x11);
	check_log(&vm, 0, 0, 0);
	vcpu_run_out(v, 0x12);
	check_log(&vm, 1 << 5, 0, 0);
	vcpu_run_out(v, 0x10);
	check_log(&vm, 1 | 1 << 3, 1ULL << 63, 3);
}

static void logging_starts_and_ends_on_a_slot_in_use(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(write_some));
	u8 *mem = add_log(&vm, 0);
	u64 bits[WORDS];

	vcpu_run_out(v, 0x10);
	CHECK_ERR(get_log(&vm, 1, bits), ENOENT);
	CHECK_OK(set_slot(&vm, 1, KVM_MEM_LOG_DIRTY_PAGES, LOG_GPA, LOG_PAGES * PAGE, mem));
	check_log(&vm, 0, 0, 0);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x12);
	vcpu_run_out(v, 0x10);
	/* setting the slot again changes nothing, and the bits stay */
	CHECK_OK(set_slot(&vm, 1, KVM_MEM_LOG_DIRTY_PAGES, LOG_GPA, LOG_PAGES * PAGE, mem));
	check_log(&vm, 1 | 1 << 3 | 1 << 5, 1ULL << 63, 3);
	CHECK_OK(set_slot(&vm, 1, 0, LOG_GPA, LOG_PAGES * PAGE, mem));
	CHECK_ERR(get_log(&vm, 1, bits), ENOENT);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x12);
	/* a new log has no earlier writes */
	CHECK_OK(set_slot(&vm, 1, KVM_MEM_LOG_DIRTY_PAGES, LOG_GPA, LOG_PAGES * PAGE, mem));
	check_log(&vm, 0, 0, 0);
}

GUEST64(read_then_write, LOGGED
	"mov 0x1000(%rbx), %eax; out %al, $0x10\n"
	"mov %eax, 0x1000(%rbx); out %al, $0x11; hlt");

static void reading_is_not_writing(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(read_then_write));
	u64 bits[WORDS] = { 0 };

	add_log(&vm, KVM_MEM_LOG_DIRTY_PAGES);
	vcpu_run_out(v, 0x10);
	CHECK_OK(get_log(&vm, 1, bits));
	KNOWN_DIFFERENCE(!bits[0], EAGER);
	vcpu_run_out(v, 0x11);
	check_log(&vm, 1 << 1, 0, 0);
}

/* Writes that the module makes: string input, and MOVS from a device. */
GUEST64(written_for_it, LOGGED
	"lea 0x2000(%rbx), %rdi; mov $0x20, %edx; mov $8, %ecx; cld; rep insb\n"
	"out %al, $0x10\n"
	"mov $0xd0000000, %esi; lea 0x6ffe(%rbx), %rdi; movsw\n"
	"out %al, $0x11; hlt");

static void writes_by_the_module_are_logged(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(written_for_it));
	u8 *mem = add_log(&vm, KVM_MEM_LOG_DIRTY_PAGES);

	vcpu_run_to(v, KVM_EXIT_IO);
	while (v->run->io.port == 0x20) {
		memset(vcpu_io_data(v), 0x5a, v->run->io.count);
		vcpu_run_to(v, KVM_EXIT_IO);
	}
	CHECK_EQ(mem[0x2007], 0x5a);
	check_log(&vm, 1 << 2, 0, 0);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	memset(v->run->mmio.data, 0x77, 8);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(*(u16 *)(mem + 0x6ffe), 0x7777);
	check_log(&vm, 1 << 6, 0, 0);
}

static void a_slot_that_moves_keeps_its_log(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(write_some));
	u8 *mem = add_log(&vm, KVM_MEM_LOG_DIRTY_PAGES);

	vcpu_run_out(v, 0x10);
	CHECK_OK(set_slot(&vm, 1, KVM_MEM_LOG_DIRTY_PAGES, LOG_GPA + 0x4000,
			  LOG_PAGES * PAGE, mem));
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x12);
	check_log(&vm, 1 | 1 << 3 | 1 << 1, 1ULL << 63, 3);
}

static void wrong_arguments_of_the_log(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(write_some));
	u64 bits[WORDS] = { 0 };

	add_log(&vm, KVM_MEM_LOG_DIRTY_PAGES);
	vcpu_run_out(v, 0x10);
	CHECK_ERR(get_log(&vm, 0, bits), ENOENT);
	CHECK_ERR(get_log(&vm, 2, bits), ENOENT);
	CHECK_ERR(get_log(&vm, 0xffff, bits), EINVAL);
	CHECK_ERR(get_log(&vm, 2 << 16, bits), EINVAL);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_DIRTY_LOG, bad_pointer()), EFAULT);
	CHECK_ERR(get_log(&vm, 1, bad_pointer()), EFAULT);
	CHECK_OK(get_log(&vm, 1, bits));
	KNOWN_DIFFERENCE(bits[0] == 9, "what could not be handed out is lost");
}

/* ---- while it runs ---- */

GUEST64(count_up, LOGGED
	"1: incl (%rbx); add $0x1000, %rbx\n"
	"cmp $0x10082000, %rbx; jne 1b\n"
	"in $0x20, %al; test %al, %al; jz 2f\n"
	LOGGED "jmp 1b\n"
	"2: hlt");

struct counter {
	struct vcpu *v;
	volatile bool stop, stopped;
	volatile u32 rounds;
};

static int clear_log(struct vm *vm, u32 slot, u64 first, u32 pages, const void *bits)
{
	struct kvm_clear_dirty_log log = {
		.slot = slot, .first_page = first, .num_pages = pages,
		.dirty_bitmap = (void *)bits,
	};

	return ioctl(vm->fd, KVM_CLEAR_DIRTY_LOG, &log);
}

static int want_manual(struct vm *vm, u64 flags)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, .args = { flags },
	};

	return ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
}

static void the_vmm_clears_the_log(void)
{
	static const u64 third[] = { 1 << 3 }, last[] = { 1 << 1 | 1ULL << 63 };
	static const u64 all[WORDS] = { ~0ULL, ~0ULL, ~0ULL };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(write_some));

	CHECK_EQ(has_cap(&vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2), 3);
	CHECK_OK(want_manual(&vm, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE));
	add_log(&vm, KVM_MEM_LOG_DIRTY_PAGES);
	check_log(&vm, 0, 0, 0);
	vcpu_run_out(v, 0x10);
	check_log(&vm, 1 | 1 << 3, 1ULL << 63, 3);
	check_log(&vm, 1 | 1 << 3, 1ULL << 63, 3);
	CHECK_OK(clear_log(&vm, 1, 0, 64, third));
	check_log(&vm, 1, 1ULL << 63, 3);
	CHECK_OK(clear_log(&vm, 1, 128, 2, last));
	check_log(&vm, 1, 1ULL << 63, 1);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x12);
	check_log(&vm, 1 | 1 << 5, 1ULL << 63, 1);
	/* The pages that were cleared are logged again. */
	vcpu_run_out(v, 0x10);
	check_log(&vm, 1 | 1 << 3 | 1 << 5, 1ULL << 63, 3);
	CHECK_OK(clear_log(&vm, 1, 0, LOG_PAGES, all));
	check_log(&vm, 0, 0, 0);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x12);
	check_log(&vm, 1 << 5, 0, 0);
	/* KVM_GET_DIRTY_LOG clears again. */
	CHECK_OK(want_manual(&vm, 0));
	check_log(&vm, 1 << 5, 0, 0);
	check_log(&vm, 0, 0, 0);
}

static void a_log_begins_with_all_pages(void)
{
	static const u64 all[WORDS] = { ~0ULL, ~0ULL, ~0ULL };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(write_some));
	u8 *mem = add_log(&vm, 0);

	CHECK_OK(want_manual(&vm, KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE |
			     KVM_DIRTY_LOG_INITIALLY_SET));
	vcpu_run_out(v, 0x10);
	CHECK_OK(set_slot(&vm, 1, KVM_MEM_LOG_DIRTY_PAGES, LOG_GPA, LOG_PAGES * PAGE, mem));
	check_log(&vm, ~0ULL, ~0ULL, 3);
	CHECK_OK(clear_log(&vm, 1, 64, LOG_PAGES - 64, all));
	check_log(&vm, ~0ULL, 0, 0);
	CHECK_OK(clear_log(&vm, 1, 0, 64, all));
	check_log(&vm, 0, 0, 0);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x12);
	check_log(&vm, 1 << 5, 0, 0);
	vcpu_run_out(v, 0x10);
	check_log(&vm, 1 | 1 << 3 | 1 << 5, 1ULL << 63, 3);
}

static void wrong_arguments_of_the_clearing(void)
{
	static const u64 all[WORDS] = { ~0ULL, ~0ULL, ~0ULL };
	struct vm vm;

	guest_make(&vm, MODE_LONG, PROG(write_some));
	add_log(&vm, KVM_MEM_LOG_DIRTY_PAGES);
	CHECK_ERR(want_manual(&vm, KVM_DIRTY_LOG_INITIALLY_SET), EINVAL);
	CHECK_ERR(want_manual(&vm, 1 << 2), EINVAL);
	CHECK_ERR(want_manual(&vm, 1ULL << 63 | 1), EINVAL);
	/* The call works without the capability. */
	CHECK_OK(clear_log(&vm, 1, 0, LOG_PAGES, all));
	CHECK_OK(clear_log(&vm, 1, 0, 0, all));
	CHECK_OK(clear_log(&vm, 1, 64, 64, all));
	CHECK_OK(clear_log(&vm, 1, 128, 2, all));
	CHECK_ERR(clear_log(&vm, 32764, 0, 64, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 1 << 16, 0, 64, all), on_kvm() ? ENOENT : EINVAL);
	CHECK_ERR(clear_log(&vm, 1 << 17, 0, 64, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 2, 0, 64, all), ENOENT);
	CHECK_ERR(clear_log(&vm, 0, 0, 64, all), ENOENT);
	CHECK_ERR(clear_log(&vm, 2, 1, 64, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 1, 1, 64, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 1, 0, 63, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 1, 128, 1, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 1, 128, 3, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 1, 192, 0, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 1, 1ULL << 63, 64, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 1, 0, ~0U, all), EINVAL);
	CHECK_ERR(clear_log(&vm, 1, 0, 64, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_CLEAR_DIRTY_LOG, bad_pointer()), EFAULT);
}

static void *counter_main(void *arg)
{
	struct counter *c = arg;

	while (vcpu_run(c->v) == KVM_EXIT_IO) {
		c->rounds++;
		*(u8 *)vcpu_io_data(c->v) = !c->stop;
	}
	c->stopped = true;
	return NULL;
}

/* Copy as a migration does: at the end the copy must equal the memory. */
static void copy_dirty(struct vm *vm, u8 *copy, const u8 *mem)
{
	u64 bits[WORDS];
	unsigned int i;

	CHECK_OK(get_log(vm, 1, bits));
	for (i = 0; i < LOG_PAGES; i++)
		if (bits[i / 64] & 1ULL << i % 64)
			memcpy(copy + i * PAGE, mem + i * PAGE, PAGE);
}

static void no_write_is_lost_while_it_runs(void)
{
	struct vm vm;
	struct counter c = { .v = guest_make(&vm, MODE_LONG, PROG(count_up)) };
	u8 *mem = add_log(&vm, 0), *copy = memory(LOG_PAGES * PAGE);
	pthread_t thread;
	unsigned int i;

	CHECK_OK(pthread_create(&thread, NULL, counter_main, &c));
	while (c.rounds < 2)
		usleep(100);
	for (i = 0; i < 4; i++) {
		u32 until = c.rounds + 20;

		CHECK_OK(set_slot(&vm, 1, KVM_MEM_LOG_DIRTY_PAGES, LOG_GPA,
				  LOG_PAGES * PAGE, mem));
		memcpy(copy, mem, LOG_PAGES * PAGE);
		while (c.rounds < until) {
			copy_dirty(&vm, copy, mem);
			usleep(100);
		}
		if (i < 3)
			CHECK_OK(set_slot(&vm, 1, 0, LOG_GPA, LOG_PAGES * PAGE, mem));
	}
	c.stop = true;
	pthread_join(thread, NULL);
	CHECK(c.stopped);
	copy_dirty(&vm, copy, mem);
	CHECK(!memcmp(copy, mem, LOG_PAGES * PAGE));
	CHECK_EQ(*(u32 *)mem, c.rounds);
}

/* ---- slots ---- */

static void slots_that_cannot_be(void)
{
	u8 *mem = memory(4 * MIB);
	struct vm vm;

	vm_make(&vm, NULL);
	CHECK_ERR(set_slot(&vm, 1, 0, LOG_GPA, 0, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, LOG_GPA, MIB + 1, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, LOG_GPA + 1, MIB, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, LOG_GPA, MIB, mem + 1), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, -MIB, 2 * MIB, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, LOG_GPA, 1ULL << 43, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, 1ULL << 60, MIB, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, LOG_GPA, MIB, (void *)(1UL << 63)), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 1 << 5, LOG_GPA, MIB, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, has_cap(&vm, KVM_CAP_NR_MEMSLOTS), 0, LOG_GPA, MIB, mem),
		  EINVAL);
	CHECK_ERR(set_slot(&vm, 5 << 16, 0, LOG_GPA, MIB, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, GUEST_RAM - MIB, 2 * MIB, mem), EEXIST);
	CHECK_ERR(set_slot(&vm, 1, 0, 0, 4 * MIB, mem), EEXIST);
	CHECK_OK(set_slot(&vm, 1, 0, GUEST_RAM, MIB, mem));
	CHECK_ERR(set_slot(&vm, 1, 0, GUEST_RAM, 2 * MIB, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, GUEST_RAM, MIB, mem + MIB), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, KVM_MEM_READONLY, GUEST_RAM, MIB, mem), EINVAL);
	CHECK_ERR(set_slot(&vm, 1, 0, GUEST_RAM - MIB, MIB, mem), EEXIST);
	/* a slot may move to where it overlaps itself */
	CHECK_OK(set_slot(&vm, 1, 0, GUEST_RAM + PAGE, MIB, mem));
	CHECK_OK(set_slot(&vm, 1, 0, 0, 0, NULL));
	CHECK_ERR(set_slot(&vm, 1, 0, 0, 0, NULL), EINVAL);
	CHECK_OK(set_slot(&vm, 1, 0, GUEST_RAM, 2 * MIB, mem));
}

static void the_last_slot_number(void)
{
	u8 *mem = memory(MIB);
	struct vm vm;
	int nr;

	vm_make(&vm, NULL);
	nr = has_cap(&vm, KVM_CAP_NR_MEMSLOTS);
	CHECK(nr >= 509);
	CHECK_OK(set_slot(&vm, nr - 1, 0, LOG_GPA, MIB, mem));
	CHECK_OK(set_slot(&vm, nr - 1, 0, 0, 0, NULL));
}

/* Code that runs in a slot while the slot is deleted, added and moved. */
GUEST64(write_both, LOGGED
	"1: incl (%rbx); mov $0x10100000, %ecx; incl (%rcx)\n"
	"in $0x20, %al; test %al, %al; jnz 1b\n"
	"hlt");

static void *mmio_too(void *arg)
{
	struct counter *c = arg;
	int got;

	for (;;) {
		got = vcpu_run(c->v);
		if (got == KVM_EXIT_IO) {
			c->rounds++;
			*(u8 *)vcpu_io_data(c->v) = !c->stop;
		} else if (got != KVM_EXIT_MMIO) {
			break;
		}
	}
	c->stopped = got == KVM_EXIT_HLT;
	return NULL;
}

static void slots_change_while_it_runs(void)
{
	u8 *mem = memory(2 * MIB);
	struct vm vm;
	struct counter c = { .v = guest_make(&vm, MODE_LONG, PROG(write_both)) };
	pthread_t thread;
	unsigned int i;

	CHECK_OK(set_slot(&vm, 2, 0, LOG_GPA + MIB, MIB, mem + MIB));
	CHECK_OK(pthread_create(&thread, NULL, mmio_too, &c));
	for (i = 0; i < 20; i++) {
		u32 before = c.rounds;

		CHECK_OK(set_slot(&vm, 1, 0, LOG_GPA, MIB, mem));
		while (c.rounds == before)
			usleep(50);
		CHECK_OK(set_slot(&vm, 1, 0, LOG_GPA - MIB / 2, MIB, mem));
		CHECK_OK(set_slot(&vm, 1, 0, 0, 0, NULL));
	}
	c.stop = true;
	pthread_join(thread, NULL);
	CHECK(c.stopped);
	CHECK_EQ(*(u32 *)(mem + MIB), c.rounds);
	CHECK(*(u32 *)mem >= 20 || *(u32 *)(mem + MIB / 2));
}

static const struct test tests[] = {
	TEST(written_pages_are_logged_once),
	TEST(logging_starts_and_ends_on_a_slot_in_use),
	TEST(reading_is_not_writing),
	TEST(writes_by_the_module_are_logged),
	TEST(a_slot_that_moves_keeps_its_log),
	TEST(wrong_arguments_of_the_log),
	TEST(the_vmm_clears_the_log),
	TEST(a_log_begins_with_all_pages),
	TEST(wrong_arguments_of_the_clearing),
	TEST(no_write_is_lost_while_it_runs),
	TEST(slots_that_cannot_be),
	TEST(the_last_slot_number),
	TEST(slots_change_while_it_runs),
};

TAP_MAIN(tests)
