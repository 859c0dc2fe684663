// SPDX-License-Identifier: GPL-2.0-only
/* Connected debuggers, and guests that wait for one: they come, and go. */
#include <unistd.h>

#include "guest/target.h"
#include "home.h"
#include "log.h"
#include "options.h"
#include "seats.h"
#include "target_device.h"
#include "transport_socket.h"

/* How long a debugger's first packet may wait for the VM. gdb waits 2 s for a reply. */
#define CLAIM_MS	1500

static struct seat *free_seat(struct seats *s)
{
	int i;

	for (i = 0; i < SEATS_MAX; i++)
		if (!s->seat[i].client)
			return &s->seat[i];
	return NULL;
}

static void clear(struct seat *seat)
{
	if (seat->client)
		client_free(seat->client);
	if (seat->target)
		seat->target->ops->close(seat->target);
	if (seat->seats->holder == seat)
		seat->seats->holder = NULL;
	seat->client = NULL;
	seat->target = NULL;
}

/* ---- guests change hands ---- */

static bool waits(const struct seat *seat)
{
	return seat->client && seat->client->stub.waits;
}

/* The debugger at @seat gets the guest that waits at @from. */
static void take_over(struct seat *seat, struct seat *from)
{
	struct target *own = seat->target;

	log_say(LOG_DEBUG, "#%u goes on with VM %u", seat->client->number,
		from->client->stub.vm);
	stub_take_over(&seat->client->stub, &from->client->stub);
	seat->target = from->target;
	from->target = own;
	clear(from);
}

/* The first packet of a debugger. With --multi it has no VM yet. */
static const char *claim(void *context)
{
	struct seat *seat = context;
	struct seats *s = seat->seats;
	const char *why;

	if (!s->home || s->holder == seat)
		return NULL;
	if (s->holder && !waits(s->holder))
		return "another debugger has this VM";
	if (s->holder) {
		take_over(seat, s->holder);
	} else {
		why = home_claim(s->home);
		if (why)
			return why;
		seat->client->stub.attached = true;
	}
	s->holder = seat;
	return NULL;
}

/* vAttach */
static bool find_staying(void *context, uint32_t vm)
{
	struct seat *seat = context;
	struct seats *s = seat->seats;
	int i;

	for (i = 0; i < SEATS_MAX; i++) {
		if (!waits(&s->seat[i]) || s->seat[i].client->stub.vm != vm)
			continue;
		take_over(seat, &s->seat[i]);
		if (s->home)
			s->holder = seat;
		return true;
	}
	return false;
}

static const struct connection nobody = { .in = -1, .out = -1 };

/* Return: false if there is no memory or place for it. */
static bool let_wait(struct seat *seat, enum stub_stay how)
{
	static const char * const words[] = {
		[STAY_AS_IS] = "stays as it is", [STAY_STOPPED] = "stays stopped",
		[STAY_RUNNING] = "goes on with its trace",
	};
	struct seats *s = seat->seats;
	struct seat *place = free_seat(s);
	struct stub *stub = &seat->client->stub;
	struct client *c = place ? client_new(&nobody, false, seat->client->number,
					      stub->target, stub->layout) : NULL;

	if (!c)
		return false;
	log_say(LOG_INFO, "the debugger of VM %u has gone: the guest %s, and waits for the next one",
		stub->vm, words[how]);
	*place = (struct seat){ .seats = s, .client = c, .target = seat->target };
	seat->target = NULL;
	stub_stay(&c->stub, stub, how);
	if (s->holder == seat)
		s->holder = place;
	return true;
}

/* ---- debuggers come ---- */

static bool give_target(struct seats *s, struct seat *seat)
{
	if (!s->home)
		seat->target = target_new(s->options, s->device);
	return s->home || seat->target;
}

