// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock of a VM in nanoseconds (KVM_GET_CLOCK, KVM_SET_CLOCK): the time of the VM since
 * one moment. So it stands still while a session holds the VM. Guests compute it from their
 * TSC by the same numbers (pvclock.c), with the same result for ever.
 */
#include <linux/kvm.h>
#include <linux/spinlock.h>
#include <asm/msr.h>

#include "irq/vm_time.h"
#include "lib/clock_scale.h"
#include "lib/compat.h"
#include "mmu/request.h"
#include "vcpu.h"
#include "vcpu/vm_clock.h"
#include "vm.h"

/*
 * Read the host's TSC, and the real time: of the same moment if the host's clocks count by
 * the TSC, else of one shortly before. Return: whether they do.
 */
static bool read_host(u64 *tsc, u64 *real)
{
	u64 before = rdtsc_ordered(), cycles = compat_clock_snapshot(real);

	*tsc = rdtsc_ordered();
	/* A clock source that is not the TSC has another value. */
	if (cycles < before || cycles > *tsc)
		return false;
	*tsc = cycles;
	return true;
}

static bool counts_as_others(const struct vcpu *vcpu)
{
	const struct vm *vm = vcpu->vm;

	return READ_ONCE(vcpu->tsc_offset) == READ_ONCE(vm->tsc_offset) &&
	       READ_ONCE(vcpu->vmcs.tsc_ratio) == READ_ONCE(vm->tsc_ratio);
}

/* Return: whether there are vCPUs, and all share one TSC. */
static bool tscs_match(struct vm *vm)
{
	struct vcpu *vcpu;
	bool any = false;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++) {
		if (!counts_as_others(vcpu))
			return false;
		any = true;
	}
	return any;
}

bool vm_clock_apart(struct vm *vm)
{
	return READ_ONCE(vm->clock_old_msr) || !tscs_match(vm);
}

bool vm_clock_stable(struct vm *vm)
{
	u64 tsc, real;

	return read_host(&tsc, &real) && !vm_clock_apart(vm);
}

/* dbg_lock held. @now may be of a CPU whose TSC is a little behind. */
static u64 clock_at(const struct vm *vm, u64 now)
{
	u64 passed = now - vm->clock.ticks;

	if ((s64)passed < 0)
		passed = 0;
	return vm->clock.ns + clock_scale_ns(vm->clock.scale, passed);
}

static void set_base(struct vm *vm, u64 ticks, u64 ns)
{
	vm->clock.ticks = ticks;
	vm->clock.ns = ns;
}

void vm_clock_init(struct vm *vm)
{
	vm->clock.scale = clock_scale_of(vm->tsc_khz);
	set_base(vm, vm_time(vm), 0);
}

void vm_clock_rebase(struct vm *vm)
{
	u64 now = vm_time_at(vm, rdtsc());

	set_base(vm, now, clock_at(vm, now));
}

void vm_clock_get(struct vm *vm, struct kvm_clock_data *data)
{
	u64 tsc, real;
	bool by_tsc;

	*data = (struct kvm_clock_data){ };
	spin_lock(&vm->dbg_lock);
	by_tsc = read_host(&tsc, &real);
	data->clock = clock_at(vm, vm_time_at(vm, tsc));
	spin_unlock(&vm->dbg_lock);
	if (!by_tsc || vm_clock_apart(vm))
		return;
	data->flags = VM_CLOCK_FLAGS;
	data->realtime = real;
	data->host_tsc = tsc;
}

u64 vm_clock_begin(struct vm *vm)
{
	u64 tsc, real, begin;

	spin_lock(&vm->dbg_lock);
	read_host(&tsc, &real);
	begin = real - clock_at(vm, vm_time_at(vm, tsc));
	spin_unlock(&vm->dbg_lock);
	return begin;
}

int vm_clock_set(struct vm *vm, const struct kvm_clock_data *data)
{
	u64 clock = data->clock, tsc, real;

	if (data->flags & ~(u32)VM_CLOCK_FLAGS)
		return -EINVAL;
	spin_lock(&vm->dbg_lock);
	read_host(&tsc, &real);
	/* As in KVM, the clock never goes back since it was saved. */
	if ((data->flags & KVM_CLOCK_REALTIME) && real > data->realtime)
		clock += real - data->realtime;
	set_base(vm, vm_time_at(vm, tsc), clock);
	spin_unlock(&vm->dbg_lock);
	if (READ_ONCE(vm->clock_read))
		vm_request(vm, REQ_PV);
	return 0;
}
