/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest of tests/here/check-here: a loop in 32-bit mode that counts for ever. */
	.text
	.globl _start, again, count
_start:
	movl	$0, count
again:
	incl	count
	nop
	jmp	again

	.data
count:
	.long	0
