/* SPDX-License-Identifier: GPL-2.0-only */
/* Stopping vCPUs and letting them go. */
#ifndef VMXDBG_DEBUG_STOP_H
#define VMXDBG_DEBUG_STOP_H

#include <linux/types.h>

#include "vcpu.h"

struct vm;
struct vmxdbg_resume;

/* A vCPU that nobody else can see yet; vm->lock held. */
void stop_init_vcpu(struct vcpu *vcpu);

/**
 * stop_vcpus() - no vCPU of @mask runs guest code when this has returned 0
 * Context: session->mutex. Return: 0, -ERESTARTSYS on a signal.
 */
int stop_vcpus(struct vm *vm, u64 mask);

/**
 * stop_lock() - take a stopped vCPU's state into one's hands
 * Waits for the hit_point it takes a vCPU that has stopped by itself to come out.
 * Context: session->mutex; state_mutex is held after success.
 * Return: 0, -EBUSY when it is not stopped, -EINTR or -ERESTARTSYS on a signal.
 */
int stop_lock(struct vcpu *vcpu);

void stop_unlock(struct vcpu *vcpu);
/* stop_lock() held: what VMXDBG_RESUME says happens after stop_unlock(). */
void stop_resume(struct vcpu *vcpu, const struct vmxdbg_resume *arg);
/* The session is closing and its breakpoints are gone: all vCPUs run. */
void stop_end(struct vm *vm);

/**
 * stop_hold() - VMXDBG_HOLD
 * @on: 1 to hold the vCPUs that are and that will be, 0 to let them go
 * Context: may sleep, takes vm->lock.
 * Return: 0, -EINVAL, -EBUSY when there is a session, -EINTR.
 */
int stop_hold(struct vm *vm, unsigned long on);

/* step.c, stop.c */
int vcpu_park(struct vcpu *vcpu);	/* 0 running again, -EINTR */
void vcpu_is_quiet(struct vcpu *vcpu);	/* ->stop is set, and ->in_run no more */

/* KVM_RUN ends. */
static inline void vcpu_leave_run(struct vcpu *vcpu)
{
	/* Pairs with dbg_lock's holders: the state is the session's from here on. */
	smp_store_release(&vcpu->in_run, false);
	smp_mb();	/* pairs with stop_vcpus() */
	if (unlikely(READ_ONCE(vcpu->stop)))
		vcpu_is_quiet(vcpu);
}

/*
 * Nobody debugs, or nobody wants it stopped: no lock. ->in_run may be seen set
 * for a hit_point although ->stop is: whoever waits is woken up again. Return:
 * false when vcpu_park() has to be asked.
 */
static inline bool vcpu_enter_run(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->in_run, true);
	smp_mb();	/* pairs with stop_vcpus() */
	/* Acquire: a resume has written what to do before it clears ->stop. */
	if (likely(!smp_load_acquire(&vcpu->stop) &&
		   !(vcpu->stepping & STEP_SESSION)))
		return true;
	vcpu_leave_run(vcpu);
	return false;
}

#endif
