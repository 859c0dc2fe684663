// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM's time is held while a session has stopped all vCPUs. The guest's TSC is compared
 * with the host's. A guest that reads its TSC at two moments counts at most what the host
 * counts from before the first to after the second, less what it is held in between.
 */
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"
#include "vmm.h"

#define MSR_TSC		0x10
#define MSR_TSC_ADJUST	0x3b

/* vCPU n has its TSC in word n, and in word 4 + n how often it has read it. */
#define READS(n)	(4 + (n))

GUEST64(reads_tsc,
	"again: rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, 0xc000(, %rdi, 8)\n"
	"incq 0xc020(, %rdi, 8)\n"
	"hit_here: jmp again");
LABEL(hit_here);

GUEST64(two_reads,
	"rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, 0xc000\n"
	"rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, 0xc008; hlt");

/* Under a lock, each vCPU takes the last TSC and expects its own not to be lower. */
GUEST64(compares_tscs,
	"1: mov $1, %eax; xchg %eax, 0xc100; test %eax, %eax; jz 2f; pause; jmp 1b\n"
	"2: lfence; rdtsc; lfence; shl $32, %rdx; or %rdx, %rax\n"
	"cmp 0xc108, %rax; jae 3f; incq 0xc110\n"	/* lower than the last */
	"3: mov %rax, 0xc108; mov %rax, 0xc000(, %rdi, 8)\n"
	"incq 0xc020(, %rdi, 8); movl $0, 0xc100\n"
	"jmp 1b");
#define WENT_BACK	34

GUEST64(moves_tsc,
	"mov $0x10, %ecx; xor %edx, %edx; mov $0x12345, %eax; wrmsr\n"
	"rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, 0xc000; out %al, $0x10\n"
	"rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, 0xc008; hlt");

GUEST64(reads_and_reports,
	"1: rdtsc; shl $32, %rdx; or %rdx, %rax; mov %rax, 0xc000; out %al, $0x10; jmp 1b");

GUEST64(halt, "hlt");

static const struct vmm_options running = { .no_hold = true };
static const struct vmm_options two_running = { .vcpus = 2, .no_hold = true };

static u64 host_tsc(void)
{
	return __builtin_ia32_rdtsc();
}

/* Spend at least @ticks. Return: how many it were. */
static u64 burn(u64 ticks)
{
	u64 begin = host_tsc(), now;

	do {
		now = host_tsc();
	} while (now - begin < ticks);
	return now - begin;
}

/* Spend several times what has passed since @begin, so that a guest that counts it fails. */
static u64 burn_much(u64 begin)
{
	u64 passed = host_tsc() - begin;

	return burn(passed < 10000000 ? passed * 8 : 80000000);
}

/* Wait until the vCPU has read its TSC after the call. */
static void wait_for_reads(struct dbg *d, unsigned int vcpu)
{
	u64 before = DATA64(&d->vmm.vm, READS(vcpu));

	while (DATA64(&d->vmm.vm, READS(vcpu)) < before + 2)
		REQUIRE(vmm_counts(&d->vmm, READS(vcpu)));
}

static u64 guest_tsc(struct dbg *d, unsigned int vcpu)
{
	return DATA64(&d->vmm.vm, vcpu);
}

static int set_time(int fd, u32 mode)
{
	struct vmxdbg_time arg = { .mode = mode };

	return ioctl(fd, VMXDBG_SET_TIME, &arg);
}

/* ---- a guest that runs in between ---- */

/* A stretch of the guest's time, and of the host's. */
struct stretch {
	u64 guest, host, held;
};

/* Run, stop all, wait, and run again, which @resume does. */
static struct stretch stop_and_go(struct dbg *d, void (*resume)(struct dbg *d))
{
	struct stretch s;
	u64 begin = host_tsc(), stopped;

	wait_for_reads(d, 0);
	CHECK_OK(session_stop(d->fd, VMXDBG_ALL_VCPUS));
	stopped = host_tsc();
	s.guest = guest_tsc(d, 0);
	burn_much(begin);
	s.held = host_tsc() - stopped;
	resume(d);
	wait_for_reads(d, 0);
	s.guest = guest_tsc(d, 0) - s.guest;
	s.host = host_tsc() - begin;
	return s;
}

