// SPDX-License-Identifier: GPL-2.0-only
/* Hits on objects: filters, condition, ignore count, action. */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/vmx.h>

#include "debug/bytecode_env.h"
#include "debug/dbg_object.h"
#include "debug/dbg_record.h"
#include "debug/types.h"
#include "lib/bytecode.h"
#include "lib/trace.h"
#include "lib/vcpu_set.h"
#include "lib/vcpu_table.h"
#include "lib/verdict.h"
#include "vcpu.h"
#include "vcpu/regs.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

#define CPL_ALL		0xf
#define TRIES_MAX	64	/* pages that one object may miss */
#define COST_OF_OBJECT	32	/* in units of BYTECODE_BUDGET, without bytecode */

/*
 * A hit point pauses after this cost, since it runs with preemption or interrupts off: some
 * 100 us. A condition with loops can use a quarter of it.
 */
#define COST_OF_SECTION	(4 * BYTECODE_BUDGET)

/* ---- options and creation ---- */

static int object_check(const struct vmxdbg_options *o)
{
	if (o->action > VMXDBG_ACTION_RECORD || (o->cpl_mask & ~CPL_ALL) ||
	    o->cond_len > VMXDBG_CODE_MAX || o->record_len > VMXDBG_CODE_MAX ||
	    (o->record_flags & ~VMXDBG_RECORD_GENERAL) ||
	    memchr_inv(o->reserved, 0, sizeof(o->reserved)))
		return -EINVAL;
	if (o->action != VMXDBG_ACTION_RECORD && (o->record_len || o->record_flags))
		return -EINVAL;
	return o->vcpu_words > VMXDBG_VCPU_WORDS || (o->vcpu_set && !o->vcpu_words) ? -EINVAL : 0;
}

/* Compile @len bytes of bytecode; with 0 leave @prog alone. */
static int get_code(struct bytecode **prog, u64 user, u32 len, unsigned int flags)
{
	const char *why = "";
	u8 *code;
	int r;

	if (!len)
		return 0;
	code = memdup_user(u64_to_user_ptr(user), len);
	if (IS_ERR(code))
		return PTR_ERR(code);
	r = bytecode_compile(code, len, flags, prog, &why);
	if (r == -EINVAL)
		pr_debug_ratelimited("bytecode of %u bytes: %s\n", len, why);
	kfree(code);
	return r;
}

void dbg_object_options_put(struct dbg_object_options *o)
{
	bytecode_free(o->cond);
	bytecode_free(o->record);
	vcpu_set_free(o->vcpus);
}

/* All bits of a mask mean every vCPU, as none does. */
static int object_use_mask(struct dbg_object_options *o, u64 mask)
{
	if (!mask || mask == ~0ULL)
		return 0;
	o->vcpus = vcpu_set_new(&mask, 1);
	return o->vcpus ? 0 : -ENOMEM;
}

/* Return: 0, -EINVAL if the set is empty, -ENOENT if a vCPU does not exist, -ENOMEM. */
static int object_use_words(struct vm *vm, struct dbg_object_options *o, const u64 *words)
{
	u32 nr = o->user.vcpu_words, i;

	if (!memchr_inv(words, 0, nr * sizeof(*words)))
		return -EINVAL;
	for (i = 0; i < nr; i++)
		if (!vcpu_table_has(&vm->vcpus, i, words[i]))
			return -ENOENT;
	o->vcpus = vcpu_set_new(words, nr);
	return o->vcpus ? 0 : -ENOMEM;
}

static int object_use_set(struct vm *vm, struct dbg_object_options *o)
{
	u64 *words = memdup_user(u64_to_user_ptr(o->user.vcpu_set),
				 o->user.vcpu_words * sizeof(*words));
	int r;

	if (IS_ERR(words))
		return PTR_ERR(words);
	r = object_use_words(vm, o, words);
	kfree(words);
	return r;
}

static int object_get_vcpus(struct vm *vm, struct dbg_object_options *o, u64 mask)
{
	if (!o->user.vcpu_words)
		return object_use_mask(o, mask);
	if (!mask)
		return object_use_set(vm, o);
	pr_debug_ratelimited("options: a set of vCPUs beside the mask %#llx\n", mask);
	return -EINVAL;
}

static int object_options_read(struct dbg_object_options *o, u64 user)
{
	int r;

	if (!user)
		return 0;
	if (copy_from_user(&o->user, u64_to_user_ptr(user), sizeof(o->user)))
		return -EFAULT;
	r = object_check(&o->user);
	if (r)
		pr_debug_ratelimited("options: action %u, CPLs %#x, code of %u and %u bytes\n",
				     o->user.action, o->user.cpl_mask,
				     o->user.cond_len, o->user.record_len);
	if (!r)
		r = get_code(&o->cond, o->user.cond, o->user.cond_len, 0);
	if (!r)
		r = get_code(&o->record, o->user.record, o->user.record_len, BYTECODE_TRACE);
	return r;
}

