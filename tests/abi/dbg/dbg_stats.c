// SPDX-License-Identifier: GPL-2.0-only
/* Counters of vCPUs and of their VM. */
#include <linux/types.h>
#include <string.h>
#include <x86intrin.h>

#include "apic.h"
#include "machine.h"

#define REASONS		128

/* basic exit reasons */
#define CPUID		10
#define HLT		12
#define IO		30
#define MTF		37
#define PAUSE		40
#define EPT_VIOLATION	48

struct figures {
	struct vmxdbg_stats stats;
	u64 exits[REASONS];
};

static struct figures figures_of(int session, u32 vcpu)
{
	struct figures f = { .stats = { .vcpu = vcpu, .count = REASONS } };

	f.stats.exits = (unsigned long)f.exits;
	CHECK_OK(ioctl(session, VMXDBG_GET_STATS, &f.stats));
	CHECK_EQ(f.stats.vcpu, vcpu);
	CHECK_EQ(f.stats.count, REASONS);
	CHECK_EQ(f.stats.reserved[0] | f.stats.reserved[3], 0);
	return f;
}

/* Return: all exits; interrupts of the host come between those that a test knows. */
static u64 sum_of(const struct figures *f)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < REASONS; i++)
		sum += f->exits[i];
	return sum;
}

/* 0xd000 is on a page that nothing has touched before */
GUEST64(exits,
	"1: cpuid; dec %esi; jnz 1b\n"
	"out %al, $0x10; out %al, $0x10; out %al, $0x10\n"
	"incl 0xd000; hlt\n");

static void exits_by_reason(void)
{
	struct figures f, after;
	struct machine m;
	unsigned int i;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(&m, MODE_LONG, PROG(exits));
	set_regs(m.v, &(struct kvm_regs){ .rip = GUEST_CODE, .rsi = 10, .rflags = 2 });
	m.session = CHECK_OK(attach(m.vm.dev, VMXDBG_ATTACH_FD, m.vm.fd));
	f = figures_of(m.session, 0);
	CHECK_EQ(f.stats.entries | f.stats.vmm_exits | f.stats.ept_faults | sum_of(&f), 0);
	for (i = 0; i < 3; i++)
		vcpu_run_out(m.v, 0x10);
	f = figures_of(m.session, 0);
	CHECK_EQ(f.exits[CPUID], 10);
	CHECK_EQ(f.exits[IO], 3);
	CHECK_EQ(f.exits[HLT], 0);
	CHECK_EQ(f.stats.vmm_exits, 3);
	CHECK_EQ(f.stats.failed_entries, 0);
	CHECK_EQ(f.stats.entries, sum_of(&f));
	CHECK_EQ(f.stats.interrupts, f.exits[1]);
	CHECK(f.exits[EPT_VIOLATION] > 0);
	CHECK_EQ(f.stats.ept_faults, f.exits[EPT_VIOLATION]);
	CHECK_EQ(f.stats.pages_4k, stat_of("pages_4k"));
	CHECK_EQ(f.stats.pages_2m, stat_of("pages_2m"));
	/* one more page */
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	after = figures_of(m.session, 0);
	CHECK_EQ(after.exits[HLT], 1);
	CHECK_EQ(after.exits[CPUID], 10);
	CHECK_EQ(after.stats.vmm_exits, 4);
	CHECK_EQ(after.stats.ept_faults, f.stats.ept_faults + 1);
	CHECK_EQ(after.stats.pages_4k, f.stats.pages_4k + 1);
	machine_destroy(&m);
}

/* vCPU n makes n + 1 OUTs */
GUEST64(each, "lea 1(%rdi), %ebx; 1: out %al, $0x10; dec %ebx; jnz 1b; hlt");

