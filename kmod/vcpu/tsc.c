// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's time stamp counter: the time of the VM (vm_time.c), scaled if the processor can
 * and the VMM wants another frequency, plus an offset. The vCPUs of a VM share ratio and
 * offset until one of them is moved, same as KVM. The offset in the VMCS is from the
 * processor's counter. After a suspend that has set this back, VMCSs add what
 * it lost when they are loaded (vmx/vmcs_slot.c).
 */
#include <linux/math64.h>
#include <linux/spinlock.h>
#include <asm/tsc.h>

#include "irq/lapic_timer.h"
#include "irq/vm_time.h"
#include "lib/tsc_ratio.h"
#include "vcpu.h"
#include "vcpu/pvclock.h"
#include "vcpu/tsc.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmcs_slot.h"
#include "vmx/vmx_cpu.h"

/* Deviation in parts per million, same as KVM and NTP */
#define TOLERANCE	250

/* VMCS current. What is being held now is added when the time goes on. */
void vcpu_tsc_follow(struct vcpu *vcpu)
{
	u64 before = vmx_host_tsc.lost - READ_ONCE(vcpu->vm->time.total);

	vmcs_write(TSC_OFFSET, vcpu->tsc_offset +
		   tsc_ratio_scale_signed(vcpu->vmcs.tsc_ratio, before));
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
	return vm_time_tsc(vcpu, vm_time(vcpu->vm));
}

/*
 * A VMM that restores or resets its vCPUs writes their counters one after another:
 * 0, or a value within a second of the shared counter, joins that counter.
 */
static bool joins_others(const struct vcpu *vcpu, u64 val, u64 scaled)
{
	u64 second = vm_time_tsc_khz(vcpu) * 1000ULL;
	const struct vm *vm = vcpu->vm;
	u64 others = scaled + vm->tsc_offset;

	if (!vm->tsc_running || vm->tsc_ratio != vcpu->vmcs.tsc_ratio)
		return false;
	return !val || (val < others + second && val + second > others);
}

/* tsc_lock held. The others join this one when the VMM writes their counters. */
static void lead(struct vcpu *vcpu, u64 offset)
{
	struct vm *vm = vcpu->vm;

	vm->tsc_offset = offset;
	vm->tsc_ratio = vcpu->vmcs.tsc_ratio;
	vm->tsc_running = true;
	vcpu->tsc_offset = offset;
}

void vcpu_tsc_write_host(struct vcpu *vcpu, u64 val)
{
	struct vm *vm = vcpu->vm;
	u64 scaled = tsc_ratio_scale(vcpu->vmcs.tsc_ratio, vm_time(vm));

	spin_lock(&vm->tsc_lock);
	if (joins_others(vcpu, val, scaled))
		vcpu->tsc_offset = vm->tsc_offset;
	else
		lead(vcpu, val - scaled);
	spin_unlock(&vm->tsc_lock);
	tsc_moved(vcpu);
}

void vcpu_tsc_write_exact(struct vcpu *vcpu, u64 val)
{
	vcpu->tsc_offset = val - tsc_ratio_scale(vcpu->vmcs.tsc_ratio, vm_time(vcpu->vm));
	tsc_moved(vcpu);
}

u64 vcpu_tsc_get_offset(struct vcpu *vcpu)
{
	return vcpu->tsc_offset - tsc_ratio_scale_signed(vcpu->vmcs.tsc_ratio,
							 vm_time_behind(vcpu->vm));
}

void vcpu_tsc_set_offset(struct vcpu *vcpu, u64 offset)
{
	struct vm *vm = vcpu->vm;
	u64 behind = tsc_ratio_scale_signed(vcpu->vmcs.tsc_ratio, vm_time_behind(vm));

	spin_lock(&vm->tsc_lock);
	lead(vcpu, offset + behind);
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

/* ---- the frequency ---- */

bool tsc_can_scale(void)
{
	return vmx_ctl.proc2 & SECONDARY_EXEC_TSC_SCALING;
}

static bool is_near_hosts(u32 khz)
{
	u32 off = mul_u64_u32_div(tsc_khz, TOLERANCE, 1000000);

	return khz >= tsc_khz - off && khz <= tsc_khz + off;
}

int tsc_check_khz(u32 *khz)
{
	if (!*khz)
		*khz = tsc_khz;
	if (is_near_hosts(*khz))
		return 0;
	return tsc_can_scale() && *khz < tsc_ratio_end(tsc_khz) ? 0 : -EINVAL;
}

/* VMCS current. @khz: of tsc_check_khz() */
static void set_khz(struct vcpu *vcpu, u32 khz)
{
	u64 ratio = is_near_hosts(khz) ? TSC_RATIO_ONE : tsc_ratio_of(khz, tsc_khz);

	vcpu->tsc_khz = khz;
	WRITE_ONCE(vcpu->vmcs.tsc_ratio, ratio);
	if (tsc_can_scale())
		vmcs_write(TSC_MULTIPLIER, ratio);
}

void vcpu_tsc_init(struct vcpu *vcpu)
{
	set_khz(vcpu, READ_ONCE(vcpu->vm->guest_tsc_khz));
	vcpu_tsc_write_host(vcpu, 0);
}

int vcpu_set_tsc_khz(struct vcpu *vcpu, u32 khz)
{
	int r = tsc_check_khz(&khz);

	if (r)
		return r;
	vmcs_get(&vcpu->vmcs);
	set_khz(vcpu, khz);
	tsc_moved(vcpu);
	vmcs_put();
	return 0;
}
