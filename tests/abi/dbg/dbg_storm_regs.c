// SPDX-License-Identifier: GPL-2.0-only
/*
 *	SEED=n STEPS=n dbg_storm_regs /dev/vmxdbg
 *
 * Random values for every register through a session. After each set that the session
 * takes, the vCPU steps, sometimes with an event that the session injects: no VM entry may
 * fail. Whatever else happens to the guest is its own business, and the session puts
 * everything right again, which must work, too.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "storm.h"

#define STEPS_DEFAULT	300		/* of each mode; 51-debug-storm takes more */
#define MODE_V86	MODES
#define RFLAGS_VM	(1U << 17)

#define MSR_TSC		0x10

/* nothing that leaves the page of the code */
GUEST64(code, "1: nop; nop; nop; nop; jmp 1b");

/* A set of registers: as it is now, and as it was at first. */
struct set {
	u32 number, size;
	u8 now[4096], good[4096];
};

static struct set sets[] = {
	{ .number = VMXDBG_REGS_BOTH, .size = sizeof(struct vmxdbg_both) },
	{ .number = VMXDBG_REGS_GENERAL, .size = sizeof(struct kvm_regs) },
	{ .number = VMXDBG_REGS_SYSTEM, .size = sizeof(struct kvm_sregs) },
	{ .number = VMXDBG_REGS_DEBUG, .size = sizeof(struct kvm_debugregs) },
	{ .number = VMXDBG_REGS_EVENTS, .size = sizeof(struct kvm_vcpu_events) },
	{ .number = VMXDBG_REGS_FPU, .size = sizeof(struct kvm_fpu) },
	{ .number = VMXDBG_REGS_XSAVE, .size = sizeof(struct kvm_xsave) },
	{ .number = VMXDBG_REGS_XCRS, .size = sizeof(struct kvm_xcrs) },
};

#define NR_SETS		ARRAY_SIZE(sets)

struct storm {
	struct machine m;
	pthread_t thread;
	struct kvm_msr_entry msrs[VMXDBG_MSRS_MAX];
	u32 nr_msrs;
	u32 injected;
	u32 taken[NR_SETS + 1], refused[NR_SETS + 1];	/* the last: MSRs */
	u8 tables[0x1000];		/* the page directory pointers, which a guest may ruin */
};

static volatile u32 failed_entries, over;
static u64 random_state;

static u64 rnd(void)
{
	return random_next(&random_state);
}

static bool one_in(unsigned int n)
{
	return !(rnd() % n);
}

/* ---- the VMM ---- */

static void on_signal(int sig)
{
	(void)sig;
}

/* A VMM that goes on whatever happens. */
static void *run_for_ever(void *arg)
{
	struct vcpu *v = arg;

	while (!over)
		if (vcpu_run(v) == KVM_EXIT_FAIL_ENTRY)
			failed_entries++;
	return NULL;
}

/* ---- the session ---- */

static int transfer(struct storm *s, struct set *set, bool write, u8 *data)
{
	return session_regs(s->m.session, write, 0, set->number, set->size, data);
}

static void must_put_back(struct storm *s)
{
	struct vmxdbg_msrs arg = { .count = 1 };
	unsigned int i;

	memcpy(s->m.vm.mem + GUEST_PDPT, s->tables, sizeof(s->tables));
	/* Events first: one with an error code does not go with real mode. */
	CHECK_OK(transfer(s, &sets[4], true, sets[4].good));
	for (i = 0; i < NR_SETS; i++)
		CHECK_OK(transfer(s, &sets[i], true, sets[i].good));
	arg.count = s->nr_msrs;
	arg.entries = (unsigned long)s->msrs;
	CHECK_OK(ioctl(s->m.session, VMXDBG_SET_MSRS, &arg));
}

