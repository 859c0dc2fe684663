/* SPDX-License-Identifier: GPL-2.0-only */
/* Message-signalled interrupts (SDM vol. 3, 11.11). */
#ifndef VMXDBG_IRQ_MSI_H
#define VMXDBG_IRQ_MSI_H

#include <linux/types.h>

struct irq_message;
struct vm;

struct irq_msi {
	u32 address_lo, address_hi;
	u32 data;
};

/* Return: whether the VM's APICs have ids of the length that @msi has. */
bool msi_is_valid(const struct vm *vm, const struct irq_msi *msi);

struct irq_message msi_message(const struct vm *vm, const struct irq_msi *msi);

/* Context: any. Return: as lapic_deliver(), -EINVAL for one that is not valid. */
int msi_send(struct vm *vm, const struct irq_msi *msi);

#endif
