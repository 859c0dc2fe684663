/* SPDX-License-Identifier: GPL-2.0-only */
/* State of the debug engine in struct vm and struct vcpu: types only. */
#ifndef VMXDBG_DEBUG_TYPES_H
#define VMXDBG_DEBUG_TYPES_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "insn/insn.h"
#include "insn/insn_simple.h"
#include "insn/watch_guess.h"
#include "lib/dr.h"
#include "lib/verdict.h"
#include "lib/watch_tree.h"
#include "vcpu/types.h"

struct soft_break;
struct guest_table;

/* State of the last hit point. */
enum hit_point_state {
	HIT_POINT_OVER,
	HIT_POINT_MISSES,		/* HIT_RETRY: hit_point_fault_in() comes next */
	HIT_POINT_AGAIN,		/* after it: the hit point is repeated */
};

enum hit_point_lack {
	LACKS_MEMORY,		/* at @missing */
	LACKS_ROOM,		/* in @verdicts */
	LACKS_TIME,		/* the host wants the CPU now and then */
};

struct hit_point {
	u8 end;			/* enum hit_point_state */
	u64 rip;		/* linear address of it, unless it is over */
	u8 lacks;		/* enum hit_point_lack, after HIT_RETRY */
	bool forgets;		/* @verdicts could not grow: an object may count twice */
	u8 tries;		/* repetitions for one object */
	u32 spent;		/* dbg_object.cost of those judged since the last pause */
	u32 nr;			/* counts hit points */
	struct verdicts verdicts;
	u64 addr;		/* VMXDBG_VAR_ADDR, set by callers of dbg_object_hit() */
	unsigned long missing;	/* address in the VMM to fault in */
};

/* One execution of an instruction: rip and registers. */
struct exec_point {
	u64 rip, cr3, rsp;	/* @rip is linear */
	u64 regs[16];		/* RSP is above */
};

/* A REP instruction with iterations left, whose breakpoints have hit. */
struct rep {
	bool known;
	struct exec_point at;
};

/* Breakpoints in debug registers that hit at an instruction not executed yet. */
struct dr_hit_memo {
	u8 nr;			/* 0: none */
	u32 id[DR_COUNT];	/* ids of the objects */
	struct exec_point at;
};

/* A watch in a debug register that hit, and the values of its memory. */
struct dr_watch_value {
	u32 hit_point;			/* hit_point.nr for which the rest is valid */
	bool there, has_old;	/* @new_value is valid, @old_value is */
	u64 gpa, old_value, new_value;
};

#define VCPU_FASTPATHS	16		/* direct-mapped */

/* A software breakpoint that hit in 64-bit code. */
struct bp_fastpath_memo {
	struct walk_memo walk;		/* of its page */
	u64 rip;
	u32 cs_ar;			/* attributes of the code segment */
	unsigned long seq;		/* hooks_seq() */
	struct soft_break *sb;		/* the only one at this address */
	u64 __user *code;		/* the guest's instruction in the VMM... */
	u64 bytes[2];
	struct insn_simple insn;	/* ...decoded, if it is a simple one */
};

/* Accesses to watched bytes, kept until the end of the instruction. */
#define WATCH_TOUCHES	8
#define WATCH_OPERANDS	3

struct watch_touch {
	struct watch_access at;
	bool guessed;		/* @at.size is a guess */
	bool has_old;
	u64 old;
};

struct watch_insn {
	u64 rip;		/* linear rip + 1 of the instruction with touches; 0: none */
	u64 held;		/* rip + 1 while the module changes rip within it, or 0 */
	u64 looked;		/* rip + 1 of the one that watch_insn_decode() fetched... */
	bool decoded;		/* ...into @insn; else only @guess is valid */
	struct insn insn;
	u64 asked;		/* rip + 1 of the one whose fetch watches have hit; 0: none */
	struct watch_guess guess;	/* for one that cannot be decoded */
	u8 len;			/* 0: not decoded */
	bool jumps, repeats;
	bool emulated;		/* by the module */
	u8 nr_operands, nr;
	struct watch_access operand[WATCH_OPERANDS];	/* @gpa is not set */
	struct watch_touch touch[WATCH_TOUCHES];
};

/* Tracking of linear addresses in a VM. */
struct track {
	struct mutex lock;	/* for all members unless they say otherwise */
	struct rb_root_cached ranges;	/* struct tracked, by 48 bits of linear address */
	struct xarray tables;	/* gfn -> struct guest_table; TABLE_WRITTEN */
	struct list_head roots;	/* struct guest_table, least recently used first */
	struct mem_cgroup *payer;	/* for all of this: the session's, or NULL */
	unsigned int nr_roots;
	unsigned int nr, nr_any;	/* tracked ranges; those in all address spaces */
	unsigned int nr_ptes;	/* entries that are followed */
	unsigned int op;	/* number of the visit, see guest_table.op */
	unsigned int kinds;	/* bit n: a vCPU has used enum paging n */
	bool flush;		/* track_unlock() has to flush the TLB */
	bool on;		/* @nr is not 0; read without the lock */
	bool follow_cr3;	/* @nr_any is not 0, so CR3 loads exit; likewise */
	bool rescan;		/* memslots have changed; set without the lock */
	bool lacking;		/* the session knows that sites are missing */
};

#define TRACK_TARGETS	4	/* CR3-target values of a VMCS */

/*
 * Values that a vCPU can load into CR3 without an exit, and their address spaces.
 * track.lock, unless they say otherwise.
 */
struct track_vcpu {
	u64 source;		/* value of the last MOV to CR3 that exited; only its thread */
	u8 next;		/* target to replace next */
	u8 nr, nr_set;		/* values in the VMCS, and CR3_TARGET_COUNT */
	u8 paging;		/* enum paging of all targets */
	struct {
		u64 value;
		struct guest_table *root;	/* NULL: unused */
	} target[TRACK_TARGETS];
};

#endif
