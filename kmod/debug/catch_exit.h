/* SPDX-License-Identifier: GPL-2.0-only */
/* Event catches at VM exits, VM entries and MMIO. */
#ifndef VMXDBG_DEBUG_CATCH_EXIT_H
#define VMXDBG_DEBUG_CATCH_EXIT_H

#include <linux/types.h>

#include "debug/dbg_object.h"

struct vcpu;

/* All functions here: the vCPU's thread, unless they say otherwise; none sleeps. */

/*
 * After an exit, before its handler. Return: true to skip the handler and return @r
 * (RUN_RESUME or RUN_RETRY) instead.
 */
bool catch_exit(struct vcpu *vcpu, int *r);

/* Raise an exception that exited for a catch. @info: VM-exit interruption information. */
void catch_exception(struct vcpu *vcpu, u32 info);

/*
 * Before an entry. Return: true not to enter, since the event to inject is caught, or
 * hit_point_fault_in() comes first.
 */
bool catch_event(struct vcpu *vcpu);

/*
 * The session discarded the stop unread: catch the event to inject again. Context:
 * the holder of the vCPU's state.
 */
void catch_forget_event(struct vcpu *vcpu);

/* Before the accesses of an instruction on MMIO. Return: HIT_GO to make them. */
enum hit_result catch_mmio(struct vcpu *vcpu);

/* @how: VMXDBG_RESET_*. The holder of the vCPU's state, too. Return: as catch_ask(). */
enum hit_result catch_reset(struct vcpu *vcpu, u64 how);

/* After a failed VM entry. Return: true if it is caught, to be repeated once resumed. */
bool catch_failed_entry(struct vcpu *vcpu);

#endif
