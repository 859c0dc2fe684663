// SPDX-License-Identifier: GPL-2.0-only
/*
 *	SEED=n STEPS=n dbg_irq_storm /dev/vmxdbg
 *
 * Debuggers in a storm of interrupts between four vCPUs: they stop, step, catch and count at
 * random, and are killed at any moment. No interrupt is lost or comes twice, and a breakpoint
 * in a handler, or a catch, has as many hits as the guest has interrupts.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "irq_storm.h"
#include "storm.h"
#include "vmm.h"

#define STEPS_DEFAULT	300	/* of the debuggers; 51-debug-storm takes more */
#define OBJECTS		8
#define PATIENCE_MS	20000

static struct dbg d;
static u64 random_state;

static u32 rnd(u32 below)
{
	return random_below(&random_state, below);
}

/* An object that counts interrupts of a kind */
struct counter {
	u32 id;			/* 0: none */
	unsigned int kind;
	bool catches;		/* the interrupt, or else a breakpoint in its handler */
	bool stops;
	u64 base;		/* came before it was added */
};

static struct counter counters[OBJECTS];
static bool stopped[IRQ_STORM_VCPUS];

/* shared by all debuggers */
static struct progress {
	volatile u64 steps, compared, events;
} *all;

/* ---- stops ---- */

static void note(const struct vmxdbg_event *e)
{
	if (e->vcpu >= IRQ_STORM_VCPUS ||
	    (e->why & ~(VMXDBG_WHY_STEP | VMXDBG_WHY_BREAKPOINT | VMXDBG_WHY_CATCH)))
		tap_fail("an event of vCPU %u, why %#x", e->vcpu, e->why);
	stopped[e->vcpu] = true;
	all->events++;
}

static void drain(void)
{
	struct vmxdbg_event e;

	while (event_within(d.fd, 0, &e))
		note(&e);
}

static void stop_all(void)
{
	unsigned int i;

	CHECK_OK(session_stop(d.fd, VMXDBG_ALL_VCPUS));
	for (i = 0; i < IRQ_STORM_VCPUS; i++)
		stopped[i] = true;
	drain();
}

/* One whose event is not read yet stays stopped: its hit would count twice. */
static void resume_one(unsigned int i)
{
	if (!stopped[i])
		return;
	stopped[i] = false;
	CHECK_OK(session_resume(d.fd, i, 0));
}

static void resume_all(void)
{
	unsigned int i;

	drain();
	for (i = 0; i < IRQ_STORM_VCPUS; i++)
		resume_one(i);
}

/* No interrupt comes into a step, so it ends, but that of HLT needs one. */
static void step_one(unsigned int i)
{
	struct vmxdbg_event e;

	drain();
	if (!stopped[i])
		return;
	stopped[i] = false;
	CHECK_OK(session_resume(d.fd, i, VMXDBG_RESUME_STEP));
	while (!stopped[i]) {
		if (!event_within(d.fd, PATIENCE_MS, &e))
			tap_fail("the step of vCPU %u at %#llx does not end", i,
				 session_get_regs(d.fd, i).rip);
		note(&e);
	}
}

/* ---- counts ---- */

static bool is_at_handler(unsigned int i)
{
	u64 rip = session_get_regs(d.fd, i).rip;
	unsigned int kind;

	for (kind = 0; kind < IRQ_STORM_KINDS; kind++)
		if (rip == irq_storm_handler(kind))
			return true;
	return false;
}

/* Stop all vCPUs so that none is between an interrupt and the guest's count of it. */
static void settle(void)
{
	unsigned int i, tries;

	stop_all();
	for (i = 0; i < IRQ_STORM_VCPUS; i++)
		for (tries = 0; is_at_handler(i); tries++) {
			if (tries == 6)
				tap_fail("vCPU %u does not get past the handler", i);
			step_one(i);
		}
}

/*
 * A breakpoint has a hit for each interrupt. A catch is asked before the interrupt comes, so
 * each vCPU may stand between the two, now or when the catch was added.
 */
static bool agrees(const struct counter *c, u64 hits, u64 came)
{
	u64 apart = hits > came ? hits - came : came - hits;

	return apart <= (c->catches ? IRQ_STORM_VCPUS : 0);
}

static void compare(void)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++) {
		struct counter *c = &counters[i];
		struct vmxdbg_object o = { .id = c->id };
		u64 came;

		if (!c->id)
			continue;
		CHECK_OK(ioctl(d.fd, VMXDBG_GET_OBJECT, &o));
		came = irq_storm_got_kind(&d.vmm.vm, c->kind) - c->base;
		if (!agrees(c, o.hits, came))
			tap_fail("%s of vector %#x that %s: %llu hits of %llu",
				 c->catches ? "a catch" : "a breakpoint",
				 irq_storm_vector(c->kind), c->stops ? "stops" : "counts",
				 (unsigned long long)o.hits, (unsigned long long)came);
		all->compared += came;
	}
}

