// SPDX-License-Identifier: GPL-2.0-only
/* The whole computer: how it starts, resets and ends. */
#include "acpi_tables.h"
#include "machine.h"
#include "msg.h"

/**
 * machine_create - everything but the guest's memory contents
 *
 * Return: false after a message.
 */
bool machine_create(struct machine *m, const struct machine_config *config)
{
	pthread_mutex_init(&m->lock, NULL);
	m->hide_hypervisor = config->hide_hypervisor;
	m->no_reboot = config->no_reboot;
	if (!vm_create(&m->vm, config->device, config->ram) ||
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
 * Tables first: a flat image may want their place. Return: false after a
 * message.
 */
static bool power_on(struct machine *m, const struct load_request *load)
{
	struct boot boot;

	wiring_power_on(m);
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

	/* None looks for another before that one is there. */
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
		machine_stop(m, 1);
	halt_vcpus(m);
}

/**
 * machine_run - from the first instruction to the last
 * @load: what to start with, and again after each reset
 * @console: as console_open() takes it
 *
 * Return: vmxrun's exit status.
 */
int machine_run(struct machine *m, const struct load_request *load,
		const char *console)
{
	/* Nothing is opened for a guest that cannot be loaded. */
	if (!power_on(m, load) || !console_open(&m->console, console))
		return 1;
	run_until_reset(m);
	while (!m->stopped) {
		if (!ram_clear(&m->vm.ram) || !power_on(m, load))
			machine_stop(m, 1);
		else
			run_until_reset(m);
	}
	console_close(&m->console);
	return m->status;
}

/**
 * machine_stop - end it with @status; the first who says so is right
 *
 * Any thread, with or without the lock. The event loop then gathers the rest.
 */
void machine_stop(struct machine *m, int status)
{
	bool expected = false;

	/* Only one thread gets past here; readers of @status join it first. */
	if (!__atomic_compare_exchange_n(&m->stopped, &expected, true, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	m->status = status;
	event_loop_wake(m);
}

/**
 * machine_reset - start again, or with --no-reboot end with @status
 *
 * As machine_stop().
 */
void machine_reset(struct machine *m, int status)
{
	if (m->no_reboot) {
		machine_stop(m, status);
		return;
	}
	__atomic_store_n(&m->resetting, true, __ATOMIC_SEQ_CST);
	event_loop_wake(m);
}

/* Do the vCPUs' threads end? */
bool machine_stopping(const struct machine *m)
{
	return __atomic_load_n(&m->stopped, __ATOMIC_SEQ_CST) ||
	       __atomic_load_n(&m->resetting, __ATOMIC_SEQ_CST);
}

/**
 * machine_check_dead - a vCPU has become idle; the lock is held
 *
 * With interrupts off on all, nothing will ever end it: that is how Linux
 * without ACPI is "powered off".
 */
void machine_check_dead(struct machine *m)
{
	for (unsigned int i = 0; i < m->nr_vcpus; i++)
		if (!vcpu_is_dead(&m->vcpus[i]))
			return;
	msg("the guest halted for good");
	machine_stop(m, 0);
}
