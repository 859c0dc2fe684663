/* SPDX-License-Identifier: GPL-2.0-only */
/* Stop, park and resume vCPUs. */
#ifndef VMXDBG_DEBUG_STOP_H
#define VMXDBG_DEBUG_STOP_H

#include <linux/types.h>

#include "vcpu.h"

struct vm;
struct vmxdbg_resume;

/* Stop a new vCPU if all are stopped or held. It has not run yet. vm->lock. */
void stop_init_vcpu(struct vcpu *vcpu);

/**
 * stop_vcpus() - stop a vCPU, or all of them, and wait until they are quiet
 * @only: the vCPU; NULL: all, and each vCPU that is created later starts stopped
 * Context: session->mutex; may sleep. Return: 0, -ERESTARTSYS on a signal.
 */
int stop_vcpus(struct vm *vm, struct vcpu *only);

/**
 * stop_lock() - lock the state of a stopped vCPU
 * Waits until a vCPU that stops itself has left KVM_RUN's loop.
 * Context: session->mutex; may sleep. vcpu->state_mutex is held after success.
 * Return: 0, -EBUSY when it is not stopped, -ERESTARTSYS on a signal.
 */
int stop_lock(struct vcpu *vcpu);

void stop_unlock(struct vcpu *vcpu);

/* Resume the vCPU as VMXDBG_RESUME asks. Context: stop_lock(); call stop_unlock() next. */
void stop_resume(struct vcpu *vcpu, const struct vmxdbg_resume *arg);

/*
 * Let all vCPUs run: the session closes and its objects are gone. Takes vm->lock, and waits
 * for each ->state_mutex. Context: a worker.
 */
void stop_end(struct vm *vm);

/**
 * stop_hold() - VMXDBG_HOLD
 * @on: 1 to hold all present and future vCPUs, 0 to let them run
 * Context: may sleep, takes vm->lock.
 * Return: 0, -EINVAL, -EBUSY when there is a session, -EINTR.
 */
int stop_hold(struct vm *vm, unsigned long on);

#define PARK_RESET	1

/*
 * Wait while ->stop is set, and set ->in_run. Context: the vCPU's thread; may sleep.
 * Return: 0 to enter the guest, -EINTR on a signal, PARK_RESET to report a reset to the VMM.
 */
int vcpu_park(struct vcpu *vcpu);

/* The vCPU is stopped, and its thread has left KVM_RUN's loop. Takes dbg_lock. */
void vcpu_left_run(struct vcpu *vcpu);

/* The vCPU's thread leaves KVM_RUN's loop. */
static inline void vcpu_leave_run(struct vcpu *vcpu)
{
	/* Pairs with the holders of dbg_lock, who may use the state from here on. */
	smp_store_release(&vcpu->in_run, false);
	smp_mb();	/* pairs with stop_vcpus() */
	if (unlikely(READ_ONCE(vcpu->stop)))
		vcpu_left_run(vcpu);
}

/*
 * The vCPU's thread enters KVM_RUN's loop, without a lock unless it is stopped or steps.
 * Waiters may see ->in_run set for a moment although ->stop is set, and are woken up.
 * Return: false if vcpu_park() has to be called.
 */
static inline bool vcpu_enter_run(struct vcpu *vcpu)
{
	WRITE_ONCE(vcpu->in_run, true);
	smp_mb();	/* pairs with stop_vcpus() */
	/* Acquire: pairs with the release of ->stop at the end of a resume. */
	if (likely(!smp_load_acquire(&vcpu->stop) &&
		   !(vcpu->stepping & STEP_SESSION)))
		return true;
	vcpu_leave_run(vcpu);
	return false;
}

#endif
