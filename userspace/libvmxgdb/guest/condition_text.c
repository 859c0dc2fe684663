// SPDX-License-Identifier: MIT
/*
 * The compiler of conditions. It reads the text once, by recursive descent, and emits
 * code as it reads: each expression leaves one value on the bytecode's stack.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "guest/agent_code.h"
#include "guest/condition_regs.h"
#include "guest/condition_text.h"

#define NESTING_MAX	64	/* of parentheses and unary operators */
#define STACK_MAX	60	/* values; the target has 64 */

/* Operations of gdb's agent expressions. */
enum op {
	OP_ADD = 0x02, OP_SUB, OP_MUL, OP_DIV, OP_UDIV, OP_REM, OP_UREM, OP_LSH, OP_RSH,
	OP_URSH,
	OP_LOG_NOT = 0x0e, OP_AND, OP_OR, OP_XOR, OP_NOT, OP_EQUAL, OP_LESS, OP_ULESS, OP_EXT,
	OP_REF8, OP_REF16, OP_REF32, OP_REF64,
	OP_IF_GOTO = 0x20, OP_GOTO, OP_CONST8, OP_CONST16, OP_CONST32, OP_CONST64, OP_REG, OP_END,
	OP_ZERO_EXT = 0x2a, OP_SWAP, OP_GETV,
};

/* The type of a value: an integer of 64 bits, or for a cast, of fewer. */
struct type {
	unsigned int bytes;
	bool is_signed;
};

static const struct type s64 = { 8, true };

struct compiler {
	const char *text;
	const char *p;
	struct condition *out;
	unsigned int nesting;
	unsigned int depth;	/* of the stack */
	char *error;
	size_t room;		/* of @error */
};

static bool expression(struct compiler *c, unsigned int lowest, struct type *type);

/* ---- errors ---- */

static bool fail_at(struct compiler *c, const char *where, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool fail_at(struct compiler *c, const char *where, const char *format, ...)
{
	char what[100];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(c->error, c->room, "condition, column %zu: %s", (size_t)(where - c->text) + 1,
		 what);
	return false;
}

/* ---- code ---- */

static bool emit(struct compiler *c, unsigned int op, unsigned int bytes, uint64_t arg)
{
	struct condition *out = c->out;

	if (out->len + 1 + bytes > sizeof(out->code))
		return fail_at(c, c->p, "the condition is too long");
	out->code[out->len++] = op;
	while (bytes)
		out->code[out->len++] = arg >> 8 * --bytes;
	return true;
}

/* Emit an operation that takes @pops values and leaves one. */
static bool operate(struct compiler *c, unsigned int op, unsigned int pops)
{
	c->depth -= pops - 1;
	return emit(c, op, 0, 0);
}

static bool push(struct compiler *c, unsigned int op, unsigned int bytes, uint64_t arg)
{
	if (c->depth >= STACK_MAX)
		return fail_at(c, c->p, "too many values at once: use fewer parentheses");
	c->depth++;
	return emit(c, op, bytes, arg);
}

static bool constant(struct compiler *c, uint64_t value)
{
	if (value < 1ULL << 8)
		return push(c, OP_CONST8, 1, value);
	if (value < 1ULL << 16)
		return push(c, OP_CONST16, 2, value);
	if (value < 1ULL << 32)
		return push(c, OP_CONST32, 4, value);
	return push(c, OP_CONST64, 8, value);
}

/* Emit a jump to a place that land() sets. Return: false after an error. */
static bool jump(struct compiler *c, unsigned int op, size_t *from)
{
	*from = c->out->len + 1;
	if (op == OP_IF_GOTO)
		c->depth--;
	return emit(c, op, 2, 0);
}

static void land(struct condition *out, size_t from)
{
	out->code[from] = out->len >> 8;
	out->code[from + 1] = out->len & 0xff;
}

/* Cut the value on top of the stack to @type. */
static bool convert(struct compiler *c, struct type type)
{
	if (type.bytes == 8)
		return true;
	return emit(c, type.is_signed ? OP_EXT : OP_ZERO_EXT, 1, 8 * type.bytes);
}

/* ---- words ---- */

static void skip_blanks(struct compiler *c)
{
	while (isspace((unsigned char)*c->p))
		c->p++;
}

static bool take(struct compiler *c, const char *sign)
{
	skip_blanks(c);
	if (strncmp(c->p, sign, strlen(sign)))
		return false;
	c->p += strlen(sign);
	return true;
}

/* Return: the length of the name at @p, 0 if there is none. */
static size_t name_length(const char *p)
{
	size_t n = 0;

	if (isalpha((unsigned char)*p) || *p == '_')
		while (isalnum((unsigned char)p[n]) || p[n] == '_')
			n++;
	return n;
}

static bool is_name(const char *p, size_t len, const char *name)
{
	return strlen(name) == len && !strncmp(p, name, len);
}

/* ---- types ---- */

static const struct {
	const char *name;
	struct type type;
} types[] = {
	{ "u8", { 1, false } }, { "u16", { 2, false } }, { "u32", { 4, false } },
	{ "u64", { 8, false } }, { "s8", { 1, true } }, { "s16", { 2, true } },
	{ "s32", { 4, true } }, { "s64", { 8, true } }, { "uint8_t", { 1, false } },
	{ "uint16_t", { 2, false } }, { "uint32_t", { 4, false } }, { "uint64_t", { 8, false } },
	{ "int8_t", { 1, true } }, { "int16_t", { 2, true } }, { "int32_t", { 4, true } },
	{ "int64_t", { 8, true } }, { "char", { 1, true } }, { "short", { 2, true } },
	{ "int", { 4, true } }, { "long", { 8, true } }, { "unsigned", { 4, false } },
};

/* A type's name: one word, or "unsigned" and one. */
static bool type_name(struct compiler *c, struct type *type)
{
	const char *before = c->p;
	size_t i, len;

	skip_blanks(c);
	len = name_length(c->p);
	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!is_name(c->p, len, types[i].name))
			continue;
		*type = types[i].type;
		c->p += len;
		before = c->p;
		if (!strcmp(types[i].name, "unsigned") && type_name(c, type))
			type->is_signed = false;
		return true;
	}
	c->p = before;
	return false;
}

