/* SPDX-License-Identifier: MIT */
/*
 * The framing of the remote protocol: turns bytes into packets and back.
 *
 * A link handles checksums, acknowledgments, retransmission and run lengths.
 * The meaning of packets, and the transport of bytes, are its owner's. Bytes to
 * send wait in a queue until the owner takes them.
 */
#ifndef VMXGDB_LINK_H
#define VMXGDB_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/buf.h"

/*
 * Maximum length of a packet in either direction, without '$' and '#xx'. gdb
 * chooses the size of its memory transfers by it, and large transfers make
 * dumps fast.
 */
#define LINK_PACKET_MAX	0x10000

/**
 * struct link_ops - callbacks of the link's owner
 * @packet: handles a complete packet with the right checksum. @data is NUL
 *	terminated and may be changed
 * @damaged: handles a packet that was too long, or whose checksum was wrong in
 *	no-ack mode, where nobody sends it again. Its sender waits for a reply
 * @interrupt: handles the 0x03 character
 */
struct link_ops {
	void (*packet)(void *owner, char *data, size_t len);
	void (*damaged)(void *owner, const char *why);
	void (*interrupt)(void *owner);
};

struct link_out;

struct link {
	const struct link_ops *ops;
	void *owner;
	bool no_ack;
	bool held;		/* see link_hold() */
	bool closed;		/* see link_close() */
	bool muted;		/* see link_mute() */

	/* the packet that is coming in */
	enum link_state { LINK_IDLE, LINK_DATA, LINK_SUM_HIGH, LINK_SUM_LOW } state;
	char *in;
	size_t in_len;
	bool overlong;
	unsigned char sum;	/* of the data */
	char sum_high;		/* first digit of the checksum */

	struct buf waiting;	/* input that came while the link was held */
	enum link_state waiting_state;	/* at its end */
	struct buf out;		/* bytes to send */

	/*
	 * packets not acknowledged yet, oldest first; only the first was sent
	 */
	struct link_out *unacked;
	int resent;
};

/* Return: false if there is no memory. */
bool link_init(struct link *l, const struct link_ops *ops, void *owner);
void link_free(struct link *l);

/* Prepare for a new debugger: acknowledgments on, nothing in flight. */
void link_reset(struct link *l);

/*
 * Handle received bytes. Calls the owner's callbacks, which may call
 * link_send(). While the link is held, packets wait, and only interrupts and
 * acknowledgments in front of them are handled.
 */
void link_input(struct link *l, const void *data, size_t len);

/* Let packets wait (@held), or handle those that have waited. */
void link_hold(struct link *l, bool held);

/* Ignore all input from now on, until link_reset(). */
void link_close(struct link *l);

/* Drop what is sent from now on, until link_reset(): nobody is there. */
void link_mute(struct link *l);

/*
 * Return: whether the owner should read more input. False while much waits to
 * be handled or to be sent: then the other side must wait as well.
 */
bool link_wants_input(const struct link *l);

/* Return: whether what takes long should go on to send: not while much waits. */
bool link_wants_output(const struct link *l);

/*
 * Send the packet @data, run-length encoded. Dropped if there is no memory.
 */
void link_send(struct link *l, const char *data, size_t len);

/* Send a notification of the non-stop protocol: no acknowledgment follows. */
void link_notify(struct link *l, const char *data, size_t len);

/* Send an acknowledgment beyond those that the link sends by itself. */
void link_ack(struct link *l);

/* Return: the bytes to send, *@len of them, valid until the next call for the link. */
const char *link_output(const struct link *l, size_t *len);

/* The first @len bytes of link_output() have been sent. */
void link_sent(struct link *l, size_t len);

#endif /* VMXGDB_LINK_H */
