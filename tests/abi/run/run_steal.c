// SPDX-License-Identifier: GPL-2.0-only
/* Steal time: how long a vCPU's thread waited for a CPU, which a guest reads in its memory. */
#define _GNU_SOURCE
#include <asm/kvm_para.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define STEAL		(GUEST_DATA + 0x40)
#define WAIT		3000000ULL	/* ns */

GUEST64(reports, "1: out %al, $0x10; jmp 1b");
GUEST64(spins, "1: cmpl $0, 0xc000; je 1b; hlt");

static struct vm vm;

static volatile struct kvm_steal_time *steal(void)
{
	return GUEST_PTR(&vm, STEAL, struct kvm_steal_time);
}

/* Return: how long this thread has waited for a CPU, in ns. */
static u64 run_delay(void)
{
	unsigned long long ran, waited = 0;
	FILE *file = fopen("/proc/thread-self/schedstat", "r");

	REQUIRE(file);
	REQUIRE_EQ(fscanf(file, "%llu %llu", &ran, &waited), 2);
	fclose(file);
	return waited;
}

static void on_cpu_0(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	CHECK_OK(sched_setaffinity(0, sizeof(cpus), &cpus));
}

static struct vcpu *steal_make(struct prog prog)
{
	struct vcpu *v;

	on_cpu_0();
	v = guest_make(&vm, MODE_LONG, prog);
	CHECK_EQ(set_msr(v, MSR_KVM_STEAL_TIME, STEAL | 1), 1);
	return v;
}

static void bad_values_are_refused(void)
{
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reports));
	unsigned int bit;

	for (bit = 1; bit < 6; bit++)
		CHECK_EQ(set_msr(v, MSR_KVM_STEAL_TIME, STEAL | 1 | 1U << bit), 0);
	CHECK_EQ(get_msr(v, MSR_KVM_STEAL_TIME), 0);
	CHECK_EQ(set_msr(v, MSR_KVM_STEAL_TIME, STEAL | 1), 1);
	CHECK_EQ(get_msr(v, MSR_KVM_STEAL_TIME), STEAL | 1);
}

static void each_run_writes_it(void)
{
	struct vcpu *v = steal_make(PROG(reports));
	u32 version;
	unsigned int i;

	steal()->preempted = 1;
	steal()->version = 5;
	steal()->flags = 0x1234;
	vcpu_run_out(v, 0x10);
	/* once, or more often if the thread was preempted */
	CHECK(steal()->version >= 8 && !(steal()->version & 1));
	CHECK_EQ(steal()->preempted, 0);
	CHECK_EQ(steal()->flags, 0x1234);
	for (i = 0; i < 3; i++) {
		version = steal()->version;
		vcpu_run_out(v, 0x10);
		CHECK(steal()->version > version && !(steal()->version & 1));
	}
}

static volatile bool over;

static void *burns(void *unused)
{
	while (!over)
		;
	return unused;
}

static void start(pthread_t *thread, void *(*fn)(void *))
{
	over = false;
	REQUIRE(!pthread_create(thread, NULL, fn, NULL));	/* on the same CPU */
}

static void end(pthread_t thread)
{
	over = true;
	pthread_join(thread, NULL);
}

static void waits_are_counted(void)
{
	struct vcpu *v = steal_make(PROG(reports));
	u64 before, first, waited;
	pthread_t thread;

	vcpu_run_out(v, 0x10);
	first = steal()->steal;
	CHECK(first <= run_delay());
	before = run_delay();
	start(&thread, burns);
	do {
		sched_yield();
	} while (run_delay() - before < WAIT);
	end(thread);
	waited = run_delay() - before;
	vcpu_run_out(v, 0x10);
	CHECK(steal()->steal - first >= waited);
	CHECK(steal()->steal <= run_delay());
	/* Off, it stays as it is. */
	CHECK_EQ(set_msr(v, MSR_KVM_STEAL_TIME, STEAL), 1);
	first = steal()->version;
	vcpu_run_out(v, 0x10);
	CHECK_EQ(steal()->version, first);
}

static void *runs(void *v)
{
	vcpu_run_out(v, 0x10);
	return NULL;
}

/* A thread that has waited less runs the vCPU. */
static void another_thread_takes_nothing_back(void)
{
	struct vcpu *v = steal_make(PROG(reports));
	pthread_t thread;
	u64 before;

	start(&thread, burns);
	do {
		sched_yield();
	} while (run_delay() < WAIT);
	end(thread);
	vcpu_run_out(v, 0x10);
	before = steal()->steal;
	CHECK(before >= WAIT);
	REQUIRE(!pthread_create(&thread, NULL, runs, v));
	pthread_join(thread, NULL);
	KNOWN_DIFFERENCE(steal()->steal >= before, "lets the time that was stolen go back");
	before = steal()->steal;
	vcpu_run_out(v, 0x10);
	KNOWN_DIFFERENCE(steal()->steal - before < WAIT / 2,
			 "counts what the thread has waited before");
}

static bool file_has(const char *path, const char *what)
{
	char text[1024] = "";
	FILE *file = fopen(path, "r");
	bool has;

	if (!file)
		return false;
	has = fgets(text, sizeof(text), file) && strstr(text, what);
	fclose(file);
	return has;
}

/* Return: whether the host takes the CPU from a thread at any moment. */
static bool preempts_anywhere(void)
{
	return file_has("/sys/kernel/debug/sched/preempt", "(full)") ||
	       file_has("/proc/cmdline", "preempt=full");
}

static volatile bool seen;

/* This thread runs, so the vCPU's does not. */
static void *sees_preempted(void *unused)
{
	while (!over && !seen)
		seen = steal()->preempted & KVM_VCPU_PREEMPTED;
	DATA32(&vm, 0) = 1;
	return unused;
}

static void a_preempted_vcpu_is_marked(void)
{
	struct vcpu *v = steal_make(PROG(spins));
	pthread_t thread;

	if (preempts_anywhere())
		tap_skip("the host has preempt=full, with which the flag may stay clear");
	start(&thread, sees_preempted);
	vcpu_run_to(v, KVM_EXIT_HLT);
	end(thread);
	CHECK(seen);
	CHECK_EQ(steal()->preempted, 0);
	CHECK(!(steal()->version & 1));
	CHECK(steal()->steal > 0 && steal()->steal <= run_delay());
}

static void memory_that_cannot_be_written(void)
{
	static const u64 at[] = { 0x40000000 | 1, 1ULL << 62 | 1, ~0x3fULL | 1 };
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reports));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		CHECK_EQ(set_msr(v, MSR_KVM_STEAL_TIME, at[i]), 1);
		vcpu_run_out(v, 0x10);
		vcpu_run_out(v, 0x10);
	}
	CHECK_EQ(set_msr(v, MSR_KVM_STEAL_TIME, STEAL | 1), 1);
	vcpu_run_out(v, 0x10);
	CHECK(steal()->version);
}

static const struct test tests[] = {
	TEST(bad_values_are_refused),
	TEST(each_run_writes_it),
	TEST(waits_are_counted),
	TEST(another_thread_takes_nothing_back),
	TEST(a_preempted_vcpu_is_marked),
	TEST(memory_that_cannot_be_written),
};

TAP_MAIN(tests)
