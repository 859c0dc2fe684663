/* SPDX-License-Identifier: MIT */
/* Registers that conditions can read. */
#ifndef VMXGDB_CONDITION_REGS_H
#define VMXGDB_CONDITION_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct condition_reg - a register, or the lower part of one
 * @name: gdb's name
 * @number: number in the target's bytecode
 * @bits: width of a part; 0: the whole register
 * @is_signed: as in gdb
 */
struct condition_reg {
	const char *name;
	uint8_t number;
	uint8_t bits;
	bool is_signed;
};

/* Return: the register with the name of @len bytes at @name, or NULL. */
const struct condition_reg *condition_reg_find(const char *name, size_t len);

#endif /* VMXGDB_CONDITION_REGS_H */