int dbg_object_options_get(struct vm *vm, struct dbg_object_options *o, u64 user, u64 vcpu_mask)
{
	int r;

	memset(o, 0, sizeof(*o));
	if (!vcpu_table_has(&vm->vcpus, 0, vcpu_mask))
		return -ENOENT;
	r = object_options_read(o, user);
	if (!r)
		r = object_get_vcpus(vm, o, vcpu_mask);
	if (r)
		dbg_object_options_put(o);
	return r;
}

void dbg_object_init(struct dbg_object *obj, const struct dbg_object_ops *ops,
		     struct dbg_object_options *o, bool any_cr3, u64 cr3)
{
	obj->ops = ops;
	obj->action = o->user.action;
	obj->cpl_mask = o->user.cpl_mask ? o->user.cpl_mask : CPL_ALL;
	obj->ignore = o->user.ignore;
	obj->any_cr3 = any_cr3;
	obj->cr3 = cr3;
	swap(obj->cond, o->cond);
	swap(obj->record, o->record);
	swap(obj->vcpus, o->vcpus);
	obj->record_flags = o->user.record_flags;
	obj->cost = COST_OF_OBJECT + bytecode_cost(obj->cond) + bytecode_cost(obj->record);
	atomic64_set(&obj->hits, 0);
}

void dbg_object_destroy(struct dbg_object *obj)
{
	bytecode_free(obj->cond);
	bytecode_free(obj->record);
	vcpu_set_free(obj->vcpus);
}

void dbg_object_describe(const struct dbg_object *obj, struct vmxdbg_object_info *info)
{
	info->id = obj->id;
	info->flags = obj->any_cr3 ? 0 : VMXDBG_BP_CR3;
	info->vcpu_mask = obj->vcpus ? obj->vcpus->word[0] : 0;
	info->vcpu_words = obj->vcpus ? obj->vcpus->nr : 0;
	info->cr3 = obj->any_cr3 ? 0 : obj->cr3;
	info->hits = atomic64_read(&obj->hits);
	info->ignore = obj->ignore;
	info->action = obj->action;
	info->cpl_mask = obj->cpl_mask == CPL_ALL ? 0 : obj->cpl_mask;
	info->code = (obj->cond ? VMXDBG_CODE_COND : 0) |
		     (obj->record ? VMXDBG_CODE_RECORD : 0);
	info->record_flags = obj->record_flags;
	obj->ops->describe(obj, info);
}

/* ---- hits ---- */

static void object_begin(struct hit_point *m)
{
	verdicts_clear(&m->verdicts);
	m->forgets = false;
	m->tries = 0;
	m->spent = 0;
	m->nr++;
}

void hit_point_begin(struct vcpu *vcpu)
{
	struct hit_point *m = &vcpu->hit_point;

	if (likely(m->end == HIT_POINT_OVER) || m->rip != vcpu_linear_rip(vcpu))
		object_begin(m);
	hit_point_end(m);
	m->addr = 0;
}

/* Return: whether the object hits this vCPU in its address space and CPL. */
static bool filters(struct vcpu *vcpu, const struct dbg_object *obj)
{
	bool pass;

	if (!vcpu_set_has(obj->vcpus, vcpu->id))
		return false;
	if (obj->any_cr3 && obj->cpl_mask == CPL_ALL)
		return true;
	vmcs_get(&vcpu->vmcs);
	pass = (obj->any_cr3 || obj->cr3 == (vmcs_read(GUEST_CR3) & PAGE_MASK)) &&
	       (obj->cpl_mask & BIT(vcpu_cpl(vcpu)));
	vmcs_put();
	return pass;
}

static enum hit_result stop(const struct dbg_object *obj, u32 why, struct hits *hits)
{
	unsigned int i;

	hits->why |= why;
	/* An object that is being displaced may be hit in both places. */
	for (i = 0; i < hits->nr; i++)
		if (hits->ids[i] == obj->id)
			return HIT_STOP;
	if (hits->nr < VMXDBG_EVENT_BPS)
		hits->ids[hits->nr++] = obj->id;
	return HIT_STOP;
}

static u32 error_code(int err)
{
	switch (err) {
	case -EDOM:
		return VMXDBG_ERROR_DIVIDE;
	case -ELOOP:
		return VMXDBG_ERROR_BUDGET;
	case -E2BIG:
		return VMXDBG_ERROR_SIZE;
	default:
		return VMXDBG_ERROR_MEMORY;
	}
}

/* Stop and report that the bytecode of @obj failed. @error: VMXDBG_ERROR_* */
static enum hit_result fail(const struct dbg_object *obj, u32 why, u32 error, struct hits *hits)
{
	stop(obj, why | VMXDBG_WHY_ERROR, hits);
	if (!hits->error) {
		hits->error = error;
		/* ids[0] is the object that failed */
		swap(hits->ids[0], hits->ids[hits->nr - 1]);
	}
	return HIT_STOP;
}

static enum hit_result pause_for(struct vcpu *vcpu, enum hit_point_lack lacks)
{
	vcpu->hit_point.lacks = lacks;
	vcpu->hit_point.end = HIT_POINT_MISSES;
	vcpu->hit_point.rip = vcpu_linear_rip(vcpu);
	return HIT_RETRY;
}

