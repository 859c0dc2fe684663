// SPDX-License-Identifier: GPL-2.0-only
/*
 * Wants of a session for debug registers: vm->dr_want[], from which each vCPU makes
 * its plan (dr.c). bp_make_room() may remove a want while a vCPU is about to report a
 * hit on it. So the object of a hit is found by the id in the plan that was in the
 * processor, among the session's objects.
 */
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "debug/dbg_object.h"
#include "debug/dr_wants.h"
#include "debug/post.h"
#include "debug/session_object.h"
#include "debug/types.h"
#include "lib/dr.h"
#include "mmu/gpa.h"
#include "mmu/request.h"
#include "vcpu.h"
#include "vcpu/gva.h"
#include "vm.h"
#include "vmxdbg.h"

/* dbg_lock held. */
static int dr_index(const struct vm *vm, u32 id)
{
	unsigned int i;

	for (i = 0; i < vm->dr_nr; i++)
		if (vm->dr_want[i].id == id)
			return i;
	return -1;
}

/* When this returns, each vCPU uses the new wants. */
static void dr_changed(struct vm *vm)
{
	vm_request(vm, REQ_DEBUG_REGS);
}

/* dbg_lock held. Return: registers that the guest and the wants use on this vCPU. */
static unsigned int nr_used(const struct vm *vm, const struct vcpu *vcpu)
{
	unsigned int i, nr = dr7_nr_enabled(READ_ONCE(vcpu->dr7));

	for (i = 0; i < vm->dr_nr; i++)
		nr += vcpu_set_has(vm->dr_vcpus[i], vcpu->id);
	return nr;
}

/* dbg_lock held. If the guest enables more later, bp_make_room() displaces objects. */
static bool has_room(struct vm *vm, const struct vcpu_set *vcpus)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		if (vcpu_set_has(vcpus, i) && nr_used(vm, vcpu) >= DR_COUNT)
			return false;
	return vm->dr_nr < DR_COUNT;
}

int dr_wants_add(struct session *s, struct dbg_object *obj, const struct dr_want *want)
{
	struct vm *vm = s->vm;
	unsigned int n;

	spin_lock(&vm->dbg_lock);
	if (!has_room(vm, obj->vcpus)) {
		spin_unlock(&vm->dbg_lock);
		return -ENOSPC;
	}
	n = vm->dr_nr;
	vm->dr_want[n] = *want;
	vm->dr_want[n].id = obj->id;
	vm->dr_vcpus[n] = obj->vcpus;
	WRITE_ONCE(vm->dr_nr, n + 1);
	spin_unlock(&vm->dbg_lock);
	dr_changed(vm);
	return 0;
}

void dr_wants_del(struct vm *vm, struct dbg_object *obj)
{
	int n;

	spin_lock(&vm->dbg_lock);
	n = dr_index(vm, obj->id);
	if (!WARN_ON_ONCE(n < 0)) {
		WRITE_ONCE(vm->dr_nr, vm->dr_nr - 1);
		for (; n < vm->dr_nr; n++) {
			vm->dr_want[n] = vm->dr_want[n + 1];
			vm->dr_vcpus[n] = vm->dr_vcpus[n + 1];
		}
	}
	spin_unlock(&vm->dbg_lock);
	dr_changed(vm);
}

/* dbg_lock held. */
static unsigned int pick(struct vcpu *vcpu, struct dr_want *want, unsigned int nr, bool exec)
{
	struct vm *vm = vcpu->vm;
	unsigned int i;
	bool is_exec;

	for (i = 0; i < vm->dr_nr; i++) {
		is_exec = vm->dr_want[i].type == DR_EXEC;
		if (!vcpu_set_has(vm->dr_vcpus[i], vcpu->id) || is_exec != exec)
			continue;
		want[nr] = vm->dr_want[i];
		vcpu->plan_ids[nr++] = vm->dr_want[i].id;
	}
	return nr;
}

unsigned int dr_wants_of(struct vcpu *vcpu, struct dr_want want[DR_COUNT])
{
	unsigned int nr;

	spin_lock(&vcpu->vm->dbg_lock);
	nr = pick(vcpu, want, 0, false);
	nr = pick(vcpu, want, nr, true);
	spin_unlock(&vcpu->vm->dbg_lock);
	return nr;
}

struct dbg_object *dr_wants_object(struct vm *vm, u32 id)
{
	struct dbg_object *obj = NULL;

	spin_lock(&vm->dbg_lock);
	if (vm->session && !vm->session->closing && dr_index(vm, id) >= 0)
		obj = xa_load(&vm->session->objects, id);
	spin_unlock(&vm->dbg_lock);
	return obj;
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
			 vcpu_set_has(vm->dr_vcpus[i], vcpu->id);
	spin_unlock(&vm->dbg_lock);
	return found;
}

/* ---- hits ---- */

/* A want that was hit. */
struct dr_hit {
	struct dbg_object *obj;	/* NULL: deleted since */
	struct dr_want want;
};

/* Return: the debugger's want in register @slot of @plan. */
static struct dr_want dr_hit_of(const struct dr_plan *plan, const u32 ids[DR_COUNT],
				unsigned int slot)
{
	struct dr_want want = { };

	dr_want_decode(&want, plan->dr[slot], plan->dr7, slot);
	want.id = ids[plan->slot[slot].index];
	return want;
}