static long add_breakpoint(unsigned int kind, const struct vmxdbg_options *options)
{
	return session_add_bp(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .flags = VMXDBG_BP_PHYSICAL,
		.addr = irq_storm_handler(kind), .len = 1, .options = (u64)options,
	});
}

static long add_catch(unsigned int kind, const struct vmxdbg_options *options)
{
	struct vmxdbg_catch arg = {
		.type = VMXDBG_CATCH_INTERRUPT, .first = irq_storm_vector(kind),
		.last = irq_storm_vector(kind), .options = (u64)options,
	};

	return ioctl(d.fd, VMXDBG_ADD_CATCH, &arg) < 0 ? -errno : (long)arg.id;
}

/* All vCPUs are settled. */
static void add_counter(void)
{
	struct vmxdbg_options options = {
		.action = rnd(8) ? VMXDBG_ACTION_COUNT : VMXDBG_ACTION_STOP,
	};
	struct counter *c = &counters[rnd(OBJECTS)];
	long id;

	if (c->id) {
		CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, c->id));
		c->id = 0;
		return;
	}
	c->kind = rnd(IRQ_STORM_KINDS);
	c->base = irq_storm_got_kind(&d.vmm.vm, c->kind);
	c->stops = options.action == VMXDBG_ACTION_STOP;
	c->catches = rnd(2);
	id = c->catches ? add_catch(c->kind, &options) : add_breakpoint(c->kind, &options);
	if (id <= 0)
		tap_fail("no counter of vector %#x: %s", irq_storm_vector(c->kind),
			 strerror(-id));
	c->id = id;
}

/* ---- debuggers ---- */

static void one_step(void)
{
	unsigned int i = rnd(IRQ_STORM_VCPUS);

	switch (rnd(16)) {
	case 0:
		CHECK_OK(session_stop(d.fd, i));
		stopped[i] = true;
		break;
	case 1 ... 4:
		drain();
		resume_one(i);
		break;
	case 5 ... 7:
		step_one(i);
		break;
	case 8:
		stop_all();
		break;
	case 9:
		tgkill_vmm(&d.vmm, i);
		break;
	case 10:
		settle();
		compare();
		add_counter();
		break;
	case 11 ... 13:
		resume_all();
		sleep_ms(rnd(4));
		break;
	default:
		drain();
	}
}

static void debugger(u64 wanted)
{
	unsigned int ms;

	d.fd = attach(d.dev, 0, d.vmm.id);
	/* the killed debugger may need a moment to end */
	for (ms = 0; d.fd < 0 && errno == EBUSY && ms < 2000; ms++) {
		sleep_ms(1);
		d.fd = attach(d.dev, 0, d.vmm.id);
	}
	if (d.fd < 0)
		tap_fail("VMXDBG_ATTACH: %s", strerror(errno));
	for (; all->steps < wanted; all->steps++) {
		one_step();
		irq_storm_check(&d.vmm.vm);
	}
	settle();
	compare();
}

/* Return: the exit status; 0 if the debugger was killed or all is done. */
static int one_debugger(u64 wanted)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		random_state ^= getpid() * 0x9e3779b97f4a7c15ULL;
		debugger(wanted);
		_exit(0);
	}
	sleep_ms((50 + rnd(800)) * tap_patience());
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : WEXITSTATUS(status);
}

/* Without a debugger the interrupts go on. */
static void check_progress(void)
{
	u64 before = irq_storm_got_all(&d.vmm.vm);
	unsigned int ms;

	for (ms = 0; irq_storm_got_all(&d.vmm.vm) == before; ms++) {
		if (ms == PATIENCE_MS)
			tap_fail("no interrupt comes any more");
		sleep_ms(1);
	}
	irq_storm_check(&d.vmm.vm);
}

static void none_is_lost_or_doubled(void)
{
	u64 seed = number_from("SEED", 1), wanted = number_from("STEPS", STEPS_DEFAULT);
	unsigned int debuggers = 0;
	int r;

	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		   0);
	random_state = random_from(seed);
	vmm_start(&d.vmm, MODE_LONG, irq_storm_prog(), &(struct vmm_options){
		.vcpus = IRQ_STORM_VCPUS, .split = true, .no_hold = true,
		.prepare = irq_storm_prepare,
	});
	d.dev = dev_open();
	do {
		r = one_debugger(wanted);
		debuggers++;
		if (r)
			tap_fail("debugger %u ended with %d, seed %llu", debuggers, r,
				 (unsigned long long)seed);
		check_progress();
	} while (all->steps < wanted);
	irq_storm_finish(&d.vmm.vm);
	tap_note("%llu interrupts, %llu steps of %u debuggers, %llu events, %llu hits compared",
		 (unsigned long long)irq_storm_got_all(&d.vmm.vm),
		 (unsigned long long)all->steps, debuggers, (unsigned long long)all->events,
		 (unsigned long long)all->compared);
	vmm_kill(&d.vmm);
}

static const struct test tests[] = {
	TEST_SLOW(none_is_lost_or_doubled, 3000),
};

TAP_MAIN(tests)
