// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM with 300 vCPUs: their numbers, sets of them, stops and events of all, and the end
 * of the session. The vCPUs count their rounds in the guest's data, by their RDI.
 */
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vmm.h"

#define MANY		300U
#define LAST		4095U	/* number of the last one; the others have 0 to 298 */
#define ROUNDS		3U
#define WORD_OF(id)	((id) / 64)
#define BIT_OF(id)	(1ULL << (id) % 64)
#define RESETS(vm)	DATA32(vm, 1000)	/* the VMM was asked for them */

GUEST64(rounds,
	"mov $3, %ecx\n"
	"rounds_again: lock; incl 0xc000(,%rdi,4)\n"
	"rounds_here: nop\n"
	"rounds_next: loop rounds_again\n"
	"hlt");
LABEL(rounds_again);
LABEL(rounds_here);
LABEL(rounds_next);

static struct vcpu vcpus[MANY];	/* of the VMM, from 1 on */

static u32 id_of(unsigned int i)
{
	return i < MANY - 1 ? i : LAST;
}

/* ---- the VMM ---- */

static void *many_main(void *arg)
{
	struct vcpu *v = arg;
	int got;

	do {
		got = vcpu_run(v);
		if (got == KVM_EXIT_SYSTEM_EVENT)
			__atomic_add_fetch(&RESETS(v->vm), 1, __ATOMIC_SEQ_CST);
	} while (got == -EINTR || got == KVM_EXIT_SYSTEM_EVENT);
	return NULL;
}

static void add_vcpu(struct vm *vm, unsigned int i)
{
	struct vcpu *v = &vcpus[i];
	struct kvm_regs regs;

	*v = *vm_add_vcpu_at(vm, 1, id_of(i));
	set_supported_cpuid(v);
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	get_regs(v, &regs);
	regs.rdi = i;
	set_regs(v, &regs);
}

static void add_many(struct vm *vm)
{
	struct rlimit files = { 4096, 4096 };
	pthread_attr_t attr;
	pthread_t thread;
	unsigned int i;

	REQUIRE(!setrlimit(RLIMIT_NOFILE, &files));
	CHECK_OK(ioctl(vm->fd, VMXDBG_HOLD, 1));
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	for (i = 1; i < MANY; i++)
		add_vcpu(vm, i);
	for (i = 1; i < MANY; i++)
		REQUIRE(!pthread_create(&thread, &attr, many_main, &vcpus[i]));
}

/* ---- the session ---- */

static void start(struct dbg *d)
{
	dbg_start(d, MODE_LONG, PROG(rounds), &(struct vmm_options){ .prepare = add_many });
}

static long list(int session, u32 *ids, u32 room)
{
	struct vmxdbg_vcpu_list arg = { .count = room, .vcpus = (unsigned long)ids };

	return ioctl(session, VMXDBG_LIST_VCPUS, &arg) ? -errno : (long)arg.count;
}

/* Add a breakpoint for the vCPUs of @words. Return: its id, or -errno. */
static long add_for(int session, u32 type, u64 addr, const u64 *words, u32 nr)
{
	struct vmxdbg_options options = { .vcpu_words = nr, .vcpu_set = (unsigned long)words };

	return session_add_bp(session, (struct vmxdbg_bp){ .type = type, .addr = addr, .len = 1,
							   .options = (unsigned long)&options });
}

static u32 rounds_of(struct dbg *d, unsigned int i)
{
	return __atomic_load_n(&DATA32(&d->vmm.vm, i), __ATOMIC_SEQ_CST);
}

/* Wait until each vCPU has done @wanted rounds at least. */
static void wait_rounds(struct dbg *d, u32 wanted, unsigned int but)
{
	unsigned int i;

	for (i = 0; i < MANY; i++)
		if (i != but && !wait_for(&DATA32(&d->vmm.vm, i), wanted))
			tap_fail("vCPU %u did %u rounds", id_of(i), rounds_of(d, i));
}

static bool is_stopped(struct dbg *d, unsigned int i)
{
	return session_vcpu(d->fd, id_of(i)).state == VMXDBG_VCPU_STOPPED;
}

static unsigned int nr_stopped(struct dbg *d)
{
	unsigned int i, nr = 0;

	for (i = 0; i < MANY; i++)
		nr += is_stopped(d, i);
	return nr;
}

