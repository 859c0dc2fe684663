// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints and watchpoints. An object is either a hook on a page (hook.c) or
 * a want in vm->dr_want[], of which the vCPUs make their plans (dr.c). One that
 * is to become a hook, but whose page is not mapped yet, begins as a want.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/page.h>

#include "hook.h"
#include "session.h"
#include "vcpu.h"

#define VADDR_BITS	48	/* no 5-level paging in guests */

struct bp {
	struct soft_break sb;	/* its id and filters are used for all types */
	u64 addr;
	u32 type;		/* VMXDBG_BP_* */
	u8 len;
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

/* ---- debug registers ---- */

/* dbg_lock held. */
static int dr_index(const struct vm *vm, u32 id)
{
	unsigned int i;

	for (i = 0; i < vm->dr_nr; i++)
		if (vm->dr_want[i].id == id)
			return i;
	return -1;
}

/* Each vCPU has the wants of now in its registers when this has returned. */
static void dr_changed(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		vcpu_request(vcpu, REQ_DEBUG_REGS, true);
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

static struct dr_want want_of(const struct bp *bp)
{
	return (struct dr_want){
		.addr = bp->addr, .id = bp->sb.id, .len = bp->len,
		.type = dr_type(bp->type) };
}

static int dr_add(struct session *s, struct bp *bp)
{
	struct vm *vm = s->vm;
	unsigned int n;

	spin_lock(&vm->dbg_lock);
	n = vm->dr_nr;
	if (n == DR_COUNT) {
		spin_unlock(&vm->dbg_lock);
		return -ENOSPC;
	}
	vm->dr_want[n] = want_of(bp);
	vm->dr_mask[n] = bp->sb.vcpu_mask;
	s->dr[n].any_cr3 = bp->sb.any_cr3;
	s->dr[n].cr3 = bp->sb.cr3;
	s->dr[n].why = vm->dr_want[n].type == DR_EXEC ? VMXDBG_WHY_BREAKPOINT :
							VMXDBG_WHY_WATCH;
	vm->dr_nr = n + 1;
	spin_unlock(&vm->dbg_lock);
	bp->in_dr = true;
	dr_changed(vm);
	return 0;
}

static void dr_del(struct session *s, struct bp *bp)
{
	struct vm *vm = s->vm;
	int n;

	spin_lock(&vm->dbg_lock);
	n = dr_index(vm, bp->sb.id);
	if (!WARN_ON_ONCE(n < 0)) {
		for (vm->dr_nr--; n < vm->dr_nr; n++) {
			vm->dr_want[n] = vm->dr_want[n + 1];
			vm->dr_mask[n] = vm->dr_mask[n + 1];
			s->dr[n] = s->dr[n + 1];
		}
	}
	spin_unlock(&vm->dbg_lock);
	bp->in_dr = false;
	dr_changed(vm);
}

bool bp_exec_at(struct vcpu *vcpu, u64 addr)
{
	struct vm *vm = vcpu->vm;
	bool found = false;
	unsigned int i;

	spin_lock(&vm->dbg_lock);
	for (i = 0; i < vm->dr_nr; i++)
		found |= vm->dr_want[i].type == DR_EXEC &&
			 vm->dr_want[i].addr == addr &&
			 (vm->dr_mask[i] & BIT_ULL(vcpu->id));
	spin_unlock(&vm->dbg_lock);
	return found;
}

/* dbg_lock held. The register that @vcpu has for @id: -1 for no hit. */
static int dr_hit(struct vcpu *vcpu, u32 id, u64 cr3)
{
	struct session *s = vcpu->vm->session;
	int n = dr_index(vcpu->vm, id);

	/* Deleted since the plan was made, or another address space. */
	if (!s || s->closing || n < 0)
		return -1;
	return s->dr[n].any_cr3 || s->dr[n].cr3 == cr3 ? n : -1;
}

unsigned int bp_dr_hits(struct vcpu *vcpu, u8 wants, u32 *ids, u32 *why, u64 *addr)
{
	u64 cr3 = guest_cr3(vcpu);
	struct vm *vm = vcpu->vm;
	unsigned int i, nr = 0;
	int n;

	*why = 0;
	*addr = 0;
	spin_lock(&vm->dbg_lock);
	for (i = 0; i < DR_COUNT; i++) {
		if (!(wants & BIT(i)))
			continue;
		n = dr_hit(vcpu, vcpu->plan_ids[i], cr3);
		if (n < 0)
			continue;
		if (vm->dr_want[n].type != DR_EXEC && !(*why & VMXDBG_WHY_WATCH))
			*addr = vm->dr_want[n].addr;
		*why |= vm->session->dr[n].why;
		ids[nr++] = vcpu->plan_ids[i];
	}
	spin_unlock(&vm->dbg_lock);
	return nr;
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

static struct bp *bp_alloc(const struct vmxdbg_bp *arg)
{
	struct bp *bp = kzalloc(sizeof(*bp), GFP_KERNEL_ACCOUNT);

	if (!bp)
		return NULL;
	INIT_LIST_HEAD(&bp->sb.link);
	bp->addr = arg->addr;
	bp->type = arg->type;
	bp->len = arg->len;
	bp->sb.gva = arg->addr;
	bp->sb.physical = arg->flags & VMXDBG_BP_PHYSICAL;
	bp->sb.any_cr3 = !(arg->flags & VMXDBG_BP_CR3);
	bp->sb.cr3 = arg->cr3;
	bp->sb.vcpu_mask = arg->vcpu_mask ? arg->vcpu_mask : ~0ULL;
	return bp;
}

/* Return: 0 with @gpa, -ENXIO when it is not mapped now, or another errno. */
static int find_page(struct vcpu *vcpu, const struct bp *bp, u64 *gpa)
{
	int r = stop_lock(vcpu);

	if (r)
		return r;
	/* The page tables of another address space do not know. */
	if (!bp->sb.any_cr3 && bp->sb.cr3 != guest_cr3(vcpu))
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

static int bp_enter(struct session *s, struct bp *bp)
{
	int r;

	if (s->nr_bps >= BP_MAX)
		return -ENOSPC;
	/* Cyclic: an unread event must not name a younger object. */
	r = xa_alloc_cyclic(&s->bps, &bp->sb.id, bp, XA_LIMIT(1, INT_MAX),
			    &s->next_bp, GFP_KERNEL_ACCOUNT);
	if (r < 0)
		return r;
	s->nr_bps++;
	return 0;
}

static void bp_free(struct session *s, struct bp *bp)
{
	xa_erase(&s->bps, bp->sb.id);
	s->nr_bps--;
	kfree(bp);
}

int bp_add(struct session *s, struct vmxdbg_bp *arg)
{
	struct bp *bp;
	int r;

	if (check(arg)) {
		pr_debug_ratelimited("breakpoint: type %u, flags %#x, %llu bytes at %#llx\n",
				     arg->type, arg->flags, arg->len, arg->addr);
		return -EINVAL;
	}
	if (arg->vcpu_mask & ~READ_ONCE(s->vm->vcpu_mask))
		return -ENOENT;
	bp = bp_alloc(arg);
	if (!bp)
		return -ENOMEM;
	r = bp_enter(s, bp);
	if (r) {
		kfree(bp);
		return r;
	}
	r = bp->type == VMXDBG_BP_SOFT ? arm_soft(s, bp, arg->vcpu) : dr_add(s, bp);
	if (r)
		bp_free(s, bp);
	else
		arg->id = bp->sb.id;
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
	unsigned long id;
	struct bp *bp;

	if (!vcpu->reported || !READ_ONCE(s->vm->dr_nr))
		return;
	xa_for_each(&s->bps, id, bp)
		if (bp->type == VMXDBG_BP_SOFT && bp->in_dr &&
		    bp->addr == vcpu->reported_rip)
			resolve(s, bp, vcpu);
}

static void bp_remove(struct session *s, struct bp *bp)
{
	if (bp->in_dr)
		dr_del(s, bp);
	else
		hook_remove(s->vm, &bp->sb);
	bp_free(s, bp);
}

int bp_del(struct session *s, unsigned long id)
{
	struct bp *bp = xa_load(&s->bps, id);

	if (!bp)
		return -ENOENT;
	bp_remove(s, bp);
	return 0;
}

void bp_del_all(struct session *s)
{
	unsigned long id;
	struct bp *bp;

	xa_for_each(&s->bps, id, bp) {
		bp_remove(s, bp);
		cond_resched();
	}
	xa_destroy(&s->bps);
}
