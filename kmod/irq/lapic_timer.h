/* SPDX-License-Identifier: GPL-2.0-only */
/* The timer of a local APIC (SDM vol. 3, 11.5.4): one-shot, periodic, TSC deadline. */
#ifndef VMXDBG_IRQ_LAPIC_TIMER_H
#define VMXDBG_IRQ_LAPIC_TIMER_H

#include <linux/limits.h>
#include <linux/types.h>

struct lapic;
struct vm;

/* Ticks of the bus in the longest period: the largest count and divisor */
#define LAPIC_TICKS_MAX	((u64)U32_MAX * 128)

void lapic_timer_init(struct lapic *lapic);

/*
 * The vCPU's state is the caller's in each of these, and none sleeps.
 */
void lapic_timer_stop(struct lapic *lapic);

/* TMICT was written: count down from @count ticks, as TDCR and LVTT say. */
void lapic_timer_start(struct lapic *lapic, u32 count);

/* KVM_SET_LAPIC has set the registers, with @count left. */
void lapic_timer_restore(struct lapic *lapic, u32 count);

/* TDCR was written; it was @old. A running timer has the same count, in other ticks. */
void lapic_timer_divide(struct lapic *lapic, u32 old);

/* LVTT was written; it was @old. */
void lapic_timer_mode(struct lapic *lapic, u32 old);

/* Return: TMCCT, the count that is left. */
u32 lapic_timer_count(struct lapic *lapic);

/* IA32_TSC_DEADLINE; without effect in another mode (SDM vol. 3, 11.5.4.1). */
u64 lapic_timer_deadline(const struct lapic *lapic);
void lapic_timer_set_deadline(struct lapic *lapic, u64 tsc);

/* The guest's TSC was moved. */
void lapic_timer_tsc_moved(struct lapic *lapic);

/* The time of the VM stands still, or goes on. dbg_lock held. */
void lapic_timers_hold(struct vm *vm);
void lapic_timers_go_on(struct vm *vm);

#endif
