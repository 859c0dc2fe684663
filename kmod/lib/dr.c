// SPDX-License-Identifier: GPL-2.0-only
/* Sharing the four debug registers between a debugger and its guest. */
#include <linux/bitops.h>
#include <linux/string.h>
#include <linux/types.h>

#include "lib/dr.h"

/* DR6 (SDM vol. 3, 18.2.3) */
#define DR6_BLD		BIT_ULL(11)		/* active low */
#define DR6_RTM		BIT_ULL(16)		/* active low */
#define DR6_STICKY	(DR6_BD | DR6_BS | DR6_BT)
#define DR6_ONES	0xfffe07f0ULL		/* reserved, always 1 */

/* DR7 (18.2.4): L0 G0 ... L3 G3, LE, GE, 1, RTM, 0, GD, 0, 0, RW0 LEN0 ... */
#define DR7_ENABLES	0xffULL
#define DR7_ONES	BIT_ULL(10)
#define DR7_ZEROES	(BIT_ULL(12) | BIT_ULL(14) | BIT_ULL(15))

#define ENABLE_MASK(n)	(3ULL << ((n) * 2))
#define ENABLE_GLOBAL(n) (2ULL << ((n) * 2))
#define FIELD_SHIFT(n)	(16 + (n) * 4)
#define FIELD_MASK(n)	(0xfULL << FIELD_SHIFT(n))

#define LOW_HALF	0xffffffffULL

/* The LEN field by length in bytes; the code of 8 is out of order (SDM vol. 3, 18.2.4). */
static const u8 len_code[] = { [1] = 0, [2] = 1, [4] = 3, [8] = 2 };

bool dr_want_valid(const struct dr_want *want)
{
	if (want->len != 1 && want->len != 2 && want->len != 4 && want->len != 8)
		return false;
	if (want->addr & (want->len - 1))
		return false;
	if (want->type == DR_EXEC)
		return want->len == 1;
	return want->type == DR_WRITE || want->type == DR_ACCESS;
}

bool dr_want_decode(struct dr_want *want, u64 addr, u64 dr7, unsigned int nr)
{
	static const u8 len_of[] = { 1, 2, 8, 4 };
	unsigned int field = dr7 >> FIELD_SHIFT(nr);

	want->type = field & 3;
	want->len = len_of[field >> 2 & 3];
	/* The processor ignores the address bits below the length (SDM 18.2.5). */
	want->addr = addr & ~(u64)(want->len - 1);
	return dr_want_valid(want);
}

bool dr7_enabled(u64 dr7, unsigned int nr)
{
	return dr7 & ENABLE_MASK(nr);
}

bool dr7_any_enabled(u64 dr7)
{
	return dr7 & DR7_ENABLES;
}

unsigned int dr7_nr_enabled(u64 dr7)
{
	unsigned int i, nr = 0;

	for (i = 0; i < DR_COUNT; i++)
		nr += dr7_enabled(dr7, i);
	return nr;
}

/* Return: a free slot for the debugger, if possible one that the guest does not arm. */
static unsigned int debugger_slot(const struct dr_plan *plan, u64 guest_dr7)
{
	unsigned int slot, found = DR_COUNT;

	for (slot = 0; slot < DR_COUNT; slot++) {
		if (plan->slot[slot].owner == DR_DEBUGGER)
			continue;
		if (!dr7_enabled(guest_dr7, slot))
			return slot;
		if (found == DR_COUNT)
			found = slot;
	}
	return found;
}

static void place_want(struct dr_plan *plan, unsigned int slot,
		       const struct dr_want *want, unsigned int index)
{
	u64 field = want->type | len_code[want->len] << 2;

	plan->dr[slot] = want->addr;
	plan->dr7 &= ~(FIELD_MASK(slot) | ENABLE_MASK(slot));
	plan->dr7 |= field << FIELD_SHIFT(slot) | ENABLE_GLOBAL(slot);
	plan->slot[slot].owner = DR_DEBUGGER;
	plan->slot[slot].index = index;
}

/*
 * A guest register goes into its own slot or nowhere: debugger_slot() avoids the slots
 * that the guest arms. Registers that the guest has not enabled are loaded, too, since
 * DR6 shows their matches beside those of enabled ones.
 */
static void place_guest(struct dr_plan *plan, const u64 guest_dr[DR_COUNT],
			u64 guest_dr7)
{
	unsigned int nr;

	for (nr = 0; nr < DR_COUNT; nr++) {
		if (plan->slot[nr].owner == DR_DEBUGGER) {
			if (dr7_enabled(guest_dr7, nr))
				plan->guest_unarmed |= BIT(nr);
			continue;
		}
		plan->dr[nr] = guest_dr[nr];
		plan->slot[nr].owner = DR_GUEST;
		plan->slot[nr].index = nr;
	}
}

void dr_plan_note(struct dr_plan *plan)
{
	unsigned int i;

	plan->debugger = 0;
	plan->exec = 0;
	for (i = 0; i < DR_COUNT; i++) {
		if (plan->slot[i].owner == DR_DEBUGGER)
			plan->debugger |= BIT(i);
		if (dr7_enabled(plan->dr7, i) &&
		    (plan->dr7 >> FIELD_SHIFT(i) & 3) == DR_EXEC)
			plan->exec |= BIT(i);
	}
}

void dr_plan_make(struct dr_plan *plan, const struct dr_want *want,
		  unsigned int nr, const u64 guest_dr[DR_COUNT], u64 guest_dr7,
		  enum dr_first first)
{
	bool guest_armed = dr7_any_enabled(guest_dr7);
	unsigned int i, room = DR_COUNT;