static unsigned int find_hits(struct vcpu *vcpu, u8 wants, struct dr_hit *hit)
{
	const struct dr_plan *plan = &vcpu->plan;
	unsigned int slot, nr = 0;

	for (slot = 0; slot < DR_COUNT; slot++)
		if (plan->slot[slot].owner == DR_DEBUGGER &&
		    (wants & BIT(plan->slot[slot].index)))
			hit[nr++].want = dr_hit_of(plan, vcpu->plan_ids, slot);
	return nr;
}

/* rcu_read_lock() held. */
static void find_objects(struct vm *vm, struct dr_hit *hit, unsigned int nr)
{
	struct session *s;
	unsigned int i;

	spin_lock(&vm->dbg_lock);
	s = vm->session;
	for (i = 0; i < nr; i++)
		hit[i].obj = s && !s->closing ? xa_load(&s->objects, hit[i].want.id) : NULL;
	spin_unlock(&vm->dbg_lock);
}

/* Read the value now and take that of the last hit, once for a hit point. */
static void dr_read_values(struct vcpu *vcpu, const struct dr_hit *hit,
			   struct dr_watch_value *value)
{
	struct dr_seen *seen = &hit->obj->seen;
	struct vm *vm = vcpu->vm;
	unsigned long missing;

	if (value->hit_point == vcpu->hit_point.nr)
		return;
	memset(value, 0, sizeof(*value));
	value->hit_point = vcpu->hit_point.nr;
	pagefault_disable();
	value->there = !vcpu_translate_again(vcpu, hit->want.addr, &value->gpa) &&
		     !gpa_read_nofault(vm, value->gpa, &value->new_value, hit->want.len,
				       &missing);
	pagefault_enable();
	spin_lock(&vm->dbg_lock);
	value->has_old = value->there && seen->known && seen->gpa == value->gpa;
	value->old_value = seen->value;
	*seen = (struct dr_seen){
		.known = value->there, .gpa = value->gpa, .value = value->new_value };
	spin_unlock(&vm->dbg_lock);
}

/*
 * After the instruction the processor reports the register that matched, but neither
 * the instruction nor its operands.
 */
static void dr_describe(const struct dr_want *want, const struct dr_watch_value *value,
			struct hits *hits)
{
	hits->addr = want->addr;
	hits->size = want->len;
	hits->access = VMXDBG_ACCESS_WRITE;
	if (value->there) {
		hits->gpa = value->gpa;
		hits->access |= VMXDBG_ACCESS_GPA;
	}
	if (value->has_old) {
		hits->old_value = value->old_value;
		hits->new_value = value->new_value;
		hits->access |= VMXDBG_ACCESS_VALUES;
	}
	if (want->type == DR_ACCESS && hits->old_value == hits->new_value)
		hits->access |= VMXDBG_ACCESS_READ;
}

static enum hit_result dr_ask(struct vcpu *vcpu, const struct dr_hit *hit,
			      const struct dr_watch_value *value, struct hits *hits)
{
	bool data = hit->want.type != DR_EXEC;
	enum hit_result r;

	vcpu->hit_point.addr = data ? hit->want.addr : 0;
	r = dbg_object_hit(vcpu, hit->obj, data ? VMXDBG_WHY_WATCH : VMXDBG_WHY_BREAKPOINT,
			   hits);
	if (r == HIT_STOP && data && !hits->access)
		dr_describe(&hit->want, value, hits);
	return r;
}

static enum hit_result dr_ask_all(struct vcpu *vcpu, struct dr_hit *hit, unsigned int nr,
				  struct hits *hits)
{
	enum hit_result all = HIT_GO;
	unsigned int i;

	rcu_read_lock();
	find_objects(vcpu->vm, hit, nr);
	for (i = 0; i < nr; i++) {
		if (!hit[i].obj)
			continue;
		if (hit[i].want.type != DR_EXEC)
			dr_read_values(vcpu, &hit[i], &vcpu->dr_values[i]);
		all = hit_both(all, dr_ask(vcpu, &hit[i], &vcpu->dr_values[i], hits));
	}
	rcu_read_unlock();
	return all;
}

enum hit_result dr_wants_hit(struct vcpu *vcpu, u8 wants, struct hits *hits)
{
	struct dr_hit hit[DR_COUNT];

	return dr_ask_all(vcpu, hit, find_hits(vcpu, wants, hit), hits);
}

/* ---- hits kept after their want is gone ---- */

void dr_wants_keep(struct vcpu *vcpu, const struct dr_plan *was,
		   const u32 was_ids[DR_COUNT], u64 bits)
{
	for (; bits && vcpu->nr_kept < DR_COUNT; bits &= bits - 1)
		vcpu->kept[vcpu->nr_kept++] = dr_hit_of(was, was_ids, __ffs64(bits));
	set_bit(REQ_DR_ROOM, &vcpu->requests);
}

void dr_wants_tell_kept(struct vcpu *vcpu)
{
	struct dr_hit hit[DR_COUNT];
	struct hits hits = { };
	unsigned int i, nr = vcpu->nr_kept;

	for (i = 0; i < nr; i++)
		hit[i].want = vcpu->kept[i];
	vcpu->nr_kept = 0;
	for (hit_point_begin(vcpu); dr_ask_all(vcpu, hit, nr, &hits) == HIT_RETRY;
	     hit_point_begin(vcpu)) {
		hit_point_fault_in(vcpu);
		hits = (struct hits){ };
	}
	if (hits.nr)
		post_hits(vcpu, &hits, 0, 0);
}
