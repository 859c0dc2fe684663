// SPDX-License-Identifier: GPL-2.0-only
/*
 * The clock of a VM in nanoseconds (KVM_GET_CLOCK, KVM_SET_CLOCK): the time of the VM plus
 * an offset. So it stands still while a session holds the VM, and agrees with the guest's
 * TSC for ever.
 */
#include <linux/ktime.h>
#include <linux/kvm.h>
#include <linux/spinlock.h>
#include <asm/msr.h>

#include "lib/compat.h"
#include "vcpu.h"
#include "vcpu/vm_clock.h"
#include "irq/vm_time.h"
#include "vm.h"

/*
 * Read the host's TSC, and the real time of that moment if the host's clocks count by the
 * TSC. Return: whether they do.
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

/* Return: whether there are vCPUs, and all share one TSC. */
static bool tscs_match(struct vm *vm)
{
	struct vcpu *vcpu;
	bool any = false;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++) {
		if (READ_ONCE(vcpu->tsc_offset) != READ_ONCE(vm->tsc_offset))
			return false;
		any = true;
	}
	return any;
}

void vm_clock_init(struct vm *vm)
{
	vm->clock_offset = -vm_time_ns(vm, vm_time(vm));
}

void vm_clock_get(struct vm *vm, struct kvm_clock_data *data)
{
	u64 tsc, real, now;
	bool by_tsc;

	*data = (struct kvm_clock_data){ };
	spin_lock(&vm->dbg_lock);
	by_tsc = read_host(&tsc, &real);
	now = vm_time_at(vm, tsc);
	spin_unlock(&vm->dbg_lock);
	data->clock = vm_time_ns(vm, now) + READ_ONCE(vm->clock_offset);
	if (!by_tsc || !tscs_match(vm))
		return;
	data->flags = VM_CLOCK_FLAGS;
	data->realtime = real;
	data->host_tsc = tsc;
}

int vm_clock_set(struct vm *vm, const struct kvm_clock_data *data)
{
	u64 clock = data->clock, real = ktime_get_real_ns();

	if (data->flags & ~(u32)VM_CLOCK_FLAGS)
		return -EINVAL;
	/* As in KVM, the clock never goes back since it was saved. */
	if ((data->flags & KVM_CLOCK_REALTIME) && real > data->realtime)
		clock += real - data->realtime;
	WRITE_ONCE(vm->clock_offset, clock - vm_time_ns(vm, vm_time(vm)));
	return 0;
}
