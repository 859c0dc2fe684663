// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM's clock. Each vCPU that turned it on has a structure in guest memory with a moment of
 * the VM's clock, the value of its TSC at that moment, and the scale. All vCPUs get the same
 * moment, which changes only with the clock, so that their results are the same, too. The
 * vCPU's thread writes it before an entry: REQ_PV.
 */
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/kvm_para.h>
#include <asm/pvclock-abi.h>

#include "irq/vm_time.h"
#include "lib/clock_scale.h"
#include "lib/tsc_ratio.h"
#include "mmu/gpa.h"
#include "mmu/request.h"
#include "vcpu.h"
#include "vcpu/pvclock.h"
#include "vcpu/vm_clock.h"
#include "vm.h"

static bool is_on(const struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->pv.clock) & KVM_MSR_ENABLED;
}

/* dbg_lock held */
static bool any_is_on(struct vm *vm)
{
	struct vcpu_walk walk;
	struct vcpu *vcpu;

	vm_for_each_vcpu(vm, vcpu, walk)
		if (is_on(vcpu))
			return true;
	return false;
}

/* Note whether all vCPUs share one clock. Return: whether that has changed. */
static bool note_apart(struct vm *vm)
{
	bool apart, changed;

	/* The last of several vCPUs to come here sees the TSCs of all. */
	spin_lock(&vm->dbg_lock);
	apart = vm_clock_apart(vm);
	changed = vm->clock_apart != apart;
	vm->clock_apart = apart;
	spin_unlock(&vm->dbg_lock);
	return changed;
}

/* Let all vCPUs read again whether they share one clock, if that has changed. */
static void tell_apart(struct vm *vm)
{
	struct vcpu_walk walk;
	struct vcpu *vcpu;

	if (!note_apart(vm))
		return;
	vm_for_each_vcpu(vm, vcpu, walk)
		if (is_on(vcpu))
			vcpu_request(vcpu, REQ_PV, false);
}

/*
 * The moment in the structures is that of the first vCPU that turns the clock on, so that
 * the TSC of a guest is not lower.
 */
void pvclock_set(struct vcpu *vcpu, u64 val, bool old, bool host)
{
	struct vm *vm = vcpu->vm;

	/* Same as KVM, which has this rule for guests that are older than the new MSR. */
	if (!vcpu->id && !host)
		WRITE_ONCE(vm->clock_old_msr, old);
	spin_lock(&vm->dbg_lock);
	if ((val & KVM_MSR_ENABLED) && !any_is_on(vm))
		vm_clock_rebase(vm);
	WRITE_ONCE(vcpu->pv.clock, val);
	spin_unlock(&vm->dbg_lock);
	WRITE_ONCE(vm->clock_read, true);
	set_bit(REQ_PV, &vcpu->requests);
	tell_apart(vm);
}

void pvclock_tsc_moved(struct vcpu *vcpu)
{
	if (!READ_ONCE(vcpu->vm->clock_read))
		return;
	set_bit(REQ_PV, &vcpu->requests);
	tell_apart(vcpu->vm);
}

int pvclock_note_pause(struct vcpu *vcpu)
{
	if (!is_on(vcpu))
		return -EINVAL;
	vcpu->pv.was_paused = true;
	set_bit(REQ_PV, &vcpu->requests);
	return 0;
}

static void fill_info(struct vcpu *vcpu, struct pvclock_vcpu_time_info *info)
{
	struct vm *vm = vcpu->vm;
	struct clock_scale scale = vm->clock.scale;

	if (unlikely(vcpu->vmcs.tsc_ratio != TSC_RATIO_ONE))
		scale = clock_scale_of(vm_time_tsc_khz(vcpu));
	info->tsc_to_system_mul = scale.mul;
	info->tsc_shift = scale.shift;
	spin_lock(&vm->dbg_lock);
	info->tsc_timestamp = vm_time_tsc(vcpu, vm->clock.ticks);
	info->system_time = vm->clock.ns;
	spin_unlock(&vm->dbg_lock);
	/* The guest clears this one when it has seen it. */
	info->flags &= PVCLOCK_GUEST_STOPPED;
	if (vcpu->pv.was_paused)
		info->flags |= PVCLOCK_GUEST_STOPPED;
	if (vm_clock_stable(vm))
		info->flags |= PVCLOCK_TSC_STABLE_BIT;
	memset(info->pad, 0, sizeof(info->pad));
	info->pad0 = 0;
}

void pvclock_update(struct vcpu *vcpu)
{
	u64 gpa = vcpu->pv.clock & ~KVM_MSR_ENABLED;
	struct pvclock_vcpu_time_info info;
	struct gpa_versioned to = {
		.gpa = gpa, .words = (u32 *)&info, .nr = sizeof(info) / sizeof(u32),
		.version = offsetof(struct pvclock_vcpu_time_info, version) / sizeof(u32),
	};

	BUILD_BUG_ON(sizeof(info) % sizeof(u32));
	/* Same as KVM: not across two pages. */
	if (!is_on(vcpu) || offset_in_page(gpa) + sizeof(info) > PAGE_SIZE)
		return;
	/* The slot may be away for a moment: the next KVM_RUN tries again. */
	vcpu->pv.clock_due = true;
	if (gpa_read(vcpu->vm, gpa, &info, sizeof(info)) != sizeof(info))
		return;
	info.version = ((info.version + 1) | 1) + 1;
	fill_info(vcpu, &info);
	if (!gpa_write_versioned(vcpu->vm, &to))
		return;
	vcpu->pv.clock_due = false;
	vcpu->pv.was_paused = false;
}

static bool put_wall(struct vm *vm, u64 gpa, const void *what, size_t len)
{
	return gpa_write(vm, gpa, what, len) == len;
}

void pvclock_update_wall(struct vcpu *vcpu)
{
	struct pvclock_wall_clock wall;
	u64 gpa = vcpu->pv.wall_due, begin;
	u32 rest, version;

	vcpu->pv.wall_due = 0;
	if (!gpa || gpa_read(vcpu->vm, gpa, &version, sizeof(version)) != sizeof(version))
		return;
	version = (version + 1) | 1;
	if (!put_wall(vcpu->vm, gpa, &version, sizeof(version)))
		return;
	begin = div_u64_rem(vm_clock_begin(vcpu->vm), NSEC_PER_SEC, &rest);
	wall = (struct pvclock_wall_clock){ .version = version, .sec = begin, .nsec = rest };
	put_wall(vcpu->vm, gpa, &wall, sizeof(wall));
	version++;
	put_wall(vcpu->vm, gpa, &version, sizeof(version));
}
