/* SPDX-License-Identifier: GPL-2.0-only */
/* The flags after POPF and IRET (SDM vol. 2, tables 4-16 to 4-18, and IRET). */
#ifndef VMXDBG_INSN_POP_FLAGS_H
#define VMXDBG_INSN_POP_FLAGS_H

#include <linux/types.h>
#include <asm/processor-flags.h>

#define POP_FLAGS_ANY	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF |	\
			 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF |	\
			 X86_EFLAGS_NT | X86_EFLAGS_AC | X86_EFLAGS_ID)

/* Return: the flags in @mask of the @size bytes at @popped, the others of @old. */
static inline u64 pop_masked(u64 old, u64 popped, unsigned int size, u64 mask)
{
	if (size == 2)
		mask &= 0xffff;
	return (old & ~mask & ~(u64)X86_EFLAGS_RF) | (popped & mask);
}

/* POPF. @cpl: 0 in real mode, 3 in virtual-8086 mode, where IOPL is 3 or POPF faults. */
static inline u64 popf_flags(u64 old, u64 popped, unsigned int size, unsigned int cpl)
{
	u64 mask = POP_FLAGS_ANY;

	if (cpl == 0)
		mask |= X86_EFLAGS_IOPL;
	if (cpl <= (old & X86_EFLAGS_IOPL) >> X86_EFLAGS_IOPL_BIT)
		mask |= X86_EFLAGS_IF;
	return pop_masked(old, popped, size, mask);
}

/* IRET in real mode */
static inline u64 iret_flags(u64 old, u64 popped, unsigned int size)
{
	return pop_masked(old, popped, size, POP_FLAGS_ANY | X86_EFLAGS_IOPL | X86_EFLAGS_IF |
			  X86_EFLAGS_RF);
}

#endif
