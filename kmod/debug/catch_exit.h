/* SPDX-License-Identifier: GPL-2.0-only */
/* Exits as catches see them. */
#ifndef VMXDBG_DEBUG_CATCH_EXIT_H
#define VMXDBG_DEBUG_CATCH_EXIT_H

#include <linux/types.h>

#include "debug/dbg_object.h"

struct vcpu;

/*
 * after an exit, before its handler: true: there is nothing for that to do, and
 * @r says what to return instead
 */
bool catch_exit(struct vcpu *vcpu, int *r);
/* an exception that is intercepted for a catch: it goes the way of those raised */
void catch_exception(struct vcpu *vcpu, u32 info);
/* before an entry, interrupts off: true: what goes in waits, no entry */
bool catch_event(struct vcpu *vcpu);
/* an event that was caught, and not heard of, will be again */
void catch_forget_event(struct vcpu *vcpu);
/* an instruction on MMIO, its accesses known; HIT_GO: they can be made */
enum hit_result catch_mmio(struct vcpu *vcpu);
enum hit_result catch_reset(struct vcpu *vcpu, u64 how);	/* VMXDBG_RESET_* */
/* an entry has failed: true: it was caught, and is to be tried again */
bool catch_failed_entry(struct vcpu *vcpu);

#endif
