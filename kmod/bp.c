// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints and watchpoints. An object is either a hook on a page (hook.c) or
 * a want of a debug register (dr_wants.c). One that
 * is to become a hook, but whose page is not mapped yet, begins as a want.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/slab.h>
#include <linux/string.h>
#include <asm/page.h>

#include "bp.h"
#include "dr_wants.h"
#include "hook.h"
#include "session.h"
#include "vcpu.h"

#define VADDR_BITS	48	/* no 5-level paging in guests */

struct bp {
	struct object obj;
	struct soft_break sb;
	u64 addr, len;
	u32 type;		/* VMXDBG_BP_* */
	bool in_dr;		/* or else hooked */
};

static u64 guest_cr3(struct vcpu *vcpu)
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

/* Its first byte, or all of it: what a debug register is to hold. */
static struct dr_want want_of(const struct bp *bp)
{
	return (struct dr_want){
		.addr = bp->addr, .len = bp->len, .type = dr_type(bp->type) };
}

static int dr_add(struct session *s, struct bp *bp)
{
	struct dr_want want = want_of(bp);
	int r = dr_wants_add(s, &bp->obj, &want);

	bp->in_dr = !r;
	return r;
}

static void dr_del(struct session *s, struct bp *bp)
{
	dr_wants_del(s, &bp->obj);
	bp->in_dr = false;
}

/* ---- making one ---- */

static int check_data(const struct vmxdbg_bp *arg)
{
	struct dr_want want = {
		.addr = arg->addr, .len = arg->len, .type = dr_type(arg->type) };

	return arg->len <= 8 && dr_want_valid(&want) ? 0 : -EINVAL;
}

static int check_filters(const struct vmxdbg_bp *arg)
{
	if (!(arg->flags & VMXDBG_BP_CR3))
		return arg->cr3 ? -EINVAL : 0;
	return arg->cr3 & ~PAGE_MASK ? -EINVAL : 0;
}

static int check(const struct vmxdbg_bp *arg)
{
	bool physical = arg->flags & VMXDBG_BP_PHYSICAL;
	bool soft = arg->type == VMXDBG_BP_SOFT;

	if (arg->type > VMXDBG_BP_ACCESS ||
	    (arg->flags & ~(VMXDBG_BP_PHYSICAL | VMXDBG_BP_CR3)) ||
	    memchr_inv(arg->reserved, 0, sizeof(arg->reserved)))
		return -EINVAL;
	if ((physical && !soft) || (arg->vcpu && (physical || !soft)))
		return -EINVAL;
	if (!physical && !__is_canonical_address(arg->addr, VADDR_BITS))
		return -EINVAL;
	if (check_filters(arg))
		return -EINVAL;
	if (soft)
		return arg->len == 1 ? 0 : -EINVAL;
	return check_data(arg);
}

static struct bp *bp_alloc(const struct vmxdbg_bp *arg, struct object_options *o)
{
	struct bp *bp = kzalloc(sizeof(*bp), GFP_KERNEL_ACCOUNT);

	if (!bp)
		return NULL;
	object_init(&bp->obj, OBJECT_BP, o, arg->vcpu_mask,
		    !(arg->flags & VMXDBG_BP_CR3), arg->cr3);
	bp->addr = arg->addr;
	bp->type = arg->type;
	bp->len = arg->len;
	INIT_HLIST_NODE(&bp->sb.link);
	bp->sb.gva = arg->addr;
	bp->sb.physical = arg->flags & VMXDBG_BP_PHYSICAL;
	bp->sb.obj = &bp->obj;
	return bp;
}

/* Return: 0 with @gpa, -ENXIO when it is not mapped now, or another errno. */
static int find_page(struct vcpu *vcpu, const struct bp *bp, u64 *gpa)
{
	int r = stop_lock(vcpu);

	if (r)
		return r;
	/* The page tables of another address space do not know. */
	if (!bp->obj.any_cr3 && bp->obj.cr3 != guest_cr3(vcpu))
		r = -ENXIO;
	else if (vcpu_translate(vcpu, bp->addr, gpa, NULL))
		r = -ENXIO;
	stop_unlock(vcpu);
	return r;
}

static int arm_soft(struct session *s, struct bp *bp, u32 vcpu_id)
{
	struct vcpu *vcpu;
	u64 gpa;
	int r;

	if (!vmx_ctl.exec_only)
		return -EOPNOTSUPP;
	if (bp->sb.physical)
		return hook_insert(s->vm, &bp->sb, bp->addr);
	vcpu = vm_vcpu(s->vm, vcpu_id);
	if (!vcpu)
		return -ENOENT;
	r = find_page(vcpu, bp, &gpa);
	if (r == -ENXIO)
		return dr_add(s, bp);
	return r ? r : hook_insert(s->vm, &bp->sb, gpa);
}

/* It is nowhere but in the list, or not even there. */
static void bp_free(struct bp *bp)
{
	object_destroy(&bp->obj);
	kfree_rcu(bp, obj.rcu);
}

static int bp_arm(struct session *s, struct bp *bp, u32 vcpu)
{
	int r = session_enter(s, &bp->obj);

	if (r)
		return r;
	r = bp->type == VMXDBG_BP_SOFT ? arm_soft(s, bp, vcpu) : dr_add(s, bp);
	if (r)
		session_forget(s, &bp->obj);
	return r;
}

int bp_add(struct session *s, struct vmxdbg_bp *arg)
{
	struct object_options options;
	struct bp *bp;
	int r;

	if (check(arg)) {
		pr_debug_ratelimited("breakpoint: type %u, flags %#x, %llu bytes at %#llx\n",
				     arg->type, arg->flags, arg->len, arg->addr);
		return -EINVAL;
	}
	if (arg->vcpu_mask & ~READ_ONCE(s->vm->vcpu_mask))
		return -ENOENT;
	r = object_options_get(&options, arg->options);
	if (r)
		return r;
	bp = bp_alloc(arg, &options);
	object_options_put(&options);
	if (!bp)
		return -ENOMEM;
	r = bp_arm(s, bp, arg->vcpu);
	if (r)
		bp_free(bp);
	else
		arg->id = bp->obj.id;
	return r;
}

/* ---- the rest of its life ---- */

static void resolve(struct session *s, struct bp *bp, struct vcpu *vcpu)
{
	u64 gpa;

	/* Where it cannot be hooked, it stays in its debug register. */
	if (find_page(vcpu, bp, &gpa) || hook_insert(s->vm, &bp->sb, gpa))
		return;
	dr_del(s, bp);
}

void bp_resolve_pending(struct session *s, struct vcpu *vcpu)
{
	struct object *obj;
	unsigned long id;

	if (!vcpu->reported || !READ_ONCE(s->vm->dr_nr))
		return;
	xa_for_each(&s->objects, id, obj) {
		struct bp *bp = container_of(obj, struct bp, obj);

		if (obj->kind == OBJECT_BP && bp->type == VMXDBG_BP_SOFT && bp->in_dr &&
		    bp->addr == vcpu->reported_rip)
			resolve(s, bp, vcpu);
	}
}

void bp_remove(struct session *s, struct object *obj)
{
	struct bp *bp = container_of(obj, struct bp, obj);

	if (bp->in_dr)
		dr_del(s, bp);
	else
		hook_remove(s->vm, &bp->sb);
	session_forget(s, obj);
	bp_free(bp);
}
