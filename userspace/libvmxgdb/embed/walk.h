/* SPDX-License-Identifier: MIT */
/* The guest's page tables. */
#ifndef VMXGDB_WALK_H
#define VMXGDB_WALK_H

#include "embed/machine.h"

/**
 * walk() - translate a linear address as the CPU does, without checking permissions
 * @m: machine
 * @regs: control registers
 * @to: @gva in, the rest out
 *
 * Return: 0, or -ENXIO if the address is not mapped.
 */
int walk(struct machine *m, const struct kvm_sregs *regs, struct vmxdbg_translate *to);

#endif /* VMXGDB_WALK_H */