static void each_vcpu_and_all(void)
{
	struct figures one[3], all;
	unsigned int i, n;
	struct dbg d;
	u64 sum;

	dbg_start(&d, MODE_LONG, PROG(each), &(struct vmm_options){ .vcpus = 3 });
	dbg_finish(&d);
	all = figures_of(d.fd, VMXDBG_ALL_VCPUS);
	for (n = 0; n < 3; n++) {
		one[n] = figures_of(d.fd, n);
		CHECK_EQ(one[n].exits[IO], n + 1);
		CHECK_EQ(one[n].exits[HLT], 1);
		CHECK_EQ(one[n].stats.vmm_exits, n + 2);
	}
	for (i = 0; i < REASONS; i++) {
		for (sum = 0, n = 0; n < 3; n++)
			sum += one[n].exits[i];
		if (!CHECK_EQ(all.exits[i], sum))
			tap_note("reason %u", i);
	}
	CHECK_EQ(all.stats.entries, one[0].stats.entries + one[1].stats.entries +
				    one[2].stats.entries);
	CHECK_EQ(all.stats.vmm_exits, 2 + 3 + 4);
	CHECK_EQ(all.stats.ept_faults, all.exits[EPT_VIOLATION]);
}

GUEST64(counts, "1: incq 0xc000; jmp 1b");

static void steps_and_interrupts(void)
{
	struct figures f;
	unsigned int i;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counts), NULL);
	for (i = 1; i <= 5; i++) {
		dbg_step(&d, 0);
		CHECK_EQ(figures_of(d.fd, 0).exits[MTF], i);
	}
	/* the host's timer interrupts a guest that does not exit by itself */
	f = figures_of(d.fd, 0);
	CHECK_OK(session_resume(d.fd, 0, 0));
	for (i = 0; i < 4000 && figures_of(d.fd, 0).stats.interrupts < f.stats.interrupts + 3; i++)
		sleep_ms(1);
	CHECK(i < 4000);
	CHECK_EQ(figures_of(d.fd, 0).stats.vmm_exits, 0);
	vmm_kill(&d.vmm);
}

/* counters that are read while they change never go down */
static void counters_only_grow(void)
{
	struct figures now, before = { };
	unsigned int round, i;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counts), NULL);
	CHECK_OK(session_resume(d.fd, 0, 0));
	for (round = 0; round < 300; round++) {
		now = figures_of(d.fd, VMXDBG_ALL_VCPUS);
		for (i = 0; i < REASONS; i++)
			if (now.exits[i] < before.exits[i])
				tap_fail("exit reason %u", i);
		if (!CHECK(now.stats.entries >= before.stats.entries) ||
		    !CHECK(sum_of(&now) == now.stats.entries))
			break;
		before = now;
	}
	vmm_kill(&d.vmm);
}

/* A session could not do it. */
static void set_reserved_bit(struct vm *vm)
{
	struct kvm_regs regs;

	get_regs(&vm->vcpu[0], &regs);
	regs.rflags |= 1ULL << 40;
	set_regs(&vm->vcpu[0], &regs);
}

static void entries_that_fail(void)
{
	struct vmm_options options = { .prepare = set_reserved_bit };
	struct figures f;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counts), &options);
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK_EQ(next_event(d.fd).error, VMXDBG_ERROR_ENTRY);
	f = figures_of(d.fd, 0);
	CHECK_EQ(f.stats.failed_entries, 1);
	CHECK_EQ(f.stats.entries, 1 + sum_of(&f));
	vmm_kill(&d.vmm);
}

static void what_the_module_keeps(void)
{
	struct figures f;
	u32 soft, watch;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counts), NULL);
	f = figures_of(d.fd, 0);
	CHECK_EQ(f.stats.hooked_pages | f.stats.watched_ranges | f.stats.followed_entries |
		 f.stats.followed_spaces, 0);
	soft = session_must_add(d.fd, (struct vmxdbg_bp){ .type = VMXDBG_BP_SOFT, .len = 1,
				.addr = 0x30000, .flags = VMXDBG_BP_PHYSICAL });
	CHECK_EQ(figures_of(d.fd, 0).stats.hooked_pages, 1);
	watch = session_add(d.fd, VMXDBG_BP_READ, 0xcffc, 8);
	f = figures_of(d.fd, 0);
	/* tables of four levels, and the one page with a breakpoint */
	CHECK_EQ(f.stats.hooked_pages, 1 + 4);
	CHECK_EQ(f.stats.watched_ranges, 2);
	CHECK_EQ(f.stats.followed_entries, 3 + 2);
	CHECK_EQ(f.stats.followed_spaces, 1);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, watch));
	f = figures_of(d.fd, 0);
	CHECK_EQ(f.stats.hooked_pages, 1);
	CHECK_EQ(f.stats.watched_ranges | f.stats.followed_entries | f.stats.followed_spaces, 0);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, soft));
	CHECK_EQ(figures_of(d.fd, 0).stats.hooked_pages, 0);
	vmm_kill(&d.vmm);
}

