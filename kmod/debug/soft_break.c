// SPDX-License-Identifier: GPL-2.0-only
/* Software breakpoints at an int3 that a vCPU has executed in the copy of a page. */
#include <linux/rculist.h>
#include <linux/xarray.h>

#include "debug/dbg_object.h"
#include "debug/soft_break.h"
#include "mmu/hook.h"
#include "vcpu.h"
#include "vm.h"
#include "vmxdbg.h"

/* rcu_read_lock() held. A hook is freed by RCU, after hooks_seq() has changed. */
static struct hook *hook_of(struct vcpu *vcpu, u64 gfn)
{
	unsigned long seq = hooks_seq(vcpu->vm);
	struct hook *hook = vcpu->hook_memo.hook;

	if (likely(hook && vcpu->hook_memo.seq == seq && hook->gfn == gfn))
		return hook;
	hook = xa_load(&vcpu->vm->hooks, gfn);
	vcpu->hook_memo.hook = hook;
	vcpu->hook_memo.seq = seq;
	return hook;
}

enum hit_result soft_break_hit(struct vcpu *vcpu, u64 gpa, u64 gva, struct hits *hits,
			       bool *any)
{
	enum hit_result r = HIT_GO;
	struct soft_break *sb;
	struct hook *hook;

	*any = false;
	rcu_read_lock();
	hook = hook_of(vcpu, gpa >> PAGE_SHIFT);
	if (hook) {
		hlist_for_each_entry_rcu(sb, &hook->line[hook_line(gpa)], link) {
			if (sb->gpa != gpa)
				continue;
			*any = true;
			if (sb->physical || sb->gva == gva)
				r = hit_both(r, dbg_object_hit(vcpu, sb->obj,
							       VMXDBG_WHY_BREAKPOINT, hits));
		}
	}
	rcu_read_unlock();
	return r;
}

struct soft_break *soft_break_only(struct vm *vm, u64 gpa, u64 gva)
{
	struct soft_break *sb, *only = NULL;
	unsigned int count = 0;
	struct hook *hook;

	hook = xa_load(&vm->hooks, gpa >> PAGE_SHIFT);
	if (!hook)
		return NULL;
	hlist_for_each_entry_rcu(sb, &hook->line[hook_line(gpa)], link) {
		if (sb->gpa != gpa)
			continue;
		count++;
		if (sb->physical || sb->gva == gva)
			only = sb;
	}
	return count == 1 ? only : NULL;
}

bool soft_break_at(struct vm *vm, u64 gpa)
{
	struct hook *hook;
	bool is;

	rcu_read_lock();
	hook = xa_load(&vm->hooks, gpa >> PAGE_SHIFT);
	is = hook && (READ_ONCE(hook->int3[hook_line(gpa)]) & hook_bit(gpa));
	rcu_read_unlock();
	return is;
}
