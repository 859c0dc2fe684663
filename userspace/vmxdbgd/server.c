// SPDX-License-Identifier: GPL-2.0-only
/*
 * The daemon's main loop: wait for the VM and for debuggers, serve them, let the guest
 * run, and wait for the next ones. Nothing else in the daemon waits.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "exit_status.h"
#include "guest/target.h"
#include "home.h"
#include "log.h"
#include "options.h"
#include "ready.h"
#include "rights.h"
#include "seats.h"
#include "server.h"
#include "transport_fd.h"

#define POLL_VM_MS	200

/**
 * struct server - the daemon
 * @options: command line
 * @transports: where debuggers come from
 * @nr_transports: number of them
 * @where: their names
 * @listens: another debugger can come
 * @home: VM, without --multi
 * @seats: connected debuggers
 * @signals: signalfd of the signals that end the daemon
 * @quit: such a signal came
 */
struct server {
	const struct options *options;
	struct transport transports[TRANSPORTS_MAX];
	int nr_transports;
	char where[400];
	bool listens;
	struct home home;
	struct seats seats;
	int signals;
	bool quit;
};

/* Places in the array for poll(); three for each seat follow the transports. */
enum { FD_SIGNALS, FD_EVENTS, FD_LISTEN, FD_SEATS = FD_LISTEN + TRANSPORTS_MAX };
enum { SEAT_IN, SEAT_OUT, SEAT_EVENTS, SEAT_FDS };
#define FDS	(FD_SEATS + SEAT_FDS * SEATS_MAX)

/* ---- what to wait for ---- */

/* A VM whose events nobody wants now is only seen to end. */
static void poll_vm(const struct seat *seat, struct pollfd *fd)
{
	const struct stub *stub = &seat->client->stub;
	bool wanted = stub_wants_events(stub);

	if (!seats_has_vm(seat) || stub->gone || (!wanted && !stub->waits))
		return;
	fd->fd = stub->target->ops->event_fd(stub->target);
	if (wanted)
		fd->events = POLLIN;
	if (stub_wants_records(stub))
		fd->events |= POLLPRI;
}

/* Return: the longest time until something has to be done for the seat. */
static int poll_seat(const struct seat *seat, struct pollfd *fds)
{
	const struct client *c = seat->client;

	client_poll(c, fds, seats_may_talk(seat));
	poll_vm(seat, &fds[SEAT_EVENTS]);
	if (stub_has_work(&c->stub))
		return 0;
	return c->leaving ? POLL_VM_MS : -1;
}

