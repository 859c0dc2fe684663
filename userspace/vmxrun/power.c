// SPDX-License-Identifier: GPL-2.0-only
/* Stopping and resetting the machine. */
#include "msg.h"
#include "power.h"
#include "vcpu_event.h"
#include "wake.h"

/**
 * power_stop - end the machine with exit status @status
 *
 * The first call counts. Any thread may call it, with or without the machine's
 * lock. The event loop then ends the vCPU threads.
 */
void power_stop(struct machine *m, int status)
{
	bool expected = false;

	/* Only one thread gets past here. machine_run() reads @status later. */
	if (!__atomic_compare_exchange_n(&m->stopped, &expected, true, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	m->status = status;
	wake_event_loop(m);
}

/**
 * power_reset - start again, or with --no-reboot end with @status
 *
 * Callers as for power_stop().
 */
void power_reset(struct machine *m, int status)
{
	if (m->no_reboot) {
		power_stop(m, status);
		return;
	}
	__atomic_store_n(&m->resetting, true, __ATOMIC_SEQ_CST);
	wake_event_loop(m);
}

/* Return: whether vCPU threads must end, because of a stop or a reset */
bool power_is_stopping(const struct machine *m)
{
	return __atomic_load_n(&m->stopped, __ATOMIC_SEQ_CST) ||
	       __atomic_load_n(&m->resetting, __ATOMIC_SEQ_CST);
}

/**
 * power_check_dead - stop the machine if no vCPU can ever run again
 *
 * When all vCPUs are idle with interrupts off, none can. Linux without ACPI
 * powers off like this. To be called when a vCPU becomes idle, with the
 * machine's lock held.
 */
void power_check_dead(struct machine *m)
{
	for (unsigned int i = 0; i < m->nr_vcpus; i++)
		if (!vcpu_is_dead(&m->vcpus[i]))
			return;
	msg("the guest halted for good");
	power_stop(m, 0);
}
