// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debuggers attach one after another to a guest of four vCPUs that checks itself:
 *	SEED=n STEPS=n storm_debug /dev/vmxdbg
 * Each debugger inserts, removes, stops, resumes and steps at random until it has
 * done its share or is killed; then the next one attaches. No hit may be lost or
 * doubled (the guest counts the executions), no byte of its memory may look changed
 * to the guest, the time of its vCPUs must stay the same, and the guest must not stop.
 */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storm.h"
#include "vmm.h"

#define VCPUS		4
#define FUNCS		16
#define LINES		((0xc000 - GUEST_CODE) / 64)
#define COUNTS		0xc100		/* u32 for each function */
#define ROUNDS		0xc040		/* u64 for each vCPU */
#define BROKEN		0xc000		/* the error that the guest found, or 0 */
#define SUMS		GUEST_HIGH	/* u64 for each line of the code, 0 if not known */
#define OBJECTS		24
#define PATIENCE_MS	20000

/*
 * A function is "count me, add my number to rax": the breakpoints are at its
 * first byte. The last one's number is rewritten by vCPU 0 in each round.
 */
#define COUNTING	8	/* length of the INC */
#define FUNC(n)		"f" #n ": lock; incl 0xc100 + 4 * " #n "; add $" #n " + 1, %eax; ret\n"
GUEST64(storm,
	"again: incq 0xc040(,%rdi,8)\n"
	/* no vCPU's time may be before that of another */
	"mov 0xc080, %rbx; lfence; rdtsc; shl $32, %rdx; or %rdx, %rax\n"
	"cmp %rbx, %rax; mov $4, %edx; jb broken; mov %rax, 0xc080; xor %eax, %eax\n"
	"call f0; call f1; call f2; call f3; call f4; call f5; call f6; call f7\n"
	"call f8; call f9; call f10; call f11; call f12; call f13; call f14\n"
	"cmp $120, %eax; mov $1, %edx; jne broken\n"
	/* the next line of the code */
	"add $64, %esi; cmp $0x4000, %esi; jb 1f; xor %esi, %esi\n"
	"1: lea 0x8000(%rsi), %rbx; xor %eax, %eax; mov $8, %ecx\n"
	"2: add (%rbx), %rax; add $8, %rbx; loop 2b\n"
	"mov %esi, %edx; shr $3, %edx; mov 0x100000(%rdx), %rbx\n"
	"test %rbx, %rbx; jz 3f; cmp %rax, %rbx; mov $2, %edx; jne broken\n"
	"3: test %edi, %edi; jz 4f; call f15; jmp again\n"
	/* code that changes: the bytes written last must execute */
	"4: mov 0xc040, %ebx; and $0x7fffffff, %ebx; movl %ebx, storm_number(%rip)\n"
	"xor %eax, %eax; call f15; cmp %eax, %ebx; mov $3, %edx; jne broken; jmp again\n"
	"broken: mov %edx, 0xc000; hlt\n"
	FUNC(0) FUNC(1) FUNC(2) FUNC(3)
	".org storm_begin + 0x1010\n" FUNC(4) FUNC(5) FUNC(6) FUNC(7)
	".org storm_begin + 0x1ffc\n" FUNC(8) FUNC(9) FUNC(10) FUNC(11)
	".org storm_begin + 0x3000\n" FUNC(12) FUNC(13) FUNC(14)
	/* the number is aligned, as it is written while others execute it */
	".org storm_begin + 0x3f03\n"
	"f15: lock; incl 0xc100 + 4 * 15; .byte 0x05\n"
	"storm_number: .long 1; ret\n");
LABEL(f0); LABEL(f1); LABEL(f2); LABEL(f3); LABEL(f4); LABEL(f5); LABEL(f6); LABEL(f7);
LABEL(f8); LABEL(f9); LABEL(f10); LABEL(f11); LABEL(f12); LABEL(f13); LABEL(f14); LABEL(f15);
LABEL(storm_number);

