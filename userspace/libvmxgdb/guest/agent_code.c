// SPDX-License-Identifier: MIT
/* gdb's agent expressions: walking through bytecode, and rewriting it for the target. */
#include <string.h>

#include "guest/agent_code.h"

/* ---- operations ---- */

#define KNOWN	1	/* beside the bytes of the operand */

/* One more than the bytes of the operand; 0: there is no such operation. */
static const uint8_t operations[256] = {
	[0x02 ... 0x0c] = KNOWN,
	[AGENT_TRACE_QUICK] = KNOWN + 1,
	[0x0e ... 0x15] = KNOWN,
	[0x16] = KNOWN + 1,
	[0x17 ... 0x1a] = KNOWN,
	[AGENT_IF_GOTO] = KNOWN + 2,
	[AGENT_GOTO] = KNOWN + 2,
	[AGENT_CONST8] = KNOWN + 1,
	[AGENT_CONST16] = KNOWN + 2,
	[0x24] = KNOWN + 4,
	[AGENT_CONST64] = KNOWN + 8,
	[AGENT_REG] = KNOWN + 2,
	[AGENT_END] = KNOWN,
	[0x28 ... 0x29] = KNOWN,
	[0x2a] = KNOWN + 1,
	[0x2b] = KNOWN,
	[AGENT_GETV ... AGENT_TRACEV] = KNOWN + 2,
	[AGENT_TRACENZ] = KNOWN,
	[0x30] = KNOWN + 2,
	[0x32] = KNOWN + 1,
	[0x33] = KNOWN,
	[AGENT_PRINTF] = KNOWN + 3,	/* and the format */
};

uint64_t agent_operand(const uint8_t *code, size_t size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | *code++;
	return value;
}

size_t agent_op_size(const uint8_t *code, size_t len, size_t at)
{
	size_t size = operations[code[at]];

	if (!size || size > len - at)
		return 0;
	if (code[at] == AGENT_PRINTF)
		size += agent_operand(code + at + 2, 2);
	return size > len - at ? 0 : size;
}

static bool is_jump(uint8_t op)
{
	return op == AGENT_IF_GOTO || op == AGENT_GOTO;
}

void agent_put(struct buf *code, uint8_t op, uint64_t operand, size_t size)
{
	uint8_t bytes[9] = { op };
	size_t i;

	for (i = size; i; i--, operand >>= 8)
		bytes[i] = operand;
	buf_add(code, bytes, 1 + size);
}

void agent_set_jump(struct buf *code, size_t at, size_t target)
{
	if (at + 2 > code->len)
		return;
	code->data[at] = target >> 8;
	code->data[at + 1] = target;
}

/* ---- registers ---- */

/* Where a register is does not depend on the layout. */
static bool same_reg(const struct reg *a, const struct reg *b)
{
	return a->get == b->get && a->component == b->component && a->offset == b->offset;
}

int agent_reg_number(const struct layout *layout, unsigned int number)
{
	const struct layout *target = layout_default();
	const struct reg *wanted = layout_reg(layout, number);
	const struct reg *reg;
	int i;

	if (!wanted)
		return -1;
	if (layout == target)
		return number;
	for (i = 0; (reg = layout_reg(target, i)); i++)
		if (same_reg(reg, wanted))
			return i;
	return -1;
}

/* ---- rewriting ---- */

#define NOWHERE	0xffff

/**
 * struct move - where operations of the debugger's bytecode are in the target's
 * @to: new offset of the operation at this offset, or NOWHERE; one more for the end
 */
struct move {
	uint16_t to[VMXDBG_CODE_MAX + 1];
};

static bool refuse(struct agent_out *out, const char *why)
{
	out->why = why;
	return false;
}

static bool put_reg(struct agent_out *out, const uint8_t *op)
{
	int number = agent_reg_number(out->layout, agent_operand(op + 1, 2));

	if (number < 0)
		return refuse(out, "the target has no such register");
	agent_put(out->code, AGENT_REG, number, 2);
	return true;
}

static bool put_op(struct agent_out *out, const uint8_t *op, size_t size, bool last)
{
	int done = out->rewrite ? out->rewrite(out, op, size) : 0;

	if (done)
		return done > 0;
	if (*op == AGENT_REG)
		return put_reg(out, op);
	/* The last end falls through to what follows. */
	if (*op == AGENT_END && last)
		return true;
	if (*op == AGENT_END)
		agent_put(out->code, AGENT_GOTO, 0, 2);
	else
		buf_add(out->code, op, size);
	return true;
}

static bool put_all(struct agent_out *out, const uint8_t *code, size_t len, struct move *move)
{
	size_t at, size, last = 0;

	memset(move, 0xff, sizeof(*move));
	for (at = 0; at < len; at += size) {
		size = agent_op_size(code, len, at);
		if (!size)
			return refuse(out, "an operation is unknown to the target, or cut off");
		move->to[at] = out->code->len;
		if (!put_op(out, code + at, size, at + size == len))
			return false;
		last = at;
	}
	move->to[len] = out->code->len;
	if (out->code->full)
		return refuse(out, "the expressions are too long for the target");
	if (code[last] != AGENT_END && code[last] != AGENT_GOTO)
		return refuse(out, "an expression has no end");
	return true;
}

static bool set_jumps(struct agent_out *out, const uint8_t *code, size_t len,
		      const struct move *move)
{
	size_t at, size, target;

	for (at = 0; at < len; at += size) {
		size = agent_op_size(code, len, at);
		target = len;
		if (is_jump(code[at]))
			target = agent_operand(code + at + 1, 2);
		else if (code[at] != AGENT_END || at + size == len)
			continue;
		if (target > len || move->to[target] == NOWHERE)
			return refuse(out, "a jump leads to where no operation begins");
		agent_set_jump(out->code, move->to[at] + 1, move->to[target]);
	}
	return true;
}

bool agent_append(struct agent_out *out, const uint8_t *code, size_t len)
{
	struct move move;

	if (!len || len > VMXDBG_CODE_MAX)
		return refuse(out, "an expression is empty, or too long for the target");
	return put_all(out, code, len, &move) && set_jumps(out, code, len, &move);
}
