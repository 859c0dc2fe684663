/* SPDX-License-Identifier: GPL-2.0-only */
/* One connected debugger: its bytes, and its conversation. */
#ifndef VMXDBGD_CLIENT_H
#define VMXDBGD_CLIENT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "packet_log.h"
#include "stub.h"
#include "transport.h"

/**
 * struct client - a connected debugger
 * @stub: conversation with it
 * @connection: the way to it; none (-1) for a guest that waits for a debugger
 * @number: of the connection, for the log
 * @received: log of packets
 * @sent: likewise
 * @line_state: see serial_unmark()
 * @is_line: the connection is a line, which stays when a debugger leaves
 * @broken: writing has failed, or the input has ended
 * @leaving: the debugger has been told all; only its end is awaited
 * @deadline: monotonic time in ms until which the end, or a VM, is awaited
 * @dropped: input after the conversation's end, in bytes
 */
struct client {
	struct stub stub;
	struct connection connection;
	unsigned int number;
	struct packet_log received;
	struct packet_log sent;
	int line_state;
	bool is_line;
	bool broken;
	bool leaving;
	int64_t deadline;
	size_t dropped;
};

/* Milliseconds of the monotonic clock. */
int64_t client_now(void);

/**
 * client_new() - serve a debugger
 * @c: connection, which belongs to the client from now on
 * @is_line: see struct client
 * @number: see struct client
 * @target: see stub_init()
 * @layout: see stub_init()
 *
 * Return: the client, or NULL if there is no memory.
 */
struct client *client_new(const struct connection *c, bool is_line, unsigned int number,
			  struct target *target, const struct layout *layout);

/* The connection has ended: log packets that have only begun. */
void client_end_log(struct client *c);

/* Close the connection, if it is a socket, and free the client. */
void client_free(struct client *c);

/* Fill in @fds[0] for input and @fds[1] for output. @ready: packets may be handled. */
void client_poll(const struct client *c, struct pollfd *fds, bool ready);

/* Handle what poll() has found. */
void client_serve(struct client *c, const struct pollfd *fds);

/* Send what the stub has to say, as far as there is room. */
void client_flush(struct client *c);

/* Return: whether the debugger has gone, or has been told all and may go. */
bool client_done(const struct client *c);

#endif /* VMXDBGD_CLIENT_H */
