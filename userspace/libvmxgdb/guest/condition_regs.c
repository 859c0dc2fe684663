// SPDX-License-Identifier: MIT
/*
 * Registers that conditions can read. The numbers are those of the target's bytecode: up
 * to 58 gdb's for x86-64, then those of the system registers in the order of the enum of
 * Documentation/abi.rst. There are no x87 and vector registers.
 */
#include <string.h>

#include "guest/condition_regs.h"

static const struct condition_reg regs[] = {
	{ "rax", 0, 0, true }, { "rbx", 1, 0, true }, { "rcx", 2, 0, true },
	{ "rdx", 3, 0, true }, { "rsi", 4, 0, true }, { "rdi", 5, 0, true },
	{ "rbp", 6, 0, false }, { "rsp", 7, 0, false }, { "r8", 8, 0, true },
	{ "r9", 9, 0, true }, { "r10", 10, 0, true }, { "r11", 11, 0, true },
	{ "r12", 12, 0, true }, { "r13", 13, 0, true }, { "r14", 14, 0, true },
	{ "r15", 15, 0, true }, { "rip", 16, 0, false }, { "eflags", 17, 32, true },
	{ "pc", 16, 0, false }, { "sp", 7, 0, false }, { "fp", 6, 0, false },
	{ "cs", 18, 0, true }, { "ss", 19, 0, true }, { "ds", 20, 0, true },
	{ "es", 21, 0, true }, { "fs", 22, 0, true }, { "gs", 23, 0, true },
	{ "fs_base", 57, 0, false }, { "gs_base", 58, 0, false },
	{ "cr0", 59, 0, false }, { "cr2", 60, 0, false }, { "cr3", 61, 0, false },
	{ "cr4", 62, 0, false }, { "cr8", 63, 0, false }, { "efer", 64, 0, false },
	{ "dr0", 65, 0, false }, { "dr1", 66, 0, false }, { "dr2", 67, 0, false },
	{ "dr3", 68, 0, false }, { "dr6", 69, 0, false }, { "dr7", 70, 0, false },
	{ "gdtr_base", 71, 0, false }, { "gdtr_limit", 72, 0, false },
	{ "idtr_base", 73, 0, false }, { "idtr_limit", 74, 0, false },
	{ "ldtr", 75, 0, false }, { "tr", 76, 0, false },

	/* gdb's names for parts: signed like the whole */
	{ "eax", 0, 32, true }, { "ebx", 1, 32, true }, { "ecx", 2, 32, true },
	{ "edx", 3, 32, true }, { "esi", 4, 32, true }, { "edi", 5, 32, true },
	{ "ebp", 6, 32, true }, { "esp", 7, 32, true }, { "r8d", 8, 32, true },
	{ "r9d", 9, 32, true }, { "r10d", 10, 32, true }, { "r11d", 11, 32, true },
	{ "r12d", 12, 32, true }, { "r13d", 13, 32, true }, { "r14d", 14, 32, true },
	{ "r15d", 15, 32, true }, { "eip", 16, 32, false },
	{ "ax", 0, 16, true }, { "bx", 1, 16, true }, { "cx", 2, 16, true },
	{ "dx", 3, 16, true }, { "si", 4, 16, true }, { "di", 5, 16, true },
	{ "bp", 6, 16, true }, { "r8w", 8, 16, true }, { "r9w", 9, 16, true },
	{ "r10w", 10, 16, true }, { "r11w", 11, 16, true }, { "r12w", 12, 16, true },
	{ "r13w", 13, 16, true }, { "r14w", 14, 16, true }, { "r15w", 15, 16, true },
	{ "al", 0, 8, true }, { "bl", 1, 8, true }, { "cl", 2, 8, true },
	{ "dl", 3, 8, true }, { "sil", 4, 8, true }, { "dil", 5, 8, true },
	{ "bpl", 6, 8, true }, { "spl", 7, 8, true }, { "r8l", 8, 8, true },
	{ "r9l", 9, 8, true }, { "r10l", 10, 8, true }, { "r11l", 11, 8, true },
	{ "r12l", 12, 8, true }, { "r13l", 13, 8, true }, { "r14l", 14, 8, true },
	{ "r15l", 15, 8, true },
};

const struct condition_reg *condition_reg_find(const char *name, size_t len)
{
	const struct condition_reg *r;

	for (r = regs; r < regs + sizeof(regs) / sizeof(*regs); r++)
		if (strlen(r->name) == len && !strncmp(r->name, name, len))
			return r;
	return NULL;
}
