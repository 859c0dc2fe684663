/* SPDX-License-Identifier: GPL-2.0-only */
/* A string instruction that is repeated, and the breakpoint at it. */
#ifndef VMXDBG_DEBUG_REP_H
#define VMXDBG_DEBUG_REP_H

#include <linux/types.h>

struct vcpu;

/*
 * An instruction has ended that breakpoints let pass. Return: it is still the same,
 * and goes on with its next iteration.
 */
bool rep_note(struct vcpu *vcpu);
/* Does the instruction at @rip go on, with what was hit at its beginning? */
bool rep_goes_on(struct vcpu *vcpu, u64 rip);

#endif