static void resume_all(struct dbg *d)
{
	CHECK_OK(session_resume(d->fd, VMXDBG_ALL_VCPUS, 0));
}

static void detach(struct dbg *d)
{
	close(d->fd);
}

/* Return: whether the guest has not counted what it was held. */
static bool check_held(struct stretch s)
{
	bool ok = CHECK(s.guest <= s.host - s.held);

	if (!ok)
		tap_note("guest %llu, host %llu, held %llu", (unsigned long long)s.guest,
			 (unsigned long long)s.host, (unsigned long long)s.held);
	return ok;
}

static void guest_does_not_count_a_stop(void)
{
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(reads_tsc), &running);
	for (i = 0; i < 5; i++)
		check_held(stop_and_go(&d, resume_all));
}

#define FAST	3

static void count_fast(struct vm *vm)
{
	int fd = vm->vcpu[0].fd;

	CHECK_OK(ioctl(fd, KVM_SET_TSC_KHZ, ioctl(fd, KVM_GET_TSC_KHZ, 0) * FAST));
}

/* The module takes scaled ticks from such a counter. */
static void a_fast_counter_is_held_too(void)
{
	static const struct vmm_options fast = { .no_hold = true, .prepare = count_fast };
	struct stretch s;
	struct dbg d;
	unsigned int i;

	if (ioctl(dev_open(), KVM_CHECK_EXTENSION, KVM_CAP_TSC_CONTROL) != 1) {
		tap_skip("this CPU has no TSC scaling");
		return;
	}
	dbg_start(&d, MODE_LONG, PROG(reads_tsc), &fast);
	for (i = 0; i < 5; i++) {
		s = stop_and_go(&d, resume_all);
		s.host *= FAST;
		s.held *= FAST;
		check_held(s);
	}
	CHECK_OK(set_time(d.fd, VMXDBG_TIME_RUN));
	s = stop_and_go(&d, resume_all);
	CHECK(s.guest >= s.held * FAST);
}

static void guest_counts_a_stop_if_time_runs(void)
{
	struct stretch s;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(reads_tsc), &running);
	CHECK_OK(set_time(d.fd, VMXDBG_TIME_RUN));
	s = stop_and_go(&d, resume_all);
	CHECK(s.guest >= s.held);
	CHECK_OK(set_time(d.fd, VMXDBG_TIME_STOP));
	check_held(stop_and_go(&d, resume_all));
}

/* The mode is the session's, and ends with it. */
static void end_of_a_session_gives_no_jump(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(reads_tsc), &running);
	check_held(stop_and_go(&d, detach));
	d.fd = CHECK_OK(attach(d.dev, 0, d.vmm.id));
	CHECK_OK(set_time(d.fd, VMXDBG_TIME_RUN));
	close(d.fd);
	d.fd = CHECK_OK(attach(d.dev, 0, d.vmm.id));
	check_held(stop_and_go(&d, resume_all));
}

static void held_vm_counts_from_its_first_resume(void)
{
	u64 begin = host_tsc(), held;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(two_reads), NULL);
	held = host_tsc();
	burn_much(begin);
	held = host_tsc() - held;
	dbg_finish(&d);
	/* From the vCPU's creation, at which the TSC is 0. */
	CHECK(guest_tsc(&d, 1) <= host_tsc() - begin - held);
	CHECK(guest_tsc(&d, 1) > guest_tsc(&d, 0));
}

static void steps_are_all_that_a_stepped_guest_counts(void)
{
	u64 begin = host_tsc(), held = 0, stopped;
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(two_reads), NULL);
	for (i = 0; i < 8; i++) {
		dbg_step(&d, 0);
		stopped = host_tsc();
		burn_much(begin);
		held += host_tsc() - stopped;
	}
	CHECK(guest_tsc(&d, 1) > guest_tsc(&d, 0));
	CHECK(guest_tsc(&d, 1) <= host_tsc() - begin - held);
}

/* ---- several vCPUs ---- */

static void time_goes_on_while_one_of_two_runs(void)
{
	u64 before, passed;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(reads_tsc), &two_running);
	wait_for_reads(&d, 1);
	CHECK_OK(session_stop(d.fd, 0));
	before = guest_tsc(&d, 0);
	passed = burn(1000000);
	CHECK_OK(session_resume(d.fd, 0, 0));
	wait_for_reads(&d, 0);
	CHECK(guest_tsc(&d, 0) - before >= passed);
}

