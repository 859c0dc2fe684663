/* SPDX-License-Identifier: GPL-2.0-only */
/* The whole computer: a VM, its vCPUs and its devices. */
#ifndef VMXRUN_MACHINE_H
#define VMXRUN_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "cmos.h"
#include "console.h"
#include "debug_exit.h"
#include "io_bus.h"
#include "kbc.h"
#include "pic.h"
#include "pit.h"
#include "uart.h"
#include "vcpu.h"
#include "vm.h"

#define MAX_VCPUS	1

/**
 * struct machine_config - what the command line asked for
 * @device: path
 * @debug_exit: port, or -1 for none
 * @paused: let no vCPU run before a debugger says so
 */
struct machine_config {
	const char *device;
	uint64_t ram;
	unsigned int vcpus;
	int debug_exit;
	bool paused;
	bool hide_hypervisor;
};

/**
 * struct machine - the whole computer
 * @lock: holds all devices still; taken by vCPU threads and the event loop
 * @wake: eventfd: the event loop must look at @stopping and at the console
 * @timer: timerfd of the PIT
 * @signals: signalfd of what ends us
 * @stopping: vCPU threads end; @status is vmxrun's
 */
struct machine {
	struct vm vm;
	pthread_mutex_t lock;
	struct io_bus io;
	struct pic pic;
	struct pit pit;
	struct uart uart;
	struct cmos cmos;
	struct kbc kbc;
	struct debug_exit debug_exit;
	struct console console;
	int wake;
	int timer;
	int signals;
	bool hide_hypervisor;
	bool stopping;
	int status;
	unsigned int nr_vcpus;
	struct vcpu vcpus[MAX_VCPUS];
};

bool machine_create(struct machine *m, const struct machine_config *config);
int machine_run(struct machine *m, const struct boot *boot,
		const char *console);
void machine_stop(struct machine *m, int status);
bool machine_stopping(const struct machine *m);

/* event_loop.c */
bool event_loop_init(struct machine *m);
void event_loop_wake(struct machine *m);
void event_loop_run(struct machine *m);

#endif
