/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A boot sector and the code that it loads: real mode with the BIOS, big real mode,
 * flat 32-bit code, 32-bit and PAE paging, and virtual-8086 mode with INT and I/O.
 * Each part prints its result on the serial line. The last one ends the machine
 * with QEMU's isa-debug-exit.
 */
#define COM1		0x3f8
#define DEBUG_EXIT	0xf4
#define SECTORS		7

#define CODE32	0x08
#define DATA32	0x10
#define CODE16	0x18
#define TASK	0x20

#define TABLES	0x10000		/* first page of the page tables */
#define ALIAS	0x40000000	/* mapped to PLACE */
#define PLACE	0x00400000
#define NOWHERE	0x80000000	/* not mapped */

#define VM_CS	0x2000		/* the program in virtual-8086 mode */
#define VM	(1 << 17)
#define IOPL3	(3 << 12)

	.macro expect what, value, name
	cmpl	\value, \what
	mov	$\name, %esi
	jne	bad
	.endm

	.text
	.code16
	.globl	_start
_start:
	ljmp	$0, $loaded_at_7c00
loaded_at_7c00:
	xor	%ax, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %sp
	mov	$packet, %si
	mov	$0x42, %ah
	int	$0x13
	jc	.
	jmp	real_mode

	.balign	4
packet:	.byte	16, 0
	.word	SECTORS, rest, 0
	.quad	1

	.org	510
	.word	0xaa55
rest:

/* ---- real mode ---- */

say16:	/* the string at SI */
	lodsb
	test	%al, %al
	jz	1f
	mov	$COM1, %dx
	outb	%al, %dx
	jmp	say16
1:	ret

on_int16:
	incw	%bx
	iret

on_divide16:	/* over the two bytes of DIV */
	incw	%bx
	push	%bp
	mov	%sp, %bp
	addw	$2, 2(%bp)
	pop	%bp
	iret

real_mode:
	mov	$hello, %si
	call	say16

	movw	$on_divide16, 0
	movw	$0, 2
	movw	$on_int16, 0x41 * 4
	movw	$0, 0x41 * 4 + 2
	xor	%bx, %bx
	int	$0x41
	xor	%cx, %cx
	div	%cl
	cmp	$2, %bx
	mov	$real_int, %si
	jne	bad16

	/* Through segments that overlap, and backwards */
	mov	$0x1000, %ax
	mov	%ax, %es
	movl	$0x12345678, %es:0x20
	mov	$0x1002, %ax
	mov	%ax, %fs
	cmpl	$0x12345678, %fs:0
	mov	$real_segments, %si
	jne	bad16

	mov	$0x35, %al
	add	$0x48, %al
	daa
	cmp	$0x83, %al
	mov	$real_bcd, %si
	jne	bad16

	/* The BIOS must report more than 1 MiB of memory */
	mov	$0x88, %ah
	int	$0x15
	mov	$real_bios, %si
	jc	bad16
	cmp	$1024, %ax
	jb	bad16

	mov	$real_ok, %si
	call	say16

/* ---- big real mode: limits of protected mode that stay ---- */

	cli
	lgdt	gdt_pointer
	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	mov	$DATA32, %bx
	mov	%bx, %fs
	and	$0xfe, %al
	mov	%eax, %cr0
	ljmp	$0, $big_real
big_real:
	in	$0x92, %al
	or	$2, %al
	out	%al, $0x92
	mov	$PLACE, %ebx
	movl	$0xb16, %fs:(%ebx)
	cmpl	$0xb16, %fs:(%ebx)
	mov	$big_real_name, %si
	jne	bad16
	mov	$big_real_ok, %si
	call	say16

	mov	%cr0, %eax
	or	$1, %al
	mov	%eax, %cr0
	ljmp	$CODE32, $flat

bad16:	call	say16
	mov	$failed, %si
	call	say16
	mov	$2, %al
	out	%al, $DEBUG_EXIT

/* ---- flat 32-bit code ---- */

	.code32
say:	/* the string at ESI */
	lodsb
	test	%al, %al
	jz	1f
	mov	$COM1, %edx
	outb	%al, %dx
	jmp	say
1:	ret

bad:	call	say
	mov	$failed, %esi
	call	say
	mov	$2, %al
	out	%al, $DEBUG_EXIT

	/* gate VECTOR HANDLER TYPE: present, for the ring that TYPE tells */
	.macro gate vector, handler, type
	movw	$\handler, idt + \vector * 8
	movw	$CODE32, idt + \vector * 8 + 2
	movw	$\type, idt + \vector * 8 + 4
	movw	$0, idt + \vector * 8 + 6
	.endm

