// SPDX-License-Identifier: MIT
/*
 * interpreter pull|thread|push tcp:PORT|unix:PATH GUEST [OPTION...]
 *
 * A VMM without KVM that is linked with libvmxgdb, to show the three ways to drive it. It
 * prints where gdb can connect. Options: "cpus=N", "own" (breakpoints of the machine's
 * own, and watchpoints), "hold" (until gdb lets it run), "nokill" (gdb's kill detaches).
 */
#include <err.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "extensions.h"
#include "interpreter.h"

static uint32_t reasons[CPUS_MAX];

static void rest(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
}

/* ---- pull: one thread for all ---- */

static void drive_pull(struct vgdb *g)
{
	uint32_t cpu;
	int action;

	while (!machine_ended()) {
		for (cpu = 0; cpu < machine_cpus() && !machine_ended(); cpu++) {
			action = vgdb_serve_until_resumed(g, cpu, reasons[cpu]);
			reasons[cpu] = VGDB_NOTHING;
			if (action < 0)
				errx(1, "%s", strerror(-action));
			if (action != VGDB_WAIT)
				reasons[cpu] = machine_run(g, cpu, action);
		}
		vgdb_interrupted(g, 0);
		rest();
	}
}

/* ---- thread: the library's, and one for each vCPU ---- */

static struct vgdb *handle;

static void *run_cpu(void *argument)
{
	uint32_t cpu = (uintptr_t)argument, reason = VGDB_NOTHING;
	int action = VGDB_WAIT;

	while (!machine_ended()) {
		if (action == VGDB_WAIT || reason || vgdb_interrupted(handle, cpu))
			action = vgdb_serve_until_resumed(handle, cpu, reason);
		if (action < 0)
			errx(1, "%s", strerror(-action));
		reason = machine_run(handle, cpu, action);
		rest();
	}
	vgdb_ended(handle);
	return NULL;
}

static void drive_thread(struct vgdb *g)
{
	pthread_t threads[CPUS_MAX];
	unsigned int i, count = machine_cpus();

	handle = g;
	if (vgdb_start_thread(g))
		errx(1, "no thread");
	for (i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, run_cpu, (void *)(uintptr_t)i))
			errx(1, "no thread");
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

/* ---- push: an event loop moves the bytes ---- */

static int wait_for_debugger(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		err(1, "accept");
	return fd;
}

/* Return: whether the debugger is still there. */
static bool move_bytes(struct vgdb *g, int fd, bool wait)
{
	struct pollfd p = { .fd = fd, .events = vgdb_wants_input(g) ? POLLIN : 0 };
	const void *out;
	char in[1024];
	size_t len;
	ssize_t n;

	if (vgdb_wants_work(g))
		vgdb_work(g);
	if (poll(&p, 1, wait && !vgdb_wants_work(g) ? 100 : 0) > 0) {
		n = read(fd, in, sizeof(in));
		if (n <= 0)
			return false;
		vgdb_input(g, in, n);
	}
	if (vgdb_wants_event(g))
		vgdb_event(g);
	out = vgdb_output(g, &len);
	n = len ? send(fd, out, len, MSG_NOSIGNAL) : 0;
	if (n < 0)
		return false;
	vgdb_sent(g, n);
	return !vgdb_finished(g) || (size_t)n < len;
}

static bool run_all(struct vgdb *g)
{
	bool any = false;
	uint32_t cpu;
	int action;

	for (cpu = 0; cpu < machine_cpus() && !machine_ended(); cpu++) {
		action = vgdb_action(g, cpu);
		if (action <= 0)
			continue;
		any = true;
		reasons[cpu] = machine_run(g, cpu, action);
		vgdb_report(g, cpu, reasons[cpu]);
	}
	return any;
}

static void drive_push(struct vgdb *g, int listener)
{
	bool running;
	int fd;

	while (!machine_ended()) {
		fd = wait_for_debugger(listener);
		vgdb_connect(g);
		do {
			running = run_all(g);
		} while (!machine_ended() && move_bytes(g, fd, !running));
		if (machine_ended()) {
			vgdb_ended(g);
			move_bytes(g, fd, false);
		}
		vgdb_disconnect(g);
		close(fd);
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) || listen(fd, 1))
		err(1, "%s", path);
	return fd;
}

/* ---- the program ---- */

static void announce(struct vgdb *g, const char *address)
{
	char where[128];
	int result = vgdb_listen(g, address);

	if (result < 0)
		errx(1, "%s: %s", address, strerror(-result));
	if (vgdb_address(g, where, sizeof(where)) == 0)
		fprintf(stderr, "gdb may connect to %s\n", where);
}

int main(int argc, char **argv)
{
	unsigned int cpus = 2;
	struct vgdb_ops ops = machine_ops;
	bool hold = false;
	struct vgdb *g;
	int i, listener;

	if (argc < 4)
		errx(2, "usage: %s pull|thread|push ADDRESS GUEST [OPTION...]", argv[0]);
	for (i = 4; i < argc; i++) {
		if (!strncmp(argv[i], "cpus=", 5))
			cpus = atoi(argv[i] + 5);
		if (!strcmp(argv[i], "own"))
			machine_has_breakpoints(true);
		if (!strcmp(argv[i], "nokill"))
			ops.kill = NULL;
		hold |= !strcmp(argv[i], "hold");
	}
	machine_start(argv[3], cpus);
	g = vgdb_new(&ops, NULL, cpus);
	if (!g)
		err(1, "vgdb_new");
	extensions_add(g);
	if (hold)
		vgdb_hold(g);
	if (!strcmp(argv[1], "push")) {
		listener = listen_at(argv[2] + strlen("unix:"));
		fprintf(stderr, "gdb may connect to %s\n", argv[2] + strlen("unix:"));
		drive_push(g, listener);
	} else {
		announce(g, argv[2]);
		if (!strcmp(argv[1], "pull"))
			drive_pull(g);
		else
			drive_thread(g);
		vgdb_ended(g);
	}
	vgdb_free(g);
	fprintf(stderr, "the guest has ended\n");
	return 0;
}
