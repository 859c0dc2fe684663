/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions that exit: #DB and #AC always, #BP while somebody needs it. */
#ifndef VMXDBG_RUN_EXIT_DEBUG_H
#define VMXDBG_RUN_EXIT_DEBUG_H

#include <linux/types.h>

struct vcpu;

int exit_exception(struct vcpu *vcpu);	/* exit_debug.c */
int exit_exception_slow(struct vcpu *vcpu);
/*
 * The page walk of a fetch met a hooked page, and the view that is to do it has no
 * int3: true when there is one at rip, which has been seen to: *@r is RUN_*.
 */
bool exit_break_unfetched(struct vcpu *vcpu, int *r);

#endif
