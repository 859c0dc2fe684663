// SPDX-License-Identifier: GPL-2.0-only
/* Ioctls of a VM on its PICs and its I/O APIC. Orders and errors are KVM's. */
#include <linux/err.h>
#include <linux/kvm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/barrier.h>

#include "ioctl/irqchip_ioctl.h"
#include "irq/ioapic.h"
#include "irq/pic.h"
#include "irq/pit.h"
#include "irq/routing.h"
#include "vm.h"

/* GSIs 0 to 15 go to the PICs and to the I/O APIC, the others to the latter alone. */
static int irqchip_route(struct vm *vm)
{
	struct kvm_irq_routing_entry *entries, *e;
	unsigned int gsi;
	int r;

	entries = kcalloc(IOAPIC_PINS + PIC_PINS, sizeof(*entries), GFP_KERNEL);
	if (!entries)
		return -ENOMEM;
	for (gsi = 0, e = entries; gsi < IOAPIC_PINS; gsi++, e++) {
		e->gsi = gsi;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
		e->u.irqchip.pin = gsi;
	}
	for (gsi = 0; gsi < PIC_PINS; gsi++, e++) {
		e->gsi = gsi;
		e->type = KVM_IRQ_ROUTING_IRQCHIP;
		e->u.irqchip.irqchip = gsi < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE;
		e->u.irqchip.pin = gsi % 8;
	}
	r = routing_set(vm, entries, e - entries);
	kfree(entries);
	return r;
}

static int irqchip_create_all(struct vm *vm)
{
	int r;

	r = pic_create(vm);
	if (r)
		return r;
	r = ioapic_create(vm);
	if (r)
		goto no_ioapic;
	r = irqchip_route(vm);
	if (r)
		goto no_routes;
	/* Pairs with irqchip_is_full(). */
	smp_store_release(&vm->irq.mode, IRQ_FULL);
	return 0;

no_routes:
	ioapic_remove(vm);
no_ioapic:
	pic_remove(vm);
	return r;
}

long irqchip_create(struct vm *vm)
{
	long r;

	mutex_lock(&vm->lock);
	if (vm->irq.mode != IRQ_USER) {
		r = -EEXIST;
	} else if (vcpu_table_nr(&vm->vcpus)) {
		r = -EINVAL;
	} else {
		mutex_lock(&vm->irq.lock);
		r = irqchip_create_all(vm);
		mutex_unlock(&vm->irq.lock);
	}
	mutex_unlock(&vm->lock);
	return r;
}

/* Return: whether the chips are there, for good. */
static bool irqchip_is_full(const struct vm *vm)
{
	/* Pairs with irqchip_create_all(). */
	return smp_load_acquire(&vm->irq.mode) == IRQ_FULL;
}

static long irqchip_get_state(struct vm *vm, struct kvm_irqchip *chip)
{
	if (!irqchip_is_full(vm))
		return -ENXIO;
	switch (chip->chip_id) {
	case KVM_IRQCHIP_PIC_MASTER:
	case KVM_IRQCHIP_PIC_SLAVE:
		pic_get_state(vm, chip->chip_id, &chip->chip.pic);
		return 0;
	case KVM_IRQCHIP_IOAPIC:
		ioapic_get_state(vm, &chip->chip.ioapic);
		return 0;
	default:
		return -EINVAL;
	}
}

static long irqchip_set_state(struct vm *vm, const struct kvm_irqchip *chip)
{
	if (!irqchip_is_full(vm))
		return -ENXIO;
	switch (chip->chip_id) {
	case KVM_IRQCHIP_PIC_MASTER:
	case KVM_IRQCHIP_PIC_SLAVE:
		pic_set_state(vm, chip->chip_id, &chip->chip.pic);
		return 0;
	case KVM_IRQCHIP_IOAPIC:
		ioapic_set_state(vm, &chip->chip.ioapic);
		return 0;
	default:
		return -EINVAL;
	}
}

long irqchip_get(struct vm *vm, void __user *user)
{
	struct kvm_irqchip *chip = memdup_user(user, sizeof(*chip));
	long r;

	if (IS_ERR(chip))
		return PTR_ERR(chip);
	r = irqchip_get_state(vm, chip);
	if (!r && copy_to_user(user, chip, sizeof(*chip)))
		r = -EFAULT;
	kfree(chip);
	return r;
}

long irqchip_set(struct vm *vm, void __user *user)
{
	struct kvm_irqchip *chip = memdup_user(user, sizeof(*chip));
	long r;

	if (IS_ERR(chip))
		return PTR_ERR(chip);
	r = irqchip_set_state(vm, chip);
	kfree(chip);
	return r;
}

/* Only KVM_IRQ_LINE_STATUS knows such an edge. */
static bool is_lost_tick(struct vm *vm, unsigned int cmd, const struct kvm_irq_level *line)
{
	return cmd == KVM_IRQ_LINE_STATUS && line->irq == IOAPIC_RTC && line->level &&
	       vm->irq.ioapic && ioapic_rtc_waits(vm);
}

long irqchip_line(struct vm *vm, unsigned int cmd, void __user *user)
{
	struct kvm_irq_level line;

	if (copy_from_user(&line, user, sizeof(line)))
		return -EFAULT;
	if (READ_ONCE(vm->irq.mode) == IRQ_USER)
		return -ENXIO;
	line.status = is_lost_tick(vm, cmd, &line) ? 0 :
		      irq_set_gsi(vm, IRQ_SOURCE_VMM, line.irq, line.level);
	if (cmd == KVM_IRQ_LINE_STATUS && copy_to_user(user, &line, sizeof(line)))
		return -EFAULT;
	return 0;
}

void irqchip_free(struct vm *vm)
{
	pit_free(vm);
	ioapic_free(vm);
	pic_free(vm);
}
