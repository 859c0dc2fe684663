// SPDX-License-Identifier: GPL-2.0-only
/* The life of the computer: how it starts, resets and ends. */
#include "acpi_tables.h"
#include "event_loop.h"
#include "machine.h"
#include "power.h"
#include "vcpu.h"
#include "wiring.h"

/**
 * machine_create - create the VM, its vCPUs and devices, all but the guest's
 * memory contents
 *
 * Return: false after a message.
 */
bool machine_create(struct machine *m, const struct machine_config *config)
{
	pthread_mutex_init(&m->lock, NULL);
	m->hide_hypervisor = config->hide_hypervisor;
	m->no_reboot = config->no_reboot;
	if (!vm_create(&m->vm, config->device, config->ram) ||
	    !kernel_irq_create(&m->kernel_irq, config->irqchip, &m->vm) ||
	    !wiring_add_ports(m, config->debug_exit) ||
	    (config->paused && !vm_hold(&m->vm)))
		return false;
	for (; m->nr_vcpus < config->vcpus; m->nr_vcpus++)
		if (!vcpu_create(&m->vcpus[m->nr_vcpus], m, m->nr_vcpus))
			return false;
	wiring_connect(m);
	return event_loop_init(m);
}

/*
 * Write the tables first, because a flat image may overwrite them.
 *
 * Return: false after a message.
 */
static bool power_on(struct machine *m, const struct load_request *load)
{
	struct boot boot;

	wiring_power_on(m);
	if (!kernel_irq_power_on(&m->kernel_irq))
		return false;
	acpi_tables_write(&m->vm.ram, m->nr_vcpus);
	if (!load_guest(load, &m->vm.ram, &boot))
		return false;
	for (unsigned int i = 0; i < m->nr_vcpus; i++)
		if (!vcpu_reset(&m->vcpus[i], &boot))
			return false;
	return true;
}

static bool start_vcpus(struct machine *m)
{
	bool ok = true;

	/*
	 * With the lock held no vCPU sees another one that is not started yet.
	 */
	pthread_mutex_lock(&m->lock);
	for (unsigned int i = 0; ok && i < m->nr_vcpus; i++)
		ok = vcpu_start(&m->vcpus[i]);
	pthread_mutex_unlock(&m->lock);
	return ok;
}

static void halt_vcpus(struct machine *m)
{
	__atomic_store_n(&m->console.closing, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < m->nr_vcpus; i++)
		vcpu_join(&m->vcpus[i]);
	__atomic_store_n(&m->console.closing, false, __ATOMIC_RELAXED);
}

static void run_until_reset(struct machine *m)
{
	__atomic_store_n(&m->resetting, false, __ATOMIC_SEQ_CST);
	if (start_vcpus(m))
		event_loop_run(m);
	else
		power_stop(m, 1);
	halt_vcpus(m);
}

/**
 * machine_run - run the guest until it ends
 * @m: machine from machine_create()
 * @load: files to load, at the start and after each reset
 * @console: see console_open()
 *
 * Return: vmxrun's exit status.
 */
int machine_run(struct machine *m, const struct load_request *load,
		const char *console)
{
	/* Open the console only for a guest that can be loaded. */
	if (!power_on(m, load) || !console_open(&m->console, console))
		return 1;
	run_until_reset(m);
	while (!m->stopped) {
		if (!ram_clear(&m->vm.ram) || !power_on(m, load))
			power_stop(m, 1);
		else
			run_until_reset(m);
	}
	console_close(&m->console);
	return m->status;
}
