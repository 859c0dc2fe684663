/* SPDX-License-Identifier: GPL-2.0-only */
/* VM entry and VM exit. The guest's GPRs are in the CPU only here. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

#define RAX	0x00
#define RCX	0x08
#define RDX	0x10
#define RBX	0x18
#define RBP	0x28	/* RSP, 0x20, is in the VMCS */
#define RSI	0x30
#define RDI	0x38
#define R8	0x40
#define R9	0x48
#define R10	0x50
#define R11	0x58
#define R12	0x60
#define R13	0x68
#define R14	0x70
#define R15	0x78

#define HOST_RSP_FIELD	0x6c14

.section .noinstr.text, "ax"

/* int vmx_enter(u64 regs[16], bool launched, u64 *host_rsp): see vmenter.h. */
SYM_FUNC_START(vmx_enter)
	push %rbp
	mov %rsp, %rbp
	push %r15
	push %r14
	push %r13
	push %r12
	push %rbx
	push %rdi

	cmp %rsp, (%rdx)
	je 1f
	mov %rsp, (%rdx)
	mov $HOST_RSP_FIELD, %ecx
	vmwrite %rsp, %rcx
1:
	UNWIND_HINT_SAVE
	/* MOV keeps the flags, so ZF holds !launched until the jump. */
	test %sil, %sil
	mov RCX(%rdi), %rcx
	mov RDX(%rdi), %rdx
	mov RBX(%rdi), %rbx
	mov RBP(%rdi), %rbp
	mov RSI(%rdi), %rsi
	mov R8(%rdi), %r8
	mov R9(%rdi), %r9
	mov R10(%rdi), %r10
	mov R11(%rdi), %r11
	mov R12(%rdi), %r12
	mov R13(%rdi), %r13
	mov R14(%rdi), %r14
	mov R15(%rdi), %r15
	mov RAX(%rdi), %rax
	mov RDI(%rdi), %rdi
	jz 3f

2:	vmresume
	jmp vmx_enter_failed
3:	vmlaunch
	jmp vmx_enter_failed
	/* A reboot has turned VMX off on this CPU. */
	_ASM_EXTABLE(2b, vmx_enter_failed)
	_ASM_EXTABLE(3b, vmx_enter_failed)

SYM_INNER_LABEL(vmx_exited, SYM_L_GLOBAL)
	UNWIND_HINT_RESTORE
	ANNOTATE_NOENDBR	/* only a VM exit jumps here */
	push %rdi
	mov 8(%rsp), %rdi	/* regs */
	mov %rax, RAX(%rdi)
	pop %rax
	mov %rax, RDI(%rdi)
	mov %rcx, RCX(%rdi)
	mov %rdx, RDX(%rdi)
	mov %rbx, RBX(%rdi)
	mov %rbp, RBP(%rdi)
	mov %rsi, RSI(%rdi)
	mov %r8, R8(%rdi)
	mov %r9, R9(%rdi)
	mov %r10, R10(%rdi)
	mov %r11, R11(%rdi)
	mov %r12, R12(%rdi)
	mov %r13, R13(%rdi)
	mov %r14, R14(%rdi)
	mov %r15, R15(%rdi)
	xor %eax, %eax

.Lclear:
	/* Clear the registers, so that no guest value steers the host's speculation. */
	xor %ecx, %ecx
	xor %edx, %edx
	xor %ebx, %ebx
	xor %ebp, %ebp
	xor %esi, %esi
	xor %edi, %edi
	xor %r8d, %r8d
	xor %r9d, %r9d
	xor %r10d, %r10d
	xor %r11d, %r11d
	xor %r12d, %r12d
	xor %r13d, %r13d
	xor %r14d, %r14d
	xor %r15d, %r15d
	FILL_RETURN_BUFFER %rcx, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT

	add $8, %rsp
	pop %rbx
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	pop %rbp
	RET

SYM_INNER_LABEL(vmx_enter_failed, SYM_L_LOCAL)
	mov $1, %eax
	jmp .Lclear
SYM_FUNC_END(vmx_enter)
