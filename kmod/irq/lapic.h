/* SPDX-License-Identifier: GPL-2.0-only */
/* The registers of a vCPU's local APIC, as its guest and its VMM see them. */
#ifndef VMXDBG_IRQ_LAPIC_H
#define VMXDBG_IRQ_LAPIC_H

#include <linux/mm.h>
#include <linux/types.h>
#include <asm/apicdef.h>
#include <asm/msr-index.h>

#include "vcpu.h"

struct kvm_lapic_state;

/* For a vCPU of a VM that has local APICs here. Return: 0, -ENOMEM. */
int lapic_create(struct vcpu *vcpu);
void lapic_free(struct vcpu *vcpu);

/*
 * The vCPU's state is the caller's in each of the following.
 */

/* As after RESET, or with @init after INIT, which keeps the ID (SDM vol. 3, 11.4.7). */
void lapic_reset(struct vcpu *vcpu, bool init);

/* IA32_APIC_BASE changed from @old. */
void lapic_base_changed(struct vcpu *vcpu, u64 old);

/* CPUID changed: which modes of the timer and which bits of SVR there are. */
void lapic_cpuid_changed(struct vcpu *vcpu);

/* IA32_MCG_CAP gave the processor a CMCI, or took it. */
void lapic_lvts_changed(struct vcpu *vcpu);

/* Return: whether @gpa is in the page of the registers. */
static inline bool lapic_has_page(const struct vcpu *vcpu, u64 gpa)
{
	return (gpa & PAGE_MASK) == (vcpu->apic_base & MSR_IA32_APICBASE_BASE);
}

/* Return: whether there are registers in that page: neither when off nor in x2APIC mode. */
static inline bool lapic_is_xapic(const struct vcpu *vcpu)
{
	return (vcpu->apic_base & (MSR_IA32_APICBASE_ENABLE | X2APIC_ENABLE)) ==
	       MSR_IA32_APICBASE_ENABLE;
}

/* Return: whether @gpa is one of the registers. */
static inline bool lapic_has(const struct vcpu *vcpu, u64 gpa)
{
	return lapic_has_page(vcpu, gpa) && lapic_is_xapic(vcpu);
}

/**
 * lapic_mmio() - access to the page of registers
 * @gpa: lapic_has() it
 * @data: @len bytes to write, or where what is read is put
 * Context: any; does not sleep.
 */
void lapic_mmio(struct vcpu *vcpu, u64 gpa, void *data, unsigned int len, bool write);

/*
 * MSRs of x2APIC mode, 0x800 to 0x8ff, and IA32_TSC_DEADLINE. @host: not by an instruction
 * of the guest. Context: any; does not sleep.
 * Return: 0, -EINVAL for #GP (SDM vol. 3, 11.12.1.2).
 */
int lapic_get_msr(struct vcpu *vcpu, u32 index, u64 *val, bool host);
int lapic_set_msr(struct vcpu *vcpu, u32 index, u64 val, bool host);

u8 lapic_cr8(const struct vcpu *vcpu);
void lapic_set_cr8(struct vcpu *vcpu, u8 cr8);

/* KVM_GET_LAPIC, KVM_SET_LAPIC. Return: 0, -EINVAL if an id is not the vCPU's. */
int lapic_get_state(struct vcpu *vcpu, struct kvm_lapic_state *state);
int lapic_set_state(struct vcpu *vcpu, struct kvm_lapic_state *state);

#endif
