/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that are injected into the guest of the fake target, and the handler of each. */
#ifndef FAKE_ACT_H
#define FAKE_ACT_H

#include <stdbool.h>
#include <stdint.h>

#include <vmxdbg.h>

/**
 * struct fake_waiting - events that wait for a vCPU to run
 * @types: BIT(VMXDBG_INJECT_*)
 * @events: by type
 */
struct fake_waiting {
	uint32_t types;
	struct vmxdbg_inject events[3];
};

/* Return: whether a processor has the event, and its argument is as it has to be. */
bool fake_inject_valid(const struct vmxdbg_inject *event);

/* Return: 0, or -EBUSY if one of its type waits. */
int fake_inject(struct fake_waiting *w, const struct vmxdbg_inject *event);

/*
 * Deliver the next event. @steps: interrupts and NMIs are held. The guest's handler is a
 * function that finds in r14 the vector, in r15 the error code. Return: false if there is
 * none.
 */
bool fake_deliver(struct fake_waiting *w, bool steps, struct kvm_regs *regs,
		  struct kvm_sregs *sregs, uint64_t handler,
		  void *(*memory)(uint64_t addr, uint64_t len));

#endif /* FAKE_ACT_H */
