/* SPDX-License-Identifier: GPL-2.0-only */
/* The log of packets: a line for each one. */
#ifndef VMXDBGD_PACKET_LOG_H
#define VMXDBGD_PACKET_LOG_H

#include <stddef.h>

#define PACKET_LOG_BYTES	256	/* of a packet; the rest is only counted */

/**
 * struct packet_log - one direction of a connection
 * @connection: its number
 * @arrow: direction, as it is printed
 * @text: printable form of the packet that has begun
 * @len: length of @text
 * @bytes: bytes of the packet
 * @left: bytes of the checksum that are still to come; 0: '#' comes before
 */
struct packet_log {
	unsigned int connection;
	const char *arrow;
	char text[4 * PACKET_LOG_BYTES + 1];
	size_t len;
	size_t bytes;
	unsigned int left;
};

/* Bytes have been received, or sent. */
void packet_log_bytes(struct packet_log *p, const char *data, size_t len);

/* The connection has ended: print the packet that has only begun. */
void packet_log_end(struct packet_log *p);

#endif /* VMXDBGD_PACKET_LOG_H */
