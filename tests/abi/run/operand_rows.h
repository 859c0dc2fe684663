/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions of run_operands: all that KVM's emulator knows with an operand in
 * memory, and those that only our module knows. A row has a group, a size of code,
 * text, and the exits: read or write, offset from the operand, bytes. rbx points to the
 * operand.
 */
#ifndef TESTS_ABI_OPERAND_ROWS_H
#define TESTS_ABI_OPERAND_ROWS_H

/* Selectors of descriptors that operand_tables() adds to the GDT, and to an LDT. */
#define NEW_LDT		0x50
#define NEW_TSS		0x60
#define NEW_DATA	0x70
#define ABSENT_DATA	0x78
#define NEW_CODE64	0x80
#define NEW_CODE32	0x88
#define ABSENT_CODE	0x90
#define READ_ONLY	0x98
#define BUSY_TSS	0xa0
#define ABSENT_TSS	0xb0
#define CALL_GATE	0xc0
#define CONFORMING	0xd0
#define LONG_AND_WIDE	0xd8
#define NEW_CODE16	0xe0
#define FAR_LDT		0xe8
#define BEYOND		0x108

/* There is a HLT for far branches. */
#define TARGET		0x9000

#define R(n)	"r0." #n
#define W(n)	"w0." #n
#define RW(n)	"r0." #n " w0." #n

/* One instruction in code of 16, 32 and 64 bits: @a, operand, @b */
#define ALL(group, a, b, exits, ...)					\
	ROW(group, 16, a "(%bx)" b, exits, __VA_ARGS__);		\
	ROW(group, 32, a "(%ebx)" b, exits, __VA_ARGS__);		\
	ROW(group, 64, a "(%rbx)" b, exits, __VA_ARGS__)
#define BYTES(...)	.bytes = { __VA_ARGS__ }, .given = true	/* the operand */
#define ONLY64(group, a, b, exits, ...)					\
	ROW(group, 64, a "(%rbx)" b, exits, __VA_ARGS__)

