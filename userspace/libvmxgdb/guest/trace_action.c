// SPDX-License-Identifier: MIT
/* Actions of tracepoints, as the debugger sends them. */
#include <string.h>

#include "guest/bp_code.h"
#include "guest/trace_action.h"
#include "wire/parse.h"

static bool parse_memory(const char **p, struct trace_action *a)
{
	a->based = strncmp(*p, "-1,", 3);
	if (!a->based)
		*p += 2;
	else if (!parse_hex(p, &a->base))
		return false;
	return parse_char(p, ',') && parse_span(p, &a->offset, &a->len);
}

static bool parse_expression(const char **p, struct trace_action *a)
{
	size_t len;

	--*p;
	if (!bp_code_next(p, a->code, &len))
		return false;
	a->len = len;
	return true;
}

static bool next_action(const char **p, struct trace_action *a)
{
	a->kind = **p;
	if (!a->kind)
		return false;
	++*p;
	switch (a->kind) {
	case 'R':
		a->mask = *p;
		a->digits = strspn(*p, "0123456789abcdefABCDEF");
		*p += a->digits;
		return a->digits;
	case 'M':
		return parse_memory(p, a);
	case 'X':
		return parse_expression(p, a);
	default:
		return false;
	}
}

bool trace_actions_valid(const char *text)
{
	struct trace_action a;

	while (*text)
		if (!next_action(&text, &a))
			return false;
	return true;
}

bool trace_action_has(const struct trace_action *a, unsigned int number)
{
	size_t digit = number / 4;

	return digit < a->digits &&
	       (parse_digit(a->mask[a->digits - 1 - digit]) >> number % 4 & 1);
}

const char *trace_actions_each(const struct trace_text *list,
			       const char *(*f)(void *context, struct trace_action *a),
			       void *context)
{
	struct trace_action a;
	const char *at, *why;

	for (; list; list = list->next) {
		for (at = list->text; *at;) {
			if (!next_action(&at, &a))
				return "an action is malformed";
			why = f(context, &a);
			if (why)
				return why;
		}
	}
	return NULL;
}
