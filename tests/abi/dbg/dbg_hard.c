// SPDX-License-Identifier: GPL-2.0-only
/* The hard cases through a session: the debugger is another process. */
#include <string.h>
#include <unistd.h>

#include "hard.h"

#define OBJECTS		4
#define PATIENCE_MS	4000

static struct dbg d;
static struct setup setup;
static long ids[OBJECTS], soft;

bool target_is_session(void)
{
	return true;
}

bool target_hides(void)
{
	return session_hides(d.fd);
}

struct vm *target_vm(void)
{
	return &d.vmm.vm;
}

static void prepare(struct vm *vm)
{
	hard_prepare(vm, &setup);
}

void target_start(const struct setup *s)
{
	struct vmm_options o = { .halts = s->halts, .prepare = prepare };

	setup = *s;
	memset(ids, 0, sizeof(ids));
	soft = 0;
	dbg_start(&d, s->mode == MODE_VM86 ? MODE_PAGED32 : s->mode, s->prog, &o);
}

void target_end(void)
{
	close(d.fd);
	vmm_kill(&d.vmm);
}

static void describe(void)
{
	struct vmm_vcpu *v = &d.vmm.shared->vcpu[0];

	tap_note("no event: KVM_RUN ended with %d, exception %d", v->result,
		 (int)v->trap - 1);
}

static struct stop stop_of(const struct vmxdbg_event *e)
{
	struct stop stop = { .rip = e->rip };
	unsigned int i, j;

	if (e->why & VMXDBG_WHY_STEP)
		stop.what |= STOP_STEP;
	if (e->why & VMXDBG_WHY_BREAKPOINT)
		stop.what |= STOP_BREAK;
	if (e->why & VMXDBG_WHY_WATCH)
		stop.what |= STOP_WATCH;
	for (i = 0; i < e->nr_bps; i++)
		for (j = 0; j < OBJECTS; j++)
			if (ids[j] && e->bps[i] == ids[j])
				stop.hits |= 1U << j;
	return stop;
}

/* Wait for an event, or for the end of the vCPU's thread. */
static struct stop wait_stop(void)
{
	struct vmm_vcpu *v = &d.vmm.shared->vcpu[0];
	struct stop stop = { .what = STOP_LOST };
	struct vmxdbg_event e;
	unsigned int ms;

	for (ms = 0; ms < PATIENCE_MS; ms += 2) {
		if (event_within(d.fd, v->done ? 0 : 2, &e))
			return stop_of(&e);
		if (!v->done)
			continue;
		if (v->result != KVM_EXIT_HLT)
			break;
		CHECK_OK(session_stop(d.fd, 0));
		stop.what = STOP_END;
		stop.rip = session_get_regs(d.fd, 0).rip;
		return stop;
	}
	describe();
	return stop;
}

struct stop target_step(unsigned int flags)
{
	CHECK_OK(session_resume(d.fd, 0, VMXDBG_RESUME_STEP |
				(flags & STEP_IRQS ? VMXDBG_RESUME_IRQS : 0)));
	return wait_stop();
}

struct stop target_go(void)
{
	CHECK_OK(session_resume(d.fd, 0, 0));
	return wait_stop();
}

u32 target_outs(void)
{
	return d.vmm.shared->vcpu[0].outs;
}

bool target_interrupt(void)
{
	CHECK_OK(session_resume(d.fd, 0, 0));
	sleep_ms(20);
	return !session_stop(d.fd, 0) && !d.vmm.shared->vcpu[0].done;
}

static int add(u32 type, u64 addr, unsigned int len)
{
	unsigned int i;
	long id = session_add(d.fd, type, addr, len);

	if (id < 0)
		return id;
	for (i = 0; i < OBJECTS; i++) {
		if (!ids[i]) {
			ids[i] = id;
			return i;
		}
	}
	return -ENOSPC;
}

int target_break(u64 addr)
{
	return add(VMXDBG_BP_HARD, addr, 1);
}

int target_watch(u64 addr, unsigned int len, bool reads_too)
{
	return add(reads_too ? VMXDBG_BP_ACCESS : VMXDBG_BP_WRITE, addr, len);
}

void target_soft(u64 addr)
{
	soft = session_add(d.fd, VMXDBG_BP_SOFT, addr, 1);
	if (soft <= 0)
		tap_fail("breakpoint: %s", strerror(-soft));
}

void target_clear(void)
{
	unsigned int i;

	for (i = 0; i < OBJECTS; i++)
		if (ids[i])
			CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, ids[i]));
	if (soft)
		CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, soft));
	memset(ids, 0, sizeof(ids));
	soft = 0;
}

void target_get_regs(struct kvm_regs *regs)
{
	*regs = session_get_regs(d.fd, 0);
}

void target_set_regs(const struct kvm_regs *regs)
{
	session_set_regs(d.fd, 0, regs);
}

void target_get_debugregs(struct kvm_debugregs *regs)
{
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_DEBUG, sizeof(*regs), regs));
}

int main(int argc, char **argv)
{
	return hard_main(argc, argv);
}
