/* SPDX-License-Identifier: GPL-2.0-only */
/* Exceptions that exit: #DB and #AC always, #BP while there are breakpoints. */
#ifndef VMXDBG_RUN_EXIT_DEBUG_H
#define VMXDBG_RUN_EXIT_DEBUG_H

#include <linux/types.h>

struct vcpu;

/* Fast half. Return: RUN_*. */
int exit_exception(struct vcpu *vcpu);

/* Slow half: guest memory was not present. Return: RUN_* or a negative errno. */
int exit_exception_slow(struct vcpu *vcpu);

/**
 * exit_break_unfetched() - hit the breakpoint at rip before its int3 is fetched
 * @r: RUN_*, if it returns true
 * For an EPT violation of a page walk, after which the guest continues on a view
 * without int3. Context: as exit_dispatch().
 * Return: whether there is a breakpoint at rip.
 */
bool exit_break_unfetched(struct vcpu *vcpu, int *r);

#endif
