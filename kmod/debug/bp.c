// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints and watchpoints. An object is armed by a hook on a physical page
 * (hook.c), a watch of a physical range (watch.c), hooks or watches wherever the guest
 * maps a linear range (track.c), or a debug register (dr_wants.c).
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/slab.h>
#include <linux/string.h>
#include <asm/page.h>
#include <asm/vmx.h>

#include "debug/bp.h"
#include "debug/dbg_object.h"
#include "debug/dr_wants.h"
#include "debug/mid_insn.h"
#include "debug/post.h"
#include "debug/session_object.h"
#include "debug/stop.h"
#include "debug/track.h"
#include "debug/track_missing.h"
#include "debug/track_range.h"
#include "lib/dr.h"
#include "lib/walk.h"
#include "lib/watch_tree.h"
#include "mmu/gpa.h"
#include "mmu/hook.h"
#include "mmu/request.h"
#include "mmu/watch.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/gva.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

#define GPA_BITS	48	/* mapped by EPT with four levels */

/* How an object is armed. */
enum bp_home { IN_HOOK, IN_TRACK, IN_DR, IN_WATCH };

struct bp {
	struct dbg_object obj;
	union {
		struct soft_break sb;	/* breakpoint in physical memory */
		struct watch_piece piece;	/* watch of physical memory */
		struct tracked tracked;	/* either by linear address */
	};
	u64 addr, len;
	u32 type;		/* VMXDBG_BP_* */
	struct watch watch;
	u8 home;		/* enum bp_home; dr_mutex once it is IN_DR */
	bool told;		/* the session knows that it could not be displaced */
	bool physical;
};

static u64 bp_guest_cr3(struct vcpu *vcpu)
{
	u64 cr3;

	vmcs_get(&vcpu->vmcs);
	cr3 = vmcs_read(GUEST_CR3) & PAGE_MASK;
	vmcs_put();
	return cr3;
}

static u8 dr_type(u32 type)
{
	switch (type) {
	case VMXDBG_BP_WRITE:
		return DR_WRITE;
	case VMXDBG_BP_ACCESS:
		return DR_ACCESS;
	default:
		return DR_EXEC;
	}
}

/* Return: the want of a debug register for @bp. */
static struct dr_want want_of(const struct bp *bp)
{
	return (struct dr_want){
		.addr = bp->addr, .len = bp->len, .type = dr_type(bp->type) };
}

static int dr_add(struct session *s, struct bp *bp)
{
	struct dr_want want = want_of(bp);
	int r;

	/* Set before other threads see it: bp_make_room() may change it at once. */
	bp->home = IN_DR;
	r = dr_wants_add(s, &bp->obj, &want);
	if (r)
		bp->home = IN_HOOK;
	return r;
}

/* ---- removal ---- */

/* The object is disarmed, and no longer in the session. */
static void bp_free(struct bp *bp)
{
	dbg_object_destroy(&bp->obj);
	kfree_rcu(bp, obj.rcu);
}

static void disarm(struct session *s, struct bp *bp)
{
	struct dbg_object *obj = &bp->obj;

	switch (bp->home) {
	case IN_DR:
		dr_wants_del(s->vm, obj);
		break;
	case IN_WATCH:
		watch_take(s->vm, &bp->piece);
		vm_flush_tlb(s->vm);
		break;
	case IN_TRACK:
		track_del(s->vm, &bp->tracked);
		break;
	default:
		hook_remove(s->vm, &bp->sb);
	}
}

static void bp_remove(struct session *s, struct dbg_object *obj)
{
	struct bp *bp = container_of(obj, struct bp, obj);

	/* bp_make_room() does not displace the object now, and has finished if it began. */
	mutex_lock(&s->vm->dr_mutex);
	disarm(s, bp);
	mutex_unlock(&s->vm->dr_mutex);
	session_forget(s, obj);
	bp_free(bp);
}

/* ---- description ---- */

static u32 bp_armed(enum bp_home home, u32 type)
{
	if (home == IN_DR)
		return VMXDBG_ARMED_REGISTER;
	return type == VMXDBG_BP_SOFT || type == VMXDBG_BP_HARD ? VMXDBG_ARMED_COPY :
								  VMXDBG_ARMED_EPT;
}