	memset(plan, 0, sizeof(*plan));
	if (first == DR_FIRST_GUEST)
		room -= dr7_nr_enabled(guest_dr7);
	for (; nr > room; nr--)
		plan->want_unarmed |= BIT(nr - 1);
	plan->dr7 = guest_armed ? dr7_normalize(guest_dr7) & ~DR7_GD : DR7_ONES;

	for (i = 0; i < nr; i++)
		place_want(plan, debugger_slot(plan, guest_dr7), &want[i], i);
	if (guest_armed)
		place_guest(plan, guest_dr, guest_dr7);
	if (nr || guest_armed)
		dr_plan_note(plan);
}

/* Return: B0-B3 of the slots of @to that hold the breakpoint in @slot of @from. */
static u64 carried(const struct dr_plan *from, const u32 from_ids[DR_COUNT],
		   const struct dr_plan *to, const u32 to_ids[DR_COUNT], unsigned int slot)
{
	u8 was = from->slot[slot].index, owner = from->slot[slot].owner;
	unsigned int i;
	u64 bits = 0;

	for (i = 0; i < DR_COUNT; i++) {
		u8 is = to->slot[i].index;

		if (to->slot[i].owner == owner &&
		    (owner == DR_DEBUGGER ? from_ids[was] == to_ids[is] : was == is))
			bits |= BIT_ULL(i);
	}
	return bits;
}

u64 dr_plan_carry(const struct dr_plan *from, const u32 from_ids[DR_COUNT],
		  const struct dr_plan *to, const u32 to_ids[DR_COUNT], u64 bits)
{
	u64 all = 0;

	for (; bits; bits &= bits - 1)
		all |= carried(from, from_ids, to, to_ids, __ffs(bits));
	return all;
}

u64 dr_plan_lost(const struct dr_plan *from, const u32 from_ids[DR_COUNT],
		 const struct dr_plan *to, const u32 to_ids[DR_COUNT], u64 bits)
{
	u64 lost = 0;

	for (; bits; bits &= bits - 1) {
		unsigned int slot = __ffs(bits);

		if (from->slot[slot].owner == DR_DEBUGGER &&
		    !carried(from, from_ids, to, to_ids, slot))
			lost |= BIT_ULL(slot);
	}
	return lost;
}

bool dr_plan_active(const struct dr_plan *plan)
{
	return dr7_any_enabled(plan->dr7);
}

bool dr_plan_exec_at(const struct dr_plan *plan, u64 addr)
{
	unsigned long left = plan->exec;

	for (; left; left &= left - 1)
		if (plan->dr[__ffs(left)] == addr)
			return true;
	return false;
}

static bool any_enabled(u64 dr7, unsigned long registers)
{
	for (; registers; registers &= registers - 1)
		if (dr7_enabled(dr7, __ffs(registers)))
			return true;
	return false;
}

struct dr_hits dr_split_hits(const struct dr_plan *plan, u64 qual, u64 guest_dr7)
{
	struct dr_hits hits = { .guest = qual & ~DR6_B_ALL };
	unsigned long left = qual & DR6_B_ALL;
	u64 matched = 0;

	for (; left; left &= left - 1) {
		unsigned int slot = __ffs(left), index = plan->slot[slot].index;

		if (plan->slot[slot].owner == DR_DEBUGGER)
			hits.debugger |= BIT(index);
		else if (plan->slot[slot].owner == DR_GUEST)
			matched |= BIT_ULL(index);
	}
	if (matched && ((qual & (DR6_STICKY | DR6_BLD)) || any_enabled(guest_dr7, matched)))
		hits.guest |= matched;
	return hits;
}

u64 dr6_deliver(u64 dr6, u64 payload)
{
	dr6 &= ~(DR6_B_ALL | (payload & DR6_BLD));
	dr6 |= payload & (DR6_B_ALL | DR6_STICKY);
	/* A #DB for another cause does not change BLD, but sets RTM. */
	if (payload & DR6_RTM)
		dr6 &= ~DR6_RTM;
	else
		dr6 |= DR6_RTM;
	return (dr6 | DR6_ONES) & (DR6_ONES | DR6_B_ALL | DR6_STICKY |
				   DR6_BLD | DR6_RTM);
}

bool dr6_write_ok(u64 val)
{
	return !(val & ~LOW_HALF);
}

bool dr7_write_ok(u64 val)
{
	return !(val & ~LOW_HALF);
}

u64 dr6_normalize(u64 val)
{
	return (val & (DR6_B_ALL | DR6_STICKY)) | DR6_ONES | DR6_BLD | DR6_RTM;
}

u64 dr7_normalize(u64 val)
{
	return (val & LOW_HALF & ~DR7_ZEROES) | DR7_ONES;
}

u64 dr_access_hits(const struct dr_plan *plan, u64 gva, u64 len, bool write)
{
	struct dr_want want;
	unsigned int i;
	u64 hits = 0;

	for (i = 0; i < DR_COUNT; i++) {
		if (!dr7_enabled(plan->dr7, i) ||
		    !dr_want_decode(&want, plan->dr[i], plan->dr7, i))
			continue;
		if (want.type != DR_ACCESS && (want.type != DR_WRITE || !write))
			continue;
		/* Compare differences, which may wrap at the end of the address space. */
		if (gva - want.addr < want.len || want.addr - gva < len)
			hits |= BIT_ULL(i);
	}
	return hits;
}
