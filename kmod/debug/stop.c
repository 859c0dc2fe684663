// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stop, park and resume vCPUs. A vCPU is quiet when ->stop is set and ->in_run is
 * not; then the session owns its state under ->state_mutex. Only the vCPU's thread sets
 * ->in_run, and it touches no state before it has seen ->stop clear: under dbg_lock in
 * vcpu_park(), or in vcpu_enter_run() after a barrier that pairs with stop_vcpus().
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "debug/catch_exit.h"
#include "debug/dr_wants.h"
#include "debug/post.h"
#include "debug/reset.h"
#include "debug/soft_break.h"
#include "debug/step_until.h"
#include "debug/still.h"
#include "debug/stop.h"
#include "debug/watch_hit.h"
#include "debug/watch_insn.h"
#include "lib/trace.h"
#include "mmu/request.h"
#include "mmu/step_view.h"
#include "vcpu.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vcpu/types.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"
#include "vmxdbg.h"

/* Longest time that a stop waits for a VMM to complete the guest's I/O. */
#define IO_PATIENCE	(HZ / 10)

/* ---- the vCPU's own thread ---- */

/* Seldom does anybody wait: most sessions read the event first. */
static void wake_waiters(struct vm *vm)
{
	/* Pairs with the barrier between a waiter's place in the queue and its condition. */
	if (wq_has_sleeper(&vm->quiet_wq))
		wake_up_all(&vm->quiet_wq);
}

void vcpu_left_run(struct vcpu *vcpu)
{
	spin_lock(&vcpu->vm->dbg_lock);
	still_note(vcpu);
	spin_unlock(&vcpu->vm->dbg_lock);
	wake_waiters(vcpu->vm);
}

/*
 * dbg_lock held on entry and return, ->stop set. The thread is in the queue before
 * ->in_run is clear, so that VMXDBG_GET_VCPU can tell it from one in the VMM.
 */
static int park_once(struct vcpu *vcpu) __must_hold(&vcpu->vm->dbg_lock)
{
	struct vm *vm = vcpu->vm;
	DECLARE_WAITQUEUE(wait, current);
	int r = 0;

	add_wait_queue(&vcpu->park_wq, &wait);
	vcpu->in_run = false;
	vcpu->parked = true;
	still_note(vcpu);
	wake_waiters(vm);
	while (vcpu->stop && !r) {
		if (reset_take(vcpu)) {
			r = PARK_RESET;
			break;
		}
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&vm->dbg_lock);
		if (signal_pending(current))
			r = -EINTR;
		else
			schedule();
		__set_current_state(TASK_RUNNING);
		spin_lock(&vm->dbg_lock);
	}
	vcpu->parked = false;
	if (!vcpu->stop)
		still_awake(vcpu);
	remove_wait_queue(&vcpu->park_wq, &wait);
	return r;
}

int vcpu_park(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	int r = 0;

	spin_lock(&vm->dbg_lock);
	if (vcpu->stop)
		r = park_once(vcpu);
	else if (reset_take(vcpu))
		r = PARK_RESET;
	if (!r) {
		vcpu->in_run = true;
		/* A session that closed during a step has not cleared the bit. */
		if (!post_has_listener(vm))
			vcpu->stepping &= ~STEP_SESSION;
	}
	spin_unlock(&vm->dbg_lock);
	if (unlikely(r == PARK_RESET))
		reset_taken(vm);
	return r;
}

/* ---- other threads ---- */

void stop_init_vcpu(struct vcpu *vcpu)
{
	spin_lock(&vcpu->vm->dbg_lock);
	vcpu->stop |= vcpu->vm->held || vcpu->vm->stop_new;
	still_new(vcpu);
	spin_unlock(&vcpu->vm->dbg_lock);
}

/* As vm_next_vcpu(), of @only, or of all vCPUs if that is NULL. */
static struct vcpu *stop_next(struct vm *vm, struct vcpu *only, unsigned int *i)
{
	if (!only)
		return vm_next_vcpu(vm, i);
	if (*i > only->id)
		return NULL;
	*i = only->id;
	return only;
}

static bool all_quiet(struct vm *vm, struct vcpu *only)
{
	struct vcpu *vcpu;
	bool quiet = true;
	unsigned int i;

	spin_lock(&vm->dbg_lock);
	for (i = 0; (vcpu = stop_next(vm, only, &i)); i++) {
		if (vcpu->in_run)
			quiet = false;
		else
			still_note(vcpu);
	}
	spin_unlock(&vm->dbg_lock);
	return quiet;
}

static bool no_io(struct vm *vm, struct vcpu *only)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = stop_next(vm, only, &i)); i++)
		if (READ_ONCE(vcpu->pending) != PENDING_NONE)
			return false;
	return true;
}

