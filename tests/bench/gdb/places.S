/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Places for breakpoints, two bytes each: QEMU's stub makes gdb take a hit for one of the
 * byte before. gdb takes the names for functions of C++ in namespaces of their own, so "break
 * ten" has 10 locations, "break hundred" the other 90 of the first 100, and so on. It would
 * need minutes for as many commands.
 */
	.altmacro
	.macro place number, name
	.type	_ZN6p\number\name\()Ev, @function
_ZN6p\number\name\()Ev:
	nop; nop
	.size	_ZN6p\number\name\()Ev, 2
	.endm

	.macro places upto, name
	.rept	\upto - number
	place	%number, \name
	.set	number, number + 1
	.endr
	.endm

	.section .work, "ax"
	.globl	places
places:
	.set	number, 10000		/* all have five digits */
	places	10010, 3ten
	places	10100, 7hundred
	places	11000, 8thousand
	places	20000, 4more