/* ---- values ---- */

static bool number(struct compiler *c, struct type *type)
{
	const char *start = c->p;
	unsigned int base = 10, digit;
	uint64_t value = 0;
	size_t digits = 0;

	if (start[0] == '0' && (start[1] == 'x' || start[1] == 'X')) {
		base = 16;
		c->p += 2;
	}
	for (; isxdigit((unsigned char)*c->p); c->p++, digits++) {
		digit = isdigit((unsigned char)*c->p) ? *c->p - '0' : (*c->p | 0x20) - 'a' + 10;
		if (digit >= base)
			break;
		if (value > (UINT64_MAX - digit) / base)
			return fail_at(c, start, "the number does not fit into 64 bits");
		value = value * base + digit;
	}
	if (!digits || name_length(c->p) || isdigit((unsigned char)*c->p))
		return fail_at(c, start, "a number has decimal digits, or 0x and hex digits");
	*type = (struct type){ 8, value <= INT64_MAX };
	return constant(c, value);
}

static bool reg(struct compiler *c, struct type *type)
{
	const char *start = c->p++;
	size_t len = name_length(c->p);
	const struct condition_reg *r = condition_reg_find(c->p, len);

	if (!r && len >= 4 && !strncmp(c->p, "data", 4))
		return fail_at(c, start, "a condition cannot read the event's data: use registers");
	if (!r)
		return fail_at(c, start, "there is no register %.*s", len > 40 ? 40 : (int)len + 1,
			       start);
	c->p += len;
	*type = (struct type){ 8, r->is_signed };
	return push(c, OP_REG, 2, r->number) &&
	       (!r->bits || emit(c, r->is_signed ? OP_EXT : OP_ZERO_EXT, 1, r->bits));
}

static bool variable(struct compiler *c, struct type *type)
{
	static const char * const names[] = {
		[VMXDBG_VAR_HITS] = "hits", [VMXDBG_VAR_VCPU] = "vcpu",
		[VMXDBG_VAR_TSC] = "tsc", [VMXDBG_VAR_ADDR] = "addr",
	};
	size_t i, len = name_length(c->p);

	for (i = VMXDBG_VAR_HITS; i <= VMXDBG_VAR_ADDR; i++) {
		if (!is_name(c->p, len, names[i]))
			continue;
		c->p += len;
		*type = (struct type){ 8, false };
		return push(c, OP_GETV, 2, i);
	}
	if (condition_reg_find(c->p, len))
		return fail_at(c, c->p, "registers are written as $%.*s", (int)len, c->p);
	return fail_at(c, c->p, "there is no variable %.*s: there are hits, vcpu, tsc and addr",
		       len > 30 ? 30 : (int)len, c->p);
}

static bool unary(struct compiler *c, struct type *type);