static void tscs_of_two_vcpus_stay_the_same(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(compares_tscs), &two_running);
	for (i = 0; i < 20; i++) {
		wait_for_reads(&d, 0);
		wait_for_reads(&d, 1);
		/* Stopped together, or one after the other. */
		CHECK_OK(session_stop(d.fd, i % 3 ? VMXDBG_ALL_VCPUS : i % 2));
		CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
		burn(200000 * (i % 4));
		/* One of them alone, for a while or for some steps. */
		if (i % 4 == 1) {
			CHECK_OK(session_resume(d.fd, i % 2, 0));
			burn(100000);
			CHECK_OK(session_stop(d.fd, i % 2));
		} else if (i % 4 == 2) {
			CHECK_OK(session_resume(d.fd, 1, VMXDBG_RESUME_STEP));
			e = next_event(d.fd);
			CHECK_EQ(e.vcpu, 1);
		}
		burn(200000);
		CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	}
	wait_for_reads(&d, 0);
	wait_for_reads(&d, 1);
	CHECK_EQ(DATA64(&d.vmm.vm, WENT_BACK), 0);
}

/* ---- what the VMM reads and writes ---- */

static struct vmxdbg_held get_held(struct vm *vm)
{
	struct vmxdbg_held held;

	memset(&held, 0xaa, sizeof(held));
	CHECK_OK(ioctl(vm->fd, VMXDBG_GET_HELD, &held));
	return held;
}

/* A VM in this process, whose vCPU is not in KVM_RUN, and a session. */
static void machine_attach(struct machine *m, struct prog prog)
{
	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(m, MODE_LONG, prog);
	m->session = CHECK_OK(attach(m->vm.dev, VMXDBG_ATTACH_FD, m->vm.fd));
}

static bool tsc_stands_still(struct vcpu *v)
{
	u64 before = get_msr(v, MSR_TSC);

	burn(10000);
	return get_msr(v, MSR_TSC) == before;
}

static void vmm_reads_the_held_tsc(void)
{
	struct machine m;
	u64 held, adjust;

	machine_attach(&m, PROG(halt));
	adjust = get_msr(m.v, MSR_TSC_ADJUST);
	CHECK(!tsc_stands_still(m.v));
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	CHECK(tsc_stands_still(m.v));
	held = get_msr(m.v, MSR_TSC);
	CHECK_OK(set_time(m.session, VMXDBG_TIME_RUN));
	CHECK(!tsc_stands_still(m.v));
	CHECK_OK(set_time(m.session, VMXDBG_TIME_STOP));
	CHECK(tsc_stands_still(m.v));
	CHECK(get_msr(m.v, MSR_TSC) > held);
	CHECK_OK(session_resume(m.session, 0, 0));
	CHECK(!tsc_stands_still(m.v));
	CHECK_EQ(get_msr(m.v, MSR_TSC_ADJUST), adjust);
	machine_destroy(&m);
}

static void vmm_writes_the_held_tsc(void)
{
	static const u64 values[] = { 1ULL << 40, 1ULL << 60, 12345 };
	struct machine m;
	u64 begin, now;
	unsigned int i;

	machine_attach(&m, PROG(halt));
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
		burn(100000);
		set_msr(m.v, MSR_TSC, values[i]);
		burn(100000);
		CHECK_EQ(get_msr(m.v, MSR_TSC), values[i]);
		begin = host_tsc();
		CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
		now = get_msr(m.v, MSR_TSC);
		CHECK(now > values[i] && now - values[i] < host_tsc() - begin);
	}
	machine_destroy(&m);
}

static void vcpu_of_a_held_vm_counts_with_the_others(void)
{
	struct machine m;
	struct vcpu *late;

	machine_attach(&m, PROG(halt));
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	burn(100000);
	late = vm_add_vcpu(&m.vm, 1);
	CHECK_EQ(session_vcpu(m.session, 1).state, VMXDBG_VCPU_STOPPED);
	CHECK(tsc_stands_still(late));
	CHECK_EQ(get_msr(late, MSR_TSC), get_msr(m.v, MSR_TSC));
	CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
	CHECK(get_msr(late, MSR_TSC) < get_msr(m.v, MSR_TSC));
	CHECK(get_msr(m.v, MSR_TSC) < get_msr(late, MSR_TSC));
	machine_destroy(&m);
}

