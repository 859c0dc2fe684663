/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interpreter of gdb's agent expressions (Debugging with GDB, appendix "The GDB Agent
 * Expression Mechanism"). The bytecode decides whether a hit counts and what is
 * recorded. bytecode_compile() verifies and translates it once, so a run checks only
 * memory accesses, divisions and the budget.
 */
#ifndef VMXDBG_LIB_BYTECODE_H
#define VMXDBG_LIB_BYTECODE_H

#include <linux/bits.h>
#include <linux/types.h>

struct bytecode;

#define BYTECODE_MAX_CODE	4096	/* bytes */
#define BYTECODE_MAX_STACK	64	/* values; gdb's own agent has 100 */

/*
 * Budget of one run. A jump back costs its distance in bytes, and a memory operation
 * BYTECODE_MEM_COST. All else is free: the length of the code limits it.
 */
#define BYTECODE_BUDGET	10000
#define BYTECODE_MEM_COST	32

/*
 * Register numbers are gdb's for amd64, in 32-bit guests, too. From BYTECODE_CR0 on they
 * are those of vmxdbgd's target description. There are no x87 and SSE registers.
 */
enum bytecode_reg {
	BYTECODE_RSP = 7,		/* @gpr holds the other general registers */
	BYTECODE_RIP = 16,		/* linear, as everywhere in the debug plane */
	BYTECODE_EFLAGS,
	BYTECODE_CS, BYTECODE_SS, BYTECODE_DS, BYTECODE_ES, BYTECODE_FS, BYTECODE_GS,
	BYTECODE_FS_BASE = 57, BYTECODE_GS_BASE,
	BYTECODE_CR0, BYTECODE_CR2, BYTECODE_CR3, BYTECODE_CR4, BYTECODE_CR8, BYTECODE_EFER,
	BYTECODE_DR0, BYTECODE_DR1, BYTECODE_DR2, BYTECODE_DR3, BYTECODE_DR6, BYTECODE_DR7,
	BYTECODE_GDTR_BASE, BYTECODE_GDTR_LIMIT, BYTECODE_IDTR_BASE, BYTECODE_IDTR_LIMIT,
	BYTECODE_LDTR, BYTECODE_TR,
	BYTECODE_REGS
};

/* Trace state variables; the numbers are VMXDBG_VAR_*. */
enum bytecode_var {
	BYTECODE_VAR_HITS = 1,
	BYTECODE_VAR_VCPU,
	BYTECODE_VAR_TSC,
	BYTECODE_VAR_ADDR,
	BYTECODE_VAR_PHYSICAL,	/* setv may write it; 0 when a run begins */
	BYTECODE_VARS
};

/* Flags of bytecode_compile(). */
#define BYTECODE_TRACE	BIT(0)	/* tracing is allowed, and the end needs no value */

/* Flags of an address, for @mem and @trace. */
#define BYTECODE_PHYSICAL	BIT(0)
#define BYTECODE_STRING	BIT(1)	/* @trace: record up to and including the NUL */
#define BYTECODE_VARIABLE	BIT(2)	/* @trace: addr is the variable's number, len 8 */

/*
 * Access to the vCPU. The functions return 0 or a negative errno, which ends the run
 * and is its result: -ENXIO for memory that does not exist, -EAGAIN for memory that
 * must be faulted in first.
 */
struct bytecode_ops {
	int (*reg)(void *ctx, unsigned int nr, u64 *val);	/* enum bytecode_reg; RSP */
	int (*mem)(void *ctx, u64 addr, void *buf, unsigned int len, unsigned int flags);
	int (*var)(void *ctx, unsigned int nr, u64 *val);
	int (*trace)(void *ctx, u64 addr, u64 len, unsigned int flags);
};

/**
 * bytecode_compile() - verify bytecode and translate it
 * @code: bytecode
 * @len: bytes of @code
 * @flags: BYTECODE_TRACE or 0
 * @prog: the result, for bytecode_run() and bytecode_free()
 * @why: on -EINVAL: the reason, for a message
 *
 * The code is refused if it contains an unknown or incomplete operation (float and
 * printf are unknown), a jump into an operation, a path that does not reach "end" or
 * reaches it with an empty stack, paths that meet with different stack depths, or a
 * stack overflow or underflow.
 *
 * Context: may sleep.
 * Return: 0, -EINVAL, -ENOMEM.
 */
int bytecode_compile(const u8 *code, size_t len, unsigned int flags,
		     struct bytecode **prog, const char **why);

void bytecode_free(struct bytecode *prog);	/* by RCU; NULL is allowed */

/* Return: what one run costs at most, in units of BYTECODE_BUDGET; 0 for NULL. */
unsigned int bytecode_cost(const struct bytecode *prog);

/**
 * bytecode_run() - run a program
 * @prog: from bytecode_compile()
 * @gpr: the general registers in the order of enum gpr, without RSP
 * @ops: access to everything else
 * @ctx: for @ops
 * @result: the value on top of the stack, 0 if the stack is empty
 *
 * A shift by 64 or more gives 0 or copies of the sign, and the most negative number
 * divided by -1 is itself.
 *
 * Context: sleeps only if @ops do.
 * Return: 0, -EDOM for a division by zero, -ELOOP when the budget is used up, or the
 * error of a function of @ops.
 */
int bytecode_run(const struct bytecode *prog, const u64 *gpr,
		 const struct bytecode_ops *ops, void *ctx, u64 *result);

#endif
