// SPDX-License-Identifier: MIT
/*
 * kvm-vmm DEVICE pull|thread|session ADDRESS GUEST [cpus=N]
 *
 * A VMM for /dev/kvm and /dev/vmxdbg whose guest gdb debugs by libvmxgdb, in three ways:
 *
 *   pull     one thread runs the vCPU and serves gdb; a signal tells it that gdb has
 *            sent something while the guest runs
 *   thread   each vCPU has a thread, and the library has one
 *   session  the same, by a session of /dev/vmxdbg: vCPUs need not call the library
 *
 * ADDRESS is tcp:PORT, unix:PATH or line:TTY. The guest waits for gdb.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <vmxdbg.h>
#include <vmxgdb.h>

#include "kvm_start.h"

#define CPUS_MAX	4
#define PORT_END	0xf4

static struct vm vm;
static struct cpu cpus[CPUS_MAX];
static pthread_t threads[CPUS_MAX];
static unsigned int count = 1;
static struct vgdb *g;
static volatile bool ended;

static void check(int result, const char *what)
{
	if (result < 0)
		errx(1, "%s: %s", what, strerror(-result));
}

/* ---- out of the guest ---- */

static __thread struct kvm_run *running;

/* Also if KVM_RUN begins only now, it returns at once. */
static void leave_guest(int signo)
{
	if (running)
		running->immediate_exit = 1;
}

static void catch_signal(int signo)
{
	struct sigaction action = { .sa_handler = leave_guest };

	sigaction(signo, &action, NULL);
}

static int kick(void *context, uint32_t cpu)
{
	return -pthread_kill(threads[cpu], SIGUSR1);
}

/* gdb's "run" and "monitor reset" */
static int reset(void *context)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		cpu_reset(&cpus[i], i);
	return 0;
}

static int kill_guest(void *context)
{
	ended = true;
	return 0;
}

static const struct vgdb_ops ops = {
	.size = sizeof(ops), .kick = kick, .reset = reset, .kill = kill_guest,
};

/* ---- exits ---- */

/* Return: what the vCPU may do, VGDB_*. */
static int handle_exit(unsigned int number, const struct kvm_run *run, bool in_session)
{
	switch (run->exit_reason) {
	case KVM_EXIT_DEBUG:
		return vgdb_kvm_exit(g, number);
	case KVM_EXIT_IO:
		if (run->io.port == PORT_END)
			ended = true;
		return VGDB_RUN;
	case KVM_EXIT_INTR:
		return VGDB_RUN;
	case KVM_EXIT_SHUTDOWN:
		if (!in_session)
			vgdb_serve_until_resumed(g, number, VGDB_SHUTDOWN);
		/* The guest is of no use any more. */
		ended = true;
		return VGDB_RUN;
	default:
		errx(1, "exit reason %u", run->exit_reason);
	}
}

static void run_cpu(unsigned int number, bool in_session)
{
	struct cpu *cpu = &cpus[number];
	int action = VGDB_RUN;

	running = cpu->run;
	if (!in_session)
		action = vgdb_serve_until_resumed(g, number, VGDB_NOTHING);
	while (!ended) {
		check(action, "libvmxgdb");
		cpu->run->immediate_exit = 0;
		if (!in_session && vgdb_interrupted(g, number)) {
			action = vgdb_serve_until_resumed(g, number, VGDB_NOTHING);
			continue;
		}
		if (ioctl(cpu->fd, KVM_RUN, 0) < 0) {
			if (errno != EINTR)
				err(1, "KVM_RUN");
			continue;
		}
		action = handle_exit(number, cpu->run, in_session);
	}
	running = NULL;
}

/* ---- three ways ---- */

static void *plain_thread(void *argument)
{
	run_cpu((struct cpu *)argument - cpus, false);
	vgdb_ended(g);
	return NULL;
}

static void *session_thread(void *argument)
{
	run_cpu((struct cpu *)argument - cpus, true);
	vgdb_ended(g);
	return NULL;
}

static void run_threads(void *(*body)(void *cpu))
{
	unsigned int i;

	check(vgdb_start_thread(g), "vgdb_start_thread");
	for (i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, body, &cpus[i]))
			errx(1, "no thread");
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

/* The library's handle for the guest */
static void attach_gdb(bool in_session)
{
	struct vmxdbg_attach attach = { VMXDBG_ATTACH_FD, vm.fd };
	unsigned int i;

	if (in_session) {
		int session = ioctl(vm.device, VMXDBG_ATTACH, &attach);

		if (session < 0)
			err(1, "VMXDBG_ATTACH");
		g = vgdb_new_session(session);
	} else {
		g = vgdb_new_kvm(vm.fd);
	}
	if (!g)
		err(1, "no handle");
	if (in_session)
		return;
	check(vgdb_kvm_add_memory(g, 0, RAM_SIZE, vm.ram), "vgdb_kvm_add_memory");
	for (i = 0; i < count; i++)
		check(vgdb_kvm_add_vcpu(g, cpus[i].fd, cpus[i].run), "vgdb_kvm_add_vcpu");
	check(vgdb_kvm_ops(g, &ops, NULL), "vgdb_kvm_ops");
}

static void listen_at(const char *address)
{
	char where[128];
	int fd;

	if (!strncmp(address, "line:", 5)) {
		fd = open(address + 5, O_RDWR | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			err(1, "%s", address + 5);
		check(vgdb_serve_fd(g, fd), address);
		snprintf(where, sizeof(where), "%s", address + 5);
	} else {
		check(vgdb_listen(g, address), address);
		vgdb_address(g, where, sizeof(where));
	}
	fprintf(stderr, "gdb may connect to %s\n", where);
}

int main(int argc, char **argv)
{
	unsigned int i;
	bool in_session;

	if (argc < 5)
		errx(2, "usage: %s DEVICE pull|thread|session ADDRESS GUEST [cpus=N]", argv[0]);
	in_session = !strcmp(argv[2], "session");
	if (argc > 5 && !strncmp(argv[5], "cpus=", 5))
		count = atoi(argv[5] + 5);
	if (!count || count > CPUS_MAX)
		errx(2, "cpus=1 to %d", CPUS_MAX);
	vm_create(&vm, argv[1], argv[4]);
	for (i = 0; i < count; i++)
		vm_create_cpu(&vm, i, &cpus[i]);
	attach_gdb(in_session);
	check(vgdb_hold(g), "vgdb_hold");
	catch_signal(SIGUSR1);
	catch_signal(SIGIO);
	listen_at(argv[3]);
	if (!strcmp(argv[2], "pull")) {
		check(vgdb_signal(g, SIGIO), "vgdb_signal");
		run_cpu(0, false);
		vgdb_ended(g);
	} else {
		run_threads(in_session ? session_thread : plain_thread);
	}
	vgdb_free(g);
	fprintf(stderr, "the guest has ended\n");
	return 0;
}
