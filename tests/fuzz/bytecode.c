// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: compares the module's agent expressions with an interpreter that
 * is as simple as possible. The interpreter reads the bytecode byte by byte,
 * and checks each operation when it runs. A program that bytecode_compile()
 * accepts must have the same result, traces and error here, and must not
 * underflow the stack. A program that reaches its end here without a jump must
 * be accepted.
 *
 * The first byte of an input determines the use of the others. Bit 0: the
 * program is for tracing. Bit 1: the bytes are the bytecode; otherwise they
 * choose known operations, with jumps that mostly go to one of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../kmod/lib/bytecode.c"

#define MAX_TRACES	4096

/* ---- an invented guest: each value is a function of its address or number ---- */

struct trace {
	u64 addr, len;
	unsigned int flags;
};

struct world {
	unsigned int nr;
	struct trace traces[MAX_TRACES];
};

static u64 mix(u64 val)
{
	val ^= val >> 31;
	val *= 0x9e3779b97f4a7c15ULL;
	return val ^ val >> 29;
}

/* One address in 16 is not mapped, and one in 16 is not present yet. */
static int world_mem(void *ctx, u64 addr, void *buf, unsigned int len, unsigned int flags)
{
	u64 val = mix(addr + flags);

	(void)ctx;
	if (len != 1 && len != 2 && len != 4 && len != 8)
		abort();
	if (val % 16 < 2)
		return val % 16 ? -EFAULT : -EAGAIN;
	memcpy(buf, &val, len);
	return 0;
}

static int world_reg(void *ctx, unsigned int nr, u64 *val)
{
	(void)ctx;
	*val = nr % 3 ? mix(nr) : nr;
	return 0;
}

static int world_var(void *ctx, unsigned int nr, u64 *val)
{
	(void)ctx;
	*val = nr;
	return 0;
}

static int world_trace(void *ctx, u64 addr, u64 len, unsigned int flags)
{
	struct world *world = ctx;

	if (world->nr == MAX_TRACES)
		abort();	/* the budget allows fewer */
	world->traces[world->nr++] = (struct trace){ addr, len, flags };
	return 0;
}

static const struct bytecode_ops world_ops = {
	.reg = world_reg, .mem = world_mem, .var = world_var, .trace = world_trace,
};

/* ---- the other interpreter ---- */

#define BROKEN	(-1000)		/* result of programs that must not be accepted */

struct plain {
	const u8 *code;
	size_t len, pc;
	u64 stack[BYTECODE_MAX_STACK];
	int depth, budget;
	bool tracing, physical, jumped;
	struct world *world;
};

static int push(struct plain *p, u64 val)
{
	if (p->depth == BYTECODE_MAX_STACK)
		return BROKEN;
	p->stack[p->depth++] = val;
	return 0;
}

/* Pop @n values; the deepest is the first in @vals. */
static int pop(struct plain *p, int n, u64 *vals)
{
	if (p->depth < n)
		return BROKEN;
	p->depth -= n;
	memcpy(vals, p->stack + p->depth, n * sizeof(*vals));
	return 0;
}

static int argument(struct plain *p, unsigned int bytes, u64 *val)
{
	*val = 0;
	while (bytes--) {
		if (p->pc == p->len)
			return BROKEN;
		*val = *val << 8 | p->code[p->pc++];
	}
	return 0;
}

static int plain_reg(u64 nr, u64 *val)
{
	/* rax rbx rcx rdx rsi rdi rbp, not rsp, r8... */
	static const int gpr[16] = { 0, 3, 1, 2, 6, 7, 5, -1, 8, 9, 10, 11, 12, 13, 14, 15 };

	if (nr < 16 && gpr[nr] >= 0) {
		*val = mix(1000 + gpr[nr]);
		return 0;
	}
	if ((nr > 23 && nr < 57) || nr > 76)
		return BROKEN;
	return world_reg(NULL, nr, val);
}

static int plain_binary(u8 byte, u64 a, u64 b, u64 *c)
{
	__int128 wide_a = (s64)a, wide_b = (s64)b;

	switch (byte) {
	case 0x02: *c = a + b; return 0;
	case 0x03: *c = a - b; return 0;
	case 0x04: *c = a * b; return 0;
	case 0x05: if (!b) return -EDOM; *c = wide_a / wide_b; return 0;
	case 0x06: if (!b) return -EDOM; *c = a / b; return 0;
	case 0x07: if (!b) return -EDOM; *c = wide_a % wide_b; return 0;
	case 0x08: if (!b) return -EDOM; *c = a % b; return 0;
	case 0x09: *c = b < 64 ? a << b : 0; return 0;
	case 0x0a: *c = wide_a >> (b < 64 ? b : 64); return 0;
	case 0x0b: *c = b < 64 ? a >> b : 0; return 0;
	case 0x0f: *c = a & b; return 0;
	case 0x10: *c = a | b; return 0;
	case 0x11: *c = a ^ b; return 0;
	case 0x13: *c = a == b; return 0;
	case 0x14: *c = wide_a < wide_b; return 0;
	case 0x15: *c = a < b; return 0;
	}
	return BROKEN;
}