static const u8 *const funcs[FUNCS] = {
	f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15 };

static u64 random_state;

static u32 rnd(u32 below)
{
	return random_below(&random_state, below);
}

static u64 func_at(unsigned int n)
{
	return AT(storm, funcs[n]);
}

/*
 * Is rip behind the instruction that counts? The #DB of a data breakpoint may be
 * pending there.
 */
static bool has_counted(u64 rip)
{
	unsigned int i;

	for (i = 0; i < FUNCS; i++)
		if (func_at(i) + COUNTING == rip)
			return true;
	return false;
}

static bool is_func(u64 rip)
{
	unsigned int i;

	for (i = 0; i < FUNCS; i++)
		if (func_at(i) == rip)
			return true;
	return false;
}

static bool in_between(u64 rip)
{
	return is_func(rip) || has_counted(rip);
}

/* ---- the guest ---- */

static u64 line_sum(const u8 *line)
{
	u64 sum = 0, word;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		memcpy(&word, line + 8 * i, 8);
		sum += word;
	}
	return sum;
}

static void prepare(struct vm *vm)
{
	u64 *sums = (u64 *)(vm->mem + SUMS);
	unsigned int i;

	for (i = 0; i < LINES; i++)
		sums[i] = line_sum(vm->mem + GUEST_CODE + 64 * i);
	sums[(AT(storm, storm_number) - GUEST_CODE) / 64] = 0;
}

static u32 count_of(struct dbg *d, unsigned int n)
{
	return *GUEST_PTR(&d->vmm.vm, COUNTS + 4 * n, u32);
}

static void check_guest(struct dbg *d)
{
	static const char *const what[] = {
		"?", "its functions add up wrongly", "its code looks otherwise",
		"what it wrote is not what executes" };
	u32 broken = *GUEST_PTR(&d->vmm.vm, BROKEN, u32);
	unsigned int i;

	if (broken)
		tap_fail("the guest: %s", what[broken < 4 ? broken : 0]);
	for (i = 0; i < VCPUS; i++)
		if (d->vmm.shared->vcpu[i].done)
			tap_fail("vCPU %u ended with %d, exception %d", i,
				 d->vmm.shared->vcpu[i].result,
				 (int)d->vmm.shared->vcpu[i].trap - 1);
}

/* ---- a debugger ---- */

struct placed {
	u32 id;			/* 0: free */
	unsigned int func;
	u32 type;		/* VMXDBG_BP_*, flags in the upper half */
	bool counted;		/* added when no vCPU was in a hit, so its hits can be compared */
	u32 base;		/* the guest's count at that time */
};

struct storm {
	struct dbg *d;
	struct placed objects[OBJECTS];
	bool stopped[VCPUS];	/* vCPUs that this debugger stopped */
	u64 compared, events;
};

/* Print the state of a storm that failed. */
static void describe(struct storm *s)
{
	unsigned int i;

	for (i = 0; i < VCPUS; i++) {
		struct vmxdbg_vcpu v = session_vcpu(s->d->fd, i);

		tap_note("vCPU %u: %s, flags %#x, round %llu", i,
			 v.state == VMXDBG_VCPU_STOPPED ? "stopped" : "runs", v.flags,
			 (unsigned long long)*GUEST_PTR(&s->d->vmm.vm, ROUNDS + 8 * i, u64));
	}
}

static void note_event(struct storm *s, const struct vmxdbg_event *e)
{
	u32 why = e->why & ~(VMXDBG_WHY_STEP | VMXDBG_WHY_WATCH);

	if (e->vcpu >= VCPUS || (why && why != VMXDBG_WHY_BREAKPOINT))
		tap_fail("an event of vCPU %u, why %#x", e->vcpu, e->why);
	if (why && !is_func(e->rip))
		tap_fail("vCPU %u: a breakpoint at %#llx", e->vcpu,
			 (unsigned long long)e->rip);
	s->stopped[e->vcpu] = true;
	s->events++;
}

