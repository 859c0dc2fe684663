/* SPDX-License-Identifier: GPL-2.0-only */
/* The PC's pair of 8259A interrupt controllers, as KVM has them. */
#ifndef VMXDBG_IRQ_PIC_H
#define VMXDBG_IRQ_PIC_H

#include <linux/kvm.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "irq/io_bus.h"
#include "vm.h"

#define PIC_CHIPS	2	/* master and slave */
#define PIC_PINS	16

struct pic {
	raw_spinlock_t lock;	/* all of it */
	struct vm *vm;
	struct kvm_pic_state chip[PIC_CHIPS];
	unsigned long lines[PIC_PINS];	/* bit n: source n holds the pin high */
	bool output;		/* of the master; also read without lock */
	bool rose;		/* @output rose since the last pic_finish() */
	bool changed;		/* the output may have */
	u16 acked, unmasked;	/* pins whose notifiers pic_finish() has to call */
	struct io_device master, slave, elcr;
};

/* The VM has neither this chip nor a vCPU. irq.lock held. Return: 0, or a negative errno. */
int pic_create(struct vm *vm);
/* Undo that, still without a vCPU. irq.lock held; may sleep. */
void pic_remove(struct vm *vm);
/* The VM ends, and its buses are gone. Also if there is no PIC. */
void pic_free(struct vm *vm);

/**
 * pic_set_pin() - drive an input
 * @pin: 0 to PIC_PINS - 1
 * @source: enum irq_source; the pin is high while one of them holds it so
 * Context: any.
 * Return: 1 if it took effect, 0 if an interrupt of this pin waits already, -1: masked.
 */
int pic_set_pin(struct vm *vm, u32 pin, u32 source, int level);

/* The slow half of pic_next() */
int pic_peek(struct pic *pic);

/* Return: the vector that pic_ack() would take now; -1: none, or no PIC. Context: any. */
static inline int pic_next(const struct vm *vm)
{
	struct pic *pic = vm->irq.pic;

	return pic && READ_ONCE(pic->output) ? pic_peek(pic) : -1;
}

/* Return: the pin that has this vector. Context: any; the VM has the chip. */
u32 pic_pin_of(const struct vm *vm, u8 vector);

/**
 * pic_ack() - take the interrupt that is due, as a processor does by INTA
 * @only: vectors that may be taken, NULL for any
 *
 * Context: any; the VM has the chip.
 * Return: the vector, a spurious one if the request is gone, or -1 if @only lacks it.
 */
int pic_ack(struct vm *vm, const unsigned long *only);

/* KVM_GET_IRQCHIP, KVM_SET_IRQCHIP. @chip: 0 or 1; the VM has the chips */
void pic_get_state(struct vm *vm, unsigned int chip, struct kvm_pic_state *state);
void pic_set_state(struct vm *vm, unsigned int chip, const struct kvm_pic_state *state);

#endif
