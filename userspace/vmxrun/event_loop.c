// SPDX-License-Identifier: GPL-2.0-only
/*
 * The main thread: waits for timers, for input on the console,
 * for signals, and for vCPU threads that have something to say.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "machine.h"
#include "msg.h"

enum { POLL_WAKE, POLL_TIMER, POLL_SIGNALS, POLL_CONSOLE, POLL_COUNT };

/* Blocked here, and so in every thread made after: they come by signalfd. */
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

/* Return: false after a message. */
bool event_loop_init(struct machine *m)
{
	m->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	m->signals = block_signals();
	if (m->wake >= 0 && alarm_init(&m->alarm) && m->signals >= 0)
		return true;
	msg("cannot make the event loop: %s", strerror(errno));
	return false;
}

/* Any thread; at worst the counter is full, and it wakes all the same. */
void event_loop_wake(struct machine *m)
{
	uint64_t one = 1;
	ssize_t n = write(m->wake, &one, sizeof(one));

	(void)n;
}

static void drain(int fd)
{
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n;
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
	machine_stop(m, 128 + info.ssi_signo);
}

static void on_console(struct machine *m)
{
	if (!console_read(&m->console))
		machine_stop(m, 0);
}

/* What was typed, as far as the guest's serial port takes it now. */
static void feed_uart(struct machine *m)
{
	uint8_t byte;

	pthread_mutex_lock(&m->lock);
	while (uart_rx_room(&m->uart) && console_take(&m->console, &byte))
		uart_receive(&m->uart, byte);
	pthread_mutex_unlock(&m->lock);
}

/* Until machine_stop() or machine_reset(). */
void event_loop_run(struct machine *m)
{
	struct pollfd fds[POLL_COUNT] = {
		[POLL_WAKE] = { .fd = m->wake, .events = POLLIN },
		[POLL_TIMER] = { .fd = m->alarm.fd, .events = POLLIN },
		[POLL_SIGNALS] = { .fd = m->signals, .events = POLLIN },
		[POLL_CONSOLE] = { .events = POLLIN },
	};

	while (!machine_stopping(m)) {
		fds[POLL_CONSOLE].fd = console_wants_input(&m->console) ?
				       m->console.in : -1;
		if (poll(fds, POLL_COUNT, -1) < 0)
			continue;
		if (fds[POLL_SIGNALS].revents)
			on_signal(m);
		if (fds[POLL_CONSOLE].revents)
			on_console(m);
		if (machine_stopping(m))
			break;
		if (fds[POLL_WAKE].revents)
			drain(m->wake);
		if (fds[POLL_TIMER].revents)
			on_timer(m);
		feed_uart(m);
	}
}
