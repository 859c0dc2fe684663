/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt controllers in the kernel: --irqchip split and full. */
#ifndef VMXRUN_KERNEL_IRQ_H
#define VMXRUN_KERNEL_IRQ_H

#include <stdbool.h>

#include <linux/kvm.h>

#include "apic_message.h"
#include "ioapic.h"
#include "vm.h"

/* Interrupt controllers that the kernel has */
enum irqchip {
	IRQCHIP_OFF,		/* all are vmxrun's */
	IRQCHIP_SPLIT,		/* local APICs; I/O APIC, PICs and PIT are vmxrun's */
	IRQCHIP_FULL,		/* all, and the PIT */
};

#define KERNEL_CHIPS	3	/* PICs and I/O APIC */

/**
 * struct kernel_irq - interrupt controllers in the kernel
 * @irqchip: which ones
 * @vm: the VM
 * @ioapic: vmxrun's I/O APIC of IRQCHIP_SPLIT
 * @chips: PICs and I/O APIC of IRQCHIP_FULL after power-on
 * @pit: PIT of IRQCHIP_FULL after power-on
 */
struct kernel_irq {
	enum irqchip irqchip;
	const struct vm *vm;
	const struct ioapic *ioapic;
	struct kvm_irqchip chips[KERNEL_CHIPS];
	struct kvm_pit_state2 pit;
};

bool kernel_irq_create(struct kernel_irq *irq, enum irqchip irqchip, const struct vm *vm);
bool kernel_irq_power_on(struct kernel_irq *irq);
void kernel_irq_send(void *irq, const struct apic_message *msg);
void kernel_irq_route(void *irq);
void kernel_irq_set(void *irq, unsigned int input, bool level);

#endif
