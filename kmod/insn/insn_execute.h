/* SPDX-License-Identifier: GPL-2.0-only */
/* Execution of a decoded instruction on registers, flags and its memory operand. */
#ifndef VMXDBG_INSN_INSN_EXECUTE_H
#define VMXDBG_INSN_INSN_EXECUTE_H

#include <linux/types.h>

struct insn;

/**
 * insn_address() - compute the effective address of the memory operand
 * @insn: decoded
 * @regs: RAX RCX RDX RBX RSP RBP RSI RDI R8-R15
 * @rip: address of the instruction (offset in CS)
 *
 * The operand is DS:rSI for MOVS, LODS and CMPS, and ES:rDI for STOS and SCAS.
 * Return: the offset in the segment; the caller adds the segment base.
 */
u64 insn_address(const struct insn *insn, const u64 regs[16], u64 rip);

/* Return: the offset in ES of the second operand of MOVS and CMPS. */
u64 insn_string_dest(const struct insn *insn, const u64 regs[16]);

/**
 * insn_execute() - execute a load, store or read-modify-write
 * @insn: decoded, one of INSN_LOAD to INSN_SETCC
 * @regs: updated in place: 32-bit writes zero-extend, 8- and 16-bit writes keep the rest
 * @rflags: arithmetic flags updated in place
 * @mem: in: value read from memory; out: value to write. Two words for a size of 16.
 *
 * Return: whether @mem must be written back.
 */
bool insn_execute(const struct insn *insn, u64 regs[16], u64 *rflags, u64 *mem);

/**
 * insn_divide_error() - check whether DIV or IDIV raises #DE
 * @insn: INSN_DIV or INSN_IDIV. insn_execute() changes nothing if it raises #DE.
 * @regs: before the instruction
 * @mem: value read from memory
 *
 * Return: whether the divisor is 0 or the quotient does not fit (SDM vol. 2, DIV, IDIV).
 */
bool insn_divide_error(const struct insn *insn, const u64 regs[16], u64 mem);

/* Set the flags of CMP, for CMPS and SCAS. */
void insn_compare(unsigned int size, u64 *rflags, u64 a, u64 b);

/**
 * insn_load_vector() - compute a vector register after a load
 * @reg: old and new value, 256 bits
 * @other: value of vex_reg, which is @reg itself without VEX
 * @mem: value read from memory
 */
void insn_load_vector(const struct insn *insn, u64 reg[4], const u64 other[4],
		      const u64 mem[4]);

void insn_store_vector(const struct insn *insn, const u64 reg[4], u64 mem[4]);

/* Return: whether the old value of memory is needed; false for plain stores. */
bool insn_reads_memory(const struct insn *insn);
/* Return: whether memory is written; false for CMP, TEST and BT. */
bool insn_writes_memory(const struct insn *insn);
bool insn_is_string(const struct insn *insn);

#endif