/* An event may be refused only because another one waits. */
static void inject_some(struct storm *s)
{
	static const u32 coded = 1U << 8 | 0x1fU << 10 | 1U << 17;
	struct vmxdbg_inject arg = { .type = rnd() % 3 };

	if (arg.type == VMXDBG_INJECT_INTERRUPT)
		arg.vector = rnd() % 256;
	if (arg.type == VMXDBG_INJECT_EXCEPTION) {
		do
			arg.vector = rnd() % 20;
		while (arg.vector == 2 || arg.vector == 9 || arg.vector == 15);
		if (coded & 1U << arg.vector)
			arg.error = rnd() % 0x8000;
		if (arg.vector == 14)
			arg.addr = rnd();
	}
	if (!ioctl(s->m.session, VMXDBG_INJECT, &arg))
		s->injected++;
	else
		CHECK_EQ(errno, EBUSY);
}

/* One step. The guest may end by it, but not for want of an entry. */
static void step(struct storm *s, const char *after)
{
	struct vmxdbg_event event;
	u32 irqs = one_in(2) ? VMXDBG_RESUME_INTO : 0;

	if (one_in(3))
		inject_some(s);
	CHECK_OK(session_resume(s->m.session, 0, VMXDBG_RESUME_STEP | irqs));
	event = next_event(s->m.session);
	if (!CHECK(!(event.why & VMXDBG_WHY_ERROR) || event.error != VMXDBG_ERROR_ENTRY) ||
	    !CHECK_EQ(failed_entries, 0))
		tap_fail("entry failed after %s, rip %#llx, seed %#llx", after,
			 (unsigned long long)event.rip, (unsigned long long)random_state);
}

/* ---- values ---- */

static u64 boundary(void)
{
	switch (rnd() % 8) {
	case 0:
		return rnd();
	case 1:
		return 1ULL << rnd() % 64;
	case 2:
		return (1ULL << rnd() % 64) - 1;
	case 3:
		return -(1ULL << rnd() % 64);
	case 4:
		return rnd() % 512 << 12;
	default:
		return rnd() % 32;
	}
}

/* Change one field, or a few bits of it. */
static void change(u8 *data, u32 size)
{
	u64 value = boundary();
	u32 bytes = 1 << rnd() % 4, at = rnd() % (size / bytes) * bytes;

	if (one_in(2))
		memcpy(data + at, &value, bytes);
	else
		data[at] ^= 1 << rnd() % 8;
}

/* Segments and control registers, with values that make sense more often. */
static void change_system(struct kvm_sregs *sregs)
{
	struct kvm_segment *segments[] = {
		&sregs->cs, &sregs->ss, &sregs->ds, &sregs->es, &sregs->fs, &sregs->gs,
		&sregs->ldt, &sregs->tr,
	};
	struct kvm_segment *seg = segments[rnd() % ARRAY_SIZE(segments)];

	switch (rnd() % 12) {
	case 0:
		seg->type = rnd() % 16;
		break;
	case 1:
		seg->dpl = rnd() % 4;
		break;
	case 2:
		seg->present ^= 1;
		break;
	case 3:
		seg->s ^= 1;
		break;
	case 4:
		seg->g ^= 1;
		seg->limit = one_in(2) ? boundary() : seg->limit;
		break;
	case 5:
		seg->l ^= 1;
		seg->db ^= one_in(2);
		break;
	case 6:
		seg->unusable ^= 1;
		break;
	case 7:
		*seg = *segments[rnd() % ARRAY_SIZE(segments)];
		break;
	case 8:
		sregs->cr0 ^= 1ULL << rnd() % 32;
		break;
	case 9:
		sregs->cr4 ^= 1ULL << rnd() % 23;
		break;
	case 10:
		sregs->efer ^= one_in(2) ? 0x500 : 1ULL << rnd() % 13;
		sregs->cr0 ^= one_in(2) ? 1ULL << 31 : 0;
		break;
	default:
		seg->base = boundary();
	}
}

static void change_events(struct kvm_vcpu_events *events)
{
	if (one_in(2)) {
		events->exception.injected = 1;
		events->exception.nr = rnd() % 34;
		events->exception.has_error_code = rnd() % 2;
		events->exception.error_code = one_in(4) ? boundary() : rnd() % 32;
	}
	if (one_in(3)) {
		events->interrupt.injected = 1;
		events->interrupt.soft = rnd() % 2;
		events->interrupt.nr = rnd();
	}
	if (one_in(3))
		events->interrupt.shadow = rnd() % 4;
	if (one_in(3))
		events->nmi.injected = rnd() % 2;
	if (one_in(3))
		events->nmi.pending = rnd() % 2;
	if (one_in(3))
		events->nmi.masked = rnd() % 2;
}

