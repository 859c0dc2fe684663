// SPDX-License-Identifier: GPL-2.0-only
/*
 * Services of KVM's that write guest memory: the clock and steal time. They are off unless
 * the VMM puts KVM's signature and the feature into the guest's CPUID, as on KVM with
 * KVM_CAP_ENFORCE_PV_FEATURE_CPUID.
 */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/string.h>
#include <asm/kvm_para.h>
#include <asm/tsc.h>

#include "vcpu.h"
#include "vcpu/pv.h"
#include "vcpu/pvclock.h"
#include "vcpu/steal.h"
#include "vm.h"

#define HYPERVISOR_STEP	0x100	/* a guest may find the leaves of several hypervisors */
#define HYPERVISOR_END	0x40010000

#define CLOCKS	(BIT(KVM_FEATURE_CLOCKSOURCE) | BIT(KVM_FEATURE_CLOCKSOURCE2))

/*
 * One moment for all vCPUs needs one TSC on all CPUs. No device here needs a delay between two
 * accesses to its ports (KVM_FEATURE_NOP_IO_DELAY).
 */
static u32 available(void)
{
	return BIT(KVM_FEATURE_NOP_IO_DELAY) |
	       (pv_clock_available() ? CLOCKS | BIT(KVM_FEATURE_CLOCKSOURCE_STABLE_BIT) : 0) |
	       (steal_available() ? BIT(KVM_FEATURE_STEAL_TIME) : 0);
}

bool pv_clock_available(void)
{
	return !check_tsc_unstable();
}

void pv_fill_leaf(struct kvm_cpuid_entry2 *e)
{
	static const char signature[3 * sizeof(u32)] = "KVMKVMKVM";

	if (e->function == KVM_CPUID_SIGNATURE) {
		e->eax = KVM_CPUID_FEATURES;
		memcpy(&e->ebx, signature, sizeof(u32));
		memcpy(&e->ecx, signature + sizeof(u32), sizeof(u32));
		memcpy(&e->edx, signature + 2 * sizeof(u32), sizeof(u32));
		return;
	}
	e->eax = available();
	e->ebx = 0;
	e->ecx = 0;
	e->edx = 0;
}

static bool is_signature(const struct kvm_cpuid_entry2 *e)
{
	struct kvm_cpuid_entry2 kvm = { .function = KVM_CPUID_SIGNATURE };

	pv_fill_leaf(&kvm);
	return e->function >= KVM_CPUID_SIGNATURE && e->function < HYPERVISOR_END &&
	       !(e->function % HYPERVISOR_STEP) &&
	       e->ebx == kvm.ebx && e->ecx == kvm.ecx && e->edx == kvm.edx;
}

u32 pv_features(const struct kvm_cpuid_entry2 *entries, unsigned int nr)
{
	u32 first = HYPERVISOR_END;
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (is_signature(&entries[i]))
			first = min(first, entries[i].function);
	if (first == HYPERVISOR_END)
		return 0;
	for (i = 0; i < nr; i++)
		if (entries[i].function == (first | (KVM_CPUID_FEATURES & 0xff)))
			return entries[i].eax & available();
	return 0;
}

void pv_set_features(struct vcpu *vcpu, u32 features)
{
	vcpu->pv.features = features;
	if (!(features & CLOCKS))
		WRITE_ONCE(vcpu->pv.clock, 0);
	if (!(features & BIT(KVM_FEATURE_STEAL_TIME)))
		vcpu->pv.steal = 0;
}

void pv_reset(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->pv.clock, 0);
	vcpu->pv.steal = 0;
}

/* Return: BIT(KVM_FEATURE_*), or 0 if it is another MSR. */
static u32 feature_of(u32 index)
{
	switch (index) {
	case MSR_KVM_WALL_CLOCK:
	case MSR_KVM_SYSTEM_TIME:
		return BIT(KVM_FEATURE_CLOCKSOURCE);
	case MSR_KVM_WALL_CLOCK_NEW:
	case MSR_KVM_SYSTEM_TIME_NEW:
		return BIT(KVM_FEATURE_CLOCKSOURCE2);
	case MSR_KVM_STEAL_TIME:
		return BIT(KVM_FEATURE_STEAL_TIME);
	default:
		return 0;
	}
}

bool pv_is_msr(u32 index)
{
	return feature_of(index);
}

bool pv_has_msr(const struct vcpu *vcpu, u32 index)
{
	return vcpu->pv.features & feature_of(index);
}

int pv_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host)
{
	*val = 0;
	if (!pv_has_msr(vcpu, index))
		return host ? 0 : -ENOENT;
	if (index == MSR_KVM_STEAL_TIME)
		*val = vcpu->pv.steal;
	else if (index == MSR_KVM_SYSTEM_TIME || index == MSR_KVM_SYSTEM_TIME_NEW)
		*val = vcpu->pv.clock;
	else
		*val = READ_ONCE(vcpu->vm->wall_clock);
	return 0;
}

static int set_steal(struct vcpu *vcpu, u64 val)
{
	if (val & KVM_STEAL_RESERVED_MASK)
		return -EINVAL;
	vcpu->pv.steal = val;
	set_bit(REQ_PV, &vcpu->requests);
	return 0;
}

static void set_wall(struct vcpu *vcpu, u64 val)
{
	WRITE_ONCE(vcpu->vm->wall_clock, val);
	vcpu->pv.wall_due = val;
	set_bit(REQ_PV, &vcpu->requests);
}

int pv_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host)
{
	/* QEMU resets these MSRs without asking whether they exist. */
	if (!pv_has_msr(vcpu, index))
		return host && !val ? 0 : -ENOENT;
	if (index == MSR_KVM_STEAL_TIME)
		return set_steal(vcpu, val);
	if (index == MSR_KVM_SYSTEM_TIME || index == MSR_KVM_SYSTEM_TIME_NEW)
		pvclock_set(vcpu, val, index == MSR_KVM_SYSTEM_TIME, host);
	else
		set_wall(vcpu, val);
	return 0;
}

void pv_update(struct vcpu *vcpu)
{
	clear_bit(REQ_PV, &vcpu->requests);
	smp_mb__after_atomic();	/* pairs with request_tell(): what is written is as new */
	pvclock_update_wall(vcpu);
	pvclock_update(vcpu);
	steal_record(vcpu);
}
