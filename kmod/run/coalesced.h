/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coalesced MMIO and port I/O, as in KVM: writes to the zones that the VMM registers cause
 * no exit to the VMM, but an entry in a ring that all vCPUs of the VM share.
 */
#ifndef VMXDBG_RUN_COALESCED_H
#define VMXDBG_RUN_COALESCED_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "vm.h"

struct kvm_coalesced_mmio_zone;

/* The VM is new. Return: 0, -ENOMEM. */
int coalesced_init(struct vm *vm);
/* Nobody uses the VM any more. */
void coalesced_free(struct vm *vm);

/* Return: the page of the ring, which is allocated at first; or NULL. May sleep. */
void *coalesced_ring(struct vm *vm);

/* KVM_REGISTER_COALESCED_MMIO. Takes vm->lock. Return: 0, -EINVAL, -ENOMEM, -ENOSPC. */
int coalesced_register(struct vm *vm, const struct kvm_coalesced_mmio_zone *zone);
/* KVM_UNREGISTER_COALESCED_MMIO: all zones around @zone. Takes vm->lock. Return: 0, -EINVAL. */
int coalesced_unregister(struct vm *vm, const struct kvm_coalesced_mmio_zone *zone);

/* Return: whether a zone has all of these bytes. @pio: ports */
bool coalesced_has(struct vm *vm, u64 addr, unsigned int len, bool pio);

/* The slow half of coalesced_write() */
bool coalesced_write_zones(struct vm *vm, u64 addr, const void *data, unsigned int len,
			   bool pio);

/**
 * coalesced_write() - put a write of the guest into the ring
 * @len: up to 8 bytes
 * @pio: @addr is a port
 * Context: any, also with preemption off.
 * Return: false if there is no such zone or no room: then the VMM gets an exit.
 */
static __always_inline bool coalesced_write(struct vm *vm, u64 addr, const void *data,
					    unsigned int len, bool pio)
{
	return unlikely(READ_ONCE(vm->nr_coalesced)) &&
	       coalesced_write_zones(vm, addr, data, len, pio);
}

#endif
