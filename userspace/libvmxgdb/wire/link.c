// SPDX-License-Identifier: MIT
/* The framing of the remote protocol. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/link.h"
#include "wire/parse.h"
#include "wire/runs.h"

/* A packet that is refused more often is dropped. */
#define RESEND_MAX	16

/* Input and output of more bytes than these make the other side wait. */
#define WAITING_ENOUGH	(2 * LINK_PACKET_MAX)
#define OUT_ENOUGH	(1 << 20)

/* More than one handler or debugger can make before the other side waits. */
#define QUEUE_LIMIT	(1 << 26)

struct link_out {
	struct link_out *next;
	size_t len;
	char frame[];
};

bool link_init(struct link *l, const struct link_ops *ops, void *owner)
{
	*l = (struct link){ .ops = ops, .owner = owner };
	l->in = malloc(LINK_PACKET_MAX + 1);
	return l->in && buf_init(&l->waiting, QUEUE_LIMIT) &&
	       buf_init(&l->out, QUEUE_LIMIT);
}

static void drop_unacked(struct link *l)
{
	struct link_out *out = l->unacked;

	l->unacked = out->next;
	l->resent = 0;
	free(out);
}

void link_reset(struct link *l)
{
	while (l->unacked)
		drop_unacked(l);
	l->state = LINK_IDLE;
	l->no_ack = l->held = l->closed = l->muted = false;
	l->waiting_state = LINK_IDLE;
	buf_clear(&l->waiting);
	buf_clear(&l->out);
}

void link_free(struct link *l)
{
	while (l->unacked)
		drop_unacked(l);
	free(l->in);
	l->in = NULL;
	buf_free(&l->waiting);
	buf_free(&l->out);
}

/* ---- out ---- */

static void transmit(struct link *l, const struct link_out *out)
{
	buf_add(&l->out, out->frame, out->len);
}

void link_ack(struct link *l)
{
	buf_puts(&l->out, "+");
}

const char *link_output(const struct link *l, size_t *len)
{
	*len = l->out.len;
	return l->out.data;
}

void link_sent(struct link *l, size_t len)
{
	buf_drop(&l->out, len);
}

/* @first: '$', or '%' of a notification */
static struct link_out *make_frame(char first, const char *data, size_t len)
{
	struct link_out *out = malloc(sizeof(*out) + len + sizeof("$#xx"));
	size_t n;

	if (!out)
		return NULL;
	out->next = NULL;
	out->frame[0] = first;
	n = 1 + runs_encode(out->frame + 1, data, len);
	snprintf(out->frame + n, sizeof("#xx"), "#%02x", runs_sum(out->frame + 1, n - 1));
	out->len = n + 3;
	return out;
}

void link_send(struct link *l, const char *data, size_t len)
{
	struct link_out *out = l->muted ? NULL : make_frame('$', data, len);
	struct link_out **end = &l->unacked;

	if (!out)
		return;
	if (l->no_ack) {
		transmit(l, out);
		free(out);
		return;
	}
	/*
	 * Send one packet at a time, because an acknowledgment does not name
	 * its packet. The others wait.
	 */
	while (*end)
		end = &(*end)->next;
	*end = out;
	if (out == l->unacked)
		transmit(l, out);
}

void link_notify(struct link *l, const char *data, size_t len)
{
	struct link_out *out = l->muted ? NULL : make_frame('%', data, len);

	if (!out)
		return;
	transmit(l, out);
	free(out);
}

static void acknowledged(struct link *l)
{
	if (!l->unacked)
		return;
	drop_unacked(l);
	if (l->unacked)
		transmit(l, l->unacked);
}

static void refused(struct link *l)
{
	if (!l->unacked)
		return;
	if (++l->resent > RESEND_MAX)
		acknowledged(l);
	else
		transmit(l, l->unacked);
}

/*
 * A command shows that our earlier replies have arrived, even if their
 * acknowledgments got lost.
 */
static void flush_unacked(struct link *l)
{
	while (l->unacked)
		acknowledged(l);
}

/* ---- in ---- */

static void begin_packet(struct link *l)
{
	l->state = LINK_DATA;
	l->in_len = 0;
	l->overlong = false;
	l->sum = 0;
}