int stop_vcpus(struct vm *vm, struct vcpu *only)
{
	struct vcpu *vcpu;
	unsigned int i;
	long r;

	spin_lock(&vm->dbg_lock);
	vm->stop_new |= !only;
	for (i = 0; (vcpu = stop_next(vm, only, &i)); i++)
		vcpu->stop = true;
	spin_unlock(&vm->dbg_lock);
	smp_mb();	/* pairs with vcpu_enter_run() */

	for (i = 0; (vcpu = stop_next(vm, only, &i)); i++)
		vcpu_request(vcpu, REQ_STOP, false);

	r = wait_event_interruptible(vm->quiet_wq, all_quiet(vm, only));
	if (r)
		return r;
	/* Prefer to stop after an I/O instruction, not within; but a VMM may be slow. */
	r = wait_event_interruptible_timeout(vm->quiet_wq, no_io(vm, only), IO_PATIENCE);
	return r < 0 ? r : 0;
}

/* Return: whether the vCPU is stopped and its thread has not parked yet. */
static bool is_stopping(struct vcpu *vcpu)
{
	bool stopping;

	spin_lock(&vcpu->vm->dbg_lock);
	stopping = vcpu->stop && vcpu->in_run;
	spin_unlock(&vcpu->vm->dbg_lock);
	return stopping;
}

/* Return: 0 with state_mutex held, -EAGAIN if the thread has not parked yet. */
static int lock_if_quiet(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	bool stop, quiet;

	/* The VMM's thread may wait for a page of the VMM's with the mutex held. */
	if (mutex_lock_interruptible(&vcpu->state_mutex))
		return -ERESTARTSYS;
	spin_lock(&vm->dbg_lock);
	stop = vcpu->stop;
	quiet = !vcpu->in_run;
	spin_unlock(&vm->dbg_lock);
	if (stop && quiet)
		return 0;
	mutex_unlock(&vcpu->state_mutex);
	return stop ? -EAGAIN : -EBUSY;
}

int stop_lock(struct vcpu *vcpu)
{
	int r = lock_if_quiet(vcpu);

	while (r == -EAGAIN) {
		r = wait_event_interruptible(vcpu->vm->quiet_wq, !is_stopping(vcpu));
		if (!r)
			r = lock_if_quiet(vcpu);
	}
	return r;
}

void stop_unlock(struct vcpu *vcpu)
{
	set_bit(REQ_ENTRY, &vcpu->requests);
	mutex_unlock(&vcpu->state_mutex);
}

/* ---- resuming ---- */

/*
 * Return: whether a software breakpoint is at @rip. The vCPU's thread has translated
 * the address of its last int3; a walk from the session's process is slow.
 */
static bool int3_at(struct vcpu *vcpu, u64 rip)
{
	u64 cr3, gpa;

	if (!READ_ONCE(vcpu->vm->nr_breaks))
		return false;
	vmcs_get(&vcpu->vmcs);
	cr3 = vmcs_read(GUEST_CR3);
	vmcs_put();
	if (vcpu->int3.known && vcpu->int3.rip == rip && vcpu->int3.cr3 == cr3)
		gpa = vcpu->int3.gpa;
	else if (vcpu_translate(vcpu, rip, &gpa, NULL))
		return false;
	return soft_break_at(vcpu->vm, gpa);
}

static void set_rf(struct vcpu *vcpu)
{
	vmcs_get(&vcpu->vmcs);
	vmcs_write(GUEST_RFLAGS, vmcs_read(GUEST_RFLAGS) | X86_EFLAGS_RF);
	vmcs_put();
}

/*
 * Do not hit a reported breakpoint again; one whose event is discarded unread hits
 * again. STEP_PASS is set already if the vCPU was stopped once more before it
 * executed the instruction.
 */
static void stop_pass_over(struct vcpu *vcpu, bool read)
{
	u64 rip = vcpu_linear_rip(vcpu);
	bool pass = (vcpu->reported && read) || (vcpu->stepping & STEP_PASS);
	bool caught = (vcpu->caught && read) || (vcpu->stepping & STEP_CATCH);

	vcpu->stepping &= ~(STEP_SESSION | STEP_PASS | STEP_CATCH);
	if (!read)
		catch_forget_event(vcpu);
	if (rip != vcpu->reported_rip)
		return;
	if (caught)
		vcpu->stepping |= STEP_CATCH;
	if (!pass)
		return;
	if (int3_at(vcpu, rip) || watch_exec_at(vcpu, rip))
		vcpu->stepping |= STEP_PASS;
	/* Set RF in no other case: the guest may have its own breakpoint here. */
	if ((vcpu->stepping & STEP_PASS) || dr_wants_exec_at(vcpu, rip))
		set_rf(vcpu);
}

