/* SPDX-License-Identifier: MIT */
/*
 * Conditions and commands of breakpoints, which the target evaluates.
 *
 * A Z packet has them as text behind it: ";" and "X" LEN "," BYTES for each condition,
 * of which any must be true, and ";cmds:" PERSIST "," with the same for commands.
 */
#ifndef VMXGDB_BP_CODE_H
#define VMXGDB_BP_CODE_H

#include "guest/agent_code.h"
#include "guest/stub_types.h"

/* Return: whether @text, which may be empty, has the form of conditions and commands. */
bool bp_code_valid(const char *text);

/* Return: the expressions of the commands in @text, for bp_code_next(); NULL: none. */
const char *bp_code_commands(const char *text);

/*
 * Take the next expression of a list into @code, of VMXDBG_CODE_MAX bytes. Return: false
 * if there is none, or if it is longer.
 */
bool bp_code_next(const char **list, uint8_t *code, size_t *len);

/**
 * bp_code_condition() - make one condition of all
 * @s: stub, whose debugger's registers are meant
 * @text: conditions and commands
 * @code: gets the target's bytecode; empty if there is no condition
 *
 * Return: NULL, or why the target cannot evaluate it.
 */
const char *bp_code_condition(const struct stub *s, const char *text, struct buf *code);

#endif /* VMXGDB_BP_CODE_H */
