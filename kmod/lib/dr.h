/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic of debug registers, without access to hardware (SDM vol. 3, 18.2). */
#ifndef VMXDBG_LIB_DR_H
#define VMXDBG_LIB_DR_H

#include <linux/bits.h>
#include <linux/types.h>

#define DR_COUNT	4

/* SDM 18.2.3, 18.2.4 */
#define DR6_B_ALL	0xfULL
#define DR6_BD		BIT_ULL(13)
#define DR6_BS		BIT_ULL(14)
#define DR6_BT		BIT_ULL(15)
#define DR7_GD		BIT_ULL(13)
#define DR7_ALWAYS_1	BIT_ULL(10)

/* RW field of DR7 */
enum dr_type {
	DR_EXEC = 0,
	DR_WRITE = 1,
	DR_IO = 2,
	DR_ACCESS = 3,
};

/* A breakpoint that the debugger wants in a debug register. */
struct dr_want {
	u64 addr;
	u32 id;			/* for the owner, not used here */
	u8 len;			/* 1, 2, 4, 8 */
	u8 type;		/* enum dr_type */
};

/* Owner of a physical debug register. */
enum dr_owner {
	DR_FREE,
	DR_GUEST,		/* @index is the guest's register */
	DR_DEBUGGER,		/* @index is the entry of the want array */
};

/* The physical debug registers while the guest runs. */
struct dr_plan {
	u64 dr[DR_COUNT];
	u64 dr7;
	struct {
		u8 owner;	/* enum dr_owner */
		u8 index;
	} slot[DR_COUNT];
	u8 debugger;		/* bit n: slot n is the debugger's */
	u8 exec;		/* bit n: slot n is armed for execution */
	u8 guest_unarmed;	/* bit n: there is no slot for the guest's register n */
	u8 want_unarmed;	/* bit n: there is no slot for want n */
};

/* The side whose breakpoints all get a slot. */
enum dr_first { DR_FIRST_DEBUGGER, DR_FIRST_GUEST };

/* The meaning of a #DB exit for the two owners. */
struct dr_hits {
	u8 debugger;		/* bit n: want n hit */
	u64 guest;		/* bits for the guest's DR6, in payload polarity */
};

/* ---- wants ---- */

/**
 * dr_want_valid() - test whether one debug register can hold a want
 * Execution needs length 1, data an aligned 1, 2, 4 or 8 bytes. DR_IO is refused. A
 * non-canonical address is accepted, and never matches.
 */
bool dr_want_valid(const struct dr_want *want);

/**
 * dr_want_decode() - decode the fields of register @nr in a DR7
 * @want: filled in except for @id
 * @addr: the register's value
 * Return: whether dr_want_valid() accepts the result.
 */
bool dr_want_decode(struct dr_want *want, u64 addr, u64 dr7, unsigned int nr);

/* ---- plans ---- */

/**
 * dr_plan_make() - assign the debug registers to the debugger and the guest
 * @plan: filled in
 * @want: the debugger's wants; the last are left out first
 * @nr: number of wants, at most DR_COUNT
 * @guest_dr: the guest's DR0-DR3
 * @guest_dr7: the guest's DR7
 * @first: the side whose breakpoints all get a slot
 *
 * A guest register keeps its own number if that is free. So without a debugger the
 * guest gets exactly its own DR7, with GE, LE and disabled fields but without GD, as
 * MOV DR is intercepted. With no wants and nothing enabled by the guest, plan->dr7 is
 * DR7_ALWAYS_1.
 */
void dr_plan_make(struct dr_plan *plan, const struct dr_want *want,
		  unsigned int nr, const u64 guest_dr[DR_COUNT], u64 guest_dr7,
		  enum dr_first first);

/* Compute the masks @debugger and @exec from the rest of @plan, as dr_plan_make() does. */
void dr_plan_note(struct dr_plan *plan);

/**
 * dr_plan_carry() - translate pending hits to a new plan
 * @from: the old plan
 * @from_ids: ids of the wants of the old plan, by index
 * @to: the new plan
 * @to_ids: ids of the wants of the new plan, by index
 * @bits: B0-B3 in the slots of @from
 * Return: B0-B3 in the slots of @to, without the hits that dr_plan_lost() returns.
 */
u64 dr_plan_carry(const struct dr_plan *from, const u32 from_ids[DR_COUNT],
		  const struct dr_plan *to, const u32 to_ids[DR_COUNT], u64 bits);

/* Return: those of @bits, in the slots of @from, whose wants are not in the new plan. */
u64 dr_plan_lost(const struct dr_plan *from, const u32 from_ids[DR_COUNT],
		 const struct dr_plan *to, const u32 to_ids[DR_COUNT], u64 bits);

/* Return: whether the plan arms a register; otherwise DR0-DR3 need not be loaded. */
bool dr_plan_active(const struct dr_plan *plan);

/* ---- hits ---- */

/* Return: whether, unless RF is set, the plan stops at the instruction at @addr (linear). */
bool dr_plan_exec_at(const struct dr_plan *plan, u64 addr);

/**
 * dr_access_hits() - find the armed registers that a data access hits
 * For accesses that the module emulates, as the processor does not see them.
 * Return: B0-B3 in the slots of the plan (SDM vol. 3, 18.2.5: any common byte).
 */
u64 dr_access_hits(const struct dr_plan *plan, u64 gva, u64 len, bool write);

/**
 * dr_split_hits() - split the exit qualification of a #DB between the owners
 * @plan: the plan that was in the processor
 * @qual: exit qualification (SDM vol. 3, table 28-1): B0-B3, BLD, BD, BS, RTM
 * @guest_dr7: the guest's DR7
 *
 * The processor may set the B bits of registers that are not enabled (SDM vol. 3,
 * 18.2.3). The guest gets its B bits if one of them is enabled or BS, BD or BLD is set;
 * otherwise there is no #DB for the guest, and they are dropped. BS, BD, BLD and RTM
 * stay in @guest for the caller to decide.
 */
struct dr_hits dr_split_hits(const struct dr_plan *plan, u64 qual, u64 guest_dr7);

/* Return: whether an armed execution breakpoint matched, so the #DB was a fault. */
static inline bool dr_exec_hits(const struct dr_plan *plan, u64 qual)
{
	return qual & plan->exec;
}

/* ---- the guest's DR6 and DR7 ---- */

/**
 * dr6_deliver() - compute the guest's DR6 after a #DB with this payload
 * The processor replaces B0-B3; BS, BD and BT are sticky. RTM (bit 16) and BLD (bit 11)
 * are active low in DR6 and active high in the payload.
 */
u64 dr6_deliver(u64 dr6, u64 payload);

/* MOV to DR6 or DR7 in 64-bit mode causes #GP if any of bits 63:32 is set (SDM 18.2.6). */
bool dr6_write_ok(u64 val);
bool dr7_write_ok(u64 val);

/* Return: the value that DR6 or DR7 has after MOV of @val, with its fixed bits. */
u64 dr6_normalize(u64 val);
u64 dr7_normalize(u64 val);

/* Registers that DR7 enables, locally or globally: is @nr, is any, how many. */
bool dr7_enabled(u64 dr7, unsigned int nr);
bool dr7_any_enabled(u64 dr7);
unsigned int dr7_nr_enabled(u64 dr7);

#endif