static void drain(struct storm *s)
{
	struct vmxdbg_event e;

	while (event_within(s->d->fd, 0, &e))
		note_event(s, &e);
}

static void stop_all(struct storm *s)
{
	unsigned int i;

	CHECK_OK(session_stop(s->d->fd, VMXDBG_ALL_VCPUS));
	for (i = 0; i < VCPUS; i++)
		s->stopped[i] = true;
	drain(s);
}

static void resume_one(struct storm *s, unsigned int i)
{
	drain(s);
	if (s->stopped[i]) {
		s->stopped[i] = false;
		CHECK_OK(session_resume(s->d->fd, i, 0));
	}
}

static void resume_all(struct storm *s)
{
	memset(s->stopped, 0, sizeof(s->stopped));
	CHECK_OK(session_resume(s->d->fd, VMXDBG_ALL_VCPUS, 0));
}

/* Step one vCPU. The step must end, if only at a breakpoint. */
static void step_one(struct storm *s, unsigned int i)
{
	struct vmxdbg_event e;

	drain(s);
	if (!s->stopped[i])
		return;
	s->stopped[i] = false;
	CHECK_OK(session_resume(s->d->fd, i, VMXDBG_RESUME_STEP));
	while (!s->stopped[i]) {
		if (!event_within(s->d->fd, PATIENCE_MS, &e)) {
			describe(s);
			tap_fail("the step of vCPU %u does not end", i);
		}
		note_event(s, &e);
	}
}

/* Stop all vCPUs so that none is between a hit and its count, or the reverse. */
static void settle(struct storm *s)
{
	unsigned int i, tries;

	stop_all(s);
	for (i = 0; i < VCPUS; i++) {
		for (tries = 0; in_between(session_get_regs(s->d->fd, i).rip); tries++) {
			if (tries == 6)
				tap_fail("vCPU %u does not get past a breakpoint", i);
			step_one(s, i);
		}
	}
}

static u64 hits_of(struct storm *s, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(s->d->fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

static void describe_objects(struct storm *s)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++) {
		struct placed *p = &s->objects[i];

		if (p->id)
			tap_note("object %u, type %#x, at function %u: %u hits of %u%s",
				 p->id, p->type, p->func, (u32)hits_of(s, p->id),
				 count_of(s->d, p->func) - p->base,
				 p->counted ? "" : ", not compared");
	}
}

/* When settled, each object has as many hits as the guest has executions. */
static void compare(struct storm *s)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++) {
		struct placed *p = &s->objects[i];
		u64 hits;
		u32 went;

		if (!p->id || !p->counted)
			continue;
		hits = hits_of(s, p->id);
		went = count_of(s->d, p->func) - p->base;
		if ((u32)hits != went) {
			describe(s);
			describe_objects(s);
			tap_fail("object %u, type %#x, at function %u: %llu hits of %u",
				 p->id, p->type, p->func, (unsigned long long)hits, went);
		}
		s->compared += went;
	}
}

/*
 * The instruction that increments a function's count hits a watchpoint as often as a
 * breakpoint.
 */
static void maybe_watch(struct vmxdbg_bp *bp, unsigned int func)
{
	if (rnd(4))
		return;
	bp->type = VMXDBG_BP_WRITE;
	bp->addr = COUNTS + 4 * func;
	bp->len = 4;
}

