// SPDX-License-Identifier: GPL-2.0-only
/* Verifier, translator and interpreter of gdb's agent expressions, see bytecode.h. */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "lib/bytecode.h"

static_assert(BYTECODE_CR0 == 59);
static_assert(BYTECODE_REGS == 77);

/* Operations after translation: fewer than in bytecode, and with decoded arguments. */
enum op {
	OP_NONE,
	/* binary: on the two top values, or on the top value and bytecode_insn.imm */
	OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_UDIV, OP_REM, OP_UREM, OP_LSH, OP_RSH, OP_URSH,
	OP_AND, OP_OR, OP_XOR, OP_EQUAL, OP_LESS, OP_ULESS,
	OP_BINARY_LAST = OP_ULESS,
	OP_GPR, OP_REG, OP_CONST, OP_REF, OP_EXT, OP_ZERO_EXT, OP_LOG_NOT, OP_NOT,
	OP_IF_GOTO, OP_GOTO, OP_END,
	/* rare operations: eval_rare() */
	OP_DUP, OP_POP, OP_SWAP, OP_PICK, OP_ROT, OP_GETV, OP_SETV,
	OP_TRACE, OP_TRACE_QUICK, OP_TRACENZ, OP_TRACEV,
};

struct bytecode_insn {
	u8 op;
	bool immediate;		/* binary: the second operand is in imm */
	u8 n;			/* REF: bytes. GPR: enum gpr. EXT: bits to shift */
	u16 target, cost;	/* of a jump: index in insn[], share of the budget */
	u64 imm;		/* the operation's argument */
};

struct bytecode {
	struct rcu_head rcu;
	unsigned int nr;
	unsigned int cost;	/* bytecode_cost() */
	struct bytecode_insn insn[];
};

/* ---- bytecode ---- */

static const struct opcode {
	u8 op, args, pops, pushes, n;
} opcodes[256] = {
	[0x02] = { OP_ADD, 0, 2, 1 },
	[0x03] = { OP_SUB, 0, 2, 1 },
	[0x04] = { OP_MUL, 0, 2, 1 },
	[0x05] = { OP_DIV, 0, 2, 1 },
	[0x06] = { OP_UDIV, 0, 2, 1 },
	[0x07] = { OP_REM, 0, 2, 1 },
	[0x08] = { OP_UREM, 0, 2, 1 },
	[0x09] = { OP_LSH, 0, 2, 1 },
	[0x0a] = { OP_RSH, 0, 2, 1 },
	[0x0b] = { OP_URSH, 0, 2, 1 },
	[0x0c] = { OP_TRACE, 0, 2, 0 },
	[0x0d] = { OP_TRACE_QUICK, 1, 1, 1 },
	[0x0e] = { OP_LOG_NOT, 0, 1, 1 },
	[0x0f] = { OP_AND, 0, 2, 1 },
	[0x10] = { OP_OR, 0, 2, 1 },
	[0x11] = { OP_XOR, 0, 2, 1 },
	[0x12] = { OP_NOT, 0, 1, 1 },
	[0x13] = { OP_EQUAL, 0, 2, 1 },
	[0x14] = { OP_LESS, 0, 2, 1 },
	[0x15] = { OP_ULESS, 0, 2, 1 },
	[0x16] = { OP_EXT, 1, 1, 1 },
	[0x17] = { OP_REF, 0, 1, 1, .n = 1 },
	[0x18] = { OP_REF, 0, 1, 1, .n = 2 },
	[0x19] = { OP_REF, 0, 1, 1, .n = 4 },
	[0x1a] = { OP_REF, 0, 1, 1, .n = 8 },
	[0x20] = { OP_IF_GOTO, 2, 1, 0 },
	[0x21] = { OP_GOTO, 2, 0, 0 },
	[0x22] = { OP_CONST, 1, 0, 1 },
	[0x23] = { OP_CONST, 2, 0, 1 },
	[0x24] = { OP_CONST, 4, 0, 1 },
	[0x25] = { OP_CONST, 8, 0, 1 },
	[0x26] = { OP_REG, 2, 0, 1 },
	[0x27] = { OP_END, 0, 0, 0 },
	[0x28] = { OP_DUP, 0, 1, 2 },
	[0x29] = { OP_POP, 0, 1, 0 },
	[0x2a] = { OP_ZERO_EXT, 1, 1, 1 },
	[0x2b] = { OP_SWAP, 0, 2, 2 },
	[0x2c] = { OP_GETV, 2, 0, 1 },
	[0x2d] = { OP_SETV, 2, 1, 1 },
	[0x2e] = { OP_TRACEV, 2, 0, 0 },
	[0x2f] = { OP_TRACENZ, 0, 2, 0 },
	[0x30] = { OP_TRACE_QUICK, 2, 1, 1 },
	[0x32] = { OP_PICK, 1, 0, 1 },
	[0x33] = { OP_ROT, 0, 3, 3 },
};

