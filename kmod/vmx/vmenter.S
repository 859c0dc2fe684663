/* SPDX-License-Identifier: GPL-2.0-only */
/* VM entry and VM exit. The guest's GPRs are in the CPU only here. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/nospec-branch.h>
#include <asm/unwind_hints.h>

#define VCPU_RAX	0x00
#define VCPU_RCX	0x08
#define VCPU_RDX	0x10
#define VCPU_RBX	0x18
#define VCPU_RBP	0x28	/* RSP, 0x20, is in the VMCS */
#define VCPU_RSI	0x30
#define VCPU_RDI	0x38
#define VCPU_R8	0x40
#define VCPU_R9	0x48
#define VCPU_R10	0x50
#define VCPU_R11	0x58
#define VCPU_R12	0x60
#define VCPU_R13	0x68
#define VCPU_R14	0x70
#define VCPU_R15	0x78

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
	mov VCPU_RCX(%rdi), %rcx
	mov VCPU_RDX(%rdi), %rdx
	mov VCPU_RBX(%rdi), %rbx
	mov VCPU_RBP(%rdi), %rbp
	mov VCPU_RSI(%rdi), %rsi
	mov VCPU_R8(%rdi), %r8
	mov VCPU_R9(%rdi), %r9
	mov VCPU_R10(%rdi), %r10
	mov VCPU_R11(%rdi), %r11
	mov VCPU_R12(%rdi), %r12
	mov VCPU_R13(%rdi), %r13
	mov VCPU_R14(%rdi), %r14
	mov VCPU_R15(%rdi), %r15
	mov VCPU_RAX(%rdi), %rax
	mov VCPU_RDI(%rdi), %rdi
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
	mov %rax, VCPU_RAX(%rdi)
	pop %rax
	mov %rax, VCPU_RDI(%rdi)
	mov %rcx, VCPU_RCX(%rdi)
	mov %rdx, VCPU_RDX(%rdi)
	mov %rbx, VCPU_RBX(%rdi)
	mov %rbp, VCPU_RBP(%rdi)
	mov %rsi, VCPU_RSI(%rdi)
	mov %r8, VCPU_R8(%rdi)
	mov %r9, VCPU_R9(%rdi)
	mov %r10, VCPU_R10(%rdi)
	mov %r11, VCPU_R11(%rdi)
	mov %r12, VCPU_R12(%rdi)
	mov %r13, VCPU_R13(%rdi)
	mov %r14, VCPU_R14(%rdi)
	mov %r15, VCPU_R15(%rdi)
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
