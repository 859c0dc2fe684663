// SPDX-License-Identifier: GPL-2.0-only
/*
 * Costs of operations in TSC ticks. In the lab's Bochs with one CPU a tick is
 * an emulated instruction. Prints a line "name ticks" with the median for each
 * operation, or for those that are named. Works on /dev/kvm and /dev/vmxdbg.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"
#include "tap.h"

#define ROUNDS	501

/* Functions that the small VMM of the ABI tests needs. */
static const char *device;
static char **rows;	/* the operations that are named, or NULL: all */

const char *tap_device(void)
{
	return device;
}

bool on_kvm(void)
{
	return !strcmp(device, "/dev/kvm");
}

unsigned int tap_patience(void)
{
	return 1;
}

void tap_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	exit(1);
}

void tap_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	exit(1);
}

void tap_note(const char *fmt, ...)
{
	(void)fmt;
}

bool tap_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok)
		tap_fail("%s:%d: %s", file, line, what);
	return ok;
}

bool tap_check_eq(u64 got, u64 want, const char *what, const char *file, int line)
{
	return tap_check(got == want, what, file, line);
}

bool tap_check_err(long ret, int err, const char *what, const char *file, int line)
{
	return tap_check(ret < 0 && errno == err, what, file, line);
}

long tap_check_ok(long ret, const char *what, const char *file, int line)
{
	tap_check(ret >= 0, what, file, line);
	return ret;
}

bool wanted(const char *name)
{
	char **row = rows;

	while (row && *row && strcmp(*row, name))
		row++;
	return !row || *row;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return (x > y) - (x < y);
}

void report(const char *name, u64 *ticks, unsigned int n)
{
	qsort(ticks, n, sizeof(*ticks), compare);
	printf("%s %llu\n", name, (unsigned long long)ticks[n / 2]);
	fflush(stdout);
}

void measure(const char *name, struct vcpu *v, operation op)
{
	static u64 ticks[ROUNDS];
	unsigned int i;

	if (!wanted(name))
		return;
	for (i = 0; i < ROUNDS; i++) {
		u64 start = __rdtsc();

		op(v);
		ticks[i] = __rdtsc() - start;
	}
	report(name, ticks, ROUNDS);
}

void must(int r, const char *what)
{
	if (r < 0) {
		perror(what);
		exit(1);
	}
}

void run(struct vcpu *v)
{
	must(ioctl(v->fd, KVM_RUN, 0), "KVM_RUN");
}

/* ---- guests that repeat one operation ---- */

GUEST64(pio, "1: out %al, $0x10; jmp 1b");
GUEST64(mmio, "mov $0xd0000000, %rdi; 1: mov %eax, (%rdi); jmp 1b");
GUEST64(nops, "1: nop; nop; nop; nop; jmp 1b");
GUEST64(breakpoint, "int3");
GUEST64(here, "1: jmp 1b");
GUEST64(stores, "mov $0xc000, %edi; 1: mov %eax, (%rdi); jmp 1b");
/* A hundred exits that the module handles, then one to the VMM. */
GUEST64(cpuids, "1: mov $100, %esi; 2: xor %eax, %eax; cpuid; dec %esi; jnz 2b;"
	"out %al, $0x10; jmp 1b");

/* A hundred writes that signal an eventfd, then one for the VMM. */
GUEST64(port_bells, "1: mov $100, %esi; 2: out %al, $0x70; dec %esi; jnz 2b;"
	"out %al, $0x10; jmp 1b");
GUEST64(mmio_bells, "mov $0xd0000000, %rdi; 1: mov $100, %esi;"
	"2: mov %eax, (%rdi); dec %esi; jnz 2b; out %al, $0x10; jmp 1b");

static void guest_loop(const char *name, struct prog prog, u32 debug,
		       const struct kvm_guest_debug_arch *arch)
{
	struct kvm_guest_debug dbg = { .control = debug };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, prog);

	if (arch)
		dbg.arch = *arch;
	if (debug)
		must(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &dbg), "KVM_SET_GUEST_DEBUG");
	measure(name, v, run);
	vm_destroy(&vm);
}

static void bells(const char *name, struct prog prog, struct kvm_ioeventfd arg)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, prog);

	arg.fd = eventfd(0, 0);
	must(ioctl(vm.fd, KVM_IOEVENTFD, &arg), "KVM_IOEVENTFD");
	measure(name, v, run);
	close(arg.fd);
	vm_destroy(&vm);
}

