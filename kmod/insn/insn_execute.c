// SPDX-License-Identifier: GPL-2.0-only
/* Execution of a decoded instruction on registers, flags and its memory operand. */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <asm/processor-flags.h>

#include "insn/insn.h"
#include "insn/insn_execute.h"

#define FLAGS_RESULT	(X86_EFLAGS_PF | X86_EFLAGS_ZF | X86_EFLAGS_SF)
#define FLAGS_CARRIES	(X86_EFLAGS_CF | X86_EFLAGS_AF | X86_EFLAGS_OF)

static u64 size_mask(unsigned int size)
{
	return size < 8 ? (1ULL << (8 * size)) - 1 : ~0ULL;
}

static u64 sign_bit(unsigned int size)
{
	return 1ULL << (8 * size - 1);
}

static u64 sign_extend_from(u64 val, unsigned int size)
{
	unsigned int unused = 64 - 8 * size;

	return (s64)(val << unused) >> unused;
}

static u64 read_reg(const struct insn *insn, const u64 regs[16])
{
	u64 val = regs[insn->reg];

	if (insn->reg_high)
		val >>= 8;
	return val & size_mask(insn->reg_size);
}

/* 32-bit results clear the upper half, shorter results keep it (SDM vol. 1, 3.4.1.1). */
static void write_low(u64 *reg, unsigned int size, u64 val)
{
	u64 keep = size == 4 ? 0 : ~size_mask(size);

	*reg = (*reg & keep) | (val & size_mask(size));
}

static void execute_write_reg(const struct insn *insn, u64 regs[16], u64 val)
{
	u64 *reg = &regs[insn->reg];

	if (insn->reg_high)
		*reg = (*reg & ~0xff00ULL) | (val & 0xff) << 8;
	else
		write_low(reg, insn->reg_size, val);
}

/* Return: the operand beside memory: a register, or an immediate cut to the width. */
static u64 other_operand(const struct insn *insn, const u64 regs[16])
{
	if (insn->has_imm)
		return insn->imm & size_mask(insn->size);
	return read_reg(insn, regs);
}

u64 insn_address(const struct insn *insn, const u64 regs[16], u64 rip)
{
	u64 addr = insn->disp;

	if (insn->base >= 0)
		addr += regs[insn->base];
	if (insn->index >= 0)
		addr += regs[insn->index] * insn->scale;
	if (insn->rip_relative)
		addr += rip + insn->len;
	/* POP computes its address after it has incremented RSP. */
	if (insn->op == INSN_POP && insn->base == GPR_RSP)
		addr += insn->size;
	/* A bit number in a register may be negative or beyond the operand. */
	if (insn->op >= INSN_BT && insn->op <= INSN_BTC && !insn->has_imm) {
		s64 bit = sign_extend_from(regs[insn->reg], insn->reg_size);

		addr += (bit >> 3) & ~(s64)(insn->size - 1);
	}
	if (insn->op == INSN_XLAT)
		addr += (u8)regs[GPR_RAX];
	return addr & size_mask(insn->addr_size);
}

u64 insn_string_dest(const struct insn *insn, const u64 regs[16])
{
	return regs[GPR_RDI] & size_mask(insn->addr_size);
}

bool insn_reads_memory(const struct insn *insn)
{
	switch (insn->op) {
	case INSN_STORE:
	case INSN_STOS:
	case INSN_SETCC:
	case INSN_POP:
	case INSN_STORE_SEG:
	case INSN_STORE_MMX:
	case INSN_STORE_VECTOR:
	case INSN_FLUSH:
	case INSN_STORE_X87_CONTROL:
	case INSN_STORE_X87_STATUS:
	case INSN_SMSW:
	case INSN_SGDT:
	case INSN_SIDT:
	case INSN_SLDT:
	case INSN_STR:
	case INSN_PUSH_REG ... INSN_ENTER:
		return false;
	default:
		return true;
	}
}

bool insn_writes_memory(const struct insn *insn)
{
	switch (insn->op) {
	case INSN_CMP:
	case INSN_TEST:
		return false;
	default:
		return insn->dest_mem;
	}
}

bool insn_is_string(const struct insn *insn)
{
	return insn->op >= INSN_MOVS && insn->op <= INSN_SCAS;
}

