// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each instruction runs on the processor of the test, and through the module's
 * decoder and executor. Registers, flags and memory must be equal afterwards.
 */
#include <asm/asm.h>
#include <kunit/test.h>

#include "../../kmod/insn/insn_decode.h"
#include "../../kmod/insn/insn_execute.c"
#include "gpr.h"

#define NONE	(-1)

#define FLAGS_ARITH	(FLAGS_RESULT | FLAGS_CARRIES)

#define BIT_NUMBER	13	/* the bit number in RCX, for instructions that take one */

/* Memory is at (%rdi); the other operands are in RAX, RCX, RDX. */
struct machine {
	u64 rax, rcx, rdx;
	u64 flags;		/* FLAGS_ARITH */
	u64 mem;
	const u8 *code;		/* the instruction that ran */
	unsigned int len;
};

/*
 * The labels 661 and 662 enclose the instruction, so the decoder gets the bytes that
 * the processor ran. An instruction that faults (#DE) is skipped.
 */
#define DEFINE_INSTRUCTION(name, text)					\
static void run_##name(struct machine *m)				\
{									\
	unsigned long flags;						\
									\
	asm volatile("pushfq; popq %[flags]\n\t"			\
		     "andq %[others], %[flags]\n\t"			\
		     "orq %[wanted], %[flags]\n\t"			\
		     "pushq %[flags]; popfq\n"				\
		     _ASM_EXTABLE(661f, 662f)				\
		     "661:\t" text "\n"					\
		     "662:\tpushfq; popq %[flags]\n\t"			\
		     "leaq 661b(%%rip), %[code]\n\t"			\
		     "movl $(662b - 661b), %[len]"			\
		     : "+a" (m->rax), "+c" (m->rcx), "+d" (m->rdx),	\
		       [flags] "=&r" (flags), [code] "=&r" (m->code),	\
		       [len] "=&r" (m->len)				\
		     : "D" (&m->mem), [wanted] "r" (m->flags),		\
		       [others] "i" (~(long)FLAGS_ARITH)		\
		     : "cc", "memory");					\
	m->flags = flags & FLAGS_ARITH;					\
}

