// SPDX-License-Identifier: GPL-2.0-only
/*
 * Encodings as the assembler makes them, and some that it would not make, with their
 * meanings.
 */
#include <kunit/test.h>

#include "../../kmod/insn/insn_decode.c"
#include "gpr.h"

#define NONE	INSN_NO_REG

/* Properties of an instruction besides its operands */
#define DEST	BIT(0)		/* the destination is memory */
#define HIGH	BIT(1)
#define SIGNED	BIT(2)
#define IMMED	BIT(3)
#define REP	BIT(4)
#define REPNE	BIT(5)
#define LOCKED	BIT(6)
#define RIP	BIT(7)

#define BYTES(string)	string, sizeof(string) - 1

static const struct {
	u8 bits;
	const char *bytes;
	u8 len;
	const char *text;
	u8 op;
	struct {
		u8 size, addr_size, seg;
		s8 base, index;
		u8 scale;
		s64 disp;
	} mem;
	struct {
		u8 size, nr;
	} reg;			/* size 0: no operand */
	u8 is;
	s64 imm;
} good[] = {
	{ 64, BYTES("\x88\x07"), "mov %al,(%rdi)",
	  INSN_STORE, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RAX }, DEST, 0 },
	{ 64, BYTES("\x88\x27"), "mov %ah,(%rdi)",
	  INSN_STORE, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RAX }, DEST | HIGH, 0 },
	{ 64, BYTES("\x88\x3f"), "mov %bh,(%rdi)",
	  INSN_STORE, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RBX }, DEST | HIGH, 0 },
	{ 64, BYTES("\x40\x88\x37"), "mov %sil,(%rdi)",
	  INSN_STORE, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RSI }, DEST, 0 },
	{ 64, BYTES("\x40\x88\x27"), "mov %spl,(%rdi)",
	  INSN_STORE, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RSP }, DEST, 0 },
	{ 64, BYTES("\x44\x88\x27"), "mov %r12b,(%rdi)",
	  INSN_STORE, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, 12 }, DEST, 0 },
	{ 64, BYTES("\x66\x89\x07"), "mov %ax,(%rdi)",
	  INSN_STORE, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 64, BYTES("\x89\x07"), "mov %eax,(%rdi)",
	  INSN_STORE, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x48\x89\x07"), "mov %rax,(%rdi)",
	  INSN_STORE, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, RAX }, DEST, 0 },
	{ 64, BYTES("\x4d\x89\x3e"), "mov %r15,(%r14)",
	  INSN_STORE, { 8, 8, INSN_DS, 14, NONE, 1, 0 }, { 8, 15 }, DEST, 0 },
	{ 64, BYTES("\x8a\x0e"), "mov (%rsi),%cl",
	  INSN_LOAD, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 1, RCX }, 0, 0 },
	{ 64, BYTES("\x8a\x2e"), "mov (%rsi),%ch",
	  INSN_LOAD, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 1, RCX }, HIGH, 0 },
	{ 64, BYTES("\x66\x8b\x0e"), "mov (%rsi),%cx",
	  INSN_LOAD, { 2, 8, INSN_DS, RSI, NONE, 1, 0 }, { 2, RCX }, 0, 0 },
	{ 64, BYTES("\x8b\x0e"), "mov (%rsi),%ecx",
	  INSN_LOAD, { 4, 8, INSN_DS, RSI, NONE, 1, 0 }, { 4, RCX }, 0, 0 },
	{ 64, BYTES("\x4c\x8b\x0e"), "mov (%rsi),%r9",
	  INSN_LOAD, { 8, 8, INSN_DS, RSI, NONE, 1, 0 }, { 8, 9 }, 0, 0 },
	{ 64, BYTES("\xc6\x00\x80"), "movb $0x80,(%rax)",
	  INSN_STORE, { 1, 8, INSN_DS, RAX, NONE, 1, 0 }, {}, DEST | IMMED, -0x80 },
	{ 64, BYTES("\x66\xc7\x00\x00\x80"), "movw $0x8000,(%rax)",
	  INSN_STORE, { 2, 8, INSN_DS, RAX, NONE, 1, 0 }, {}, DEST | IMMED, -0x8000 },
	{ 64, BYTES("\xc7\x00\x00\x00\x00\x80"), "movl $0x80000000,(%rax)",
	  INSN_STORE, { 4, 8, INSN_DS, RAX, NONE, 1, 0 }, {}, DEST | IMMED, -0x80000000LL },
	{ 64, BYTES("\x48\xc7\x00\xfe\xff\xff\xff"), "movq $-2,(%rax)",
	  INSN_STORE, { 8, 8, INSN_DS, RAX, NONE, 1, 0 }, {}, DEST | IMMED, -2 },
	{ 64, BYTES("\xc7\x05\x10\x00\x00\x00\x78\x56\x34\x12"), "movl $0x12345678,0x10(%rip)",
	  INSN_STORE, { 4, 8, INSN_DS, NONE, NONE, 1, 0x10 }, {}, DEST | IMMED | RIP, 0x12345678 },
	{ 64, BYTES("\x0f\xc3\x07"), "movnti %eax,(%rdi)",
	  INSN_STORE, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x4c\x0f\xc3\x07"), "movnti %r8,(%rdi)",
	  INSN_STORE, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 8 }, DEST, 0 },
	{ 64, BYTES("\x0f\xb6\x06"), "movzbl (%rsi),%eax",
	  INSN_LOAD, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 4, RAX }, 0, 0 },
	{ 64, BYTES("\x66\x0f\xb6\x06"), "movzbw (%rsi),%ax",
	  INSN_LOAD, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 2, RAX }, 0, 0 },
	{ 64, BYTES("\x4c\x0f\xb6\x16"), "movzbq (%rsi),%r10",
	  INSN_LOAD, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 8, 10 }, 0, 0 },
	{ 64, BYTES("\x0f\xb7\x26"), "movzwl (%rsi),%esp",
	  INSN_LOAD, { 2, 8, INSN_DS, RSI, NONE, 1, 0 }, { 4, RSP }, 0, 0 },
	{ 64, BYTES("\x48\x0f\xb7\x06"), "movzwq (%rsi),%rax",
	  INSN_LOAD, { 2, 8, INSN_DS, RSI, NONE, 1, 0 }, { 8, RAX }, 0, 0 },
	{ 64, BYTES("\x0f\xbe\x06"), "movsbl (%rsi),%eax",
	  INSN_LOAD, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 4, RAX }, SIGNED, 0 },
	{ 64, BYTES("\x66\x0f\xbe\x36"), "movsbw (%rsi),%si",
	  INSN_LOAD, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 2, RSI }, SIGNED, 0 },
	{ 64, BYTES("\x0f\xbf\x06"), "movswl (%rsi),%eax",
	  INSN_LOAD, { 2, 8, INSN_DS, RSI, NONE, 1, 0 }, { 4, RAX }, SIGNED, 0 },
	{ 64, BYTES("\x48\x0f\xbf\x06"), "movswq (%rsi),%rax",
	  INSN_LOAD, { 2, 8, INSN_DS, RSI, NONE, 1, 0 }, { 8, RAX }, SIGNED, 0 },
	{ 64, BYTES("\x48\x63\x06"), "movslq (%rsi),%rax",
	  INSN_LOAD, { 4, 8, INSN_DS, RSI, NONE, 1, 0 }, { 8, RAX }, SIGNED, 0 },
	{ 64, BYTES("\x63\x06"), "movsxd (%rsi),%eax",
	  INSN_LOAD, { 4, 8, INSN_DS, RSI, NONE, 1, 0 }, { 4, RAX }, SIGNED, 0 },
	{ 64, BYTES("\x66\x63\x06"), "movsxd (%rsi),%ax",
	  INSN_LOAD, { 2, 8, INSN_DS, RSI, NONE, 1, 0 }, { 2, RAX }, SIGNED, 0 },
	{ 64, BYTES("\x89\x43\x7f"), "mov %eax,0x7f(%rbx)",
	  INSN_STORE, { 4, 8, INSN_DS, RBX, NONE, 1, 0x7f }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x89\x43\x80"), "mov %eax,-0x80(%rbx)",
	  INSN_STORE, { 4, 8, INSN_DS, RBX, NONE, 1, -0x80 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x89\x83\x88\xa9\xcb\xed"), "mov %eax,-0x12345678(%rbx)",
	  INSN_STORE, { 4, 8, INSN_DS, RBX, NONE, 1, -0x12345678 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x89\x04\x24"), "mov %eax,(%rsp)",
	  INSN_STORE, { 4, 8, INSN_SS, RSP, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x89\x45\x00"), "mov %eax,0x0(%rbp)",
	  INSN_STORE, { 4, 8, INSN_SS, RBP, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x41\x89\x04\x24"), "mov %eax,(%r12)",
	  INSN_STORE, { 4, 8, INSN_DS, 12, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x41\x89\x45\x00"), "mov %eax,0x0(%r13)",
	  INSN_STORE, { 4, 8, INSN_DS, 13, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x89\x04\x0b"), "mov %eax,(%rbx,%rcx,1)",
	  INSN_STORE, { 4, 8, INSN_DS, RBX, RCX, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x89\x44\x4b\x08"), "mov %eax,0x8(%rbx,%rcx,2)",
	  INSN_STORE, { 4, 8, INSN_DS, RBX, RCX, 2, 8 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x42\x89\x84\xa5\x00\x01\x00\x00"), "mov %eax,0x100(%rbp,%r12,4)",
	  INSN_STORE, { 4, 8, INSN_SS, RBP, 12, 4, 0x100 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x41\x89\x44\xed\x00"), "mov %eax,(%r13,%rbp,8)",
	  INSN_STORE, { 4, 8, INSN_DS, 13, RBP, 8, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x89\x04\xd5\x00\x10\x00\x00"), "mov %eax,0x1000(,%rdx,8)",
	  INSN_STORE, { 4, 8, INSN_DS, NONE, RDX, 8, 0x1000 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x89\x04\x25\x00\xf0\xff\xff"), "mov %eax,-0x1000",
	  INSN_STORE, { 4, 8, INSN_DS, NONE, NONE, 1, -0x1000 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x8b\x05\x00\x02\x00\x00"), "mov 0x200(%rip),%eax",
	  INSN_LOAD, { 4, 8, INSN_DS, NONE, NONE, 1, 0x200 }, { 4, RAX }, RIP, 0 },
	{ 64, BYTES("\x4c\x8b\x05\x00\xfe\xff\xff"), "mov -0x200(%rip),%r8",
	  INSN_LOAD, { 8, 8, INSN_DS, NONE, NONE, 1, -0x200 }, { 8, 8 }, RIP, 0 },
	{ 64, BYTES("\x67\x8b\x05\x00\x02\x00\x00"), "mov 0x200(%eip),%eax",
	  INSN_LOAD, { 4, 4, INSN_DS, NONE, NONE, 1, 0x200 }, { 4, RAX }, RIP, 0 },
	{ 64, BYTES("\x67\x89\x07"), "mov %eax,(%edi)",
	  INSN_STORE, { 4, 4, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x67\x43\x89\x44\x88\x04"), "mov %eax,0x4(%r8d,%r9d,4)",
	  INSN_STORE, { 4, 4, INSN_DS, 8, 9, 4, 4 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x64\x8b\x00"), "mov %fs:(%rax),%eax",
	  INSN_LOAD, { 4, 8, INSN_FS, RAX, NONE, 1, 0 }, { 4, RAX }, 0, 0 },
	{ 64, BYTES("\x65\x48\x8b\x04\x25\x10\x00\x00\x00"), "mov %gs:0x10,%rax",
	  INSN_LOAD, { 8, 8, INSN_GS, NONE, NONE, 1, 0x10 }, { 8, RAX }, 0, 0 },
	{ 64, BYTES("\x65\x8b\x04\x24"), "mov %gs:(%rsp),%eax",
	  INSN_LOAD, { 4, 8, INSN_GS, RSP, NONE, 1, 0 }, { 4, RAX }, 0, 0 },
	{ 64, BYTES("\x26\x8b\x04\x24"), "es mov (%rsp),%eax",
	  INSN_LOAD, { 4, 8, INSN_SS, RSP, NONE, 1, 0 }, { 4, RAX }, 0, 0 },
	{ 64, BYTES("\x64\x3e\x8b\x00"), "fs ds mov (%rax),%eax",
	  INSN_LOAD, { 4, 8, INSN_FS, RAX, NONE, 1, 0 }, { 4, RAX }, 0, 0 },
	{ 32, BYTES("\x26\x8b\x08"), "mov %es:(%eax),%ecx",
	  INSN_LOAD, { 4, 4, INSN_ES, RAX, NONE, 1, 0 }, { 4, RCX }, 0, 0 },
	{ 32, BYTES("\x2e\x8b\x08"), "mov %cs:(%eax),%ecx",
	  INSN_LOAD, { 4, 4, INSN_CS, RAX, NONE, 1, 0 }, { 4, RCX }, 0, 0 },
	{ 32, BYTES("\x36\x8b\x08"), "mov %ss:(%eax),%ecx",
	  INSN_LOAD, { 4, 4, INSN_SS, RAX, NONE, 1, 0 }, { 4, RCX }, 0, 0 },
	{ 32, BYTES("\x3e\x8b\x0c\x24"), "mov %ds:(%esp),%ecx",
	  INSN_LOAD, { 4, 4, INSN_DS, RSP, NONE, 1, 0 }, { 4, RCX }, 0, 0 },
	{ 32, BYTES("\x3e\x65\x8b\x08"), "mov %ds:%gs:(%eax),%ecx",
	  INSN_LOAD, { 4, 4, INSN_GS, RAX, NONE, 1, 0 }, { 4, RCX }, 0, 0 },
	{ 64, BYTES("\xa0\x88\x77\x66\x55\x44\x33\x22\x11"), "movabs 0x1122334455667788,%al",
	  INSN_LOAD, { 1, 8, INSN_DS, NONE, NONE, 1, 0x1122334455667788LL }, { 1, RAX }, 0, 0 },
	{ 64, BYTES("\x48\xa1\x11\x22\x33\x44\x55\x66\x77\x88"), "movabs 0x8877665544332211,%rax",
	  INSN_LOAD, { 8, 8, INSN_DS, NONE, NONE, 1, 0x8877665544332211ULL }, { 8, RAX }, 0, 0 },
	{ 64, BYTES("\xa3\x88\x77\x66\x55\x44\x33\x22\x11"), "movabs %eax,0x1122334455667788",
	  INSN_STORE, { 4, 8, INSN_DS, NONE, NONE, 1, 0x1122334455667788LL }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x67\xa1\x20\x00\xe0\xfe"), "addr32 mov 0xfee00020,%eax",
	  INSN_LOAD, { 4, 4, INSN_DS, NONE, NONE, 1, 0xfee00020 }, { 4, RAX }, 0, 0 },
	{ 32, BYTES("\xa1\x20\x00\xe0\xfe"), "mov 0xfee00020,%eax",
	  INSN_LOAD, { 4, 4, INSN_DS, NONE, NONE, 1, 0xfee00020 }, { 4, RAX }, 0, 0 },
	{ 32, BYTES("\x64\xa2\x34\x12\x00\x00"), "mov %al,%fs:0x1234",
	  INSN_STORE, { 1, 4, INSN_FS, NONE, NONE, 1, 0x1234 }, { 1, RAX }, DEST, 0 },
	{ 32, BYTES("\x67\xa3\xdc\xfe"), "addr16 mov %eax,0xfedc",
	  INSN_STORE, { 4, 2, INSN_DS, NONE, NONE, 1, 0xfedc }, { 4, RAX }, DEST, 0 },
	{ 16, BYTES("\xa1\x00\x80"), "mov 0x8000,%ax",
	  INSN_LOAD, { 2, 2, INSN_DS, NONE, NONE, 1, 0x8000 }, { 2, RAX }, 0, 0 },
	{ 64, BYTES("\x01\x0f"), "add %ecx,(%rdi)",
	  INSN_ADD, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 64, BYTES("\x09\x0f"), "or %ecx,(%rdi)",
	  INSN_OR, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 64, BYTES("\x11\x0f"), "adc %ecx,(%rdi)",
	  INSN_ADC, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 64, BYTES("\x19\x0f"), "sbb %ecx,(%rdi)",
	  INSN_SBB, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 64, BYTES("\x21\x0f"), "and %ecx,(%rdi)",
	  INSN_AND, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 64, BYTES("\x29\x0f"), "sub %ecx,(%rdi)",
	  INSN_SUB, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 64, BYTES("\x31\x0f"), "xor %ecx,(%rdi)",
	  INSN_XOR, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 64, BYTES("\x39\x0f"), "cmp %ecx,(%rdi)",
	  INSN_CMP, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 64, BYTES("\x00\x2f"), "add %ch,(%rdi)",
	  INSN_ADD, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RCX }, DEST | HIGH, 0 },
	{ 64, BYTES("\x02\x0f"), "add (%rdi),%cl",
	  INSN_ADD, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RCX }, 0, 0 },
	{ 64, BYTES("\x4c\x03\x0f"), "add (%rdi),%r9",
	  INSN_ADD, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 9 }, 0, 0 },
	{ 64, BYTES("\x66\x03\x0f"), "add (%rdi),%cx",
	  INSN_ADD, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RCX }, 0, 0 },
	{ 64, BYTES("\x38\x2f"), "cmp %ch,(%rdi)",
	  INSN_CMP, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RCX }, DEST | HIGH, 0 },
	{ 64, BYTES("\x3a\x0f"), "cmp (%rdi),%cl",
	  INSN_CMP, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RCX }, 0, 0 },
	{ 64, BYTES("\x4c\x3b\x0f"), "cmp (%rdi),%r9",
	  INSN_CMP, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 9 }, 0, 0 },
	{ 64, BYTES("\x66\x3b\x0f"), "cmp (%rdi),%cx",
	  INSN_CMP, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RCX }, 0, 0 },
	{ 64, BYTES("\x80\x0f\x80"), "orb $0x80,(%rdi)",
	  INSN_OR, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, -0x80 },
	{ 64, BYTES("\x66\x83\x27\xfe"), "andw $0xfffe,(%rdi)",
	  INSN_AND, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, -2 },
	{ 64, BYTES("\x66\x81\x27\x34\x12"), "andw $0x1234,(%rdi)",
	  INSN_AND, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, 0x1234 },
	{ 64, BYTES("\x81\x2f\x78\x56\x34\x12"), "subl $0x12345678,(%rdi)",
	  INSN_SUB, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, 0x12345678 },
	{ 64, BYTES("\x48\x81\x37\x00\x00\x00\x80"), "xorq $-0x80000000,(%rdi)",
	  INSN_XOR, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, -0x80000000LL },
	{ 64, BYTES("\x83\x3f\xff"), "cmpl $-1,(%rdi)",
	  INSN_CMP, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, -1 },
	{ 64, BYTES("\x48\x83\x1f\x05"), "sbbq $5,(%rdi)",
	  INSN_SBB, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, 5 },
	{ 32, BYTES("\x82\x17\x05"), "adcb $5,(%edi)",
	  INSN_ADC, { 1, 4, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, 5 },
	{ 64, BYTES("\x85\x17"), "test %edx,(%rdi)",
	  INSN_TEST, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RDX }, 0, 0 },
	{ 64, BYTES("\x84\x37"), "test %dh,(%rdi)",
	  INSN_TEST, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RDX }, HIGH, 0 },
	{ 64, BYTES("\xf6\x07\x80"), "testb $0x80,(%rdi)",
	  INSN_TEST, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, IMMED, -0x80 },
	{ 64, BYTES("\xf7\x07\x00\x00\x00\x80"), "testl $0x80000000,(%rdi)",
	  INSN_TEST, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, IMMED, -0x80000000LL },
	{ 64, BYTES("\xf7\x0f\x01\x00\x00\x00"),
	  "testl $1,(%rdi), by its second encoding",
	  INSN_TEST, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, IMMED, 1 },
	{ 64, BYTES("\xf7\x17"), "notl (%rdi)",
	  INSN_NOT, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\xf6\x1f"), "negb (%rdi)",
	  INSN_NEG, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\x66\xff\x07"), "incw (%rdi)",
	  INSN_INC, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\x48\xff\x0f"), "decq (%rdi)",
	  INSN_DEC, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\xfe\x07"), "incb (%rdi)",
	  INSN_INC, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\xfe\x0f"), "decb (%rdi)",
	  INSN_DEC, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\x87\x07"), "xchg %eax,(%rdi)",
	  INSN_XCHG, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x86\x07"), "xchg %al,(%rdi)",
	  INSN_XCHG, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RAX }, DEST, 0 },
	{ 64, BYTES("\xf0\x87\x07"), "lock xchg %eax,(%rdi)",
	  INSN_XCHG, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, DEST | LOCKED, 0 },
	{ 64, BYTES("\xf0\x48\x0f\xb1\x17"), "lock cmpxchg %rdx,(%rdi)",
	  INSN_CMPXCHG, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, RDX }, DEST | LOCKED, 0 },
	{ 64, BYTES("\x0f\xb0\x17"), "cmpxchg %dl,(%rdi)",
	  INSN_CMPXCHG, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RDX }, DEST, 0 },
	{ 64, BYTES("\xf0\x0f\xc1\x17"), "lock xadd %edx,(%rdi)",
	  INSN_XADD, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RDX }, DEST | LOCKED, 0 },
	{ 64, BYTES("\x0f\xc0\x37"), "xadd %dh,(%rdi)",
	  INSN_XADD, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, { 1, RDX }, DEST | HIGH, 0 },
	{ 64, BYTES("\xf0\x83\x07\x01"), "lock addl $1,(%rdi)",
	  INSN_ADD, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED | LOCKED, 1 },
	{ 64, BYTES("\xf0\xf6\x17"), "lock notb (%rdi)",
	  INSN_NOT, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | LOCKED, 0 },
	{ 64, BYTES("\xf0\xff\x0f"), "lock decl (%rdi)",
	  INSN_DEC, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | LOCKED, 0 },
	{ 64, BYTES("\x0f\xa3\x07"), "bt %eax,(%rdi)",
	  INSN_BT, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, 0, 0 },
	{ 64, BYTES("\x48\x0f\xab\x07"), "bts %rax,(%rdi)",
	  INSN_BTS, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, RAX }, DEST, 0 },
	{ 64, BYTES("\x66\xf0\x0f\xb3\x07"), "lock btr %ax,(%rdi)",
	  INSN_BTR, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RAX }, DEST | LOCKED, 0 },
	{ 64, BYTES("\x0f\xbb\x07"), "btc %eax,(%rdi)",
	  INSN_BTC, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x0f\xba\x27\x1f"), "btl $31,(%rdi)",
	  INSN_BT, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, IMMED, 31 },
	{ 64, BYTES("\x0f\xba\x2f\xff"), "btsl $0xff,(%rdi)",
	  INSN_BTS, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, 255 },
	{ 64, BYTES("\x66\xf0\x0f\xba\x37\x03"), "lock btrw $3,(%rdi)",
	  INSN_BTR, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED | LOCKED, 3 },
	{ 64, BYTES("\x48\x0f\xba\x3f\x3f"), "btcq $63,(%rdi)",
	  INSN_BTC, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, 63 },
	{ 64, BYTES("\xa4"), "movsb",
	  INSN_MOVS, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 1, RAX }, DEST, 0 },
	{ 64, BYTES("\x66\xa5"), "movsw",
	  INSN_MOVS, { 2, 8, INSN_DS, RSI, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 64, BYTES("\xf3\xa5"), "rep movsl",
	  INSN_MOVS, { 4, 8, INSN_DS, RSI, NONE, 1, 0 }, { 4, RAX }, DEST | REP, 0 },
	{ 64, BYTES("\xf3\x48\xa5"), "rep movsq",
	  INSN_MOVS, { 8, 8, INSN_DS, RSI, NONE, 1, 0 }, { 8, RAX }, DEST | REP, 0 },
	{ 64, BYTES("\xf2\xa4"), "repne movsb",
	  INSN_MOVS, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 1, RAX }, DEST | REPNE, 0 },
	{ 64, BYTES("\xf2\xf3\xa4"), "repne rep movsb",
	  INSN_MOVS, { 1, 8, INSN_DS, RSI, NONE, 1, 0 }, { 1, RAX }, DEST | REP, 0 },
	{ 64, BYTES("\x65\xa4"), "movsb %gs:(%rsi),%es:(%rdi)",
	  INSN_MOVS, { 1, 8, INSN_GS, RSI, NONE, 1, 0 }, { 1, RAX }, DEST, 0 },
	{ 64, BYTES("\xf3\xab"), "rep stosl",
	  INSN_STOS, { 4, 8, INSN_ES, RDI, NONE, 1, 0 }, { 4, RAX }, DEST | REP, 0 },
	{ 64, BYTES("\x64\xaa"), "fs stosb",
	  INSN_STOS, { 1, 8, INSN_ES, RDI, NONE, 1, 0 }, { 1, RAX }, DEST, 0 },
	{ 64, BYTES("\x67\xf3\xab"), "rep stosl %eax,%es:(%edi)",
	  INSN_STOS, { 4, 4, INSN_ES, RDI, NONE, 1, 0 }, { 4, RAX }, DEST | REP, 0 },
	{ 64, BYTES("\x48\xad"), "lodsq",
	  INSN_LODS, { 8, 8, INSN_DS, RSI, NONE, 1, 0 }, { 8, RAX }, 0, 0 },
	{ 32, BYTES("\x64\xac"), "lodsb %fs:(%esi),%al",
	  INSN_LODS, { 1, 4, INSN_FS, RSI, NONE, 1, 0 }, { 1, RAX }, 0, 0 },
	{ 32, BYTES("\x66\xf3\xa5"), "rep movsw",
	  INSN_MOVS, { 2, 4, INSN_DS, RSI, NONE, 1, 0 }, { 2, RAX }, DEST | REP, 0 },
	{ 16, BYTES("\xf3\xab"), "rep stosw",
	  INSN_STOS, { 2, 2, INSN_ES, RDI, NONE, 1, 0 }, { 2, RAX }, DEST | REP, 0 },
	{ 16, BYTES("\x66\xf3\xa5"), "rep movsl",
	  INSN_MOVS, { 4, 2, INSN_DS, RSI, NONE, 1, 0 }, { 4, RAX }, DEST | REP, 0 },
	{ 64, BYTES("\xff\x37"), "push (%rdi)",
	  INSN_PUSH, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x66\xff\x37"), "pushw (%rdi)",
	  INSN_PUSH, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x48\xff\x37"), "rex.W push (%rdi)",
	  INSN_PUSH, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x8f\x44\x24\x08"), "pop 0x8(%rsp)",
	  INSN_POP, { 8, 8, INSN_SS, RSP, NONE, 1, 8 }, {}, DEST, 0 },
	{ 32, BYTES("\xff\x37"), "pushl (%edi)",
	  INSN_PUSH, { 4, 4, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 32, BYTES("\x66\x8f\x07"), "popw (%edi)",
	  INSN_POP, { 2, 4, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 16, BYTES("\xff\x35"), "pushw (%di)",
	  INSN_PUSH, { 2, 2, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 16, BYTES("\x66\x8f\x05"), "popl (%di)",
	  INSN_POP, { 4, 2, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 32, BYTES("\x89\x07"), "mov %eax,(%edi)",
	  INSN_STORE, { 4, 4, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 32, BYTES("\x66\x89\x07"), "mov %ax,(%edi)",
	  INSN_STORE, { 2, 4, INSN_DS, RDI, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 32, BYTES("\x88\x3f"), "mov %bh,(%edi)",
	  INSN_STORE, { 1, 4, INSN_DS, RDI, NONE, 1, 0 }, { 1, RBX }, DEST | HIGH, 0 },
	{ 32, BYTES("\x8b\x0d\x78\x56\x34\x12"), "mov 0x12345678,%ecx",
	  INSN_LOAD, { 4, 4, INSN_DS, NONE, NONE, 1, 0x12345678 }, { 4, RCX }, 0, 0 },
	{ 32, BYTES("\x89\x44\xb5\x08"), "mov %eax,0x8(%ebp,%esi,4)",
	  INSN_STORE, { 4, 4, INSN_SS, RBP, RSI, 4, 8 }, { 4, RAX }, DEST, 0 },
	{ 32, BYTES("\x89\x04\x24"), "mov %eax,(%esp)",
	  INSN_STORE, { 4, 4, INSN_SS, RSP, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 32, BYTES("\x67\xc7\x07\x01\x00\x00\x00"), "movl $1,(%bx)",
	  INSN_STORE, { 4, 2, INSN_DS, RBX, NONE, 1, 0 }, {}, DEST | IMMED, 1 },
	{ 16, BYTES("\x89\x00"), "mov %ax,(%bx,%si)",
	  INSN_STORE, { 2, 2, INSN_DS, RBX, RSI, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 16, BYTES("\x89\x01"), "mov %ax,(%bx,%di)",
	  INSN_STORE, { 2, 2, INSN_DS, RBX, RDI, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 16, BYTES("\x89\x02"), "mov %ax,(%bp,%si)",
	  INSN_STORE, { 2, 2, INSN_SS, RBP, RSI, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 16, BYTES("\x89\x03"), "mov %ax,(%bp,%di)",
	  INSN_STORE, { 2, 2, INSN_SS, RBP, RDI, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 16, BYTES("\x89\x04"), "mov %ax,(%si)",
	  INSN_STORE, { 2, 2, INSN_DS, RSI, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 16, BYTES("\x89\x05"), "mov %ax,(%di)",
	  INSN_STORE, { 2, 2, INSN_DS, RDI, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 16, BYTES("\x89\x07"), "mov %ax,(%bx)",
	  INSN_STORE, { 2, 2, INSN_DS, RBX, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 16, BYTES("\x89\x46\x00"), "mov %ax,0x0(%bp)",
	  INSN_STORE, { 2, 2, INSN_SS, RBP, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 16, BYTES("\x89\x0e\x34\x12"), "mov %cx,0x1234",
	  INSN_STORE, { 2, 2, INSN_DS, NONE, NONE, 1, 0x1234 }, { 2, RCX }, DEST, 0 },
	{ 16, BYTES("\x89\x48\xfe"), "mov %cx,-2(%bx,%si)",
	  INSN_STORE, { 2, 2, INSN_DS, RBX, RSI, 1, -2 }, { 2, RCX }, DEST, 0 },
	{ 16, BYTES("\x89\x8b\xff\x7f"), "mov %cx,0x7fff(%bp,%di)",
	  INSN_STORE, { 2, 2, INSN_SS, RBP, RDI, 1, 0x7fff }, { 2, RCX }, DEST, 0 },
	{ 16, BYTES("\x66\x89\x0f"), "mov %ecx,(%bx)",
	  INSN_STORE, { 4, 2, INSN_DS, RBX, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 16, BYTES("\x67\x66\x89\x0c\x58"), "mov %ecx,(%eax,%ebx,2)",
	  INSN_STORE, { 4, 4, INSN_DS, RAX, RBX, 2, 0 }, { 4, RCX }, DEST, 0 },
	{ 16, BYTES("\xc7\x07\x34\x12"), "movw $0x1234,(%bx)",
	  INSN_STORE, { 2, 2, INSN_DS, RBX, NONE, 1, 0 }, {}, DEST | IMMED, 0x1234 },
	{ 16, BYTES("\x66\xc7\x07\x78\x56\x34\x12"), "movl $0x12345678,(%bx)",
	  INSN_STORE, { 4, 2, INSN_DS, RBX, NONE, 1, 0 }, {}, DEST | IMMED, 0x12345678 },
	{ 16, BYTES("\x26\x66\x0f\xb6\x05"), "movzbl %es:(%di),%eax",
	  INSN_LOAD, { 1, 2, INSN_ES, RDI, NONE, 1, 0 }, { 4, RAX }, 0, 0 },
	{ 64, BYTES("\x48\x66\x89\x07"), "REX before 66 is lost: mov %ax,(%rdi)",
	  INSN_STORE, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 64, BYTES("\x48\x41\x89\x07"), "the last REX counts: mov %eax,(%r15)",
	  INSN_STORE, { 4, 8, INSN_DS, 15, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x66\x48\x89\x07"), "REX.W and 66: mov %rax,(%rdi)",
	  INSN_STORE, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, RAX }, DEST, 0 },
	{ 64, BYTES("\xf3\xf2\x89\x07"), "F3 and F2 before MOV mean nothing",
	  INSN_STORE, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x66\x66\x89\x07"), "66 twice is 66",
	  INSN_STORE, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 64, BYTES("\xd1\x27"), "shll (%rdi)",
	  INSN_SHL, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, 1 },
	{ 64, BYTES("\xd3\x2f"), "shrl %cl,(%rdi)",
	  INSN_SHR, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\x48\xc1\x3f\xff"), "sarq $0xff,(%rdi)",
	  INSN_SAR, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, 0xff },
	{ 64, BYTES("\xc0\x07\x03"), "rolb $3,(%rdi)",
	  INSN_ROL, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | IMMED, 3 },
	{ 64, BYTES("\x66\xd3\x1f"), "rcrw %cl,(%rdi)",
	  INSN_RCR, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\x48\x0f\xa4\x0f\x80"), "shld $0x80,%rcx,(%rdi)",
	  INSN_SHLD, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, RCX }, DEST | IMMED, 0x80 },
	{ 64, BYTES("\x0f\xad\x0f"), "shrd %cl,%ecx,(%rdi)",
	  INSN_SHRD, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 64, BYTES("\x0f\xaf\x0f"), "imul (%rdi),%ecx",
	  INSN_IMUL, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, 0, 0 },
	{ 64, BYTES("\x66\x6b\x0f\x80"), "imul $-0x80,(%rdi),%cx",
	  INSN_IMUL, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RCX }, IMMED, -0x80 },
	{ 64, BYTES("\x48\x69\x0f\x00\x00\x00\x80"), "imul $-0x80000000,(%rdi),%rcx",
	  INSN_IMUL, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, RCX }, IMMED, -0x80000000LL },
	{ 64, BYTES("\x66\xf7\x27"), "mulw (%rdi)",
	  INSN_MUL, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x48\xf7\x2f"), "imulq (%rdi)",
	  INSN_IMUL_WIDE, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x66\xf7\x37"), "divw (%rdi)",
	  INSN_DIV, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\xf7\x3f"), "idivl (%rdi)",
	  INSN_IDIV, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x4c\x0f\xbc\x0f"), "bsfq (%rdi),%r9",
	  INSN_BSF, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 9 }, 0, 0 },
	{ 64, BYTES("\xf2\x66\x0f\xbd\x0f"), "bsrw (%rdi),%cx, to which F2 means nothing",
	  INSN_BSR, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RCX }, 0, 0 },
	{ 64, BYTES("\x0f\xc7\x0f"), "cmpxchg8b (%rdi)",
	  INSN_CMPXCHG_PAIR, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\xf0\x48\x0f\xc7\x0f"), "lock cmpxchg16b (%rdi)",
	  INSN_CMPXCHG_PAIR, { 16, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST | LOCKED, 0 },
	{ 64, BYTES("\x0f\x95\x0f"), "setne (%rdi)",
	  INSN_SETCC, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\x4c\x0f\x4c\x0f"), "cmovl (%rdi),%r9",
	  INSN_CMOV, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 9 }, 0, 0 },
	{ 64, BYTES("\x66\x0f\x38\xf0\x0f"), "movbe (%rdi),%cx",
	  INSN_LOAD, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RCX }, 0, 0 },
	{ 64, BYTES("\x48\x0f\x38\xf1\x0f"), "movbe %rcx,(%rdi)",
	  INSN_STORE, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, RCX }, DEST, 0 },
	{ 64, BYTES("\x8c\x27"), "mov %fs,(%rdi)",
	  INSN_STORE_SEG, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\x48\x8e\x2f"), "mov (%rdi),%gs",
	  INSN_LOAD_SEG, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\xff\x17"), "call *(%rdi)",
	  INSN_CALL, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x66\xff\x27"), "jmp *(%rdi), which 66 does not change",
	  INSN_JMP, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x0f\xae\x3f"), "clflush (%rdi)",
	  INSN_FLUSH, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x66\x0f\xae\x37"), "clwb (%rdi)",
	  INSN_FLUSH, { 1, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x0f\x6e\x0f"), "movd (%rdi),%mm1",
	  INSN_LOAD_MMX, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, 1 }, 0, 0 },
	{ 64, BYTES("\x48\x0f\x7e\x0f"), "movq %mm1,(%rdi)",
	  INSN_STORE_MMX, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 1 }, DEST, 0 },
	{ 64, BYTES("\x0f\xe7\x0f"), "movntq %mm1,(%rdi)",
	  INSN_STORE_MMX, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 1 }, DEST, 0 },
	{ 64, BYTES("\x0f\x10\x0f"), "movups (%rdi),%xmm1",
	  INSN_LOAD_VECTOR, { 16, 8, INSN_DS, RDI, NONE, 1, 0 }, { 16, 1 }, 0, 0 },
	{ 64, BYTES("\x44\x0f\x11\x0f"), "movups %xmm9,(%rdi)",
	  INSN_STORE_VECTOR, { 16, 8, INSN_DS, RDI, NONE, 1, 0 }, { 16, 9 }, DEST, 0 },
	{ 64, BYTES("\xf3\x0f\x10\x0f"), "movss (%rdi),%xmm1",
	  INSN_LOAD_VECTOR, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, 1 }, 0, 0 },
	{ 64, BYTES("\xf2\x0f\x11\x0f"), "movsd %xmm1,(%rdi)",
	  INSN_STORE_VECTOR, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 1 }, DEST, 0 },
	{ 64, BYTES("\x66\xf3\x0f\x10\x0f"), "F3 goes before 66: movss",
	  INSN_LOAD_VECTOR, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, 1 }, 0, 0 },
	{ 64, BYTES("\x66\x48\x0f\x6e\x0f"), "movq (%rdi),%xmm1",
	  INSN_LOAD_VECTOR, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 1 }, 0, 0 },
	{ 64, BYTES("\x66\x0f\x7e\x0f"), "movd %xmm1,(%rdi)",
	  INSN_STORE_VECTOR, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, 1 }, DEST, 0 },
	{ 64, BYTES("\x66\x0f\x6f\x0f"), "movdqa (%rdi),%xmm1",
	  INSN_LOAD_VECTOR, { 16, 8, INSN_DS, RDI, NONE, 1, 0 }, { 16, 1 }, 0, 0 },
	{ 64, BYTES("\x66\x0f\x38\x2a\x0f"), "movntdqa (%rdi),%xmm1",
	  INSN_LOAD_VECTOR, { 16, 8, INSN_DS, RDI, NONE, 1, 0 }, { 16, 1 }, 0, 0 },
	{ 64, BYTES("\xc5\xf8\x11\x0f"), "vmovups %xmm1,(%rdi)",
	  INSN_STORE_VECTOR, { 16, 8, INSN_DS, RDI, NONE, 1, 0 }, { 16, 1 }, DEST, 0 },
	{ 64, BYTES("\xc5\x7d\x6f\x0f"), "vmovdqa (%rdi),%ymm9",
	  INSN_LOAD_VECTOR, { 32, 8, INSN_DS, RDI, NONE, 1, 0 }, { 32, 9 }, 0, 0 },
	{ 64, BYTES("\xc4\xe1\xf9\x6e\x0f"), "vmovq (%rdi),%xmm1",
	  INSN_LOAD_VECTOR, { 8, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 1 }, 0, 0 },
	{ 64, BYTES("\xc4\xe2\x7d\x2a\x0f"), "vmovntdqa (%rdi),%ymm1",
	  INSN_LOAD_VECTOR, { 32, 8, INSN_DS, RDI, NONE, 1, 0 }, { 32, 1 }, 0, 0 },
	{ 64, BYTES("\xc5\xfe\x10\x0f"), "vmovss with VEX.L",
	  INSN_LOAD_VECTOR, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, 1 }, 0, 0 },
	{ 64, BYTES("\xc4\xc1\x78\x10\x0c\x24"), "vmovups (%r12),%xmm1",
	  INSN_LOAD_VECTOR, { 16, 8, INSN_DS, 12, NONE, 1, 0 }, { 16, 1 }, 0, 0 },
	{ 32, BYTES("\xc5\xf8\x10\x0f"), "vmovups (%edi),%xmm1",
	  INSN_LOAD_VECTOR, { 16, 4, INSN_DS, RDI, NONE, 1, 0 }, { 16, 1 }, 0, 0 },
	{ 16, BYTES("\x0f\xc3\x0d"), "movnti has no 16 bits: %ecx,(%di)",
	  INSN_STORE, { 4, 2, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, DEST, 0 },
	{ 16, BYTES("\xff\x15"), "callw *(%di)",
	  INSN_CALL, { 2, 2, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 32, BYTES("\xff\x27"), "jmp *(%edi)",
	  INSN_JMP, { 4, 4, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x64\xf3\x48\xa7"), "repe cmpsq %es:(%rdi),%fs:(%rsi)",
	  INSN_CMPS, { 8, 8, INSN_FS, RSI, NONE, 1, 0 }, {}, REP, 0 },
	{ 64, BYTES("\xf2\x67\xae"), "repne scasb %es:(%edi),%al",
	  INSN_SCAS, { 1, 4, INSN_ES, RDI, NONE, 1, 0 }, {}, REPNE, 0 },
	{ 64, BYTES("\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x89\x07"), "15 bytes",
	  INSN_STORE, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RAX }, DEST, 0 },
	{ 64, BYTES("\x2e\x2e\x2e\x48\xc7\x84\xcb\x88\xa9\xcb\xed\x44\x33\x22\x11"),
	  "15 bytes with an immediate",
	  INSN_STORE, { 8, 8, INSN_DS, RBX, RCX, 8, -0x12345678LL }, {}, DEST | IMMED, 0x11223344 },
	{ 64, BYTES("\xd7"), "xlat",
	  INSN_XLAT, { 1, 8, INSN_DS, RBX, NONE, 1, 0 }, {}, 0, 0 },
	{ 16, BYTES("\x26\xd7"), "xlat %es:(%bx)",
	  INSN_XLAT, { 1, 2, INSN_ES, RBX, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\xd9\x3f"), "fnstcw (%rdi)",
	  INSN_STORE_X87_CONTROL, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 32, BYTES("\xdd\x38"), "fnstsw (%eax)",
	  INSN_STORE_X87_STATUS, { 2, 4, INSN_DS, RAX, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\x0f\x01\x07"), "sgdt (%rdi)",
	  INSN_SGDT, { 10, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 32, BYTES("\x66\x0f\x01\x08"), "sidtw (%eax)",
	  INSN_SIDT, { 6, 4, INSN_DS, RAX, NONE, 1, 0 }, {}, DEST, 0 },
	{ 16, BYTES("\x66\x0f\x01\x14"), "lgdtl (%si)",
	  INSN_LGDT, { 6, 2, INSN_DS, RSI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x0f\x01\x1f"), "lidt (%rdi)",
	  INSN_LIDT, { 10, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x48\x0f\x01\x27"), "rex.W smsw (%rdi)",
	  INSN_SMSW, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 16, BYTES("\x0f\x01\x34"), "lmsw (%si)",
	  INSN_LMSW, { 2, 2, INSN_DS, RSI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x0f\x00\x07"), "sldt (%rdi)",
	  INSN_SLDT, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, DEST, 0 },
	{ 32, BYTES("\x0f\x00\x08"), "str (%eax)",
	  INSN_STR, { 2, 4, INSN_DS, RAX, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\x0f\x00\x17"), "lldt (%rdi)",
	  INSN_LLDT, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x0f\x00\x1f"), "ltr (%rdi)",
	  INSN_LTR, { 2, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 16, BYTES("\xc4\x1c"), "les (%si),%bx",
	  INSN_LES, { 4, 2, INSN_DS, RSI, NONE, 1, 0 }, { 2, RBX }, 0, 0 },
	{ 32, BYTES("\xc5\x18"), "lds (%eax),%ebx",
	  INSN_LDS, { 6, 4, INSN_DS, RAX, NONE, 1, 0 }, { 4, RBX }, 0, 0 },
	{ 64, BYTES("\x4c\x0f\xb2\x0f"), "lss (%rdi),%r9",
	  INSN_LSS, { 10, 8, INSN_DS, RDI, NONE, 1, 0 }, { 8, 9 }, 0, 0 },
	{ 64, BYTES("\x0f\xb4\x0f"), "lfs (%rdi),%ecx",
	  INSN_LFS, { 6, 8, INSN_DS, RDI, NONE, 1, 0 }, { 4, RCX }, 0, 0 },
	{ 64, BYTES("\x66\x0f\xb5\x0f"), "lgs (%rdi),%cx",
	  INSN_LGS, { 4, 8, INSN_DS, RDI, NONE, 1, 0 }, { 2, RCX }, 0, 0 },
	{ 64, BYTES("\xff\x1f"), "lcall *(%rdi)",
	  INSN_CALL_FAR, { 6, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x48\xff\x2f"), "rex.W ljmp *(%rdi)",
	  INSN_JMP_FAR, { 10, 8, INSN_DS, RDI, NONE, 1, 0 }, {}, 0, 0 },
	{ 16, BYTES("\xff\x2c"), "ljmp *(%si)",
	  INSN_JMP_FAR, { 4, 2, INSN_DS, RSI, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x41\x51"), "push %r9",
	  INSN_PUSH_REG, { 8, 8, INSN_SS, RSP, NONE, 1, 0 }, { 8, 9 }, DEST, 0 },
	{ 64, BYTES("\x66\x50"), "push %ax",
	  INSN_PUSH_REG, { 2, 8, INSN_SS, RSP, NONE, 1, 0 }, { 2, RAX }, DEST, 0 },
	{ 64, BYTES("\x6a\xfd"), "push $-3",
	  INSN_PUSH_REG, { 8, 8, INSN_SS, RSP, NONE, 1, 0 }, {}, DEST | IMMED, -3 },
	{ 32, BYTES("\x06"), "push %es",
	  INSN_PUSH_SEG, { 2, 4, INSN_SS, RSP, NONE, 1, 0 }, { 4, 0 }, DEST, 0 },
	{ 64, BYTES("\x0f\xa8"), "push %gs",
	  INSN_PUSH_SEG, { 8, 8, INSN_SS, RSP, NONE, 1, 0 }, { 8, 5 }, DEST, 0 },
	{ 16, BYTES("\x9c"), "pushf",
	  INSN_PUSH_FLAGS, { 2, 2, INSN_SS, RSP, NONE, 1, 0 }, {}, DEST, 0 },
	{ 64, BYTES("\xe8\xfb\xff\xff\xff"), "call",
	  INSN_CALL_NEAR, { 8, 8, INSN_SS, RSP, NONE, 1, 0 }, {}, DEST | IMMED, -5 },
	{ 32, BYTES("\xc8\x20\x00\x00"), "enter $32,$0",
	  INSN_ENTER, { 4, 4, INSN_SS, RSP, NONE, 1, 0 }, {}, DEST | IMMED, 32 },
	{ 64, BYTES("\x64\x5c"), "fs pop %rsp",
	  INSN_POP_REG, { 8, 8, INSN_SS, RSP, NONE, 1, 0 }, { 8, RSP }, 0, 0 },
	{ 32, BYTES("\x1f"), "pop %ds",
	  INSN_POP_SEG, { 2, 4, INSN_SS, RSP, NONE, 1, 0 }, { 4, 3 }, 0, 0 },
	{ 64, BYTES("\xc3"), "ret",
	  INSN_RET, { 8, 8, INSN_SS, RSP, NONE, 1, 0 }, {}, 0, 0 },
	{ 16, BYTES("\xc2\xfe\xff"), "ret $0xfffe",
	  INSN_RET, { 2, 2, INSN_SS, RSP, NONE, 1, 0 }, {}, IMMED, 0xfffe },
	{ 32, BYTES("\x60"), "pusha",
	  INSN_PUSH_ALL, { 32, 4, INSN_SS, RSP, NONE, 1, 0 }, {}, DEST, 0 },
	{ 32, BYTES("\x66\x61"), "popaw",
	  INSN_POP_ALL, { 16, 4, INSN_SS, RSP, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x9d"), "popf",
	  INSN_POP_FLAGS, { 8, 8, INSN_SS, RSP, NONE, 1, 0 }, {}, 0, 0 },
	{ 32, BYTES("\x9a\x78\x56\x34\x92\x08\x80"), "lcall $0x8008,$0x92345678",
	  INSN_CALL_PTR, { 8, 4, INSN_SS, RSP, NONE, 1, 0 }, {}, DEST | IMMED, 0x800892345678 },
	{ 16, BYTES("\x9a\x78\x56\x08\x80"), "lcall $0x8008,$0x5678",
	  INSN_CALL_PTR, { 4, 2, INSN_SS, RSP, NONE, 1, 0 }, {}, DEST | IMMED, 0x800800005678 },
	{ 64, BYTES("\xcb"), "lret",
	  INSN_RET_FAR, { 8, 8, INSN_SS, RSP, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\x48\xca\x10\x80"), "rex.W lret $0x8010",
	  INSN_RET_FAR, { 16, 8, INSN_SS, RSP, NONE, 1, 0 }, {}, IMMED, 0x8010 },
	{ 16, BYTES("\x66\xcf"), "iretl",
	  INSN_IRET, { 12, 2, INSN_SS, RSP, NONE, 1, 0 }, {}, 0, 0 },
	{ 64, BYTES("\xc9"), "leave",
	  INSN_LEAVE, { 8, 8, INSN_SS, RBP, NONE, 1, 0 }, {}, 0, 0 },
};

static u8 properties(const struct insn *insn)
{
	return (insn->dest_mem ? DEST : 0) | (insn->reg_high ? HIGH : 0) |
	       (insn->sign_extend ? SIGNED : 0) | (insn->has_imm ? IMMED : 0) |
	       (insn->rep ? REP : 0) | (insn->repne ? REPNE : 0) |
	       (insn->lock ? LOCKED : 0) | (insn->rip_relative ? RIP : 0);
}

static int decode(u8 bits, const char *bytes, unsigned int len, struct insn *insn)
{
	const struct insn_mode mode = { .bits = bits };

	return insn_decode(&mode, (const u8 *)bytes, len, insn);
}

#define EXPECT_SAME(member, wanted) \
	KUNIT_EXPECT_EQ_MSG(test, (s64)(member), (s64)(wanted), "%s", good[i].text)

static void encodings_are_understood(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		struct insn insn;

		EXPECT_SAME(decode(good[i].bits, good[i].bytes, good[i].len, &insn), 0);
		EXPECT_SAME(insn.len, good[i].len);
		EXPECT_SAME(insn.op, good[i].op);
		EXPECT_SAME(insn.size, good[i].mem.size);
		EXPECT_SAME(insn.addr_size, good[i].mem.addr_size);
		EXPECT_SAME(insn.seg, good[i].mem.seg);
		EXPECT_SAME(insn.base, good[i].mem.base);
		EXPECT_SAME(insn.index, good[i].mem.index);
		EXPECT_SAME(insn.scale, good[i].mem.scale);
		EXPECT_SAME(insn.disp, good[i].mem.disp);
		EXPECT_SAME(properties(&insn), good[i].is);
		if (good[i].is & IMMED)
			EXPECT_SAME(insn.imm, good[i].imm);
		if (!good[i].reg.size)
			continue;
		EXPECT_SAME(insn.reg_size, good[i].reg.size);
		EXPECT_SAME(insn.reg, good[i].reg.nr);
	}
}

/* Conditions, and fields that only some instructions have. */
static void conditions_and_parts_are_understood(struct kunit *test)
{
	static const struct {
		const char *bytes, *text;
		u8 len, cond, part, vex_reg;
		bool vex, swap;
	} rows[] = {
		{ "\x0f\x90\x07", "seto", .len = 3, .cond = 0 },
		{ "\x0f\x9f\x07", "setg", .len = 3, .cond = 15 },
		{ "\x0f\x45\x07", "cmovne", .len = 3, .cond = 5 },
		{ "\x0f\x38\xf0\x07", "movbe", .len = 4, .swap = true },
		{ "\x44\x0f\x12\x0f", "movlps to xmm9", .len = 4,
		  .part = INSN_PARTIAL, .vex_reg = 9 },
		{ "\x66\x0f\x17\x0f", "movhpd from xmm1", .len = 4,
		  .part = INSN_HIGH, .vex_reg = 1 },
		{ "\xc5\x28\x16\x0f", "vmovhps and xmm10 to xmm9", .len = 4,
		  .part = INSN_HIGH, .vex_reg = 10, .vex = true },
		{ "\xc5\xf8\x13\x0f", "vmovlps from xmm1", .len = 4,
		  .part = INSN_PARTIAL, .vex = true },
		{ "\xf3\x0f\x10\x0f", "movss to xmm1", .len = 4, .vex_reg = 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct insn insn;

		KUNIT_EXPECT_EQ_MSG(test, decode(64, rows[i].bytes, rows[i].len, &insn), 0,
				    "%s", rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, insn.cond, rows[i].cond, "%s", rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, insn.part, rows[i].part, "%s", rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, insn.vex, rows[i].vex, "%s", rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, insn.vex_reg, rows[i].vex_reg, "%s", rows[i].text);
		KUNIT_EXPECT_EQ_MSG(test, insn.swap, rows[i].swap, "%s", rows[i].text);
	}
}

static void truncated_bytes_are_not_enough(struct kunit *test)
{
	unsigned int i, len;
	struct insn insn;

	for (i = 0; i < ARRAY_SIZE(good); i++)
		for (len = 0; len < good[i].len; len++)
			EXPECT_SAME(decode(good[i].bits, good[i].bytes, len, &insn),
				    -ENODATA);
}

static void what_follows_does_not_count(struct kunit *test)
{
	unsigned int i, fill;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		for (fill = 0; fill < 256; fill++) {
			char bytes[INSN_MAX];
			struct insn insn;

			memset(bytes, fill, sizeof(bytes));
			memcpy(bytes, good[i].bytes, good[i].len);
			EXPECT_SAME(decode(good[i].bits, bytes, sizeof(bytes), &insn), 0);
			EXPECT_SAME(insn.len, good[i].len);
		}
	}
}

static const struct {
	u8 bits;
	const char *bytes;
	u8 len;
	const char *why;
} bad[] = {
	{ 64, BYTES("\x90"), "nop" },
	{ 64, BYTES("\x0f\x0b"), "ud2" },
	{ 64, BYTES("\x89\xc0"), "mov between registers" },
	{ 64, BYTES("\x0f\xb6\xc0"), "movzx from a register" },
	{ 64, BYTES("\x87\xc1"), "xchg of registers" },
	{ 64, BYTES("\xff\xf0"), "push of a register" },
	{ 64, BYTES("\x60"), "pusha in 64-bit mode" },
	{ 64, BYTES("\x9a\x78\x56\x34\x12\x08\0"), "lcall in 64-bit mode" },
	{ 64, BYTES("\x48\xcf"), "iretq" },
	{ 64, BYTES("\xff\x3f"), "ff /7" },
	{ 64, BYTES("\xfe\x17"), "fe /2" },
	{ 64, BYTES("\x8f\x0f"), "8f /1" },
	{ 64, BYTES("\xc6\x0f\x00"), "c6 /1" },
	{ 64, BYTES("\xc7\xf8\x00\x00\x00\x00"), "xbegin" },
	{ 64, BYTES("\xf7\xe7"), "mul %edi" },
	{ 64, BYTES("\xf0\xf7\x37"), "lock div" },
	{ 64, BYTES("\xf3\x0f\xbc\x0f"), "tzcnt" },
	{ 64, BYTES("\xf3\x48\x0f\xbd\x0f"), "lzcnt" },
	{ 64, BYTES("\x0f\xba\x1f\x01"), "0f ba /3" },
	{ 64, BYTES("\x04\x01"), "add $1,%al" },
	{ 64, BYTES("\x8e\x0f"), "mov (%rdi),%cs" },
	{ 64, BYTES("\x8c\x37"), "8c /6" },
	{ 64, BYTES("\xf3\x0f\x38\xf0\x07"), "F3 before movbe" },
	{ 64, BYTES("\xf2\x0f\x38\xf1\x07"), "crc32" },
	{ 64, BYTES("\x0f\xae\x37"), "xsaveopt" },
	{ 64, BYTES("\xf2\x0f\x28\x07"), "F2 before movaps" },
	{ 64, BYTES("\xf3\x0f\x2b\x07"), "movntss" },
	{ 64, BYTES("\x0f\xd6\x07"), "0f d6 without 66" },
	{ 64, BYTES("\x0f\x12\xc1"), "movhlps" },
	{ 64, BYTES("\xc5\xf8\x10\xc1"), "vmovups between registers" },
	{ 64, BYTES("\xc5\xf0\x10\x07"), "vmovups with a third register" },
	{ 64, BYTES("\xc5\xfc\x12\x07"), "vmovlps with VEX.L" },
	{ 64, BYTES("\xc5\xf8\x6e\x07"), "vmovd to MMX" },
	{ 64, BYTES("\x66\xc5\xf8\x10\x07"), "66 before VEX" },
	{ 64, BYTES("\x48\xc5\xf8\x10\x07"), "REX before VEX" },
	{ 64, BYTES("\xf0\xc5\xf8\x10\x07"), "LOCK before VEX" },
	{ 64, BYTES("\xc4\xe3\x79\x10\x07"), "VEX of a map that has none of ours" },
	{ 64, BYTES("\xc4\x07\x00\x00"), "les in 64-bit mode" },
	{ 64, BYTES("\x06"), "push %es in 64-bit mode" },
	{ 64, BYTES("\xc8\x20\x00\x01"), "enter $32,$1" },
	{ 64, BYTES("\xf0\x50"), "lock push" },
	{ 64, BYTES("\x0f\x00\xc0"), "sldt %eax" },
	{ 64, BYTES("\x0f\x00\x27"), "verr" },
	{ 64, BYTES("\x0f\x01\x2f"), "0f 01 /5" },
	{ 64, BYTES("\x0f\x01\x3f"), "invlpg" },
	{ 64, BYTES("\x0f\x01\xf0"), "lmsw %ax" },
	{ 64, BYTES("\x0f\xb2\xc0"), "lss of a register" },
	{ 64, BYTES("\xd9\x2f"), "fldcw" },
	{ 64, BYTES("\xdd\x37"), "fnsave" },
	{ 64, BYTES("\xf0\x0f\x01\x17"), "lock lgdt" },
	{ 64, BYTES("\xf0\x0f\x00\x07"), "lock sldt" },
	{ 64, BYTES("\xf0\xff\x2f"), "lock ljmp" },
	{ 64, BYTES("\xf0\xd7"), "lock xlat" },
	{ 64, BYTES("\xf0\xa6"), "lock cmps" },
	{ 64, BYTES("\xf0\xd1\x27"), "lock shl" },
	{ 64, BYTES("\xf0\x0f\x11\x07"), "lock movups" },
	{ 64, BYTES("\xf0\x0f\x90\x07"), "lock seto" },
	{ 64, BYTES("\xf0\xff\x17"), "lock call" },
	{ 32, BYTES("\x63\x07"), "arpl" },
	{ 16, BYTES("\x63\x07"), "arpl" },
	{ 32, BYTES("\x40"), "inc %eax is no REX" },
	{ 32, BYTES("\x48\x89\x07"), "dec %eax is no REX" },
	{ 64, BYTES("\x82\x07\x01"), "82 in 64-bit mode" },
	{ 64, BYTES("\x66\x0f\xc3\x07"), "66 before movnti" },
	{ 64, BYTES("\xf3\x0f\xc3\x07"), "F3 before movnti" },
	{ 64, BYTES("\xf0\x89\x07"), "lock mov" },
	{ 64, BYTES("\xf0\x8b\x07"), "lock mov, load" },
	{ 64, BYTES("\xf0\xc7\x07\x01\x00\x00\x00"), "lock mov, immediate" },
	{ 64, BYTES("\xf0\xa3\x01\x00\x00\x00\x00\x00\x00\x00"), "lock mov, moffs" },
	{ 64, BYTES("\xf0\x03\x07"), "lock add to a register" },
	{ 64, BYTES("\xf0\x33\x07"), "lock xor to a register" },
	{ 64, BYTES("\xf0\x39\x07"), "lock cmp" },
	{ 64, BYTES("\xf0\x83\x3f\x01"), "lock cmp, immediate" },
	{ 64, BYTES("\xf0\x3b\x07"), "lock cmp, of a register" },
	{ 64, BYTES("\xf0\x85\x07"), "lock test" },
	{ 64, BYTES("\xf0\xf7\x07\x01\x00\x00\x00"), "lock test, immediate" },
	{ 64, BYTES("\xf0\x0f\xa3\x07"), "lock bt" },
	{ 64, BYTES("\xf0\x0f\xba\x27\x01"), "lock bt, immediate" },
	{ 64, BYTES("\xf0\x0f\xb6\x07"), "lock movzx" },
	{ 64, BYTES("\xf0\xa4"), "lock movs" },
	{ 64, BYTES("\xf0\xaa"), "lock stos" },
	{ 64, BYTES("\xf0\xff\x37"), "lock push" },
	{ 64, BYTES("\xf0\x8f\x07"), "lock pop" },
	{ 64, BYTES("\xf0\x01\xc8"), "lock add between registers" },
	{ 64, BYTES("\xf0\x0f\xc3\x07"), "lock movnti" },
	{ 64, BYTES("\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x89\x07"),
	  "16 bytes" },
	{ 64, BYTES("\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x2e\x89"),
	  "15 prefixes" },
	{ 64, BYTES("\x2e\x2e\x2e\x2e\x48\xc7\x84\xcb\x88\xa9\xcb\xed\x44\x33\x22\x11"),
	  "16 bytes with an immediate" },
};

static void what_is_not_ours_or_not_legal_is_refused(struct kunit *test)
{
	unsigned int i;
	struct insn insn;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    decode(bad[i].bits, bad[i].bytes, bad[i].len, &insn),
				    "%s", bad[i].why);
}

/* Bytes beyond the longest instruction change nothing. */
static void fifteen_bytes_is_the_limit_not_the_buffer(struct kunit *test)
{
	char bytes[64];
	struct insn insn;

	memset(bytes, 0x66, sizeof(bytes));
	KUNIT_EXPECT_EQ(test, decode(64, bytes, 14, &insn), -ENODATA);
	KUNIT_EXPECT_EQ(test, decode(64, bytes, 15, &insn), -EINVAL);
	KUNIT_EXPECT_EQ(test, decode(64, bytes, sizeof(bytes), &insn), -EINVAL);
}

static struct kunit_case insn_decode_cases[] = {
	KUNIT_CASE(encodings_are_understood),
	KUNIT_CASE(conditions_and_parts_are_understood),
	KUNIT_CASE(truncated_bytes_are_not_enough),
	KUNIT_CASE(what_follows_does_not_count),
	KUNIT_CASE(what_is_not_ours_or_not_legal_is_refused),
	KUNIT_CASE(fifteen_bytes_is_the_limit_not_the_buffer),
	{}
};

static struct kunit_suite insn_decode_suite = {
	.name = "vmxdbg-insn-decode",
	.test_cases = insn_decode_cases,
};

kunit_test_suite(insn_decode_suite);