static u64 parity_flag(u64 result)
{
	u8 folded = result ^ (result >> 4);

	/* Bit n of the constant is set if n has an even number of ones. */
	return (0x9669 >> (folded & 0xf)) & 1 ? X86_EFLAGS_PF : 0;
}

/* @carries: bit n is set if bit n of the operation carried or borrowed out. */
static void set_flags(u64 *rflags, unsigned int size, u64 result, u64 carries,
		      bool overflow)
{
	u64 flags = parity_flag(result & 0xff);

	if (!(result & size_mask(size)))
		flags |= X86_EFLAGS_ZF;
	if (result & sign_bit(size))
		flags |= X86_EFLAGS_SF;
	if (carries & sign_bit(size))
		flags |= X86_EFLAGS_CF;
	if (carries & BIT(3))
		flags |= X86_EFLAGS_AF;
	if (overflow)
		flags |= X86_EFLAGS_OF;
	*rflags = (*rflags & ~(FLAGS_RESULT | FLAGS_CARRIES)) | flags;
}

static u64 execute_add(u64 *rflags, unsigned int size, u64 a, u64 b, bool carry)
{
	u64 sum = a + b + carry;
	u64 carries = (a & b) | ((a | b) & ~sum);

	set_flags(rflags, size, sum, carries,
		  (a ^ sum) & (b ^ sum) & sign_bit(size));
	return sum;
}

static u64 subtract(u64 *rflags, unsigned int size, u64 a, u64 b, bool borrow)
{
	u64 diff = a - b - borrow;
	u64 borrows = (~a & b) | ((~a | b) & diff);

	set_flags(rflags, size, diff, borrows,
		  (a ^ b) & (a ^ diff) & sign_bit(size));
	return diff;
}

/* AF is undefined after these; processors clear it. */
static u64 logic(u64 *rflags, unsigned int size, u64 result)
{
	set_flags(rflags, size, result, 0, false);
	return result;
}

/* The operations with two operands. The caller does not store the result of CMP and TEST. */
static u64 arithmetic(u8 op, u64 *rflags, unsigned int size, u64 a, u64 b)
{
	bool carry = *rflags & X86_EFLAGS_CF;

	switch (op) {
	case INSN_ADD:
		return execute_add(rflags, size, a, b, false);
	case INSN_ADC:
		return execute_add(rflags, size, a, b, carry);
	case INSN_SBB:
		return subtract(rflags, size, a, b, carry);
	case INSN_SUB:
	case INSN_CMP:
		return subtract(rflags, size, a, b, false);
	case INSN_OR:
		return logic(rflags, size, a | b);
	case INSN_XOR:
		return logic(rflags, size, a ^ b);
	default: /* INSN_AND, INSN_TEST */
		return logic(rflags, size, a & b);
	}
}

static bool do_arithmetic(const struct insn *insn, u64 regs[16], u64 *rflags,
			  u64 *mem)
{
	u64 other = other_operand(insn, regs);
	u64 a = insn->dest_mem ? *mem : other;
	u64 b = insn->dest_mem ? other : *mem;
	u64 result = arithmetic(insn->op, rflags, insn->size, a, b);

	if (insn->op == INSN_CMP || insn->op == INSN_TEST)
		return false;
	if (insn->dest_mem)
		*mem = result;
	else
		execute_write_reg(insn, regs, result);
	return insn->dest_mem;
}

void insn_compare(unsigned int size, u64 *rflags, u64 a, u64 b)
{
	subtract(rflags, size, a & size_mask(size), b & size_mask(size), false);
}

/* NOT, NEG, INC and DEC. INC and DEC keep CF. */
static u64 do_unary(const struct insn *insn, u64 *rflags, u64 val)
{
	u64 carry = *rflags & X86_EFLAGS_CF;

	switch (insn->op) {
	case INSN_NOT:
		return ~val;
	case INSN_NEG:
		return subtract(rflags, insn->size, 0, val, false);
	case INSN_INC:
		val = execute_add(rflags, insn->size, val, 1, false);
		break;
	default: /* INSN_DEC */
		val = subtract(rflags, insn->size, val, 1, false);
		break;
	}
	*rflags = (*rflags & ~(u64)X86_EFLAGS_CF) | carry;
	return val;
}

