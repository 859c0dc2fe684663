/* SPDX-License-Identifier: MIT */
/* Lines of disassembly, for several commands. */
#ifndef VMXGDB_MON_DISAS_H
#define VMXGDB_MON_DISAS_H

#include "guest/stub_types.h"

/**
 * struct disas - code to disassemble
 * @addr: linear address, or physical one
 * @physical: see @addr
 * @count: number of instructions
 * @bits: 16, 32 or 64; 0: the mode of the selected vCPU
 * @intel: Intel's syntax
 */
struct disas {
	uint64_t addr;
	bool physical;
	unsigned int count;
	unsigned int bits;
	bool intel;
};

#define DISAS_MAX	500	/* of @count */

/* Print it. Return: 0 or a negative errno with its text in s->error. */
int disas_show(struct stub *s, const struct disas *d);

#endif /* VMXGDB_MON_DISAS_H */
