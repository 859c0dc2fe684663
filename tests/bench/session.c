// SPDX-License-Identifier: GPL-2.0-only
/*
 * Costs of the debug plane. The VMM is another process, so reporting and
 * resuming a stop includes two switches between processes.
 */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <x86intrin.h>

#include "bench.h"
#include "vmm.h"

#define ROUNDS		101
#define STOPS		501
#define STEPS		2000	/* instructions of a range */
#define ACCESSES	1000	/* between two stops */

/* The range has two instructions, which run STEPS / 2 times. */
GUEST64(range, "1: mov $1000, %ecx\nrange_loop: dec %ecx\njnz range_loop\n"
	"range_stop: jmp 1b");
LABEL(range_loop);
LABEL(range_stop);

GUEST64(hit, "hit_here: nop; jmp hit_here");
LABEL(hit_here);

/* Only the one breakpoint hooks the page of the instruction. */
GUEST64(reads, "1: mov $1000, %ecx\n2: mov 0xc000, %eax\ndec %ecx\njnz 2b\n"
	"reads_stop: nop\njmp 1b");
LABEL(reads_stop);
GUEST64(writes, "1: mov $1000, %ecx\n2: mov %eax, 0xc000\ndec %ecx\njnz 2b\n"
	"writes_stop: nop\njmp 1b");
LABEL(writes_stop);

/*
 * Call each page from 0x100000 on, as many as 0xc000 holds, as often as 0xc004 says, then
 * exit to the VMM.
 */
GUEST64(calls, "1: mov 0xc004, %edx\n"
	"2: mov 0xc000, %ecx; mov $0x100000, %ebx\n"
	"3: call *%rbx; add $0x1000, %ebx; dec %ecx; jnz 3b\n"
	"dec %edx; jnz 2b; out %al, $0x10; jmp 1b");

static void begin(struct dbg *d, struct prog prog)
{
	dbg_start(d, MODE_LONG, prog, NULL);
}

static void end(struct dbg *d)
{
	close(d->fd);
	close(d->dev);
	close(d->vmm.vm_fd);
	vmm_kill(&d->vmm);
}

static void wait_event(struct dbg *d)
{
	struct vmxdbg_event e;

	CHECK_OK(read(d->fd, &e, sizeof(e)));
}

static void go_on(struct dbg *d)
{
	CHECK_OK(session_resume(d->fd, 0, 0));
	wait_event(d);
}

static void measure_stops(const char *name, struct dbg *d, bool regs)
{
	u64 ticks[STOPS], start;
	unsigned int i;

	go_on(d);
	for (i = 0; i < STOPS; i++) {
		start = __rdtsc();
		go_on(d);
		if (regs)
			session_get_regs(d->fd, 0);
		ticks[i] = __rdtsc() - start;
	}
	report(name, ticks, STOPS);
}

/* Time of @count operations and one stop, which costs little in comparison. */
static void measure_runs(const char *name, struct dbg *d, u64 from, u64 to,
			 unsigned int count)
{
	u64 ticks[ROUNDS], start;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		if (from)
			go_on(d);
		start = __rdtsc();
		if (from) {
			CHECK_OK(session_resume_range(d->fd, 0, from, to));
			wait_event(d);
		} else {
			go_on(d);
		}
		ticks[i] = (__rdtsc() - start) / count;
	}
	report(name, ticks, ROUNDS);
}

static void range_step(void)
{
	struct dbg d;

	if (!wanted("range_step"))
		return;
	begin(&d, PROG(range));
	CHECK_OK(session_add(d.fd, VMXDBG_BP_SOFT, AT(range, range_loop) - 5, 1));
	measure_runs("range_step", &d, AT(range, range_loop) - 5, AT(range, range_stop),
		     STEPS);
	end(&d);
}

/* Add breakpoints that are not hit: up to 100 on the page of the code. */
static void add_others(struct dbg *d, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		CHECK_OK(session_add_bp(d->fd, (struct vmxdbg_bp){
			.type = VMXDBG_BP_SOFT, .flags = VMXDBG_BP_PHYSICAL, .len = 1,
			.addr = i < 100 ? GUEST_CODE + 0x800 + i : GUEST_HIGH + 17 * i }));
}

static void session_hits(const char *name, bool regs)
{
	struct dbg d;

	if (!wanted(name))
		return;
	begin(&d, PROG(hit));
	CHECK_OK(session_add(d.fd, VMXDBG_BP_SOFT, AT(hit, hit_here), 1));
	measure_stops(name, &d, regs);
	end(&d);
}

