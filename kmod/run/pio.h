/* SPDX-License-Identifier: GPL-2.0-only */
/* Port I/O, all of it the VMM's. */
#ifndef VMXDBG_RUN_PIO_H
#define VMXDBG_RUN_PIO_H

#include <linux/types.h>

struct vcpu;

int exit_io(struct vcpu *vcpu);		/* pio.c */
int exit_io_slow(struct vcpu *vcpu);
int pio_complete(struct vcpu *vcpu);	/* KVM_RUN came back: RUN_RESUME/RUN_USER */

#endif
