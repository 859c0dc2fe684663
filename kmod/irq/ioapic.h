/* SPDX-License-Identifier: GPL-2.0-only */
/* The I/O APIC (Intel 82093AA), as KVM has it. */
#ifndef VMXDBG_IRQ_IOAPIC_H
#define VMXDBG_IRQ_IOAPIC_H

#include <linux/kvm.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "irq/io_bus.h"
#include "vm.h"

#define IOAPIC_PINS	KVM_IOAPIC_NUM_PINS
#define IOAPIC_RTC	8	/* pin of the real-time clock, and its GSI */

struct ioapic {
	raw_spinlock_t lock;	/* all of it */
	struct vm *vm;
	struct kvm_ioapic_state state;	/* irr: pins that are high, or whose edge waits */
	unsigned long lines[IOAPIC_PINS];	/* bit n: source n holds the pin high */
	u32 delivered;		/* pins in irr whose edge was sent */
	u32 ended[IOAPIC_PINS];	/* EOIs since which the pin never fell */
	u32 unmasked;		/* pins whose notifiers ioapic_finish() has to call */
	struct delayed_work again;	/* sends levels that went on for too long */
	struct io_device device;
};

/* The VM has neither this chip nor a vCPU. irq.lock held. Return: 0, or a negative errno. */
int ioapic_create(struct vm *vm);
/* Undo that, still without a vCPU. irq.lock held; may sleep. */
void ioapic_remove(struct vm *vm);
/* The VM ends, and its buses are gone. Also if there is no I/O APIC. May sleep. */
void ioapic_free(struct vm *vm);

/**
 * ioapic_set_pin() - drive an input
 * @pin: 0 to IOAPIC_PINS - 1
 * @source: enum irq_source; the pin is high while one of them holds it so
 * Context: any.
 * Return: number of vCPUs that take the interrupt; 0: none, or an edge waits already; -1: it
 * is masked, or waits for an EOI.
 */
int ioapic_set_pin(struct vm *vm, u32 pin, u32 source, int level);

/*
 * Return: whether a vCPU has not taken or not ended the last interrupt of the real-time clock. A
 * VMM makes up for ticks that its guest did not get, which an edge does not tell. The VM has
 * the chip. Context: any.
 */
bool ioapic_rtc_waits(struct vm *vm);

/**
 * ioapic_eoi() - a local APIC ended an interrupt whose vector is in irq.eoi_vectors
 * @level: it was level triggered, and the EOI is broadcast
 * Context: any; the VM has the chip.
 */
void ioapic_eoi(struct vm *vm, u8 vector, bool level);

/*
 * The EOIs of which vectors are for the chip has changed: tell the local APICs. Nothing
 * happens if the VM has no I/O APIC. Context: any.
 */
void ioapic_find_eoi_vectors(struct vm *vm);

/* KVM_GET_IRQCHIP, KVM_SET_IRQCHIP. The VM has the chip. */
void ioapic_get_state(struct vm *vm, struct kvm_ioapic_state *state);
void ioapic_set_state(struct vm *vm, const struct kvm_ioapic_state *state);

#endif