static void insert(struct storm *s, bool settled)
{
	struct vmxdbg_options options = { .action = rnd(4) ? VMXDBG_ACTION_COUNT :
							     VMXDBG_ACTION_STOP };
	struct placed *p = &s->objects[rnd(OBJECTS)];
	struct vmxdbg_bp bp = { .len = 1, .options = (u64)&options };
	long id;

	if (p->id)
		return;
	p->func = rnd(FUNCS);
	p->counted = settled;
	p->base = count_of(s->d, p->func);
	bp.type = rnd(8) ? VMXDBG_BP_SOFT : VMXDBG_BP_HARD;
	bp.addr = func_at(p->func);
	maybe_watch(&bp, p->func);
	/* a linear address needs the page tables of a stopped vCPU */
	if (bp.type != VMXDBG_BP_HARD && (!settled || rnd(2)))
		bp.flags = VMXDBG_BP_PHYSICAL;
	id = session_add_bp(s->d->fd, bp);
	p->type = bp.type | bp.flags << 16;
	if (id == -ENOSPC && bp.type == VMXDBG_BP_HARD)
		return;
	if (id <= 0)
		tap_fail("VMXDBG_ADD_BP: %s", strerror(-id));
	p->id = id;
}

static void remove_one(struct storm *s)
{
	struct placed *p = &s->objects[rnd(OBJECTS)];

	if (!p->id)
		return;
	CHECK_OK(ioctl(s->d->fd, VMXDBG_DEL_BP, p->id));
	p->id = 0;
}

static void look(struct storm *s)
{
	u8 bytes[64];
	u64 at = GUEST_CODE + rnd(LINES) * 64;
	u64 sum = *GUEST_PTR(&s->d->vmm.vm, SUMS + (at - GUEST_CODE) / 8, u64);

	CHECK_EQ(session_read(s->d->fd, 0, VMXDBG_MEM_PHYSICAL, at, bytes, 64), 64);
	if (sum && line_sum(bytes) != sum)
		tap_fail("the session reads other bytes at %#llx", (unsigned long long)at);
}

static void set_time(struct storm *s)
{
	struct vmxdbg_time time = { .mode = rnd(2) ? VMXDBG_TIME_RUN : VMXDBG_TIME_STOP };

	CHECK_OK(ioctl(s->d->fd, VMXDBG_SET_TIME, &time));
}

static void one_step(struct storm *s)
{
	unsigned int i = rnd(VCPUS);

	switch (rnd(32)) {
	case 0 ... 3:
		insert(s, false);
		break;
	case 4 ... 6:
		remove_one(s);
		break;
	case 7 ... 9:
		CHECK_OK(session_stop(s->d->fd, i));
		s->stopped[i] = true;
		break;
	case 10 ... 19:
		resume_one(s, i);
		break;
	case 20 ... 22:
		step_one(s, i);
		break;
	case 23:
		stop_all(s);
		break;
	case 24 ... 25:
		drain(s);
		resume_all(s);
		break;
	case 26:
		look(s);
		break;
	case 27:
		tgkill_vmm(&s->d->vmm, i);
		break;
	case 28:
		if (rnd(3))
			break;
		settle(s);
		compare(s);
		insert(s, true);
		insert(s, true);
		break;
	case 29:
		set_time(s);
		break;
	default:
		drain(s);
	}
}

/* Progress of the debuggers, in shared memory. */
struct progress {
	volatile u64 steps, compared, events;
	volatile u32 failed;
};

/*
 * With VMXDBG_FEATURE_PATCH the guest can see breakpoints in its code: ignore the
 * sums.
 */
static void forget_sums(struct dbg *d)
{
	unsigned int i;

	for (i = 0; i < FUNCS; i++)
		GUEST_PTR(&d->vmm.vm, SUMS, u64)[(func_at(i) - GUEST_CODE) / 64] = 0;
}

static void compare_now(struct storm *s, struct progress *all)
{
	settle(s);
	compare(s);
	all->compared += s->compared;
	s->compared = 0;
}

