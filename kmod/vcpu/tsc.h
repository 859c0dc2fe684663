/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's time stamp counter: the processor's, moved by an offset. */
#ifndef VMXDBG_VCPU_TSC_H
#define VMXDBG_VCPU_TSC_H

#include <linux/types.h>

struct vcpu;

/* tsc.c, the first three with the VMCS current */
void vcpu_tsc_write_host(struct vcpu *vcpu, u64 val);	/* the VMM sets it */
void vcpu_tsc_write_guest(struct vcpu *vcpu, u64 val);
void vcpu_tsc_adjust_guest(struct vcpu *vcpu, u64 val);
int vcpu_set_tsc_khz(struct vcpu *vcpu, u32 khz);

#endif
