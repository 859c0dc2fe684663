/* SPDX-License-Identifier: MIT */
/*
 * Commands of breakpoints: gdb's agent printf. The target records the arguments, and the
 * text is made from the record.
 */
#ifndef VMXGDB_BP_PRINT_H
#define VMXGDB_BP_PRINT_H

#include "guest/stub_types.h"

/**
 * bp_print_code() - make bytecode that records what the commands print
 * @s: stub, whose debugger's registers are meant
 * @text: conditions and commands, see bp_code.h
 * @code: gets the target's bytecode
 *
 * Return: NULL, or why the target cannot do it.
 */
const char *bp_print_code(const struct stub *s, const char *text, struct buf *code);

/* Print the text of a record. @text: as for bp_print_code(). Return: its length. */
size_t bp_print(struct stub *s, const char *text, const struct vmxdbg_record *record);

#endif /* VMXGDB_BP_PRINT_H */
