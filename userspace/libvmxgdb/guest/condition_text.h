/* SPDX-License-Identifier: MIT */
/*
 * Conditions as text, compiled to gdb's agent bytecode for the target.
 *
 * The language is C's, with 64 bits for all integers: registers as $rax, the variables
 * hits, vcpu, tsc and addr, memory as *(u32 *)EXPR, casts, and all operators but those
 * that assign. As in gdb, the general registers are signed, except rip, rsp and rbp.
 */
#ifndef VMXGDB_CONDITION_TEXT_H
#define VMXGDB_CONDITION_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

/**
 * struct condition - bytecode of a condition
 * @code: bytes
 * @len: used bytes of @code; 0: no condition
 */
struct condition {
	uint8_t code[VMXDBG_CODE_MAX];
	size_t len;
};

/**
 * condition_compile() - compile a condition
 * @text: the condition
 * @out: bytecode
 * @error: on failure: what is wrong, with the column in @text, counted from 1
 * @room: size of @error
 *
 * Return: 0 or -EINVAL.
 */
int condition_compile(const char *text, struct condition *out, char *error, size_t room);

/**
 * condition_require() - let a condition hold only if a register has a value as well
 * @c: condition, also one that condition_compile() has not made; or empty
 * @reg: number of the register in the target's bytecode: CONDITION_*
 * @mask: bits of the register that count
 * @value: their value
 *
 * Return: 0 or -E2BIG, with @c unchanged.
 */
int condition_require(struct condition *c, unsigned int reg, uint64_t mask, uint64_t value);

#define CONDITION_CR3	61

#endif /* VMXGDB_CONDITION_TEXT_H */
