// SPDX-License-Identifier: GPL-2.0-only
/* Slots that change while a vCPU, or the host on its behalf, uses them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "hostmem.h"

#define GONE_GPA	0x10000000

/* ---- a write that waits for the VMM's page while its slot is deleted ---- */

GUEST64(ins_to_slot, "mov $0x10000000, %edi; mov $0x20, %edx; cld; insb; hlt");

struct gone {
	struct vm vm;
	u8 *mem;
	volatile bool deleted;
	volatile u8 after;	/* the byte when the slot had been deleted */
};

/* The write of INS, which was read from the port already. */
static void *complete_ins(void *arg)
{
	vcpu_run(&((struct gone *)arg)->vm.vcpu[0]);
	return NULL;
}

static void *delete_slot(void *arg)
{
	struct gone *g = arg;

	add_slot(&g->vm, 1, 0, GONE_GPA, 0, g->mem);
	g->deleted = true;
	return NULL;
}

/*
 * The slot is deleted while INS waits for its page. Whether the call waits for the write,
 * as on KVM, or the write finds no slot any more: nothing is written after the call.
 */
static void deleted_slot_is_not_written(void)
{
	pthread_t runs, deletes;
	struct gone g = { };
	struct vcpu *v = guest_make(&g.vm, MODE_LONG, PROG(ins_to_slot));
	unsigned int i;
	bool early;
	int fd;

	g.mem = area(PAGE);
	fd = missing_page(g.mem);
	add_slot(&g.vm, 1, 0, GONE_GPA, PAGE, g.mem);
	vcpu_run_to(v, KVM_EXIT_IO);
	*(u8 *)vcpu_io_data(v) = 0x5a;
	pthread_create(&runs, NULL, complete_ins, &g);
	page_is_wanted(fd);
	pthread_create(&deletes, NULL, delete_slot, &g);
	for (i = 0; i < 200 && !g.deleted; i++)
		usleep(1000);
	early = g.deleted;
	supply_page(fd, g.mem);
	pthread_join(deletes, NULL);
	g.after = early ? 0 : *(volatile u8 *)g.mem;
	pthread_join(runs, NULL);
	tap_note("the slot was deleted %s the write", early ? "before" : "after");
	CHECK_EQ(*(volatile u8 *)g.mem, g.after);
	close(fd);
}

/* ---- a page that does not come ---- */

GUEST64(read_slot, "mov $0x10000000, %ebx; mov (%rbx), %al; hlt");

static volatile int bus_code;
static void *volatile bus_addr;

static void on_signal(int sig, siginfo_t *info, void *ctx)
{
	(void)ctx;
	if (sig == SIGBUS) {
		bus_code = info->si_code;
		bus_addr = info->si_addr;
	}
}

static void handle(int sig)
{
	struct sigaction act = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	CHECK_OK(sigaction(sig, &act, NULL));
}

struct waiter {
	struct vcpu *v;
	volatile bool done;
	int result;
};

static void *run_and_wait(void *arg)
{
	struct waiter *w = arg;

	w->result = vcpu_run(w->v);
	w->done = true;
	return NULL;
}

static void signal_ends_the_wait_for_a_page(void)
{
	struct waiter w = { };
	unsigned int i;
	pthread_t id;
	struct vm vm;
	u8 *mem;
	int fd;

	if (!host_since(6, 2))
		tap_skip("only a fatal signal ends the wait, before Linux 6.2");
	handle(SIGUSR1);
	w.v = guest_make(&vm, MODE_LONG, PROG(read_slot));
	mem = area(PAGE);
	fd = missing_page(mem);
	add_slot(&vm, 1, 0, GONE_GPA, PAGE, mem);
	pthread_create(&id, NULL, run_and_wait, &w);
	page_is_wanted(fd);
	pthread_kill(id, SIGUSR1);
	for (i = 0; i < 2000 && !w.done; i++)
		usleep(1000);
	CHECK(w.done);
	supply_page(fd, mem);
	pthread_join(id, NULL);
	CHECK_EQ(w.result, -EINTR);
	vcpu_run_to(w.v, KVM_EXIT_HLT);
	close(fd);
}

/* As if the VMM's thread had read it. */
static void poisoned_page_is_reported_by_sigbus(void)
{
	u8 *mem = area(PAGE);
	struct vcpu *v;
	struct vm vm;

	if (!getenv("MAY_POISON"))
		tap_skip("a poisoned page is lost until the next boot: only in the lab");
	*mem = 1;
	handle(SIGBUS);
	/* This thread is told at once, as it has poisoned the page itself. */
	if (madvise(mem, PAGE, MADV_HWPOISON))
		tap_skip("the host cannot poison pages");
	bus_code = 0;
	bus_addr = NULL;
	v = guest_make(&vm, MODE_LONG, PROG(read_slot));
	add_slot(&vm, 1, 0, GONE_GPA, PAGE, mem);
	CHECK_EQ(vcpu_run(v), -EINTR);
	CHECK_EQ(bus_code, BUS_MCEERR_AR);
	CHECK_EQ((unsigned long)bus_addr, (unsigned long)mem);
}