static int pay_memory(struct plain *p)
{
	p->budget -= BYTECODE_MEM_COST;
	return p->budget < 0 ? -ELOOP : 0;
}

static int plain_ref(struct plain *p, unsigned int len)
{
	u64 addr, val = 0;
	int r = pop(p, 1, &addr);

	if (!r)
		r = pay_memory(p);
	if (!r)
		r = world_mem(NULL, addr, &val, len, p->physical ? BYTECODE_PHYSICAL : 0);
	return r ? r : push(p, val);
}

static int plain_trace(struct plain *p, u64 addr, u64 len, unsigned int flags)
{
	int r = p->tracing ? pay_memory(p) : BROKEN;

	if (!(flags & BYTECODE_VARIABLE) && p->physical)
		flags |= BYTECODE_PHYSICAL;
	return r ? r : world_trace(p->world, addr, len, flags);
}

static int plain_jump(struct plain *p, size_t from, u64 to)
{
	p->jumped = true;
	if (to >= p->len)
		return BROKEN;
	if (to <= from) {
		p->budget -= p->pc - to;
		if (p->budget < 0)
			return -ELOOP;
	}
	p->pc = to;
	return 0;
}

static u64 plain_extend(u64 val, u64 bits, bool sign)
{
	u64 mask = bits == 64 ? ~0ULL : (1ULL << bits) - 1;

	val &= mask;
	return sign && val >> (bits - 1) ? val | ~mask : val;
}

/* Return: 1 before the end, 0 at the end, or an error. */
static int plain_step(struct plain *p)
{
	size_t from = p->pc;
	u64 arg, v[3], c;
	u8 byte;
	int r;

	if (p->pc == p->len)
		return BROKEN;
	byte = p->code[p->pc++];
	switch (byte) {
	case 0x02 ... 0x0b: case 0x0f ... 0x11: case 0x13 ... 0x15:
		r = pop(p, 2, v);
		if (!r)
			r = plain_binary(byte, v[0], v[1], &c);
		if (!r)
			r = push(p, c);
		break;
	case 0x0c:
		r = pop(p, 2, v);
		if (!r)
			r = plain_trace(p, v[0], v[1], 0);
		break;
	case 0x0d: case 0x30:
		r = argument(p, byte == 0x0d ? 1 : 2, &arg) ? BROKEN : pop(p, 1, v);
		if (!r)
			r = plain_trace(p, v[0], arg, 0);
		if (!r)
			r = push(p, v[0]);
		break;
	case 0x0e:
		r = pop(p, 1, v) ? BROKEN : push(p, v[0] ? 0 : 1);
		break;
	case 0x12:
		r = pop(p, 1, v) ? BROKEN : push(p, ~v[0]);
		break;
	case 0x16: case 0x2a:
		r = argument(p, 1, &arg) ? BROKEN : pop(p, 1, v);
		if (!r && (!arg || arg > 64))
			r = BROKEN;
		if (!r)
			r = push(p, plain_extend(v[0], arg, byte == 0x16));
		break;
	case 0x17 ... 0x1a:
		r = plain_ref(p, 1 << (byte - 0x17));
		break;
	case 0x20:
		r = argument(p, 2, &arg) ? BROKEN : pop(p, 1, v);
		p->jumped = true;
		if (!r && v[0])
			r = plain_jump(p, from, arg);
		break;
	case 0x21:
		r = argument(p, 2, &arg) ? BROKEN : plain_jump(p, from, arg);
		break;
	case 0x22 ... 0x25:
		r = argument(p, 1 << (byte - 0x22), &arg) ? BROKEN : push(p, arg);
		break;
	case 0x26:
		r = argument(p, 2, &arg) ? BROKEN : plain_reg(arg, &c);
		if (!r)
			r = push(p, c);
		break;
	case 0x27:
		return p->depth || p->tracing ? 0 : BROKEN;
	case 0x28:
		r = pop(p, 1, v) || push(p, v[0]) || push(p, v[0]) ? BROKEN : 0;
		break;
	case 0x29:
		r = pop(p, 1, v);
		break;
	case 0x2b:
		r = pop(p, 2, v) || push(p, v[1]) || push(p, v[0]) ? BROKEN : 0;
		break;
	case 0x2c:
		r = argument(p, 2, &arg) || !arg || arg >= BYTECODE_VARS ? BROKEN : 0;
		if (!r)
			r = push(p, arg == BYTECODE_VAR_PHYSICAL ? p->physical : arg);
		break;
	case 0x2d:
		r = argument(p, 2, &arg) || arg != BYTECODE_VAR_PHYSICAL ? BROKEN : pop(p, 1, v);
		if (!r)
			r = push(p, v[0]);
		if (!r)
			p->physical = v[0];
		break;
	case 0x2e:
		r = argument(p, 2, &arg) || !arg || arg >= BYTECODE_VARS ? BROKEN : 0;
		if (!r)
			r = plain_trace(p, arg, 8, BYTECODE_VARIABLE);
		break;
	case 0x2f:
		r = pop(p, 2, v);
		if (!r)
			r = plain_trace(p, v[0], v[1], BYTECODE_STRING);
		break;
	case 0x32:
		r = argument(p, 1, &arg) || arg >= (u64)p->depth ? BROKEN : 0;
		if (!r)
			r = push(p, p->stack[p->depth - 1 - arg]);
		break;
	case 0x33:
		r = pop(p, 3, v) || push(p, v[2]) || push(p, v[0]) || push(p, v[1]) ? BROKEN : 0;
		break;
	default:
		r = BROKEN;
	}
	return r ? r : 1;
}

