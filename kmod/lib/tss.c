// SPDX-License-Identifier: GPL-2.0-only
/* Task-state segments, and the checks of a task switch. */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/trapnr.h>

#include "lib/tss.h"

#define RIGHTS_TYPE	0xfU
#define RIGHTS_S	BIT(4)
#define RIGHTS_DPL(ar)	((ar) >> 5 & 3)
#define RIGHTS_P	BIT(7)
#define RIGHTS_L	BIT(13)
#define RIGHTS_DB	BIT(14)

/* Types of segments of code (8) and data */
#define TYPE_CONFORMING	BIT(2)

/* Types of system segments */
#define TYPE_LDT	2
#define TYPE_TSS16	1
#define TYPE_TSS32	9
#define TYPE_BUSY	BIT(1)

/* SDM vol. 3, figure 8-2 */
struct tss32 {
	u32 link;
	u32 stacks[6];
	u32 cr3, eip, eflags;
	u32 gpr[8];
	u32 sel[7];
	u16 trap, io_map;
};

/* SDM vol. 3, figure 8-10 */
struct tss16 {
	u16 link;
	u16 stacks[6];
	u16 ip, flags;
	u16 gpr[8];
	u16 sel[4];
	u16 ldt;
};

static_assert(sizeof(struct tss32) == TSS_SIZE_32);
static_assert(sizeof(struct tss16) == TSS_SIZE_16);

static void load_32(const struct tss32 *tss, struct task_state *state)
{
	unsigned int i;

	state->cr3 = tss->cr3;
	state->eip = tss->eip;
	state->eflags = tss->eflags;
	memcpy(state->gpr, tss->gpr, sizeof(state->gpr));
	for (i = 0; i < ARRAY_SIZE(tss->sel); i++)
		state->sel[i] = tss->sel[i];
	state->trap = tss->trap & 1;
}

static void load_16(const struct tss16 *tss, struct task_state *state)
{
	unsigned int i;

	state->eip = tss->ip;
	state->eflags = tss->flags;
	for (i = 0; i < ARRAY_SIZE(tss->gpr); i++)
		state->gpr[i] = tss->gpr[i];
	for (i = 0; i < ARRAY_SIZE(tss->sel); i++)
		state->sel[i] = tss->sel[i];
	state->sel[TASK_LDTR] = tss->ldt;
	state->trap = false;
}

void tss_load(const void *image, bool wide, struct task_state *state)
{
	if (wide)
		load_32(image, state);
	else
		load_16(image, state);
}

void tss_saved_part(bool wide, unsigned int *offset, unsigned int *len)
{
	if (wide) {
		*offset = offsetof(struct tss32, eip);
		*len = offsetof(struct tss32, sel[TASK_LDTR]) - *offset;
	} else {
		*offset = offsetof(struct tss16, ip);
		*len = offsetof(struct tss16, ldt) - *offset;
	}
}

static void store_32(struct tss32 *tss, const struct task_state *state)
{
	unsigned int i;

	tss->eip = state->eip;
	tss->eflags = state->eflags;
	memcpy(tss->gpr, state->gpr, sizeof(tss->gpr));
	for (i = 0; i <= TASK_GS; i++)
		tss->sel[i] = state->sel[i];
}

static void store_16(struct tss16 *tss, const struct task_state *state)
{
	unsigned int i;

	tss->ip = state->eip;
	tss->flags = state->eflags;
	for (i = 0; i < ARRAY_SIZE(tss->gpr); i++)
		tss->gpr[i] = state->gpr[i];
	for (i = 0; i < ARRAY_SIZE(tss->sel); i++)
		tss->sel[i] = state->sel[i];
}

void tss_store(void *image, bool wide, const struct task_state *state)
{
	if (wide)
		store_32(image, state);
	else
		store_16(image, state);
}

