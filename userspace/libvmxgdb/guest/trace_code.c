// SPDX-License-Identifier: MIT
/* Actions of tracepoints as bytecode that the target runs at each hit. */
#include <string.h>

#include "guest/agent_code.h"
#include "guest/agent_vars.h"
#include "guest/bp_code.h"
#include "guest/trace_action.h"
#include "guest/trace_code.h"

/* ---- registers ---- */

bool trace_code_general(const struct reg *reg)
{
	return !(reg->sets & ~(1U << VMXDBG_REGS_GENERAL)) || reg->get == reg_linear_rip;
}

/* Numbers of the target that abi.rst lists, beside the general registers. */
static bool can_record(int number)
{
	return (number >= 18 && number <= 23) || (number >= 57 && number <= 76);
}

/* Note the registers of @a as far as @room is left for them. */
static void take_registers(const struct stub *s, struct trace_point *p, const struct trace_action *a,
			   unsigned int room)
{
	const struct reg *reg;
	unsigned int i;

	for (i = 0; i < TRACE_REGS_MAX && (reg = layout_reg(s->layout, i)); i++) {
		if (!trace_action_has(a, i))
			continue;
		if (trace_code_general(reg))
			p->general = true;
		else if (p->nr_regs < room && can_record(agent_reg_number(s->layout, i)) &&
			 !memchr(p->regs, i, p->nr_regs))
			p->regs[p->nr_regs++] = i;
	}
}

/* ---- memory ---- */

static unsigned int blocks_of(const struct trace_action *a)
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

static const char *put_memory(struct agent_out *out, const struct trace_action *a)
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

static const char *count_blocks(void *context, struct trace_action *a)
{
	*(unsigned int *)context += blocks_of(a);
	return NULL;
}

struct take {
	const struct stub *s;
	struct trace_point *p;
	unsigned int room;
};

static const char *take_action(void *context, struct trace_action *a)
{
	struct take *take = context;

	if (a->kind == 'R')
		take_registers(take->s, take->p, a, take->room);
	return NULL;
}

static const char *put_action(void *context, struct trace_action *a)
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
	why = trace_actions_each(p->actions, count_blocks, &blocks);
	if (why)
		return why;
	if (blocks > VMXDBG_RECORD_BLOCKS)
		return "more than 16 pieces of memory are collected";
	take.room = VMXDBG_RECORD_BLOCKS - blocks;
	trace_actions_each(p->actions, take_action, &take);
	for (i = 0; i < p->nr_regs; i++) {
		agent_put(code, AGENT_REG, agent_reg_number(s->layout, p->regs[i]), 2);
		agent_put(code, AGENT_TRACE_QUICK, 0, 1);
		agent_put(code, AGENT_POP, 0, 0);
	}
	why = trace_actions_each(p->actions, put_action, &out);
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
