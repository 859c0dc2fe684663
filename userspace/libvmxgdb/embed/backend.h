/* SPDX-License-Identifier: MIT */
/* Backends of machines. */
#ifndef VMXGDB_BACKEND_H
#define VMXGDB_BACKEND_H

#include "embed/machine.h"

/* Make @m a guest by the VMM's own operations. Return: 0 or a negative errno. */
int backend_own(struct machine *m, const struct vgdb_ops *ops, void *context);

/* Make @m a guest of KVM. Return: 0 or a negative errno. */
int backend_kvm(struct machine *m, int vm_fd);

/* Return: whether @m is one. */
bool backend_is_kvm(const struct machine *m);

int backend_kvm_add_vcpu(struct machine *m, int vcpu_fd, struct kvm_run *run);
int backend_kvm_add_memory(struct machine *m, uint64_t gpa, uint64_t size, void *host);
int backend_kvm_del_memory(struct machine *m, uint64_t gpa);
void backend_kvm_ops(struct machine *m, const struct vgdb_ops *ops, void *context);

/*
 * Return: the reason VGDB_* of KVM_EXIT_DEBUG, of which the address goes to the vCPU. 0: the guest
 * gets its exception. A negative errno.
 */
int backend_kvm_reason(struct machine *m, uint32_t vcpu);

/* Copy the part of the caller's structure that both sides know. Return: 0 or -EINVAL. */
int backend_copy_ops(struct vgdb_ops *to, const struct vgdb_ops *from);

/* Operations that both kinds call, or -EOPNOTSUPP */
int backend_kick(const struct vgdb_ops *ops, void *context, uint32_t vcpu);

#endif /* VMXGDB_BACKEND_H */
