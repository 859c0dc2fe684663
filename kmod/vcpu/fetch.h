/* SPDX-License-Identifier: GPL-2.0-only */
/* The instruction at rip, decoded, with a memo for each vCPU. @rip is linear. */
#ifndef VMXDBG_VCPU_FETCH_H
#define VMXDBG_VCPU_FETCH_H

#include <linux/types.h>

#include "insn/insn.h"

struct insn_memo;
struct vcpu;

/**
 * fetch_known() - the instruction at @rip, if its memo still holds
 * @bits: mode of the code segment, 16, 32 or 64
 * Context: preemption off, VMCS current. Return: NULL if fetch_insn() is needed.
 */
const struct insn *fetch_known(struct vcpu *vcpu, u64 rip, unsigned int bits);

/**
 * fetch_now() - the instruction at @rip, decoded if its memo does not hold
 * Context: does not sleep; VMCS current.
 * Return: the memo; @insn.len is 0 if the decoder does not know the instruction, or
 * if its memory is not present.
 */
struct insn_memo *fetch_now(struct vcpu *vcpu, u64 rip);

/**
 * fetch_operand_marked() - is @gva mapped to @gpa, with no flag left to set?
 * @slot: from fetch_now()
 * @write: the dirty flag counts as well
 * Context: as fetch_now(). Return: true if the processor would set no accessed or
 * dirty flag for the access; false also if only a sleeping walk could tell.
 */
bool fetch_operand_marked(struct vcpu *vcpu, struct insn_memo *slot, u64 gva, u64 gpa,
			  bool write);

/**
 * fetch_insn() - read and decode the instruction at @rip
 * @bytes: the bytes read
 * @len: how many they are
 * Context: the VMM's process; may sleep unless page faults are disabled.
 * Return: valid until the next call; NULL if the decoder does not know it.
 */
const struct insn *fetch_insn(struct vcpu *vcpu, u64 rip, u8 bytes[INSN_MAX],
			      unsigned int *len);

#endif