/* "(TYPE *)EXPR" behind a '*' */
static bool memory(struct compiler *c, struct type *type)
{
	const char *start = c->p;
	static const unsigned int refs[] = { [1] = OP_REF8, [2] = OP_REF16, [4] = OP_REF32,
					     [8] = OP_REF64 };
	struct type address;

	if (!take(c, "(") || !type_name(c, type) || !take(c, "*") || !take(c, ")"))
		return fail_at(c, start, "memory is written as *(u32 *)ADDRESS");
	if (!unary(c, &address) || !operate(c, refs[type->bytes], 1) || !convert(c, *type))
		return false;
	/* As in C, what fits into a signed type becomes signed. */
	*type = (struct type){ 8, type->is_signed || type->bytes < 8 };
	return true;
}

/* Behind "(": a cast, or an expression and ")". */
static bool parenthesis(struct compiler *c, struct type *type)
{
	const char *start = c->p - 1;
	struct type to;

	if (!type_name(c, &to))
		return expression(c, 0, type) &&
		       (take(c, ")") || fail_at(c, c->p, "\")\" is missing"));
	if (take(c, "*"))
		return fail_at(c, start, "a pointer needs a \"*\" in front: *(u32 *)ADDRESS");
	if (!take(c, ")"))
		return fail_at(c, c->p, "\")\" is missing");
	if (!unary(c, type) || !convert(c, to))
		return false;
	*type = (struct type){ 8, to.is_signed || to.bytes < 8 };
	return true;
}

static bool primary(struct compiler *c, struct type *type)
{
	skip_blanks(c);
	if (isdigit((unsigned char)*c->p))
		return number(c, type);
	if (*c->p == '$')
		return reg(c, type);
	if (name_length(c->p))
		return variable(c, type);
	if (take(c, "("))
		return parenthesis(c, type);
	if (!*c->p)
		return fail_at(c, c->p, "a value is missing at the end");
	return fail_at(c, c->p, "a value is missing in front of \"%.10s\"", c->p);
}

static bool unary_operator(struct compiler *c, struct type *type)
{
	if (take(c, "*"))
		return memory(c, type);
	if (take(c, "-"))
		return constant(c, 0) && unary(c, type) && operate(c, OP_SUB, 2);
	if (take(c, "~"))
		return unary(c, type) && operate(c, OP_NOT, 1);
	if (take(c, "!")) {
		if (!unary(c, type) || !operate(c, OP_LOG_NOT, 1))
			return false;
		*type = s64;
		return true;
	}
	if (take(c, "+"))
		return unary(c, type);
	return primary(c, type);
}

static bool unary(struct compiler *c, struct type *type)
{
	bool good;

	skip_blanks(c);
	if (c->nesting >= NESTING_MAX)
		return fail_at(c, c->p, "too many operators and parentheses in one another");
	c->nesting++;
	good = unary_operator(c, type);
	c->nesting--;
	return good;
}

/* ---- binary operators ---- */

#define SHIFTS	8	/* precedence of shifts */

/* Flags of operators */
#define COMPARES	1	/* the value is 0 or 1 */
#define SWAP		2	/* the operands are swapped first */
#define NEGATE		4	/* the result is negated */

/*
 * Operators, longer ones before their beginnings. @uop is the operation of unsigned
 * operands, @op that of others.
 */
static const struct binary {
	const char *sign;
	unsigned int precedence;
	unsigned int op, uop;
	unsigned int how;
} binaries[] = {
	{ "||", 1, 0, 0, COMPARES },
	{ "&&", 2, 0, 0, COMPARES },
	{ "|", 3, OP_OR, OP_OR, 0 },
	{ "^", 4, OP_XOR, OP_XOR, 0 },
	{ "&", 5, OP_AND, OP_AND, 0 },
	{ "==", 6, OP_EQUAL, OP_EQUAL, COMPARES },
	{ "!=", 6, OP_EQUAL, OP_EQUAL, COMPARES | NEGATE },
	{ "<<", SHIFTS, OP_LSH, OP_LSH, 0 },
	{ ">>", SHIFTS, OP_RSH, OP_URSH, 0 },
	{ "<=", 7, OP_LESS, OP_ULESS, COMPARES | SWAP | NEGATE },
	{ ">=", 7, OP_LESS, OP_ULESS, COMPARES | NEGATE },
	{ "<", 7, OP_LESS, OP_ULESS, COMPARES },
	{ ">", 7, OP_LESS, OP_ULESS, COMPARES | SWAP },
	{ "+", 9, OP_ADD, OP_ADD, 0 },
	{ "-", 9, OP_SUB, OP_SUB, 0 },
	{ "*", 10, OP_MUL, OP_MUL, 0 },
	{ "/", 10, OP_DIV, OP_UDIV, 0 },
	{ "%", 10, OP_REM, OP_UREM, 0 },
};

