/* SPDX-License-Identifier: MIT */
/* The tables of registers, of which layouts are made, and what is common to them. */
#ifndef VMXGDB_REG_FEATURES_H
#define VMXGDB_REG_FEATURES_H

#include "guest/reg_layout.h"

/* reg_core.c: numbers and order are gdb's, and those of the target's bytecode */
extern const struct feature reg_core64, reg_core32;
extern const struct feature reg_sse64, reg_sse32;
extern const struct feature reg_segments64;
extern const struct feature reg_system64, reg_system32;
extern const struct feature reg_linux64, reg_linux32;

/* reg_vectors.c */
extern const struct feature reg_avx64, reg_avx32;
extern const struct feature reg_avx512_64, reg_avx512_32;
extern const struct feature reg_pkeys;

/* reg_hidden.c: parts of segments */
extern const struct feature reg_hidden64, reg_hidden32;

/* reg_state.c */
extern const struct feature reg_state;

/* reg_msrs.c */
extern const struct feature reg_msrs64, reg_msrs32;

#define SET_GENERAL	(1 << VMXDBG_REGS_GENERAL)
#define SET_SYSTEM	(1 << VMXDBG_REGS_SYSTEM)
#define SET_DEBUG	(1 << VMXDBG_REGS_DEBUG)
#define SET_FPU		(1 << VMXDBG_REGS_FPU)
#define SET_XSAVE	(1 << VMXDBG_REGS_XSAVE)
#define SET_XCRS	(1 << VMXDBG_REGS_XCRS)
#define SET_EVENTS	(1 << VMXDBG_REGS_EVENTS)
#define SET_HIDDEN	(1 << VMXDBG_REGS_HIDDEN)
#define SET_MSRS	(1 << REGS_MSRS)

#define PLACE(member)							\
	.offset = offsetof(struct vcpu_regs, member),			\
	.size = sizeof(((struct vcpu_regs *)0)->member)

#define REGS(r)		.regs = (r), .count = sizeof(r) / sizeof(*(r))

/* XML of types */
#define FLAGS(id, size)		"<flags id=\"" id "\" size=\"" #size "\">"
#define END_FLAGS		"</flags>"
#define BIT_FIELD(name, bit)	FIELD(name, bit, bit)
#define FIELD(name, start, end) \
	"<field name=\"" name "\" start=\"" #start "\" end=\"" #end "\"/>"

/* The bits of RFLAGS, for a type of 4 or 8 bytes */
#define RFLAGS_FIELDS							\
	BIT_FIELD("CF", 0) BIT_FIELD("", 1) BIT_FIELD("PF", 2)		\
	BIT_FIELD("AF", 4) BIT_FIELD("ZF", 6) BIT_FIELD("SF", 7)	\
	BIT_FIELD("TF", 8) BIT_FIELD("IF", 9) BIT_FIELD("DF", 10)	\
	BIT_FIELD("OF", 11) BIT_FIELD("NT", 14) BIT_FIELD("RF", 16)	\
	BIT_FIELD("VM", 17) BIT_FIELD("AC", 18) BIT_FIELD("VIF", 19)	\
	BIT_FIELD("VIP", 20) BIT_FIELD("ID", 21)

/* 128 bits as elements of each kind */
#define VEC128_TYPES							\
	"<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"		\
	"<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"		\
	"<vector id=\"v16i8\" type=\"int8\" count=\"16\"/>"		\
	"<vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"		\
	"<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>"		\
	"<vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"		\
	"<union id=\"vec128\">"						\
	"<field name=\"v4_float\" type=\"v4f\"/>"			\
	"<field name=\"v2_double\" type=\"v2d\"/>"			\
	"<field name=\"v16_int8\" type=\"v16i8\"/>"			\
	"<field name=\"v8_int16\" type=\"v8i16\"/>"			\
	"<field name=\"v4_int32\" type=\"v4i32\"/>"			\
	"<field name=\"v2_int64\" type=\"v2i64\"/>"			\
	"<field name=\"uint128\" type=\"uint128\"/>"			\
	"</union>"

#endif /* VMXGDB_REG_FEATURES_H */
