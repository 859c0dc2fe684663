// SPDX-License-Identifier: MIT
/* Running gdb's agent expressions here. */
#include "guest/agent_code.h"
#include "guest/agent_run.h"

#define STACK		100
#define STEPS_MAX	100000

/* A run of an expression. */
struct run {
	const struct agent_world *world;
	uint64_t stack[STACK];
	unsigned int depth;
	const uint8_t *code;
	size_t len;
	size_t at;	/* the next operation */
};

/* Operations beside those of agent_code.h; the arithmetic ones are in their order. */
enum {
	OP_SUB = 0x03, OP_MUL, OP_DIV_SIGNED, OP_DIV, OP_REM_SIGNED, OP_REM, OP_LSH,
	OP_RSH_SIGNED, OP_RSH,
	OP_LOG_NOT = 0x0e, OP_AND, OP_OR, OP_XOR, OP_NOT, OP_EQUAL, OP_LESS_SIGNED, OP_LESS,
	OP_EXT, OP_REF8, OP_REF16, OP_REF32, OP_REF64,
	OP_CONST32 = 0x24, OP_DUP = 0x28, OP_ZERO_EXT = 0x2a, OP_SWAP,
	OP_TRACE16 = 0x30, OP_PICK = 0x32, OP_ROT,
};

static const char malformed[] = "an expression is malformed";

/* ---- arithmetic ---- */

static uint64_t shift(uint8_t op, uint64_t a, uint64_t b)
{
	if (op == OP_RSH_SIGNED)
		return (int64_t)a >> (b < 63 ? b : 63);
	if (b > 63)
		return 0;
	return op == OP_LSH ? a << b : a >> b;
}

/* The quotient of the lowest number and -1 does not fit, and wraps around. */
static uint64_t divide(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case OP_DIV:
		return a / b;
	case OP_REM:
		return a % b;
	case OP_DIV_SIGNED:
		return b == ~0ULL ? -a : (uint64_t)((int64_t)a / (int64_t)b);
	default:
		return b == ~0ULL ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
	}
}

static uint64_t binary(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case AGENT_ADD:
		return a + b;
	case OP_SUB:
		return a - b;
	case OP_MUL:
		return a * b;
	case OP_AND:
		return a & b;
	case OP_OR:
		return a | b;
	case OP_XOR:
		return a ^ b;
	case OP_EQUAL:
		return a == b;
	case OP_LESS_SIGNED:
		return (int64_t)a < (int64_t)b;
	case OP_LESS:
		return a < b;
	case OP_LSH:
	case OP_RSH_SIGNED:
	case OP_RSH:
		return shift(op, a, b);
	default:
		return divide(op, a, b);
	}
}

static bool is_binary(uint8_t op)
{
	return (op >= AGENT_ADD && op <= OP_RSH) || (op >= OP_AND && op <= OP_XOR) ||
	       (op >= OP_EQUAL && op <= OP_LESS);
}

static bool is_division(uint8_t op)
{
	return op >= OP_DIV_SIGNED && op <= OP_REM;
}

static uint64_t extended(uint8_t op, uint64_t value, unsigned int bits)
{
	unsigned int unused = 64 - bits;

	if (!bits || bits >= 64)
		return bits ? value : 0;
	if (op == OP_EXT)
		return (int64_t)(value << unused) >> unused;
	return value << unused >> unused;
}

/* ---- operations by kind ---- */

static bool has(const struct run *r, unsigned int count)
{
	return r->depth >= count;
}

static const char *push(struct run *r, uint64_t value)
{
	if (r->depth == STACK)
		return "an expression is too deep";
	r->stack[r->depth++] = value;
	return NULL;
}

static const char *do_binary(struct run *r, uint8_t op)
{
	uint64_t b;

	if (!has(r, 2))
		return malformed;
	b = r->stack[--r->depth];
	if (is_division(op) && !b)
		return "an expression divides by zero";
	r->stack[r->depth - 1] = binary(op, r->stack[r->depth - 1], b);
	return NULL;
}

/* Replaces the top of the stack. */
static const char *do_unary(struct run *r, uint8_t op, uint64_t operand)
{
	uint64_t *top;

	if (!has(r, 1))
		return malformed;
	top = &r->stack[r->depth - 1];
	if (op == OP_LOG_NOT)
		*top = !*top;
	else if (op == OP_NOT)
		*top = ~*top;
	else
		*top = extended(op, *top, operand);
	return NULL;
}

