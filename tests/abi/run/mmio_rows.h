/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions of run_mmio, as rows: a name, the code, the exits, flags.
 * rbx points to the operand.
 */
#ifndef TESTS_ABI_MMIO_ROWS_H
#define TESTS_ABI_MMIO_ROWS_H

/* Flags of a row. */
#define NOT_KVM		1	/* KVM does not emulate it */
#define WANTS_MOVBE	2
#define WANTS_AVX	4

/* Registers 1 and 2 are loaded before the instruction, and stored afterwards. */
#define SSE(insn)							\
	"movups 0xc000, %xmm1; movups 0xc010, %xmm2;" insn ";"		\
	"movups %xmm1, 0xc800; movups %xmm2, 0xc810"
#define MMX(insn)							\
	"movq 0xc000, %mm1; fninit; fld1; fld1; fld1;" insn ";"		\
	"fnstenv 0xc820; movq %mm1, 0xc800; emms"
#define AVX(insn)							\
	"xor %ecx, %ecx; mov $7, %eax; xor %edx, %edx; xsetbv;"		\
	"vmovdqu 0xc000, %ymm1; vmovdqu 0xc020, %ymm2;" insn ";"	\
	"vmovdqu %ymm1, 0xc800; vmovdqu %ymm2, 0xc820"
#define STRING(insn)	"mov %rbx, %rdi; mov %rbx, %rsi; mov $3, %ecx;" insn

