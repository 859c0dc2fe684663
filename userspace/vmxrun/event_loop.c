// SPDX-License-Identifier: GPL-2.0-only
/*
 * The main thread: waits for timers, for the end of a debugger's stop, for input on the
 * console, for signals, and for vCPU threads (wake.c).
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "event_loop.h"
#include "msg.h"
#include "power.h"
#include "wake.h"
#include "wiring.h"

enum { POLL_WAKE, POLL_TIMER, POLL_TIME, POLL_SIGNALS, POLL_CONSOLE, POLL_COUNT };

/* Threads that start later inherit the mask. Return: a signalfd, or -1. */
static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/**
 * event_loop_init - create the descriptors that the event loop waits for
 *
 * Return: false after a message.
 */
bool event_loop_init(struct machine *m)
{
	m->signals = block_signals();
	if (m->signals >= 0 && wake_init(m) && alarm_init(&m->alarm, m->vm.fd))
		return true;
	msg("cannot set up the event loop: %s", strerror(errno));
	return false;
}

static void on_timer(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
	wiring_expire(m);
	alarm_rang(&m->alarm);
	pthread_mutex_unlock(&m->lock);
}

static void on_signal(struct machine *m)
{
	struct signalfd_siginfo info;

	if (read(m->signals, &info, sizeof(info)) != sizeof(info))
		return;
	msg("ended by signal %u", info.ssi_signo);
	power_stop(m, 128 + info.ssi_signo);
}

static void on_console(struct machine *m)
{
	if (!console_read(&m->console))
		power_stop(m, 0);
}

/* Pass input to the serial port as long as it has room. */
static void feed_uart(struct machine *m)
{
	uint8_t byte;

	pthread_mutex_lock(&m->lock);
	while (uart_rx_room(&m->uart) && console_take(&m->console, &byte))
		uart_receive(&m->uart, byte);
	pthread_mutex_unlock(&m->lock);
}

/**
 * event_loop_run - handle events until power_stop() or power_reset()
 */
void event_loop_run(struct machine *m)
{
	struct pollfd fds[POLL_COUNT] = {
		[POLL_WAKE] = { .fd = m->wake, .events = POLLIN },
		[POLL_TIMER] = { .fd = m->alarm.fd, .events = POLLIN },
		[POLL_TIME] = { .events = POLLOUT },
		[POLL_SIGNALS] = { .fd = m->signals, .events = POLLIN },
		[POLL_CONSOLE] = { .events = POLLIN },
	};

	while (!power_is_stopping(m)) {
		/* Only this thread changes @waits. */
		fds[POLL_TIME].fd = m->alarm.waits ? m->alarm.clock.vm : -1;
		fds[POLL_CONSOLE].fd = console_wants_input(&m->console) ?
				       m->console.in : -1;
		if (poll(fds, POLL_COUNT, -1) < 0)
			continue;
		if (fds[POLL_SIGNALS].revents)
			on_signal(m);
		if (fds[POLL_CONSOLE].revents)
			on_console(m);
		if (power_is_stopping(m))
			break;
		if (fds[POLL_WAKE].revents)
			wake_drain(m);
		if (fds[POLL_TIMER].revents || fds[POLL_TIME].revents)
			on_timer(m);
		feed_uart(m);
	}
}