flat:
	mov	$DATA32, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %ss
	mov	$0x7c00, %esp
	gate	3, on_int3, 0x8e00
	gate	6, on_ud, 0x8e00
	gate	13, on_gp, 0x8e00
	gate	14, on_pf, 0x8e00
	gate	0x42, on_int, 0xee00
	lidt	idt_pointer

	expect	PLACE, $0xb16, flat_memory
	xor	%ebx, %ebx
	int3
	expect	%ebx, $3, flat_int3
	ud2
	expect	%ebx, $6, flat_ud
	mov	$0x80, %eax
	mov	%ax, %fs		/* beyond the GDT */
	expect	%ebx, $13, flat_gp
	mov	$flat_ok, %esi
	call	say

/* ---- paging, with 4 MiB pages and then with PAE's 2 MiB pages ---- */

	mov	$TABLES, %edi
	mov	$5 * 4096 / 4, %ecx
	xor	%eax, %eax
	rep stosl
	movl	$0x83, TABLES
	movl	$(PLACE | 0x83), TABLES + (ALIAS >> 22) * 4
	mov	%cr4, %eax
	or	$0x10, %eax		/* PSE */
	mov	%eax, %cr4
	mov	$TABLES, %eax
	mov	%eax, %cr3
	mov	%cr0, %eax
	or	$0x80000000, %eax
	mov	%eax, %cr0
	mov	$paging_name, %esi
	call	try_paging
	mov	$paging_ok, %esi
	call	say

	mov	%cr0, %eax
	and	$0x7fffffff, %eax
	mov	%eax, %cr0
	movl	$(TABLES + 0x2000) | 1, TABLES + 0x1000
	movl	$(TABLES + 0x3000) | 1, TABLES + 0x1000 + (ALIAS >> 30) * 8
	movl	$(TABLES + 0x4000) | 1, TABLES + 0x1000 + (NOWHERE >> 30) * 8
	movl	$0x87, TABLES + 0x2000		/* virtual-8086 mode is ring 3 */
	movl	$(PLACE | 0x83), TABLES + 0x3000
	mov	%cr4, %eax
	or	$0x20, %eax		/* PAE */
	mov	%eax, %cr4
	mov	$TABLES + 0x1000, %eax
	mov	%eax, %cr3
	mov	%cr0, %eax
	or	$0x80000000, %eax
	mov	%eax, %cr0
	mov	$pae_name, %esi
	call	try_paging
	mov	$pae_ok, %esi
	call	say
	jmp	vm86

/* Check that PLACE is at ALIAS too, and that NOWHERE faults */
try_paging:
	cmpl	$0xb16, ALIAS
	jne	bad
	xor	%ebx, %ebx
	movl	$1, NOWHERE
	cmp	$14, %ebx
	jne	bad
	cmpl	$2, fault_code		/* a write, not present, ring 0 */
	jne	bad
	mov	%cr2, %eax
	cmp	$NOWHERE, %eax
	jne	bad
	ret

/* The last vector goes to EBX. Skip an instruction that would fault again. */
on_int3:
	mov	$3, %ebx
	iret

on_ud:	mov	$6, %ebx
	addl	$2, (%esp)
	iret

on_pf:	mov	$14, %ebx
	popl	fault_code
	addl	$10, (%esp)		/* movl $imm32, disp32 */
	iret

on_gp:	testl	$VM, 12(%esp)
	jnz	monitor
	mov	$13, %ebx
	add	$4, %esp
	addl	$2, (%esp)		/* mov %ax, %fs */
	iret

/* ---- virtual-8086 mode, under a monitor ---- */

vm86:
	mov	$program, %esi
	mov	$(VM_CS << 4), %edi
	mov	$program_end - program, %ecx
	rep movsb
	movl	$monitor_stack, task + 4
	movl	$DATA32, task + 8
	movw	$(bitmap - task), task + 102
	andb	$~0x02, gdt + TASK + 5		/* not busy */
	mov	$TASK, %eax
	ltr	%ax
	xor	%eax, %eax
	call	enter_vm86
	expect	monitored, $0x0d, vm86_iopl0
	mov	$vm86_iopl0_ok, %esi
	call	say
	movl	$0, monitored
	mov	$IOPL3, %eax
	call	enter_vm86
	expect	monitored, $0x1c, vm86_iopl3
	mov	$vm86_iopl3_ok, %esi
	call	say
	mov	$0x10, %al
	out	%al, $DEBUG_EXIT
	jmp	.