/* The exits of a row: read or write, offset from the operand, bytes. */
#define ROWS(X)								\
	X(store8, "mov %al, (%rbx)", "w0.1", 0)				\
	X(store8_high, "mov %ah, 1(%rbx)", "w1.1", 0)			\
	X(store16, "mov %ax, 2(%rbx)", "w2.2", 0)			\
	X(store32, "mov %eax, (%rbx)", "w0.4", 0)			\
	X(store64, "mov %r9, 8(%rbx)", "w8.8", 0)			\
	X(store_imm, "movq $-2, (%rbx)", "w0.8", 0)			\
	X(store_unaligned, "mov %rax, 5(%rbx)", "w5.8", 0)		\
	X(store_fs, "mov %eax, %fs:(%rbx)", "w0.4", 0)			\
	X(store_addr32, "mov %eax, 0x10(%ebx, %ebp, 4)", "w18.4", 0)	\
	X(store_rip, "mov %eax, 0x181040 - 0x8010 + x_store_rip_begin(%rip)", "w0.4", 0) \
	X(store_moffs, "movabs %al, 0x181042", "w2.1", 0)		\
	X(load_moffs, "movabs 0x181042, %rax", "r2.8", 0)		\
	X(store_rsp, "xchg %rsp, %rbx; mov %eax, 4(%rsp); xchg %rsp, %rbx", "w4.4", 0) \
	X(movnti, "movnti %rax, (%rbx)", "w0.8", 0)			\
	X(load8, "mov (%rbx), %ch", "r0.1", 0)				\
	X(load16, "mov (%rbx), %cx", "r0.2", 0)				\
	X(load32, "mov (%rbx), %ecx", "r0.4", 0)			\
	X(load64, "mov (%rbx), %rcx", "r0.8", 0)			\
	X(load_base, "mov (%rbx), %rbx", "r0.8", 0)			\
	X(movzx, "movzbl (%rbx), %ecx; movzwq 4(%rbx), %rdx", "r0.1 r4.2", 0) \
	X(movsx, "movsbw (%rbx), %cx; movswq 4(%rbx), %rdx", "r0.1 r4.2", 0) \
	X(movsxd, "movslq (%rbx), %rcx", "r0.4", 0)			\
	X(movbe, "movbe (%rbx), %rcx; movbe %eax, (%rbx)", "r0.8 w0.4", WANTS_MOVBE) \
	X(movbe16, "movbe (%rbx), %cx; movbe %ax, (%rbx)", "r0.2 w0.2", WANTS_MOVBE | NOT_KVM) \
	X(store_seg, "mov %ds, (%rbx)", "w0.2", 0)			\
	X(add, "add %eax, (%rbx); add (%rbx), %rcx", "r0.4 w0.4 r0.8", 0) \
	X(or, "orb $0x81, 3(%rbx); or (%rbx), %ax", "r3.1 w3.1 r0.2", NO_AF) \
	X(and, "andl $0x7fff00ff, (%rbx); and (%rbx), %al", "r0.4 w0.4 r0.1", NO_AF) \
	X(xor, "xor %rax, (%rbx); xor (%rbx), %ecx", "r0.8 w0.8 r0.4", NO_AF) \
	X(sub, "sub %al, (%rbx); sub (%rbx), %rcx", "r0.1 w0.1 r0.8", 0) \
	X(adc, "stc; adcl $-1, (%rbx); adc (%rbx), %cx", "r0.4 w0.4 r0.2", 0) \
	X(sbb, "stc; sbb %eax, (%rbx); sbb (%rbx), %rcx", "r0.4 w0.4 r0.8", 0) \
	X(lock_add, "lock addl $1, (%rbx)", "r0.4 w0.4", 0)		\
	X(lock_or, "lock orb $1, (%rbx)", "r0.1 w0.1", NO_AF)		\
	X(inc, "stc; incl (%rbx)", "r0.4 w0.4", 0)			\
	X(dec, "lock decq (%rbx)", "r0.8 w0.8", 0)			\
	X(not, "notw (%rbx)", "r0.2 w0.2", 0)				\
	X(neg, "negb (%rbx)", "r0.1 w0.1", 0)				\
	X(cmp, "cmp %eax, (%rbx)", "r0.4", 0)				\
	X(cmp_imm, "cmpw $0x1234, (%rbx)", "r0.2", 0)			\
	X(cmp_reg, "cmp (%rbx), %r9", "r0.8", 0)			\
	X(test, "test %al, (%rbx)", "r0.1", NO_AF)			\
	X(test_imm, "testl $0x80000000, (%rbx)", "r0.4", NO_AF)		\
	X(bt, "btl $7, (%rbx)", "r0.4", ONLY_CF)			\
	X(bts, "lock btsl $31, (%rbx)", "r0.4 w0.4", ONLY_CF)		\
	X(btr_beyond, "mov $0x8c, %edx; btr %edx, (%rbx)", "r10.4 w10.4", ONLY_CF) \
	X(btc_before, "mov $-65, %rdx; btc %rdx, (%rbx)", "r-10.8 w-10.8", ONLY_CF) \
	X(xchg, "xchg %eax, (%rbx)", "r0.4 w0.4", 0)			\
	X(xchg8, "xchg %ah, (%rbx)", "r0.1 w0.1", 0)			\
	X(xadd, "lock xadd %rcx, (%rbx)", "r0.8 w0.8", 0)		\
	X(cmpxchg_not, "lock cmpxchg %ecx, (%rbx)", "r0.4 w0.4", 0)	\
	X(cmpxchg, "mov 0xc040, %eax; lock cmpxchg %ecx, (%rbx)", "r0.4 w0.4", 0) \
	X(cmpxchg8b_not, "lock cmpxchg8b (%rbx)", "r0.8 w0.8", 0)	\
	X(cmpxchg8b, "mov 0xc040, %eax; mov 0xc044, %edx; lock cmpxchg8b (%rbx)", "r0.8 w0.8", 0) \
	X(cmpxchg16b, "mov 0xc040, %rax; mov 0xc048, %rdx; lock cmpxchg16b (%rbx)", \
	  "r0.8 r8.8 w0.8 w8.8", NOT_KVM)				\
	X(setcc, "stc; setc (%rbx); setnc 1(%rbx)", "w0.1 w1.1", 0)	\
	X(cmov, "stc; cmovc (%rbx), %rcx; cmovnc (%rbx), %edx", "r0.8 r0.4", 0) \
	X(shl, "shll $4, (%rbx)", "r0.4 w0.4", NO_AF | NO_OF)		\
	X(sar, "sarb (%rbx)", "r0.1 w0.1", NO_AF)			\
	X(shr_cl, "mov $9, %cl; shrq %cl, (%rbx)", "r0.8 w0.8", NO_AF | NO_OF) \
	X(rol, "rolw $3, (%rbx)", "r0.2 w0.2", NO_OF)			\
	X(rcr, "stc; rcrl (%rbx)", "r0.4 w0.4", 0)			\
	X(shld, "shld $8, %rcx, (%rbx)", "r0.8 w0.8", NO_AF | NO_OF)	\
	X(shrd, "mov $5, %cl; shrd %cl, %edx, (%rbx)", "r0.4 w0.4", NO_AF | NO_OF) \
	X(imul, "imul (%rbx), %ecx; imul $-7, (%rbx), %rdx", "r0.4 r0.8", ONLY_CF_OF) \
	X(mul, "mul %rbx; mulq (%rbx); mov %rdx, %r9; mov %al, %ah; mulb 3(%rbx)", \
	  "r0.8 r3.1", ONLY_CF_OF)					\
	X(mul_fits, "mov $1, %ax; mulw (%rbx); mov %rdx, %rcx; mov $1, %eax; mull (%rbx)", \
	  "r0.2 r0.4", ONLY_CF_OF)					\
	X(imul_one, "imull (%rbx); mov %rdx, %rcx; imulq (%rbx); mov %rdx, %r9; imulb 1(%rbx)", \
	  "r0.4 r0.8 r1.1", ONLY_CF_OF)					\
	X(imul_one16, "imulw (%rbx)", "r0.2", ONLY_CF_OF)		\
	X(div, "mov $0x1234, %edx; divl (%rbx); mov %rax, %rcx; xor %edx, %edx; divw 8(%rbx)", \
	  "r0.4 r8.2", NO_FLAGS)					\
	X(div64, "mov $0x1234, %edx; divq (%rbx)", "r0.8", NO_FLAGS)	\
	X(div8, "mov $0x1234, %ax; divb (%rbx)", "r0.1", NO_FLAGS)	\
	X(idiv, "mov $-0x1234, %rdx; idivq (%rbx); mov %rdx, %rcx; cltd; idivl 4(%rbx)", \
	  "r0.8 r4.4", NO_FLAGS)					\
	X(idiv16, "mov $-0x123, %rdx; idivw (%rbx)", "r0.2", NO_FLAGS)	\
	X(idiv8, "mov $-0x123, %ax; idivb (%rbx)", "r0.1", NO_FLAGS)	\
	X(bsf, "bsfl (%rbx), %ecx; bsfq 3(%rbx), %rdx; bsfw (%rbx), %ax", \
	  "r0.4 r3.8 r0.2", ONLY_ZF)					\
	X(bsr, "bsrl (%rbx), %ecx; bsrq 3(%rbx), %rdx; bsrw (%rbx), %ax", \
	  "r0.4 r3.8 r0.2", ONLY_ZF)					\
	X(bsf_zero, "movl $0, (%rbx); bsfl (%rbx), %ecx", "w0.4 r0.4", ONLY_ZF) \
	X(bsr_zero, "movq $0, (%rbx); bsrq (%rbx), %rcx", "w0.8 r0.8", ONLY_ZF) \
	X(push, "push (%rbx); pop %rcx", "r0.8", 0)			\
	X(push16, "pushw (%rbx); pop %cx", "r0.2", 0)			\
	X(pop, "push %rax; pop (%rbx)", "w0.8", 0)			\
	X(call, "mov $2f - x_call_begin + 0x8010, %eax; mov %rax, 0x181040; call *(%rbx); 2: pop %rax", \
	  "w0.8 r0.8", 0)						\
	X(jmp, "mov $2f - x_jmp_begin + 0x8010, %eax; mov %rax, 0x181040; jmp *(%rbx); hlt; 2: inc %ecx", \
	  "w0.8 r0.8", 0)						\
	X(movs_from, "mov %rbx, %rsi; mov $0xc800, %edi; movsl", "r0.4", 0) \
	X(movs_to, "mov %rbx, %rdi; mov $0xc000, %esi; movsq", "w0.8", 0) \
	X(movs_both, "mov %rbx, %rsi; lea 0x20(%rbx), %rdi; movsw", "r0.2 w20.2", 0) \
	X(rep_movs, "mov %rbx, %rsi; lea 0x20(%rbx), %rdi; mov $2, %ecx; rep movsb", \
	  "r0.1 w20.1 r1.1 w21.1", 0)					\
	X(rep_stos, STRING("rep stosl"), "w0.4 w4.4 w8.4", 0)		\
	X(rep_stos_down, STRING("std; rep stosw; cld"), "w0.2 w-2.2 w-4.2", 0) \
	X(rep_none, STRING("xor %ecx, %ecx; rep stosb"), "", 0)		\
	X(rep_lods, STRING("rep lodsq"), "r0.8 r8.8 r10.8", 0)		\
	X(cmps, "mov %rbx, %rsi; mov $0xc000, %edi; cmpsl", "r0.4", 0)	\
	X(cmps_both, "mov %rbx, %rsi; lea 8(%rbx), %rdi; cmpsb", "r0.1 r8.1", 0) \
	X(repe_cmps, "mov %rbx, %rsi; mov $0xc040, %edi; mov $3, %ecx; repe cmpsw", \
	  "r0.2 r2.2 r4.2", 0)						\
	X(repe_cmps_differs, "mov %rbx, %rsi; mov $0xc000, %edi; mov $3, %ecx; repe cmpsb", \
	  "r0.1", 0)							\
	X(repne_scas, STRING("mov 0xc041, %al; repne scasb"), "r0.1 r1.1", 0) \
	X(scas, STRING("scasl"), "r0.4", 0)				\
	X(clflush, "clflush (%rbx)", "", NOT_KVM)			\
	X(movups, SSE("movups (%rbx), %xmm1"), "r0.8 r8.8", 0)		\
	X(movups_store, SSE("movups %xmm1, 3(%rbx)"), "w3.8 wb.8", 0)	\
	X(movaps, SSE("movaps (%rbx), %xmm2; movaps %xmm1, (%rbx)"),	\
	  "r0.8 r8.8 w0.8 w8.8", 0)					\
	X(movdqu, SSE("movdqu (%rbx), %xmm1; movdqu %xmm2, (%rbx)"),	\
	  "r0.8 r8.8 w0.8 w8.8", 0)					\
	X(movdqa, SSE("movdqa (%rbx), %xmm1"), "r0.8 r8.8", 0)		\
	X(movntps, SSE("movntps %xmm1, (%rbx)"), "w0.8 w8.8", 0)	\
	X(movntdq, SSE("movntdq %xmm1, (%rbx)"), "w0.8 w8.8", 0)	\
	X(movss, SSE("movss (%rbx), %xmm1; movss %xmm2, (%rbx)"), "r0.4 w0.4", NOT_KVM) \
	X(movsd, SSE("movsd (%rbx), %xmm1; movsd %xmm2, (%rbx)"), "r0.8 w0.8", NOT_KVM) \
	X(movlps, SSE("movlps (%rbx), %xmm1; movlpd %xmm2, (%rbx)"), "r0.8 w0.8", NOT_KVM) \
	X(movhps, SSE("movhps (%rbx), %xmm1; movhpd %xmm2, (%rbx)"), "r0.8 w0.8", NOT_KVM) \
	X(movd, SSE("movd (%rbx), %xmm1; movd %xmm2, (%rbx)"), "r0.4 w0.4", NOT_KVM) \
	X(movq, SSE("movq (%rbx), %xmm1; movq %xmm2, (%rbx)"), "r0.8 w0.8", NOT_KVM) \
	X(movq_mmx, MMX("movq (%rbx), %mm1"), "r0.8", NOT_KVM)		\
	X(movd_mmx, MMX("movd (%rbx), %mm1"), "r0.4", NOT_KVM)		\
	X(movq_mmx_store, MMX("movq %mm1, (%rbx)"), "w0.8", NOT_KVM)	\
	X(vmovups, AVX("vmovups (%rbx), %xmm1; vmovups %xmm2, (%rbx)"),	\
	  "r0.8 r8.8 w0.8 w8.8", NOT_KVM | WANTS_AVX)			\
	X(vmovdqu, AVX("vmovdqu (%rbx), %ymm1; vmovdqu %ymm2, (%rbx)"),	\
	  "r0.8 r8.8 r10.8 r18.8 w0.8 w8.8 w10.8 w18.8", NOT_KVM | WANTS_AVX) \
	X(vmovd, AVX("vmovd (%rbx), %xmm1; vmovd %xmm2, (%rbx)"), "r0.4 w0.4", \
	  NOT_KVM | WANTS_AVX)						\
	X(vmovss, AVX("vmovss (%rbx), %xmm1"), "r0.4", NOT_KVM | WANTS_AVX) \
	X(vmovlps, AVX("vmovlps (%rbx), %xmm2, %xmm1"), "r0.8", NOT_KVM | WANTS_AVX) \
	X(vmovhps, AVX("vmovhps (%rbx), %xmm2, %xmm1"), "r0.8", NOT_KVM | WANTS_AVX)

#endif
