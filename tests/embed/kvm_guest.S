/* SPDX-License-Identifier: MIT */
/*
 * The guest of kvm_vmm.c, in 64-bit mode, with the first 2 MiB mapped as they are.
 *
 *   finish	the guest ends once this is not 0
 *   breaks	int3 of its own that it has handled
 */
	.text
	.globl _start, loop, work, leaf, own_int3, triple_fault, counter, breaks, finish

/* rdi: number of the vCPU */
_start:
	mov	$0x90000, %rsp
	mov	%rdi, %rax
	shl	$12, %rax
	sub	%rax, %rsp
	mov	$on_break, %eax
	mov	%ax, idt + 16 * 3
	shr	$16, %eax
	mov	%ax, idt + 16 * 3 + 6
	lgdt	gdtr
	lidt	idtr
loop:
	call	work
	cmpl	$0, finish
	je	loop
	out	%al, $0xf4
	jmp	loop

	.type	work, @function
work:
	push	%rbp
	mov	%rsp, %rbp
	lock incq counter
	call	leaf
own_int3:
	int3
	pop	%rbp
	ret
	.size	work, . - work

	.type	leaf, @function
leaf:
	push	%rbp
	mov	%rsp, %rbp
	inc	%rbx
	pop	%rbp
	ret
	.size	leaf, . - leaf

on_break:
	lock incq breaks
	iretq

triple_fault:
	lidt	nothing
	ud2

	.balign	8
	.type	counter, @object
counter:
	.quad	0
	.size	counter, 8
breaks:
	.quad	0
finish:
	.long	0
nothing:
	.word	0
	.quad	0
gdtr:
	.word	15
	.quad	gdt
idtr:
	.word	16 * 4 - 1
	.quad	idt
	.balign	8
gdt:
	.quad	0
	.quad	0x00209b0000000000
idt:
	.fill	3 * 2, 8, 0
	.word	0, 8, 0x8e00, 0
	.quad	0
