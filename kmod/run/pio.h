/* SPDX-License-Identifier: GPL-2.0-only */
/* Port I/O, handled by the VMM. */
#ifndef VMXDBG_RUN_PIO_H
#define VMXDBG_RUN_PIO_H

#include <linux/types.h>

struct vcpu;

/* Fast half: IN and OUT. Return: RUN_USER, or RUN_SLOW for INS and OUTS. */
int exit_io(struct vcpu *vcpu);

/* Slow half: INS and OUTS. Return: RUN_*. */
int exit_io_slow(struct vcpu *vcpu);

/* KVM_RUN came back to one of PENDING_PIO*. Return: RUN_RESUME or RUN_USER. */
int pio_complete(struct vcpu *vcpu);

#endif
