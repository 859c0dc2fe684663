// SPDX-License-Identifier: GPL-2.0-only
/*
 * The daemon's main loop: wait for the VM and for debuggers, serve them, let the guest
 * run, and wait for the next ones. Nothing else in the daemon waits.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "client.h"
#include "exit_status.h"
#include "guest/target.h"
#include "home.h"
#include "options.h"
#include "server.h"

#define POLL_VM_MS	200

/* How long a debugger's first packet may wait for the VM. gdb waits 2 s for a reply. */
#define CLAIM_MS	1500

#define CLIENTS_MAX	16

struct server;

/* A debugger in the server's table. */
struct seat {
	struct server *server;
	struct client *client;	/* NULL: free */
};

/**
 * struct server - the daemon
 * @options: command line
 * @transport: where debuggers come from
 * @home: VM
 * @seats: connected debuggers
 * @holder: the one that has the VM
 * @signals: signalfd of the signals that end the daemon
 * @quit: such a signal came
 * @served: a debugger has had the VM and has gone
 */
struct server {
	const struct options *options;
	struct transport transport;
	struct home home;
	struct seat seats[CLIENTS_MAX];
	struct seat *holder;
	int signals;
	bool quit;
	bool served;
};

/* Places in the array for poll(); two for each seat follow. */
enum { FD_SIGNALS, FD_LISTEN, FD_EVENTS, FD_SEATS };
#define FDS	(FD_SEATS + 2 * CLIENTS_MAX)

/* ---- debuggers come and go ---- */

static const char *claim(void *context)
{
	struct seat *seat = context;
	struct server *s = seat->server;
	const char *why;

	if (s->holder && s->holder != seat)
		return "another debugger has this VM";
	why = home_claim(&s->home);
	if (why)
		return why;
	s->holder = seat;
	seat->client->stub.attached = true;
	return NULL;
}

static void sit_down(struct server *s, const struct connection *connection)
{
	struct client *c;
	int i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (!s->seats[i].client)
			break;
	c = i == CLIENTS_MAX ? NULL :
	    client_new(connection, s->transport.is_line, s->home.target, s->options->layout);
	if (!c) {
		if (connection->socket)
			close(connection->in);
		return;
	}
	s->seats[i] = (struct seat){ .server = s, .client = c };
	c->stub.claim = claim;
	c->stub.time_choice = s->options->time_runs;
	c->stub.context = &s->seats[i];
	/* A debugger that is there from the start waits as long as it takes. */
	c->deadline = connection->socket ? client_now() + CLAIM_MS : INT64_MAX;
	stub_connect(&c->stub);
}

/* The debugger has the VM no longer: let the guest run. */
static void release(struct server *s)
{
	struct stub *stub = &s->holder->client->stub;
	bool gone = stub->gone;

	stub_disconnect(stub);
	stub->attached = false;
	s->holder = NULL;
	s->served = true;
	home_release(&s->home, gone);
}

static void look_after(struct server *s, struct seat *seat)
{
	struct client *c = seat->client;
	bool over = client_done(c);

	if (!over && !stub_finished(&c->stub))
		return;
	/* Before waiting for the other side to close */
	client_flush(c);
	if (s->holder == seat)
		release(s);
	if (over) {
		client_free(c);
		seat->client = NULL;
	} else if (c->is_line) {
		stub_connect(&c->stub);
	}
}

/* ---- the loop ---- */

/* Return: whether the packets of @seat may be handled, for which there must be a VM. */
static bool may_talk(struct server *s, const struct seat *seat)
{
	return seat == s->holder || seat->client->stub.phase != STUB_SILENT ||
	       home_is_ready(&s->home) || client_now() >= seat->client->deadline;
}

static int session_fd(const struct server *s)
{
	if (!s->home.attached || s->home.ended ||
	    (s->holder && !stub_wants_events(&s->holder->client->stub)))
		return -1;
	return s->home.target->ops->event_fd(s->home.target);
}

