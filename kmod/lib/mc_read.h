/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads of guest memory by the kernel's mapping. The page may be poisoned: the machine
 * check of such a read, in the kernel, is fatal to the host unless the exception table
 * says where to go on (SDM vol. 3, 16.9.3). The host's handler then takes the page away
 * from the guest, too.
 */
#ifndef VMXDBG_LIB_MC_READ_H
#define VMXDBG_LIB_MC_READ_H

#include <linux/string.h>
#include <linux/types.h>
#include <linux/uaccess.h>
#include <asm/asm.h>

/* Return: the word at @p, 0 after a machine check. */
static __always_inline u64 mc_read_word(const u64 *p)
{
	u64 word = 0;

	asm volatile("1: mov %1, %0\n"
		     "2:\n"
		     _ASM_EXTABLE_TYPE(1b, 2b, EX_TYPE_DEFAULT_MCE_SAFE)
		     : "+r" (word) : "m" (*p));
	return word;
}

/* Return: @word ^ *@p, and @word after a machine check. */
static __always_inline u64 mc_read_xor(u64 word, const u64 *p)
{
	asm("1: xor %1, %0\n"
	    "2:\n"
	    _ASM_EXTABLE_TYPE(1b, 2b, EX_TYPE_DEFAULT_MCE_SAFE)
	    : "+r" (word) : "m" (*p) : "cc");
	return word;
}

/* Return: the byte at @p, 0 after a machine check. */
static inline u8 mc_read_byte(const u8 *p)
{
	return mc_read_word(PTR_ALIGN_DOWN((const u64 *)p, sizeof(u64))) >>
	       (unsigned long)p % sizeof(u64) * BITS_PER_BYTE;
}

/* Return: whether the byte at @p can be read without a machine check. */
static __always_inline bool mc_readable(const void *p)
{
	asm goto("1: testb $0, %0\n"
		 _ASM_EXTABLE_TYPE(1b, %l[failed], EX_TYPE_DEFAULT_MCE_SAFE)
		 : : "m" (*(const u8 *)p) : "cc" : failed);
	return true;
failed:
	return false;
}

/* Return: whether @len bytes were copied, without a machine check. */
static inline bool mc_read(void *to, const void *from, size_t len)
{
#ifdef copy_mc_to_kernel
	return !copy_mc_to_kernel(to, from, len);
#else
	memcpy(to, from, len);	/* the kernel lacks CONFIG_ARCH_HAS_COPY_MC */
	return true;
#endif
}

#endif