/* Return: the operator that is next if it binds at least as @lowest, or NULL. */
static const struct binary *next_binary(struct compiler *c, unsigned int lowest)
{
	const struct binary *b;

	skip_blanks(c);
	for (b = binaries; b < binaries + sizeof(binaries) / sizeof(*binaries); b++)
		if (!strncmp(c->p, b->sign, strlen(b->sign)))
			return b->precedence >= lowest ? b : NULL;
	return NULL;
}

/* The right side of "||" and "&&", which is not evaluated if the left one decides. */
static bool decided(struct compiler *c, const struct binary *b, struct type *type)
{
	bool is_or = b->sign[0] == '|';
	size_t decides, end;

	if (!is_or && !operate(c, OP_LOG_NOT, 1))
		return false;
	if (!jump(c, OP_IF_GOTO, &decides) || !expression(c, b->precedence + 1, type) ||
	    !operate(c, OP_LOG_NOT, 1) || !operate(c, OP_LOG_NOT, 1) ||
	    !jump(c, OP_GOTO, &end))
		return false;
	land(c->out, decides);
	c->depth--;
	if (!constant(c, is_or))
		return false;
	land(c->out, end);
	*type = s64;
	return true;
}

static bool computed(struct compiler *c, const struct binary *b, struct type *type)
{
	struct type right;
	bool is_signed;

	if (!expression(c, b->precedence + 1, &right))
		return false;
	/* The left side alone decides how a shift is done. */
	is_signed = type->is_signed && (right.is_signed || b->precedence == SHIFTS);
	if (((b->how & SWAP) && !emit(c, OP_SWAP, 0, 0)) ||
	    !operate(c, is_signed ? b->op : b->uop, 2) ||
	    ((b->how & NEGATE) && !operate(c, OP_LOG_NOT, 1)))
		return false;
	*type = (b->how & COMPARES) ? s64 : (struct type){ 8, is_signed };
	return true;
}

/* An expression of operators that bind at least as @lowest. */
static bool expression(struct compiler *c, unsigned int lowest, struct type *type)
{
	const struct binary *b;

	if (!unary(c, type))
		return false;
	while ((b = next_binary(c, lowest))) {
		c->p += strlen(b->sign);
		if (!(b->precedence <= 2 ? decided(c, b, type) : computed(c, b, type)))
			return false;
	}
	return true;
}

/* ---- for others ---- */

int condition_compile(const char *text, struct condition *out, char *error, size_t room)
{
	struct compiler c = { .text = text, .p = text, .out = out, .error = error,
			      .room = room };
	struct type type;

	out->len = 0;
	if (!expression(&c, 0, &type))
		return -EINVAL;
	skip_blanks(&c);
	if (*c.p == '=') {
		fail_at(&c, c.p, "nothing can be assigned here; to compare is ==");
		return -EINVAL;
	}
	if (*c.p) {
		fail_at(&c, c.p, "nothing is expected here, but there is \"%.10s\"", c.p);
		return -EINVAL;
	}
	return emit(&c, OP_END, 0, 0) ? 0 : -EINVAL;
}

/* Add @code, whose jumps are relative to its beginning, with what it says of jumps moved. */
static bool append_moved(struct condition *out, const struct condition *code)
{
	size_t at, size, base = out->len, target;

	if (base + code->len > sizeof(out->code))
		return false;
	memcpy(out->code + base, code->code, code->len);
	out->len += code->len;
	for (at = 0; at < code->len; at += size) {
		size = agent_op_size(code->code, code->len, at);
		if (!size)
			return false;
		if (code->code[at] != OP_IF_GOTO && code->code[at] != OP_GOTO)
			continue;
		target = agent_operand(code->code + at + 1, 2) + base;
		out->code[base + at + 1] = target >> 8;
		out->code[base + at + 2] = target & 0xff;
	}
	return true;
}

int condition_require(struct condition *c, unsigned int reg, uint64_t mask, uint64_t value)
{
	struct condition out = { .len = 0 };
	char error[160];
	struct compiler k = { .out = &out, .text = "", .p = "", .error = error,
			      .room = sizeof(error) };
	size_t from;

	if (!push(&k, OP_REG, 2, reg) || !constant(&k, mask) || !operate(&k, OP_AND, 2) ||
	    !constant(&k, value) || !operate(&k, OP_EQUAL, 2))
		return -E2BIG;
	if (c->len) {
		if (!operate(&k, OP_LOG_NOT, 1) || !jump(&k, OP_IF_GOTO, &from) ||
		    !append_moved(&out, c))
			return -E2BIG;
		land(&out, from);
		if (!constant(&k, 0))
			return -E2BIG;
	}
	if (!emit(&k, OP_END, 0, 0))
		return -E2BIG;
	*c = out;
	return 0;
}
