// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's time stamp counter: the time of the VM (vm_time.c) plus an offset. The vCPUs
 * of a VM share the offset until one of them is moved, same as KVM. The offset in the VMCS
 * is from the processor's counter. After a suspend that has set this back, VMCSs add what
 * it lost when they are loaded (vmx/vmcs_slot.c).
 */
#include <linux/math64.h>
#include <linux/spinlock.h>
#include <asm/tsc.h>

#include "irq/lapic_timer.h"
#include "irq/vm_time.h"
#include "vcpu.h"
#include "vcpu/pvclock.h"
#include "vcpu/tsc.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmcs_slot.h"

/* Deviation in parts per million, same as KVM and NTP */
#define TOLERANCE	250

/* VMCS current. What is being held now is added when the time goes on. */
void vcpu_tsc_follow(struct vcpu *vcpu)
{
	vmcs_write(TSC_OFFSET, vcpu->tsc_offset + vmx_host_tsc.lost -
		   READ_ONCE(vcpu->vm->time.total));
}

/* The offset changed. The local APIC's deadline and KVM's clock have values of the counter. */
static void tsc_moved(struct vcpu *vcpu)
{
	vcpu_tsc_follow(vcpu);
	if (vcpu->lapic)
		lapic_timer_tsc_moved(vcpu->lapic);
	pvclock_tsc_moved(vcpu);
}

u64 vcpu_tsc_read(struct vcpu *vcpu)
{
	return vm_time(vcpu->vm) + vcpu->tsc_offset;
}

/*
 * A VMM that restores or resets its vCPUs writes their counters one after another:
 * 0, or a value within a second of the shared counter, joins that counter.
 */
static bool joins_others(const struct vm *vm, u64 val, u64 now)
{
	u64 second = (u64)tsc_khz * 1000, others = now + vm->tsc_offset;

	if (!vm->tsc_running)
		return false;
	return !val || (val < others + second && val + second > others);
}

void vcpu_tsc_write_host(struct vcpu *vcpu, u64 val)
{
	struct vm *vm = vcpu->vm;
	u64 now = vm_time(vm);

	spin_lock(&vm->tsc_lock);
	if (!joins_others(vm, val, now))
		vm->tsc_offset = val - now;
	vm->tsc_running = true;
	vcpu->tsc_offset = vm->tsc_offset;
	spin_unlock(&vm->tsc_lock);
	tsc_moved(vcpu);
}

void vcpu_tsc_write_exact(struct vcpu *vcpu, u64 val)
{
	vcpu->tsc_offset = val - vm_time(vcpu->vm);
	tsc_moved(vcpu);
}

u64 vcpu_tsc_get_offset(struct vcpu *vcpu)
{
	return vcpu->tsc_offset - vm_time_behind(vcpu->vm);
}

void vcpu_tsc_set_offset(struct vcpu *vcpu, u64 offset)
{
	struct vm *vm = vcpu->vm;
	u64 behind = vm_time_behind(vm);

	spin_lock(&vm->tsc_lock);
	vm->tsc_offset = offset + behind;
	vm->tsc_running = true;
	vcpu->tsc_offset = vm->tsc_offset;
	spin_unlock(&vm->tsc_lock);
	tsc_moved(vcpu);
}

static void move(struct vcpu *vcpu, u64 delta)
{
	vcpu->tsc_offset += delta;
	vcpu->tsc_adjust += delta;
	tsc_moved(vcpu);
}

/*
 * SDM vol. 3, 18.17.3: a write of IA32_TSC or IA32_TSC_ADJUST moves the other as
 * well.
 */
void vcpu_tsc_write_guest(struct vcpu *vcpu, u64 val)
{
	move(vcpu, val - vcpu_tsc_read(vcpu));
}

void vcpu_tsc_adjust_guest(struct vcpu *vcpu, u64 val)
{
	move(vcpu, val - vcpu->tsc_adjust);
}

/* There is no TSC scaling, so only the host's frequency is accepted. */
int tsc_check_khz(u32 *khz)
{
	u32 off = mul_u64_u32_div(tsc_khz, TOLERANCE, 1000000);

	if (!*khz)
		*khz = tsc_khz;
	return *khz < tsc_khz - off || *khz > tsc_khz + off ? -EINVAL : 0;
}

int vcpu_set_tsc_khz(struct vcpu *vcpu, u32 khz)
{
	int r = tsc_check_khz(&khz);

	if (!r)
		vcpu->tsc_khz = khz;
	return r;
}