static void change_set(struct set *set)
{
	unsigned int changes = 1 + rnd() % 3;

	while (changes--) {
		if (set->number == VMXDBG_REGS_SYSTEM && !one_in(3))
			change_system((struct kvm_sregs *)set->now);
		else if (set->number == VMXDBG_REGS_BOTH && one_in(2))
			change_system(&((struct vmxdbg_both *)set->now)->system);
		else if (set->number == VMXDBG_REGS_EVENTS && !one_in(4))
			change_events((struct kvm_vcpu_events *)set->now);
		else
			change(set->now, set->size);
	}
}

/* Return: whether the set was taken. If not, nothing has changed. */
static bool storm_set(struct storm *s, unsigned int i)
{
	static u8 before[4096], after[4096];
	struct set *set = &sets[i];

	CHECK_OK(transfer(s, set, false, before));
	memcpy(set->now, before, set->size);
	change_set(set);
	if (!transfer(s, set, true, set->now)) {
		s->taken[i]++;
		return true;
	}
	CHECK_EQ(errno, EINVAL);
	s->refused[i]++;
	CHECK_OK(transfer(s, set, false, after));
	if (!CHECK(!memcmp(before, after, set->size)))
		tap_note("set %u, seed %#llx", set->number, (unsigned long long)random_state);
	return false;
}

static bool storm_msr(struct storm *s)
{
	struct kvm_msr_entry entry = s->msrs[rnd() % s->nr_msrs], old = entry, now = entry;
	struct vmxdbg_msrs arg = { .count = 1, .entries = (unsigned long)&entry };
	struct vmxdbg_msrs read = { .count = 1, .entries = (unsigned long)&old };

	CHECK_OK(ioctl(s->m.session, VMXDBG_GET_MSRS, &read));
	entry.data = one_in(2) ? boundary() : old.data ^ 1ULL << rnd() % 64;
	if (!ioctl(s->m.session, VMXDBG_SET_MSRS, &arg)) {
		s->taken[NR_SETS]++;
		return true;
	}
	CHECK_EQ(errno, EINVAL);
	s->refused[NR_SETS]++;
	read.entries = (unsigned long)&now;
	CHECK_OK(ioctl(s->m.session, VMXDBG_GET_MSRS, &read));
	if (!CHECK_EQ(now.data, old.data))
		tap_note("MSR %#x", entry.index);
	return false;
}

/* ---- one mode ---- */

static void to_v86(struct storm *s)
{
	static const struct kvm_segment seg = {
		.base = GUEST_CODE, .limit = 0xffff, .selector = GUEST_CODE >> 4,
		.type = 3, .dpl = 3, .s = 1, .present = 1,
	};
	struct vmxdbg_both *both = (struct vmxdbg_both *)sets[0].now;
	struct kvm_sregs *sregs = &both->system;

	CHECK_OK(transfer(s, &sets[0], false, sets[0].now));
	both->general.rip = 0;
	both->general.rflags = RFLAGS_VM | 0x3002;
	sregs->cs = seg;
	sregs->ss = seg;
	sregs->ds = seg;
	sregs->es = seg;
	sregs->fs = seg;
	sregs->gs = seg;
	CHECK_OK(transfer(s, &sets[0], true, sets[0].now));
}

/* Return: whether the MSR is one that can be put back. Its value is left in @entry. */
static bool is_variable(struct storm *s, struct kvm_msr_entry *entry)
{
	struct vmxdbg_msrs arg = { .count = 1, .entries = (unsigned long)entry };

	CHECK_OK(ioctl(s->m.session, VMXDBG_GET_MSRS, &arg));
	return entry->index != MSR_TSC && !ioctl(s->m.session, VMXDBG_SET_MSRS, &arg);
}

