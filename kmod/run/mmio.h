/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Emulation of instructions that access MMIO, which is guest-physical memory without a
 * slot. The VMM acts as the device.
 */
#ifndef VMXDBG_RUN_MMIO_H
#define VMXDBG_RUN_MMIO_H

#include <linux/types.h>

struct vcpu;

/* Fast half, for a MOV that a memo has decoded. Return: RUN_*; RUN_SLOW for all else. */
int exit_mmio(struct vcpu *vcpu);

/* Slow half: decode and emulate. @gpa: of the exit. Return: RUN_*. */
int exit_mmio_slow(struct vcpu *vcpu, u64 gpa);

/* KVM_RUN came back with the VMM's answer (PENDING_MMIO). Return: RUN_*. */
int mmio_complete(struct vcpu *vcpu);

/*
 * Locate the memory operand of INS or OUTS, one element, if it is MMIO. pio.c does so
 * before it asks the VMM for anything. Return: as gva_access_check().
 */
int mmio_string_locate(struct vcpu *vcpu);

/* Transfer the element from or to pio_data. Return: RUN_RESUME at its end, or RUN_USER. */
int mmio_string(struct vcpu *vcpu);

/* KVM_RUN came back (PENDING_PIO_MMIO). Return: as mmio_string(). */
int mmio_string_complete(struct vcpu *vcpu);

#endif