static void bp_describe(const struct dbg_object *obj, struct vmxdbg_object_info *info)
{
	const struct bp *bp = container_of(obj, struct bp, obj);
	/* Pairs with displace(): @tracked is filled in. */
	enum bp_home home = smp_load_acquire(&bp->home);

	info->kind = VMXDBG_OBJECT_BP;
	info->type = bp->type;
	info->flags |= bp->physical ? VMXDBG_BP_PHYSICAL : 0;
	info->first = bp->addr;
	info->last = bp->addr + bp->len - 1;
	info->armed = bp_armed(home, bp->type);
	if (home == IN_TRACK)
		info->sites = READ_ONCE(bp->tracked.nr_armed);
	else if (home != IN_DR)
		info->sites = 1;
}

static const struct dbg_object_ops bp_ops = {
	.remove = bp_remove,
	.describe = bp_describe,
};

/* ---- creation ---- */

static bool fits_dr(const struct bp *bp)
{
	struct dr_want want = want_of(bp);

	if (bp->physical || bp->len > sizeof(u64))
		return false;
	return (bp->type == VMXDBG_BP_WRITE || bp->type == VMXDBG_BP_ACCESS) &&
	       dr_want_valid(&want);
}

/* The range must lie in its address space, and in one half of a linear one. */
static int check_range(const struct vmxdbg_bp *arg)
{
	u64 last = arg->addr + arg->len - 1;

	if (!arg->len || last < arg->addr)
		return -EINVAL;
	if (arg->flags & VMXDBG_BP_PHYSICAL)
		return last >> GPA_BITS ? -EINVAL : 0;
	if (!__is_canonical_address(arg->addr, VADDR_BITS) ||
	    !__is_canonical_address(last, VADDR_BITS) || (arg->addr ^ last) >> 63)
		return -EINVAL;
	return 0;
}

static int check_filters(const struct vmxdbg_bp *arg)
{
	if (!(arg->flags & VMXDBG_BP_CR3))
		return arg->cr3 ? -EINVAL : 0;
	return arg->cr3 & ~PAGE_MASK ? -EINVAL : 0;
}

static int bp_check(const struct vmxdbg_bp *arg)
{
	bool physical = arg->flags & VMXDBG_BP_PHYSICAL;
	bool point = arg->type == VMXDBG_BP_SOFT || arg->type == VMXDBG_BP_HARD;

	if (arg->type > VMXDBG_BP_EXEC ||
	    (arg->flags & ~(VMXDBG_BP_PHYSICAL | VMXDBG_BP_CR3)) ||
	    memchr_inv(arg->reserved, 0, sizeof(arg->reserved)))
		return -EINVAL;
	if (physical && (arg->type == VMXDBG_BP_HARD || arg->vcpu))
		return -EINVAL;
	if (point && arg->len != 1)
		return -EINVAL;
	return check_range(arg) ?: check_filters(arg);
}

static u32 watched(u32 type)
{
	switch (type) {
	case VMXDBG_BP_WRITE:
		return VMXDBG_ACCESS_WRITE;
	case VMXDBG_BP_READ:
		return VMXDBG_ACCESS_READ;
	case VMXDBG_BP_ACCESS:
		return VMXDBG_ACCESS_READ | VMXDBG_ACCESS_WRITE;
	default:
		return VMXDBG_ACCESS_FETCH;
	}
}

static struct bp *bp_alloc(const struct vmxdbg_bp *arg, struct dbg_object_options *o)
{
	struct bp *bp = kzalloc(sizeof(*bp), GFP_KERNEL_ACCOUNT);

	if (!bp)
		return NULL;
	dbg_object_init(&bp->obj, &bp_ops, o, !(arg->flags & VMXDBG_BP_CR3), arg->cr3);
	bp->addr = arg->addr;
	bp->type = arg->type;
	bp->len = arg->len;
	bp->physical = arg->flags & VMXDBG_BP_PHYSICAL;
	bp->watch = (struct watch){ .obj = &bp->obj, .access = watched(bp->type),
				    .physical = bp->physical };
	return bp;
}

