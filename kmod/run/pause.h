/* SPDX-License-Identifier: GPL-2.0-only */
/* PAUSE-loop exits: a vCPU waits for another one, which may need its CPU. */
#ifndef VMXDBG_RUN_PAUSE_H
#define VMXDBG_RUN_PAUSE_H

struct vcpu;

/* Handlers of the exit. Return: RUN_*. */
int exit_pause(struct vcpu *vcpu);
int exit_pause_slow(struct vcpu *vcpu);

#endif
