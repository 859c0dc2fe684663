// SPDX-License-Identifier: GPL-2.0-only
/* What a decoded instruction does to registers, flags and its operand. */
#include <linux/bits.h>
#include <linux/types.h>
#include <asm/processor-flags.h>

#include "insn.h"

#define RAX	0
#define RSP	4
#define RDI	7

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

/* 32-bit results clear the upper half, shorter ones leave it (vol. 1, 3.4.1.1). */
static void write_low(u64 *reg, unsigned int size, u64 val)
{
	u64 keep = size == 4 ? 0 : ~size_mask(size);

	*reg = (*reg & keep) | (val & size_mask(size));
}

static void write_reg(const struct insn *insn, u64 regs[16], u64 val)
{
	u64 *reg = &regs[insn->reg];

	if (insn->reg_high)
		*reg = (*reg & ~0xff00ULL) | (val & 0xff) << 8;
	else
		write_low(reg, insn->reg_size, val);
}

/* The register or immediate that goes with memory, cut to the width of it. */
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
	/* POP computes its address with RSP already moved. */
	if (insn->op == INSN_POP && insn->base == RSP)
		addr += insn->size;
	/* A bit number in a register reaches beyond the operand, both ways. */
	if (insn->op >= INSN_BT && insn->op <= INSN_BTC && !insn->has_imm) {
		s64 bit = sign_extend_from(regs[insn->reg], insn->reg_size);

		addr += (bit >> 3) & ~(s64)(insn->size - 1);
	}
	return addr & size_mask(insn->addr_size);
}

u64 insn_string_dest(const struct insn *insn, const u64 regs[16])
{
	return regs[RDI] & size_mask(insn->addr_size);
}

bool insn_reads_memory(const struct insn *insn)
{
	return insn->op != INSN_STORE && insn->op != INSN_STOS &&
	       insn->op != INSN_POP;
}

static u64 parity_flag(u64 result)
{
	u8 folded = result ^ (result >> 4);

	/* bit n of the constant: n has an even number of ones */
	return (0x9669 >> (folded & 0xf)) & 1 ? X86_EFLAGS_PF : 0;
}

/* @carries has one bit for each bit that carried (or borrowed) out. */
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

static u64 add(u64 *rflags, unsigned int size, u64 a, u64 b, bool carry)
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

/* AF is undefined here; processors clear it. */
static u64 logic(u64 *rflags, unsigned int size, u64 result)
{
	set_flags(rflags, size, result, 0, false);
	return result;
}

/* The operations with two operands; what CMP and TEST return is not stored. */
static u64 arithmetic(u8 op, u64 *rflags, unsigned int size, u64 a, u64 b)
{
	bool carry = *rflags & X86_EFLAGS_CF;

	switch (op) {
	case INSN_ADD:
		return add(rflags, size, a, b, false);
	case INSN_ADC:
		return add(rflags, size, a, b, carry);
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
		write_reg(insn, regs, result);
	return insn->dest_mem;
}

/* NOT, NEG, INC and DEC. The latter two keep CF. */
static u64 do_unary(const struct insn *insn, u64 *rflags, u64 val)
{
	u64 carry = *rflags & X86_EFLAGS_CF;

	switch (insn->op) {
	case INSN_NOT:
		return ~val;
	case INSN_NEG:
		return subtract(rflags, insn->size, 0, val, false);
	case INSN_INC:
		val = add(rflags, insn->size, val, 1, false);
		break;
	default: /* INSN_DEC */
		val = subtract(rflags, insn->size, val, 1, false);
		break;
	}
	*rflags = (*rflags & ~(u64)X86_EFLAGS_CF) | carry;
	return val;
}

/* Memory is written even if the comparison fails: with what it held. */
static u64 do_cmpxchg(const struct insn *insn, u64 regs[16], u64 *rflags, u64 val)
{
	u64 acc = regs[RAX] & size_mask(insn->size);

	subtract(rflags, insn->size, acc, val, false);
	if (acc == val)
		return read_reg(insn, regs);
	write_low(&regs[RAX], insn->size, val);
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

static void do_load(const struct insn *insn, u64 regs[16], u64 val)
{
	if (insn->sign_extend)
		val = sign_extend_from(val, insn->size);
	write_reg(insn, regs, val);
}

/* The exchanges: memory and register both change. */
static u64 do_exchange(const struct insn *insn, u64 regs[16], u64 *rflags, u64 val)
{
	u64 reg = read_reg(insn, regs);

	write_reg(insn, regs, val);
	if (insn->op == INSN_XCHG)
		return reg;
	return add(rflags, insn->size, val, reg, false); /* INSN_XADD */
}

static bool execute(const struct insn *insn, u64 regs[16], u64 *rflags, u64 *mem)
{
	switch (insn->op) {
	case INSN_LOAD:
		do_load(insn, regs, *mem);
		return false;
	case INSN_STORE:
		*mem = other_operand(insn, regs);
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
	write = execute(insn, regs, rflags, mem);
	*mem &= size_mask(insn->size);
	return write;
}