/* If the comparison fails, the old value is written to memory. */
static u64 do_cmpxchg(const struct insn *insn, u64 regs[16], u64 *rflags, u64 val)
{
	u64 acc = regs[GPR_RAX] & size_mask(insn->size);

	subtract(rflags, insn->size, acc, val, false);
	if (acc == val)
		return read_reg(insn, regs);
	write_low(&regs[GPR_RAX], insn->size, val);
	return val;
}

static u64 do_bit(const struct insn *insn, const u64 regs[16], u64 *rflags, u64 val)
{
	u64 nr = other_operand(insn, regs) & (8 * insn->size - 1);
	u64 bit = 1ULL << nr;

	*rflags &= ~(u64)X86_EFLAGS_CF;
	if (val & bit)
		*rflags |= X86_EFLAGS_CF;
	switch (insn->op) {
	case INSN_BTS:
		return val | bit;
	case INSN_BTR:
		return val & ~bit;
	case INSN_BTC:
		return val ^ bit;
	default: /* INSN_BT */
		return val;
	}
}

/* CMPXCHG8B and CMPXCHG16B: only ZF changes. */
static void do_cmpxchg_pair(const struct insn *insn, u64 regs[16], u64 *rflags,
			    u64 mem[2])
{
	unsigned int half = insn->size / 2;
	u64 low = mem[0], high = mem[1];

	if (half == 4) {
		low = (u32)mem[0];
		high = mem[0] >> 32;
	}
	*rflags &= ~(u64)X86_EFLAGS_ZF;
	if (low != (regs[GPR_RAX] & size_mask(half)) || high != (regs[GPR_RDX] & size_mask(half))) {
		write_low(&regs[GPR_RAX], half, low);
		write_low(&regs[GPR_RDX], half, high);
	} else if (half == 4) {
		*rflags |= X86_EFLAGS_ZF;
		mem[0] = (u32)regs[GPR_RBX] | regs[GPR_RCX] << 32;
	} else {
		*rflags |= X86_EFLAGS_ZF;
		mem[0] = regs[GPR_RBX];
		mem[1] = regs[GPR_RCX];
	}
}

/* ---- shifts and rotates: one bit at a time, as speed does not matter ---- */

static void put_flag(u64 *rflags, u64 flag, bool set)
{
	*rflags = set ? *rflags | flag : *rflags & ~flag;
}

/* Rotate by one bit. CF becomes the bit that was shifted out. */
static u64 rotate_once(u8 op, u64 *rflags, unsigned int size, u64 val)
{
	u64 carry = *rflags & X86_EFLAGS_CF ? 1 : 0, top = sign_bit(size);
	bool left = op == INSN_ROL || op == INSN_RCL;
	u64 out = left ? !!(val & top) : val & 1;
	u64 in = op == INSN_RCL || op == INSN_RCR ? carry : out;

	put_flag(rflags, X86_EFLAGS_CF, out);
	return left ? (val << 1 | in) & size_mask(size) : val >> 1 | (in ? top : 0);
}

static u64 shift_once(u8 op, u64 *rflags, unsigned int size, u64 val, bool in)
{
	u64 top = sign_bit(size);

	if (op == INSN_SHL || op == INSN_SAL || op == INSN_SHLD) {
		put_flag(rflags, X86_EFLAGS_CF, val & top);
		return (val << 1 | in) & size_mask(size);
	}
	put_flag(rflags, X86_EFLAGS_CF, val & 1);
	if (op == INSN_SAR)
		in = val & top;
	return val >> 1 | (in ? top : 0);
}

/*
 * OF is defined for a count of one: the sign has changed, or for SHR the old sign.
 * Processors compute it in this way from the last step of any count.
 */
static void shift_overflow(const struct insn *insn, u64 *rflags, u64 before, u64 val)
{
	u64 top = sign_bit(insn->size);
	bool carry = *rflags & X86_EFLAGS_CF, of = (before ^ val) & top;

	if (insn->op == INSN_ROL || insn->op == INSN_RCL || insn->op == INSN_SHL ||
	    insn->op == INSN_SAL)
		of = !!(val & top) ^ carry;
	else if (insn->op == INSN_ROR || insn->op == INSN_RCR)
		of = !!(val & top) ^ !!(val & (top >> 1));
	put_flag(rflags, X86_EFLAGS_OF, of);
}

