/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The number of vCPUs that stand still: none executes guest code before a debugger resumes
 * it. While all of them do, the VM's time is held.
 */
#ifndef VMXDBG_DEBUG_STILL_H
#define VMXDBG_DEBUG_STILL_H

#include <linux/types.h>

struct vcpu;
struct vm;

/* All functions here but still_set_time(): dbg_lock held. */

/*
 * Count the vCPU if it is quiet: ->stop is set and ->in_run is not. Whoever sets ->stop
 * needs a barrier before.
 */
void still_note(struct vcpu *vcpu);

/* The vCPU's thread has set ->stop: count it, although it has not parked yet. */
void still_by_itself(struct vcpu *vcpu);

/* The vCPU is about to be resumed: ->stop will be clear. */
void still_over(struct vcpu *vcpu);

/* The vCPU's thread woke up from a stop, and is going to enter the guest. */
void still_awake(struct vcpu *vcpu);

/* A vCPU was created, and is in the VM's mask. It is stopped, or may run. */
void still_new(struct vcpu *vcpu);

/* VMXDBG_SET_TIME; @runs: the time goes on also while all stand still. */
void still_set_time(struct vm *vm, bool runs);

#endif
