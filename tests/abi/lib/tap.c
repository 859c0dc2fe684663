// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vmxdbg.h>

#include "tap.h"

#define SECONDS		10	/* time limit of a test without its own */
#define STATUS_FAIL	1
#define STATUS_SKIP	77

/* Results that the process of a test shares with the one that prints them. */
static struct {
	int failed;
	char reason[200];
} *shared;

static const char *device = "/dev/vmxdbg";

const char *tap_device(void)
{
	return device;
}

bool on_kvm(void)
{
	int fd = open(device, O_RDWR | O_CLOEXEC);
	int version;

	if (fd < 0)
		tap_fail("%s: %s", device, strerror(errno));
	version = ioctl(fd, VMXDBG_GET_VERSION, 0);
	close(fd);
	return version < 0;
}

static void note(const char *fmt, va_list ap)
{
	char line[400];

	vsnprintf(line, sizeof(line), fmt, ap);
	dprintf(1, "# %s\n", line);
}

void tap_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(fmt, ap);
	va_end(ap);
}

void tap_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(shared->reason, sizeof(shared->reason), fmt, ap);
	va_end(ap);
	_exit(STATUS_SKIP);
}

void tap_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(fmt, ap);
	va_end(ap);
	shared->failed = 1;
	_exit(STATUS_FAIL);
}

bool tap_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok) {
		shared->failed = 1;
		tap_note("%s:%d: not true: %s", file, line, what);
	}
	return ok;
}

bool tap_check_eq(u64 got, u64 want, const char *what, const char *file, int line)
{
	if (got != want) {
		shared->failed = 1;
		tap_note("%s:%d: %s is %#llx, not %#llx", file, line, what,
			 (unsigned long long)got, (unsigned long long)want);
	}
	return got == want;
}

bool tap_check_err(long ret, int err, const char *what, const char *file, int line)
{
	int got = ret < 0 ? errno : 0;

	if (got != err) {
		shared->failed = 1;
		tap_note("%s:%d: %s gives \"%s\", not \"%s\"", file, line, what,
			 got ? strerror(got) : "success", strerror(err));
	}
	return got == err;
}

long tap_check_ok(long ret, const char *what, const char *file, int line)
{
	if (ret < 0)
		tap_fail("%s:%d: %s: %s", file, line, what, strerror(errno));
	return ret;
}

bool tap_known_difference(bool right, const char *what, const char *why,
			  const char *file, int line)
{
	if (!on_kvm())
		return tap_check(right, what, file, line);
	tap_note("known difference, KVM %s here: %s (%s)",
		 right ? "is right" : "differs", why, what);
	return true;
}

static void run_child(const struct test *t)
{
	sigset_t none;

	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (t->with)
		t->with(t->row);
	else
		t->fn();
	_exit(shared->failed ? STATUS_FAIL : 0);
}

/* Wait for @pid. Return: its status, or -1 after @seconds. */
static int wait_child(pid_t pid, unsigned int seconds)
{
	struct timespec now, end;
	struct timespec nap = { .tv_nsec = 100000000 };
	sigset_t chld;
	int status;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	for (;;) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec))
			return -1;
		sigtimedwait(&chld, NULL, &nap);
	}
}

/*
 * Kill what a test left running, before the next test, which must not find a VM of
 * this one. We are the reaper of all processes.
 */
static bool end_group(pid_t pgid)
{
	struct timespec nap = { .tv_nsec = 1000000 };
	unsigned int ms;

	kill(-pgid, SIGKILL);
	for (ms = 0; ms < 3000; ms++) {
		while (waitpid(-pgid, NULL, WNOHANG) > 0)
			;
		if (kill(-pgid, 0))
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

static const char *verdict(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status)) {
		snprintf(buf, size, "killed by signal %d", WTERMSIG(status));
		return buf;
	}
	return WEXITSTATUS(status) || shared->failed ? "" : NULL;
}

bool tap_alone(void)
{
	return !getenv("LAB_BESIDE");
}

unsigned int tap_patience(void)
{
	const char *said = getenv("LAB_PATIENCE");
	int times = said ? atoi(said) : 1;

	return times > 1 ? times : 1;
}

/* Run one test and print its line. Return: whether it failed. */
static bool run_test(const struct test *t, unsigned int nr)
{
	unsigned int seconds = (t->seconds ? t->seconds : SECONDS) * tap_patience();
	const char *bad;
	char why[64];
	bool ended;
	pid_t pid;
	int status;

	memset(shared, 0, sizeof(*shared));
	pid = fork();
	if (!pid)
		run_child(t);
	setpgid(pid, pid);
	status = wait_child(pid, seconds);
	ended = end_group(pid);
	if (status == -1 || !ended) {
		printf("not ok %u - %s # %s%s\n", nr, t->name,
		       status == -1 ? "hung" : "left something behind",
		       ended ? "" : " that cannot be killed");
		return true;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIP && !shared->failed) {
		printf("ok %u - %s # SKIP %s\n", nr, t->name, shared->reason);
		return false;
	}
	bad = verdict(status, why, sizeof(why));
	if (bad)
		printf("not ok %u - %s%s%s\n", nr, t->name, *bad ? " # " : "", bad);
	else
		printf("ok %u - %s\n", nr, t->name);
	return bad;
}

/* A name without the "hard case 3: " before it. */
static const char *identifier(const char *name)
{
	const char *colon = strstr(name, ": ");

	return !strncmp(name, "hard case ", 10) && colon ? colon + 2 : name;
}

static bool wanted(const struct test *t, int argc, char **argv)
{
	bool any = false;
	int i;

	for (i = 1; i < argc; i++) {
		if (argv[i][0] == '/' || argv[i][0] == '-')
			continue;
		any = true;
		if (!fnmatch(argv[i], t->name, 0) || !fnmatch(argv[i], identifier(t->name), 0))
			return true;
	}
	return !any;
}

static void list(int argc, char **argv, const struct test *tests, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (wanted(&tests[i], argc, argv))
			puts(tests[i].name);
}

int tap_main(int argc, char **argv, const struct test *tests, unsigned int nr)
{
	unsigned int i, n = 0, failed = 0;
	sigset_t chld;

	if (argc > 1 && !strcmp(argv[1], "--list")) {
		list(argc, argv, tests, nr);
		return 0;
	}
	if (getenv("VMXDBG_DEVICE"))
		device = getenv("VMXDBG_DEVICE");
	for (i = 1; i < (unsigned int)argc; i++)
		if (argv[i][0] == '/')
			device = argv[i];
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);

	for (i = 0; i < nr; i++)
		n += wanted(&tests[i], argc, argv);
	printf("TAP version 13\n1..%u\n", n);
	for (i = 0, n = 0; i < nr; i++)
		if (wanted(&tests[i], argc, argv))
			failed += run_test(&tests[i], ++n);
	return failed != 0;
}
