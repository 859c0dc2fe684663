/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The framing of the remote protocol: bytes in, packets out, and back.
 *
 * A link knows checksums, acknowledgments, retransmission and run lengths. It
 * does not know what packets mean, nor where bytes come from and go to.
 */
#ifndef VMXDBGD_LINK_H
#define VMXDBGD_LINK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Characters a packet may have, either way, without '$' and '#xx'. gdb sizes
 * its memory transfers by it: with large ones a dump is not a matter of round
 * trips.
 */
#define LINK_PACKET_MAX	0x10000

/**
 * struct link_ops - what a link needs from who owns it
 * @packet: a packet came, whole and with the right checksum. @data is NUL
 *	terminated and may be changed
 * @damaged: a packet was too long, or (in no-ack mode, where nobody would send
 *	it again) had a wrong checksum. Its sender waits for a reply
 * @interrupt: the 0x03 character came
 * @write: send bytes
 */
struct link_ops {
	void (*packet)(void *owner, char *data, size_t len);
	void (*damaged)(void *owner, const char *why);
	void (*interrupt)(void *owner);
	void (*write)(void *owner, const void *data, size_t len);
};

struct link_out;

struct link {
	const struct link_ops *ops;
	void *owner;
	bool no_ack;

	/* the packet that is coming in */
	enum { LINK_IDLE, LINK_DATA, LINK_SUM_HIGH, LINK_SUM_LOW } state;
	char *in;
	size_t in_len;
	bool overlong;
	unsigned char sum;	/* of the data */
	char sum_high;		/* first digit of the checksum */

	/* packets not yet acknowledged, oldest first; only that was sent */
	struct link_out *unacked;
	int resent;
};

bool link_init(struct link *l, const struct link_ops *ops, void *owner);
void link_free(struct link *l);

/* A new debugger: acknowledgments on, nothing in flight. */
void link_reset(struct link *l);

/* Bytes came. Calls the owner's operations, which may call link_send(). */
void link_input(struct link *l, const void *data, size_t len);

/* Sends the packet @data, run-length encoded if it is text. */
void link_send(struct link *l, const char *data, size_t len, bool text);

#endif /* VMXDBGD_LINK_H */