/* Read the old value for the first hit, if a stopped vCPU can translate the address. */
static void see(struct session *s, struct bp *bp, u32 vcpu_id)
{
	struct vcpu *vcpu = vm_vcpu(s->vm, vcpu_id);
	struct dr_seen *seen = &bp->obj.seen;

	if (!vcpu || stop_lock(vcpu))
		return;
	if (bp->obj.any_cr3 || bp->obj.cr3 == bp_guest_cr3(vcpu))
		seen->known = !vcpu_translate(vcpu, bp->addr, &seen->gpa, NULL) &&
			      gpa_read(s->vm, seen->gpa, &seen->value, bp->len) == bp->len;
	stop_unlock(vcpu);
}

/* Arm @bp wherever the guest maps it. @mode: of a vCPU that does not execute. */
static int follow_in(struct vm *vm, struct bp *bp, struct watch *watch,
		     const struct walk_mode *mode, struct track_missing *missing)
{
	bp->tracked = (struct tracked){
		.gva = bp->addr, .len = bp->len, .obj = &bp->obj, .watch = watch,
		.any = bp->obj.any_cr3, .cr3 = bp->obj.cr3 };
	return track_try_add(vm, mode, &bp->tracked, missing);
}

static int bp_follow(struct session *s, struct bp *bp, struct watch *watch, u32 vcpu_id)
{
	struct vcpu *vcpu = vm_vcpu(s->vm, vcpu_id);
	struct track_missing missing = {};
	struct walk_mode mode;
	int r;

	if (!vcpu)
		return -ENOENT;
	r = stop_lock(vcpu);
	if (r)
		return r;
	vcpu_walk_mode(vcpu, &mode);
	stop_unlock(vcpu);
	bp->home = IN_TRACK;
	while ((r = follow_in(s->vm, bp, watch, &mode, &missing)) == -EAGAIN)
		track_missing_fault_in(s->vm, &missing);
	return r;
}

static int arm_soft(struct session *s, struct bp *bp, u32 vcpu_id)
{
	if (mid_insn(s->vm, &bp->obj, bp->addr, bp->physical)) {
		pr_debug_ratelimited("breakpoint: %#llx is inside of an instruction\n", bp->addr);
		return -EINVAL;
	}
	if (!bp->physical)
		return bp_follow(s, bp, NULL, vcpu_id);
	bp->sb = (struct soft_break){ .physical = true, .obj = &bp->obj };
	return hook_insert(s->vm, &bp->sb, bp->addr);
}

static int arm_watch(struct session *s, struct bp *bp, u32 vcpu_id)
{
	int r;

	if (fits_dr(bp)) {
		see(s, bp, vcpu_id);
		if (!dr_add(s, bp))
			return 0;
	}
	r = watch_prepare(s->vm);
	if (r)
		return r;
	if (!bp->physical)
		return bp_follow(s, bp, &bp->watch, vcpu_id);
	bp->piece = (struct watch_piece){ .first = bp->addr, .last = bp->addr + bp->len - 1,
					  .gva = bp->addr, .watch = &bp->watch };
	watch_put(s->vm, &bp->piece);
	vm_flush_tlb(s->vm);
	bp->home = IN_WATCH;
	return 0;
}

/* Without a free register a hook does as well. */
static int arm_hard(struct session *s, struct bp *bp, u32 vcpu)
{
	int r = dr_add(s, bp);

	return r == -ENOSPC && !arm_soft(s, bp, vcpu) ? 0 : r;
}

static int arm(struct session *s, struct bp *bp, u32 vcpu)
{
	switch (bp->type) {
	case VMXDBG_BP_SOFT:
		return arm_soft(s, bp, vcpu);
	case VMXDBG_BP_HARD:
		return arm_hard(s, bp, vcpu);
	default:
		return arm_watch(s, bp, vcpu);
	}
}

