// SPDX-License-Identifier: GPL-2.0-only
/* The whole computer: a VM, its vCPUs and its devices, wired together. */
#include <sys/timerfd.h>
#include <time.h>

#include "machine.h"
#include "msg.h"

#define UART_BASE	0x3f8
#define UART_IRQ	4
#define PIT_IRQ		0
#define NSEC_PER_SEC	1000000000ULL

/* ---- wires ---- */

static void intr_changed(void *opaque, bool level)
{
	struct machine *m = opaque;

	if (level)
		vcpu_kick(&m->vcpus[0]);
}

static uint64_t clock_now(void *opaque)
{
	struct timespec now;

	(void)opaque;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/* Zero disarms a timerfd, and means "never" here as well. */
static void pit_deadline_changed(void *opaque, uint64_t deadline)
{
	struct machine *m = opaque;
	struct itimerspec when = {
		.it_value.tv_sec = deadline / NSEC_PER_SEC,
		.it_value.tv_nsec = deadline % NSEC_PER_SEC,
	};

	timerfd_settime(m->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/*
 * Whoever reads our output may be slow. The clock and Ctrl-A x must not wait
 * for him, so the lock is let go; the UART has nothing half done here.
 */
static void uart_transmit(void *opaque, uint8_t byte)
{
	struct machine *m = opaque;

	pthread_mutex_unlock(&m->lock);
	console_write(&m->console, byte);
	pthread_mutex_lock(&m->lock);
}

static void uart_room(void *opaque)
{
	event_loop_wake(opaque);
}

static void reset_asked(void *opaque)
{
	msg("the guest asked for a reset");
	machine_stop(opaque, 0);
}

static void debug_exit_asked(void *opaque, uint8_t status)
{
	machine_stop(opaque, status);
}

static void init_devices(struct machine *m)
{
	pic_init(&m->pic);
	m->pic.intr_changed = intr_changed;
	m->pic.opaque = m;

	pit_init(&m->pit);
	m->pit.irq = (struct irq_line){ pic_set_input, &m->pic, PIT_IRQ };
	m->pit.now = clock_now;
	m->pit.deadline_changed = pit_deadline_changed;
	m->pit.opaque = m;

	uart_init(&m->uart);
	m->uart.irq = (struct irq_line){ pic_set_input, &m->pic, UART_IRQ };
	m->uart.transmit = uart_transmit;
	m->uart.room = uart_room;
	m->uart.opaque = m;

	cmos_init(&m->cmos, m->vm.ram.low, m->vm.ram.size - m->vm.ram.low);

	kbc_init(&m->kbc);
	m->kbc.reset = reset_asked;
	m->kbc.opaque = m;

	m->debug_exit.exit = debug_exit_asked;
	m->debug_exit.opaque = m;
}

static bool add_ports(struct machine *m, int debug_exit)
{
	if (!pic_add_ports(&m->pic, &m->io) ||
	    !pit_add_ports(&m->pit, &m->io) ||
	    !cmos_add_ports(&m->cmos, &m->io) ||
	    !kbc_add_ports(&m->kbc, &m->io) ||
	    !uart_add_ports(&m->uart, &m->io, UART_BASE)) {
		msg("two devices want the same port");
		return false;
	}
	if (debug_exit < 0 ||
	    debug_exit_add_port(&m->debug_exit, &m->io, debug_exit))
		return true;
	msg("port %#x (--debug-exit) is a device's already", debug_exit);
	return false;
}

/* ---- life ---- */

/**
 * machine_create - everything but the guest's memory contents
 *
 * Return: false after a message.
 */
bool machine_create(struct machine *m, const struct machine_config *config)
{
	pthread_mutex_init(&m->lock, NULL);
	m->hide_hypervisor = config->hide_hypervisor;
	if (!vm_create(&m->vm, config->device, config->ram))
		return false;
	init_devices(m);
	if (!add_ports(m, config->debug_exit) ||
	    (config->paused && !vm_hold(&m->vm)))
		return false;
	for (; m->nr_vcpus < config->vcpus; m->nr_vcpus++)
		if (!vcpu_create(&m->vcpus[m->nr_vcpus], m, m->nr_vcpus))
			return false;
	return event_loop_init(m);
}

static bool start_vcpus(struct machine *m, const struct boot *boot)
{
	if (!vcpu_reset(&m->vcpus[0], boot))
		return false;
	for (unsigned int i = 0; i < m->nr_vcpus; i++)
		if (!vcpu_start(&m->vcpus[i]))
			return false;
	return true;
}

/**
 * machine_run - from the first instruction to the last
 * @console: as console_open() takes it
 *
 * Return: vmxrun's exit status.
 */
int machine_run(struct machine *m, const struct boot *boot,
		const char *console)
{
	if (!console_open(&m->console, console))
		return 1;
	if (start_vcpus(m, boot))
		event_loop_run(m);
	else
		machine_stop(m, 1);

	__atomic_store_n(&m->console.closing, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < m->nr_vcpus; i++)
		vcpu_join(&m->vcpus[i]);
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
	if (!__atomic_compare_exchange_n(&m->stopping, &expected, true, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return;
	m->status = status;
	event_loop_wake(m);
}

bool machine_stopping(const struct machine *m)
{
	return __atomic_load_n(&m->stopping, __ATOMIC_SEQ_CST);
}