static unsigned int shift_count(const struct insn *insn, const u64 regs[16])
{
	u64 count = insn->has_imm ? insn->imm : regs[GPR_RCX];

	return count & (insn->size == 8 ? 63 : 31);
}

static u64 do_rotate(const struct insn *insn, u64 *rflags, u64 val, unsigned int count)
{
	u64 before = val;

	if (!count)
		return val;
	while (count--) {
		before = val;
		val = rotate_once(insn->op, rflags, insn->size, val);
	}
	shift_overflow(insn, rflags, before, val);
	return val;
}

/* @fill: the bits to shift in, from the top for SHLD, from the bottom for SHRD */
static u64 do_shift(const struct insn *insn, u64 *rflags, u64 val, u64 fill,
		    unsigned int count)
{
	u64 before = val, top = sign_bit(insn->size);
	bool carry, of;

	if (!count)
		return val;
	while (count--) {
		bool in = insn->op == INSN_SHLD ? fill & top : fill & 1;

		before = val;
		val = shift_once(insn->op, rflags, insn->size, val, in);
		/* A count above the width of 16 bits is undefined: rotate @fill. */
		fill = insn->op == INSN_SHLD ? fill << 1 | in :
					       fill >> 1 | (in ? top : 0);
	}
	shift_overflow(insn, rflags, before, val);
	carry = *rflags & X86_EFLAGS_CF;
	of = *rflags & X86_EFLAGS_OF;
	logic(rflags, insn->size, val);
	put_flag(rflags, X86_EFLAGS_CF, carry);
	put_flag(rflags, X86_EFLAGS_OF, of);
	return val;
}

static u64 do_shifts(const struct insn *insn, const u64 regs[16], u64 *rflags, u64 val)
{
	unsigned int count = shift_count(insn, regs);

	if (insn->op <= INSN_RCR)
		return do_rotate(insn, rflags, val, count);
	if (insn->op <= INSN_SAR)
		return do_shift(insn, rflags, val, 0, count);
	return do_shift(insn, rflags, val, read_reg(insn, regs), count);
}

/* CF and OF are set if the product does not fit; the other flags are undefined. */
static void do_imul(const struct insn *insn, u64 regs[16], u64 *rflags, u64 val)
{
	s64 a = sign_extend_from(val, insn->size), product;
	s64 b = insn->has_imm ? (s64)insn->imm :
				(s64)sign_extend_from(read_reg(insn, regs), insn->size);
	bool lost = __builtin_mul_overflow(a, b, &product) ||
		    (s64)sign_extend_from(product, insn->size) != product;

	execute_write_reg(insn, regs, product);
	put_flag(rflags, X86_EFLAGS_CF, lost);
	put_flag(rflags, X86_EFLAGS_OF, lost);
}

/* A number of twice the operand's width: rDX:rAX, or AX for 8 bits */
static unsigned __int128 read_wide(const u64 regs[16], unsigned int size)
{
	u64 mask = size_mask(size);

	if (size == 1)
		return regs[GPR_RAX] & 0xffff;
	return (unsigned __int128)(regs[GPR_RDX] & mask) << (8 * size) | (regs[GPR_RAX] & mask);
}

static void write_wide(u64 regs[16], unsigned int size, u64 low, u64 high)
{
	if (size == 1) {
		write_low(&regs[GPR_RAX], 2, (high & 0xff) << 8 | (low & 0xff));
	} else {
		write_low(&regs[GPR_RAX], size, low);
		write_low(&regs[GPR_RDX], size, high);
	}
}

