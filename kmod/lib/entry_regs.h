/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The checks of VM entry on the guest's registers (SDM vol. 3, 27.3.1.1 to 27.3.1.6), made
 * before a debugger's values reach the VMCS. The controls are those of this module: EPT and
 * unrestricted guest.
 */
#ifndef VMXDBG_LIB_ENTRY_REGS_H
#define VMXDBG_LIB_ENTRY_REGS_H

#include <linux/bits.h>
#include <linux/types.h>
#include <asm/trapnr.h>

#define ENTRY_SEGMENTS	8

/* Exceptions with an error code, of those that guests can get (SDM vol. 3, table 6-1) */
#define ENTRY_WITH_ERROR	(BIT(X86_TRAP_DF) | BIT(X86_TRAP_TS) | BIT(X86_TRAP_NP) | \
				 BIT(X86_TRAP_SS) | BIT(X86_TRAP_GP) | BIT(X86_TRAP_PF) | \
				 BIT(X86_TRAP_AC))

/* An error code has at most the bits of a selector, and no bit of SGX (27.2.1.3). */
#define ENTRY_ERROR_RESERVED	GENMASK(31, 15)

/* A segment register, with attributes in the format of the VMCS (table 25-2) */
struct entry_segment {
	u64 base;
	u32 limit;
	u32 ar;
	u16 selector;
};

/* Registers that VM entry checks, as the guest reads them */
struct entry_regs {
	u64 rip, rflags;
	u64 cr0, cr3, cr4, efer;
	u64 gdt_base, idt_base;
	u64 pdptr[4];			/* used with PAE paging */
	bool pdptr_missing;		/* CR3 points to no memory */
	struct entry_segment seg[ENTRY_SEGMENTS];	/* VMXDBG_SEG_* */
	u32 blocking;			/* interruptibility state */
	u32 event;			/* exception to be injected, as in the entry's field */
	u32 error;			/* error code of that */
	/* limits, the same in each state of a vCPU */
	u64 cr4_allowed, efer_allowed;
	u8 phys_bits;			/* of addresses in CR3 */
};

/* Rules that a state breaks */
struct entry_faults {
	u32 rules;			/* bit n: VMXDBG_REFUSED_* n */
	u16 seg_rules[ENTRY_SEGMENTS];	/* bit n: VMXDBG_REFUSED_SEG_SELECTOR + n */
};

/* Return: whether the PDPTRs have no reserved bits, where they are present. */
bool pdptrs_valid(const u64 pdptr[4], u8 phys_bits);

/* Return: whether the registers select PAE paging, which has PDPTRs. */
bool entry_regs_pae(const struct entry_regs *r);

/* Find all rules that @r breaks. */
void entry_regs_check(const struct entry_regs *r, struct entry_faults *faults);

/**
 * entry_faults_new() - compare two states
 * A state that the VMM made invalid can be repaired step by step: what is wrong in @old
 * may stay wrong in @now.
 * Return: VMXDBG_REFUSED_* of a rule that @now breaks and @old does not, or 0.
 */
u32 entry_faults_new(const struct entry_faults *old, const struct entry_faults *now);

#endif
