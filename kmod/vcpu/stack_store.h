/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stores that the module does for a guest instruction, where nothing but the bytes
 * changes: the processor would set no flag in the guest's tables and cause no exit.
 */
#ifndef VMXDBG_VCPU_STACK_STORE_H
#define VMXDBG_VCPU_STACK_STORE_H

#include <linux/types.h>

struct vcpu;

/**
 * stack_store() - store 8 bytes for the current instruction in 64-bit code
 * Context: preemption off, VMCS current.
 * Return: false if nothing happened and the guest must execute the instruction.
 */
bool stack_store(struct vcpu *vcpu, u64 gva, u64 val);

#endif
