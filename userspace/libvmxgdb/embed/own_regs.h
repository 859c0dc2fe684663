/* SPDX-License-Identifier: MIT */
/* Between the public structure of registers and KVM's. */
#ifndef VMXGDB_OWN_REGS_H
#define VMXGDB_OWN_REGS_H

#include <linux/kvm.h>

#include "vmxgdb.h"

/* A guest whose VMM has no system registers: 64-bit mode, without page tables. */
void own_regs_flat(struct vgdb_regs *regs);

void own_regs_get_general(const struct vgdb_regs *regs, struct kvm_regs *to);
void own_regs_set_general(struct vgdb_regs *regs, const struct kvm_regs *from);
void own_regs_get_system(const struct vgdb_regs *regs, struct kvm_sregs *to);
void own_regs_set_system(struct vgdb_regs *regs, const struct kvm_sregs *from);
void own_regs_get_debug(const struct vgdb_regs *regs, struct kvm_debugregs *to);
void own_regs_set_debug(struct vgdb_regs *regs, const struct kvm_debugregs *from);

/* FXSAVE image and kvm_fpu */
void own_regs_get_fpu(const void *fxsave, struct kvm_fpu *to);
void own_regs_set_fpu(void *fxsave, const struct kvm_fpu *from);

#endif /* VMXGDB_OWN_REGS_H */
