/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A store that an instruction of the guest makes, made for it: to memory where all is
 * as usual, so that nothing follows from it but the bytes. The processor would change no
 * entry of the guest's tables on the way, and find nothing to exit for.
 */
#ifndef VMXDBG_VCPU_STACK_STORE_H
#define VMXDBG_VCPU_STACK_STORE_H

#include <linux/types.h>

struct vcpu;

/*
 * stack_store.c: 8 bytes, as the instruction at hand in 64-bit code stores them.
 * Preemption off, VMCS current. False: nothing has happened, it is to be executed.
 */
bool stack_store(struct vcpu *vcpu, u64 gva, u64 val);

#endif
