/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions on memory that the VMM did not give: it acts as the device. */
#ifndef VMXDBG_RUN_MMIO_H
#define VMXDBG_RUN_MMIO_H

#include <linux/types.h>

struct vcpu;

int exit_mmio(struct vcpu *vcpu);	/* mmio.c: a MOV that was seen before, or RUN_SLOW */
int exit_mmio_slow(struct vcpu *vcpu, u64 gpa);	/* decode and go out */
int mmio_complete(struct vcpu *vcpu);
/*
 * The memory operand of INS and OUTS, one element, where it is MMIO. pio.c has it
 * located before the VMM is asked for anything.
 */
int mmio_string_locate(struct vcpu *vcpu);	/* 0, -EFAULT: #PF is queued, -ENXIO */
/* Transfers it from or to pio_data. Return: RUN_RESUME when it is over, RUN_USER. */
int mmio_string(struct vcpu *vcpu);
/* The same after a RUN_USER: KVM_RUN came back. */
int mmio_string_complete(struct vcpu *vcpu);

#endif