/* ---- a slot of almost a TiB, of which the guest uses a page in each GiB ---- */

#define GIB		(1UL << 30)
#define TERA_GPA	(4 * GIB)
#define TERA		(1024 * GIB - TERA_GPA)	/* up to a TiB, the end for many processors */
#define TERA_PAGES	508	/* up to 512 GiB: what one table of 1 GiB pages maps */
#define LOG_KIB		(160 * 1024)	/* KVM has two logs of 32 MiB for it */

GUEST64(touch_tera,
	"1: mov $0x100000000, %rbx; mov $508, %ecx; mov $0x40000000, %edx\n"
	"2: incl (%rbx); add %rdx, %rbx; dec %ecx; jnz 2b\n"
	"out %al, $0x10; jmp 1b");

/* Longest time, in us, for which a thread with real-time priority did not get the CPU. */
struct watchdog {
	pthread_t id;
	volatile bool stop;
	volatile u64 longest;
};

static u64 now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ULL + t.tv_nsec / 1000;
}

/* Sleep at least as long as waking took last time: a slow kernel would do nothing else. */
static void *watch_the_cpu(void *arg)
{
	struct sched_param prio = { .sched_priority = 50 };
	struct watchdog *w = arg;
	u64 before, late = 0;

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &prio);
	while (!w->stop) {
		u64 pause = late < 200 ? 200 : late < 5000 ? late : 5000;

		before = now_us();
		usleep(pause);
		late = now_us() - before - pause;
		if (late > w->longest)
			w->longest = late;
	}
	return NULL;
}

static void set_tera(struct vm *vm, u32 flags, u64 size, u8 *mem, const char *what)
{
	struct watchdog w = { };
	u64 start, before;

	pthread_create(&w.id, NULL, watch_the_cpu, &w);
	for (start = now_us(); now_us() - start < 30000; )
		;	/* the host's own delays, for comparison */
	before = w.longest;
	w.longest = 0;
	add_slot(vm, 1, flags, TERA_GPA, size, mem);
	w.stop = true;
	pthread_join(w.id, NULL);
	tap_note("%s: a thread waited for the CPU for up to %llu us, and %llu us before", what,
		 (unsigned long long)w.longest, (unsigned long long)before);
}

static void check_tera(const u8 *mem, u32 want)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < TERA_PAGES; i++)
		wrong += *(const volatile u32 *)(mem + i * GIB) != want;
	CHECK_EQ(wrong, 0);
}

static bool has_gib_pages(void)
{
	u32 a = 0x80000001, b, c, d;

	asm volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return d & 1 << 26;
}

static bool exceeds_physical_addresses(void)
{
	u32 a = 0x80000008, b, c, d;

	asm volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return (TERA_GPA + TERA - 1) >> (a & 0xff);
}

static void slot_of_a_tib_changes_and_goes(void)
{
	struct vm vm;
	struct vcpu *v;
	unsigned int i;
	u8 *mem;

	if (!has_gib_pages())
		tap_skip("the processor has no pages of 1 GiB");
	if (exceeds_physical_addresses())
		tap_skip("more than the processor's physical addresses");
	v = guest_make(&vm, MODE_LONG, PROG(touch_tera));
	for (i = 4; i < 512; i++)
		GUEST_PTR(&vm, GUEST_PDPT, u64)[i] = i * GIB | 0x83;
	mem = mmap(NULL, TERA, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	REQUIRE(mem != MAP_FAILED);
	madvise(mem, TERA, MADV_NOHUGEPAGE);
	add_slot(&vm, 1, 0, TERA_GPA, TERA, mem);
	vcpu_run_out(v, 0x10);
	check_tera(mem, 1);
	if (mem_available_kib() > LOG_KIB) {
		set_tera(&vm, KVM_MEM_LOG_DIRTY_PAGES, TERA, mem, "log on");
		vcpu_run_out(v, 0x10);
		check_tera(mem, 2);
		set_tera(&vm, 0, TERA, mem, "log off");
		vcpu_run_out(v, 0x10);
		check_tera(mem, 3);
	}
	set_tera(&vm, 0, 0, mem, "deleted");
	CHECK_EQ(vcpu_run(v), KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.phys_addr, TERA_GPA);
}

static const struct test tests[] = {
	TEST(slot_of_a_tib_changes_and_goes),
	TEST(deleted_slot_is_not_written),
	TEST(signal_ends_the_wait_for_a_page),
	TEST(poisoned_page_is_reported_by_sigbus),
};

TAP_MAIN(tests)
