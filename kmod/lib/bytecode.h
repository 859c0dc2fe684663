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

struct agent;

#define AGENT_MAX_CODE	4096	/* bytes */
#define AGENT_MAX_STACK	64	/* values; gdb's own agent has 100 */

/*
 * What one run may cost: a jump back its distance in bytes, a memory operation
 * AGENT_MEM_COST, everything else nothing, since it is over by the code's end.
 */
#define AGENT_BUDGET	10000
#define AGENT_MEM_COST	32

/*
 * Registers have gdb's amd64 numbers, in 32-bit guests too. From AGENT_CR0 on
 * they are those of vmxdbgd's target description. x87, SSE: there are none.
 */
enum agent_reg {
	AGENT_RSP = 7,		/* the other general ones are not asked for */
	AGENT_RIP = 16,		/* linear, as everywhere in the debug plane */
	AGENT_EFLAGS,
	AGENT_CS, AGENT_SS, AGENT_DS, AGENT_ES, AGENT_FS, AGENT_GS,
	AGENT_FS_BASE = 57, AGENT_GS_BASE,
	AGENT_CR0, AGENT_CR2, AGENT_CR3, AGENT_CR4, AGENT_CR8, AGENT_EFER,
	AGENT_DR0, AGENT_DR1, AGENT_DR2, AGENT_DR3, AGENT_DR6, AGENT_DR7,
	AGENT_GDTR_BASE, AGENT_GDTR_LIMIT, AGENT_IDTR_BASE, AGENT_IDTR_LIMIT,
	AGENT_LDTR, AGENT_TR,
	AGENT_REGS
};

/* Trace state variables: their numbers are VMXDBG_VAR_*. */
enum agent_var {
	AGENT_VAR_HITS = 1,
	AGENT_VAR_VCPU,
	AGENT_VAR_TSC,
	AGENT_VAR_ADDR,
	AGENT_VAR_PHYSICAL,	/* setv may write it; 0 when a run begins */
	AGENT_VARS
};

/* What the code is for: flags of agent_compile(). */
#define AGENT_TRACE	BIT(0)	/* may trace; its end needs no value */

/* With an address: flags of @mem and @trace. */
#define AGENT_PHYSICAL	BIT(0)
#define AGENT_STRING	BIT(1)	/* @trace: up to its NUL, which goes too */
#define AGENT_VARIABLE	BIT(2)	/* @trace: addr is its number, len 8 */

/*
 * Where the code runs. The functions return 0 or a negative errno, which
 * agent_eval() hands on: -ENXIO for memory that there is not, -EAGAIN for
 * memory that has to be faulted in first.
 */
struct agent_ops {
	int (*reg)(void *ctx, unsigned int nr, u64 *val);	/* enum agent_reg; RSP */
	int (*mem)(void *ctx, u64 addr, void *buf, unsigned int len, unsigned int flags);
	int (*var)(void *ctx, unsigned int nr, u64 *val);
	int (*trace)(void *ctx, u64 addr, u64 len, unsigned int flags);
};

/**
 * agent_compile() - check bytecode and make it fit to run
 * @code: bytecode
 * @len: its length
 * @flags: AGENT_*
 * @agent: the result, for agent_eval() and agent_free()
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
int agent_compile(const u8 *code, size_t len, unsigned int flags,
		  struct agent **agent, const char **why);

void agent_free(struct agent *agent);	/* by RCU; NULL is fine */

/**
 * agent_eval() - run it
 * @agent: from agent_compile()
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
int agent_eval(const struct agent *agent, const u64 *gpr,
	       const struct agent_ops *ops, void *ctx, u64 *result);

#endif
