/* SPDX-License-Identifier: GPL-2.0-only */
/* The whole computer: a VM, its vCPUs and its devices. */
#ifndef VMXRUN_MACHINE_H
#define VMXRUN_MACHINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "acpi_pm.h"
#include "alarm.h"
#include "apic_bus.h"
#include "cmos.h"
#include "console.h"
#include "debug_exit.h"
#include "io_bus.h"
#include "ioapic.h"
#include "isa_irq.h"
#include "kbc.h"
#include "load.h"
#include "pic.h"
#include "pit.h"
#include "uart.h"
#include "vcpu.h"
#include "vm.h"

#define MAX_VCPUS	APIC_BUS_MAX

/**
 * struct machine_config - what the command line asked for
 * @device: path
 * @debug_exit: port, or -1 for none
 * @paused: let no vCPU run before a debugger says so
 * @no_reboot: a reset ends vmxrun
 */
struct machine_config {
	const char *device;
	uint64_t ram;
	unsigned int vcpus;
	int debug_exit;
	bool paused;
	bool no_reboot;
	bool hide_hypervisor;
};

/**
 * struct machine - the whole computer
 * @lock: holds all devices still; taken by vCPU threads and the event loop
 * @alarm: wakes the event loop for the PIT and the local APICs' timers
 * @wake: eventfd: the event loop must look at @stopped and at the console
 * @signals: signalfd of what ends us
 * @lapic_hz: what the local APICs' timers count; CPUID tells it
 * @stopped: it is over: @status is vmxrun's
 * @resetting: vCPU threads end, to start again
 */
struct machine {
	struct vm vm;
	pthread_mutex_t lock;
	struct io_bus io;
	struct pic pic;
	struct ioapic ioapic;
	struct apic_bus apic_bus;
	struct isa_irq isa_irq;
	struct pit pit;
	struct uart uart;
	struct cmos cmos;
	struct kbc kbc;
	struct acpi_pm acpi_pm;
	struct debug_exit debug_exit;
	struct console console;
	struct alarm alarm;
	int wake;
	int signals;
	uint32_t lapic_hz;
	bool no_reboot;
	bool hide_hypervisor;
	bool stopped;
	bool resetting;
	int status;
	unsigned int nr_vcpus;
	struct vcpu vcpus[MAX_VCPUS];
};

/* Whose deadlines the alarm knows. */
enum {
	ALARM_PIT,
	ALARM_LAPIC,		/* and one for each vCPU */
};

bool machine_create(struct machine *m, const struct machine_config *config);
int machine_run(struct machine *m, const struct load_request *load,
		const char *console);
void machine_stop(struct machine *m, int status);
void machine_reset(struct machine *m, int status);
bool machine_stopping(const struct machine *m);
void machine_check_dead(struct machine *m);

/* wiring.c */
void wiring_connect(struct machine *m);
bool wiring_add_ports(struct machine *m, int debug_exit);
void wiring_power_on(struct machine *m);
void wiring_expire(struct machine *m);

/* event_loop.c */
bool event_loop_init(struct machine *m);
void event_loop_wake(struct machine *m);
void event_loop_run(struct machine *m);

#endif