/* Count a hit: filters and condition are true. */
static enum verdict count(struct dbg_object *obj)
{
	static const u8 verdicts[] = {
		[VMXDBG_ACTION_STOP] = VERDICT_STOP,
		[VMXDBG_ACTION_COUNT] = VERDICT_GO,
		[VMXDBG_ACTION_RECORD] = VERDICT_RECORD,
	};

	return atomic64_inc_return(&obj->hits) <= obj->ignore ? VERDICT_GO :
								verdicts[obj->action];
}

/* Return: enum verdict, or an error of bytecode_run(). */
static int judge(struct vcpu *vcpu, struct dbg_object *obj)
{
	int r = 1;

	if (!filters(vcpu, obj))
		return VERDICT_GO;
	if (obj->cond)
		r = bytecode_env_condition(vcpu, obj);
	if (r <= 0)
		return r;
	r = count(obj);
	trace_vmxdbg_hit(vcpu->vm->id, vcpu->id, obj->id, r);
	return r;
}

/*
 * An object counts only if its verdict can be kept, so that it does not count again after
 * a pause. Return: HIT_GO, or HIT_RETRY to make room or to let the host have the CPU.
 */
static enum hit_result object_may_count(struct vcpu *vcpu)
{
	struct hit_point *m = &vcpu->hit_point;

	if (unlikely(m->forgets))
		return HIT_GO;
	if (unlikely(verdicts_full(&m->verdicts)))
		return pause_for(vcpu, LACKS_ROOM);
	return unlikely(m->spent > COST_OF_SECTION) ? pause_for(vcpu, LACKS_TIME) : HIT_GO;
}

static void object_remember(struct hit_point *m, u32 id, u8 verdict)
{
	m->tries = 0;
	if (!verdicts_full(&m->verdicts))
		verdicts_add(&m->verdicts, id, verdict);
}

/* The object's action is complete, or its bytecode failed. */
static void object_settle(struct hit_point *m, u32 id, u8 verdict)
{
	u8 *known = verdicts_find(&m->verdicts, id);

	if (known)
		*known = verdict;
	else
		object_remember(m, id, verdict);
}

enum hit_result dbg_object_hit(struct vcpu *vcpu, struct dbg_object *obj, u32 why,
			       struct hits *hits)
{
	struct hit_point *m = &vcpu->hit_point;
	u8 *known = verdicts_find(&m->verdicts, obj->id);
	int r;

	/* The hit point is repeated anyway: provide one thing at a time. */
	if (unlikely(m->end == HIT_POINT_MISSES))
		return HIT_RETRY;
	if (!known && object_may_count(vcpu) == HIT_RETRY)
		return HIT_RETRY;
	r = known ? *known : judge(vcpu, obj);
	if (!known)
		m->spent += obj->cost;
	if (!known && r >= 0)
		object_remember(m, obj->id, r);
	if (r == VERDICT_RECORD) {
		r = dbg_record_hit(vcpu, obj);
		if (!r)
			object_settle(m, obj->id, VERDICT_GO);
	}
	if (r == -EAGAIN && m->tries++ < TRIES_MAX)
		return pause_for(vcpu, LACKS_MEMORY);
	if (unlikely(r < 0)) {
		r = VERDICT_FAILED + error_code(r);
		object_settle(m, obj->id, r);
	}
	if (unlikely(r >= VERDICT_FAILED))
		return fail(obj, why, r - VERDICT_FAILED, hits);
	return r == VERDICT_STOP ? stop(obj, why, hits) : HIT_GO;
}

bool dbg_object_lets_go(struct vcpu *vcpu, struct dbg_object *obj)
{
	struct hit_point *m = &vcpu->hit_point;
	int r;

	if (unlikely(m->end != HIT_POINT_OVER))
		return false;
	m->addr = 0;
	r = judge(vcpu, obj);
	if (likely(r == VERDICT_GO) ||
	    (r == VERDICT_RECORD && !dbg_record_hit(vcpu, obj)))
		return true;
	object_begin(m);
	if (r > 0)
		object_remember(m, obj->id, r);
	m->end = HIT_POINT_AGAIN;
	m->rip = vcpu_linear_rip(vcpu);
	return false;
}

void hit_point_skip(struct vcpu *vcpu, u32 id)
{
	struct hit_point *m = &vcpu->hit_point;

	if (!verdicts_find(&m->verdicts, id))
		object_remember(m, id, VERDICT_GO);
}

void hit_point_fault_in(struct vcpu *vcpu)
{
	struct hit_point *m = &vcpu->hit_point;

	if (m->lacks == LACKS_MEMORY)
		fault_in_readable((const char __user *)m->missing, 1);
	else if (m->lacks == LACKS_ROOM)
		m->forgets = verdicts_grow(&m->verdicts);
	else
		cond_resched();
	m->spent = 0;
	m->end = HIT_POINT_AGAIN;
}