static void remember(struct storm *s)
{
	u32 indices[512], i;
	struct vmxdbg_msr_list list = { .count = 512, .indices = (unsigned long)indices };

	memcpy(s->tables, s->m.vm.mem + GUEST_PDPT, sizeof(s->tables));
	for (i = 0; i < NR_SETS; i++)
		CHECK_OK(transfer(s, &sets[i], false, sets[i].good));
	CHECK_OK(ioctl(s->m.session, VMXDBG_LIST_MSRS, &list));
	for (i = 0; i < list.count; i++) {
		struct kvm_msr_entry *entry = &s->msrs[s->nr_msrs];

		entry->index = indices[i];
		s->nr_msrs += is_variable(s, entry);
		REQUIRE(s->nr_msrs < VMXDBG_MSRS_MAX);
	}
}

static void begin(struct storm *s, unsigned int mode)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_TRIPLE_FAULT_EVENT, .args[0] = 1 };
	struct vmxdbg_attach arg = { .flags = VMXDBG_ATTACH_FD };
	struct sigaction action = { .sa_handler = on_signal };

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	random_state = random_from(number_from("SEED", 1) + mode);
	sigaction(SIGUSR1, &action, NULL);
	machine_make(&s->m, mode == MODE_V86 ? MODE_FLAT32 : mode, PROG(code));
	CHECK_OK(ioctl(s->m.vm.fd, KVM_ENABLE_CAP, &cap));
	arg.target = s->m.vm.fd;
	s->m.session = CHECK_OK(ioctl(s->m.vm.dev, VMXDBG_ATTACH, &arg));
	CHECK_OK(session_stop(s->m.session, VMXDBG_ALL_VCPUS));
	if (mode == MODE_V86)
		to_v86(s);
	pthread_create(&s->thread, NULL, run_for_ever, s->m.v);
	step(s, "nothing");
	remember(s);
}

static void finish(struct storm *s)
{
	unsigned int i;

	step(s, "everything");
	for (i = 0; i <= NR_SETS; i++) {
		u32 number = i < NR_SETS ? sets[i].number : 99;

		tap_note("set %u: %u taken, %u refused", number, s->taken[i], s->refused[i]);
		CHECK(s->taken[i]);
		/* Nearly all bits of FPU registers are good, and nearly all of XCRS have no use. */
		CHECK(s->refused[i] || number == VMXDBG_REGS_FPU ||
		      number == VMXDBG_REGS_XSAVE || number == VMXDBG_REGS_XCRS);
	}
	tap_note("%u events injected", s->injected);
	CHECK(s->injected);
	over = 1;
	pthread_kill(s->thread, SIGUSR1);
	pthread_join(s->thread, NULL);
	machine_destroy(&s->m);
}

static void storm(unsigned int mode)
{
	u64 i, steps = number_from("STEPS", STEPS_DEFAULT);
	static struct storm s;

	begin(&s, mode);
	for (i = 0; i < steps; i++) {
		unsigned int set = rnd() % (NR_SETS + 3), tries = 1 + rnd() % 3;
		bool taken = false;

		/* System registers more often, and several sets one after another. */
		while (tries--) {
			if (set > NR_SETS)
				set = set - NR_SETS - 1;
			taken |= set == NR_SETS ? storm_msr(&s) : storm_set(&s, set);
			set = rnd() % (NR_SETS + 3);
		}
		if (!taken)
			continue;
		step(&s, "a set that was taken");
		must_put_back(&s);
		if (one_in(8))
			step(&s, "all was put back");
		must_put_back(&s);
	}
	finish(&s);
}

static void in_real_mode(void) { storm(MODE_REAL); }
static void in_flat_mode(void) { storm(MODE_FLAT32); }
static void in_paged_mode(void) { storm(MODE_PAGED32); }
static void in_pae_mode(void) { storm(MODE_PAE); }
static void in_long_mode(void) { storm(MODE_LONG); }
static void in_virtual_8086_mode(void) { storm(MODE_V86); }

static const struct test tests[] = {
	TEST_SLOW(in_real_mode, 300),
	TEST_SLOW(in_flat_mode, 300),
	TEST_SLOW(in_paged_mode, 300),
	TEST_SLOW(in_pae_mode, 300),
	TEST_SLOW(in_long_mode, 300),
	TEST_SLOW(in_virtual_8086_mode, 300),
};

TAP_MAIN(tests)
