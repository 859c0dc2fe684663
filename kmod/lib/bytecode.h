/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gdb's agent expressions (Debugging with GDB, appendix "The GDB Agent
 * Expression Mechanism"): bytecode that decides whether a hit counts and says
 * what is recorded. It is checked and translated once, when it comes, so that
 * running it needs no checks but those of memory, division and length.
 */
#ifndef VMXDBG_LIB_BYTECODE_H
#define VMXDBG_LIB_BYTECODE_H

#include <linux/bits.h>
#include <linux/types.h>

struct bytecode;

#define BYTECODE_MAX_CODE	4096	/* bytes */
#define BYTECODE_MAX_STACK	64	/* values; gdb's own agent has 100 */

/*
 * What one run may cost: a jump back its distance in bytes, a memory operation
 * BYTECODE_MEM_COST, everything else nothing, since it is over by the code's end.
 */
#define BYTECODE_BUDGET	10000
#define BYTECODE_MEM_COST	32

/*
 * Registers have gdb's amd64 numbers, in 32-bit guests too. From BYTECODE_CR0 on
 * they are those of vmxdbgd's target description. x87, SSE: there are none.
 */
enum bytecode_reg {
	BYTECODE_RSP = 7,		/* the other general ones are not asked for */
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

/* Trace state variables: their numbers are VMXDBG_VAR_*. */
enum bytecode_var {
	BYTECODE_VAR_HITS = 1,
	BYTECODE_VAR_VCPU,
	BYTECODE_VAR_TSC,
	BYTECODE_VAR_ADDR,
	BYTECODE_VAR_PHYSICAL,	/* setv may write it; 0 when a run begins */
	BYTECODE_VARS
};

/* What the code is for: flags of bytecode_compile(). */
#define BYTECODE_TRACE	BIT(0)	/* may trace; its end needs no value */

/* With an address: flags of @mem and @trace. */
#define BYTECODE_PHYSICAL	BIT(0)
#define BYTECODE_STRING	BIT(1)	/* @trace: up to its NUL, which goes too */
#define BYTECODE_VARIABLE	BIT(2)	/* @trace: addr is its number, len 8 */

/*
 * Where the code runs. The functions return 0 or a negative errno, which
 * bytecode_run() hands on: -ENXIO for memory that there is not, -EAGAIN for
 * memory that has to be faulted in first.
 */
struct bytecode_ops {
	int (*reg)(void *ctx, unsigned int nr, u64 *val);	/* enum bytecode_reg; RSP */
	int (*mem)(void *ctx, u64 addr, void *buf, unsigned int len, unsigned int flags);
	int (*var)(void *ctx, unsigned int nr, u64 *val);
	int (*trace)(void *ctx, u64 addr, u64 len, unsigned int flags);
};

/**
 * bytecode_compile() - check bytecode and make it fit to run
 * @code: bytecode
 * @len: its length
 * @flags: AGENT_*
 * @prog: the result, for bytecode_run() and bytecode_free()
 * @why: on -EINVAL: what is wrong, for a message
 *
 * Refused is: what does not consist of whole known operations (float and
 * printf are none) from beginning to end; a jump to somewhere inside of one; a
 * path that does not come to "end", or there with nothing on the stack; paths
 * that meet with stacks of different depth; and more on it than fits or less
 * than an operation takes.
 *
 * Context: may sleep. Return: 0, -EINVAL, -ENOMEM.
 */
int bytecode_compile(const u8 *code, size_t len, unsigned int flags,
		     struct bytecode **prog, const char **why);

void bytecode_free(struct bytecode *prog);	/* by RCU; NULL is fine */

/**
 * bytecode_run() - run it
 * @prog: from bytecode_compile()
 * @gpr: the general registers as enum gpr has them, but for RSP
 * @ops: all the rest
 * @ctx: for @ops
 * @result: the value on top of the stack, 0 where it is empty
 *
 * Does not sleep unless @ops does. Shifts by 64 and more leave zeros or copies
 * of the sign, and the most negative number divided by -1 is itself.
 *
 * Return: 0; -EDOM for a division by zero; -ELOOP when the budget is used up;
 * what a function of @ops returned.
 */
int bytecode_run(const struct bytecode *prog, const u64 *gpr,
		 const struct bytecode_ops *ops, void *ctx, u64 *result);

#endif
