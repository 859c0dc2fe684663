/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's time stamp counter: the time of the VM plus an offset. */
#ifndef VMXDBG_VCPU_TSC_H
#define VMXDBG_VCPU_TSC_H

#include <linux/types.h>

struct vcpu;

/* REQ_TIME: the VM's time was held. VMCS current. */
void vcpu_tsc_follow(struct vcpu *vcpu);

/* Return: IA32_TSC, which stands still while the VM's time is held. */
u64 vcpu_tsc_read(struct vcpu *vcpu);

/* With the VMCS current: the VMM writes IA32_TSC, the guest does, or its IA32_TSC_ADJUST. */
void vcpu_tsc_write_host(struct vcpu *vcpu, u64 val);
void vcpu_tsc_write_guest(struct vcpu *vcpu, u64 val);
void vcpu_tsc_adjust_guest(struct vcpu *vcpu, u64 val);

/* A debugger writes IA32_TSC, which moves no other register. VMCS current. */
void vcpu_tsc_write_exact(struct vcpu *vcpu, u64 val);

/*
 * The offset of IA32_TSC from the host's, which a VMM reads and writes to restore its vCPUs
 * without a race. VMCS current for the write.
 */
u64 vcpu_tsc_get_offset(struct vcpu *vcpu);
void vcpu_tsc_set_offset(struct vcpu *vcpu, u64 offset);

/* Return: whether the processor has TSC scaling. */
bool tsc_can_scale(void);

/*
 * Check a guest's frequency, in and out: 0 becomes the host's.
 * Return: 0, or -EINVAL for one that guests cannot have.
 */
int tsc_check_khz(u32 *khz);

/* A new vCPU, with the VM's frequency. VMCS current. */
void vcpu_tsc_init(struct vcpu *vcpu);

/*
 * KVM_SET_TSC_KHZ; 0 means the host's. As on KVM, the counter jumps to what it would be if it
 * had counted so from the beginning. Return: 0, or -EINVAL for a frequency that it cannot have.
 */
int vcpu_set_tsc_khz(struct vcpu *vcpu, u32 khz);

#endif
