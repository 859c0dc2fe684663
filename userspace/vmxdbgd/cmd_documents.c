// SPDX-License-Identifier: GPL-2.0-only
/* The qXfer packets: documents that the debugger reads in pieces. */
#include <errno.h>
#include <string.h>

#include "cmd_documents.h"
#include "cmd_threads.h"
#include "parse.h"
#include "reply.h"
#include "stub_types.h"

static int read_document(struct stub *s, const char *span)
{
	uint64_t offset, len, left;
	size_t sent;

	if (!parse_span(&span, &offset, &len) || *span)
		return reply_malformed(s);
	if (offset > s->document.len)
		return reply_error(s, -EINVAL, "beyond the end of the document");
	left = s->document.len - offset;
	if (len > left)
		len = left;
	buf_puts(&s->reply, "m");
	sent = buf_escaped(&s->reply, s->document.data + offset, len,
			   LINK_PACKET_MAX);
	if (sent == left)
		s->reply.data[0] = 'l';
	return 0;
}

/* qXfer:features:read:target.xml:OFFSET,LENGTH */
int cmd_read_features(struct stub *s, char *args, size_t len)
{
	static const char annex[] = "target.xml:";

	if (strncmp(args, annex, strlen(annex))) {
		/*
		 * E00 means that there is no such annex. gdb reads no text
		 * here.
		 */
		buf_puts(&s->reply, "E00");
		return 0;
	}
	buf_clear(&s->document);
	layout_xml(s->layout, &s->document);
	return read_document(s, args + strlen(annex));
}

/* qXfer:threads:read::OFFSET,LENGTH */
int cmd_read_threads(struct stub *s, char *args, size_t len)
{
	/* The annex is empty. */
	if (*args != ':')
		return reply_malformed(s);
	buf_clear(&s->document);
	threads_xml(s, &s->document);
	return read_document(s, args + 1);
}
