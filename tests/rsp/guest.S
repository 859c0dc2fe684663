/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of the fake target: only instructions that fake_cpu.c knows.
 *
 *   0x10000 + 0x100 * n   start of vCPU n
 *   0x10400               code that a test reaches by setting rip
 *   0x10500               events that can be caught
 *   0x10800               data
 *   0xffffffff80000000    a second mapping of physical 0
 */
	.text
	.globl _start, work, spin, counter, untouched, leaf
	.globl triple_fault, vm_ends, new_vcpu, sleep, reader, writer, straight, events, handler

/* vCPU 0 calls work() for ever. */
_start:
	mov	$0x1f0000, %rsp
loop:
	call	work
	inc	%r12
	jmp	loop

	.type	work, @function
work:
	push	%rbp
	mov	%rsp, %rbp
	incq	counter
	call	leaf
	nop
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

/* vCPU 1 counts. */
	.org	0x100
spin:
	inc	%rax
	jmp	spin

/* vCPU 2 starts here, if it is created. */
	.org	0x200
	jmp	spin

	.org	0x400
triple_fault:
	ud2
	jmp	triple_fault

	.org	0x410
vm_ends:
	int	$0x2e

	.org	0x420
new_vcpu:
	int	$0x2f
	jmp	spin

	.org	0x430
sleep:
	hlt
	jmp	sleep

	.org	0x440
reader:
	mov	counter, %eax
	jmp	reader

	.org	0x450
writer:
	incq	counter
	jmp	writer

	.org	0x460
straight:
	.rept	32
	nop
	.endr
	jmp	straight

/* Events that a debugger injects come here: the vector is in r14. */
	.org	0x4c0
handler:
	inc	%r13
	ret

	.org	0x500
events:
	in	$0x60, %al
	out	%al, $0x61
	cpuid
	rdtsc
	rdmsr
	wrmsr
	vmcall
	mov	%rax, %cr3
	int3
	int	$0
	int	$13
	int	$14
	inc	%r12
	jmp	events

	.org	0x800
	.type	counter, @object
counter:
	.quad	0
	.size	counter, 8
	.type	untouched, @object
untouched:
	.ascii	"#$}*\003 binary \0\377 bytes"
	.size	untouched, . - untouched
	.org	0x900
	.fill	0x700, 1, 0