/* Map from gdb's register numbers 0 to 15 to the processor's. */
static const u8 gpr_of[] = { 0, 3, 1, 2, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15 };

static bool reg_exists(u64 nr)
{
	return nr <= BYTECODE_GS || (nr >= BYTECODE_FS_BASE && nr < BYTECODE_REGS);
}

/* ---- checking ---- */

/* One operation of the bytecode. */
struct step {
	struct bytecode_insn insn;
	u16 at;			/* in the bytecode */
	u8 pops, pushes;
	bool is_target;
	s16 depth;		/* of the stack before the step; -1: not reached yet */
};

struct compiler {
	const u8 *code;
	size_t len;
	unsigned int flags;
	const char *why;
	unsigned int nr;
	u16 index[BYTECODE_MAX_CODE];	/* the step at this byte, or NO_STEP */
	u16 todo[BYTECODE_MAX_CODE];	/* steps that are reached but not followed yet */
	unsigned int nr_todo;
	struct step step[];
};

#define NO_STEP	0xffff

static int code_refuse(struct compiler *c, const char *why)
{
	c->why = why;
	return -EINVAL;
}

static bool is_jump(const struct bytecode_insn *insn)
{
	return insn->op == OP_GOTO || insn->op == OP_IF_GOTO;
}

static bool is_trace(const struct bytecode_insn *insn)
{
	return insn->op >= OP_TRACE && insn->op <= OP_TRACEV;
}

static const char *bad_argument(const struct compiler *c, const struct bytecode_insn *insn)
{
	u64 arg = insn->imm;

	if (is_trace(insn) && !(c->flags & BYTECODE_TRACE))
		return "a condition does not trace";
	switch (insn->op) {
	case OP_REG:
		return reg_exists(arg) ? NULL : "no such register";
	case OP_EXT:
	case OP_ZERO_EXT:
		return arg >= 1 && arg <= 64 ? NULL : "extension from 0 or more than 64 bits";
	case OP_GETV:
	case OP_TRACEV:
		return arg && arg < BYTECODE_VARS ? NULL : "no such variable";
	case OP_SETV:
		return arg == BYTECODE_VAR_PHYSICAL ? NULL : "this variable cannot be set";
	default:
		return NULL;
	}
}

/* Decode the operation at byte @at. Return: its length, or -EINVAL. */
static int decode(struct compiler *c, size_t at)
{
	u8 byte = c->code[at];
	const struct opcode *opcode = &opcodes[byte];
	struct step *step = &c->step[c->nr];
	const char *why;
	unsigned int i;

	if (opcode->op == OP_NONE)
		return code_refuse(c, "unknown operation");
	if (c->len - at <= opcode->args)
		return code_refuse(c, "the last operation is cut off");
	*step = (struct step){
		.insn = { .op = opcode->op, .n = opcode->n },
		.at = at,
		.pops = opcode->pops,
		.pushes = opcode->pushes,
		.depth = -1,
	};
	for (i = 1; i <= opcode->args; i++)
		step->insn.imm = step->insn.imm << 8 | c->code[at + i];
	why = bad_argument(c, &step->insn);
	if (why)
		return code_refuse(c, why);
	c->index[at] = c->nr++;
	return 1 + opcode->args;
}

static int decode_all(struct compiler *c)
{
	size_t at;
	int n;

	for (at = 0; at < c->len; at++)
		c->index[at] = NO_STEP;
	for (at = 0; at < c->len; at += n) {
		n = decode(c, at);
		if (n < 0)
			return n;
	}
	return 0;
}

