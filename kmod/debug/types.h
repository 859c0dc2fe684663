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

/* What became of the last hit_point. */
enum hit_point_state {
	HIT_POINT_OVER,
	HIT_POINT_MISSES,		/* HIT_RETRY: hit_point_fault_in() is to come */
	HIT_POINT_AGAIN,		/* that was done, and the hit_point comes again */
};

struct hit_point {
	u8 end;			/* enum hit_point_state */
	u64 rip;		/* unless it is over, where: linear */
	bool crowded;		/* what it misses is room in @verdicts */
	bool forgets;		/* there is no memory to make it larger */
	u8 tries;
	u32 nr;			/* another one each time */
	struct verdicts verdicts;
	u64 addr;		/* for VMXDBG_VAR_ADDR; whoever calls dbg_object_hit() sets it */
	unsigned long missing;	/* address in the VMM */
};

/* Where a vCPU was, and with what. */
struct exec_point {
	u64 rip, cr3, rsp;	/* @rip is linear */
	u64 regs[16];		/* but for RSP */
};

/* Where it was after an iteration that was not its last. */
struct rep {
	bool known;
	struct exec_point at;
};

/* An instruction at which registers of the debugger's were, and how it was found. */
struct dr_hit_memo {
	u8 nr;			/* 0: none */
	u32 id[DR_COUNT];	/* of the objects */
	struct exec_point at;
};

/* A watch in a debug register that was met, and what is there. */
struct dr_watch_value {
	u32 hit_point;			/* of vcpu->hit_point: it was found out then */
	bool there, has_old;
	u64 gpa, old_value, new_value;
};

#define VCPU_FASTPATHS	16		/* direct-mapped */

/* An int3 that was hit in 64-bit code, and what is known of it. */
struct bp_fastpath_memo {
	struct walk_memo walk;		/* of its page */
	u64 rip;
	u32 cs_ar;			/* attributes of the code segment */
	unsigned long seq;		/* hooks_seq() */
	struct soft_break *sb;		/* the only one there */
	u64 __user *code;		/* the guest's instruction... */
	u64 bytes[2];
	struct insn_simple insn;	/* ...if it is one of these */
};

/* What an instruction has done to watched bytes, until its end is seen to. */
#define WATCH_TOUCHES	8
#define WATCH_OPERANDS	3

struct watch_touch {
	struct watch_access at;
	bool guessed;		/* the size is */
	bool has_old;
	u64 old;
};

struct watch_insn {
	u64 rip;		/* linear, of the instruction that touched, + 1; 0: none */
	u64 held;		/* the same while the module moves rip in its midst, or 0 */
	u64 looked;		/* the same of one that was read from memory... */
	bool decoded;		/* ...and is @insn, or else is guessed about */
	struct insn insn;
	u64 asked;		/* the same: those who watch its execution were asked */
	struct watch_guess guess;	/* of what cannot be decoded */
	u8 len;			/* 0: not decoded */
	bool jumps, repeats;
	bool emulated;		/* the module did it, the processor did not */
	u8 nr_operands, nr;
	struct watch_access operand[WATCH_OPERANDS];	/* @gpa is nothing */
	struct watch_touch touch[WATCH_TOUCHES];
};

/* Of a VM. */
struct track {
	struct mutex lock;	/* all below, but where it says otherwise */
	struct rb_root_cached ranges;	/* struct tracked, by 48 bits of linear address */
	struct xarray tables;	/* gfn -> struct guest_table; marked: written since */
	struct list_head roots;	/* struct guest_table, the longest unused first */
	unsigned int nr_roots;
	unsigned int nr, nr_any;	/* what is followed; of it in any address space */
	unsigned int nr_ptes;	/* entries that are kept */
	unsigned int op;	/* stamps tables that were visited */
	unsigned int kinds;	/* bit n: enum paging n was met in a vCPU */
	bool flush;		/* the views have changed and nobody has been told */
	bool on;		/* nr, for who does not hold the lock */
	bool follow_cr3;	/* the same of nr_any: loads of CR3 exit */
	bool rescan;		/* slots have changed; set without the lock */
	bool excess;		/* there is more than max_followed, and that was told */
};

#define TRACK_TARGETS	4	/* CR3-target values of a VMCS */

/*
 * What a vCPU can load into CR3 without an exit, and the address spaces that
 * belong to it. track.lock.
 */
struct track_vcpu {
	u64 source;		/* last MOV to CR3 that exited; its thread */
	u8 next;		/* to be replaced */
	u8 nr, nr_set;		/* values in the VMCS, and how many it is to use */
	u8 paging;		/* enum paging of all of them */
	struct {
		u64 value;
		struct guest_table *root;	/* NULL: unused */
	} target[TRACK_TARGETS];
};

#endif