/* Return: the number of counters, or -errno. */
static long stats_into(int session, u32 vcpu, u32 count, void *exits)
{
	struct vmxdbg_stats arg = { .vcpu = vcpu, .count = count,
				    .exits = (unsigned long)exits };

	return ioctl(session, VMXDBG_GET_STATS, &arg) ? -errno : (long)arg.count;
}

static void arrays_and_bad_arguments(void)
{
	u64 exits[REASONS + 2], want[REASONS];
	u32 room, filled;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(each), NULL);
	dbg_finish(&d);
	memcpy(want, figures_of(d.fd, 0).exits, sizeof(want));
	for (room = 0; room <= REASONS + 1; room += 43) {
		filled = room < REASONS ? room : REASONS;
		memset(exits, 0xa5, sizeof(exits));
		CHECK_EQ(stats_into(d.fd, 0, room, exits), REASONS);
		CHECK(!memcmp(exits, want, filled * sizeof(u64)));
		CHECK_EQ(exits[filled], 0xa5a5a5a5a5a5a5a5);
	}
	CHECK_EQ(stats_into(d.fd, 0, ~0U, exits), REASONS);
	CHECK_EQ(stats_into(d.fd, 0, 0, NULL), REASONS);
	CHECK_EQ(stats_into(d.fd, 0, 1, bad_pointer()), -EFAULT);
	CHECK_EQ(stats_into(d.fd, 1, 0, NULL), -ENOENT);
	CHECK_EQ(stats_into(d.fd, 64, 0, NULL), -ENOENT);
	CHECK_EQ(stats_into(d.fd, VMXDBG_ALL_VCPUS - 1, 0, NULL), -ENOENT);
	vmm_kill(&d.vmm);
	close(d.vmm.vm_fd);
	CHECK_EQ(next_event(d.fd).why, VMXDBG_WHY_GONE);
	CHECK_EQ(stats_into(d.fd, 0, 0, NULL), -ENODEV);
}

GUEST64(waits, "out %al, $0x10; 1: pause; dec %esi; jnz 1b; out %al, $0x11");

#define WINDOW	4096	/* TSC ticks after which a wait exits first */

/*
 * The window doubles. With the same one for ever there would be an exit for each. A vCPU whose
 * local APIC is the VMM's has none.
 */
static void a_long_wait_exits_less_often(void)
{
	struct vm vm;
	struct vcpu *v = split_guest(&vm, MODE_LONG, PROG(waits));
	int session = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
	u64 exits, ticks;

	set_regs(v, &(struct kvm_regs){ .rip = GUEST_CODE, .rsi = 300000, .rflags = 2 });
	vcpu_run_out(v, 0x10);
	ticks = -__rdtsc();
	vcpu_run_out(v, 0x11);
	ticks += __rdtsc();
	exits = figures_of(session, 0).exits[PAUSE];
	if (!exits)
		tap_skip("this CPU has no PAUSE-loop exits");
	if (!CHECK(exits < ticks / (4 * WINDOW)))
		tap_note("%llu exits in %llu ticks", (unsigned long long)exits,
			 (unsigned long long)ticks);
}

static const struct test tests[] = {
	TEST(exits_by_reason),
	TEST(each_vcpu_and_all),
	TEST(steps_and_interrupts),
	TEST(counters_only_grow),
	TEST(a_long_wait_exits_less_often),
	TEST(entries_that_fail),
	TEST(what_the_module_keeps),
	TEST(arrays_and_bad_arguments),
};

TAP_MAIN(tests)
