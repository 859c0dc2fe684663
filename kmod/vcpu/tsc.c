// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's time stamp counter: the processor's, moved by an offset. A VM's vCPUs
 * count together unless somebody moves one of them, as on KVM.
 */
#include <linux/math64.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "vcpu.h"
#include "vcpu/tsc.h"
#include "vm.h"
#include "vmx/vmcs.h"

/* Parts per million that a clock may be off, as KVM and NTP have it */
#define TOLERANCE	250

/*
 * A VMM that restores or resets its vCPUs writes them one after the other: 0 means
 * "as the others", and so does what is less than a second away from the others.
 */
static bool joins_others(const struct vm *vm, u64 val, u64 now)
{
	u64 second = (u64)tsc_khz * 1000, others = now + vm->tsc_offset;

	if (!vm->tsc_running)
		return false;
	return !val || (val < others + second && val + second > others);
}

/* VMCS current. */
void vcpu_tsc_write_host(struct vcpu *vcpu, u64 val)
{
	struct vm *vm = vcpu->vm;
	u64 now = rdtsc();

	spin_lock(&vm->tsc_lock);
	if (!joins_others(vm, val, now))
		vm->tsc_offset = val - now;
	vm->tsc_running = true;
	vmcs_write(TSC_OFFSET, vm->tsc_offset);
	spin_unlock(&vm->tsc_lock);
}

static void move(struct vcpu *vcpu, u64 delta)
{
	vmcs_write(TSC_OFFSET, vmcs_read(TSC_OFFSET) + delta);
	vcpu->tsc_adjust += delta;
}

/* SDM vol. 3, 18.17.3: a write to one of the two moves the other. */
void vcpu_tsc_write_guest(struct vcpu *vcpu, u64 val)
{
	move(vcpu, val - (rdtsc() + vmcs_read(TSC_OFFSET)));
}

void vcpu_tsc_adjust_guest(struct vcpu *vcpu, u64 val)
{
	move(vcpu, val - vcpu->tsc_adjust);
}

/* The processor's own, more or less: there is no scaling. 0 means that, too. */
int vcpu_set_tsc_khz(struct vcpu *vcpu, u32 khz)
{
	u32 off = mul_u64_u32_div(tsc_khz, TOLERANCE, 1000000);

	if (!khz)
		khz = tsc_khz;
	if (khz < tsc_khz - off || khz > tsc_khz + off)
		return -EINVAL;
	vcpu->tsc_khz = khz;
	return 0;
}