/* Debug until this process is killed, or all steps are done. */
static void debugger(struct dbg *d, struct progress *all, u64 wanted)
{
	struct storm s = { .d = d };
	u64 n;

	d->fd = attach(d->dev, 0, d->vmm.id);
	/* the killed debugger may need a moment to end */
	for (n = 0; d->fd < 0 && errno == EBUSY && n < 2000; n++) {
		sleep_ms(1);
		d->fd = attach(d->dev, 0, d->vmm.id);
	}
	if (d->fd < 0)
		tap_fail("VMXDBG_ATTACH: %s", strerror(errno));
	stop_all(&s);
	if (!session_hides(d->fd))
		forget_sums(d);
	resume_all(&s);
	for (n = 0; all->steps < wanted; n++) {
		one_step(&s);
		all->steps++;
		all->events += s.events;
		s.events = 0;
		if (n % 256 == 0)
			check_guest(d);
		if (n % 1024 == 1023)
			compare_now(&s, all);
	}
	compare_now(&s, all);
}

/* Return: the exit status; 0 if the debugger was killed or all is done. */
static int one_debugger(struct dbg *d, struct progress *all, u64 wanted)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		random_state ^= getpid() * 0x9e3779b97f4a7c15ULL;
		debugger(d, all, wanted);
		_exit(0);
	}
	sleep_ms((50 + rnd(800)) * tap_patience());
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : WEXITSTATUS(status);
}

/* Print what another debugger sees of a vCPU that does not move. */
static void describe_still(struct dbg *d, unsigned int i)
{
	struct kvm_regs regs;

	d->fd = attach(d->dev, 0, d->vmm.id);
	if (d->fd < 0)
		tap_fail("vCPU %u does not go on, and VMXDBG_ATTACH: %s", i, strerror(errno));
	describe(&(struct storm){ .d = d });
	CHECK_OK(session_stop(d->fd, i));
	regs = session_get_regs(d->fd, i);
	tap_note("vCPU %u at %#llx, flags %#llx, rcx %#llx, after %u EINTR", i, regs.rip,
		 regs.rflags, regs.rcx, d->vmm.shared->vcpu[i].eintr);
	CHECK_OK(session_resume(d->fd, i, 0));
}

/* Without a debugger each vCPU must make progress. */
static void check_progress(struct dbg *d)
{
	u64 before[VCPUS];
	unsigned int i, ms = 0;

	for (i = 0; i < VCPUS; i++)
		before[i] = *GUEST_PTR(&d->vmm.vm, ROUNDS + 8 * i, u64);
	for (i = 0; i < VCPUS; i++)
		while (*GUEST_PTR(&d->vmm.vm, ROUNDS + 8 * i, u64) == before[i]) {
			if (ms++ == PATIENCE_MS) {
				describe_still(d, i);
				tap_fail("vCPU %u does not go on", i);
			}
			sleep_ms(1);
		}
	check_guest(d);
}

static void storm(void)
{
	struct progress *all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	u64 seed = number_from("SEED", 1), wanted = number_from("STEPS", 20000);
	unsigned int debuggers = 0;
	struct dbg d;
	int r;

	CHECK_EQ((AT(storm, storm_number)) % 4, 0);
	random_state = random_from(seed);
	vmm_start(&d.vmm, MODE_LONG, PROG(storm),
		  &(struct vmm_options){ .vcpus = VCPUS, .no_hold = true, .prepare = prepare });
	d.dev = dev_open();
	do {
		r = one_debugger(&d, all, wanted);
		debuggers++;
		if (r)
			tap_fail("debugger %u ended with %d, seed %llu", debuggers, r,
				 (unsigned long long)seed);
		check_progress(&d);
	} while (all->steps < wanted);
	tap_note("%llu steps of %u debuggers, %llu events, %llu hits compared",
		 (unsigned long long)all->steps, debuggers, (unsigned long long)all->events,
		 (unsigned long long)all->compared);
	CHECK(all->compared > 0);
	vmm_kill(&d.vmm);
}

static const struct test tests[] = {
	TEST_SLOW(storm, 3000),
};

TAP_MAIN(tests)
