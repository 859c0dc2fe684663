/* SPDX-License-Identifier: GPL-2.0-only */
/* Connected debuggers, and guests that wait for one: they come, and go. */
#ifndef VMXDBGD_SEATS_H
#define VMXDBGD_SEATS_H

#include <stdbool.h>

#include "client.h"
#include "transport.h"

struct home;
struct options;
struct seats;

#define SEATS_MAX	32

/**
 * struct seat - a debugger, or a guest that waits for one
 * @seats: all of them
 * @client: NULL: free
 * @target: with --multi: the debugger's own
 */
struct seat {
	struct seats *seats;
	struct client *client;
	struct target *target;
};

/**
 * struct seats - all of them
 * @options: command line
 * @device: file descriptor of the device
 * @home: VM; NULL with --multi
 * @seat: table
 * @holder: with @home: the debugger, or the place, that has the VM
 * @served: a debugger has had the VM and has gone
 * @may_stay: a guest can wait for its next debugger, because another one can come
 * @last: number of the last connection
 */
struct seats {
	const struct options *options;
	int device;
	struct home *home;
	struct seat seat[SEATS_MAX];
	struct seat *holder;
	bool served;
	bool may_stay;
	unsigned int last;
};

/* A debugger has come. @only: it was there from the start */
void seats_add(struct seats *s, const struct connection *connection, bool is_line, bool only);

/* See to it after its packets or events were handled: it may have gone. */
void seats_look_after(struct seat *seat);

/* Return: whether the packets of @seat may be handled, for which there must be a VM. */
bool seats_may_talk(const struct seat *seat);

/* Return: whether the events of @seat's VM are its own to handle. */
bool seats_has_vm(const struct seat *seat);

/* Return: whether a connection is open, or with @leaving, whether one is being closed. */
bool seats_any(const struct seats *s, bool leaving);

/* Close all connections, and end all sessions. */
void seats_close(struct seats *s);

#endif /* VMXDBGD_SEATS_H */