/* Flags as after IMUL with more operands. */
static void do_multiply(const struct insn *insn, u64 regs[16], u64 *rflags, u64 val)
{
	unsigned int size = insn->size;
	u64 a = regs[GPR_RAX] & size_mask(size);
	unsigned __int128 product = (unsigned __int128)a * val;
	bool lost = product >> (8 * size);

	if (insn->op == INSN_IMUL_WIDE) {
		product = (__int128)(s64)sign_extend_from(a, size) *
			  (s64)sign_extend_from(val, size);
		lost = (__int128)product != (s64)sign_extend_from(product, size);
	}
	write_wide(regs, size, product, product >> (8 * size));
	put_flag(rflags, X86_EFLAGS_CF, lost);
	put_flag(rflags, X86_EFLAGS_OF, lost);
}

/* The dividend and the divisor without their signs */
struct division {
	unsigned __int128 dividend;
	u64 divisor;
	bool negative;		/* the dividend, and so the remainder */
	bool differ;		/* the signs, so the quotient is negative */
};

static struct division division_of(const struct insn *insn, const u64 regs[16], u64 val)
{
	unsigned int size = insn->size, unused = 128 - 16 * size;
	struct division d = { read_wide(regs, size), val & size_mask(size) };
	__int128 dividend = (__int128)(d.dividend << unused) >> unused;
	s64 divisor = sign_extend_from(val, size);

	if (insn->op == INSN_DIV)
		return d;
	d.negative = dividend < 0;
	d.differ = d.negative != (divisor < 0);
	d.dividend = d.negative ? -(unsigned __int128)dividend : dividend;
	d.divisor = divisor < 0 ? -(u64)divisor : divisor;
	return d;
}

/* The quotient fits in 64 bits. The kernel has no division of 128 bits. */
static u64 divide_wide(const struct division *d, u64 *remainder)
{
	u64 quotient;

	asm("divq %[divisor]" : "=a" (quotient), "=d" (*remainder)
	    : "a" ((u64)d->dividend), "d" ((u64)(d->dividend >> 64)),
	      [divisor] "r" (d->divisor) : "cc");
	return quotient;
}

bool insn_divide_error(const struct insn *insn, const u64 regs[16], u64 mem)
{
	struct division d = division_of(insn, regs, mem);
	u64 remainder, most = size_mask(insn->size);

	if (insn->op == INSN_IDIV)
		most = sign_bit(insn->size) - !d.differ;
	return (d.dividend >> 64) >= d.divisor || divide_wide(&d, &remainder) > most;
}

static void do_divide(const struct insn *insn, u64 regs[16], u64 val)
{
	struct division d = division_of(insn, regs, val);
	u64 quotient, remainder;

	if (insn_divide_error(insn, regs, val))
		return;
	quotient = divide_wide(&d, &remainder);
	write_wide(regs, insn->size, d.differ ? -quotient : quotient,
		   d.negative ? -remainder : remainder);
}

/* BSF and BSR of 0 set ZF, and leave the whole register as it was. */
static void do_bit_scan(const struct insn *insn, u64 regs[16], u64 *rflags, u64 val)
{
	put_flag(rflags, X86_EFLAGS_ZF, !val);
	if (val)
		execute_write_reg(insn, regs, insn->op == INSN_BSF ? __builtin_ctzll(val) :
							     63 - __builtin_clzll(val));
}

/* Conditions come in pairs; the second of a pair is the opposite of the first. */
static bool condition(u8 cond, u64 rflags)
{
	bool less = !(rflags & X86_EFLAGS_SF) != !(rflags & X86_EFLAGS_OF);
	bool is;

	switch (cond >> 1) {
	case 0:
		is = rflags & X86_EFLAGS_OF;
		break;
	case 1:
		is = rflags & X86_EFLAGS_CF;
		break;
	case 2:
		is = rflags & X86_EFLAGS_ZF;
		break;
	case 3:
		is = rflags & (X86_EFLAGS_CF | X86_EFLAGS_ZF);
		break;
	case 4:
		is = rflags & X86_EFLAGS_SF;
		break;
	case 5:
		is = rflags & X86_EFLAGS_PF;
		break;
	case 6:
		is = less;
		break;
	default:
		is = less || (rflags & X86_EFLAGS_ZF);
	}
	return is != (cond & 1);
}

static u64 swapped(const struct insn *insn, u64 val)
{
	return insn->swap ? __builtin_bswap64(val) >> (64 - 8 * insn->size) : val;
}

