// SPDX-License-Identifier: MIT
/* Actions of tracepoints as bytecode that the target runs at each hit. */
#include <string.h>

#include "guest/agent_code.h"
#include "guest/agent_vars.h"
#include "guest/bp_code.h"
#include "guest/trace_code.h"
#include "wire/parse.h"

/* One action. */
struct action {
	char kind;		/* 'R', 'M' or 'X' */
	const char *mask;	/* R: hex digits, the most significant first */
	size_t digits;
	bool based;		/* M: @base is the number of a register */
	uint64_t base;
	uint64_t offset;
	uint64_t len;
	uint8_t code[VMXDBG_CODE_MAX];	/* X: @len bytes */
};

static bool parse_memory(const char **p, struct action *a)
{
	a->based = strncmp(*p, "-1,", 3);
	if (!a->based)
		*p += 2;
	else if (!parse_hex(p, &a->base))
		return false;
	return parse_char(p, ',') && parse_span(p, &a->offset, &a->len);
}

static bool parse_expression(const char **p, struct action *a)
{
	size_t len;

	--*p;
	if (!bp_code_next(p, a->code, &len))
		return false;
	a->len = len;
	return true;
}

static bool next_action(const char **p, struct action *a)
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

bool trace_code_valid(const char *text)
{
	struct action a;

	while (*text)
		if (!next_action(&text, &a))
			return false;
	return true;
}

/* ---- registers ---- */

bool trace_code_general(const struct reg *reg)
{
	return !(reg->sets & ~(1U << VMXDBG_REGS_GENERAL)) || reg->get == reg_linear_rip;
}

static bool in_mask(const struct action *a, unsigned int number)
{
	size_t digit = number / 4;

	return digit < a->digits &&
	       (parse_digit(a->mask[a->digits - 1 - digit]) >> number % 4 & 1);
}

/* Numbers of the target that abi.rst lists, beside the general registers. */
static bool can_record(int number)
{
	return (number >= 18 && number <= 23) || (number >= 57 && number <= 76);
}

/* Note the registers of @a as far as @room is left for them. */
static void take_registers(const struct stub *s, struct trace_point *p, const struct action *a,
			   unsigned int room)
{
	const struct reg *reg;
	unsigned int i;

	for (i = 0; i < TRACE_REGS_MAX && (reg = layout_reg(s->layout, i)); i++) {
		if (!in_mask(a, i))
			continue;
		if (trace_code_general(reg))
			p->general = true;
		else if (p->nr_regs < room && can_record(agent_reg_number(s->layout, i)) &&
			 !memchr(p->regs, i, p->nr_regs))
			p->regs[p->nr_regs++] = i;
	}
}

/* ---- memory ---- */

static unsigned int blocks_of(const struct action *a)
{
	unsigned int count = a->kind == 'M';
	size_t at, size;

	for (at = 0; a->kind == 'X' && at < a->len; at += size) {
		size = agent_op_size(a->code, a->len, at);
		if (!size)
			break;
		count += (a->code[at] >= AGENT_TRACE && a->code[at] <= AGENT_TRACE_QUICK) ||
			 (a->code[at] >= AGENT_TRACEV && a->code[at] <= 0x30);
	}
	return count;
}

static const char *put_memory(struct agent_out *out, const struct action *a)
{
	int number = a->based ? agent_reg_number(out->layout, a->base) : -1;

	if (a->based && number < 0)
		return "the target has no such register";
	if (a->len > VMXDBG_RECORD_BYTES)
		return "more memory is collected than fits into a record";
	agent_put(out->code, AGENT_CONST64, a->offset, 8);
	if (a->based) {
		agent_put(out->code, AGENT_REG, number, 2);
		agent_put(out->code, AGENT_ADD, 0, 0);
	}
	agent_put(out->code, AGENT_CONST16, a->len, 2);
	agent_put(out->code, AGENT_TRACE, 0, 0);
	return NULL;
}

/* ---- all of it ---- */

/* Call for each action of @p, in their order, until one has an error. */
static const char *each(struct trace_point *p, const char *(*f)(void *context, struct action *a),
			void *context)
{
	const struct trace_text *text;
	const char *at, *why;
	struct action a;

	for (text = p->actions; text; text = text->next) {
		for (at = text->text; *at;) {
			if (!next_action(&at, &a))
				return "an action is malformed";
			why = f(context, &a);
			if (why)
				return why;
		}
	}
	return NULL;
}

static const char *count_blocks(void *context, struct action *a)
{
	*(unsigned int *)context += blocks_of(a);
	return NULL;
}

struct take {
	const struct stub *s;
	struct trace_point *p;
	unsigned int room;
};

static const char *take_action(void *context, struct action *a)
{
	struct take *take = context;

	if (a->kind == 'R')
		take_registers(take->s, take->p, a, take->room);
	return NULL;
}

static const char *put_action(void *context, struct action *a)
{
	struct agent_out *out = context;

	if (a->kind == 'M')
		return put_memory(out, a);
	if (a->kind == 'X' && !agent_append(out, a->code, a->len))
		return out->why;
	return NULL;
}

const char *trace_code_make(const struct stub *s, struct trace_point *p, struct buf *code)
{
	struct agent_out out = {
		.code = code, .layout = s->layout, .rewrite = agent_vars_rewrite,
		.context = (void *)&s->trace,
	};
	struct take take = { .s = s, .p = p };
	unsigned int i, blocks = 0;
	const char *why;

	buf_clear(code);
	p->general = false;
	p->nr_regs = 0;
	why = each(p, count_blocks, &blocks);
	if (why)
		return why;
	if (blocks > VMXDBG_RECORD_BLOCKS)
		return "more than 16 pieces of memory are collected";
	take.room = VMXDBG_RECORD_BLOCKS - blocks;
	each(p, take_action, &take);
	for (i = 0; i < p->nr_regs; i++) {
		agent_put(code, AGENT_REG, agent_reg_number(s->layout, p->regs[i]), 2);
		agent_put(code, AGENT_TRACE_QUICK, 0, 1);
		agent_put(code, AGENT_POP, 0, 0);
	}
	why = each(p, put_action, &out);
	agent_put(code, AGENT_END, 0, 0);
	return why || !code->full ? why : "the actions are too long for the target";
}

const char *trace_code_condition(const struct stub *s, const struct trace_point *p,
				 struct buf *code)
{
	struct agent_out out = {
		.code = code, .layout = s->layout, .rewrite = agent_vars_rewrite,
		.context = (void *)&s->trace,
	};
	uint8_t bytes[VMXDBG_CODE_MAX];
	const char *at = p->cond;
	size_t len;

	buf_clear(code);
	if (!at)
		return NULL;
	if (!bp_code_next(&at, bytes, &len))
		return "the condition is too long for the target";
	if (!agent_append(&out, bytes, len))
		return out.why;
	agent_put(code, AGENT_END, 0, 0);
	return code->full ? "the condition is too long for the target" : NULL;
}
