/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug register arithmetic: no VMX, no hardware access (SDM vol. 3, 18.2). */
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

/* A hardware breakpoint that somebody wants. @id is the owner's, opaque here. */
struct dr_want {
	u64 addr;
	u32 id;
	u8 len;			/* 1, 2, 4, 8 */
	u8 type;		/* enum dr_type */
};

/* Who a physical debug register serves. */
enum dr_owner {
	DR_FREE,
	DR_GUEST,		/* @index is the guest's register */
	DR_DEBUGGER,		/* @index is the entry of the want array */
};

/* What goes into the processor while the guest runs. */
struct dr_plan {
	u64 dr[DR_COUNT];
	u64 dr7;
	struct {
		u8 owner;	/* enum dr_owner */
		u8 index;
	} slot[DR_COUNT];
	u8 debugger;		/* bit n: slot n is the debugger's */
	u8 exec;		/* bit n: slot n is armed for execution */
	u8 guest_unarmed;	/* bit n: guest's register n found no place */
	u8 want_unarmed;	/* bit n: want n found none */
};

/**
 * dr_want_valid() - can one debug register hold this?
 * Execution needs len 1; data 1, 2, 4 or 8 bytes, aligned; a canonical address
 * is not asked for (one that is not never matches). DR_IO is not offered.
 */
bool dr_want_valid(const struct dr_want *want);

/**
 * dr_want_decode() - what register @nr of a DR7 says
 * @want: filled in but for @id
 * Return: false when it is nothing that dr_want_valid() accepts.
 */
bool dr_want_decode(struct dr_want *want, u64 addr, u64 dr7, unsigned int nr);

/* Who is left out when there are more than DR_COUNT. */
enum dr_first { DR_FIRST_DEBUGGER, DR_FIRST_GUEST };

/**
 * dr_plan_make() - place the debugger's and the guest's breakpoints
 * @plan: filled in
 * @want: the debugger's, @nr of them, at most DR_COUNT; the last are left out first
 * @nr: number of wants
 * @guest_dr: the guest's DR0-DR3
 * @guest_dr7: the guest's DR7
 * @first: whose all have a place
 *
 * A guest register keeps its own number where that is free, so that a guest
 * that is alone gets exactly its own DR7 (GE, LE and disabled fields included,
 * GD excluded: MOV DR is intercepted). With no debugger and nothing enabled by
 * the guest, plan->dr7 is DR7_ALWAYS_1 with nothing enabled.
 */
void dr_plan_make(struct dr_plan *plan, const struct dr_want *want,
		  unsigned int nr, const u64 guest_dr[DR_COUNT], u64 guest_dr7,
		  enum dr_first first);

/* Fills in @plan's masks from the rest of it: dr_plan_make() has done so. */
void dr_plan_note(struct dr_plan *plan);

/**
 * dr_plan_carry() - hits that wait, when another plan takes the place of theirs
 * @from: the plan that was in the processor
 * @to: what will be
 * @from_ids: by index of a want, whose it was: struct dr_want.id
 * @to_ids: the same of @to
 * @bits: B0-B3 as @from has them
 * Return: B0-B3 as @to has them; those of wants that are no more are not among
 * them, see dr_plan_lost().
 */
u64 dr_plan_carry(const struct dr_plan *from, const u32 from_ids[DR_COUNT],
		  const struct dr_plan *to, const u32 to_ids[DR_COUNT], u64 bits);

/* The same: B0-B3 as @from has them, of wants that are no more. */
u64 dr_plan_lost(const struct dr_plan *from, const u32 from_ids[DR_COUNT],
		 const struct dr_plan *to, const u32 to_ids[DR_COUNT], u64 bits);

/* Does the plan arm any register? (else DR0-DR3 need not be loaded) */
bool dr_plan_active(const struct dr_plan *plan);

/* Does it stop, but for RF, before the instruction at linear address @addr? */
bool dr_plan_exec_at(const struct dr_plan *plan, u64 addr);

/**
 * dr_access_hits() - which armed registers does a data access touch?
 * For accesses that are emulated: the processor sees none of them.
 * Return: B0-B3 of the registers in the plan (SDM 18.2.5: any byte in common).
 */
u64 dr_access_hits(const struct dr_plan *plan, u64 gva, u64 len, bool write);

/* What a #DB exit means once split between the two. */
struct dr_hits {
	u8 debugger;		/* bit n: want n hit */
	u64 guest;		/* bits for the guest's DR6, in payload polarity */
};

/**
 * dr_split_hits() - whose are the bits of a #DB exit qualification?
 * @plan: what was in the processor
 * @qual: exit qualification (SDM vol. 3, table 28-1): B0-B3, BLD, BD, BS, RTM
 * @guest_dr7: the guest's DR7
 *
 * B bits of registers that are not enabled may be set by the processor (SDM
 * 18.2.3). The guest's reach it beside a hit of an enabled one or BS, BD, BLD;
 * without such a reason they are dropped, since its #DB is then none. BS, BD,
 * BLD and RTM are left in @guest for the caller to decide about.
 */
struct dr_hits dr_split_hits(const struct dr_plan *plan, u64 qual, u64 guest_dr7);

/* Did an armed register for execution match? Then the #DB was a fault. */
static inline bool dr_exec_hits(const struct dr_plan *plan, u64 qual)
{
	return qual & plan->exec;
}

/**
 * dr6_deliver() - the guest's DR6 after a #DB with this payload
 * The processor clears B0-B3 and sets what the payload says; BS, BD, BT are
 * sticky; RTM (16) and BLD (11) are active low in DR6 and active high in the
 * payload.
 */
u64 dr6_deliver(u64 dr6, u64 payload);

/* MOV to DR6/DR7 in 64-bit mode: #GP if any of bits 63:32 is set (SDM 18.2.6). */
bool dr6_write_ok(u64 val);
bool dr7_write_ok(u64 val);

/* What reads back after MOV to DR6/DR7 of @val: fixed bits forced. */
u64 dr6_normalize(u64 val);
u64 dr7_normalize(u64 val);

/* Does DR7 enable (locally or globally) register @nr, or any? */
bool dr7_enabled(u64 dr7, unsigned int nr);
bool dr7_any_enabled(u64 dr7);
unsigned int dr7_nr_enabled(u64 dr7);

#endif
