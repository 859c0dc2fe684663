/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of the computer: how it starts, resets and ends. */
#ifndef VMXRUN_MACHINE_H
#define VMXRUN_MACHINE_H

#include "load.h"
#include "machine_types.h"

/**
 * struct machine_config - options of the command line
 * @device: path of the device node
 * @ram: bytes of guest memory
 * @vcpus: number of virtual CPUs
 * @debug_exit: port, or -1 for none
 * @paused: no vCPU runs before a debugger resumes it
 * @no_reboot: a reset ends vmxrun
 * @hide_hypervisor: CPUID does not tell of a hypervisor
 * @irqchip: interrupt controllers in the kernel
 */
struct machine_config {
	const char *device;
	uint64_t ram;
	unsigned int vcpus;
	int debug_exit;
	bool paused;
	bool no_reboot;
	bool hide_hypervisor;
	enum irqchip irqchip;
};

bool machine_create(struct machine *m, const struct machine_config *config);
int machine_run(struct machine *m, const struct load_request *load,
		const char *console);

#endif