/* Fill in @fds. Return: the timeout for poll(). */
static int prepare(struct server *s, struct pollfd *fds)
{
	int timeout = home_is_ready(&s->home) || s->holder ? -1 : POLL_VM_MS;
	int i;

	fds[FD_SIGNALS] = (struct pollfd){ .fd = s->signals, .events = POLLIN };
	fds[FD_LISTEN] = (struct pollfd){
		.fd = s->transport.ops->accept ? s->transport.listen_fd : -1,
		.events = POLLIN,
	};
	fds[FD_EVENTS] = (struct pollfd){ .fd = session_fd(s), .events = POLLIN };
	if (s->holder && stub_wants_records(&s->holder->client->stub))
		fds[FD_EVENTS].events |= POLLPRI;
	for (i = 0; i < CLIENTS_MAX; i++) {
		struct pollfd *own = &fds[FD_SEATS + 2 * i];
		struct client *c = s->seats[i].client;

		own[0].fd = own[1].fd = -1;
		own[0].revents = own[1].revents = 0;
		if (!c)
			continue;
		client_poll(c, own, may_talk(s, &s->seats[i]));
		if (stub_has_work(&c->stub))
			timeout = 0;
		else if (c->leaving && timeout)
			timeout = POLL_VM_MS;
	}
	return timeout;
}

static void accept_one(struct server *s)
{
	struct connection c;

	if (s->transport.ops->accept(&s->transport, &c) == 0)
		sit_down(s, &c);
}

static void events(struct server *s)
{
	if (s->holder)
		stub_event(&s->holder->client->stub);
	else
		home_event(&s->home);
}

static void serve_once(struct server *s)
{
	struct pollfd fds[FDS];
	int timeout = prepare(s, fds);
	int i;

	if (poll(fds, FDS, timeout) < 0)
		return;
	if (fds[FD_SIGNALS].revents) {
		s->quit = true;
		return;
	}
	if (fds[FD_EVENTS].revents)
		events(s);
	for (i = 0; i < CLIENTS_MAX; i++) {
		if (!s->seats[i].client)
			continue;
		stub_work(&s->seats[i].client->stub);
		client_serve(s->seats[i].client, &fds[FD_SEATS + 2 * i]);
		look_after(s, &s->seats[i]);
	}
	if (fds[FD_LISTEN].revents)
		accept_one(s);
}

static bool anybody(const struct server *s)
{
	int i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (s->seats[i].client && (s->seats[i].client->leaving || s->holder))
			return true;
	return false;
}

/* Return: whether the daemon has done what it was started for. */
static bool enough(struct server *s)
{
	bool one = s->options->once || s->transport.listen_fd < 0;
	int i;

	/* Last words must be heard. */
	if (anybody(s))
		return false;
	if (one && s->served)
		return true;
	/* The only debugger has gone before it said anything. */
	if (s->transport.ops->only && !s->transport.is_line) {
		for (i = 0; i < CLIENTS_MAX; i++)
			if (s->seats[i].client)
				break;
		if (i == CLIENTS_MAX)
			return true;
	}
	if (!s->home.ended)
		return false;
	home_message("the VM has ended");
	home_leave(&s->home);
	if (one || s->options->vm >= 0 || !s->options->wait)
		return true;
	s->home.ended = s->home.ready = false;
	s->home.told = 0;
	return false;
}

static int serve(struct server *s)
{
	struct connection c;
	int status, i;

	if (s->transport.ops->only) {
		s->transport.ops->only(&s->transport, &c);
		sit_down(s, &c);
	}
	do {
		status = s->home.ended ? 0 : home_find(&s->home, s->transport.where);
		if (status)
			break;
		serve_once(s);
	} while (!s->quit && !enough(s));
	home_leave(&s->home);
	for (i = 0; i < CLIENTS_MAX; i++)
		if (s->seats[i].client)
			client_free(s->seats[i].client);
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

int server_run(const struct options *options, struct target *target)
{
	struct server s = {
		.options = options,
		.home = { .options = options, .target = target },
		.signals = open_signals(),
	};
	int status;

	if (s.signals < 0)
		return EXIT_FAILED;
	status = transport_open(&s.transport, options->transport,
				options->endpoint);
	if (status)
		return status;
	status = serve(&s);
	s.transport.ops->close(&s.transport);
	close(s.signals);
	return status;
}
