/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints at a string instruction with REP: one hit for the instruction. */
#ifndef VMXDBG_DEBUG_REP_H
#define VMXDBG_DEBUG_REP_H

#include <linux/types.h>

struct vcpu;

/* All functions here: the vCPU's thread. */

/*
 * A step that passed over breakpoints is over.
 * Return: whether the same instruction has iterations left, and is remembered.
 */
bool rep_note(struct vcpu *vcpu);

/* Return: whether the instruction at @rip goes on; its breakpoints have hit before. */
bool rep_goes_on(struct vcpu *vcpu, u64 rip);

#endif
