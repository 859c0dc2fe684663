/* SPDX-License-Identifier: MIT */
/*
 * gdb's agent expressions ("Debugging with GDB", appendix "The GDB Agent Expression
 * Mechanism"): walking through bytecode, and rewriting it for the target.
 *
 * The bytecode comes from the debugger, so it may be any bytes. The target checks what
 * these functions do not.
 */
#ifndef VMXGDB_AGENT_CODE_H
#define VMXGDB_AGENT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

#include "guest/reg_layout.h"
#include "wire/buf.h"

/* Operations that are written or looked for here. */
#define AGENT_TRACE		0x0c
#define AGENT_TRACE_QUICK	0x0d
#define AGENT_EQUAL		0x13
#define AGENT_IF_GOTO		0x20
#define AGENT_GOTO		0x21
#define AGENT_CONST8		0x22
#define AGENT_CONST16		0x23
#define AGENT_CONST32		0x24
#define AGENT_CONST64		0x25
#define AGENT_REG		0x26
#define AGENT_END		0x27
#define AGENT_DUP		0x28
#define AGENT_POP		0x29
#define AGENT_ZERO_EXT		0x2a
#define AGENT_ADD		0x02
#define AGENT_GETV		0x2c
#define AGENT_SETV		0x2d
#define AGENT_TRACEV		0x2e
#define AGENT_TRACENZ		0x2f
#define AGENT_PRINTF		0x34

/* A buf for bytecode that the target may accept. */
#define AGENT_CODE_ON_STACK(name)	BUF_ON_STACK(name, VMXDBG_CODE_MAX + 1)

/*
 * Return: the size of the operation at @code[@at] with its operand, or 0 if it is unknown
 * or cut off.
 */
size_t agent_op_size(const uint8_t *code, size_t len, size_t at);

/* Return: @code's number of 1 to 8 bytes, most significant first. */
uint64_t agent_operand(const uint8_t *code, size_t size);

/**
 * struct agent_out - bytecode being made for the target
 * @code: the bytecode
 * @layout: registers whose numbers are in the debugger's bytecode
 * @why: why agent_append() has failed, for the user
 * @rewrite: writes what takes the place of an operation that @layout and jumps do not
 *	explain, if it is set. Returns 1 if it has written it, 0 if the operation stays
 *	as it is, or -1 with @why
 * @context: for @rewrite, which changes nothing there
 */
struct agent_out {
	struct buf *code;
	const struct layout *layout;
	const char *why;
	int (*rewrite)(struct agent_out *out, const uint8_t *op, size_t size);
	void *context;
};

/**
 * agent_append() - add the debugger's bytecode to the target's
 * @out: bytecode so far; what is added begins with an empty stack, or with values that
 *	it does not use
 * @code: bytecode of the debugger
 * @len: its length
 *
 * Each end in @code leads to the end of @out->code, where the caller goes on. Registers get the
 * numbers that the target uses, and jumps their new targets.
 *
 * Return: false with @out->why if the target cannot have such bytecode.
 */
bool agent_append(struct agent_out *out, const uint8_t *code, size_t len);

/* Add an operation with an operand of @size bytes. */
void agent_put(struct buf *code, uint8_t op, uint64_t operand, size_t size);

/* Set the target of the jump whose operand is at @at. */
void agent_set_jump(struct buf *code, size_t at, size_t target);

/* Return: the target's number of register @number of @layout, or -1. */
int agent_reg_number(const struct layout *layout, unsigned int number);

#endif /* VMXGDB_AGENT_CODE_H */