static const char *do_reference(struct run *r, uint8_t op)
{
	size_t len = 1U << (op - OP_REF8);
	uint8_t bytes[8] = { 0 };
	const char *why;
	uint64_t value = 0;

	if (!has(r, 1))
		return malformed;
	why = r->world->memory(r->world->context, r->stack[r->depth - 1], bytes, len);
	while (len--)
		value = value << 8 | bytes[len];
	r->stack[r->depth - 1] = value;
	return why;
}

static const char *do_trace(struct run *r, uint8_t op, uint64_t operand)
{
	bool quick = op == AGENT_TRACE_QUICK || op == OP_TRACE16;
	uint64_t len = operand;

	if (!has(r, quick ? 1 : 2))
		return malformed;
	if (quick)
		return r->world->trace(r->world->context, r->stack[r->depth - 1], len, false);
	len = r->stack[--r->depth];
	return r->world->trace(r->world->context, r->stack[--r->depth], len,
			       op == AGENT_TRACENZ);
}

static const char *do_variable(struct run *r, uint8_t op, unsigned int number)
{
	uint64_t value = 0;
	const char *why;

	if (op == AGENT_TRACEV)
		return r->world->trace_var(r->world->context, number);
	if (op == AGENT_SETV)
		return has(r, 1) ? r->world->set_var(r->world->context, number,
						     r->stack[r->depth - 1]) : malformed;
	why = op == AGENT_REG ? r->world->reg(r->world->context, number, &value) :
	      r->world->get_var(r->world->context, number, &value);
	return why ? why : push(r, value);
}

static const char *do_stack(struct run *r, uint8_t op, uint64_t operand)
{
	uint64_t *top = r->stack + r->depth;
	uint64_t value;

	switch (op) {
	case OP_DUP:
		return has(r, 1) ? push(r, top[-1]) : malformed;
	case OP_PICK:
		return has(r, operand + 1) ? push(r, r->stack[r->depth - 1 - operand]) : malformed;
	case AGENT_POP:
		return has(r, 1) ? (r->depth--, NULL) : malformed;
	case OP_SWAP:
		if (!has(r, 2))
			return malformed;
		value = top[-1];
		top[-1] = top[-2];
		top[-2] = value;
		return NULL;
	default:
		if (!has(r, 3))
			return malformed;
		value = top[-1];
		top[-1] = top[-2];
		top[-2] = top[-3];
		top[-3] = value;
		return NULL;
	}
}

static const char *do_jump(struct run *r, uint8_t op, uint64_t operand)
{
	if (op == AGENT_IF_GOTO && !has(r, 1))
		return malformed;
	if (op == AGENT_GOTO || r->stack[--r->depth])
		r->at = operand;
	return NULL;
}

static const char *do_one(struct run *r, uint8_t op, uint64_t operand)
{
	if (is_binary(op))
		return do_binary(r, op);
	switch (op) {
	case OP_LOG_NOT:
	case OP_NOT:
	case OP_EXT:
	case OP_ZERO_EXT:
		return do_unary(r, op, operand);
	case OP_REF8 ... OP_REF64:
		return do_reference(r, op);
	case AGENT_TRACE:
	case AGENT_TRACE_QUICK:
	case AGENT_TRACENZ:
	case OP_TRACE16:
		return do_trace(r, op, operand);
	case AGENT_CONST8:
	case AGENT_CONST16:
	case OP_CONST32:
	case AGENT_CONST64:
		return push(r, operand);
	case AGENT_REG:
	case AGENT_GETV:
	case AGENT_SETV:
	case AGENT_TRACEV:
		return do_variable(r, op, operand);
	case AGENT_IF_GOTO:
	case AGENT_GOTO:
		return do_jump(r, op, operand);
	case OP_DUP:
	case OP_PICK:
	case AGENT_POP:
	case OP_SWAP:
	case OP_ROT:
		return do_stack(r, op, operand);
	default:
		return "an operation of an expression is unknown";
	}
}

const char *agent_run(const uint8_t *code, size_t len, const struct agent_world *world,
		      uint64_t *result)
{
	struct run r = { .world = world, .code = code, .len = len };
	const char *why = NULL;
	unsigned int steps;
	size_t at, size;

	for (steps = 0; !why; steps++) {
		at = r.at;
		size = at < len ? agent_op_size(code, len, at) : 0;
		if (!size)
			return malformed;
		if (code[at] == AGENT_END)
			break;
		if (steps == STEPS_MAX)
			return "an expression does not end";
		r.at += size;
		why = do_one(&r, code[at], size > 1 && size <= 9 ?
			     agent_operand(code + at + 1, size - 1) : 0);
	}
	*result = r.depth ? r.stack[r.depth - 1] : 0;
	return why;
}