/* ---- ioctls of a vCPU that does not run ---- */

static struct kvm_regs regs;
static struct kvm_sregs sregs;
static struct kvm_guest_debug guest_debug = {
	.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP,
};

static void check_extension(struct vcpu *v)
{
	must(ioctl(v->vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY), "extension");
}

static void op_get_regs(struct vcpu *v)
{
	must(ioctl(v->fd, KVM_GET_REGS, &regs), "KVM_GET_REGS");
}

static void op_set_regs(struct vcpu *v)
{
	must(ioctl(v->fd, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static void op_get_sregs(struct vcpu *v)
{
	must(ioctl(v->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
}

static void op_set_sregs(struct vcpu *v)
{
	must(ioctl(v->fd, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
}

static void op_translate(struct vcpu *v)
{
	struct kvm_translation tr = { .linear_address = GUEST_DATA };

	must(ioctl(v->fd, KVM_TRANSLATE, &tr), "KVM_TRANSLATE");
}

static void op_guest_debug(struct vcpu *v)
{
	must(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &guest_debug), "KVM_SET_GUEST_DEBUG");
}

static void op_hit_and_regs(struct vcpu *v)
{
	run(v);
	op_get_regs(v);
	op_set_regs(v);
}

static void ioctls(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(pio));

	run(v);
	measure("check_extension", v, check_extension);
	measure("get_regs", v, op_get_regs);
	measure("set_regs", v, op_set_regs);
	measure("get_sregs", v, op_get_sregs);
	measure("set_sregs", v, op_set_sregs);
	measure("translate", v, op_translate);
	measure("set_guest_debug", v, op_guest_debug);
	vm_destroy(&vm);
}

static void hit_with_regs(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(breakpoint));
	struct kvm_guest_debug dbg = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP,
	};

	must(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &dbg), "KVM_SET_GUEST_DEBUG");
	measure("int3_hit_and_regs", v, op_hit_and_regs);
	vm_destroy(&vm);
}

static void life(void)
{
	u64 ticks[21];
	unsigned int i;

	if (!wanted("vm_to_first_exit"))
		return;
	for (i = 0; i < ARRAY_SIZE(ticks); i++) {
		u64 start = __rdtsc();
		struct vm vm;
		struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(pio));

		run(v);
		ticks[i] = __rdtsc() - start;
		vm_destroy(&vm);
	}
	report("vm_to_first_exit", ticks, ARRAY_SIZE(ticks));
}

int main(int argc, char **argv)
{
	static const struct kvm_guest_debug_arch watch = {
		.debugreg = { [0] = GUEST_DATA, [7] = 0x400 | 1 | 0xd << 16 },
	};

	static const struct kvm_guest_debug_arch execute = {
		.debugreg = { [0] = GUEST_CODE, [7] = 0x400 | 1 },
	};

	if (argc < 2) {
		fprintf(stderr, "usage: bench DEVICE [ROW...]\n");
		return 2;
	}
	device = argv[1];
	if (argc > 2)
		rows = argv + 2;
	ioctls();
	guest_loop("cpuid_exit_x100", PROG(cpuids), 0, NULL);
	guest_loop("pio_out", PROG(pio), 0, NULL);
	guest_loop("mmio_write", PROG(mmio), 0, NULL);
	bells("ioeventfd_x100", PROG(port_bells),
	      (struct kvm_ioeventfd){ .addr = 0x70, .len = 1, .flags = KVM_IOEVENTFD_FLAG_PIO });
	bells("ioeventfd_mmio_x100", PROG(mmio_bells),
	      (struct kvm_ioeventfd){ .addr = GUEST_MMIO });
	guest_loop("single_step", PROG(nops),
		   KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP, NULL);
	guest_loop("int3_hit", PROG(breakpoint),
		   KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, NULL);
	hit_with_regs();
	guest_loop("hw_break_hit", PROG(here),
		   KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &execute);
	guest_loop("watchpoint_hit", PROG(stores),
		   KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &watch);
	bench_irqs();
	hits_that_go_on();
	life();
	bench_hooked_code();
	if (!on_kvm())
		bench_sessions();
	return 0;
}
