// SPDX-License-Identifier: GPL-2.0-only
/* One connected debugger: its bytes, and its conversation. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "transport_serial.h"

/* How long the other side may take to read the last packet and close. */
#define LEAVE_MS	2000

/* Input that is read and dropped meanwhile. */
#define DROP_MAX	(1 << 20)

int64_t client_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

struct client *client_new(const struct connection *connection, bool is_line,
			  unsigned int number, struct target *target, const struct layout *layout)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->connection = *connection;
	c->is_line = is_line;
	c->number = number;
	c->received = (struct packet_log){ .connection = number, .arrow = "<-" };
	c->sent = (struct packet_log){ .connection = number, .arrow = "->" };
	if (!stub_init(&c->stub, target, layout)) {
		free(c);
		return NULL;
	}
	return c;
}

void client_end_log(struct client *c)
{
	packet_log_end(&c->received);
	packet_log_end(&c->sent);
}

void client_free(struct client *c)
{
	client_end_log(c);
	if (c->connection.socket)
		close(c->connection.in);
	stub_free(&c->stub);
	free(c);
}

void client_poll(const struct client *c, struct pollfd *fds, bool ready)
{
	size_t waiting;

	stub_output(&c->stub, &waiting);
	fds[0] = (struct pollfd){ .fd = -1 };
	fds[1] = (struct pollfd){ .fd = -1 };
	if (c->leaving || (ready && stub_wants_input(&c->stub)))
		fds[0] = (struct pollfd){ .fd = c->connection.in, .events = POLLIN };
	else if (!c->is_line)
		fds[0] = (struct pollfd){ .fd = c->connection.in };	/* POLLHUP */
	if (waiting && !c->broken)
		fds[1] = (struct pollfd){ .fd = c->connection.out, .events = POLLOUT };
}

/* ---- input ---- */

static void input(struct client *c)
{
	char data[4096];
	ssize_t n = read(c->connection.in, data, sizeof(data));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		/* A pseudo-terminal has an end while nobody has its other side open. */
		c->broken = !c->is_line;
		if (c->is_line)
			usleep(100000);
		return;
	}
	packet_log_bytes(&c->received, data, n);
	if (c->leaving) {
		c->dropped += n;
		return;
	}
	if (c->is_line)
		n = serial_unmark(data, n, &c->line_state);
	stub_input(&c->stub, data, n);
}

/* ---- output ---- */

static ssize_t write_some(struct client *c, const char *data, size_t len)
{
	struct pollfd fd = { .fd = c->connection.out, .events = POLLOUT };
	size_t max = c->connection.write_max;

	/* A pipe that others share would block without these. */
	if (max && poll(&fd, 1, 0) <= 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(c->connection.out, data, max && len > max ? max : len);
}

void client_flush(struct client *c)
{
	const char *data;
	size_t len;
	ssize_t n;

	while (!c->broken) {
		data = stub_output(&c->stub, &len);
		if (!len)
			return;
		n = write_some(c, data, len);
		if (n >= 0) {
			packet_log_bytes(&c->sent, data, n);
			stub_sent(&c->stub, n);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR) {
			/* After half a packet the connection is of no use. */
			c->broken = true;
		}
	}
}

/*
 * To close with unread input, such as the acknowledgment of our last packet, would reset
 * the connection, and the other side might lose that packet. So wait for it to close.
 */
static void leave(struct client *c)
{
	size_t waiting;

	stub_output(&c->stub, &waiting);
	if (c->leaving || c->is_line || waiting || !stub_finished(&c->stub))
		return;
	c->leaving = true;
	c->deadline = client_now() + LEAVE_MS;
	if (c->connection.socket)
		shutdown(c->connection.out, SHUT_WR);
	else
		c->broken = true;
}

void client_serve(struct client *c, const struct pollfd *fds)
{
	if (fds[0].revents & POLLIN)
		input(c);
	else if (fds[0].revents)
		c->broken = !c->is_line;
	client_flush(c);
	leave(c);
}

bool client_done(const struct client *c)
{
	return c->broken ||
	       (c->leaving && (client_now() >= c->deadline || c->dropped > DROP_MAX));
}
