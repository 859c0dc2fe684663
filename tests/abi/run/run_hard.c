// SPDX-License-Identifier: GPL-2.0-only
/* The hard cases in-band: KVM_SET_GUEST_DEBUG, and a VMM that answers its guest. */
#include <signal.h>
#include <string.h>

#include "hard.h"

#define DB	1
#define BP	3
#define DR6_BS	(1U << 14)
#define INT3	0xcc
#define SLOTS	4

static struct vm vm;
static struct setup setup;
static unsigned int halts;
static u32 outs;
static int irq = -1;			/* pending until the guest can take it */
static struct kvm_guest_debug debug;	/* without the single-step bits */
static bool is_data[SLOTS];
static u64 soft_at;
static u8 soft_byte;

bool target_is_session(void)
{
	return false;
}

bool target_hides(void)
{
	return false;
}

struct vm *target_vm(void)
{
	return &vm;
}

void target_start(const struct setup *s)
{
	setup = *s;
	halts = 0;
	irq = -1;
	outs = 0;
	soft_at = 0;
	memset(&debug, 0, sizeof(debug));
	guest_make(&vm, s->mode == MODE_VM86 ? MODE_PAGED32 : s->mode, s->prog);
	hard_prepare(&vm, s);
}

void target_end(void)
{
	vm_destroy(&vm);
}

static void answer_out(struct vcpu *v)
{
	u8 value = *(u8 *)vcpu_io_data(v);

	outs++;
	switch (v->run->io.port) {
	case VMM_INTERRUPT_PORT:
		irq = value;
		break;
	case VMM_NMI_PORT:
		CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
		break;
	case VMM_INIT_PORT:
		/* the OUT completes only in the next KVM_RUN */
		v->run->immediate_exit = 1;
		CHECK_EQ(vcpu_run(v), -EINTR);
		v->run->immediate_exit = 0;
		vcpu_reset(v, MODE_REAL, VMM_INIT_RIP);
		break;
	}
}

/* Handle an exit as a VMM. Return: false if it is the end. */
static bool answer(struct vcpu *v, int got)
{
	switch (got) {
	case KVM_EXIT_IO:
		if (vcpu_trap(v) >= 0)
			tap_fail("the guest took exception %d", vcpu_trap(v));
		if (v->run->io.direction == KVM_EXIT_IO_OUT)
			answer_out(v);
		else
			memset(vcpu_io_data(v), 0x5a, v->run->io.size * v->run->io.count);
		return true;
	case KVM_EXIT_MMIO:
		if (!v->run->mmio.is_write)
			memset(v->run->mmio.data, 0x3c, 8);
		return true;
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		return true;
	}
	return false;
}

static void offer_irq(struct vcpu *v)
{
	struct kvm_interrupt arg = { .irq = irq };

	if (irq >= 0 && v->run->ready_for_interrupt_injection) {
		CHECK_OK(ioctl(v->fd, KVM_INTERRUPT, &arg));
		irq = -1;
	}
	v->run->request_interrupt_window = irq >= 0;
}

/* Run until an exit that the user of the debugger would see. */
static int run(struct vcpu *v)
{
	unsigned int n;
	int got;

	for (n = 0; n < 10000; n++) {
		offer_irq(v);
		got = vcpu_run(v);
		if (!answer(v, got))
			return got;
	}
	return -ELOOP;
}

static void set_debug(u32 more)
{
	struct kvm_guest_debug dbg = debug;

	dbg.control |= more;
	if (dbg.control)
		dbg.control |= KVM_GUESTDBG_ENABLE;
	CHECK_OK(ioctl(vm.vcpu[0].fd, KVM_SET_GUEST_DEBUG, &dbg));
}

static struct stop debug_stop(const struct kvm_debug_exit_arch *arch)
{
	struct stop stop = { .rip = arch->pc };
	unsigned int i;

	if (arch->exception == BP) {
		stop.what = STOP_BREAK;
		return stop;
	}
	if (arch->dr6 & DR6_BS)
		stop.what |= STOP_STEP;
	for (i = 0; i < SLOTS; i++) {
		if (!(arch->dr6 & 1U << i))
			continue;
		stop.what |= is_data[i] ? STOP_WATCH : STOP_BREAK;
		stop.hits |= 1U << i;
	}
	if (!stop.what)
		stop.what = STOP_DEBUG;
	return stop;
}

static struct stop stop_of(struct vcpu *v, int got)
{
	struct stop stop = { .what = STOP_LOST };

