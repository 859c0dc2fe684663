// SPDX-License-Identifier: GPL-2.0-only
/* Decoding and execution of simple instructions, see insn_simple.h. */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/types.h>

#include "insn/insn.h"
#include "insn/insn_execute.h"
#include "insn/insn_simple.h"

/* The state of the decoder. */
struct simple_decoder {
	const u8 *bytes;
	unsigned int len, pos;
	bool short_of;		/* the instruction is longer than @len */
	u8 rex, modrm;
	bool opsize, addrsize, repz;
	u16 opcode;
	struct insn_simple *s;
};

static u64 simple_fetch(struct simple_decoder *d, unsigned int size)
{
	unsigned int i;
	u64 val = 0;

	if (d->short_of || size > d->len - d->pos) {
		d->short_of = true;
		return 0;
	}
	for (i = 0; i < size; i++)
		val |= (u64)d->bytes[d->pos++] << (8 * i);
	return val;
}

static u64 simple_fetch_signed(struct simple_decoder *d, unsigned int size)
{
	unsigned int unused = 64 - 8 * size;

	return (s64)(simple_fetch(d, size) << unused) >> unused;
}

/* Decode prefixes and opcode. Return: false for LOCK and F2: not simple. */
static bool simple_opcode(struct simple_decoder *d)
{
	u8 byte;

	for (;;) {
		byte = simple_fetch(d, 1);
		if (byte == 0xf0 || byte == 0xf2)
			return false;
		if (!insn_is_prefix(byte, 64))
			break;
		/* REX counts only right before the opcode (SDM vol. 2, 2.2.1). */
		d->rex = (byte & 0xf0) == 0x40 ? byte : 0;
		d->opsize |= byte == 0x66;
		d->addrsize |= byte == 0x67;
		d->repz |= byte == 0xf3;
	}
	d->opcode = byte == 0x0f ? INSN_MAP_0F | simple_fetch(d, 1) : byte;
	return true;
}

/* @wide: the operand has more than 8 bits (bit 0 of most opcodes). Return: bytes. */
static u8 simple_operand_size(const struct simple_decoder *d, bool wide)
{
	if (!wide)
		return 1;
	return d->rex & REX_W ? 8 : d->opsize ? 2 : 4;
}

static void set_size(struct simple_decoder *d, u8 size)
{
	d->s->insn.size = size;
	d->s->insn.reg_size = size;
}

/* Without REX, byte registers 4 to 7 are AH to BH. */
static u8 byte_register(const struct simple_decoder *d, u8 nr, u8 size, bool *high)
{
	*high = size == 1 && !d->rex && nr >= 4;
	return *high ? nr - 4 : nr;
}

static void set_reg(struct simple_decoder *d, u8 nr)
{
	struct insn *insn = &d->s->insn;

	insn->reg = byte_register(d, nr, insn->reg_size, &insn->reg_high);
}

static void set_rm(struct simple_decoder *d, u8 nr)
{
	d->s->rm = byte_register(d, nr, d->s->insn.size, &d->s->rm_high);
}

/* @bits: the opcode or ModRM, whose low bits are a register number */
static u8 low_register(const struct simple_decoder *d, u8 bits)
{
	return (bits & 7) | (d->rex & REX_B ? 8 : 0);
}

static u8 modrm_reg(const struct simple_decoder *d)
{
	return (d->modrm >> 3 & 7) | (d->rex & REX_R ? 8 : 0);
}

/* Called after the sizes are set. Return: false if ModRM names memory. */
static bool set_operands(struct simple_decoder *d)
{
	if (d->modrm < 0xc0)
		return false;
	set_reg(d, modrm_reg(d));
	set_rm(d, low_register(d, d->modrm));
	return true;
}

static void set_imm(struct simple_decoder *d, u8 size)
{
	d->s->insn.has_imm = true;
	d->s->insn.imm = simple_fetch_signed(d, size);
}

static void set_operation(struct simple_decoder *d, u8 op, bool to_rm)
{
	d->s->form = INSN_FORM_REGISTER;
	d->s->insn.op = op;
	d->s->insn.dest_mem = to_rm;
}

/* ---- memory operands that are not accessed: LEA and the long NOPs ---- */

static bool simple_sib(struct simple_decoder *d)
{
	struct insn *insn = &d->s->insn;
	u8 sib = simple_fetch(d, 1), index = (sib >> 3 & 7) | (d->rex & REX_X ? 8 : 0);

	insn->scale = 1 << (sib >> 6);
	insn->index = index == GPR_RSP ? INSN_NO_REG : index;
	if ((sib & 7) == GPR_RBP && d->modrm < 0x40)
		return true;
	insn->base = low_register(d, sib);
	return false;
}