/*
 * dbg_lock held. Clear ->stop last: the vCPU's thread then runs without taking the
 * lock.
 */
static void stop_forget(struct vcpu *vcpu, const struct vmxdbg_resume *next)
{
	vcpu->event_ready = false;
	vcpu->reported = false;
	vcpu->caught = false;
	vcpu->int3.known = false;
	vcpu->step_flags = next->flags;
	vcpu->range_start = next->range_start;
	vcpu->range_end = next->range_end;
	reset_forget_return(vcpu->vm);
	still_over(vcpu);
	set_bit(REQ_ENTRY, &vcpu->requests);
	/* Pairs with vcpu_enter_run(). */
	smp_store_release(&vcpu->stop, false);
}

void stop_resume(struct vcpu *vcpu, const struct vmxdbg_resume *arg)
{
	struct vm *vm = vcpu->vm;

	/* The vCPU is quiet, so event_ready cannot become true meanwhile. */
	stop_pass_over(vcpu, !READ_ONCE(vcpu->event_ready));
	/* Forget an unfinished instruction: the session may have changed rip. */
	vcpu->stepping &= ~STEP_DATA;
	step_view_over(vcpu);
	watch_forget(vcpu);
	if (arg->flags & VMXDBG_RESUME_STEP) {
		vcpu->stepping |= STEP_SESSION;
		step_until_begin(vcpu);
	}

	trace_vmxdbg_resume(vm->id, vcpu->id, arg->flags);
	spin_lock(&vm->dbg_lock);
	stop_forget(vcpu, arg);
	spin_unlock(&vm->dbg_lock);
	wake_up_all(&vcpu->park_wq);
}

/* state_mutex held, so the vCPU's thread is not completing an I/O instruction. */
static void let_go(struct vcpu *vcpu)
{
	static const struct vmxdbg_resume run_on;
	struct vm *vm = vcpu->vm;

	spin_lock(&vm->dbg_lock);
	/* In KVM_RUN its thread clears STEP_SESSION in vcpu_park(), hence REQ_STOP below. */
	if (!vcpu->in_run)
		vcpu->stepping &= ~(STEP_SESSION | STEP_PASS | STEP_CATCH);
	stop_forget(vcpu, &run_on);
	spin_unlock(&vm->dbg_lock);
	vcpu_request(vcpu, REQ_STOP, false);
	wake_up_all(&vcpu->park_wq);
}

void stop_end(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	/*
	 * vm->lock keeps a vCPU from being created with ->stop set meanwhile. The VMM needs
	 * it to supply the page that a holder of ->state_mutex waits for.
	 */
	mutex_lock(&vm->lock);
	spin_lock(&vm->dbg_lock);
	vm->held = false;
	vm->stop_new = false;
	reset_forget(vm);
	spin_unlock(&vm->dbg_lock);
	mutex_unlock(&vm->lock);
	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++) {
		/* Interruptible, so that the kernel takes no wait for a hang. No signal comes. */
		while (mutex_lock_interruptible(&vcpu->state_mutex))
			cond_resched();
		let_go(vcpu);
		mutex_unlock(&vcpu->state_mutex);
	}
	still_set_time(vm, false);
}

/* ---- VMXDBG_HOLD ---- */

/* dbg_lock held. */
static void hold_vcpus(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		vcpu->stop = true;
	smp_mb();	/* pairs with vcpu_enter_run() */
	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		still_note(vcpu);
}

/* dbg_lock held. */
static void unhold_vcpus(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++) {
		still_over(vcpu);
		/* Pairs with vcpu_enter_run(). */
		smp_store_release(&vcpu->stop, false);
	}
}

/* vm->lock held, so no vCPU is being created. */
static int hold(struct vm *vm, bool on)
{
	struct vcpu *vcpu;
	unsigned int i;

	spin_lock(&vm->dbg_lock);
	/* A session that waits for the first vCPU finds it stopped. */
	if (vm->session && (!on || vcpu_table_nr(&vm->vcpus))) {
		spin_unlock(&vm->dbg_lock);
		return -EBUSY;
	}
	vm->held = on;
	if (on)
		hold_vcpus(vm);
	else
		unhold_vcpus(vm);
	spin_unlock(&vm->dbg_lock);

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++) {
		if (on)
			vcpu_request(vcpu, REQ_STOP, false);
		else
			wake_up_all(&vcpu->park_wq);
	}
	return 0;
}

int stop_hold(struct vm *vm, unsigned long on)
{
	int r;

	if (on > 1) {
		pr_debug_ratelimited("hold: %lu is neither 0 nor 1\n", on);
		return -EINVAL;
	}
	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	r = hold(vm, on);
	mutex_unlock(&vm->lock);
	return r;
}
