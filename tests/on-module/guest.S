/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest for gdb, in long mode as vmxrun starts it: it prints a line, and then calls
 * work() for ever. Handlers of interrupts and exceptions count.
 */
	.text
	.globl _start, loop, work, leaf, soft, behind_soft, read_here, ports, asks_cpuid, writes_msr
	.globl handler_nmi, handler_ud, handler_gp, handler_pf, handler_irq, handler_soft, strange
	.globl counter, stamp, nmis, uds, gps, pfs, irqs, softs, strangers, last_error, last_address
	.globl begins, calls_kernel, kernel_entry, syscalls

	.macro	counting name, number, error=0
	.type	\name, @function
\name:
	.cfi_startproc	simple
	.cfi_def_cfa	7, 40 + 8 * \error
	.cfi_offset	16, -40
	.cfi_offset	7, -16
	incq	\number
	.if	\error
	popq	last_error
	.cfi_def_cfa	7, 40
	.endif
	iretq
	.cfi_endproc
	.size	\name, . - \name
	.endm

	.macro	gate vector, handler
	mov	$\vector, %edi
	lea	\handler(%rip), %rax
	call	set_gate
	.endm

	.type	_start, @function
_start:
	cli
	mov	$stack_end, %rsp
	lgdt	gdt_place
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss

	mov	$255, %edi
1:	lea	strange(%rip), %rax
	call	set_gate
	dec	%edi
	jns	1b
	gate	2, handler_nmi
	gate	6, handler_ud
	gate	13, handler_gp
	gate	14, handler_pf
	gate	0x45, handler_irq
	gate	0x80, handler_soft
	lidt	idt_place

	mov	$0xff, %al
	out	%al, $0x21
	out	%al, $0xa1

	/* AVX, if the CPU has it */
	mov	$1, %eax
	cpuid
	not	%ecx
	test	$0x14000000, %ecx	/* XSAVE and AVX */
	jnz	2f
	mov	%cr4, %rax
	or	$0x40600, %eax		/* OSXSAVE, OSXMMEXCPT, OSFXSR */
	mov	%rax, %cr4
	xor	%ecx, %ecx
	xor	%edx, %edx
	mov	$7, %eax
	xsetbv
2:
	lea	begins(%rip), %rsi
	mov	$0x3f8, %dx
3:	lodsb
	test	%al, %al
	jz	4f
	out	%al, %dx
	jmp	3b
4:	sti
	.size	_start, . - _start

	.type	loop, @function
loop:
	call	work
	inc	%r12
	jmp	loop
	.size	loop, . - loop

	.type	work, @function
work:
	.cfi_startproc
	push	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	%rsp, %rbp
	.cfi_def_cfa_register 6
	incq	counter
	call	leaf
soft:
	int	$0x80
behind_soft:
	rdtsc
	shl	$32, %rdx
	or	%rdx, %rax
	mov	%rax, stamp
read_here:
	mov	counter, %rax
	pop	%rbp
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
	.size	work, . - work

	.type	leaf, @function
leaf:
	.cfi_startproc
	push	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset 6, -16
	mov	%rsp, %rbp
	.cfi_def_cfa_register 6
	lea	3(%rdi), %rax
	pop	%rbp
	.cfi_def_cfa 7, 8
	ret
	.cfi_endproc
	.size	leaf, . - leaf

	/* A test comes here by setting rip. */
	.type	events, @function
events:
ports:
	in	$0x21, %al
asks_cpuid:
	xor	%eax, %eax
	cpuid
writes_msr:
	mov	$0xc0000082, %ecx	/* LSTAR */
	mov	$0x1234, %eax
	xor	%edx, %edx
	wrmsr
	mov	%cr3, %rax
	mov	%rax, %cr3
	jmp	loop
	.size	events, . - events

	/* Likewise, with LSTAR and STAR set */
	.type	calls_kernel, @function
calls_kernel:
	mov	$257, %eax
	syscall
	jmp	loop
	.size	calls_kernel, . - calls_kernel

	.type	kernel_entry, @function
kernel_entry:
	incq	syscalls
	jmp	*%rcx
	.size	kernel_entry, . - kernel_entry

	/* rax is the handler of vector edi. */
	.type	set_gate, @function
set_gate:
	mov	%edi, %ecx
	shl	$4, %ecx
	lea	idt(%rcx), %rbx
	mov	%ax, (%rbx)
	movl	$0x10, 2(%rbx)
	movb	$0x8e, 5(%rbx)
	shr	$16, %rax
	mov	%ax, 6(%rbx)
	shr	$16, %rax
	mov	%eax, 8(%rbx)
	ret
	.size	set_gate, . - set_gate

	counting handler_nmi, nmis
	counting handler_ud, uds
	counting handler_gp, gps, error=1
	counting handler_irq, irqs
	counting handler_soft, softs
	counting strange, strangers

	.type	handler_pf, @function
handler_pf:
	push	%rax
	mov	%cr2, %rax
	mov	%rax, last_address
	pop	%rax
	incq	pfs
	popq	last_error
	iretq
	.size	handler_pf, . - handler_pf

	.data
	.balign	16
gdt:	.quad	0, 0
	.quad	0x00af9b000000ffff	/* 0x10: code of 64 bits */
	.quad	0x00cf93000000ffff	/* 0x18: data */
gdt_place:
	.word	gdt_place - gdt - 1
	.quad	gdt
idt_place:
	.word	256 * 16 - 1
	.quad	idt
begins:	.asciz	"the guest begins\n"

	.macro	number name
	.balign	8
	.type	\name, @object
\name:	.quad	0
	.size	\name, 8
	.endm

	.irp	name, counter, stamp, nmis, uds, gps, pfs, irqs, softs, strangers, last_error, last_address, syscalls
	number	\name
	.endr

	.bss
	.balign	4096
idt:	.skip	4096
	.skip	16384
stack_end:
