// SPDX-License-Identifier: GPL-2.0-only
/* The log of packets: a line for each one. */
#include <stdbool.h>
#include <stdio.h>

#include "log.h"
#include "packet_log.h"

static void print(struct packet_log *p, const char *remark)
{
	char more[40] = "";

	if (p->bytes > PACKET_LOG_BYTES)
		snprintf(more, sizeof(more), "... (%zu bytes)", p->bytes);
	p->text[p->len] = '\0';
	log_say(LOG_PACKETS, "#%u %s %s%s%s", p->connection, p->arrow, p->text, more, remark);
	p->len = p->bytes = p->left = 0;
}

static void add(struct packet_log *p, char c)
{
	if (p->bytes++ >= PACKET_LOG_BYTES)
		return;
	if (c >= ' ' && c <= '~' && c != '\\')
		p->text[p->len++] = c;
	else
		p->len += snprintf(p->text + p->len, 5, "\\x%02x", (unsigned char)c);
}

/* '#' is only in front of a checksum, and what is not in a packet is a line of its own. */
static void byte(struct packet_log *p, char c)
{
	bool begins = !p->bytes;

	add(p, c);
	if (begins && c != '$' && c != '%')
		print(p, "");
	else if (p->left && !--p->left)
		print(p, "");
	else if (!p->left && c == '#')
		p->left = 2;
}

void packet_log_bytes(struct packet_log *p, const char *data, size_t len)
{
	size_t i;

	if (!log_wants(LOG_PACKETS))
		return;
	for (i = 0; i < len; i++)
		byte(p, data[i]);
}

void packet_log_end(struct packet_log *p)
{
	if (p->bytes)
		print(p, " (not whole)");
}
