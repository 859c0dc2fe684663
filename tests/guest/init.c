// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest of the demo: /init, the only program of its initramfs.
 *
 * The program prints that it runs, and counts seconds on the console in a
 * variable that a debugger can watch. It repeats each line of input. On the
 * line "cpus" it visits all CPUs, on "work" they interrupt each other, and
 * "off" or "reboot" ends the machine. Linked statically, at fixed addresses.
 */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

/* The tutorials watch this variable. */
volatile unsigned long tick_count;

/* The tutorials set a breakpoint here. Called once a second. */
__attribute__((noinline)) void tick(void)
{
	tick_count++;
	printf("guest: tick %lu\n", tick_count);
}

/* The tutorials set a breakpoint here if there are several CPUs. */
__attribute__((noinline)) void visit(int cpu)
{
	printf("guest: on CPU %d\n", cpu);
}

static void visit_cpus(void)
{
	cpu_set_t online, one;

	if (sched_getaffinity(0, sizeof(online), &online))
		return;
	printf("guest: %d CPUs\n", CPU_COUNT(&online));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (CPU_ISSET(cpu, &online) &&
		    !sched_setaffinity(0, sizeof(one), &one))
			visit(sched_getcpu());
	}
	sched_setaffinity(0, sizeof(online), &online);
}

#define WORK_ROUNDS	200

/* For each munmap() Linux sends an IPI to the CPUs of the other threads. */
static void *unmap_again_and_again(void *arg)
{
	long *rounds = arg;
	int *page;

	for (*rounds = 0; *rounds < WORK_ROUNDS; ++*rounds) {
		page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			break;
		*page = 1;
		munmap(page, 4096);
	}
	return NULL;
}

static void work(void)
{
	pthread_t threads[16];
	long rounds[16], all = 0;
	cpu_set_t online;
	int n;

	if (sched_getaffinity(0, sizeof(online), &online))
		return;
	n = CPU_COUNT(&online) < 16 ? CPU_COUNT(&online) : 16;
	for (int i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, unmap_again_and_again,
				   &rounds[i]))
			return;
	for (int i = 0; i < n; i++) {
		pthread_join(threads[i], NULL);
		all += rounds[i];
	}
	printf("guest: %ld unmapped by %d threads\n", all, n);
}

/* With acpi=off Linux halts instead of powering off, and the VMM notices it. */
static void end(int how)
{
	printf("guest: bye\n");
	sync();
	reboot(how);
	perror("guest: reboot");
}

static void line_typed(char *line)
{
	line[strcspn(line, "\r\n")] = '\0';
	if (!strcmp(line, "off"))
		end(RB_POWER_OFF);
	else if (!strcmp(line, "reboot"))
		end(RB_AUTOBOOT);
	else if (!strcmp(line, "cpus"))
		visit_cpus();
	else if (!strcmp(line, "work"))
		work();
	else if (*line)
		printf("guest: you said: %s\n", line);
}

static long ms_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	long next = ms_now() + 1000, left;
	char line[256];

	setvbuf(stdout, NULL, _IOLBF, 0);
	setvbuf(stdin, NULL, _IONBF, 0);
	printf("guest: init started\n");
	for (;;) {
		left = next - ms_now();
		if (left <= 0) {
			tick();
			next += 1000;
			continue;
		}
		/* A terminal returns whole lines. */
		if (poll(&in, 1, left) > 0) {
			if (fgets(line, sizeof(line), stdin))
				line_typed(line);
			else
				in.fd = -1;
		}
	}
}
