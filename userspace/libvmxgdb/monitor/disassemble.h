/* SPDX-License-Identifier: MIT */
/* Disassembly by Zydis, if the program was built with it. */
#ifndef VMXGDB_DISASSEMBLE_H
#define VMXGDB_DISASSEMBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/buf.h"

/* Return: whether there is a disassembler. */
bool disassemble_available(void);

/**
 * disassemble() - add the text of one instruction to @out
 * @bits: 16, 32 or 64
 * @intel: Intel's syntax; otherwise AT&T's
 * @code: bytes
 * @len: their number
 * @ip: offset of the instruction in its segment, for targets of jumps
 *
 * Return: its length; 0 if the bytes are no whole instruction.
 */
size_t disassemble(unsigned int bits, bool intel, const uint8_t *code, size_t len, uint64_t ip,
		   struct buf *out);

#endif /* VMXGDB_DISASSEMBLE_H */