/* Even a false condition clears the upper half of a 32-bit register. */
static void do_cmov(const struct insn *insn, u64 regs[16], u64 rflags, u64 val)
{
	if (!condition(insn->cond, rflags))
		val = read_reg(insn, regs);
	execute_write_reg(insn, regs, val);
}

static void do_load(const struct insn *insn, u64 regs[16], u64 val)
{
	if (insn->sign_extend)
		val = sign_extend_from(val, insn->size);
	execute_write_reg(insn, regs, swapped(insn, val));
}

/* XCHG and XADD change memory and register. */
static u64 do_exchange(const struct insn *insn, u64 regs[16], u64 *rflags, u64 val)
{
	u64 reg = read_reg(insn, regs);

	execute_write_reg(insn, regs, val);
	if (insn->op == INSN_XCHG)
		return reg;
	return execute_add(rflags, insn->size, val, reg, false); /* INSN_XADD */
}

static bool execute_execute(const struct insn *insn, u64 regs[16], u64 *rflags, u64 *mem)
{
	switch (insn->op) {
	case INSN_LOAD:
		do_load(insn, regs, *mem);
		return false;
	case INSN_STORE:
		*mem = swapped(insn, other_operand(insn, regs));
		return true;
	case INSN_NOT:
	case INSN_NEG:
	case INSN_INC:
	case INSN_DEC:
		*mem = do_unary(insn, rflags, *mem);
		return true;
	case INSN_XCHG:
	case INSN_XADD:
		*mem = do_exchange(insn, regs, rflags, *mem);
		return true;
	case INSN_CMPXCHG:
		*mem = do_cmpxchg(insn, regs, rflags, *mem);
		return true;
	case INSN_CMPXCHG_PAIR:
		do_cmpxchg_pair(insn, regs, rflags, mem);
		return true;
	case INSN_ROL ... INSN_SHRD:
		*mem = do_shifts(insn, regs, rflags, *mem);
		return true;
	case INSN_IMUL:
		do_imul(insn, regs, rflags, *mem);
		return false;
	case INSN_MUL:
	case INSN_IMUL_WIDE:
		do_multiply(insn, regs, rflags, *mem);
		return false;
	case INSN_DIV:
	case INSN_IDIV:
		do_divide(insn, regs, *mem);
		return false;
	case INSN_BSF:
	case INSN_BSR:
		do_bit_scan(insn, regs, rflags, *mem);
		return false;
	case INSN_CMOV:
		do_cmov(insn, regs, *rflags, *mem);
		return false;
	case INSN_SETCC:
		*mem = condition(insn->cond, *rflags);
		return true;
	case INSN_BT:
	case INSN_BTS:
	case INSN_BTR:
	case INSN_BTC:
		*mem = do_bit(insn, regs, rflags, *mem);
		return insn->op != INSN_BT;
	default:
		return do_arithmetic(insn, regs, rflags, mem);
	}
}

bool insn_execute(const struct insn *insn, u64 regs[16], u64 *rflags, u64 *mem)
{
	bool write;

	*mem &= size_mask(insn->size);
	write = execute_execute(insn, regs, rflags, mem);
	*mem &= size_mask(insn->size);
	return write;
}

/* ---- vector registers ---- */

void insn_load_vector(const struct insn *insn, u64 reg[4], const u64 other[4],
		      const u64 mem[4])
{
	unsigned int i, words = DIV_ROUND_UP(insn->size, 8);
	u64 result[4] = {};

	for (i = 0; i < words; i++)
		result[i] = mem[i] & size_mask(insn->size - 8 * i);
	if (insn->part == INSN_PARTIAL) {
		result[1] = other[1];
	} else if (insn->part == INSN_HIGH) {
		result[1] = result[0];
		result[0] = other[0];
	}
	for (i = 0; i < 4; i++)
		if (i < 2 || insn->vex)
			reg[i] = result[i];
}

void insn_store_vector(const struct insn *insn, const u64 reg[4], u64 mem[4])
{
	unsigned int i, words = DIV_ROUND_UP(insn->size, 8);

	if (insn->part == INSN_HIGH) {
		mem[0] = reg[1];
		return;
	}
	for (i = 0; i < words; i++)
		mem[i] = reg[i] & size_mask(insn->size - 8 * i);
}
