// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a session wants in debug registers: vm->dr_want[], of which each vCPU
 * makes its plan (dr.c). The objects behind them are in session->dr_obj[].
 */
#include <linux/sched.h>

#include "dr_wants.h"
#include "session.h"
#include "vcpu.h"

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
	vm_request(vm, REQ_DEBUG_REGS);
}

int dr_wants_add(struct session *s, struct object *obj, const struct dr_want *want)
{
	struct vm *vm = s->vm;
	unsigned int n;

	spin_lock(&vm->dbg_lock);
	n = vm->dr_nr;
	if (n == DR_COUNT) {
		spin_unlock(&vm->dbg_lock);
		return -ENOSPC;
	}
	vm->dr_want[n] = *want;
	vm->dr_want[n].id = obj->id;
	vm->dr_mask[n] = obj->vcpu_mask;
	s->dr_obj[n] = obj;
	WRITE_ONCE(vm->dr_nr, n + 1);
	spin_unlock(&vm->dbg_lock);
	dr_changed(vm);
	return 0;
}

void dr_wants_del(struct session *s, struct object *obj)
{
	struct vm *vm = s->vm;
	int n;

	spin_lock(&vm->dbg_lock);
	n = dr_index(vm, obj->id);
	if (!WARN_ON_ONCE(n < 0)) {
		WRITE_ONCE(vm->dr_nr, vm->dr_nr - 1);
		for (; n < vm->dr_nr; n++) {
			vm->dr_want[n] = vm->dr_want[n + 1];
			vm->dr_mask[n] = vm->dr_mask[n + 1];
			s->dr_obj[n] = s->dr_obj[n + 1];
		}
	}
	spin_unlock(&vm->dbg_lock);
	dr_changed(vm);
}

bool dr_wants_exec_at(struct vcpu *vcpu, u64 addr)
{
	struct vm *vm = vcpu->vm;
	bool found = false;
	unsigned int i;

	if (!READ_ONCE(vm->dr_nr))
		return false;
	spin_lock(&vm->dbg_lock);
	for (i = 0; i < vm->dr_nr; i++)
		found |= vm->dr_want[i].type == DR_EXEC &&
			 vm->dr_want[i].addr == addr &&
			 (vm->dr_mask[i] & BIT_ULL(vcpu->id));
	spin_unlock(&vm->dbg_lock);
	return found;
}

/* One that was hit. */
struct dr_hit {
	struct object *obj;
	u64 addr;
	u32 why;
};

/* dbg_lock held. False: deleted since the plan was made. */
static bool find_hit(struct vcpu *vcpu, u32 id, struct dr_hit *hit)
{
	struct vm *vm = vcpu->vm;
	struct session *s = vm->session;
	int n = dr_index(vm, id);

	if (!s || s->closing || n < 0)
		return false;
	hit->obj = s->dr_obj[n];
	hit->addr = vm->dr_want[n].addr;
	hit->why = vm->dr_want[n].type == DR_EXEC ? VMXDBG_WHY_BREAKPOINT :
						    VMXDBG_WHY_WATCH;
	return true;
}

static unsigned int find_hits(struct vcpu *vcpu, u8 wants, struct dr_hit *hit)
{
	unsigned int i, nr = 0;

	spin_lock(&vcpu->vm->dbg_lock);
	for (i = 0; i < DR_COUNT; i++)
		if ((wants & BIT(i)) && find_hit(vcpu, vcpu->plan_ids[i], &hit[nr]))
			nr++;
	spin_unlock(&vcpu->vm->dbg_lock);
	return nr;
}

enum hit_result dr_wants_hit(struct vcpu *vcpu, u8 wants, struct hits *hits)
{
	enum hit_result all = HIT_GO, r;
	struct dr_hit hit[DR_COUNT];
	unsigned int i, nr;

	rcu_read_lock();
	nr = find_hits(vcpu, wants, hit);
	for (i = 0; i < nr; i++) {
		vcpu->moment.addr = hit[i].why == VMXDBG_WHY_WATCH ? hit[i].addr : 0;
		r = object_hit(vcpu, hit[i].obj, hit[i].why, hits);
		if (r == HIT_STOP && hit[i].why == VMXDBG_WHY_WATCH && !hits->addr)
			hits->addr = hit[i].addr;
		all = hit_both(all, r);
	}
	rcu_read_unlock();
	return all;
}
