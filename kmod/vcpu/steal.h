/* SPDX-License-Identifier: GPL-2.0-only */
/* Steal time: how long the vCPU's thread has waited for a CPU, in guest memory. */
#ifndef VMXDBG_VCPU_STEAL_H
#define VMXDBG_VCPU_STEAL_H

#include <linux/types.h>

struct vcpu;

/* Return: whether this kernel counts how long threads wait. */
bool steal_available(void);

/* The calling thread's wait until now, in ns. */
u64 steal_delay(void);

/*
 * In the vCPU's thread, may sleep: tell the guest of waits since the last call, and that it
 * is not preempted.
 */
void steal_record(struct vcpu *vcpu);

/* steal_record(), if the guest does not know all. */
void steal_tell_waits(struct vcpu *vcpu);

/* Reschedule, if the host wants that; the guest sees it meanwhile. Context as above. */
void steal_yield(struct vcpu *vcpu);

#endif