/* Wait until each vCPU from number @i on has stopped by itself. */
static void wait_stopped(struct dbg *d, unsigned int i)
{
	unsigned int ms;

	for (; i < MANY; i++) {
		for (ms = 0; !is_stopped(d, i) && ms < 4000; ms++)
			sleep_ms(1);
		if (ms == 4000)
			tap_fail("vCPU %u does not stop", id_of(i));
	}
}

/* Detach. Each vCPU does all its rounds, and no more. */
static void finish(struct dbg *d)
{
	unsigned int i, wrong = 0;

	close(d->fd);
	wait_rounds(d, ROUNDS, MANY);
	vmm_wait_done(&d->vmm);
	for (i = 0; i < MANY; i++)
		wrong += rounds_of(d, i) != ROUNDS;
	CHECK_EQ(wrong, 0);
	vmm_kill(&d->vmm);
}

/* ---- tests ---- */

static void numbers_are_listed(void)
{
	u32 ids[MANY + 1], i, wrong = 0;
	struct vmxdbg_vm_info vm;
	struct vmxdbg_vm_list vms = { .count = 1, .vms = (unsigned long)&vm };
	struct vmxdbg_info info;
	struct dbg d;

	start(&d);
	CHECK_OK(ioctl(d.fd, VMXDBG_GET_INFO, &info));
	CHECK(info.features & VMXDBG_FEATURE_VCPU_SETS);
	CHECK_EQ(info.vcpus, MANY);
	CHECK_EQ(info.vcpu_mask, ~0ULL);
	CHECK_OK(ioctl(d.dev, VMXDBG_LIST_VMS, &vms));
	CHECK_EQ(vm.vcpus, MANY);
	memset(ids, 0xa5, sizeof(ids));
	CHECK_EQ(list(d.fd, NULL, 0), MANY);
	CHECK_EQ(list(d.fd, ids, 100), MANY);
	CHECK_EQ(ids[99], 99);
	CHECK_EQ(ids[100], 0xa5a5a5a5);
	CHECK_EQ(list(d.fd, ids, ~0U), MANY);
	for (i = 0; i < MANY; i++)
		wrong += ids[i] != id_of(i);
	CHECK_EQ(wrong, 0);
	CHECK_EQ(ids[MANY], 0xa5a5a5a5);
	CHECK_EQ(list(d.fd, bad_pointer(), 1), -EFAULT);
	CHECK_EQ(session_vcpu(d.fd, LAST).state, VMXDBG_VCPU_STOPPED);
	CHECK_ERR(session_stop(d.fd, MANY - 1), ENOENT);
	CHECK_ERR(session_stop(d.fd, LAST + 1), ENOENT);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	finish(&d);
}

static u32 check_set(struct dbg *d, u32 id)
{
	u64 words[VMXDBG_VCPU_WORDS + 1], other = 0;
	struct vmxdbg_object o = { .id = id, .vcpu_words = ARRAY_SIZE(words),
				   .vcpu_set = (unsigned long)words };
	unsigned int i;

	memset(words, 0xa5, sizeof(words));
	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	CHECK_EQ(o.vcpu_words, VMXDBG_VCPU_WORDS);
	for (i = 0; i < WORD_OF(LAST); i++)
		other |= words[i];
	CHECK_EQ(other, 0);
	CHECK_EQ(words[WORD_OF(LAST)], BIT_OF(LAST));
	CHECK_EQ(words[VMXDBG_VCPU_WORDS], 0xa5a5a5a5a5a5a5a5ULL);
	o.vcpu_words = 1;
	words[1] = 7;
	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	CHECK_EQ(o.vcpu_words, VMXDBG_VCPU_WORDS);	/* as many are needed */
	CHECK_EQ(words[1], 7);
	return o.hits;
}

