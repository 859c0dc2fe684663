/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses of the current instruction to watched bytes, kept until it is over. */
#ifndef VMXDBG_DEBUG_WATCH_INSN_H
#define VMXDBG_DEBUG_WATCH_INSN_H

#include <linux/types.h>

struct vcpu;
struct watch_access;

/* All functions here: the vCPU's thread. The accesses are in vcpu->watch. */

/*
 * The instruction, or the delivery of an event, makes an exit for a protected page.
 * Return: false if it has to be decoded by watch_insn_decode() first. Fast section.
 */
bool watch_insn_begin(struct vcpu *vcpu);

/* Fetch and decode the instruction for watch_insn_begin(). May sleep. */
void watch_insn_decode(struct vcpu *vcpu);

/*
 * Note the exit's access at @gva, and the operands in the page of vcpu->exit_gpa.
 * @access: VMXDBG_ACCESS_*; with _WALK @gva means nothing. Context: vm->mmu_lock.
 */
void watch_insn_touch_page(struct vcpu *vcpu, u64 gva, u32 access);

/*
 * Note the reads of the page that the instruction is fetched from, vcpu->exit_gpa.
 * Context: fast section, page faults off.
 */
void watch_insn_touch_own(struct vcpu *vcpu);

/* Read the old values of the accesses noted from the @from-th on. Does not sleep. */
void watch_insn_read_old(struct vcpu *vcpu, unsigned int from);

/*
 * Read up to 8 bytes of an access without faulting in.
 * Return: false if they could not be read; @val is then undefined.
 */
bool watch_insn_peek(struct vcpu *vcpu, const struct watch_access *a, u64 *val);

/*
 * The module makes an access for the guest's instruction: call this before a write and
 * after a read, since what memory holds now becomes the old value.
 * @gpa: the address of each page, or NULL to translate @gva. May sleep unless @gpa.
 */
void watch_note(struct vcpu *vcpu, u64 gva, const u64 *gpa, u64 len, bool write);

/* Forget all accesses of the instruction. */
void watch_forget(struct vcpu *vcpu);

#endif
