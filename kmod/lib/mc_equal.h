/* SPDX-License-Identifier: GPL-2.0-only */
/* Comparison of guest memory by AVX2, which survives a machine check as mc_read.h does. */
#ifndef VMXDBG_LIB_MC_EQUAL_H
#define VMXDBG_LIB_MC_EQUAL_H

#include <linux/types.h>
#include <linux/uaccess.h>
#include <asm/asm.h>
#include <asm/cpufeature.h>

#define MC_EQUAL_LINE	64	/* bytes */

/* Return: whether this processor has what mc_equal() needs. */
static inline bool mc_equal_works(void)
{
	return boot_cpu_has(X86_FEATURE_AVX2);
}

/**
 * mc_equal() - compare guest memory with a copy
 * @mem: guest memory, which may be poisoned; aligned, as is @copy
 * @lines: not 0
 * Context: between kernel_fpu_begin() and kernel_fpu_end().
 * Return: whether all lines are equal; false after a machine check.
 */
static inline bool mc_equal(const void *copy, const void *mem, unsigned int lines)
{
	long at = -(long)lines * MC_EQUAL_LINE;
	bool same = false;

	/* Addresses are those of the ends, so that one register counts. */
	copy -= at;
	mem -= at;
	asm volatile("vpxor %%ymm0, %%ymm0, %%ymm0\n"
		     "1: vmovdqa (%[mem], %[at]), %%ymm1\n"
		     "2: vmovdqa 32(%[mem], %[at]), %%ymm2\n"
		     "vpxor (%[copy], %[at]), %%ymm1, %%ymm1\n"
		     "vpxor 32(%[copy], %[at]), %%ymm2, %%ymm2\n"
		     "vpor %%ymm1, %%ymm0, %%ymm0\n"
		     "vpor %%ymm2, %%ymm0, %%ymm0\n"
		     "add $64, %[at]\n"
		     "jnz 1b\n"
		     "vptest %%ymm0, %%ymm0\n"
		     "sete %[same]\n"
		     "3: vzeroupper\n"
		     _ASM_EXTABLE_TYPE(1b, 3b, EX_TYPE_DEFAULT_MCE_SAFE)
		     _ASM_EXTABLE_TYPE(2b, 3b, EX_TYPE_DEFAULT_MCE_SAFE)
		     : [at] "+r" (at), [same] "+q" (same)
		     : [mem] "r" (mem), [copy] "r" (copy) : "cc", "memory");
	return same;
}

#endif