/* Not all are stopped then: it may run. */
static void new_vcpu_lets_time_go_on(void)
{
	struct machine m;

	machine_attach(&m, PROG(halt));
	CHECK_OK(session_stop(m.session, 0));
	CHECK(tsc_stands_still(m.v));
	vm_add_vcpu(&m.vm, 1);
	CHECK(!tsc_stands_still(m.v));
	CHECK_OK(session_stop(m.session, 1));
	CHECK(tsc_stands_still(m.v));
	CHECK_OK(session_resume(m.session, 1, 0));
	CHECK(!tsc_stands_still(m.v));
	machine_destroy(&m);
}

static void vmms_hold_holds_time_too(void)
{
	struct machine m;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(&m, MODE_LONG, PROG(halt));
	CHECK_OK(ioctl(m.vm.fd, VMXDBG_HOLD, 1));
	CHECK(tsc_stands_still(m.v));
	CHECK_OK(ioctl(m.vm.fd, VMXDBG_HOLD, 0));
	CHECK(!tsc_stands_still(m.v));
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	machine_destroy(&m);
}

static u64 rip_after_hlt(struct machine *m)
{
	vcpu_run_to(m->v, KVM_EXIT_HLT);
	return get_rip(m->v);
}

static void guest_sets_its_tsc_after_a_stop(void)
{
	struct machine m;
	u64 begin, held, first, second;

	machine_attach(&m, PROG(moves_tsc));
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	burn(1000000);
	CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
	begin = host_tsc();
	vcpu_run_out(m.v, 0x10);
	first = DATA64(&m.vm, 0);
	CHECK(first > 0x12345 && first - 0x12345 < host_tsc() - begin);
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	held = host_tsc();
	burn_much(begin);
	held = host_tsc() - held;
	CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
	rip_after_hlt(&m);
	second = DATA64(&m.vm, 1);
	CHECK(second > first && second - first <= host_tsc() - begin - held);
	machine_destroy(&m);
}

static u64 clock_of(struct vm *vm)
{
	struct kvm_clock_data data;

	CHECK_OK(ioctl(vm->fd, KVM_GET_CLOCK, &data));
	return data.clock;
}

static void clock_of_the_vm_stands_still(void)
{
	struct kvm_clock_data data = { .clock = 5 };
	struct machine m;
	u64 held, outer;

	machine_attach(&m, PROG(halt));
	outer = get_held(&m.vm).ns;
	held = clock_of(&m.vm);
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	CHECK(clock_of(&m.vm) > held);
	held = clock_of(&m.vm);
	burn(1000000);
	CHECK_EQ(clock_of(&m.vm), held);
	CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
	CHECK(clock_of(&m.vm) > held);
	/* The clock has counted less than the time that ran. */
	held = clock_of(&m.vm) - held;
	CHECK(held <= get_held(&m.vm).ns - outer);
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	CHECK_OK(ioctl(m.vm.fd, KVM_SET_CLOCK, &data));
	burn(1000000);
	CHECK_EQ(clock_of(&m.vm), 5);
	machine_destroy(&m);
}

#define MSR_KVM_SYSTEM_TIME	0x4b564d01
#define PV_CLOCK		(GUEST_DATA + 0x100)

/* KVM's clock, as the guest computes it from its memory at this TSC */
static u64 pv_clock_at(struct vm *vm, u64 tsc)
{
	const volatile u32 *words = GUEST_PTR(vm, PV_CLOCK, u32);
	const volatile u64 *at = GUEST_PTR(vm, PV_CLOCK, u64);
	int shift = *GUEST_PTR(vm, PV_CLOCK + 28, int8_t);
	u64 ticks = tsc - at[1];

	CHECK(words[0] && !(words[0] & 1));
	ticks = shift < 0 ? ticks >> -shift : ticks << shift;
	return at[2] + (u64)(((unsigned __int128)ticks * words[6]) >> 32);
}

