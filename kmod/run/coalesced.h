/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coalesced MMIO and port I/O, as in KVM: writes to the zones that the VMM registers cause
 * no exit to the VMM, but an entry in a ring that all vCPUs of the VM share.
 */
#ifndef VMXDBG_RUN_COALESCED_H
#define VMXDBG_RUN_COALESCED_H

struct kvm_coalesced_mmio_zone;
struct vm;

/* The VM is new. Return: 0, -ENOMEM. */
int coalesced_init(struct vm *vm);
/* Nobody uses the VM any more, and io_bus_free() has released the zones. */
void coalesced_free(struct vm *vm);

/* Return: the page of the ring, which is allocated at first; or NULL. May sleep. */
void *coalesced_ring(struct vm *vm);

/* KVM_REGISTER_COALESCED_MMIO. Takes vm->irq.lock. Return: 0 or an errno. */
int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *zone);
/* KVM_UNREGISTER_COALESCED_MMIO: all zones around @zone. Takes vm->irq.lock. Return: 0, -EINVAL. */
int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *zone);

#endif
