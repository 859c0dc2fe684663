/* SPDX-License-Identifier: GPL-2.0-only */
/* Watchpoints by the permissions of the hooked view. */
#ifndef VMXDBG_WATCH_H
#define VMXDBG_WATCH_H

#include "insn.h"
#include "object.h"
#include "watch_guess.h"
#include "watch_tree.h"

struct vcpu;
struct vm;

/* What each watch of a VM needs. Before the first; may sleep, takes vm->lock. */
int watch_prepare(struct vm *vm);
/**
 * watch_put() - accesses to these bytes are seen, once ept_flush() has returned
 * @piece: filled in; the caller's until watch_take()
 * Context: may sleep, and serializes for one @piece.
 */
void watch_put(struct vm *vm, struct watch_piece *piece);
/*
 * No vCPU finds it any more, its object may be freed by RCU. The next ept_flush()
 * ends what that costs.
 */
void watch_take(struct vm *vm, struct watch_piece *piece);

/* ---- watch_hit.c: the vCPU's thread ---- */

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

#define WATCH_NOT_MINE	-1

/*
 * watch_violation() - an EPT violation while something is watched
 * Fast section, exit_qual and exit_gpa set. Return: RUN_*, or WATCH_NOT_MINE.
 */
int watch_violation(struct vcpu *vcpu);
/* RUN_SLOW of the former: what it could not have. May sleep. 0 or an errno. */
int watch_violation_slow(struct vcpu *vcpu);
/*
 * The module makes an access for the guest's instruction: before it writes, and after
 * it has read, as what is there is told as the old value. May sleep unless @gpa.
 */
void watch_note(struct vcpu *vcpu, u64 gva, const u64 *gpa, u64 len, bool write);
/* the instruction is over: as object_hit(), for all that it touched */
enum hit_result watch_hits(struct vcpu *vcpu, struct hits *hits);
void watch_forget(struct vcpu *vcpu);	/* what it touched */
/* is execution at @rip watched? */
bool watch_exec_at(struct vcpu *vcpu, u64 rip);

#endif