/* The guest reads it before the stop and after it. Its memory is not written meanwhile. */
static void clock_in_guest_memory_does_not_jump(void)
{
	u64 begin, held, first, second, ticks;
	struct machine m;
	u32 version;

	machine_attach(&m, PROG(reads_and_reports));
	CHECK_EQ(set_msr(m.v, MSR_KVM_SYSTEM_TIME, PV_CLOCK | 1), 1);
	begin = host_tsc();
	vcpu_run_out(m.v, 0x10);
	first = pv_clock_at(&m.vm, DATA64(&m.vm, 0));
	CHECK(first <= clock_of(&m.vm));
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	version = DATA32(&m.vm, (PV_CLOCK - GUEST_DATA) / 4);
	held = host_tsc();
	burn_much(begin);
	held = host_tsc() - held;
	CHECK(first <= clock_of(&m.vm));
	CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
	vcpu_run_out(m.v, 0x10);
	second = pv_clock_at(&m.vm, DATA64(&m.vm, 0));
	CHECK(second > first && second <= clock_of(&m.vm));
	ticks = host_tsc() - begin - held;
	CHECK(second - first <= pv_clock_at(&m.vm, DATA64(&m.vm, 0) + ticks) - second);
	CHECK_EQ(DATA32(&m.vm, (PV_CLOCK - GUEST_DATA) / 4), version);
	machine_destroy(&m);
}

/* ---- VMXDBG_GET_HELD ---- */

static short polled(struct vm *vm)
{
	struct pollfd fd = { .fd = vm->fd, .events = POLLPRI | POLLOUT };

	CHECK_EQ(poll(&fd, 1, 0), 1);
	return fd.revents;
}

static void vmm_learns_how_long_it_was_held(void)
{
	struct vmxdbg_held before, at, later, after;
	struct machine m;
	u64 outer, inner;

	machine_attach(&m, PROG(halt));
	before = get_held(&m.vm);
	CHECK_EQ(before.flags | before.reserved0 | before.reserved[3], 0);
	CHECK_EQ(before.held_ns | before.held_tsc, 0);
	CHECK_EQ(polled(&m.vm), POLLOUT);
	outer = host_tsc();
	CHECK_OK(session_stop(m.session, VMXDBG_ALL_VCPUS));
	inner = host_tsc();
	at = get_held(&m.vm);
	CHECK_EQ(at.flags, VMXDBG_HELD_NOW);
	CHECK(at.ns > before.ns);
	CHECK_EQ(polled(&m.vm), POLLPRI);
	burn(1000000);
	later = get_held(&m.vm);
	CHECK_EQ(later.ns, at.ns);
	CHECK(later.held_ns > at.held_ns && later.held_tsc > at.held_tsc);
	inner = host_tsc() - inner;
	CHECK_OK(session_resume(m.session, VMXDBG_ALL_VCPUS, 0));
	outer = host_tsc() - outer;
	after = get_held(&m.vm);
	CHECK_EQ(after.flags, 0);
	CHECK_EQ(polled(&m.vm), POLLOUT);
	CHECK(after.held_tsc >= inner && after.held_tsc <= outer);
	CHECK(after.ns > later.ns);
	CHECK_EQ(get_held(&m.vm).held_ns, after.held_ns);
	machine_destroy(&m);
}

/* Return: whether poll() of the VM waits for @event. */
static bool poll_wakes(int fd, short event)
{
	struct pollfd pfd = { .fd = fd, .events = event };

	return poll(&pfd, 1, 10000) == 1 && pfd.revents == event;
}

/* Through the other process's VM, so that another thread waits than changes it. */
static void poll_of_the_vm_waits(void)
{
	struct dbg d;
	pid_t child;
	int status;

	dbg_start(&d, MODE_LONG, PROG(reads_tsc), &running);
	child = fork();
	if (!child)
		_exit(!(poll_wakes(d.vmm.vm_fd, POLLPRI) && poll_wakes(d.vmm.vm_fd, POLLOUT) &&
			poll_wakes(d.vmm.vm_fd, POLLPRI)));
	sleep_ms(20);
	CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
	sleep_ms(20);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	sleep_ms(20);
	CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
}

