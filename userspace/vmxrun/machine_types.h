/* SPDX-License-Identifier: GPL-2.0-only */
/* The whole computer: a VM, its vCPUs and its devices. Types only. */
#ifndef VMXRUN_MACHINE_TYPES_H
#define VMXRUN_MACHINE_TYPES_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/kvm.h>

#include "acpi_pm.h"
#include "alarm.h"
#include "apic_bus.h"
#include "cmos.h"
#include "console.h"
#include "cpu_state.h"
#include "debug_exit.h"
#include "io_bus.h"
#include "ioapic.h"
#include "isa_irq.h"
#include "kbc.h"
#include "kernel_irq.h"
#include "lapic.h"
#include "pic.h"
#include "pit.h"
#include "uart.h"
#include "vm.h"

#define MAX_VCPUS	APIC_BUS_MAX

enum vcpu_activity {
	VCPU_RUNNING,
	VCPU_HALTED,		/* until an interrupt */
	VCPU_WAIT_FOR_SIPI,	/* until another CPU starts it */
};

/**
 * struct vcpu - a virtual CPU
 * @m: its machine
 * @id: number, and APIC id
 * @fd: result of KVM_CREATE_VCPU
 * @run: memory shared with the kernel
 * @lapic: its local APIC
 * @power_on: state after power-on and reset
 * @activity: state between exits
 * @thread: thread that runs the guest
 * @started: there is a @thread
 * @waiting: @thread sleeps on @wake and is not in the guest
 * @wake: wakes a waiting @thread
 */
struct vcpu {
	struct machine *m;
	unsigned int id;
	int fd;
	struct kvm_run *run;
	struct lapic lapic;
	struct cpu_state power_on;
	enum vcpu_activity activity;
	pthread_t thread;
	bool started;
	bool waiting;
	pthread_cond_t wake;
};

/**
 * struct machine - the whole computer
 * @vm: VM and RAM
 * @lock: protects all devices; vCPU threads and the event loop take it
 * @io: port space
 * @pic: interrupt controllers of the PC
 * @ioapic: I/O APIC
 * @apic_bus: connects @ioapic and the local APICs
 * @isa_irq: interrupt wires of the ISA devices
 * @kernel_irq: interrupt controllers in the kernel, in place of some of these
 * @pit: timer
 * @uart: serial port
 * @cmos: real-time clock
 * @kbc: keyboard controller, and reset ports
 * @acpi_pm: power management
 * @debug_exit: port of --debug-exit
 * @console: other end of the serial line
 * @alarm: wakes the event loop for the PIT and the timers of local APICs
 * @wake: eventfd that makes the event loop check @stopped and the console
 * @signals: signalfd of the signals that end vmxrun
 * @lapic_hz: frequency of the timers of local APICs, which CPUID reports
 * @no_reboot: a reset ends vmxrun
 * @hide_hypervisor: CPUID does not tell of a hypervisor
 * @stopped: the machine ends, and @status is vmxrun's exit status
 * @resetting: vCPU threads end, and start again
 * @status: see @stopped
 * @nr_vcpus: number of @vcpus
 * @vcpus: virtual CPUs
 */
struct machine {
	struct vm vm;
	pthread_mutex_t lock;
	struct io_bus io;
	struct pic pic;
	struct ioapic ioapic;
	struct apic_bus apic_bus;
	struct isa_irq isa_irq;
	struct kernel_irq kernel_irq;
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

/* Users of @alarm. */
enum {
	ALARM_PIT,
	ALARM_LAPIC,		/* the first of one for each vCPU */
};

#endif