static int shorter(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/*
 * Fill in @fds, of which poll() gets @count: it looks at each, also at those of no seat.
 * Return: the timeout for poll().
 */
static int prepare(struct server *s, struct pollfd *fds, int *count)
{
	bool no_vm = s->seats.home && !s->seats.holder && !home_is_ready(&s->home);
	int timeout = no_vm ? POLL_VM_MS : -1;
	int i;

	for (i = 0; i < FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	fds[FD_SIGNALS] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	for (i = 0; i < s->nr_transports; i++)
		if (s->transports[i].ops->accept)
			fds[FD_LISTEN + i] = (struct pollfd){
				.fd = s->transports[i].listen_fd, .events = POLLIN,
			};
	if (s->home.attached && !s->home.ended && !s->seats.holder)
		fds[FD_EVENTS] = (struct pollfd){
			.fd = s->home.target->ops->event_fd(s->home.target), .events = POLLIN,
		};
	*count = FD_SEATS;
	for (i = 0; i < SEATS_MAX; i++) {
		if (!s->seats.seat[i].client)
			continue;
		timeout = shorter(timeout, poll_seat(&s->seats.seat[i],
						     &fds[FD_SEATS + SEAT_FDS * i]));
		*count = FD_SEATS + SEAT_FDS * (i + 1);
	}
	return timeout;
}

/* ---- what has happened ---- */

static void accept_one(struct server *s, struct transport *t)
{
	struct connection c;

	if (t->ops->accept(t, &c) == 0)
		seats_add(&s->seats, &c, t->is_line, false);
}

static void serve_seat(struct seat *seat, const struct pollfd *fds)
{
	struct client *c = seat->client;

	if ((fds[SEAT_EVENTS].revents & POLLHUP) && !fds[SEAT_EVENTS].events)
		c->stub.gone = true;
	else if (fds[SEAT_EVENTS].revents)
		stub_event(&c->stub);
	stub_work(&c->stub);
	client_serve(c, fds);
	seats_look_after(seat);
}

static void serve_once(struct server *s)
{
	struct client *before[SEATS_MAX];
	struct pollfd fds[FDS];
	int i, count;
	int timeout = prepare(s, fds, &count);

	if (poll(fds, count, timeout) < 0)
		return;
	if (fds[FD_SIGNALS].revents) {
		s->quit = true;
		return;
	}
	if (fds[FD_EVENTS].revents)
		home_event(&s->home);
	for (i = 0; i < SEATS_MAX; i++)
		before[i] = s->seats.seat[i].client;
	/* A debugger may get the guest of another seat, or leave its own in a new one. */
	for (i = 0; i < SEATS_MAX; i++)
		if (before[i] && s->seats.seat[i].client == before[i])
			serve_seat(&s->seats.seat[i], &fds[FD_SEATS + SEAT_FDS * i]);
	for (i = 0; i < s->nr_transports; i++)
		if (fds[FD_LISTEN + i].revents)
			accept_one(s, &s->transports[i]);
}

/* ---- the end ---- */

/* Return: whether the daemon has done what it was started for. */
static bool enough(struct server *s)
{
	bool one = s->options->once || !s->listens;

	/* Last words must be heard. */
	if (seats_any(&s->seats, true))
		return false;
	if (one && s->seats.served && !(s->options->multi && seats_any(&s->seats, false)))
		return true;
	/* The only debugger has gone before it said anything. */
	if (!s->listens && !seats_any(&s->seats, false))
		return true;
	if (!s->home.ended)
		return false;
	log_say(LOG_INFO, "the VM has ended");
	home_leave(&s->home);
	if (one || s->options->vm >= 0 || !s->options->wait)
		return true;
	s->home.ended = s->home.ready = false;
	s->home.told = 0;
	return false;
}

/* ---- the life of the daemon ---- */

static void begin(struct server *s)
{
	struct connection c;
	int i;

	for (i = 0; i < s->nr_transports; i++) {
		struct transport *t = &s->transports[i];

		if (!t->ops->only)
			continue;
		t->ops->only(t, &c);
		seats_add(&s->seats, &c, t->is_line, true);
	}
	if (s->options->multi)
		log_say(LOG_INFO, "waiting for gdb at %s: target extended-remote, then attach and the number of a VM",
			s->where);
}

static int serve(struct server *s)
{
	bool told = false;
	int status = 0;

	begin(s);
	do {
		if (s->seats.home && !s->home.ended)
			status = home_find(&s->home, s->where);
		if (status)
			break;
		if (!told)
			ready_tell(s->options->ready_fd);
		told = true;
		serve_once(s);
	} while (!s->quit && !enough(s));
	ready_stopping();
	if (s->seats.home)
		home_leave(&s->home);
	seats_close(&s->seats);
	return status;
}

static int open_signals(void)
{
	sigset_t set;

	/* write() returns an error when the debugger has gone. */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int open_transport(struct server *s, const struct transport_ops *ops,
			  const char *endpoint)
{
	struct transport *t = &s->transports[s->nr_transports];
	int status = transport_open(t, ops, endpoint);
	size_t len = strlen(s->where);

	if (status)
		return status;
	s->nr_transports++;
	s->listens |= t->ops->accept || t->is_line;
	snprintf(s->where + len, sizeof(s->where) - len, "%s%s", len ? " and " : "", t->where);
	return 0;
}

/* The one that the options name, or the sockets that systemd has passed. */
static int open_transports(struct server *s)
{
	char number[12];
	int i, status = 0;

	if (s->options->transport)
		return open_transport(s, s->options->transport, s->options->endpoint);
	for (i = 0; i < s->options->passed && !status; i++) {
		snprintf(number, sizeof(number), "%d", FD_PASSED + i);
		status = open_transport(s, &transport_fd, number);
	}
	return status;
}

static int check_vanish(struct server *s)
{
	if (s->options->vanish == VANISH_CONTINUE || s->listens)
		return 0;
	log_say(LOG_ERROR, "--on-vanish: after the one connection no debugger can come, for which the guest would wait");
	return EXIT_FAILED;
}

static void close_transports(struct server *s)
{
	int i;

	for (i = 0; i < s->nr_transports; i++)
		s->transports[i].ops->close(&s->transports[i]);
}

int server_run(const struct options *options, int device, struct target *target)
{
	struct server s = {
		.options = options,
		.home = { .options = options, .target = target },
		.seats = { .options = options, .device = device },
		.signals = open_signals(),
	};
	int status;

	if (s.signals < 0)
		return EXIT_FAILED;
	if (!options->multi)
		s.seats.home = &s.home;
	status = open_transports(&s);
	if (!status)
		status = check_vanish(&s);
	if (!status)
		status = rights_drop(options->user);
	s.seats.may_stay = s.listens && !options->once;
	if (!status)
		status = serve(&s);
	close_transports(&s);
	close(s.signals);
	return status;
}
