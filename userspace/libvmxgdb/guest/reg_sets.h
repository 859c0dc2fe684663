/* SPDX-License-Identifier: MIT */
/* Register sets of a stopped vCPU, from and to the target. */
#ifndef VMXGDB_REG_SETS_H
#define VMXGDB_REG_SETS_H

#include "guest/stub_types.h"

/* Read set @set into @regs. Return: 0 or a negative errno. */
int reg_set_read(struct stub *s, int vcpu, unsigned int set, struct vcpu_regs *regs);

/**
 * reg_sets_write() - write all sets of @new that differ from @old
 * @s: stub
 * @vcpu: stopped vCPU
 * @sets: sets that are valid (bit n: set n)
 * @old: values that the vCPU has
 * @new: values that it gets
 *
 * All change or none.
 * Return: 0, or a negative errno, with the target's reason in s->error.
 */
int reg_sets_write(struct stub *s, int vcpu, unsigned int sets, struct vcpu_regs *old,
		   struct vcpu_regs *new);

/* Set s->error to the reason VMXDBG_REFUSED_*, unless it is 0. Return: @error. */
int reg_refused(struct stub *s, int error, uint32_t refused);

#endif /* VMXGDB_REG_SETS_H */