/* SDM vol. 2, table 2-2 */
static void decode_address(struct simple_decoder *d)
{
	struct insn *insn = &d->s->insn;
	u8 mod = d->modrm >> 6, rm = d->modrm & 7;
	bool disp32 = mod == 2;

	insn->addr_size = 8;
	if (rm == GPR_RSP)
		disp32 |= simple_sib(d);
	else if (!mod && rm == GPR_RBP)
		insn->rip_relative = true;
	else
		insn->base = low_register(d, rm);
	if (disp32 || insn->rip_relative)
		insn->disp = simple_fetch_signed(d, 4);
	else if (mod == 1)
		insn->disp = simple_fetch_signed(d, 1);
}

/* LEA with 67 is refused, as nobody uses it on purpose. */
static bool decode_lea(struct simple_decoder *d)
{
	d->modrm = simple_fetch(d, 1);
	if (d->modrm >= 0xc0 || d->addrsize)
		return false;
	d->s->form = INSN_FORM_ADDRESS;
	d->s->insn.op = INSN_LOAD;
	d->s->insn.size = 8;
	d->s->insn.reg_size = simple_operand_size(d, true);
	set_reg(d, modrm_reg(d));
	decode_address(d);
	return true;
}

/* Long NOPs may have 66 and 67, as assemblers fill space with them. */
static bool decode_long_nop(struct simple_decoder *d)
{
	d->modrm = simple_fetch(d, 1);
	if (d->modrm & 0x38)
		return false;
	if (d->modrm < 0xc0)
		decode_address(d);
	d->s->form = INSN_FORM_NOP;
	return true;
}

/* ENDBR32 and ENDBR64 are NOPs, since guests have no CET. */
static bool decode_endbr(struct simple_decoder *d)
{
	d->modrm = simple_fetch(d, 1);
	d->s->form = INSN_FORM_NOP;
	return d->repz && (d->modrm & 0xfe) == 0xfa;
}

/* ---- registers ---- */

/* Bits 5:3 of the opcode, or of ModRM if there is an immediate, select the operation. */
static bool decode_arithmetic(struct simple_decoder *d, u8 imm_size)
{
	u8 low = d->opcode & 7;

	set_size(d, simple_operand_size(d, d->opcode & 1));
	if (d->opcode < 0x40 && low >= 4) {	/* accumulator and immediate */
		set_operation(d, INSN_ADD + (d->opcode >> 3), true);
		set_rm(d, GPR_RAX);
		set_imm(d, min_t(u8, d->s->insn.size, 4));
		return true;
	}
	d->modrm = simple_fetch(d, 1);
	if (d->opcode < 0x40) {
		set_operation(d, INSN_ADD + (d->opcode >> 3), low < 2);
		return set_operands(d);
	}
	set_operation(d, INSN_ADD + (d->modrm >> 3 & 7), true);
	if (!set_operands(d))
		return false;
	set_imm(d, imm_size);
	return true;
}

/* TEST, NOT and NEG of F6 and F7, INC and DEC of FE and FF */
static bool decode_unary(struct simple_decoder *d)
{
	static const u8 ops[2][8] = {
		{ [0] = INSN_TEST, [2] = INSN_NOT, [3] = INSN_NEG },
		{ [0] = INSN_INC, [1] = INSN_DEC },
	};
	u8 op;

	d->modrm = simple_fetch(d, 1);
	op = ops[d->opcode >= 0xfe][d->modrm >> 3 & 7];
	set_size(d, simple_operand_size(d, d->opcode & 1));
	set_operation(d, op, true);
	if (!op || !set_operands(d))
		return false;
	if (op == INSN_TEST)
		set_imm(d, min_t(u8, d->s->insn.size, 4));
	return true;
}

/* Two registers of equal width in ModRM. */
static bool decode_pair(struct simple_decoder *d, u8 op, bool to_rm)
{
	d->modrm = simple_fetch(d, 1);
	set_size(d, simple_operand_size(d, d->opcode & 1));
	set_operation(d, op, to_rm);
	return set_operands(d);
}

/* A load of @size bytes of one register into another. */
static bool decode_widening(struct simple_decoder *d, u8 size, bool sign)
{
	d->modrm = simple_fetch(d, 1);
	set_operation(d, INSN_LOAD, false);
	d->s->insn.size = size;
	d->s->insn.reg_size = simple_operand_size(d, true);
	d->s->insn.sign_extend = sign;
	return set_operands(d);
}

static bool decode_movsxd(struct simple_decoder *d)
{
	return !d->opsize && decode_widening(d, 4, true);
}

