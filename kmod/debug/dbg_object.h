/* SPDX-License-Identifier: GPL-2.0-only */
/* What breakpoints, watchpoints and catches have in common: when a hit counts. */
#ifndef VMXDBG_DEBUG_DBG_OBJECT_H
#define VMXDBG_DEBUG_DBG_OBJECT_H

#include <linux/atomic.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "debug/types.h"
#include "vmxdbg.h"

struct bytecode;
struct session;
struct vcpu;

/* What the kinds of objects do in their own ways. */
struct dbg_object_ops {
	/* Disarms and frees it: no vCPU hits it any more. session->mutex. */
	void (*remove)(struct session *s, struct dbg_object *obj);
};

/* The memory that a debug register watches, as it was last seen. vm->dbg_lock */
struct dr_seen {
	bool known;
	u64 gpa, value;
};

/*
 * An object of a session. Fixed once a vCPU can find it, but for @hits. vCPUs
 * find it under RCU (preemption off is enough) and do not keep it beyond.
 */
struct dbg_object {
	const struct dbg_object_ops *ops;
	u32 id;
	u8 action;		/* VMXDBG_ACTION_* */
	u8 cpl_mask;		/* never 0 */
	bool any_cr3;
	u64 cr3;		/* PCID bits clear */
	u64 vcpu_mask;		/* never 0 */
	u64 ignore;
	struct bytecode *cond;	/* or NULL */
	struct bytecode *record;	/* RECORD: names memory, or NULL */
	u32 record_flags;	/* VMXDBG_RECORD_* */
	atomic64_t hits;
	struct dr_seen seen;	/* of a watch in a debug register */
	struct rcu_head rcu;
};

/* What dbg_object_hit() found out. */
enum hit_result {
	HIT_GO,			/* the guest goes on */
	HIT_STOP,		/* the vCPU is to stop, @hits says why */
	HIT_RETRY,		/* memory is missing: hit_point_fault_in(), and again */
};

/* Those objects that want one stop: what becomes of it is an event. */
struct hits {
	u32 why;		/* VMXDBG_WHY_* */
	u32 nr;
	u32 ids[VMXDBG_EVENT_BPS];
	u32 error;		/* VMXDBG_ERROR_* */
	u64 addr;		/* of the first watched access... */
	u64 gpa, insn, old_value, new_value;	/* ...and the rest, as in the event */
	u32 access, size;
};

/* The options of an object, copied from its owner. */
struct dbg_object_options {
	struct vmxdbg_options user;
	struct bytecode *cond, *record;
};

/**
 * dbg_object_options_get() - copy and check what a new object is to do
 * @user: address of struct vmxdbg_options, 0 for none
 * Context: may sleep.
 * Return: 0, -EFAULT, -EINVAL, -EOPNOTSUPP, -ENOMEM. After 0 they are to be
 * given back by dbg_object_options_put(), with what dbg_object_init() did not take over.
 */
int dbg_object_options_get(struct dbg_object_options *o, u64 user);

void dbg_object_options_put(struct dbg_object_options *o);
/* @vcpu_mask 0: every vCPU; @cr3 counts unless @any_cr3 */
void dbg_object_init(struct dbg_object *obj, const struct dbg_object_ops *ops,
		     struct dbg_object_options *o, u64 vcpu_mask, bool any_cr3, u64 cr3);
/*
 * What dbg_object_init() has taken over goes, by RCU. No vCPU can find the object
 * any more.
 */
void dbg_object_destroy(struct dbg_object *obj);

/*
 * All of the following: the vCPU's thread in KVM_RUN. A hit_point is one exit, or
 * the end of one instruction, at which any number of objects are hit.
 */

/* a hit_point begins, or begins again: if the vCPU still is where it was */
void hit_point_begin(struct vcpu *vcpu);

/* it does not come again after all */
static inline void hit_point_end(struct hit_point *m)
{
	m->end = HIT_POINT_OVER;
}

/**
 * dbg_object_hit() - filters, condition, ignore count and action of one object
 * @why: VMXDBG_WHY_* should it stop
 * @hits: its id is added
 * Context: rcu_read_lock() or preemption off; does not sleep.
 */
enum hit_result dbg_object_hit(struct vcpu *vcpu, struct dbg_object *obj, u32 why,
			       struct hits *hits);

/*
 * A hit_point at which @obj alone is hit, and nothing but HIT_GO is expected of it. If
 * that is not what comes of it, false: what was found out is kept, as if the hit_point
 * came again, for hit_point_begin() and dbg_object_hit().
 */
bool dbg_object_lets_go(struct vcpu *vcpu, struct dbg_object *obj);
/* In this hit_point @id, an object's, is not asked: it was before. */
void hit_point_skip(struct vcpu *vcpu, u32 id);
/* After HIT_RETRY, without locks: may sleep. */
void hit_point_fault_in(struct vcpu *vcpu);

/* the worse of two */
static inline enum hit_result hit_both(enum hit_result a, enum hit_result b)
{
	return a > b ? a : b;
}

#endif
