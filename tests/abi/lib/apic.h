/* SPDX-License-Identifier: GPL-2.0-only */
/* VMs whose local APICs are in the kernel, and the registers of those. */
#ifndef TESTS_ABI_APIC_H
#define TESTS_ABI_APIC_H

#include <string.h>

#include "guest.h"

#define APIC_BASE	0xfee00000
#define APIC_ID		0x20
#define APIC_LVR	0x30
#define APIC_TPR	0x80
#define APIC_PPR	0xa0
#define APIC_EOI	0xb0
#define APIC_LDR	0xd0
#define APIC_DFR	0xe0
#define APIC_SVR	0xf0
#define APIC_ISR	0x100
#define APIC_TMR	0x180
#define APIC_IRR	0x200
#define APIC_ESR	0x280
#define APIC_ICR	0x300
#define APIC_ICR2	0x310
#define APIC_LVTT	0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF	0x340
#define APIC_LVT0	0x350
#define APIC_LVT1	0x360
#define APIC_LVT_ERROR	0x370
#define APIC_TMICT	0x380
#define APIC_TMCCT	0x390
#define APIC_TDCR	0x3e0

#define SVR_ON		0x1ff
#define LVT_MASKED	0x10000
#define LVTT_PERIODIC	0x20000
#define LVTT_DEADLINE	0x40000
#define DM_FIXED	0x000
#define DM_LOWEST	0x100
#define DM_NMI		0x400
#define DM_INIT		0x500
#define DM_SIPI		0x600
#define DM_EXTINT	0x700
#define ICR_LOGICAL	0x800
#define ICR_ASSERT	0x4000
#define ICR_LEVEL	0x8000
#define ICR_SELF	0x40000
#define ICR_ALL		0x80000
#define ICR_OTHERS	0xc0000

#define MSR_APIC_BASE	0x1b
#define MSR_TSC_DEADLINE 0x6e0
#define MSR_X2APIC(reg)	(0x800 + ((reg) >> 4))
#define BASE_BSP	0x100
#define BASE_X2APIC	0x400
#define BASE_ON		0x800

/* A VM with local APICs in the kernel, the guest's code and its tables, and no vCPU */
static inline void split_make(struct vm *vm, enum guest_mode mode, struct prog prog)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 24 } };

	vm_make(vm, NULL);
	vm_tables(vm, mode);
	vm_load(vm, prog);
	CHECK_OK(ioctl(vm->fd, KVM_ENABLE_CAP, &cap));
}

static inline struct vcpu *split_guest(struct vm *vm, enum guest_mode mode, struct prog prog)
{
	split_make(vm, mode, prog);
	return guest_add_vcpu(vm, 0, mode, GUEST_CODE);
}

static inline u32 apic_get(struct vcpu *v, u32 reg)
{
	struct kvm_lapic_state s;
	u32 val;

	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &s));
	memcpy(&val, s.regs + reg, sizeof(val));
	return val;
}

static inline void apic_set(struct vcpu *v, u32 reg, u32 val)
{
	struct kvm_lapic_state s;

	CHECK_OK(ioctl(v->fd, KVM_GET_LAPIC, &s));
	memcpy(s.regs + reg, &val, sizeof(val));
	CHECK_OK(ioctl(v->fd, KVM_SET_LAPIC, &s));
}

/* Return: whether @vector is in the set at @reg. */
static inline bool apic_has(struct vcpu *v, u32 reg, u8 vector)
{
	return apic_get(v, reg + 0x10 * (vector / 32)) >> vector % 32 & 1;
}

static inline u32 mp_state(struct vcpu *v)
{
	struct kvm_mp_state s;

	CHECK_OK(ioctl(v->fd, KVM_GET_MP_STATE, &s));
	return s.mp_state;
}

static inline int set_mp_state(struct vcpu *v, u32 state)
{
	struct kvm_mp_state s = { .mp_state = state };

	return ioctl(v->fd, KVM_SET_MP_STATE, &s);
}

static inline int send_msi(struct vm *vm, u32 address, u32 data)
{
	struct kvm_msi msi = { .address_lo = address, .data = data };

	return ioctl(vm->fd, KVM_SIGNAL_MSI, &msi);
}

#endif
