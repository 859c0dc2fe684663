/* SPDX-License-Identifier: GPL-2.0-only */
/* Unblocking of NMIs on a processor with FRED. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/fred.h>
#include <asm/nospec-branch.h>
#include <asm/segment.h>
#include <asm/unwind_hints.h>

/* Bit of the frame's SS: the return unblocks NMIs. */
#define FRED_SS_UNBLOCK_NMI	(1 << 18)

.text

/*
 * void unblock_nmi(void): return to the next instruction by ERETS. It takes eight words:
 * error code, RIP, CS, RFLAGS, RSP, SS, event data and a reserved one.
 */
SYM_FUNC_START(unblock_nmi)
	push %rbp
	mov %rsp, %rbp
	UNWIND_HINT_SAVE
	and $FRED_STACK_FRAME_RSP_MASK, %rsp
	push $0
	push $0
	push $(__KERNEL_DS | FRED_SS_UNBLOCK_NMI)
	push %rbp
	pushf
	push $__KERNEL_CS
	lea 1f(%rip), %rax
	push %rax
	push $0
	ERETS
1:
	UNWIND_HINT_RESTORE
	pop %rbp
	RET
SYM_FUNC_END(unblock_nmi)
