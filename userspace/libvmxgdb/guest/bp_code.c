// SPDX-License-Identifier: MIT
/* Conditions and commands of breakpoints, which the target evaluates. */
#include <string.h>

#include "guest/agent_vars.h"
#include "guest/bp_code.h"
#include "wire/parse.h"

/* ---- the text behind a Z packet ---- */

/* One expression: "X" LEN "," BYTES. */
struct expression {
	const char *hex;
	uint64_t len;
};

static bool next_expression(const char **text, struct expression *e)
{
	const char *p = *text;
	size_t digits;

	if (!parse_char(&p, 'X') || !parse_hex(&p, &e->len) || !parse_char(&p, ',') || !e->len)
		return false;
	e->hex = p;
	digits = strspn(p, "0123456789abcdefABCDEF");
	if (digits % 2 || digits / 2 != e->len)
		return false;
	*text = p + digits;
	return true;
}

static bool skip_list(const char **text)
{
	struct expression e;

	if (!next_expression(text, &e))
		return false;
	while (**text == 'X')
		if (!next_expression(text, &e))
			return false;
	return true;
}

/* Move behind ";cmds:" PERSIST ",". */
static bool skip_command_head(const char **text)
{
	static const char head[] = ";cmds:";

	if (strncmp(*text, head, strlen(head)))
		return false;
	*text += strlen(head);
	return (parse_char(text, '0') || parse_char(text, '1')) && parse_char(text, ',');
}

bool bp_code_valid(const char *text)
{
	if (text[0] == ';' && text[1] == 'X') {
		text++;
		if (!skip_list(&text))
			return false;
	}
	if (!*text)
		return true;
	return skip_command_head(&text) && skip_list(&text) && !*text;
}

const char *bp_code_commands(const char *text)
{
	const char *at = strstr(text, ";cmds:");

	return at && skip_command_head(&at) ? at : NULL;
}

bool bp_code_next(const char **list, uint8_t *code, size_t *len)
{
	struct expression e;

	if (!next_expression(list, &e) || e.len > VMXDBG_CODE_MAX)
		return false;
	*len = e.len;
	return parse_bytes(&e.hex, code, e.len);
}

/* ---- conditions ---- */

#define NO_JUMP	0xffff

/* Each operand of a jump to the result 1 holds the place of the one before it. */
static void set_all_jumps(struct buf *code, size_t at)
{
	size_t target = code->len;

	while (at != NO_JUMP) {
		size_t before = agent_operand((uint8_t *)code->data + at, 2);

		agent_set_jump(code, at, target);
		at = before;
	}
}

/*
 * The condition is "A || B || C": each expression but the last is followed by a jump to
 * the result 1 if it is true.
 */
const char *bp_code_condition(const struct stub *s, const char *text, struct buf *code)
{
	struct agent_out out = {
		.code = code, .layout = s->layout, .rewrite = agent_vars_rewrite,
		.context = (void *)&s->trace,
	};
	uint8_t bytes[VMXDBG_CODE_MAX];
	size_t len, jump = NO_JUMP;

	buf_clear(code);
	if (text[0] != ';' || text[1] != 'X')
		return NULL;
	text++;
	for (;;) {
		if (!bp_code_next(&text, bytes, &len))
			return "an expression is too long for the target";
		if (!agent_append(&out, bytes, len))
			return out.why;
		if (*text != 'X')
			break;
		agent_put(code, AGENT_IF_GOTO, jump, 2);
		jump = code->len - 2;
	}
	agent_put(code, AGENT_END, 0, 0);
	if (jump != NO_JUMP && !code->full) {
		set_all_jumps(code, jump);
		agent_put(code, AGENT_CONST8, 1, 1);
		agent_put(code, AGENT_END, 0, 0);
	}
	return code->full ? "the conditions are too long for the target" : NULL;
}
