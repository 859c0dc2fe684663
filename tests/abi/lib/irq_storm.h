/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest of four vCPUs that send one another IPIs and NMIs, arm the timers of their local
 * APICs and halt, all at random, while a thread of the VMM signals irqfds and MSIs. Each
 * sender waits until its last interrupt has come before it sends another of the kind, so the
 * counts of both ends must be equal: none is lost, and none comes twice.
 */
#ifndef TESTS_ABI_LIB_IRQ_STORM_H
#define TESTS_ABI_LIB_IRQ_STORM_H

#include "guest.h"

#define IRQ_STORM_VCPUS		4
#define IRQ_STORM_KINDS		8	/* IPIs of each vCPU, irqfd, MSI, timer, NMI */

struct prog irq_storm_prog(void);

/*
 * Make the VM ready, whose vCPUs have their numbers in RDI and local APICs in the kernel, and
 * let a thread of this process begin to signal.
 */
void irq_storm_prepare(struct vm *vm);

/* Return: the vector of a kind, and the address of the instruction that counts it. */
u8 irq_storm_vector(unsigned int kind);
u64 irq_storm_handler(unsigned int kind);

/* Return: how many of a kind, or of all kinds, have come; to vCPU @i, or to all. */
u64 irq_storm_got(struct vm *vm, unsigned int i, unsigned int kind);
u64 irq_storm_got_kind(struct vm *vm, unsigned int kind);
u64 irq_storm_got_all(struct vm *vm);

/* The test ends if a vCPU has got one that was not sent. */
void irq_storm_check(struct vm *vm);

/* Send no more, and wait until all have come. The test ends if one does not. */
void irq_storm_finish(struct vm *vm);

#endif
