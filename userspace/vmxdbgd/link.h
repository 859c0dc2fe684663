/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The framing of the remote protocol: turns bytes into packets and back.
 *
 * A link handles checksums, acknowledgments, retransmission and run lengths.
 * The meaning of packets, and the transport of bytes, are its owner's.
 */
#ifndef VMXDBGD_LINK_H
#define VMXDBGD_LINK_H

#include <stdbool.h>
#include <stddef.h>

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
 * @write: sends bytes
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
 * link_send().
 */
void link_input(struct link *l, const void *data, size_t len);

/*
 * Send the packet @data, run-length encoded if it is text. Dropped if there is
 * no memory.
 */
void link_send(struct link *l, const char *data, size_t len, bool text);

#endif /* VMXDBGD_LINK_H */