static int find_targets(struct compiler *c)
{
	struct step *step;
	unsigned int i;
	u64 to;

	for (i = 0; i < c->nr; i++) {
		step = &c->step[i];
		to = step->insn.imm;
		if (!is_jump(&step->insn))
			continue;
		if (to >= c->len || c->index[to] == NO_STEP)
			return code_refuse(c, "a jump to where no operation begins");
		step->insn.target = c->index[to];
		/* A jump is 3 bytes long, so a jump to itself is not free. */
		step->insn.cost = to <= step->at ? step->at + 3 - to : 0;
		c->step[step->insn.target].is_target = true;
	}
	return 0;
}

/* Step @i is reached with @depth values on the stack. */
static int code_reach(struct compiler *c, unsigned int i, int depth)
{
	if (i == c->nr)
		return code_refuse(c, "a path without end");
	if (c->step[i].depth == depth)
		return 0;
	if (c->step[i].depth >= 0)
		return code_refuse(c, "the stack's depth depends on the path");
	c->step[i].depth = depth;
	c->todo[c->nr_todo++] = i;
	return 0;
}

static int code_follow(struct compiler *c, unsigned int i)
{
	const struct step *step = &c->step[i];
	const struct bytecode_insn *insn = &step->insn;
	int depth = step->depth, r = 0;

	if (depth < step->pops || (insn->op == OP_PICK && depth <= insn->imm))
		return code_refuse(c, "the stack has less than is taken");
	depth += step->pushes - step->pops;
	if (depth > BYTECODE_MAX_STACK)
		return code_refuse(c, "the stack is too deep");
	if (insn->op == OP_END)
		return depth || (c->flags & BYTECODE_TRACE) ? 0 :
			code_refuse(c, "an end without a value");
	if (is_jump(insn))
		r = code_reach(c, insn->target, depth);
	if (!r && insn->op != OP_GOTO)
		r = code_reach(c, i + 1, depth);
	return r;
}

/* Each step has one depth, so the loop follows each step once. */
static int follow_all(struct compiler *c)
{
	int r = code_reach(c, 0, 0);

	while (!r && c->nr_todo)
		r = code_follow(c, c->todo[--c->nr_todo]);
	return r;
}

/* ---- translation ---- */

/* Replace @insn by an equal operation that does less at run time. */
static void simplify(struct bytecode_insn *insn)
{
	switch (insn->op) {
	case OP_REG:
		if (insn->imm >= ARRAY_SIZE(gpr_of) || insn->imm == BYTECODE_RSP)
			break;
		insn->op = OP_GPR;
		insn->n = gpr_of[insn->imm];
		break;
	case OP_EXT:
		insn->n = 64 - insn->imm;
		break;
	case OP_ZERO_EXT:
		insn->op = OP_AND;
		insn->immediate = true;
		insn->imm = GENMASK_ULL(insn->imm - 1, 0);
		break;
	}
}

static u64 sign_extend(u64 val, unsigned int shift)
{
	return (s64)(val << shift) >> shift;
}

/*
 * Merge @insn into the constant before it; no jump leads to @insn. Return: whether this
 * was possible.
 */
static bool fuse(struct bytecode_insn *constant, const struct bytecode_insn *insn)
{
	u64 val = constant->imm;

	if (insn->op == OP_EXT) {
		constant->imm = sign_extend(val, insn->n);
		return true;
	}
	if (insn->op == OP_AND && insn->immediate) {
		constant->imm &= insn->imm;
		return true;
	}
	if (insn->op > OP_BINARY_LAST || insn->immediate)
		return false;
	*constant = *insn;
	constant->immediate = true;
	constant->imm = val;
	return true;
}

/* Return: whether @insn is an extension from 64 bits, which gdb often emits. */
static bool does_nothing(const struct bytecode_insn *insn)
{
	return (insn->op == OP_EXT && !insn->n) ||
	       (insn->op == OP_AND && insn->immediate && insn->imm == ~0ULL);
}

/* Fill @prog, which is large enough. Afterwards index[] maps steps to insn[]. */
static void code_translate(struct compiler *c, struct bytecode *prog)
{
	bool joined = true;
	unsigned int i;

	for (i = 0; i < c->nr; i++) {
		struct bytecode_insn *insn = &c->step[i].insn;

		c->index[i] = prog->nr;
		joined |= c->step[i].is_target;
		simplify(insn);
		if (c->step[i].depth < 0 || does_nothing(insn))
			continue;
		if (!joined && prog->insn[prog->nr - 1].op == OP_CONST &&
		    fuse(&prog->insn[prog->nr - 1], insn))
			continue;
		prog->insn[prog->nr++] = *insn;
		joined = false;
	}
	for (i = 0; i < prog->nr; i++)
		if (is_jump(&prog->insn[i]))
			prog->insn[i].target = c->index[prog->insn[i].target];
}