/* Insert one more breakpoint on a page that has others. */
static void measure_insertion(const char *name, struct dbg *d)
{
	u64 ticks[ROUNDS], start;
	unsigned int i;
	u32 id;

	for (i = 0; i < ROUNDS; i++) {
		start = __rdtsc();
		id = CHECK_OK(session_add(d->fd, VMXDBG_BP_SOFT, GUEST_CODE + 0xc00 + i, 1));
		ticks[i] = __rdtsc() - start;
		CHECK_OK(ioctl(d->fd, VMXDBG_DEL_BP, id));
	}
	report(name, ticks, ROUNDS);
}

/* Costs of a hit and of an insertion, by the number of breakpoints. */
static void among_others(unsigned int count)
{
	char name[32], insert[32];
	struct dbg d;

	snprintf(name, sizeof(name), "hit_of_%u", count);
	snprintf(insert, sizeof(insert), "insert_of_%u", count);
	if (!wanted(name) && !wanted(insert))
		return;
	begin(&d, PROG(hit));
	CHECK_OK(session_add(d.fd, VMXDBG_BP_SOFT, AT(hit, hit_here), 1));
	add_others(&d, count - 1);
	measure_stops(name, &d, false);
	measure_insertion(insert, &d);
	end(&d);
}

/* @page_bp: another object on the accessed page, which no access hits. */
static void accesses(const char *name, struct prog prog, u64 stop, struct vmxdbg_bp page_bp)
{
	struct dbg d;

	if (!wanted(name))
		return;
	begin(&d, prog);
	CHECK_OK(session_add(d.fd, VMXDBG_BP_SOFT, stop, 1));
	CHECK_OK(session_add_bp(d.fd, page_bp));
	go_on(&d);
	measure_runs(name, &d, 0, 0, ACCESSES);
	end(&d);
}

/* One breakpoint on each page, which is not hit. */
static void hook_pages(int session, unsigned int pages)
{
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_SOFT, .flags = VMXDBG_BP_PHYSICAL, .len = 1 };
	unsigned int i;

	for (i = 0; i < pages; i++) {
		bp.addr = GUEST_HIGH + 0x1000 * i + 0x800;
		CHECK_OK(session_add_bp(session, bp));
	}
}

/*
 * The VMM may write to any page that has a copy: cost of KVM_RUN for the pages from which
 * the guest executes. KVM: the same guest without breakpoints.
 */
static void hooked_code(const char *name, unsigned int pages, unsigned int rounds)
{
	struct vm vm;
	struct vcpu *v;
	unsigned int i;
	int fd = -1;

	if (!wanted(name))
		return;
	v = guest_make(&vm, MODE_LONG, PROG(calls));
	DATA32(&vm, 0) = pages;
	DATA32(&vm, 1) = rounds;
	for (i = 0; i < pages; i++)
		vm.mem[GUEST_HIGH + 0x1000 * i] = 0xc3;	/* RET */
	if (!on_kvm()) {
		fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
		hook_pages(fd, pages);
	}
	run(v);
	measure(name, v, run);
	if (fd >= 0)
		close(fd);
	vm_destroy(&vm);
}

void bench_hooked_code(void)
{
	hooked_code("pio_hooked_1", 1, 1);
	hooked_code("pio_hooked_10", 10, 1);
	hooked_code("pio_hooked_100", 100, 1);
	hooked_code("hooked_100_x1000", 100, 1000);
}

void bench_sessions(void)
{
	struct vmxdbg_bp code = {
		.type = VMXDBG_BP_SOFT, .flags = VMXDBG_BP_PHYSICAL,
		.addr = GUEST_DATA + 0x800, .len = 1,
	};
	struct vmxdbg_bp data = {
		.type = VMXDBG_BP_ACCESS, .addr = GUEST_DATA + 0x800, .len = 100,
	};
	unsigned int count;

	range_step();
	accesses("watched_read", PROG(reads), AT(reads, reads_stop), data);
	data.type = VMXDBG_BP_WRITE;
	accesses("watched_write", PROG(writes), AT(writes, writes_stop), data);
	accesses("hooked_read", PROG(reads), AT(reads, reads_stop), code);
	accesses("hooked_write", PROG(writes), AT(writes, writes_stop), code);
	session_hits("session_hit", false);
	session_hits("session_hit_and_regs", true);
	for (count = 1; count <= 10000; count *= 10)
		among_others(count);
}