/* The last vCPU stops at the breakpoint, is stepped, and hits again; no other one does. */
static void break_on_last(u32 type)
{
	u64 words[VMXDBG_VCPU_WORDS] = { [WORD_OF(LAST)] = BIT_OF(LAST) };
	struct vmxdbg_event e;
	struct dbg d;
	long id;

	start(&d);
	id = add_for(d.fd, type, AT(rounds, rounds_here), words, VMXDBG_VCPU_WORDS);
	REQUIRE(id > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, LAST);
	CHECK_EQ(e.why, VMXDBG_WHY_BREAKPOINT);
	CHECK_EQ(e.rip, AT(rounds, rounds_here));
	wait_rounds(&d, ROUNDS, MANY - 1);
	CHECK_EQ(rounds_of(&d, MANY - 1), 1);
	CHECK_OK(session_resume(d.fd, LAST, VMXDBG_RESUME_STEP));
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, LAST);
	CHECK_EQ(e.why, VMXDBG_WHY_STEP);
	CHECK_EQ(e.rip, AT(rounds, rounds_next));
	CHECK_EQ(session_get_regs(d.fd, LAST).rdi, MANY - 1);
	CHECK_OK(session_resume(d.fd, LAST, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, LAST);
	CHECK_EQ(e.why, VMXDBG_WHY_BREAKPOINT);
	CHECK_EQ(rounds_of(&d, MANY - 1), 2);
	CHECK_EQ(check_set(&d, id), 2);
	finish(&d);
}

static void breakpoint_on_the_last_only(void)
{
	break_on_last(VMXDBG_BP_SOFT);
}

static void debug_register_of_the_last_only(void)
{
	break_on_last(VMXDBG_BP_HARD);
}

static void catch_on_two_of_them(void)
{
	u64 words[VMXDBG_VCPU_WORDS] = { [WORD_OF(100)] = BIT_OF(100) };
	struct vmxdbg_options options = { .vcpu_words = ARRAY_SIZE(words),
					  .vcpu_set = (unsigned long)words };
	struct vmxdbg_catch c = { .type = VMXDBG_CATCH_HLT, .options = (unsigned long)&options };
	struct vmxdbg_object_info info;
	struct vmxdbg_object_list objects = { .count = 1, .objects = (unsigned long)&info };
	bool seen[2] = { false, false };
	struct vmxdbg_event e;
	unsigned int i;
	struct dbg d;

	start(&d);
	words[WORD_OF(298)] |= BIT_OF(298);
	CHECK_OK(ioctl(d.fd, VMXDBG_ADD_CATCH, &c));
	CHECK_OK(ioctl(d.fd, VMXDBG_LIST_OBJECTS, &objects));
	CHECK_EQ(info.vcpu_words, WORD_OF(298) + 1);	/* without zeros at the end */
	CHECK_EQ(info.vcpu_mask, 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	for (i = 0; i < 2; i++) {
		e = next_event(d.fd);
		CHECK_EQ(e.why, VMXDBG_WHY_CATCH);
		CHECK(e.vcpu == 100 || e.vcpu == 298);
		seen[e.vcpu == 298] = true;
	}
	CHECK(seen[0] && seen[1]);
	finish(&d);
}

/* Each vCPU stops once in each round, and each event is read once. */
static void events_of_all(void)
{
	u8 seen[LAST + 1];
	struct vmxdbg_event e;
	unsigned int i, round, wrong;
	struct dbg d;

	start(&d);
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(rounds, rounds_here), 1) > 0);
	for (round = 1; round < ROUNDS; round++) {
		CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
		memset(seen, 0, sizeof(seen));
		for (i = 0; i < MANY; i++) {
			e = next_event(d.fd);
			REQUIRE(e.vcpu <= LAST);
			CHECK_EQ(e.why, VMXDBG_WHY_BREAKPOINT);
			seen[e.vcpu]++;
		}
		for (i = wrong = 0; i < MANY; i++)
			wrong += seen[id_of(i)] != 1 || rounds_of(&d, i) != round;
		CHECK_EQ(wrong, 0);
		CHECK(!event_within(d.fd, 0, &e));
	}
	finish(&d);
}

/* Unread events are read in the order of the numbers, from the last one read on. */
static void events_in_turn(void)
{
	struct vmxdbg_event e;
	unsigned int i;
	struct dbg d;

	start(&d);
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(rounds, rounds_here), 1) > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	wait_stopped(&d, 0);
	for (i = 0; i < MANY; i++) {
		e = next_event(d.fd);
		if (!CHECK_EQ(e.vcpu, id_of(i)))
			break;
	}
	finish(&d);
}

