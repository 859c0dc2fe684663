// SPDX-License-Identifier: GPL-2.0-only
/*
 *	storm PID SEED
 *
 * Disturb a VMM until it ends: at random times, move its threads between CPUs,
 * send vmxrun's kick signal to them, and drop all translations of their memory
 * (clear_refs).
 */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_THREADS	64
#define LONGEST_PAUSE	3000		/* microseconds */

static pid_t vmm;
static pid_t threads[MAX_THREADS];
static unsigned int nr_threads;
static bool takes_kicks;	/* the VMM has a handler for the kick signal */

/* Return: false if the VMM has ended; a zombie counts as ended. */
static bool look_at_vmm(void)
{
	unsigned long long caught = 0;
	char path[64], line[128], state = 'Z';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", vmm);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f)) {
		sscanf(line, "State: %c", &state);
		sscanf(line, "SigCgt: %llx", &caught);
	}
	if (f)
		fclose(f);
	takes_kicks = caught & 1ULL << (SIGUSR1 - 1);
	return state != 'Z';
}

static void find_threads(void)
{
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", vmm);
	dir = opendir(path);
	nr_threads = 0;
	while (dir && nr_threads < MAX_THREADS && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			threads[nr_threads++] = atoi(entry->d_name);
	if (dir)
		closedir(dir);
}

static void move(pid_t thread)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(random() % sysconf(_SC_NPROCESSORS_ONLN), &set);
	sched_setaffinity(thread, sizeof(set), &set);
}

/* The VM's notifier must zap all memory, as if it had been paged out. */
static void forget_memory(void)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/clear_refs", vmm);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return;
	if (write(fd, "4", 1) != 1)
		perror("clear_refs");
	close(fd);
}

static void trouble(void)
{
	pid_t thread = threads[random() % nr_threads];

	/*
	 * Let the guest make progress before it loses all translations again.
	 */
	if (!(random() % 32))
		forget_memory();
	else if (takes_kicks && random() % 2)
		syscall(SYS_tgkill, vmm, thread, SIGUSR1);
	else
		move(thread);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: storm PID SEED\n");
		return 2;
	}
	vmm = atoi(argv[1]);
	srandom(strtoul(argv[2], NULL, 0));
	for (unsigned int i = 0; ; i++) {
		if (!(i % 16)) {
			if (!look_at_vmm())
				return 0;
			find_threads();
		}
		if (nr_threads)
			trouble();
		move(0);
		usleep(random() % LONGEST_PAUSE);
	}
}
