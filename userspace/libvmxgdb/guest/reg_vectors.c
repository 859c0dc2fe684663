// SPDX-License-Identifier: MIT
/* Registers of AVX, AVX-512 and protection keys, in the features that gdb knows. */
#include "guest/reg_features.h"
#include "guest/xstate.h"

/* Bytes of one register in its component of XSAVE */
#define HALF_XMM	16	/* upper half of a YMM register */
#define HALF_ZMM	32	/* upper half of a ZMM register */
#define WHOLE_ZMM	64

#define IN(c, at)							\
	.sets = SET_XSAVE | SET_XCRS, .written = VMXDBG_REGS_XSAVE,	\
	.component = (c), .offset = (at)

#define YMM_H(i)							\
	{ .name = "ymm" #i "h", .bits = 128, .type = "uint128",		\
	  IN(XSTATE_AVX, i * HALF_XMM) }
#define K(i)								\
	{ .name = "k" #i, .bits = 64, .type = "uint64", IN(XSTATE_OPMASK, i * 8) }
#define ZMM_H(i)							\
	{ .name = "zmm" #i "h", .bits = 256, .type = "v2ui128",		\
	  IN(XSTATE_ZMM_HI, i * HALF_ZMM) }

/* The parts of ZMM16 to ZMM31 */
#define XMM16(i)							\
	{ .name = "xmm" #i, .bits = 128, .type = "vec128",		\
	  IN(XSTATE_ZMM16, (i - 16) * WHOLE_ZMM) }
#define YMM16_H(i)							\
	{ .name = "ymm" #i "h", .bits = 128, .type = "uint128",		\
	  IN(XSTATE_ZMM16, (i - 16) * WHOLE_ZMM + HALF_XMM) }
#define ZMM16_H(i)							\
	{ .name = "zmm" #i "h", .bits = 256, .type = "v2ui128",		\
	  IN(XSTATE_ZMM16, (i - 16) * WHOLE_ZMM + HALF_ZMM) }

#define OF_0_7(r)	r(0), r(1), r(2), r(3), r(4), r(5), r(6), r(7)
#define OF_8_15(r)	r(8), r(9), r(10), r(11), r(12), r(13), r(14), r(15)
#define OF_16_31(r)							\
	r(16), r(17), r(18), r(19), r(20), r(21), r(22), r(23),		\
	r(24), r(25), r(26), r(27), r(28), r(29), r(30), r(31)

static const struct reg avx64[] = { OF_0_7(YMM_H), OF_8_15(YMM_H) };
static const struct reg avx32[] = { OF_0_7(YMM_H) };

static const struct reg avx512_64[] = {
	OF_16_31(XMM16), OF_16_31(YMM16_H), OF_0_7(K),
	OF_0_7(ZMM_H), OF_8_15(ZMM_H), OF_16_31(ZMM16_H),
};

static const struct reg avx512_32[] = { OF_0_7(K), OF_0_7(ZMM_H) };

static const struct reg pkeys[] = {
	{ .name = "pkru", .bits = 32, .type = "vmxdbg_pkru", IN(XSTATE_PKRU, 0) },
};

static const char avx512_types[] =
	VEC128_TYPES "<vector id=\"v2ui128\" type=\"uint128\" count=\"2\"/>";

/* Access and writes disabled, for each key */
#define KEY(i, ad, wd)	BIT_FIELD("AD" #i, ad) BIT_FIELD("WD" #i, wd)

static const char pkeys_types[] =
	FLAGS("vmxdbg_pkru", 4)
	KEY(0, 0, 1) KEY(1, 2, 3) KEY(2, 4, 5) KEY(3, 6, 7)
	KEY(4, 8, 9) KEY(5, 10, 11) KEY(6, 12, 13) KEY(7, 14, 15)
	KEY(8, 16, 17) KEY(9, 18, 19) KEY(10, 20, 21) KEY(11, 22, 23)
	KEY(12, 24, 25) KEY(13, 26, 27) KEY(14, 28, 29) KEY(15, 30, 31)
	END_FLAGS;

const struct feature reg_avx64 = {
	.name = "org.gnu.gdb.i386.avx", .single = true, REGS(avx64),
};

const struct feature reg_avx32 = {
	.name = "org.gnu.gdb.i386.avx", .single = true, REGS(avx32),
};

const struct feature reg_avx512_64 = {
	.name = "org.gnu.gdb.i386.avx512", .types = avx512_types, .single = true,
	REGS(avx512_64),
};

const struct feature reg_avx512_32 = {
	.name = "org.gnu.gdb.i386.avx512", .types = avx512_types, .single = true,
	REGS(avx512_32),
};

const struct feature reg_pkeys = {
	.name = "org.gnu.gdb.i386.pkeys", .types = pkeys_types, .single = true, REGS(pkeys),
};