static void all_are_stopped_and_reset(void)
{
	struct vmxdbg_reset reset = { 0 };
	struct vmxdbg_event e;
	unsigned int i;
	struct dbg d;

	start(&d);
	/* The thread of vCPU 0, which is that of vmm.c, knows no reset, and ends before. */
	CHECK_OK(session_resume(d.fd, 0, 0));
	vmm_wait_done(&d.vmm);
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_EQ(nr_stopped(&d), MANY);
	CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(rounds, rounds_here), 1) > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	wait_stopped(&d, 1);
	CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
	CHECK_EQ(nr_stopped(&d), MANY);
	for (i = 1; i < MANY; i++)
		next_event(d.fd);
	CHECK_OK(ioctl(d.fd, VMXDBG_RESET, &reset));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_RESET);
	CHECK_EQ(RESETS(&d.vmm.vm), 1);
	CHECK_EQ(nr_stopped(&d), MANY);
	CHECK(!event_within(d.fd, 0, &e));
	vmm_kill(&d.vmm);
}

static void sets_that_are_refused(void)
{
	static const u64 none[VMXDBG_VCPU_WORDS + 1];
	u64 words[VMXDBG_VCPU_WORDS + 1] = { 1 };
	struct vmxdbg_options options = { .vcpu_words = 1, .vcpu_set = (unsigned long)words };
	u64 addr = AT(rounds, rounds_here);
	struct dbg d;

	start(&d);
	CHECK_EQ(add_for(d.fd, VMXDBG_BP_SOFT, addr, words, VMXDBG_VCPU_WORDS + 1), -EINVAL);
	CHECK_EQ(add_for(d.fd, VMXDBG_BP_SOFT, addr, words, ~0U), -EINVAL);
	CHECK_EQ(add_for(d.fd, VMXDBG_BP_SOFT, addr, words, 0), -EINVAL);
	CHECK_EQ(add_for(d.fd, VMXDBG_BP_SOFT, addr, none, 1), -EINVAL);
	CHECK_EQ(add_for(d.fd, VMXDBG_BP_SOFT, addr, none, VMXDBG_VCPU_WORDS), -EINVAL);
	CHECK_EQ(add_for(d.fd, VMXDBG_BP_SOFT, addr, bad_pointer(), 1), -EFAULT);
	CHECK_EQ(add_for(d.fd, VMXDBG_BP_SOFT, addr, NULL, 1), -EFAULT);
	CHECK_EQ(session_add_bp(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = addr, .len = 1, .vcpu_mask = 1,
		.options = (unsigned long)&options }), -EINVAL);
	words[WORD_OF(MANY - 1)] = BIT_OF(MANY - 1);	/* no such vCPU */
	CHECK_EQ(add_for(d.fd, VMXDBG_BP_SOFT, addr, words, VMXDBG_VCPU_WORDS), -ENOENT);
	CHECK(add_for(d.fd, VMXDBG_BP_SOFT, addr, words, 1) > 0);	/* not in these words */
	words[WORD_OF(MANY - 1)] = 0;
	words[WORD_OF(LAST)] = BIT_OF(LAST - 1);
	CHECK_EQ(add_for(d.fd, VMXDBG_BP_SOFT, addr, words, VMXDBG_VCPU_WORDS), -ENOENT);
	words[WORD_OF(LAST)] = BIT_OF(LAST);
	CHECK(add_for(d.fd, VMXDBG_BP_SOFT, addr, words, VMXDBG_VCPU_WORDS) > 0);
	vmm_kill(&d.vmm);
}

/* All bits of the old mask mean every vCPU, also those that it cannot name. */
static void masks_mean_the_first_64(void)
{
	struct vmxdbg_bp bp = { .type = VMXDBG_BP_SOFT, .len = 1, .vcpu_mask = 1ULL << 63,
				.addr = AT(rounds, rounds_here) };
	struct vmxdbg_event e;
	struct dbg d;
	u32 id;

	start(&d);
	id = session_must_add(d.fd, bp);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, 63);
	wait_rounds(&d, ROUNDS, 63);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
	finish(&d);

	start(&d);
	bp.vcpu_mask = ~0ULL;
	session_must_add(d.fd, bp);
	CHECK_OK(session_resume(d.fd, LAST, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, LAST);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	finish(&d);
}

static const struct test tests[] = {
	TEST(numbers_are_listed),
	TEST(breakpoint_on_the_last_only),
	TEST(debug_register_of_the_last_only),
	TEST(catch_on_two_of_them),
	TEST(events_of_all),
	TEST(events_in_turn),
	TEST(all_are_stopped_and_reset),
	TEST(sets_that_are_refused),
	TEST(masks_mean_the_first_64),
};

TAP_MAIN(tests)
