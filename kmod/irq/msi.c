// SPDX-License-Identifier: GPL-2.0-only
/* Message-signalled interrupts (SDM vol. 3, 11.11). */
#include <linux/bits.h>
#include <linux/errno.h>

#include "irq/lapic_deliver.h"
#include "irq/msi.h"
#include "vm.h"
#include "vmxdbg.h"

/* Bits in the lower half of the address */
#define MSI_LOGICAL	BIT(2)
#define MSI_REDIRECTED	BIT(3)
#define MSI_DEST(lo)	((lo) >> 12 & 0xff)
/* Bits in the data */
#define MSI_VECTOR(d)	((d) & 0xff)
#define MSI_MODE(d)	((d) >> 8 & 7)
#define MSI_LEVEL	BIT(15)

/* Without wide ids, the upper half of the address is ignored, as in KVM. */
bool msi_is_valid(const struct vm *vm, const struct irq_msi *msi)
{
	return !vm->irq.wide_ids || !(msi->address_hi & 0xff);
}

struct irq_message msi_message(const struct vm *vm, const struct irq_msi *msi)
{
	u32 dest = MSI_DEST(msi->address_lo);

	if (vm->irq.wide_ids)
		dest |= msi->address_hi & ~0xffU;
	return (struct irq_message){
		.dest = dest,
		.vector = MSI_VECTOR(msi->data),
		.mode = MSI_MODE(msi->data),
		.logical = msi->address_lo & MSI_LOGICAL,
		.lowest = msi->address_lo & MSI_REDIRECTED,
		.level = msi->data & MSI_LEVEL,
		.assert = true,
		.from = IRQ_FROM(VMXDBG_FROM_MSI, 0),
	};
}

int msi_send(struct vm *vm, const struct irq_msi *msi)
{
	struct irq_message msg;

	if (!msi_is_valid(vm, msi))
		return -EINVAL;
	msg = msi_message(vm, msi);
	return lapic_deliver(vm, NULL, &msg);
}
