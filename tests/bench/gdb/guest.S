/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Firmware of 64 KiB for QEMU, which is all the guest there is: from the reset vector to long
 * mode, with the first 128 MiB mapped, and to code in RAM that gdb debugs.
 */
#define ROM		0xf0000		/* where .rom is as well in the first MiB */
#define WORK		0x1000		/* where .work is in .rom */
#define TABLES		0x1000
#define LARGE_PAGES	64
#define COUNTER		0x90000
#define NOISE		0x1000000	/* 64 MiB that do not repeat; run knows how they are made */
#define NOISE_END	0x5000000
#define NEEDLE		0x6e6565646c652121	/* the last 8 bytes of them */

	.section .rom, "ax"
	.code16
start:
	cli
	lgdtl	%cs:gdtr - start
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmpl	$8, $(ROM + protected - start)

	.code32
protected:
	mov	$16, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	cld
	mov	$TABLES, %edi
	xor	%eax, %eax
	mov	$0xc00, %ecx
	rep	stosl
	movl	$(TABLES + 0x1000 + 3), TABLES
	movl	$(TABLES + 0x2000 + 3), TABLES + 0x1000
	mov	$0x83, %eax
	mov	$LARGE_PAGES, %ecx
	mov	$(TABLES + 0x2000), %edi
table:
	mov	%eax, (%edi)
	add	$0x200000, %eax
	add	$8, %edi
	loop	table
	mov	$(ROM + WORK), %esi
	mov	$work, %edi
	mov	$work_size, %ecx
	rep	movsb
	mov	$TABLES, %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	or	$0x20, %eax		/* PAE */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx	/* EFER */
	rdmsr
	or	$0x100, %eax		/* LME */
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax
	mov	%eax, %cr0
	ljmp	$24, $work

	.balign	8
gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff
gdtr:
	.word	gdtr - gdt - 1
	.long	ROM + gdt - start

	.globl	work
	.section .work, "ax"
	.code64
work:
	mov	$COUNTER, %esp
	mov	$NOISE, %edi
	mov	$1, %rax
noise:
	mov	%rax, %rbx
	shl	$13, %rbx
	xor	%rbx, %rax
	mov	%rax, %rbx
	shr	$7, %rbx
	xor	%rbx, %rax
	mov	%rax, %rbx
	shl	$17, %rbx
	xor	%rbx, %rax
	stosq
	cmp	$NOISE_END, %edi
	jne	noise
	mov	$NEEDLE, %rax
	mov	%rax, NOISE_END - 8
forever:
	call	often
	jmp	forever

	.type	often, @function
often:
	incq	COUNTER
	ret
	.size	often, . - often

	.type	straight, @function
straight:
	nop
straight_2:
	.rept	32
	add	$3, %rax
	xor	%rax, %rbx
	.endr
straight_end:
	jmp	straight
	.size	straight, . - straight

/* 2000 instructions in one line, between two others */
	.type	looping, @function
looping:
	nop
looping_2:
	mov	$999, %ecx
	xor	%eax, %eax; xor	%edx, %edx; 1: dec %ecx; jnz 1b
looping_end:
	nop
	jmp	looping
	.size	looping, . - looping

/* As looping, with 40 instructions */
	.type	looping_short, @function
looping_short:
	nop
looping_short_2:
	mov	$19, %ecx
	xor	%eax, %eax; xor	%edx, %edx; 1: dec %ecx; jnz 1b
looping_short_end:
	nop
	jmp	looping_short
	.size	looping_short, . - looping_short

	.section .reset, "ax"
	.code16
	jmp	start
	.balign	16, 0xf4
