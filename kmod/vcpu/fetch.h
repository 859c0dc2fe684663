/* SPDX-License-Identifier: GPL-2.0-only */
/* The instruction that a vCPU is at, decoded. */
#ifndef VMXDBG_VCPU_FETCH_H
#define VMXDBG_VCPU_FETCH_H

#include <linux/types.h>

#include "insn/insn.h"

struct insn_memo;
struct vcpu;

/* fetch.c: the instruction at linear address @rip */
/* @bits: of CS. Preemption off, VMCS current. NULL: fetch_insn() has to look. */
const struct insn *fetch_known(struct vcpu *vcpu, u64 rip, unsigned int bits);
/* the same, decoded if need be; @insn.len: 0 if it is not one that we know, or not there */
struct insn_memo *fetch_now(struct vcpu *vcpu, u64 rip);
/*
 * @gva is mapped to @gpa, and the processor has no flag left to set in the tables for
 * the access. After fetch_now(). False too for what is not known without sleeping.
 */
bool fetch_operand_marked(struct vcpu *vcpu, struct insn_memo *slot, u64 gva, u64 gpa,
			  bool write);
/*
 * may sleep; the VMM's process. @bytes, @len: what is there. NULL: not one that
 * we know. Good until the next call.
 */
const struct insn *fetch_insn(struct vcpu *vcpu, u64 rip, u8 bytes[INSN_MAX],
			      unsigned int *len);

#endif
