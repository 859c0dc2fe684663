/* SPDX-License-Identifier: GPL-2.0-only */
/* Resets that a session asks the VMM for. */
#ifndef VMXDBG_DEBUG_RESET_H
#define VMXDBG_DEBUG_RESET_H

#include <linux/types.h>

struct vcpu;
struct vm;

/*
 * The vCPU is between two instructions. dbg_lock held.
 * Return: true if KVM_RUN has to report a reset. All vCPUs are stopped then.
 */
bool reset_take(struct vcpu *vcpu);

/* Kick the vCPUs that reset_take() stopped. Context: as reset_take(), without dbg_lock. */
void reset_taken(struct vm *vm);

/* KVM_RUN of a stopped vCPU begins. Has the VMM reset the VM? state_mutex held. */
void reset_note_return(struct vcpu *vcpu);

/* A vCPU is resumed, or the session ends: no event reports the reset. dbg_lock held. */
void reset_forget_return(struct vm *vm);

/* The session ends. dbg_lock held. */
void reset_forget(struct vm *vm);

#endif