/* Hits that do not stop, and an object that comes and goes, do not hold the time. */
static void time_is_not_held_for_hits(void)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };
	struct vmxdbg_options never = { 0 };
	static const u8 cond[] = { 0x22, 0, 0x27 };	/* const8 0; end */
	struct machine m;
	unsigned int i;
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_WRITE, .addr = GUEST_DATA, .len = 8 };
	long id[2];

	never.cond = (unsigned long)cond;
	never.cond_len = sizeof(cond);
	machine_attach(&m, PROG(moves_tsc));
	bp.options = (unsigned long)&count;
	id[0] = session_add_bp(m.session, bp);
	bp.options = (unsigned long)&never;
	bp.flags = VMXDBG_BP_PHYSICAL;
	id[1] = session_add_bp(m.session, bp);
	REQUIRE(id[0] > 0 && id[1] > 0);
	vcpu_run_out(m.v, 0x10);
	CHECK_EQ(machine_hits(&m, id[0]), 1);
	for (i = 0; i < 2; i++)
		CHECK_OK(ioctl(m.session, VMXDBG_DEL_BP, id[i]));
	CHECK_EQ(get_held(&m.vm).held_tsc, 0);
	machine_destroy(&m);
}

/* Stopped at a breakpoint, with its thread in KVM_RUN and interrupted there. */
static void signal_does_not_let_time_go_on(void)
{
	struct stretch s;
	struct vmxdbg_event e;
	struct dbg d;
	u64 stopped;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(reads_tsc), NULL);
	session_must_add(d.fd, (struct vmxdbg_bp){ .addr = AT(reads_tsc, hit_here), .len = 1 });
	s.host = host_tsc();
	e = resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(reads_tsc, hit_here));
	stopped = host_tsc();
	s.guest = guest_tsc(&d, 0);
	for (i = 0; i < 5; i++) {
		CHECK_EQ(tgkill_vmm(&d.vmm, 0), 0);
		REQUIRE(wait_for(&d.vmm.shared->vcpu[0].eintr, i + 1));
	}
	burn_much(s.host);
	s.held = host_tsc() - stopped;
	CHECK_EQ(e.vcpu, 0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(reads_tsc, hit_here));
	s.guest = guest_tsc(&d, 0) - s.guest;
	s.host = host_tsc() - s.host;
	check_held(s);
}

static void held_is_for_the_vmm(void)
{
	struct vmxdbg_held held;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	CHECK_ERR(ioctl(d.vmm.vm_fd, VMXDBG_GET_HELD, &held), EIO);
	close(d.vmm.vm_fd);
	vmm_kill(&d.vmm);
	CHECK_EQ(next_event(d.fd).why, VMXDBG_WHY_GONE);
	CHECK_ERR(set_time(d.fd, VMXDBG_TIME_RUN), ENODEV);
}

static void held_needs_a_pointer(void)
{
	struct machine m;

	machine_attach(&m, PROG(halt));
	CHECK_ERR(ioctl(m.vm.fd, VMXDBG_GET_HELD, bad_pointer()), EFAULT);
	machine_destroy(&m);
}

static const struct test tests[] = {
	TEST(guest_does_not_count_a_stop),
	TEST(a_fast_counter_is_held_too),
	TEST(guest_counts_a_stop_if_time_runs),
	TEST(end_of_a_session_gives_no_jump),
	TEST(held_vm_counts_from_its_first_resume),
	TEST(steps_are_all_that_a_stepped_guest_counts),
	TEST(time_goes_on_while_one_of_two_runs),
	TEST(tscs_of_two_vcpus_stay_the_same),
	TEST(vmm_reads_the_held_tsc),
	TEST(vmm_writes_the_held_tsc),
	TEST(vcpu_of_a_held_vm_counts_with_the_others),
	TEST(new_vcpu_lets_time_go_on),
	TEST(vmms_hold_holds_time_too),
	TEST(clock_of_the_vm_stands_still),
	TEST(clock_in_guest_memory_does_not_jump),
	TEST(guest_sets_its_tsc_after_a_stop),
	TEST(vmm_learns_how_long_it_was_held),
	TEST(poll_of_the_vm_waits),
	TEST(time_is_not_held_for_hits),
	TEST(signal_does_not_let_time_go_on),
	TEST(held_is_for_the_vmm),
	TEST(held_needs_a_pointer),
};

TAP_MAIN(tests)
