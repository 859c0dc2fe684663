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
#include "packet/osdata.h"
#include "packet/threads.h"
#include "wire/parse.h"

static int make_description(struct stub *s, const char *annex, struct buf *out)
{
	layout_xml(s->layout, out);
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
	{ "traceframe-info", NULL, .make = trace_frame_info },
	{ "osdata", NULL, .no_vm = true, .make = osdata_make },
};

#define NR_DOCUMENTS	(sizeof(documents) / sizeof(*documents))

void documents_features(struct buf *out)
{
	size_t i;

	for (i = 0; i < NR_DOCUMENTS; i++)
		buf_printf(out, ";qXfer:%s:read+", documents[i].object);
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
		s->document = NULL;
		result = d->make(s, annex, &s->document_text);
		if (result < 0)
			return result;
		if (s->document_text.full)
			return reply_error(s, -ENOMEM, "the document is too long");
		s->document = d;
	}
	return send_piece(s, offset, len);
}

/* OBJECT:read:ANNEX:OFFSET,LENGTH */
int cmd_read_document(struct stub *s, char *args, size_t len)
{
	char *operation = cut(args), *annex, *span;
	const struct document *d;
	bool known = false;
	int result;

	annex = operation ? cut(operation) : NULL;
	span = annex ? cut(annex) : NULL;
	for (d = documents; d < documents + NR_DOCUMENTS; d++) {
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