static int bp_arm(struct session *s, struct bp *bp, u32 vcpu)
{
	int r = session_enter(s, &bp->obj);

	if (r)
		return r;
	r = arm(s, bp, vcpu);
	if (r)
		session_forget(s, &bp->obj);
	return r;
}

int bp_add(struct session *s, struct vmxdbg_bp *arg)
{
	struct dbg_object_options options;
	struct bp *bp;
	int r;

	if (bp_check(arg)) {
		pr_debug_ratelimited("breakpoint: type %u, flags %#x, %llu bytes at %#llx\n",
				     arg->type, arg->flags, arg->len, arg->addr);
		return -EINVAL;
	}
	r = dbg_object_options_get(s->vm, &options, arg->options, arg->vcpu_mask);
	if (r)
		return r;
	bp = bp_alloc(arg, &options);
	dbg_object_options_put(&options);
	if (!bp)
		return -ENOMEM;
	r = bp_arm(s, bp, arg->vcpu);
	if (r)
		bp_free(bp);
	else
		arg->id = bp->obj.id;
	return r;
}

/* ---- displacement: the guest needs its debug registers ---- */

/*
 * For a while the object is armed in both ways, so that no vCPU misses it. A vCPU that
 * hits both at one hit point counts one hit (dbg_object_hit()).
 */
static int displace(struct vcpu *vcpu, struct bp *bp, struct track_missing *missing)
{
	bool exec = bp->type == VMXDBG_BP_HARD;
	struct walk_mode mode;
	int r = exec ? 0 : watch_prepare(vcpu->vm);

	if (r)
		return r;
	vcpu_walk_mode(vcpu, &mode);
	r = follow_in(vcpu->vm, bp, exec ? NULL : &bp->watch, &mode, missing);
	if (r)
		return r;
	/* Pairs with bp_describe(). */
	smp_store_release(&bp->home, IN_TRACK);
	dr_wants_del(vcpu->vm, &bp->obj);
	return 0;
}

/* Report, once, an object that this vCPU misses while the guest uses the register. */
static void note_unarmed(struct vmxdbg_event *part, struct bp *bp, int err)
{
	BUILD_BUG_ON(DR_COUNT > VMXDBG_EVENT_BPS);
	if (bp->told)
		return;
	bp->told = true;
	pr_debug_ratelimited("breakpoint %u: the guest has its register, error %d\n",
			     bp->obj.id, err);
	part->bps[part->nr_bps++] = bp->obj.id;
}

static int displace_all(struct vcpu *vcpu, struct track_missing *missing)
{
	struct vmxdbg_event part = {
		.why = VMXDBG_WHY_ERROR, .error = VMXDBG_ERROR_UNARMED };
	unsigned long left = vcpu->plan.want_unarmed;
	struct dbg_object *obj;
	int r = 0;

	for (; left && r != -EINTR && r != -EAGAIN; left &= left - 1) {
		obj = dr_wants_object(vcpu->vm, vcpu->plan_ids[__ffs(left)]);
		if (!obj)
			continue;
		r = displace(vcpu, container_of(obj, struct bp, obj), missing);
		if (r && r != -EINTR && r != -EAGAIN)
			note_unarmed(&part, container_of(obj, struct bp, obj), r);
	}
	if (part.nr_bps)
		post_event(vcpu, &part);
	return r == -EINTR || r == -EAGAIN ? r : 0;
}

int bp_make_room(struct vcpu *vcpu)
{
	struct track_missing missing = {};
	int r;

	if (vcpu->nr_kept)
		dr_wants_tell_kept(vcpu);
	for (;;) {
		if (mutex_lock_killable(&vcpu->vm->dr_mutex))
			return -EINTR;
		clear_bit(REQ_DR_ROOM, &vcpu->requests);
		r = displace_all(vcpu, &missing);
		mutex_unlock(&vcpu->vm->dr_mutex);
		if (r != -EAGAIN)
			break;
		track_missing_fault_in(vcpu->vm, &missing);
		if (signal_pending(current)) {
			r = -EINTR;
			break;
		}
	}
	if (r)
		set_bit(REQ_DR_ROOM, &vcpu->requests);
	return r;
}