	if (got == KVM_EXIT_DEBUG)
		return debug_stop(&v->run->debug.arch);
	stop.rip = get_rip(v);
	if (got == KVM_EXIT_HLT)
		stop.what = STOP_END;
	else
		tap_note("KVM_RUN ended with %d at %#llx", got,
			 (unsigned long long)stop.rip);
	return stop;
}

struct stop target_step(unsigned int flags)
{
	u32 more = KVM_GUESTDBG_SINGLESTEP;
	struct stop stop;

	/* take the VMM's int3 out for the step */
	if (soft_at)
		vm.mem[soft_at] = soft_byte;
	set_debug(more | (flags & STEP_IRQS ? 0 : KVM_GUESTDBG_BLOCKIRQ));
	stop = stop_of(&vm.vcpu[0], run(&vm.vcpu[0]));
	/* HLT ends the step over it */
	if (stop.what == STOP_END && halts++ < setup.halts)
		stop.what = STOP_STEP;
	if (soft_at)
		vm.mem[soft_at] = INT3;
	return stop;
}

/* A debugger leaves a breakpoint by a step: is there one at rip? */
static bool at_breakpoint(void)
{
	u64 rip = get_rip(&vm.vcpu[0]);
	unsigned int i;

	if (soft_at && rip == soft_at)
		return true;
	for (i = 0; i < SLOTS; i++)
		if (debug.arch.debugreg[7] & 3ULL << 2 * i && !is_data[i] &&
		    debug.arch.debugreg[i] == rip)
			return true;
	return false;
}

static struct stop step_off(void)
{
	struct kvm_guest_debug all = debug;
	unsigned int i;
	struct stop stop;

	for (i = 0; i < SLOTS; i++)
		if (!is_data[i])
			debug.arch.debugreg[7] &= ~(3ULL << 2 * i);
	stop = target_step(0);
	debug = all;
	return stop;
}

struct stop target_go(void)
{
	struct stop stop;
	int got;

	if (at_breakpoint()) {
		stop = step_off();
		if (stop.what != STOP_STEP)
			return stop;
	}
	set_debug(0);
	do {
		got = run(&vm.vcpu[0]);
	} while (got == KVM_EXIT_HLT && halts++ < setup.halts);
	return stop_of(&vm.vcpu[0], got);
}

u32 target_outs(void)
{
	return outs;
}

static void on_alarm(int sig)
{
	(void)sig;
}

bool target_interrupt(void)
{
	struct sigaction sa = { .sa_handler = on_alarm };

	set_debug(0);
	sigaction(SIGUSR1, &sa, NULL);
	alarm_thread(SIGUSR1, 20000);
	return run(&vm.vcpu[0]) == -EINTR;
}

static int add(u64 addr, unsigned int field, bool data)
{
	__u64 *dr = debug.arch.debugreg;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		if (dr[7] & 3ULL << 2 * i)
			continue;
		dr[i] = addr;
		dr[7] |= 0x400 | 2ULL << 2 * i | (u64)field << (16 + 4 * i);
		is_data[i] = data;
		debug.control |= KVM_GUESTDBG_USE_HW_BP;
		return i;
	}
	return -ENOSPC;
}

int target_break(u64 addr)
{
	return add(addr, 0, false);
}

int target_watch(u64 addr, unsigned int len, bool reads_too)
{
	static const u8 code[] = { [1] = 0, [2] = 1, [4] = 3, [8] = 2 };

	return add(addr, code[len] << 2 | (reads_too ? 3 : 1), true);
}

void target_soft(u64 addr)
{
	soft_at = addr;
	soft_byte = vm.mem[addr];
	vm.mem[addr] = INT3;
	debug.control |= KVM_GUESTDBG_USE_SW_BP;
}

void target_clear(void)
{
	if (soft_at)
		vm.mem[soft_at] = soft_byte;
	soft_at = 0;
	memset(&debug, 0, sizeof(debug));
	set_debug(0);
}

void target_get_regs(struct kvm_regs *regs)
{
	get_regs(&vm.vcpu[0], regs);
}

void target_set_regs(const struct kvm_regs *regs)
{
	set_regs(&vm.vcpu[0], regs);
}

void target_get_debugregs(struct kvm_debugregs *regs)
{
	CHECK_OK(ioctl(vm.vcpu[0].fd, KVM_GET_DEBUGREGS, regs));
}

int main(int argc, char **argv)
{
	return hard_main(argc, argv);
}