/* Return: bytecode_cost(). */
static unsigned int find_cost(const struct bytecode *prog)
{
	unsigned int i, budget = 0;

	for (i = 0; i < prog->nr; i++) {
		const struct bytecode_insn *insn = &prog->insn[i];

		if (is_jump(insn))
			budget += insn->cost ? BYTECODE_BUDGET : 0;
		else if (insn->op == OP_REF || is_trace(insn))
			budget += BYTECODE_MEM_COST;
	}
	return prog->nr + min_t(unsigned int, budget, BYTECODE_BUDGET);
}

static int compile(struct compiler *c, struct bytecode **prog)
{
	int r = decode_all(c);

	if (!r)
		r = find_targets(c);
	if (!r)
		r = follow_all(c);
	if (r)
		return r;
	*prog = kvzalloc(struct_size(*prog, insn, c->nr), GFP_KERNEL_ACCOUNT);
	if (!*prog)
		return -ENOMEM;
	code_translate(c, *prog);
	(*prog)->cost = find_cost(*prog);
	return 0;
}

int bytecode_compile(const u8 *code, size_t len, unsigned int flags,
		     struct bytecode **prog, const char **why)
{
	struct compiler *c;
	int r;

	*prog = NULL;
	*why = len ? "too long" : "empty";
	if (!len || len > BYTECODE_MAX_CODE)
		return -EINVAL;
	c = kvzalloc(struct_size(c, step, len), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	c->code = code;
	c->len = len;
	c->flags = flags;
	r = compile(c, prog);
	*why = c->why;
	kvfree(c);
	return r;
}

unsigned int bytecode_cost(const struct bytecode *prog)
{
	return prog ? prog->cost : 0;
}

void bytecode_free(struct bytecode *prog)
{
	if (prog)
		kvfree_rcu(prog, rcu);
}

/* ---- running ---- */

struct run {
	const struct bytecode_ops *ops;
	void *ctx;
	u64 *sp;		/* for eval_rare(): above the top */
	int budget;
	unsigned int flags;	/* BYTECODE_PHYSICAL or 0 */
};

static int divide(enum op op, u64 a, u64 b, u64 *result)
{
	if (!b)
		return -EDOM;
	if (op == OP_UDIV)
		*result = a / b;
	else if (op == OP_UREM)
		*result = a % b;
	else if (b == ~0ULL)	/* the processor would fault on overflow */
		*result = op == OP_DIV ? -a : 0;
	else if (op == OP_DIV)
		*result = (s64)a / (s64)b;
	else
		*result = (s64)a % (s64)b;
	return 0;
}

static u64 shift(enum op op, u64 a, u64 b)
{
	if (op == OP_RSH)
		return (s64)a >> (b < 64 ? b : 63);
	if (b >= 64)
		return 0;
	return op == OP_LSH ? a << b : a >> b;
}

static __always_inline int eval_binary(enum op op, u64 a, u64 b, u64 *result)
{
	switch (op) {
	case OP_ADD:
		*result = a + b;
		return 0;
	case OP_SUB:
		*result = a - b;
		return 0;
	case OP_MUL:
		*result = a * b;
		return 0;
	case OP_AND:
		*result = a & b;
		return 0;
	case OP_OR:
		*result = a | b;
		return 0;
	case OP_XOR:
		*result = a ^ b;
		return 0;
	case OP_EQUAL:
		*result = a == b;
		return 0;
	case OP_LESS:
		*result = (s64)a < (s64)b;
		return 0;
	case OP_ULESS:
		*result = a < b;
		return 0;
	case OP_LSH:
	case OP_RSH:
	case OP_URSH:
		*result = shift(op, a, b);
		return 0;
	default:
		return divide(op, a, b, result);
	}
}

static int eval_ref(struct run *run, u64 addr, unsigned int len, u64 *val)
{
	*val = 0;
	run->budget -= BYTECODE_MEM_COST;
	if (run->budget < 0)
		return -ELOOP;
	return run->ops->mem(run->ctx, addr, val, len, run->flags);
}

static int eval_trace(struct run *run, u64 addr, u64 len, unsigned int flags)
{
	run->budget -= BYTECODE_MEM_COST;
	if (run->budget < 0)
		return -ELOOP;
	return run->ops->trace(run->ctx, addr, len, flags);
}

static int eval_getv(struct run *run, unsigned int nr, u64 *val)
{
	*val = run->flags;
	return nr == BYTECODE_VAR_PHYSICAL ? 0 : run->ops->var(run->ctx, nr, val);
}

static noinline int eval_rare(struct run *run, const struct bytecode_insn *insn)
{
	u64 *s = run->sp, val;

	switch (insn->op) {
	case OP_DUP:
		*s = s[-1];
		run->sp = s + 1;
		return 0;
	case OP_PICK:
		*s = s[-1 - (long)insn->imm];
		run->sp = s + 1;
		return 0;
	case OP_POP:
		run->sp = s - 1;
		return 0;
	case OP_SWAP:
		swap(s[-1], s[-2]);
		return 0;
	case OP_ROT:		/* a b c => c a b */
		val = s[-1];
		s[-1] = s[-2];
		s[-2] = s[-3];
		s[-3] = val;
		return 0;
	case OP_GETV:
		run->sp = s + 1;
		return eval_getv(run, insn->imm, s);
	case OP_SETV:
		run->flags = s[-1] ? BYTECODE_PHYSICAL : 0;
		return 0;
	case OP_TRACE:
		run->sp = s - 2;
		return eval_trace(run, s[-2], s[-1], run->flags);
	case OP_TRACENZ:
		run->sp = s - 2;
		return eval_trace(run, s[-2], s[-1], run->flags | BYTECODE_STRING);
	case OP_TRACE_QUICK:
		return eval_trace(run, s[-1], insn->imm, run->flags);
	default:		/* OP_TRACEV */
		return eval_trace(run, insn->imm, sizeof(u64), BYTECODE_VARIABLE);
	}
}

/* With automatic initialization of stack variables, clearing would dominate a run. */
#if __has_attribute(__uninitialized__)
#define UNINITIALIZED	__attribute__((__uninitialized__))
#else
#define UNINITIALIZED
#endif

/*
 * The top of the stack is in the variable @top, so stack[0] holds no value of the
 * program. A verified program reads no entry that it has not written.
 */
int bytecode_run(const struct bytecode *prog, const u64 *gpr,
		 const struct bytecode_ops *ops, void *ctx, u64 *result)
{
	struct run run = { .ops = ops, .ctx = ctx, .budget = BYTECODE_BUDGET };
	const struct bytecode_insn *insn = prog->insn;
	u64 stack[BYTECODE_MAX_STACK + 1] UNINITIALIZED;
	u64 *sp = stack, top = 0, b, val = 0;
	int r = 0;

	for (; !r; insn++) {
		if (insn->op <= OP_BINARY_LAST) {
			b = insn->imm;
			if (!insn->immediate) {
				b = top;
				top = *--sp;
			}
			r = eval_binary(insn->op, top, b, &top);
			continue;
		}
		switch (insn->op) {
		case OP_GPR:
			*sp++ = top;
			top = gpr[insn->n];
			break;
		case OP_REG:
			*sp++ = top;
			r = ops->reg(ctx, insn->imm, &val);
			top = val;
			break;
		case OP_CONST:
			*sp++ = top;
			top = insn->imm;
			break;
		case OP_REF:
			r = eval_ref(&run, top, insn->n, &val);
			top = val;
			break;
		case OP_EXT:
			top = sign_extend(top, insn->n);
			break;
		case OP_LOG_NOT:
			top = !top;
			break;
		case OP_NOT:
			top = ~top;
			break;
		case OP_END:
			*result = top;
			return 0;
		case OP_IF_GOTO:
			b = top;
			top = *--sp;
			if (!b)
				break;
			fallthrough;
		case OP_GOTO:
			run.budget -= insn->cost;
			if (run.budget < 0)
				return -ELOOP;
			insn = &prog->insn[insn->target] - 1;
			break;
		default:
			*sp++ = top;
			run.sp = sp;
			r = eval_rare(&run, insn);
			sp = run.sp - 1;
			top = *sp;
			break;
		}
	}
	return r;
}
