// SPDX-License-Identifier: MIT
/* The qXfer packets: documents that the debugger reads in pieces. */
#include <errno.h>
#include <string.h>

#include "guest/reply.h"
#include "guest/stub_types.h"
#include "packet/cmd_documents.h"
#include "packet/cmd_signals.h"
#include "packet/cmd_trace_frames.h"
#include "packet/document.h"
#include "packet/memory_map.h"
#include "packet/osdata.h"
#include "packet/threads.h"
#include "wire/parse.h"

static int make_description(struct stub *s, const char *annex, struct buf *out)
{
	layout_xml(s->layout, s->own_registers, out);
	return 0;
}

static int make_threads(struct stub *s, const char *annex, struct buf *out)
{
	threads_xml(s, out);
	return 0;
}

static const struct document documents[] = {
	{ "features", "target.xml", .no_vm = true, .make = make_description },
	{ "threads", "", .no_vm = true, .make = make_threads },
	{ "siginfo", "", .make = siginfo_make },
	{ "memory-map", "", .make = memory_map_make },
	{ "traceframe-info", NULL, .make = trace_frame_info },
	{ "osdata", NULL, .no_vm = true, .make = osdata_make },
};

#define NR_DOCUMENTS	(sizeof(documents) / sizeof(*documents))

/* The object behind @d: those of the owner follow ours. NULL: there is none. */
static const struct document *next_document(const struct stub *s, const struct document *d)
{
	if (!d)
		return documents;
	d++;
	if (d == documents + NR_DOCUMENTS)
		d = s->own_documents;
	return d && d->object ? d : NULL;
}

void documents_features(const struct stub *s, struct buf *out)
{
	const struct document *d = NULL;

	while ((d = next_document(s, d)))
		buf_printf(out, ";qXfer:%s:read+", d->object);
}

/* Cut "@text:" at its colon. Return: what follows, or NULL if there is none. */
static char *cut(char *text)
{
	char *colon = strchr(text, ':');

	if (!colon)
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int send_piece(struct stub *s, uint64_t offset, uint64_t len)
{
	const struct buf *text = &s->document_text;
	uint64_t left;
	size_t sent;

	if (offset > text->len)
		return reply_error(s, -EINVAL, "beyond the end of the document");
	left = text->len - offset;
	if (len > left)
		len = left;
	buf_puts(&s->reply, "m");
	sent = buf_escaped(&s->reply, text->data + offset, len, LINK_PACKET_MAX);
	if (sent == left)
		s->reply.data[0] = 'l';
	return 0;
}

static int read_document(struct stub *s, const struct document *d, const char *annex,
			 const char *span)
{
	uint64_t offset, len;
	int result;

	if (!parse_span(&span, &offset, &len) || *span)
		return reply_malformed(s);
	if (!offset || s->document != d) {
		buf_clear(&s->document_text);
		s->document = d;
		result = d->make(s, annex, &s->document_text);
		if (result == 0 && s->document_text.full)
			result = reply_error(s, -ENOMEM, "the document is too long");
		if (result < 0) {
			s->document = NULL;
			return result;
		}
	}
	return send_piece(s, offset, len);
}

/* OBJECT:read:ANNEX:OFFSET,LENGTH */
int cmd_read_document(struct stub *s, char *args, size_t len)
{
	char *operation = cut(args), *annex, *span;
	const struct document *d = NULL;
	bool known = false;
	int result;

	annex = operation ? cut(operation) : NULL;
	span = annex ? cut(annex) : NULL;
	while ((d = next_document(s, d))) {
		if (strcmp(args, d->object))
			continue;
		known = true;
		if (!span || strcmp(operation, "read"))
			return reply_malformed(s);
		if (d->annex && strcmp(annex, d->annex))
			continue;
		if (!s->attached && !d->no_vm)
			return reply_error(s, -ESRCH, "no VM is attached");
		result = read_document(s, d, annex, span);
		if (result != -ENOENT)
			return result;
	}
	/* E00 means that there is no such annex. gdb reads no text here. */
	if (known)
		buf_puts(&s->reply, "E00");
	return 0;
}