static void end_packet(struct link *l, bool intact)
{
	l->state = LINK_IDLE;
	if (!l->no_ack) {
		buf_puts(&l->out, intact ? "+" : "-");
		if (!intact)
			return;
		flush_unacked(l);
	} else if (!intact) {
		l->ops->damaged(l->owner, "the packet's checksum is wrong");
		return;
	}
	if (l->overlong) {
		l->ops->damaged(l->owner, "the packet is too long");
		return;
	}
	l->in[l->in_len] = '\0';
	l->ops->packet(l->owner, l->in, l->in_len);
}

static bool right_sum(const struct link *l, char low)
{
	return parse_digit(l->sum_high) == l->sum >> 4 &&
	       parse_digit(low) == (l->sum & 15);
}

static void input_data(struct link *l, char c)
{
	if (c == '#') {
		l->state = LINK_SUM_HIGH;
		return;
	}
	/* '$' is never data, so the rest of the previous packet got lost. */
	if (c == '$') {
		begin_packet(l);
		return;
	}
	l->sum += (uint8_t)c;
	if (l->in_len < LINK_PACKET_MAX)
		l->in[l->in_len++] = c;
	else
		l->overlong = true;
}

static void input_idle(struct link *l, char c)
{
	switch (c) {
	case '$':
		begin_packet(l);
		break;
	case '+':
		acknowledged(l);
		break;
	case '-':
		refused(l);
		break;
	case 0x03:
		l->ops->interrupt(l->owner);
		break;
	}
	/* Anything else is noise, such as echo of a terminal. */
}

static void input_char(struct link *l, char c)
{
	switch (l->state) {
	case LINK_IDLE:
		input_idle(l, c);
		break;
	case LINK_DATA:
		input_data(l, c);
		break;
	case LINK_SUM_HIGH:
		l->sum_high = c;
		l->state = LINK_SUM_LOW;
		break;
	case LINK_SUM_LOW:
		end_packet(l, right_sum(l, c));
		break;
	}
}

/* Return: whether @c must wait. */
static bool must_wait(const struct link *l, char c)
{
	return l->held && l->state == LINK_IDLE && (c == '$' || l->waiting.len);
}

/* An interrupt between packets that wait is for what they wait for; one in a packet is data. */
static void input_waits(struct link *l, char c)
{
	switch (l->waiting_state) {
	case LINK_IDLE:
		if (c == 0x03) {
			l->ops->interrupt(l->owner);
			return;
		}
		if (c == '$')
			l->waiting_state = LINK_DATA;
		break;
	case LINK_DATA:
		if (c == '#')
			l->waiting_state = LINK_SUM_HIGH;
		break;
	case LINK_SUM_HIGH:
		l->waiting_state = LINK_SUM_LOW;
		break;
	case LINK_SUM_LOW:
		l->waiting_state = LINK_IDLE;
		break;
	}
	buf_add(&l->waiting, &c, 1);
}

void link_input(struct link *l, const void *data, size_t len)
{
	const char *c = data;
	const char *end = c + len;

	for (; c < end && !l->closed; c++) {
		if (must_wait(l, *c))
			input_waits(l, *c);
		else
			input_char(l, *c);
	}
}

void link_hold(struct link *l, bool held)
{
	size_t i;

	l->held = held;
	for (i = 0; i < l->waiting.len && !l->held && !l->closed; i++)
		input_char(l, l->waiting.data[i]);
	if (l->closed)
		i = l->waiting.len;
	buf_drop(&l->waiting, i);
	if (!l->waiting.len)
		l->waiting_state = LINK_IDLE;
}

void link_close(struct link *l)
{
	l->closed = true;
}

void link_mute(struct link *l)
{
	link_reset(l);
	l->muted = true;
	/* Nothing waits for an acknowledgment. */
	l->no_ack = true;
}

bool link_wants_input(const struct link *l)
{
	return l->waiting.len < WAITING_ENOUGH && l->out.len < OUT_ENOUGH;
}

bool link_wants_output(const struct link *l)
{
	return l->out.len < OUT_ENOUGH && (l->no_ack || !l->unacked);
}
