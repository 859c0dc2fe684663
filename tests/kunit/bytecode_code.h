/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytecode of gdb's agent expressions, by its names in gdb's manual. */
#ifndef VMXDBG_AGENT_CODE_H
#define VMXDBG_AGENT_CODE_H

#define U16(val)	((val) >> 8 & 0xff), ((val) & 0xff)

#define ADD		0x02
#define SUB		0x03
#define MUL		0x04
#define DIV_S		0x05
#define DIV_U		0x06
#define REM_S		0x07
#define REM_U		0x08
#define LSH		0x09
#define RSH_S		0x0a
#define RSH_U		0x0b
#define TRACE		0x0c
#define TRACE_QUICK(n)	0x0d, (n)
#define LOG_NOT		0x0e
#define BIT_AND		0x0f
#define BIT_OR		0x10
#define BIT_XOR		0x11
#define BIT_NOT		0x12
#define EQUAL		0x13
#define LESS_S		0x14
#define LESS_U		0x15
#define EXT(n)		0x16, (n)
#define REF8		0x17
#define REF16		0x18
#define REF32		0x19
#define REF64		0x1a
#define IF_GOTO(to)	0x20, U16(to)
#define GOTO(to)	0x21, U16(to)
#define CONST8(n)	0x22, ((n) & 0xff)
#define CONST16(n)	0x23, U16(n)
#define CONST32(n)	0x24, U16((n) >> 16), U16(n)
#define CONST64(n)	0x25, U16((unsigned long long)(n) >> 48), U16((n) >> 32), U16((n) >> 16), U16(n)
#define REG(n)		0x26, U16(n)
#define END		0x27
#define DUP		0x28
#define POP		0x29
#define ZERO_EXT(n)	0x2a, (n)
#define SWAP		0x2b
#define GETV(n)		0x2c, U16(n)
#define SETV(n)		0x2d, U16(n)
#define TRACEV(n)	0x2e, U16(n)
#define TRACENZ		0x2f
#define TRACE16(n)	0x30, U16(n)
#define PICK(n)		0x32, (n)
#define ROT		0x33

#endif