/* With the flags EAX; returns at the program's HLT, whose #GP restores ESP. */
enter_vm86:
	mov	%esp, old_stack
	or	$(VM | 2), %eax
	pushl	$0			/* GS, FS, DS, ES */
	pushl	$0
	pushl	$VM_CS
	pushl	$VM_CS
	pushl	$VM_CS			/* SS:SP */
	pushl	$0x1000
	pushl	%eax
	pushl	$VM_CS
	pushl	$0
	iret

/*
 * #GP in virtual-8086 mode: what the program may not do, done for it. Each kind
 * leaves a bit in monitored. On the stack: error code, IP, CS, flags.
 */
monitor:
	push	%ebx
	push	%ecx
	mov	$DATA32, %cx		/* the processor left null selectors */
	mov	%cx, %ds
	mov	%cx, %es
	movzwl	16(%esp), %ecx		/* CS */
	shl	$4, %ecx
	add	12(%esp), %ecx		/* IP */
	movzwl	(%ecx), %ecx
	cmp	$0x42cd, %cx		/* int $0x42 */
	je	1f
	cmp	$0x60e4, %cx		/* in $0x60, %al */
	je	2f
	cmp	$0xf4, %cl		/* hlt */
	je	3f
	mov	$vm86_odd, %esi
	jmp	bad
1:	orl	$1, monitored
	mov	$0x42, %al
	jmp	4f
2:	orl	$4, monitored
	mov	$0x5a, %al
4:	addl	$2, 12(%esp)
	pop	%ecx
	pop	%ebx
	add	$4, %esp
	iret
3:	orl	$8, monitored
	mov	old_stack, %esp
	ret

/* INT $0x42 through its gate, because IOPL is 3 */
on_int:
	testl	$VM, 8(%esp)
	jz	1f
	push	%ds
	push	%eax
	mov	$DATA32, %ax
	mov	%ax, %ds
	orl	$0x10, monitored
	pop	%eax
	pop	%ds
	mov	$0x42, %al
1:	iret

	.code16
program:
	mov	$0, %al
	int	$0x42
	cmp	$0x42, %al
	jne	1f
	in	$0x60, %al		/* the bitmap denies it */
	cmp	$0x5a, %al
	jne	1f
	mov	$COM1, %dx		/* the bitmap allows it */
	mov	$'v', %al
	out	%al, %dx
	mov	$'8', %al
	out	%al, %dx
	mov	$' ', %al
	out	%al, %dx
	pushw	$0x7777			/* SS is in virtual-8086 mode, too */
	mov	%sp, %bp
	cmpw	$0x7777, (%bp)
	jne	1f
	hlt
1:	ud2
program_end:

/* ---- tables, words ---- */

	.balign	8
gdt:	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00009b000000ffff
	.word	bitmap_end - task - 1, task
	.byte	0, 0x89, 0, 0
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt
idt_pointer:
	.word	0x43 * 8 - 1
	.long	idt

hello:		.asciz	"modes: started\n"
real_int:	.asciz	"real mode: INT or #DE"
real_segments:	.asciz	"real mode: segments"
real_bcd:	.asciz	"real mode: DAA"
real_bios:	.asciz	"real mode: the BIOS"
real_ok:	.asciz	"real mode: good\n"
big_real_name:	.asciz	"big real mode"
big_real_ok:	.asciz	"big real mode: good\n"
flat_memory:	.asciz	"flat: memory"
flat_int3:	.asciz	"flat: INT3"
flat_ud:	.asciz	"flat: #UD"
flat_gp:	.asciz	"flat: #GP"
flat_ok:	.asciz	"flat 32-bit: good\n"
paging_name:	.asciz	"32-bit paging"
paging_ok:	.asciz	"32-bit paging: good\n"
pae_name:	.asciz	"PAE"
pae_ok:		.asciz	"PAE: good\n"
vm86_odd:	.asciz	"VM86: an odd #GP"
vm86_iopl0:	.asciz	"VM86, IOPL 0"
vm86_iopl0_ok:	.asciz	"VM86, IOPL 0: good\n"
vm86_iopl3:	.asciz	"VM86, IOPL 3"
vm86_iopl3_ok:	.asciz	"VM86, IOPL 3: good\n"
failed:		.asciz	" failed\n"

	.balign	4
fault_code:	.long	0
monitored:	.long	0
old_stack:	.long	0
	.balign	8
idt:		.skip	0x43 * 8
		.skip	256
monitor_stack:
/* I/O bitmap of virtual-8086 mode: all ports except those of the keyboard */
task:		.skip	104
bitmap:		.skip	0x60 / 8
		.byte	0xff, 0xff
		.skip	(0x400 - 0x70) / 8
		.byte	0xff
bitmap_end:
	.org	(SECTORS + 1) * 512