#define IMMEDIATES(op, E, f)						\
	ALL(#op, #op "b $0x5a, ", "", E(1), .flags = f);		\
	ALL(#op, #op "w $0x1234, ", "", E(2), .flags = f);		\
	ALL(#op, #op "w $-3, ", "", E(2), .flags = f);			\
	ALL(#op, #op "l $0x12345678, ", "", E(4), .flags = f);		\
	ALL(#op, #op "l $-3, ", "", E(4), .flags = f);			\
	ONLY64(#op, #op "q $0x12345678, ", "", E(8), .flags = f);	\
	ONLY64(#op, #op "q $-3, ", "", E(8), .flags = f)
#define FROM_REGISTER(op, E, f)						\
	ALL(#op, #op " %al, ", "", E(1), .flags = f);			\
	ALL(#op, #op " %dh, ", "", E(1), .flags = f);			\
	ALL(#op, #op " %cx, ", "", E(2), .flags = f);			\
	ALL(#op, #op " %ecx, ", "", E(4), .flags = f);			\
	ONLY64(#op, #op " %r9, ", "", E(8), .flags = f)
#define TO_REGISTER(op, f)						\
	ALL(#op, #op " ", ", %al", R(1), .flags = f);			\
	ALL(#op, #op " ", ", %dh", R(1), .flags = f);			\
	ALL(#op, #op " ", ", %cx", R(2), .flags = f);			\
	ALL(#op, #op " ", ", %ecx", R(4), .flags = f);			\
	ONLY64(#op, #op " ", ", %r9", R(8), .flags = f)
#define LOCKED(op, f)							\
	ALL(#op, "lock " #op " %al, ", "", RW(1), .flags = f);		\
	ALL(#op, "lock " #op " %cx, ", "", RW(2), .flags = f);		\
	ALL(#op, "lock " #op " %ecx, ", "", RW(4), .flags = f);		\
	ONLY64(#op, "lock " #op " %r9, ", "", RW(8), .flags = f)
#define ARITHMETIC(op, f)						\
	IMMEDIATES(op, RW, f); FROM_REGISTER(op, RW, f);		\
	TO_REGISTER(op, f); LOCKED(op, f)
#define UNARY(op, E, f)							\
	ALL(#op, #op "b ", "", E(1), .flags = f);			\
	ALL(#op, #op "w ", "", E(2), .flags = f);			\
	ALL(#op, #op "l ", "", E(4), .flags = f);			\
	ONLY64(#op, #op "q ", "", E(8), .flags = f)
#define LOCKED_UNARY(op)						\
	UNARY(op, RW, 0);						\
	ALL(#op, "lock " #op "b ", "", RW(1));				\
	ALL(#op, "lock " #op "l ", "", RW(4));				\
	ONLY64(#op, "lock " #op "q ", "", RW(8))
#define SHIFT(op, f)							\
	UNARY(op, RW, f);						\
	ALL(#op, #op "b $3, ", "", RW(1), .flags = (f) | NO_OF);	\
	ALL(#op, #op "w $3, ", "", RW(2), .flags = (f) | NO_OF);	\
	ALL(#op, #op "l $3, ", "", RW(4), .flags = (f) | NO_OF);	\
	ALL(#op, #op "l %cl, ", "", RW(4), .flags = (f) | NO_OF);	\
	ONLY64(#op, #op "q $3, ", "", RW(8), .flags = (f) | NO_OF);	\
	ONLY64(#op, #op "q %cl, ", "", RW(8), .flags = (f) | NO_OF)
#define BIT_TEST(op, E)							\
	ALL(#op, #op "w $5, ", "", E(2), .flags = ONLY_CF);		\
	ALL(#op, #op "l $21, ", "", E(4), .flags = ONLY_CF);		\
	ONLY64(#op, #op "q $53, ", "", E(8), .flags = ONLY_CF);		\
	ALL(#op, "mov $3, %dx;" #op " %dx, ", "", E(2), .flags = ONLY_CF); \
	ALL(#op, "mov $9, %edx;" #op " %edx, ", "", E(4), .flags = ONLY_CF); \
	ONLY64(#op, "mov $39, %edx;" #op " %rdx, ", "", E(8), .flags = ONLY_CF)

ARITHMETIC(add, 0);
ARITHMETIC(or, NO_AF);
ARITHMETIC(adc, 0);
ARITHMETIC(sbb, 0);
ARITHMETIC(and, NO_AF);
ARITHMETIC(sub, 0);
ARITHMETIC(xor, NO_AF);
IMMEDIATES(cmp, R, 0);
FROM_REGISTER(cmp, R, 0);
TO_REGISTER(cmp, 0);
ALL("test", "testb $0x5a, ", "", R(1), .flags = NO_AF);
ALL("test", "testw $0x1234, ", "", R(2), .flags = NO_AF);
ALL("test", "testl $0x12345678, ", "", R(4), .flags = NO_AF);
ONLY64("test", "testq $-2, ", "", R(8), .flags = NO_AF);
FROM_REGISTER(test, R, NO_AF);
UNARY(not, RW, 0);
LOCKED_UNARY(neg);
LOCKED_UNARY(inc);
LOCKED_UNARY(dec);
UNARY(mul, R, ONLY_CF_OF);
UNARY(imul, R, ONLY_CF_OF);
ALL("imul", "imul ", ", %cx", R(2), .flags = ONLY_CF_OF);
ALL("imul", "imul ", ", %ecx", R(4), .flags = ONLY_CF_OF);
ALL("imul", "imul $-7, ", ", %cx", R(2), .flags = ONLY_CF_OF);
ALL("imul", "imul $0x1234567, ", ", %ecx", R(4), .flags = ONLY_CF_OF);
ONLY64("imul", "imul ", ", %r9", R(8), .flags = ONLY_CF_OF);
ONLY64("imul", "imul $-7, ", ", %r9", R(8), .flags = ONLY_CF_OF);
ALL("div", "mov $7, %ax; divb ", "", R(1), .flags = NO_FLAGS);
ALL("div", "mov $7, %dx; divw ", "", R(2), .flags = NO_FLAGS);
ALL("div", "mov $7, %edx; divl ", "", R(4), .flags = NO_FLAGS);
ONLY64("div", "mov $7, %edx; divq ", "", R(8), .flags = NO_FLAGS);
ALL("div", "mov $0xffff, %dx; divw ", "", R(2), .flags = NO_FLAGS, .trap = 0, .faults = true);
ALL("idiv", "mov $7, %ax; idivb ", "", R(1), .flags = NO_FLAGS);
ALL("idiv", "mov $7, %dx; idivw ", "", R(2), .flags = NO_FLAGS);
ALL("idiv", "mov $7, %edx; idivl ", "", R(4), .flags = NO_FLAGS);
ONLY64("idiv", "mov $7, %edx; idivq ", "", R(8), .flags = NO_FLAGS);
SHIFT(rol, 0);
SHIFT(ror, 0);
SHIFT(rcl, 0);
SHIFT(rcr, 0);
SHIFT(shl, NO_AF);
SHIFT(shr, NO_AF);
SHIFT(sar, NO_AF);
ALL("shld", "shld $5, %cx, ", "", RW(2), .flags = NO_AF | NO_OF);
ALL("shld", "shld $5, %ecx, ", "", RW(4), .flags = NO_AF | NO_OF);
ALL("shld", "mov $9, %cl; shld %cl, %edx, ", "", RW(4), .flags = NO_AF | NO_OF);
ONLY64("shld", "shld $45, %r9, ", "", RW(8), .flags = NO_AF | NO_OF);
ALL("shrd", "shrd $5, %cx, ", "", RW(2), .flags = NO_AF | NO_OF);
ALL("shrd", "shrd $5, %ecx, ", "", RW(4), .flags = NO_AF | NO_OF);
ALL("shrd", "mov $9, %cl; shrd %cl, %edx, ", "", RW(4), .flags = NO_AF | NO_OF);
ONLY64("shrd", "shrd $45, %r9, ", "", RW(8), .flags = NO_AF | NO_OF);
BIT_TEST(bt, R);
BIT_TEST(bts, RW);
BIT_TEST(btr, RW);
BIT_TEST(btc, RW);
ALL("bts", "lock btsl $31, ", "", RW(4), .flags = ONLY_CF);
ALL("btr", "lock btrl $31, ", "", RW(4), .flags = ONLY_CF);
ALL("btc", "lock btcl $31, ", "", RW(4), .flags = ONLY_CF);
ALL("bt", "mov $0x8c, %edx; bt %edx, ", "", "r10.4", .flags = ONLY_CF);
ALL("bts", "mov $-65, %edx; bts %edx, ", "", "r-c.4 w-c.4", .flags = ONLY_CF);
ALL("bsf", "bsf ", ", %cx", R(2), .flags = ONLY_ZF);
ALL("bsf", "bsf ", ", %ecx", R(4), .flags = ONLY_ZF);
ONLY64("bsf", "bsf ", ", %rcx", R(8), .flags = ONLY_ZF);
ALL("bsr", "bsr ", ", %cx", R(2), .flags = ONLY_ZF);
ALL("bsr", "bsr ", ", %ecx", R(4), .flags = ONLY_ZF);
ONLY64("bsr", "bsr ", ", %rcx", R(8), .flags = ONLY_ZF);

FROM_REGISTER(mov, W, 0);
TO_REGISTER(mov, 0);
ALL("mov", "movb $0x5a, ", "", W(1));
ALL("mov", "movw $0x1234, ", "", W(2));
ALL("mov", "movl $0x12345678, ", "", W(4));
ONLY64("mov", "movq $-3, ", "", W(8));
ROW("mov", 32, "mov %al, 0x181042", "w2.1");
ROW("mov", 32, "mov 0x181042, %eax", "r2.4");
ROW("mov", 64, "movabs %ax, 0x181042", "w2.2");
ROW("mov", 64, "movabs 0x181042, %rax", "r2.8");
ALL("movzx", "movzbw ", ", %cx", R(1));
ALL("movzx", "movzbl ", ", %ecx", R(1));
ALL("movzx", "movzwl ", ", %ecx", R(2));
ONLY64("movzx", "movzbq ", ", %rcx", R(1));
ONLY64("movzx", "movzwq ", ", %rcx", R(2));
ALL("movsx", "movsbw ", ", %cx", R(1));
ALL("movsx", "movsbl ", ", %ecx", R(1));
ALL("movsx", "movswl ", ", %ecx", R(2));
ONLY64("movsx", "movsbq ", ", %rcx", R(1));
ONLY64("movsx", "movswq ", ", %rcx", R(2));
ONLY64("movsx", "movslq ", ", %rcx", R(4));
/* KVM 6.1 takes MOVBE with the prefix 66 for another instruction. */
ROW("movbe", 16, "movbe (%bx), %cx", R(2), .flags = WANTS_MOVBE);
ROW("movbe", 16, "movbe %cx, (%bx)", W(2), .flags = WANTS_MOVBE);
ROW("movbe", 16, "movbe (%bx), %ecx", R(4), .flags = WANTS_MOVBE, .kvm = KVM_FAILS);
ROW("movbe", 32, "movbe (%ebx), %ecx", R(4), .flags = WANTS_MOVBE);
ROW("movbe", 32, "movbe %cx, (%ebx)", W(2), .flags = WANTS_MOVBE, .kvm = KVM_FAILS);
ROW("movbe", 64, "movbe (%rbx), %ecx", R(4), .flags = WANTS_MOVBE);
ROW("movbe", 64, "movbe %r9, (%rbx)", W(8), .flags = WANTS_MOVBE);
ROW("movbe", 64, "movbe (%rbx), %cx", R(2), .flags = WANTS_MOVBE, .kvm = KVM_FAILS);
ALL("movnti", "movnti %ecx, ", "", W(4));
ONLY64("movnti", "movnti %r9, ", "", W(8));
FROM_REGISTER(xchg, RW, 0);
LOCKED(xchg, 0);
FROM_REGISTER(xadd, RW, 0);
LOCKED(xadd, 0);
FROM_REGISTER(cmpxchg, RW, 0);
LOCKED(cmpxchg, 0);
ALL("cmpxchg8b", "cmpxchg8b ", "", RW(8));
ALL("cmpxchg8b", "lock cmpxchg8b ", "", RW(8));
ONLY64("cmpxchg16b", "cmpxchg16b ", "", "r0.8 r8.8 w0.8 w8.8", .kvm = KVM_FAILS);
ALL("cmov", "stc; cmovc ", ", %ecx", R(4));
ALL("cmov", "clc; cmovc ", ", %ecx", R(4));
ALL("cmov", "clc; cmovc ", ", %cx", R(2));
ONLY64("cmov", "clc; cmovnc ", ", %r9", R(8));
ALL("setcc", "stc; setc ", "", W(1));
ALL("setcc", "stc; setnc ", "", W(1));
ALL("push", "pushw ", "", R(2));
ROW("push", 16, "pushl (%bx)", R(4));
ROW("push", 32, "pushl (%ebx)", R(4));
ROW("push", 64, "pushq (%rbx)", R(8));
ALL("pop", "push $-3; popw ", "", W(2));
ROW("pop", 16, "pushl $-3; popl (%bx)", W(4));
ROW("pop", 32, "push $-3; popl (%ebx)", W(4));
ROW("pop", 64, "push $-3; popq (%rbx)", W(8));
ROW("call", 16, "call *(%bx)", R(2), BYTES(0, 0x90));
ROW("call", 32, "call *(%ebx)", R(4), BYTES(0, 0x90));
ROW("call", 64, "call *(%rbx)", R(8), BYTES(0, 0x90));
ROW("jmp", 16, "jmp *(%bx)", R(2), BYTES(0, 0x90));
ROW("jmp", 32, "jmp *(%ebx)", R(4), BYTES(0, 0x90));
ROW("jmp", 64, "jmp *(%rbx)", R(8), BYTES(0, 0x90));
ROW("jmp", 64, "jmp *(%rbx)", R(8), BYTES([7] = 0x80), .trap = 13, .faults = true);

ALL("movs", "mov %ebx, %esi; lea 0x20", ", %edi; movsb", "r0.1 w20.1");
ALL("movs", "mov %ebx, %esi; lea 0x20", ", %edi; movsw", "r0.2 w20.2");
ALL("movs", "mov %ebx, %esi; lea 0x20", ", %edi; movsl", "r0.4 w20.4");
ONLY64("movs", "mov %ebx, %esi; lea 0x20", ", %edi; movsq", "r0.8 w20.8");
ALL("movs", "mov $2, %ecx; mov %ebx, %esi; lea 0x20", ", %edi; rep movsw",
    "r0.2 w20.2 r2.2 w22.2");
ALL("movs", "mov $2, %ecx; mov %ebx, %esi; lea 0x20", ", %edi; std; rep movsw; cld",
    "r0.2 w20.2 r-2.2 w1e.2");
ALL("stos", "mov $2, %ecx; lea ", ", %edi; rep stosb", "w0.1 w1.1");
ALL("stos", "mov $2, %ecx; lea ", ", %edi; rep stosw", "w0.2 w2.2");
ALL("stos", "mov $2, %ecx; lea ", ", %edi; rep stosl", "w0.4 w4.4");
ONLY64("stos", "mov $2, %ecx; lea ", ", %edi; rep stosq", "w0.8 w8.8");
ALL("lods", "mov $2, %ecx; lea ", ", %esi; rep lodsb", "r0.1 r1.1");
ALL("lods", "lea ", ", %esi; lodsw", R(2));
ALL("lods", "lea ", ", %esi; lodsl", R(4));
ONLY64("lods", "lea ", ", %esi; lodsq", R(8));
ALL("cmps", "mov %ebx, %esi; lea 0x20", ", %edi; cmpsb", "r0.1 r20.1");
ALL("cmps", "mov %ebx, %esi; mov %ebx, %edi; mov $2, %ecx; lea ", ", %edx; repe cmpsw",
    "r0.2 r0.2 r2.2 r2.2");
ALL("cmps", "mov $3, %ecx; mov %ebx, %esi; lea 0x20", ", %edi; repe cmpsl", "r0.4 r20.4");
ALL("scas", "mov $2, %ecx; lea ", ", %edi; repne scasb", "r0.1 r1.1");
ALL("scas", "mov $3, %ecx; lea ", ", %edi; repe scasw", R(2));
ALL("scas", "lea ", ", %edi; scasl", R(4));
ONLY64("scas", "lea ", ", %edi; scasq", R(8));
ALL("ins and outs", "mov $0x40, %dx; lea ", ", %esi; outsb", R(1), .port = true);
ALL("ins and outs", "mov $0x40, %dx; lea ", ", %esi; outsl", R(4), .port = true);
ALL("ins and outs", "mov $0x40, %dx; lea ", ", %edi; insb", W(1), .port = true);
ALL("ins and outs", "mov $0x40, %dx; lea ", ", %edi; insl", W(4), .port = true);

/* SSE and MMX: the moves */
#define SSE(insn)	"movups 0xc000, %xmm1;" insn "; movups %xmm1, 0xc800"
ROW("sse moves", 64, SSE("movups (%rbx), %xmm1"), "r0.8 r8.8");
ROW("sse moves", 64, SSE("movups %xmm1, (%rbx)"), "w0.8 w8.8");
ROW("sse moves", 64, SSE("movupd (%rbx), %xmm1"), "r0.8 r8.8");
ROW("sse moves", 64, SSE("movapd (%rbx), %xmm1"), "r0.8 r8.8");
ROW("sse moves", 64, SSE("movaps %xmm1, (%rbx)"), "w0.8 w8.8");
ROW("sse moves", 64, SSE("movntps %xmm1, (%rbx)"), "w0.8 w8.8");
ROW("sse moves", 64, SSE("movntpd %xmm1, (%rbx)"), "w0.8 w8.8");
ROW("sse moves", 64, SSE("movdqa (%rbx), %xmm1"), "r0.8 r8.8");
ROW("sse moves", 64, SSE("movdqa %xmm1, (%rbx)"), "w0.8 w8.8");
ROW("sse moves", 64, SSE("movdqu (%rbx), %xmm1"), "r0.8 r8.8");
ROW("sse moves", 64, SSE("movdqu %xmm1, (%rbx)"), "w0.8 w8.8");
ROW("sse moves", 64, SSE("movntdq %xmm1, (%rbx)"), "w0.8 w8.8");
ROW("sse moves", 32, SSE("movups (%ebx), %xmm1"), "r0.8 r8.8");
ROW("sse moves", 32, SSE("movdqa %xmm1, (%ebx)"), "w0.8 w8.8");

/* A flush accesses no device; prefetches and hints access nothing at all. */
ALL("clflush", "clflush ", "", "", .kvm = "r0.1");
ALL("hints", "nopw ", "", "");
ALL("hints", "prefetcht0 ", "", "");
ALL("hints", "prefetchw ", "", "");

ALL("xlat", "lea ", ", %ecx; xlatb", "r88.1");
ALL("fnstcw", "fninit; fnstcw ", "", W(2));
ALL("fnstsw", "fninit; fld1; fnstsw ", "", W(2));
ALL("mov from a segment", "movw %ds, ", "", W(2));
ALL("mov from a segment", "movw %ss, ", "", W(2));
/* KVM 6.1 stores 8 bytes with REX.W. */
ROW("mov from a segment", 64, "rex.W mov %ds, (%rbx)", W(2), .kvm = "w0.8", .kvm_wrong = true);

#endif