static int plain_eval(struct plain *p, u64 *result)
{
	unsigned long steps = 0;
	int r = 1;

	while (r == 1) {
		/* The budget counts on operations of at least one byte. */
		if (steps++ > BYTECODE_BUDGET + p->len)
			abort();
		r = plain_step(p);
	}
	if (!r)
		*result = p->depth ? p->stack[p->depth - 1] : 0;
	return r;
}

/* ---- inputs ---- */

/* Make known operations, with jumps that mostly go to one of them. */
static size_t shape(const u8 *data, size_t size, u8 *code)
{
	static u16 starts[BYTECODE_MAX_CODE];
	size_t i = 0, len = 0, nr = 0, n;
	unsigned int first;
	u8 byte;

	while (i < size && len < 512) {
		do {
			byte = data[i++] % 0x34;
		} while (!opcodes[byte].op && i < size);
		if (!opcodes[byte].op)
			break;
		starts[nr++] = len;
		code[len++] = byte;
		for (n = 0; n < opcodes[byte].args; n++)
			code[len++] = i < size ? data[i++] : 0;
		/* Arguments of two bytes are small, except for const16. */
		if (opcodes[byte].args == 2 && byte != 0x23)
			code[len - 2] = 0;
	}
	starts[nr++] = len;
	code[len++] = 0x27;
	for (i = 0; i < nr; i++) {
		first = starts[i];
		if (code[first] == 0x20 || code[first] == 0x21) {
			n = starts[code[first + 2] % nr];
			code[first + 1] = n >> 8;
			code[first + 2] = n;
		} else if (code[first] >= 0x2c && code[first] <= 0x2e) {
			code[first + 2] %= BYTECODE_VARS;
		} else if (code[first] == 0x16 || code[first] == 0x2a) {
			code[first + 1] %= 65;
		}
	}
	return len;
}

static void compare(const struct bytecode *prog, const u64 *gpr, struct plain *p,
		    struct world *ours)
{
	u64 result = 0, wanted = 0;
	int r = bytecode_run(prog, gpr, &world_ops, ours, &result);
	int plain = plain_eval(p, &wanted);

	if (r != plain || (!r && result != wanted)) {
		fprintf(stderr, "%d, %#llx instead of %d, %#llx\n", r, result, plain, wanted);
		abort();
	}
	if (ours->nr != p->world->nr ||
	    memcmp(ours->traces, p->world->traces, ours->nr * sizeof(*ours->traces))) {
		fprintf(stderr, "%u traces instead of %u, or others\n", ours->nr, p->world->nr);
		abort();
	}
}

/* Bytes after the end do not matter to the other interpreter. */
static bool runs_straight(struct plain *p)
{
	u64 result;

	return !plain_eval(p, &result) && !p->jumped && p->pc == p->len;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct world ours, theirs;
	struct plain p = { .budget = BYTECODE_BUDGET, .world = &theirs };
	static u8 shaped[1024];
	struct bytecode *prog;
	const char *why;
	u64 gpr[16];
	u8 *code;
	int i, r;

	if (size < 2)
		return 0;
	p.tracing = data[0] & 1;
	p.len = data[0] & 2 ? size - 1 : shape(data + 1, size - 1, shaped);
	/* The sanitizer watches the ends of allocated memory. */
	code = malloc(p.len);
	if (!code)
		return 0;
	memcpy(code, data[0] & 2 ? data + 1 : shaped, p.len);
	p.code = code;
	ours.nr = 0;
	theirs.nr = 0;
	for (i = 0; i < 16; i++)
		gpr[i] = mix(1000 + i);

	r = bytecode_compile(code, p.len, p.tracing ? BYTECODE_TRACE : 0, &prog, &why);
	if (!r)
		compare(prog, gpr, &p, &ours);
	else if (r != -EINVAL || prog || !why || (p.len <= BYTECODE_MAX_CODE && runs_straight(&p)))
		abort();
	bytecode_free(prog);
	free(code);
	return 0;
}
