/* SPDX-License-Identifier: GPL-2.0-only */
/* The slow path of vmcs_put() as its callers see it: no register changes. */
#include <linux/linkage.h>
#include <asm/frame.h>
#include <asm/nospec-branch.h>

.text

/* Calls vmcs_pay(). Only RFLAGS change. */
SYM_FUNC_START(vmcs_pay_thunk)
	FRAME_BEGIN
	push %rax
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	call vmcs_pay
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rax
	FRAME_END
	RET
SYM_FUNC_END(vmcs_pay_thunk)