static bool decode_mov_imm(struct simple_decoder *d)
{
	bool in_opcode = d->opcode < 0xc0;

	set_operation(d, INSN_STORE, true);
	set_size(d, simple_operand_size(d, in_opcode ? d->opcode & 8 : d->opcode & 1));
	if (in_opcode) {
		set_rm(d, low_register(d, d->opcode));
		set_imm(d, d->s->insn.size);
		return true;
	}
	d->modrm = simple_fetch(d, 1);
	if ((d->modrm & 0x38) || !set_operands(d))
		return false;
	set_imm(d, min_t(u8, d->s->insn.size, 4));
	return true;
}

/* 90 is NOP, PAUSE with F3, and exchanges R8 with REX.B. */
static bool decode_xchg_rax(struct simple_decoder *d)
{
	if (d->opcode == 0x90 && !(d->rex & REX_B)) {
		d->s->form = INSN_FORM_NOP;
		return !d->repz;
	}
	set_operation(d, INSN_XCHG, true);
	set_size(d, simple_operand_size(d, true));
	set_reg(d, GPR_RAX);
	set_rm(d, low_register(d, d->opcode));
	return true;
}

/* CBW, CWDE, CDQE */
static bool decode_widen_rax(struct simple_decoder *d)
{
	set_operation(d, INSN_LOAD, false);
	d->s->insn.reg_size = simple_operand_size(d, true);
	d->s->insn.size = d->s->insn.reg_size / 2;
	d->s->insn.sign_extend = true;
	return true;
}

static bool decode_sign_of_rax(struct simple_decoder *d)
{
	set_operation(d, INSN_LOAD, false);
	d->s->form = INSN_FORM_SIGN;
	set_size(d, simple_operand_size(d, true));
	set_reg(d, GPR_RDX);
	return true;
}

static bool decode_bswap(struct simple_decoder *d)
{
	set_operation(d, INSN_LOAD, false);
	set_size(d, simple_operand_size(d, true));
	set_reg(d, low_register(d, d->opcode));
	set_rm(d, low_register(d, d->opcode));
	d->s->insn.swap = true;
	return !d->opsize;		/* 16-bit BSWAP is undefined */
}

static bool decode_on_condition(struct simple_decoder *d)
{
	d->modrm = simple_fetch(d, 1);
	d->s->insn.cond = d->opcode & 15;
	if (d->opcode >= (INSN_MAP_0F | 0x90)) {
		set_operation(d, INSN_SETCC, true);
		set_size(d, 1);
	} else {
		set_operation(d, INSN_CMOV, false);
		set_size(d, simple_operand_size(d, true));
	}
	return set_operands(d);
}

/* Jumps with 66 are refused: Intel's processors ignore the prefix, others do not. */
static bool decode_jump(struct simple_decoder *d, bool conditional, u8 size)
{
	d->s->form = conditional ? INSN_FORM_JUMP_IF : INSN_FORM_JUMP;
	d->s->insn.op = INSN_SETCC;
	d->s->insn.size = 1;
	d->s->insn.cond = d->opcode & 15;
	d->s->insn.disp = simple_fetch_signed(d, size);
	return !d->opsize;
}

/* PUSH with 66 is refused, as it pushes 16 bits. */
static bool decode_push(struct simple_decoder *d)
{
	d->s->form = INSN_FORM_PUSH;
	d->s->rm = low_register(d, d->opcode);
	return !d->opsize;
}

static bool decode_call(struct simple_decoder *d)
{
	d->s->form = INSN_FORM_CALL;
	d->s->insn.disp = simple_fetch_signed(d, 4);
	return !d->opsize;
}

static bool decode_0f(struct simple_decoder *d)
{
	switch (d->opcode & 0xff) {
	case 0x1e:
		return decode_endbr(d);
	case 0x1f:
		return decode_long_nop(d);
	case 0x40 ... 0x4f:
	case 0x90 ... 0x9f:
		return decode_on_condition(d);
	case 0x80 ... 0x8f:
		return decode_jump(d, true, 4);
	case 0xb6: case 0xb7: case 0xbe: case 0xbf:
		return decode_widening(d, 1 + (d->opcode & 1), d->opcode & 8);
	case 0xc8 ... 0xcf:
		return decode_bswap(d);
	default:
		return false;
	}
}