void seats_add(struct seats *s, const struct connection *connection, bool is_line, bool only)
{
	struct seat *seat = free_seat(s);
	struct client *c = NULL;
	char peer[80];

	if (seat) {
		seat->seats = s;
		if (give_target(s, seat))
			c = client_new(connection, is_line, ++s->last,
				       s->home ? s->home->target : seat->target,
				       s->options->layout);
		seat->client = c;
	}
	if (!c) {
		log_say(LOG_WARN, "there are too many connections: a new one is closed");
		if (connection->socket)
			close(connection->in);
		if (seat)
			clear(seat);
		return;
	}
	if (connection->socket && log_wants(LOG_DEBUG)) {
		socket_peer(connection->in, peer, sizeof(peer));
		log_say(LOG_DEBUG, "#%u is a connection of %s", c->number, peer);
	}
	c->stub.claim = claim;
	c->stub.find_staying = find_staying;
	c->stub.context = seat;
	c->stub.time_choice = s->options->time_runs;
	c->stub.may_stay = s->may_stay;
	c->stub.stays = is_line && s->options->vanish != VANISH_CONTINUE;
	/* A debugger that is there from the start waits as long as it takes. */
	c->deadline = connection->socket && !only ? client_now() + CLAIM_MS : INT64_MAX;
	stub_connect(&c->stub);
}

/* ---- and go ---- */

/* The debugger has the VM no longer: let the guest run. */
static void release(struct seat *seat)
{
	struct seats *s = seat->seats;
	struct stub *stub = &seat->client->stub;
	bool gone = stub->gone, had_vm = stub->attached;

	stub_disconnect(stub);
	stub->attached = false;
	s->served = true;
	if (!s->home && had_vm)
		stub->target->ops->detach(stub->target);
	if (s->holder != seat)
		return;
	s->holder = NULL;
	home_release(s->home, gone);
}

/* @over: the debugger has ended the connection. Return: whether the guest waits. */
static bool stays(struct seat *seat, bool over)
{
	const struct stub *stub = &seat->client->stub;
	enum vanish vanish = seat->seats->options->vanish;
	bool vanished = over && stub->phase == STUB_TALKING;

	if (!seats_has_vm(seat) || stub->gone || !stub->may_stay)
		return false;
	if (vanished && vanish == VANISH_STAY)
		return let_wait(seat, STAY_AS_IS);
	if (vanished && vanish == VANISH_STOP)
		return let_wait(seat, STAY_STOPPED);
	return stub_trace_stays(stub) && let_wait(seat, STAY_RUNNING);
}

static void look_after_waiting(struct seat *seat)
{
	if (!seat->client->stub.gone)
		return;
	log_say(LOG_DEBUG, "VM %u has ended", seat->client->stub.vm);
	release(seat);
	clear(seat);
}

void seats_look_after(struct seat *seat)
{
	struct client *c = seat->client;
	bool over = client_done(c);

	if (waits(seat)) {
		look_after_waiting(seat);
		return;
	}
	if (!over && !stub_finished(&c->stub))
		return;
	/* Before waiting for the other side to close */
	client_flush(c);
	if (!stays(seat, over) && (seats_has_vm(seat) || seat->seats->holder == seat))
		release(seat);
	if (over && !seat->seats->home && c->stub.phase != STUB_SILENT)
		seat->seats->served = true;
	if (over) {
		client_end_log(c);
		log_say(LOG_DEBUG, "#%u has ended", c->number);
		clear(seat);
	} else if (c->is_line) {
		stub_connect(&c->stub);
	}
}

/* ---- all of them ---- */

bool seats_may_talk(const struct seat *seat)
{
	struct seats *s = seat->seats;

	return !s->home || seat == s->holder || seat->client->stub.phase != STUB_SILENT ||
	       home_is_ready(s->home) || client_now() >= seat->client->deadline;
}

bool seats_has_vm(const struct seat *seat)
{
	return seat->client->stub.attached && (!seat->seats->home || seat->seats->holder == seat);
}

bool seats_any(const struct seats *s, bool leaving)
{
	int i;

	for (i = 0; i < SEATS_MAX; i++)
		if (s->seat[i].client && !waits(&s->seat[i]) &&
		    (!leaving || s->seat[i].client->leaving || s->holder))
			return true;
	return false;
}

void seats_close(struct seats *s)
{
	int i;

	for (i = 0; i < SEATS_MAX; i++)
		if (s->seat[i].client)
			clear(&s->seat[i]);
}
