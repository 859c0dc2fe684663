/* SPDX-License-Identifier: GPL-2.0-only */
/* VM entry and VM exit. The guest's GPRs are in the CPU only here. */
#include <linux/linkage.h>
#include <asm/alternative.h>
#include <asm/asm.h>
#include <asm/cpufeatures.h>
#include <asm/msr-index.h>
#include <asm/nospec-branch.h>
#include <asm/percpu.h>
#include <asm/segment.h>
#include <asm/unwind_hints.h>

#include "lib/compat_asm.h"

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

/* Iterations of the loop below: 16 times 32 branches are more than any history holds. */
#define BHB_OUTER	16
#define BHB_INNER	16

.section .rodata, "a"
/* A valid selector: VERW is the fastest with it, and only one in memory clears buffers. */
SYM_DATA_LOCAL(verw_selector, .short __KERNEL_DS)

.section .noinstr.text, "ax"

/* Fill the branch history with branches of ours. Changes RAX and RCX. */
SYM_FUNC_START_LOCAL(clear_branch_history)
	mov $BHB_OUTER, %ecx
1:	mov $BHB_INNER, %eax
2:	jmp 3f
	nop
3:	sub $1, %eax
	jnz 2b
	sub $1, %ecx
	jnz 1b
	lfence
	RET
SYM_FUNC_END(clear_branch_history)

/* At a VM exit, RSP points to the argument @regs of the entry. */
.macro STORE_GUEST_REGS
	push %rdi
	mov 8(%rsp), %rdi	/* regs */
	pop VCPU_RDI(%rdi)
	mov %rax, VCPU_RAX(%rdi)
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
.endm

/* Clear all but RAX, so that no guest value steers the host's speculation. */
.macro CLEAR_REGS
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
.endm

/*
 * VM entry @name, whose exit arrives at @exited. @guarded: with the actions against
 * CPU flaws of mitigation.h; RSI then has the bits VMX_GUARDED_*.
 */
.macro VMX_ENTER name:req exited:req guarded:req
SYM_FUNC_START(\name)
	ANNOTATE_NOENDBR	/* static_call() does not jump indirectly */
	push %rbp
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
.if \guarded
	/* MOV keeps the flags: CF holds RESUME, ZF !VERW. VERW changes ZF only. */
	shr $1, %esi
.else
	/* MOV keeps the flags, so ZF holds !launched until the jump. */
	test %sil, %sil
.endif
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
.if \guarded
	jz 4f
	verw verw_selector(%rip)	/* no load may follow it */
4:	jnc 3f
.else
	jz 3f
.endif

2:	vmresume
	jmp .Lfailed_\name
3:	vmlaunch
	jmp .Lfailed_\name
	/* A reboot has turned VMX off on this CPU. */
	_ASM_EXTABLE(2b, .Lfailed_\name)
	_ASM_EXTABLE(3b, .Lfailed_\name)

SYM_INNER_LABEL(\exited, SYM_L_GLOBAL)
	UNWIND_HINT_RESTORE
	ANNOTATE_NOENDBR	/* only a VM exit jumps here */
	STORE_GUEST_REGS
	xor %eax, %eax

.Lclear_\name:
	CLEAR_REGS
.if \guarded
	/* Before the first RET that has no CALL of ours */
	FILL_RETURN_BUFFER %rcx, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT, \
		X86_FEATURE_RSB_VMEXIT_LITE
	mov %eax, %ebx
	/* IBRS limits predictions of the guest's only when it is written again. */
	ALTERNATIVE "jmp .Librs_done_\name", "", X86_FEATURE_KERNEL_IBRS
.Lhost_spec_ctrl_\name:
	mov $MSR_IA32_SPEC_CTRL, %ecx
	mov PER_CPU_VAR(x86_spec_ctrl_current), %eax
	xor %edx, %edx
	wrmsr
.Librs_done_\name:
#ifdef COMPAT_CLEAR_BHB
	ALTERNATIVE "", "call clear_branch_history", COMPAT_CLEAR_BHB
#endif
	lfence
	mov %ebx, %eax
.else
	FILL_RETURN_BUFFER %rcx, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT
.endif

	add $8, %rsp
	pop %rbx
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	pop %rbp
	RET

.Lfailed_\name:
	mov $1, %eax
	jmp .Lclear_\name

.if \guarded
	/*
	 * Exits of guests with an IA32_SPEC_CTRL of their own. Write the host's before the
	 * first RET; the processor has stored the guest's (vcpu/spec_ctrl.c). Both entries
	 * have the same stack, so guests of vmx_enter() arrive here, too.
	 */
SYM_INNER_LABEL(vmx_exited_spec_ctrl, SYM_L_GLOBAL)
	UNWIND_HINT_RESTORE
	ANNOTATE_NOENDBR	/* only a VM exit jumps here */
	STORE_GUEST_REGS
	xor %eax, %eax
	CLEAR_REGS
	FILL_RETURN_BUFFER %rcx, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT, \
		X86_FEATURE_RSB_VMEXIT_LITE
	jmp .Lhost_spec_ctrl_\name	/* with EBX = 0, which is returned */
.endif
SYM_FUNC_END(\name)
.endm

/* int vmx_enter(u64 regs[16], bool launched, u64 *host_rsp): see vmenter.h. */
VMX_ENTER vmx_enter, vmx_exited, 0

/* int vmx_enter_guarded(u64 regs[16], u32 flags, u64 *host_rsp): see vmenter.h. */
VMX_ENTER vmx_enter_guarded, vmx_exited_guarded, 1