/* Bit numbers in RDX stay within the operand; others are tested below. */
#define SIZES(X, op) \
	X(op##b, #op "b %%dl, (%%rdi)") X(op##w, #op "w %%dx, (%%rdi)") \
	X(op##l, #op "l %%edx, (%%rdi)") X(op##q, #op "q %%rdx, (%%rdi)") \
	X(op##_high, #op "b %%dh, (%%rdi)")
#define LOADS(X, op) \
	X(op##b_load, #op "b (%%rdi), %%dl") X(op##w_load, #op "w (%%rdi), %%dx") \
	X(op##l_load, #op "l (%%rdi), %%edx") X(op##q_load, #op "q (%%rdi), %%rdx") \
	X(op##_high_load, #op "b (%%rdi), %%dh")
#define IMMEDIATES(X, op) \
	X(op##b_imm, #op "b $0x83, (%%rdi)") X(op##w_imm, #op "w $0x8421, (%%rdi)") \
	X(op##l_imm, #op "l $0x87654321, (%%rdi)") X(op##q_imm, #op "q $-0x7654321, (%%rdi)")
#define IMMEDIATES8(X, op) \
	X(op##w_imm8, #op "w $-5, (%%rdi)") X(op##l_imm8, #op "l $-5, (%%rdi)") \
	X(op##q_imm8, #op "q $-5, (%%rdi)")
#define ARITHMETIC(X, op) \
	SIZES(X, op) LOADS(X, op) IMMEDIATES(X, op) IMMEDIATES8(X, op)
#define UNARY(X, op) \
	X(op##b, #op "b (%%rdi)") X(op##w, #op "w (%%rdi)") \
	X(op##l, #op "l (%%rdi)") X(op##q, #op "q (%%rdi)")
#define BITS(X, op) \
	X(op##w_imm, #op "w $15, (%%rdi)") X(op##l_imm, #op "l $31, (%%rdi)") \
	X(op##q_imm, #op "q $63, (%%rdi)") X(op##w_low, #op "w $0, (%%rdi)") \
	X(op##l_wrap, #op "l $0x25, (%%rdi)") X(op##q_mid, #op "q $0x21, (%%rdi)")

/* CL is BIT_NUMBER; some counts exceed the width of a short operand. */
#define SHIFTS(X, op) \
	X(op##b, #op "b $1, (%%rdi)") X(op##w, #op "w $1, (%%rdi)") \
	X(op##l, #op "l $1, (%%rdi)") X(op##q, #op "q $1, (%%rdi)") \
	X(op##b_imm, #op "b $0x27, (%%rdi)") X(op##w_imm, #op "w $15, (%%rdi)") \
	X(op##l_imm, #op "l $31, (%%rdi)") X(op##q_imm, #op "q $0x67, (%%rdi)") \
	X(op##b_cl, #op "b %%cl, (%%rdi)") X(op##w_cl, #op "w %%cl, (%%rdi)") \
	X(op##l_cl, #op "l %%cl, (%%rdi)") X(op##q_cl, #op "q %%cl, (%%rdi)") \
	X(op##l_none, #op "l $0x20, (%%rdi)")
#define DOUBLE(X, op) \
	X(op##w_imm, #op "w $9, %%dx, (%%rdi)") X(op##l_imm, #op "l $1, %%edx, (%%rdi)") \
	X(op##q_imm, #op "q $0x41, %%rdx, (%%rdi)") X(op##l_none, #op "l $0, %%edx, (%%rdi)") \
	X(op##l_cl, #op "l %%cl, %%edx, (%%rdi)") X(op##q_cl, #op "q %%cl, %%rdx, (%%rdi)")
#define CONDITION(X, cc) \
	X(set##cc, "set" #cc " (%%rdi)") X(cmov##cc##w, "cmov" #cc "w (%%rdi), %%dx") \
	X(cmov##cc##l, "cmov" #cc "l (%%rdi), %%edx") X(cmov##cc##q, "cmov" #cc "q (%%rdi), %%rdx")

#define INSTRUCTIONS(X) \
	SIZES(X, mov) LOADS(X, mov) IMMEDIATES(X, mov) \
	X(movnti, "movnti %%edx, (%%rdi)") X(movntiq, "movnti %%rdx, (%%rdi)") \
	X(movzbw, "movzbw (%%rdi), %%dx") X(movzbl, "movzbl (%%rdi), %%edx") \
	X(movzbq, "movzbq (%%rdi), %%rdx") X(movzwl, "movzwl (%%rdi), %%edx") \
	X(movzwq, "movzwq (%%rdi), %%rdx") X(movsbw, "movsbw (%%rdi), %%dx") \
	X(movsbl, "movsbl (%%rdi), %%edx") X(movsbq, "movsbq (%%rdi), %%rdx") \
	X(movswl, "movswl (%%rdi), %%edx") X(movswq, "movswq (%%rdi), %%rdx") \
	X(movslq, "movslq (%%rdi), %%rdx") \
	ARITHMETIC(X, add) ARITHMETIC(X, or) ARITHMETIC(X, adc) ARITHMETIC(X, sbb) \
	ARITHMETIC(X, and) ARITHMETIC(X, sub) ARITHMETIC(X, xor) ARITHMETIC(X, cmp) \
	SIZES(X, test) IMMEDIATES(X, test) \
	UNARY(X, not) UNARY(X, neg) UNARY(X, inc) UNARY(X, dec) \
	SIZES(X, xchg) SIZES(X, cmpxchg) SIZES(X, xadd) \
	X(lock_addl, "lock addl %%edx, (%%rdi)") \
	X(lock_cmpxchgq, "lock cmpxchgq %%rcx, (%%rdi)") \
	X(xadd_acc, "xaddl %%eax, (%%rdi)") X(cmpxchg_acc, "cmpxchgl %%eax, (%%rdi)") \
	SHIFTS(X, rol) SHIFTS(X, ror) SHIFTS(X, rcl) SHIFTS(X, rcr) \
	SHIFTS(X, shl) SHIFTS(X, shr) SHIFTS(X, sar) DOUBLE(X, shld) DOUBLE(X, shrd) \
	X(imulw, "imulw (%%rdi), %%dx") X(imull, "imull (%%rdi), %%edx") \
	X(imulq, "imulq (%%rdi), %%rdx") X(imulw_imm, "imulw $0x1234, (%%rdi), %%dx") \
	X(imull_imm, "imull $-5, (%%rdi), %%edx") \
	X(imulq_imm, "imulq $-0x7654321, (%%rdi), %%rdx") \
	UNARY(X, mul) X(imulb_one, "imulb (%%rdi)") X(imulw_one, "imulw (%%rdi)") \
	X(imull_one, "imull (%%rdi)") X(imulq_one, "imulq (%%rdi)") \
	UNARY(X, div) UNARY(X, idiv) \
	X(bsfw, "bsfw (%%rdi), %%dx") X(bsfl, "bsfl (%%rdi), %%edx") \
	X(bsfq, "bsfq (%%rdi), %%rdx") X(bsrw, "bsrw (%%rdi), %%dx") \
	X(bsrl, "bsrl (%%rdi), %%edx") X(bsrq, "bsrq (%%rdi), %%rdx") \
	X(movbew, "movbew (%%rdi), %%dx") X(movbel, "movbel (%%rdi), %%edx") \
	X(movbeq, "movbeq (%%rdi), %%rdx") X(movbew_store, "movbew %%dx, (%%rdi)") \
	X(movbel_store, "movbel %%edx, (%%rdi)") X(movbeq_store, "movbeq %%rdx, (%%rdi)") \
	CONDITION(X, o) CONDITION(X, no) CONDITION(X, c) CONDITION(X, nc) \
	CONDITION(X, z) CONDITION(X, nz) CONDITION(X, be) CONDITION(X, a) \
	CONDITION(X, s) CONDITION(X, ns) CONDITION(X, p) CONDITION(X, np) \
	CONDITION(X, l) CONDITION(X, ge) CONDITION(X, le) CONDITION(X, g) \
	BITS(X, bt) BITS(X, bts) BITS(X, btr) BITS(X, btc) \
	X(bt_cx, "btl %%ecx, (%%rdi)") X(bts_cx, "btsq %%rcx, (%%rdi)")

INSTRUCTIONS(DEFINE_INSTRUCTION)

#define TABLE_ROW(name, text)	{ run_##name, text },

static const struct instruction {
	void (*run)(struct machine *m);
	const char *text;
} instructions[] = { INSTRUCTIONS(TABLE_ROW) };

/* A count of 0 changes nothing, one of more than 1 leaves OF undefined. */
static u64 defined_after_shift(const struct insn *insn, unsigned int count)
{
	u64 flags = FLAGS_ARITH;

	if (!count)
		return flags;
	if (insn->op > INSN_RCR)
		flags &= ~(u64)X86_EFLAGS_AF;
	if (count > 1)
		flags &= ~(u64)X86_EFLAGS_OF;
	if (insn->op > INSN_RCR && count >= 8 * insn->size)
		flags &= ~(u64)X86_EFLAGS_CF;
	return flags;
}

/*
 * Return: the flags that the manual defines after the instruction, or leaves
 * unchanged.
 */
static u64 defined_flags(const struct insn *insn)
{
	u64 regs[16] = { [RCX] = BIT_NUMBER };

	switch (insn->op) {
	case INSN_ROL ... INSN_SHRD:
		return defined_after_shift(insn, shift_count(insn, regs));
	case INSN_IMUL ... INSN_IMUL_WIDE:
		return X86_EFLAGS_CF | X86_EFLAGS_OF;
	case INSN_DIV:
	case INSN_IDIV:
		return 0;
	case INSN_BSF:
	case INSN_BSR:
		return X86_EFLAGS_ZF;
	case INSN_OR:
	case INSN_AND:
	case INSN_XOR:
	case INSN_TEST:
		return FLAGS_ARITH & ~(u64)X86_EFLAGS_AF;
	case INSN_BT:
	case INSN_BTS:
	case INSN_BTR:
	case INSN_BTC:
		return X86_EFLAGS_CF | X86_EFLAGS_ZF;
	default:
		return FLAGS_ARITH;
	}
}

/* Run the instruction at @code in the module's executor, with @m before it. */
static struct insn run_ours(struct kunit *test, const struct instruction *what,
			    const u8 *code, unsigned int len, struct machine *m)
{
	const struct insn_mode mode = { .bits = 64 };
	u64 regs[16] = { [RAX] = m->rax, [RCX] = m->rcx, [RDX] = m->rdx };
	u64 mem = m->mem, mask;
	struct insn insn;

	KUNIT_ASSERT_EQ_MSG(test, insn_decode(&mode, code, len, &insn), 0, "%s",
			    what->text);
	KUNIT_ASSERT_EQ_MSG(test, insn.len, len, "%s", what->text);
	if (!insn_reads_memory(&insn))
		mem = 0xbadbadbadbadbadbULL;
	if (insn_execute(&insn, regs, &m->flags, &mem)) {
		mask = size_mask(insn.size);
		KUNIT_EXPECT_EQ_MSG(test, mem & ~mask, 0ULL, "%s", what->text);
		m->mem = (m->mem & ~mask) | mem;
	}
	m->rax = regs[RAX];
	m->rcx = regs[RCX];
	m->rdx = regs[RDX];
	return insn;
}

/*
 * Some processors clear the upper half of a 64-bit register when BSF or BSR looks for a
 * bit in 32 bits of 0, though they keep the lower half (SDM vol. 2, BSF).
 */
static void keep_upper_half(const struct insn *insn, const struct machine *before,
			    struct machine *real)
{
	if ((insn->op == INSN_BSF || insn->op == INSN_BSR) && insn->size == 4 &&
	    !(u32)before->mem)
		real->rdx |= before->rdx & ~0xffffffffULL;
}

/* Return: whether the two are equal; a difference is reported. */
static bool compare(struct kunit *test, const struct instruction *what,
		    const struct machine *before)
{
	struct machine real = *before, ours = *before;
	struct insn insn;
	u64 defined;

	what->run(&real);
	insn = run_ours(test, what, real.code, real.len, &ours);
	defined = defined_flags(&insn);
	keep_upper_half(&insn, before, &real);

	if (real.rax == ours.rax && real.rcx == ours.rcx && real.rdx == ours.rdx &&
	    real.mem == ours.mem && !((real.flags ^ ours.flags) & defined))
		return true;
	KUNIT_FAIL(test,
		   "%s: mem %llx rax %llx rdx %llx flags %llx gave mem %llx rax %llx rdx %llx flags %llx, not mem %llx rax %llx rdx %llx flags %llx",
		   what->text, before->mem, before->rax, before->rdx, before->flags,
		   ours.mem, ours.rax, ours.rdx, ours.flags & defined,
		   real.mem, real.rax, real.rdx, real.flags & defined);
	return false;
}

/* Values around which carries, signs and overflows change, for each width. */
static const u64 values[] = {
	0, 1, 2, 0xf, 0x10, 0x7f, 0x80, 0x81, 0xff, 0x100, 0x7fff, 0x8000, 0xffff,
	0x7fffffff, 0x80000000, 0xffffffff, 0x100000000ULL,
	0x7fffffffffffffffULL, 0x8000000000000000ULL, 0xffffffffffffffffULL,
	0x123456789abcdef0ULL, 0xfedcba9876543210ULL, 0xa5a55a5aa5a55a5aULL,
};

/* Stop at the first difference: one is enough, and the log is short. */
static void compare_all_values(struct kunit *test, const struct instruction *what)
{
	static const u64 flags[] = { 0, FLAGS_ARITH, X86_EFLAGS_CF };
	unsigned int a, b, f;

	for (a = 0; a < ARRAY_SIZE(values); a++) {
		for (b = 0; b < ARRAY_SIZE(values); b++) {
			for (f = 0; f < ARRAY_SIZE(flags); f++) {
				struct machine m = {
					.rax = values[b], .rcx = BIT_NUMBER,
					.rdx = values[b], .mem = values[a],
					.flags = flags[f],
				};

				if (!compare(test, what, &m))
					return;
				m.rax = values[a]; /* the value that CMPXCHG compares with */
				if (!compare(test, what, &m))
					return;
			}
		}
	}
}

static void results_are_the_processors(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(instructions); i++)
		compare_all_values(test, &instructions[i]);
}

static u64 draw(u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void random_results_are_the_processors(struct kunit *test)
{
	u64 seed = 0x2545f4914f6cdd1dULL;
	unsigned int i, round;

	for (i = 0; i < ARRAY_SIZE(instructions); i++) {
		for (round = 0; round < 200; round++) {
			struct machine m = { .rcx = BIT_NUMBER };

			m.rax = draw(&seed);
			m.rdx = draw(&seed);
			m.mem = draw(&seed);
			m.flags = draw(&seed) & FLAGS_ARITH;
			if (!compare(test, &instructions[i], &m))
				break;
		}
	}
}

static struct insn decoded(struct kunit *test, u8 bits, const char *bytes)
{
	const struct insn_mode mode = { .bits = bits };
	u8 padded[INSN_MAX] = {};
	struct insn insn;

	/*
	 * strnlen() stops at a zero byte: zero bytes of an instruction come from the
	 * padding.
	 */
	memcpy(padded, bytes, strnlen(bytes, INSN_MAX));
	KUNIT_ASSERT_EQ(test, insn_decode(&mode, padded, INSN_MAX, &insn), 0);
	return insn;
}

static const u64 address_regs[16] = {
	[RAX] = 0xffffffff80000000ULL, [RCX] = 0x10, [RBX] = 0x1234fff0,
	[RSP] = 0xffff800000001000ULL, [RBP] = 0x2000, [RSI] = 0x1fffe,
	[RDI] = 0xf00000000ULL, [12] = 0x12000, [13] = 0x13000,
};

static void addresses_are_computed(struct kunit *test)
{
	static const struct {
		u8 bits;
		const char *bytes, *text;
		u64 rip, addr;
	} rows[] = {
		{ 64, "\x89\x07", "(%rdi)", 0, 0xf00000000ULL },
		{ 64, "\x67\x89\x07", "(%edi)", 0, 0 },
		{ 64, "\x89\x44\x8d\xfc", "-4(%rbp,%rcx,4)", 0, 0x203c },
		{ 64, "\x89\x44\xcc\x08", "8(%rsp,%rcx,8)", 0, 0xffff800000001088ULL },
		{ 64, "\x43\x89\x44\x65\x01", "1(%r13,%r12,2)", 0, 0x37001 },
		{ 64, "\x89\x40\x80", "-0x80(%rax)", 0, 0xffffffff7fffff80ULL },
		{ 64, "\x67\x89\x40\x80", "-0x80(%eax)", 0, 0x7fffff80 },
		{ 64, "\x89\x04\x25\x10\xff\xff\xff", "-0xf0", 0, 0xffffffffffffff10ULL },
		{ 64, "\x8b\x05\x10\x01\x01\x01", "0x1010110(%rip)", 0x400000, 0x1410116 },
		{ 64, "\x8b\x05\xf0\xff\xff\xff", "-16(%rip)", 0, 0xfffffffffffffff6ULL },
		{ 64, "\x67\x8b\x05\xf0\xff\xff\xff", "-16(%eip)", 0, 0xfffffff7 },
		{ 64, "\xc7\x05\x04\x01\x01\x01\x01\x01\x01\x01", "rip, immediate",
		  0x1000, 0x101110e },
		{ 32, "\x89\x83\x10\x01\xcb\xed", "-0x1234fef0(%ebx)", 0, 0x100 },
		{ 32, "\x89\x44\x1c\x10", "16(%esp,%ebx)", 0, 0x12351000 },
		{ 32, "\x67\x89\x07", "(%bx)", 0, 0xfff0 },
		{ 16, "\x89\x40\x10", "16(%bx,%si)", 0, 0xfffe },
		{ 16, "\x89\x40\x12", "18(%bx,%si) wraps", 0, 0 },
		{ 16, "\x89\x46\xff", "-1(%bp)", 0, 0x1fff },
		{ 16, "\x67\x89\x03", "(%ebx)", 0, 0x1234fff0 },
		{ 64, "\xa4", "movs, source", 0, 0x1fffe },
		{ 16, "\xa4", "movs, 16-bit source", 0, 0xfffe },
		{ 64, "\xaa", "stos", 0, 0xf00000000ULL },
		{ 32, "\xaa", "stos, 32-bit", 0, 0 },
		/* PUSH sees the old RSP, POP the new one */
		{ 64, "\xff\x74\x24\x08", "push 8(%rsp)", 0, 0xffff800000001008ULL },
		{ 64, "\x8f\x44\x24\x08", "pop 8(%rsp)", 0, 0xffff800000001010ULL },
		{ 64, "\x66\x8f\x44\x24\x08", "popw 8(%rsp)", 0, 0xffff80000000100aULL },
		{ 64, "\x8f\x45\x08", "pop 8(%rbp)", 0, 0x2008 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct insn insn = decoded(test, rows[i].bits, rows[i].bytes);

		KUNIT_EXPECT_EQ_MSG(test, rows[i].addr,
				    insn_address(&insn, address_regs, rows[i].rip),
				    "%s", rows[i].text);
	}
}

static void string_destination_is_rdi(struct kunit *test)
{
	u64 regs[16] = { [RDI] = 0x123456789abcULL, [RSI] = 1 };
	struct insn insn;

	insn = decoded(test, 64, "\xa4");
	KUNIT_EXPECT_EQ(test, insn_string_dest(&insn, regs), 0x123456789abcULL);
	insn = decoded(test, 32, "\xa4");
	KUNIT_EXPECT_EQ(test, insn_string_dest(&insn, regs), 0x56789abcULL);
	insn = decoded(test, 16, "\xa4");
	KUNIT_EXPECT_EQ(test, insn_string_dest(&insn, regs), 0x9abcULL);
}

/* The processor shows which word of memory a bit number in a register selects. */
static void bit_number_selects_memory_as_the_processor_does(struct kunit *test)
{
	static const struct {
		const char *bytes;
		u8 size;
	} forms[] = {
		{ "\x66\x0f\xab\x0f", 2 }, { "\x0f\xab\x0f", 4 },
		{ "\x48\x0f\xab\x0f", 8 },
	};
	unsigned int i;
	long nr;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		struct insn insn = decoded(test, 64, forms[i].bytes);

		for (nr = -512; nr < 512; nr++) {
			u64 memory[16] = {}, ours = 0, flags = 0, *real;
			u64 regs[16] = { [RCX] = nr, [RDI] = (u64)&memory[8] };

			switch (forms[i].size) {
			case 2:
				asm volatile("btsw %%cx, (%1)" :: "c" (nr),
					     "r" (&memory[8]) : "memory", "cc");
				break;
			case 4:
				asm volatile("btsl %%ecx, (%1)" :: "c" (nr),
					     "r" (&memory[8]) : "memory", "cc");
				break;
			default:
				asm volatile("btsq %%rcx, (%1)" :: "c" (nr),
					     "r" (&memory[8]) : "memory", "cc");
			}
			KUNIT_EXPECT_TRUE(test, insn_execute(&insn, regs, &flags, &ours));
			real = (u64 *)insn_address(&insn, regs, 0);
			KUNIT_ASSERT_TRUE(test, (u8 *)real >= (u8 *)memory &&
					  (u8 *)real + forms[i].size <= (u8 *)(memory + 16));
			KUNIT_ASSERT_EQ_MSG(test, memcmp(real, &ours, forms[i].size), 0,
					    "size %u bit %ld", forms[i].size, nr);
		}
	}
}

static void only_plain_stores_need_no_old_value(struct kunit *test)
{
	static const struct {
		const char *bytes;
		bool reads;
	} rows[] = {
		{ "\x89\x07", false }, { "\xc6\x07\x01", false }, { "\xaa", false },
		{ "\x8f\x07", false }, { "\x0f\x94\x07", false }, { "\x0f\x11\x07", false },
		{ "\x8c\x07", false }, { "\x0f\xae\x3f", false },
		{ "\xa6", true }, { "\xae", true },
		{ "\xd1\x27", true }, { "\xff\x27", true }, { "\x0f\x10\x07", true },
		 { "\x8b\x07", true }, { "\x0f\xb6\x07", true },
		{ "\x01\x07", true }, { "\x39\x07", true }, { "\x85\x07", true },
		{ "\x87\x07", true }, { "\xf7\x17", true }, { "\x0f\xa3\x07", true },
		{ "\xa4", true }, { "\xac", true }, { "\xff\x37", true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct insn insn = decoded(test, 64, rows[i].bytes);

		KUNIT_EXPECT_EQ_MSG(test, insn_reads_memory(&insn), rows[i].reads,
				    "row %u", i);
	}
}

/* CMPXCHG8B and CMPXCHG16B need RBX, which the table above does not set. */
static void pairs_are_compared_and_exchanged(struct kunit *test)
{
	struct insn pair8 = decoded(test, 64, "\x0f\xc7\x0f");
	struct insn pair16 = decoded(test, 64, "\x48\x0f\xc7\x0f");
	u64 flags = FLAGS_ARITH, mem[2] = { 0x1111111122222222ULL, 5 };
	u64 regs[16] = { [RAX] = ~0ULL, [RDX] = ~0ULL, [RBX] = 0x9933333333ULL,
			 [RCX] = 0x9944444444ULL };

	KUNIT_EXPECT_TRUE(test, insn_execute(&pair8, regs, &flags, mem));
	KUNIT_EXPECT_EQ(test, flags, FLAGS_ARITH & ~(u64)X86_EFLAGS_ZF);
	KUNIT_EXPECT_EQ(test, mem[0], 0x1111111122222222ULL);
	KUNIT_EXPECT_EQ(test, regs[RAX], 0x22222222ULL);
	KUNIT_EXPECT_EQ(test, regs[RDX], 0x11111111ULL);
	flags = 0;
	KUNIT_EXPECT_TRUE(test, insn_execute(&pair8, regs, &flags, mem));
	KUNIT_EXPECT_EQ(test, flags, (u64)X86_EFLAGS_ZF);
	KUNIT_EXPECT_EQ(test, mem[0], 0x4444444433333333ULL);

	mem[0] = 7;
	KUNIT_EXPECT_TRUE(test, insn_execute(&pair16, regs, &flags, mem));
	KUNIT_EXPECT_EQ(test, flags, 0ULL);
	KUNIT_EXPECT_EQ(test, regs[RAX], 7ULL);
	KUNIT_EXPECT_EQ(test, regs[RDX], 5ULL);
	KUNIT_EXPECT_TRUE(test, insn_execute(&pair16, regs, &flags, mem));
	KUNIT_EXPECT_EQ(test, flags, (u64)X86_EFLAGS_ZF);
	KUNIT_EXPECT_EQ(test, mem[0], 0x9933333333ULL);
	KUNIT_EXPECT_EQ(test, mem[1], 0x9944444444ULL);
}

static void vectors_are_moved_in_parts(struct kunit *test)
{
	static const u64 other[4] = { 0xa, 0xb, 0xc, 0xd };
	static const u64 mem[4] = { 0x1111111122222222ULL, 2, 3, 4 };
	static const struct {
		const char *bytes, *text;
		u64 loaded[4];
	} rows[] = {
		{ "\x0f\x10\x0f", "movups", { 0x1111111122222222ULL, 2, 7, 8 } },
		{ "\xf3\x0f\x10\x0f", "movss", { 0x22222222, 0, 7, 8 } },
		{ "\xf2\x0f\x10\x0f", "movsd", { 0x1111111122222222ULL, 0, 7, 8 } },
		{ "\x0f\x12\x0f", "movlps", { 0x1111111122222222ULL, 6, 7, 8 } },
		{ "\x0f\x16\x0f", "movhps", { 5, 0x1111111122222222ULL, 7, 8 } },
		{ "\xc5\xf8\x10\x0f", "vmovups, 128", { 0x1111111122222222ULL, 2 } },
		{ "\xc5\xfc\x10\x0f", "vmovups, 256", { 0x1111111122222222ULL, 2, 3, 4 } },
		{ "\xc5\xfa\x10\x0f", "vmovss", { 0x22222222 } },
		{ "\xc5\xe8\x12\x0f", "vmovlps", { 0x1111111122222222ULL, 0xb } },
		{ "\xc5\xe8\x16\x0f", "vmovhps", { 0xa, 0x1111111122222222ULL } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct insn insn = decoded(test, 64, rows[i].bytes);
		u64 reg[4] = { 5, 6, 7, 8 };

		insn_load_vector(&insn, reg, insn.vex ? other : reg, mem);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(reg, rows[i].loaded, sizeof(reg)), 0,
				    "%s", rows[i].text);
	}
}

static void vectors_are_stored_in_parts(struct kunit *test)
{
	static const u64 reg[4] = { 0x1111111122222222ULL, 6, 7, 8 };
	static const struct {
		const char *bytes, *text;
		u64 stored[4];
	} rows[] = {
		{ "\x0f\x29\x0f", "movaps", { 0x1111111122222222ULL, 6 } },
		{ "\xc5\xfd\xe7\x0f", "vmovntdq", { 0x1111111122222222ULL, 6, 7, 8 } },
		{ "\x66\x0f\x7e\x0f", "movd", { 0x22222222 } },
		{ "\x66\x0f\x13\x0f", "movlpd", { 0x1111111122222222ULL } },
		{ "\x66\x0f\x17\x0f", "movhpd", { 6 } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct insn insn = decoded(test, 64, rows[i].bytes);
		u64 mem[4] = { };

		insn_store_vector(&insn, reg, mem);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(mem, rows[i].stored, sizeof(mem)), 0,
				    "%s", rows[i].text);
	}
}

static void other_flags_stay(struct kunit *test)
{
	struct insn insn = decoded(test, 64, "\x01\x07");
	u64 others = ~(u64)FLAGS_ARITH, flags = others, mem = 1;
	u64 regs[16] = { [RAX] = 1 };

	insn_execute(&insn, regs, &flags, &mem);
	KUNIT_EXPECT_EQ(test, flags, others);
	KUNIT_EXPECT_EQ(test, mem, 2ULL);
}

static struct kunit_case insn_execute_cases[] = {
	KUNIT_CASE(results_are_the_processors),
	KUNIT_CASE(random_results_are_the_processors),
	KUNIT_CASE(addresses_are_computed),
	KUNIT_CASE(string_destination_is_rdi),
	KUNIT_CASE(bit_number_selects_memory_as_the_processor_does),
	KUNIT_CASE(only_plain_stores_need_no_old_value),
	KUNIT_CASE(pairs_are_compared_and_exchanged),
	KUNIT_CASE(vectors_are_moved_in_parts),
	KUNIT_CASE(vectors_are_stored_in_parts),
	KUNIT_CASE(other_flags_stay),
	{}
};

static struct kunit_suite insn_execute_suite = {
	.name = "vmxdbg-insn-execute",
	.test_cases = insn_execute_cases,
};

kunit_test_suite(insn_execute_suite);
