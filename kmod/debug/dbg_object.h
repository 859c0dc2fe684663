/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects of a session (breakpoints, watchpoints, catches) and the hits on them. */
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
struct vcpu_set;
struct vm;

/* Operations that differ between breakpoints and catches. */
struct dbg_object_ops {
	/* Disarm and free @obj; no vCPU hits it after this. session->mutex. */
	void (*remove)(struct session *s, struct dbg_object *obj);
	/* Fill in what dbg_object_describe() does not know. session->mutex. */
	void (*describe)(const struct dbg_object *obj, struct vmxdbg_object_info *info);
};

/* Memory that a debug register watches, as last read. vm->dbg_lock. */
struct dr_seen {
	bool known;
	u64 gpa, value;
};

/*
 * An object of a session. Only @hits and @seen change once a vCPU can find it. vCPUs
 * find it under RCU (preemption off is enough) and do not keep it beyond.
 */
struct dbg_object {
	const struct dbg_object_ops *ops;
	u32 id;
	u8 action;		/* VMXDBG_ACTION_* */
	u8 cpl_mask;		/* never 0 */
	bool any_cr3;
	u64 cr3;		/* PCID bits clear */
	struct vcpu_set *vcpus;	/* filter; NULL: hits of every vCPU count */
	u64 ignore;
	struct bytecode *cond;	/* or NULL */
	struct bytecode *record;	/* memory for RECORD, or NULL */
	u32 record_flags;	/* VMXDBG_RECORD_* */
	u32 cost;		/* of a hit at most, in units of BYTECODE_BUDGET */
	atomic64_t hits;
	struct dr_seen seen;	/* of a watch in a debug register */
	struct rcu_head rcu;
};

/* Result of dbg_object_hit(). */
enum hit_result {
	HIT_GO,			/* the guest goes on */
	HIT_STOP,		/* stop the vCPU, struct hits says why */
	HIT_RETRY,		/* not done yet: hit_point_fault_in(), then repeat */
};

/* Objects that stop the vCPU at one hit point. They become one event. */
struct hits {
	u32 why;		/* VMXDBG_WHY_* */
	u32 nr;
	u32 ids[VMXDBG_EVENT_BPS];
	u32 error;		/* VMXDBG_ERROR_* */
	u64 addr;		/* of the first watched access... */
	u64 gpa, insn, old_value, new_value;	/* ...and the rest, as in the event */
	u32 access, size;
};

/* Options of a new object, copied from the session. */
struct dbg_object_options {
	struct vmxdbg_options user;
	struct bytecode *cond, *record;
	struct vcpu_set *vcpus;
};

/**
 * dbg_object_options_get() - copy and check the options of a new object
 * @user: address of struct vmxdbg_options, 0 for none
 * @vcpu_mask: field of the new object
 * Context: may sleep.
 * Return: 0, -ENOENT, -EFAULT, -EINVAL, -EOPNOTSUPP, -ENOMEM. After 0 the caller calls
 * dbg_object_options_put(), also after dbg_object_init().
 */
int dbg_object_options_get(struct vm *vm, struct dbg_object_options *o, u64 user, u64 vcpu_mask);

/* Free what no dbg_object_init() has taken over. */
void dbg_object_options_put(struct dbg_object_options *o);

/*
 * Fill in an object and take over the bytecode and the vCPUs of @o. @cr3: ignored with
 * @any_cr3.
 */
void dbg_object_init(struct dbg_object *obj, const struct dbg_object_ops *ops,
		     struct dbg_object_options *o, bool any_cr3, u64 cr3);

/* Free bytecode and vCPUs by RCU. No vCPU can find the object any more. */
void dbg_object_destroy(struct dbg_object *obj);

/* Describe @obj in @info, which is all zero. Context: session->mutex; does not sleep. */
void dbg_object_describe(const struct dbg_object *obj, struct vmxdbg_object_info *info);

/*
 * All functions below: the vCPU's thread in KVM_RUN. A hit point is one exit, or the
 * end of one instruction, at which any number of objects are hit.
 */

/* Begin a hit point, or repeat the last one if that is unfinished and rip unchanged. */
void hit_point_begin(struct vcpu *vcpu);

/* Do not repeat the hit point. */
static inline void hit_point_end(struct hit_point *m)
{
	m->end = HIT_POINT_OVER;
}

/**
 * dbg_object_hit() - apply filters, condition, ignore count and action of an object
 * @why: VMXDBG_WHY_* to report if the object stops the vCPU
 * @hits: the object's id is added if it stops the vCPU
 * Context: rcu_read_lock() or preemption off; does not sleep.
 * Return: enum hit_result. An object counts once for a hit point.
 */
enum hit_result dbg_object_hit(struct vcpu *vcpu, struct dbg_object *obj, u32 why,
			       struct hits *hits);

/*
 * A whole hit point at which only @obj is hit, for the common result HIT_GO.
 * Return: false for any other result. Then call hit_point_begin() and
 * dbg_object_hit(): the verdict is kept, and the object does not count twice.
 */
bool dbg_object_lets_go(struct vcpu *vcpu, struct dbg_object *obj);

/* Do not hit object @id at this hit point: it was hit here before. */
void hit_point_skip(struct vcpu *vcpu, u32 id);

/* Provide what HIT_RETRY lacks: memory, or a pause. No locks held; may sleep. */
void hit_point_fault_in(struct vcpu *vcpu);

/* Return: the result that matters more. */
static inline enum hit_result hit_both(enum hit_result a, enum hit_result b)
{
	return a > b ? a : b;
}

#endif