static bool decode_one_byte(struct simple_decoder *d)
{
	switch (d->opcode) {
	case 0x00 ... 0x3f:
		return (d->opcode & 7) < 6 && decode_arithmetic(d, 0);
	case 0x50 ... 0x57:
		return decode_push(d);
	case 0x63:
		return decode_movsxd(d);
	case 0x70 ... 0x7f:
		return decode_jump(d, true, 1);
	case 0x80: case 0x83:
		return decode_arithmetic(d, 1);
	case 0x81:
		return decode_arithmetic(d, d->opsize && !(d->rex & REX_W) ? 2 : 4);
	case 0x84: case 0x85:
		return decode_pair(d, INSN_TEST, true);
	case 0x86: case 0x87:
		return decode_pair(d, INSN_XCHG, true);
	case 0x88: case 0x89:
		return decode_pair(d, INSN_STORE, true);
	case 0x8a: case 0x8b:
		return decode_pair(d, INSN_LOAD, false);
	case 0x8d:
		return decode_lea(d);
	case 0x90 ... 0x97:
		return decode_xchg_rax(d);
	case 0x98:
		return decode_widen_rax(d);
	case 0x99:
		return decode_sign_of_rax(d);
	case 0xa8: case 0xa9:
		set_size(d, simple_operand_size(d, d->opcode & 1));
		set_operation(d, INSN_TEST, true);
		set_imm(d, min_t(u8, d->s->insn.size, 4));
		return true;
	case 0xb0 ... 0xbf:
	case 0xc6: case 0xc7:
		return decode_mov_imm(d);
	case 0xe8:
		return decode_call(d);
	case 0xe9: case 0xeb:
		return decode_jump(d, false, d->opcode == 0xe9 ? 4 : 1);
	case 0xf6: case 0xf7: case 0xfe: case 0xff:
		return decode_unary(d);
	default:
		return false;
	}
}

static bool involves_rsp(const struct insn_simple *s)
{
	const struct insn *insn = &s->insn;

	switch (s->form) {
	case INSN_FORM_REGISTER:
		return s->rm == GPR_RSP || insn->reg == GPR_RSP;
	case INSN_FORM_ADDRESS:
		return insn->base == GPR_RSP || insn->reg == GPR_RSP;
	default:
		return insn_simple_stores(s);
	}
}

bool insn_simple_decode(const u8 *bytes, unsigned int len, struct insn_simple *s)
{
	struct simple_decoder d = {
		.bytes = bytes, .len = min_t(unsigned int, len, INSN_MAX), .s = s };
	bool is;

	*s = (struct insn_simple){
		.insn = { .base = INSN_NO_REG, .index = INSN_NO_REG, .scale = 1 } };
	is = simple_opcode(&d);
	if (is)
		is = d.opcode & INSN_MAP_0F ? decode_0f(&d) : decode_one_byte(&d);
	/* F3 is allowed only with the NOPs. */
	if (!is || d.short_of || (d.repz && s->form != INSN_FORM_NOP)) {
		s->form = INSN_FORM_NONE;
		return false;
	}
	s->len = d.pos;
	s->insn.len = d.pos;
	s->uses_rsp = involves_rsp(s);
	return true;
}

/* ---- execution ---- */

static u64 read_rm(const struct insn_simple *s, const u64 regs[16])
{
	return s->rm_high ? regs[s->rm] >> 8 : regs[s->rm];
}

/* @val has no bits above the operand's width. */
static void write_rm(const struct insn_simple *s, u64 regs[16], u64 val)
{
	u64 *reg = &regs[s->rm];

	if (s->rm_high)
		*reg = (*reg & ~0xff00ULL) | val << 8;
	else if (s->insn.size >= 4)
		*reg = val;
	else
		*reg = (*reg & ~0ULL << 8 * s->insn.size) | val;
}

u64 insn_simple_execute(const struct insn_simple *s, u64 regs[16], u64 *rflags, u64 rip)
{
	const struct insn *insn = &s->insn;
	u64 next = rip + s->len, val = 0;

	switch (s->form) {
	case INSN_FORM_REGISTER:
		val = read_rm(s, regs);
		if (insn_execute(insn, regs, rflags, &val))
			write_rm(s, regs, val);
		return next;
	case INSN_FORM_ADDRESS:
		val = insn_address(insn, regs, rip);
		insn_execute(insn, regs, rflags, &val);
		return next;
	case INSN_FORM_SIGN:
		val = regs[GPR_RAX] >> (8 * insn->size - 1) & 1 ? ~0ULL : 0;
		insn_execute(insn, regs, rflags, &val);
		return next;
	case INSN_FORM_CALL:
		regs[GPR_RSP] -= sizeof(u64);
		fallthrough;
	case INSN_FORM_JUMP:
		return next + insn->disp;
	case INSN_FORM_PUSH:
		regs[GPR_RSP] -= sizeof(u64);
		return next;
	case INSN_FORM_JUMP_IF:
		insn_execute(insn, regs, rflags, &val);
		return val ? next + insn->disp : next;
	default:
		return next;
	}
}
