// SPDX-License-Identifier: MIT
/* Formats of gdb's agent printf: those of C, for values that the target has recorded. */
#include <string.h>

#include "guest/agent_format.h"
#include "wire/parse.h"

#define WIDTH_MAX	999

/* ---- directives ---- */

/**
 * struct directive - one "%..." of a format
 * @flags: of "-+ #0", NUL terminated
 * @width: -1: none
 * @precision: -1: none
 * @bytes: size of the number
 * @letter: conversion
 */
struct directive {
	char flags[8];
	int width;
	int precision;
	int bytes;
	char letter;
};

static const char *take_number(const char **p, const char *end, int *number)
{
	*number = 0;
	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		*number = *number * 10 + (**p - '0');
		if (*number > WIDTH_MAX)
			return "a width of the format is too large";
	}
	return NULL;
}

static void take_flags(const char **p, const char *end, char *flags)
{
	size_t n = 0;

	for (; *p < end && **p && strchr("-+ #0", **p); (*p)++)
		if (!memchr(flags, **p, n) && n < 7)
			flags[n++] = **p;
	flags[n] = '\0';
}

static int take_size(const char **p, const char *end)
{
	int bytes = sizeof(int);

	for (; *p < end && **p && strchr("hlLjzt", **p); (*p)++)
		bytes = **p != 'h' ? 8 : bytes == 2 ? 1 : 2;
	return bytes;
}

/* @p is behind the '%'. Return: NULL, or the mistake. */
static const char *take_directive(const char **p, const char *end, struct directive *d)
{
	const char *why = NULL;

	d->width = d->precision = -1;
	take_flags(p, end, d->flags);
	if (*p < end && **p >= '0' && **p <= '9')
		why = take_number(p, end, &d->width);
	if (!why && *p < end && **p == '.') {
		(*p)++;
		why = take_number(p, end, &d->precision);
	}
	if (why)
		return why;
	d->bytes = take_size(p, end);
	if (*p == end)
		return "the format ends in a directive";
	d->letter = *(*p)++;
	if (!d->letter || !strchr("diuxXocsp", d->letter))
		return "the target prints only %d %i %u %x %X %o %c %s and %p";
	if (d->letter == 's' && d->bytes == 8)
		return "the target prints no wide characters";
	if (d->letter == 'p')
		d->bytes = 8;
	return NULL;
}

int agent_format_args(const char *format, size_t len, unsigned int *strings, const char **why)
{
	const char *end = format + len, *p = format;
	struct directive d;
	int count = 0;

	*strings = 0;
	while (p < end) {
		if (*p++ != '%')
			continue;
		if (p < end && *p == '%') {
			p++;
			continue;
		}
		*why = take_directive(&p, end, &d);
		if (*why)
			return -1;
		if (count == AGENT_ARGS_MAX) {
			*why = "the format has more than 16 arguments";
			return -1;
		}
		*strings |= (d.letter == 's') << count++;
	}
	return count;
}

/* ---- printing ---- */

/* @p is behind the backslash. */
static void put_escape(struct buf *out, const char **p, const char *end)
{
	static const char letters[] = "abefnrtv", meant[] = "\a\b\033\f\n\r\t\v";
	const char *found;
	int value = 0, n;
	char c;

	for (n = 0; n < 3 && *p < end && **p >= '0' && **p <= '7'; n++)
		value = value * 8 + *(*p)++ - '0';
	if (!n && *p < end) {
		found = strchr(letters, **p);
		value = found && *found ? meant[found - letters] : **p;
		(*p)++;
	}
	c = value;
	buf_add(out, &c, 1);
}

static void put_string(struct buf *out, const struct directive *d, const struct agent_arg *arg)
{
	size_t len = arg->text ? strnlen(arg->text, arg->len) : 0;
	bool cut = arg->text && len == arg->len;
	bool clipped = d->precision >= 0 && (size_t)d->precision < len;
	size_t shown = clipped ? (size_t)d->precision : len;
	int pad = d->width > (int)shown ? d->width - (int)shown : 0;
	bool left = strchr(d->flags, '-');

	if (!arg->text) {
		buf_printf(out, "<no memory at 0x%llx>", (unsigned long long)arg->value);
		return;
	}
	buf_printf(out, "%*s", left ? 0 : pad, "");
	buf_add(out, arg->text, shown);
	if (cut && shown == len)
		buf_puts(out, "...");
	buf_printf(out, "%*s", left ? pad : 0, "");
}

static long long sign_extended(uint64_t value, int bytes)
{
	int unused = 64 - 8 * bytes;

	return (long long)(value << unused) >> unused;
}

static void put_number(struct buf *out, const struct directive *d, uint64_t value)
{
	bool is_signed = d->letter == 'd' || d->letter == 'i';
	char format[32];
	BUF_ON_STACK(spec, sizeof(format));

	buf_printf(&spec, "%%%s%s", d->flags, d->letter == 'p' && !strchr(d->flags, '#') ? "#" : "");
	if (d->width >= 0)
		buf_printf(&spec, "%d", d->width);
	if (d->precision >= 0)
		buf_printf(&spec, ".%d", d->precision);
	buf_printf(&spec, "%s%c", d->letter == 'c' ? "" : "ll", d->letter == 'p' ? 'x' : d->letter);
	memcpy(format, spec.data, spec.len + 1);
	if (d->letter == 'c')
		buf_printf(out, format, (int)(unsigned char)value);
	else if (is_signed)
		buf_printf(out, format, sign_extended(value, d->bytes));
	else
		buf_printf(out, format, (unsigned long long)value &
			   (~0ULL >> (64 - 8 * d->bytes)));
}

void agent_format_print(struct buf *out, const char *format, size_t len,
			const struct agent_arg *args)
{
	const char *end = format + len, *p = format;
	struct directive d;

	while (p < end) {
		if (*p == '\\') {
			p++;
			put_escape(out, &p, end);
		} else if (*p != '%') {
			buf_add(out, p++, 1);
		} else if (p[1] == '%') {
			buf_add(out, p, 1);
			p += 2;
		} else {
			p++;
			if (take_directive(&p, end, &d))
				return;
			if (d.letter == 's')
				put_string(out, &d, args++);
			else
				put_number(out, &d, args++->value);
		}
	}
}
