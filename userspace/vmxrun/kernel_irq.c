// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt controllers in the kernel: --irqchip split and full.
 *
 * With split, the I/O APIC sends its interrupts as MSIs. The kernel reports the end of a
 * level-triggered one if a GSI has a route with its vector, so the level-triggered pins
 * have routes. With full, devices drive the wires of the kernel's chips.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "isa_irq.h"
#include "kernel_irq.h"
#include "msg.h"

#define ISA_IRQS	16

/* MSIs (SDM vol. 3, "Message Signalled Interrupts") */
#define MSI_ADDRESS	0xfee00000U
#define MSI_DEST(id)	((uint32_t)(id) << 12)
#define MSI_HINT	(1U << 3)
#define MSI_LOGICAL	(1U << 2)
#define MSI_MODE(mode)	((uint32_t)(mode) << 8)
#define MSI_ASSERT	(1U << 14)
#define MSI_LEVEL	(1U << 15)

/* A table for KVM_SET_GSI_ROUTING: each pin of the PICs and of the I/O APIC */
struct routes {
	struct kvm_irq_routing head;
	struct kvm_irq_routing_entry entries[ISA_IRQS + IOAPIC_PINS];
};

static bool failed(const struct kernel_irq *irq, const char *call)
{
	msg("%s: %s (--irqchip): %s", irq->vm->path, call, strerror(errno));
	return false;
}

static bool create_split(const struct kernel_irq *irq)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_SPLIT_IRQCHIP, .args = { IOAPIC_PINS },
	};

	return !ioctl(irq->vm->fd, KVM_ENABLE_CAP, &cap) ||
	       failed(irq, "KVM_CAP_SPLIT_IRQCHIP");
}

static void add_chip_route(struct routes *routes, uint32_t gsi, uint32_t chip, uint32_t pin)
{
	struct kvm_irq_routing_entry *e = &routes->entries[routes->head.nr++];

	e->gsi = gsi;
	e->type = KVM_IRQ_ROUTING_IRQCHIP;
	e->u.irqchip.irqchip = chip;
	e->u.irqchip.pin = pin;
}

/* The timer is at pin 2 of the I/O APIC, as the ACPI tables say. */
static bool route_chips(const struct kernel_irq *irq)
{
	struct routes routes = { };

	for (uint32_t i = 0; i < ISA_IRQS; i++)
		if (i != ISA_IRQ_TIMER_PIN)
			add_chip_route(&routes, i, i < 8 ? KVM_IRQCHIP_PIC_MASTER :
				       KVM_IRQCHIP_PIC_SLAVE, i % 8);
	for (uint32_t i = 0; i < IOAPIC_PINS; i++)
		if (i != ISA_IRQ_TIMER_PIN)
			add_chip_route(&routes, i, KVM_IRQCHIP_IOAPIC,
				       i == ISA_IRQ_TIMER ? ISA_IRQ_TIMER_PIN : i);
	return !ioctl(irq->vm->fd, KVM_SET_GSI_ROUTING, &routes);
}

static bool save_chips(struct kernel_irq *irq)
{
	for (uint32_t i = 0; i < KERNEL_CHIPS; i++) {
		irq->chips[i].chip_id = i;
		if (ioctl(irq->vm->fd, KVM_GET_IRQCHIP, &irq->chips[i]))
			return false;
	}
	return !ioctl(irq->vm->fd, KVM_GET_PIT2, &irq->pit);
}

static bool create_full(struct kernel_irq *irq)
{
	struct kvm_pit_config config = { .flags = KVM_PIT_SPEAKER_DUMMY };

	if (ioctl(irq->vm->fd, KVM_CREATE_IRQCHIP, 0))
		return failed(irq, "KVM_CREATE_IRQCHIP");
	if (ioctl(irq->vm->fd, KVM_CREATE_PIT2, &config))
		return failed(irq, "KVM_CREATE_PIT2");
	return (route_chips(irq) && save_chips(irq)) || failed(irq, "the chips' state");
}

/**
 * kernel_irq_create - create the interrupt controllers, before any vCPU
 *
 * Return: false after a message.
 */
bool kernel_irq_create(struct kernel_irq *irq, enum irqchip irqchip, const struct vm *vm)
{
	irq->irqchip = irqchip;
	irq->vm = vm;
	switch (irqchip) {
	case IRQCHIP_SPLIT:
		return create_split(irq);
	case IRQCHIP_FULL:
		return create_full(irq);
	default:
		return true;
	}
}

/**
 * kernel_irq_power_on - set the state after power-on
 *
 * vcpu_reset() does it for the local APICs.
 *
 * Return: false after a message.
 */
bool kernel_irq_power_on(struct kernel_irq *irq)
{
	if (irq->irqchip == IRQCHIP_SPLIT)
		kernel_irq_route(irq);
	if (irq->irqchip != IRQCHIP_FULL)
		return true;
	for (uint32_t i = 0; i < KERNEL_CHIPS; i++)
		if (ioctl(irq->vm->fd, KVM_SET_IRQCHIP, &irq->chips[i]))
			return failed(irq, "KVM_SET_IRQCHIP");
	return !ioctl(irq->vm->fd, KVM_SET_PIT2, &irq->pit) || failed(irq, "KVM_SET_PIT2");
}

static struct kvm_msi msi_of(const struct apic_message *msg)
{
	struct kvm_msi msi = {
		.address_lo = MSI_ADDRESS | MSI_DEST(msg->dest),
		.data = msg->vector | MSI_MODE(msg->mode) | MSI_ASSERT,
	};

	if (msg->logical)
		msi.address_lo |= MSI_LOGICAL;
	if (msg->mode == APIC_LOWEST_PRIORITY)
		msi.address_lo |= MSI_HINT;
	if (msg->level)
		msi.data |= MSI_LEVEL;
	return msi;
}

/**
 * kernel_irq_send - send a message to the local APICs, as @send of struct apic_bus
 *
 * A message without a destination is lost, as on the bus.
 */
void kernel_irq_send(void *opaque, const struct apic_message *msg)
{
	const struct kernel_irq *irq = opaque;
	struct kvm_msi msi = msi_of(msg);

	ioctl(irq->vm->fd, KVM_SIGNAL_MSI, &msi);
}

/**
 * kernel_irq_route - follow a change of a level-triggered pin, as @routed of struct ioapic
 */
void kernel_irq_route(void *opaque)
{
	const struct kernel_irq *irq = opaque;
	struct routes routes = { };

	for (uint32_t pin = 0; pin < IOAPIC_PINS; pin++) {
		struct kvm_irq_routing_entry *e = &routes.entries[routes.head.nr];
		struct apic_message msg;
		struct kvm_msi msi;

		if (!ioapic_level_message(irq->ioapic, pin, &msg))
			continue;
		msi = msi_of(&msg);
		e->gsi = pin;
		e->type = KVM_IRQ_ROUTING_MSI;
		e->u.msi.address_lo = msi.address_lo;
		e->u.msi.data = msi.data;
		routes.head.nr++;
	}
	if (ioctl(irq->vm->fd, KVM_SET_GSI_ROUTING, &routes))
		failed(irq, "KVM_SET_GSI_ROUTING");
}

/**
 * kernel_irq_set - drive wire @input of the kernel's chips, as @set of struct irq_line
 */
void kernel_irq_set(void *opaque, unsigned int input, bool level)
{
	const struct kernel_irq *irq = opaque;
	struct kvm_irq_level line = { .irq = input, .level = level };

	if (ioctl(irq->vm->fd, KVM_IRQ_LINE, &line))
		failed(irq, "KVM_IRQ_LINE");
}
