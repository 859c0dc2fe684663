/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses to protected pages that the module makes for the guest. */
#ifndef VMXDBG_DEBUG_ACCESS_EMULATE_H
#define VMXDBG_DEBUG_ACCESS_EMULATE_H

#include <linux/types.h>

struct vcpu;

/*
 * Emulate the instruction of an EPT violation, if it is a simple access beside what is
 * watched. Context: fast section, exit_qual and exit_gpa set; does not sleep.
 * Return: true if the violation is handled: the instruction is over, or the guest
 * shall repeat it. False: nothing has changed.
 */
bool access_emulate(struct vcpu *vcpu);

#endif
