/* SPDX-License-Identifier: GPL-2.0-only */
/* Global system interrupts of a VM: where an interrupt with a number goes to. */
#ifndef VMXDBG_IRQ_ROUTING_H
#define VMXDBG_IRQ_ROUTING_H

#include <linux/types.h>

#include "irq/types.h"

struct kvm_irq_routing_entry;
struct vm;

/**
 * routing_set() - replace all routes of a VM
 * @entries: @nr of them
 * Context: vm->lock held; may sleep.
 * Return: 0, -EINVAL for a route that cannot be, -ENOMEM.
 */
int routing_set(struct vm *vm, const struct kvm_irq_routing_entry *entries, u32 nr);

/* The VM ends. */
void routing_free(struct vm *vm);

/* Return: whether irq_set_gsi() takes long, since it looks at many vCPUs. Any context. */
bool irq_gsi_is_slow(struct vm *vm, u32 gsi);

/**
 * irq_set_gsi() - set the level of a global system interrupt
 * @source: who sets it; the level is that of all sources
 * Context: any, hard interrupts too.
 * Return: the number of vCPUs that took it, 0 if it merged with one before, negative if
 * it went nowhere.
 */
int irq_set_gsi(struct vm *vm, enum irq_source source, u32 gsi, bool level);

#endif