u8 tss_check(u64 desc, bool back)
{
	u8 wrong_type = back ? X86_TRAP_TS : X86_TRAP_GP;
	u32 ar = desc_ar(desc), type = ar & RIGHTS_TYPE;

	if ((ar & RIGHTS_S) || !!(type & TYPE_BUSY) != back)
		return wrong_type;
	type &= ~(u32)TYPE_BUSY;
	if (type != TYPE_TSS16 && type != TYPE_TSS32)
		return wrong_type;
	if (!(ar & RIGHTS_P))
		return back ? X86_TRAP_TS : X86_TRAP_NP;
	if (desc_limit(desc) < tss_size(type == TYPE_TSS32) - 1)
		return X86_TRAP_TS;
	return 0;
}

static bool code_ok(u32 ar, u8 rpl)
{
	if (!(ar & SEG_TYPE_CODE))
		return false;
	return ar & TYPE_CONFORMING ? RIGHTS_DPL(ar) <= rpl : RIGHTS_DPL(ar) == rpl;
}

static bool stack_ok(u32 ar, u8 rpl, u8 cpl)
{
	return !(ar & SEG_TYPE_CODE) && (ar & SEG_TYPE_RW) && rpl == cpl &&
	       RIGHTS_DPL(ar) == cpl;
}

static bool data_ok(u32 ar, u8 rpl, u8 cpl)
{
	if ((ar & SEG_TYPE_CODE) && !(ar & SEG_TYPE_RW))
		return false;
	if ((ar & SEG_TYPE_CODE) && (ar & TYPE_CONFORMING))
		return true;
	return RIGHTS_DPL(ar) >= cpl && RIGHTS_DPL(ar) >= rpl;
}

static bool type_ok(enum task_seg seg, u32 ar, u8 rpl, u8 cpl)
{
	if (seg == TASK_LDTR)
		return !(ar & RIGHTS_S) && (ar & RIGHTS_TYPE) == TYPE_LDT;
	if (!(ar & RIGHTS_S))
		return false;
	if (seg == TASK_CS)
		return code_ok(ar, rpl);
	if (seg == TASK_SS)
		return stack_ok(ar, rpl, cpl);
	return data_ok(ar, rpl, cpl);
}

u8 task_seg_check(enum task_seg seg, u16 selector, u64 desc, u8 cpl)
{
	u32 ar = desc_ar(desc);

	if (!type_ok(seg, ar, selector & 3, cpl))
		return X86_TRAP_TS;
	if (ar & RIGHTS_P)
		return 0;
	switch (seg) {
	case TASK_LDTR:
		return X86_TRAP_TS;
	case TASK_SS:
		return X86_TRAP_SS;
	default:
		return X86_TRAP_NP;
	}
}

/* The target of a far JMP or CALL: CPL stays. */
static bool jump_ok(u32 ar, u8 rpl, u8 cpl, bool lma)
{
	if (!(ar & SEG_TYPE_CODE) || (lma && (ar & RIGHTS_L) && (ar & RIGHTS_DB)))
		return false;
	if (ar & TYPE_CONFORMING)
		return RIGHTS_DPL(ar) <= cpl;
	return rpl <= cpl && RIGHTS_DPL(ar) == cpl;
}

static bool seg_load_ok(enum task_seg seg, u32 ar, u8 rpl, u8 cpl, bool lma)
{
	u32 type = ar & RIGHTS_TYPE;

	if (seg == TASK_TR)
		return !(ar & RIGHTS_S) && (type == TYPE_TSS32 || (type == TYPE_TSS16 && !lma));
	if (seg == TASK_CS)
		return (ar & RIGHTS_S) && jump_ok(ar, rpl, cpl, lma);
	return type_ok(seg, ar, rpl, cpl);
}

u8 seg_load_check(enum task_seg seg, u16 selector, u64 desc, u8 cpl, bool lma)
{
	u32 ar = desc_ar(desc);

	if (!seg_load_ok(seg, ar, selector & 3, cpl, lma))
		return X86_TRAP_GP;
	if (ar & RIGHTS_P)
		return 0;
	return seg == TASK_SS ? X86_TRAP_SS : X86_TRAP_NP;
}

bool task_stack_fits(u32 ar, u32 limit, u32 start, u32 len)
{
	u32 last = start + len - 1, top = ar & RIGHTS_DB ? U32_MAX : U16_MAX;

	if (last < start)
		return false;
	if (ar & SEG_TYPE_DOWN)
		return start > limit && last <= top;
	return last <= limit;
}
