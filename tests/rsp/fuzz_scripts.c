// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: debuggers with bad manners. An input is a script, so that packets find the stub
 * in each of its states. Each line does one thing, by its first character:
 *
 *   =LETTERS	as the first line: letters of settings[], and i, o or a for the layout
 *   $PACKET	a packet, in its frame. '}' escapes as in the protocol, for newlines
 *   !LINE	a monitor command
 *   ?TEXT	a catchpoint with this condition
 *   :BYTES	a breakpoint with this bytecode as its condition, escaped as packets are
 *   @BYTES	a tracepoint with this bytecode as its action
 *   .N		N events, 4 without N
 *   /N		N slices of a packet that takes long, 4 without N
 *   ^		the interrupt character
 *   #		the debugger goes, and another comes
 *   ~N		the debugger vanishes, and its guest waits for the next one: enum stub_stay
 *   >N		from here on, input comes in pieces of N bytes
 *   *BYTES	these bytes as they are
 *
 * Other lines are packets, and so are '!' and '?' alone. At the end the stub must answer, and have no memory left.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_stub.h"
#include "wire/parse.h"

#define PACKETS_MAX	200	/* of a script */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct setting {
	char letter;
	const char *name;
	const char *value;
} settings[] = {
	{ 'r', "FAKE_REAL", "1" },
	{ 'n', "FAKE_NO_BRANCH", "1" },
	{ 'f', "FAKE_NO_FPU", "1" },
	{ 'h', "FAKE_HELD", "1" },
	{ 'b', "FAKE_BPS", "2" },
	{ 's', "FAKE_RING", "4096" },
	{ '1', "FAKE_VCPUS", "1" },
	{ '3', "FAKE_VCPUS", "3" },
	{ '4', "FAKE_VCPUS", "4" },
};

struct script {
	struct fuzz_stub f;
	size_t piece;
};

static void put(struct script *s, const char *data, size_t len)
{
	size_t n;

	for (; len; data += n, len -= n) {
		n = s->piece && s->piece < len ? s->piece : len;
		fuzz_input(&s->f, data, n);
	}
}

static void put_packet(struct script *s, const struct buf *packet)
{
	struct buf frame;
	unsigned char sum = 0;
	size_t i;

	for (i = 0; i < packet->len; i++)
		sum += (unsigned char)packet->data[i];
	if (!buf_init(&frame, packet->len + 8))
		exit(2);
	buf_puts(&frame, "$");
	buf_add(&frame, packet->data, packet->len);
	buf_printf(&frame, "#%02x", sum);
	put(s, frame.data, frame.len);
	fuzz_work(&s->f, 1);
	buf_free(&frame);
}

/* ---- packets that have something inside ---- */

static void make_packet(struct buf *out, char *text, size_t len)
{
	buf_add(out, text, len);
}

static void make_command(struct buf *out, char *text, size_t len)
{
	buf_puts(out, "qRcmd,");
	buf_hex(out, text, len);
}

static void make_condition(struct buf *out, char *text, size_t len)
{
	static const char before[] = "catch cpuid if ";

	buf_puts(out, "qRcmd,");
	buf_hex(out, before, sizeof(before) - 1);
	buf_hex(out, text, len);
}

static void add_bytecode(struct buf *out, char *code, size_t len)
{
	long n = parse_unescape(code, len);

	buf_printf(out, "X%lx,", n < 0 ? 0 : n);
	buf_hex(out, code, n < 0 ? 0 : n);
}

static void make_bytecode(struct buf *out, char *code, size_t len)
{
	buf_puts(out, "Z0,10025,1;");
	add_bytecode(out, code, len);
}

static void make_action(struct buf *out, char *code, size_t len)
{
	buf_puts(out, "QTDP:-1:10025:");
	add_bytecode(out, code, len);
}

static void wrap(struct script *s, void (*make)(struct buf *, char *, size_t), char *text,
		 size_t len)
{
	struct buf packet;

	if (!buf_init(&packet, 2 * len + 100))
		exit(2);
	make(&packet, text, len);
	put_packet(s, &packet);
	buf_free(&packet);
}

/* ---- lines ---- */

static unsigned int number(const char *text, size_t len, unsigned int otherwise)
{
	int digit = len ? parse_digit(*text) : -1;

	return digit < 0 ? otherwise : (unsigned int)digit;
}

static void events(struct script *s, unsigned int n)
{
	for (; n && !stub_finished(&s->f.stub); n--)
		fuzz_event(&s->f);
}

static void run_line(struct script *s, char *line, size_t len)
{
	if (stub_finished(&s->f.stub))
		fuzz_connect(&s->f);
	if (!len)
		return;
	switch (len > 1 || !memchr("!?", line[0], 2) ? line[0] : 0) {
	case '!':
		return wrap(s, make_command, line + 1, len - 1);
	case '?':
		return wrap(s, make_condition, line + 1, len - 1);
	case ':':
		return wrap(s, make_bytecode, line + 1, len - 1);
	case '@':
		return wrap(s, make_action, line + 1, len - 1);
	case '.':
		return events(s, number(line + 1, len - 1, 4));
	case '/':
		return fuzz_work(&s->f, number(line + 1, len - 1, 4));
	case '^':
		return put(s, "\003", 1);
	case '#':
		return fuzz_connect(&s->f);
	case '~':
		return fuzz_stay(&s->f, number(line + 1, len - 1, 0) % 3);
	case '>':
		s->piece = number(line + 1, len - 1, 0);
		return;
	case '*':
		return put(s, line + 1, len - 1);
	case '$':
		return wrap(s, make_packet, line + 1, len - 1);
	default:
		return wrap(s, make_packet, line, len);
	}
}

static size_t line_length(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	return end ? (size_t)(end - text) : len;
}

/* Return: layout by the settings in @text. */
static const struct layout *configure(const char *text, size_t len)
{
	size_t i;

	/* First all, since some share a name */
	for (i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		unsetenv(settings[i].name);
	for (i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (memchr(text, settings[i].letter, len))
			setenv(settings[i].name, settings[i].value, 1);
	if (memchr(text, 'i', len))
		return layout_find("i386");
	if (memchr(text, 'o', len))
		return layout_find("i8086");
	return memchr(text, 'a', len) ? NULL : layout_find("x86-64");
}

static void run_script(char *text, size_t size)
{
	struct script s = { .piece = 0 };
	size_t len = line_length(text, size);
	bool set = len && text[0] == '=';
	unsigned int i;

	fuzz_open(&s.f, GUEST, configure(text, set ? len : 0));
	fuzz_connect(&s.f);
	for (i = 0; i < PACKETS_MAX && size; i++) {
		len = line_length(text, size);
		if (i || !set)
			run_line(&s, text, len);
		len += len < size;
		text += len;
		size -= len;
	}
	fuzz_check_alive(&s.f, "line", i);
	fuzz_close(&s.f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* With nothing behind the input, and for writing to it */
	char *text = malloc(size);

	if (size && !text)
		exit(2);
	setenv("FAKE_HURRY", "1", 1);
	setenv("FAKE_QUIET", "1", 1);
	if (size)
		memcpy(text, data, size);
	run_script(text, size);
	free(text);
	return 0;
}
