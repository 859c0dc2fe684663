// SPDX-License-Identifier: MIT
/* Commands of breakpoints: gdb's agent printf, recorded by the target. */
#include <vmxdbg-client.h>

#include "guest/agent_format.h"
#include "guest/agent_vars.h"
#include "guest/bp_code.h"
#include "guest/bp_print.h"
#include "guest/record_ring.h"
#include "guest/terminal.h"

#define STRING_MAX	1000
#define TEXT_MAX	(1 << 16)

/* The operation printf: number of arguments, length of the format with its NUL, format. */
struct agent_print {
	unsigned int nr_args;
	unsigned int strings;	/* bit n: argument n is a string */
	const char *format;
	size_t len;		/* without the NUL */
};

/* Return: NULL, or the mistake. */
static const char *parse_print(const uint8_t *op, struct agent_print *print)
{
	const char *why = NULL;
	int args;

	print->nr_args = op[1];
	print->len = agent_operand(op + 2, 2);
	print->format = (const char *)op + 4;
	if (!print->len || print->format[print->len - 1])
		return "a format has no end";
	print->len--;
	args = agent_format_args(print->format, print->len, &print->strings, &why);
	if (args >= 0 && args != (int)print->nr_args)
		return "a format has more or fewer directives than arguments";
	return why;
}

/* ---- what the target records ---- */

/*
 * On the stack are the function and the channel, which have no meaning here, and the
 * arguments, the first on top. A block of no bytes records a value as its address.
 */
static int record_print(struct agent_out *out, const uint8_t *op, size_t size)
{
	struct agent_print print;
	unsigned int i;

	if (*op != AGENT_PRINTF)
		return agent_vars_rewrite(out, op, size);
	out->why = parse_print(op, &print);
	if (out->why)
		return -1;
	agent_put(out->code, AGENT_POP, 0, 0);
	agent_put(out->code, AGENT_POP, 0, 0);
	for (i = 0; i < print.nr_args; i++) {
		if (print.strings >> i & 1) {
			agent_put(out->code, AGENT_CONST16, STRING_MAX, 2);
			agent_put(out->code, AGENT_TRACENZ, 0, 0);
		} else {
			agent_put(out->code, AGENT_TRACE_QUICK, 0, 1);
			agent_put(out->code, AGENT_POP, 0, 0);
		}
	}
	return 1;
}

const char *bp_print_code(const struct stub *s, const char *text, struct buf *code)
{
	struct agent_out out = {
		.code = code, .layout = s->layout, .rewrite = record_print,
		.context = (void *)&s->trace,
	};
	uint8_t bytes[VMXDBG_CODE_MAX];
	size_t len;
	const char *at = bp_code_commands(text);

	buf_clear(code);
	do {
		if (!bp_code_next(&at, bytes, &len))
			return "an expression is too long for the target";
		if (!agent_append(&out, bytes, len))
			return out.why;
	} while (*at);
	agent_put(code, AGENT_END, 0, 0);
	return code->full ? "the commands are too long for the target" : NULL;
}

/* ---- the text ---- */

/* Take the arguments from the blocks behind *@block. Return: false if there are fewer. */
static bool take_args(const struct vmxdbg_record *record,
		      const struct vmxdbg_record_block **block, unsigned int count,
		      struct agent_arg *args)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		*block = vmxdbg_record_next(record, *block);
		if (!*block)
			return false;
		args[i] = (struct agent_arg){
			.value = (*block)->addr,
			.text = record_bytes(*block),
			.len = (*block)->len,
		};
	}
	return true;
}

/* Add what the printf operations of @code print. Return: false if @record lacks some. */
static bool print_code(const uint8_t *code, size_t len, const struct vmxdbg_record *record,
		       const struct vmxdbg_record_block **block, struct buf *out)
{
	struct agent_arg args[AGENT_ARGS_MAX];
	struct agent_print print;
	size_t at, size;

	for (at = 0; at < len; at += size) {
		size = agent_op_size(code, len, at);
		if (!size)
			return false;
		if (code[at] != AGENT_PRINTF)
			continue;
		if (parse_print(code + at, &print) ||
		    !take_args(record, block, print.nr_args, args))
			return false;
		agent_format_print(out, print.format, print.len, args);
	}
	return true;
}

size_t bp_print(struct stub *s, const char *text, const struct vmxdbg_record *record)
{
	const struct vmxdbg_record_block *block = NULL;
	uint8_t bytes[VMXDBG_CODE_MAX];
	const char *at = bp_code_commands(text);
	struct buf out;
	size_t len;

	if (!at || !buf_init(&out, TEXT_MAX))
		return 0;
	while (bp_code_next(&at, bytes, &len))
		if (!print_code(bytes, len, record, &block, &out))
			break;
	len = out.len;
	terminal_put(s, out.data, len);
	buf_free(&out);
	return len;
}
