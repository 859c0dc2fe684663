/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instructions of hot paths. In kernels with paravirtualization, the kernel's functions for
 * them are calls through pointers. Only a guest of Xen's needs those, and it has no VMX.
 */
#ifndef VMXDBG_LIB_CPU_INSN_H
#define VMXDBG_LIB_CPU_INSN_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/desc_defs.h>

/* RDMSR of an MSR that every CPU with VMX has */
static __always_inline u64 cpu_rdmsr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	return (u64)high << 32 | low;
}

static __always_inline void cpu_lgdt(const struct desc_ptr *gdt)
{
	asm volatile("lgdt %0" : : "m" (*gdt));
}

static __always_inline void cpu_lidt(const struct desc_ptr *idt)
{
	asm volatile("lidt %0" : : "m" (*idt));
}

/* Write DR0 to DR3. */
static __always_inline void cpu_set_breakpoints(const u64 dr[4])
{
	asm volatile("mov %0, %%db0\n\t"
		     "mov %1, %%db1\n\t"
		     "mov %2, %%db2\n\t"
		     "mov %3, %%db3"
		     : : "r" (dr[0]), "r" (dr[1]), "r" (dr[2]), "r" (dr[3]) : "memory");
}

#endif
