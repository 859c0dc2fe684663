/* SPDX-License-Identifier: GPL-2.0-only */
/* The step view: a vCPU's own view of guest memory for one instruction. */
#ifndef VMXDBG_MMU_STEP_VIEW_H
#define VMXDBG_MMU_STEP_VIEW_H

#include <linux/types.h>

struct vcpu;
struct vm;

/* ---- may sleep ---- */

/*
 * Give each vCPU of the VM a step view, now and when it is created. Takes vm->lock.
 * Return: 0, -ENOMEM.
 */
int step_views_prepare(struct vm *vm);
/*
 * Give one vCPU a step view, or more tables if it has used all. vm->lock held, or the
 * vCPU's thread. Return: 0, -ENOMEM.
 */
int step_view_prepare(struct vcpu *vcpu);
void step_view_free(struct vcpu *vcpu);

/* ---- the vCPU's thread, does not sleep ---- */

/**
 * step_view_open() - let the current instruction use a page
 * @prot: the permissions it needs in addition: EPT_R, EPT_W, EPT_X
 * @guests: show the guest's bytes, not the copy, even if the page is only executed
 * Context: mmu_lock held.
 * Return: false if the hooked view does not map the page with these permissions or
 * tables are missing. Call ept_fault(), step_view_reset() and step_view_prepare(), and
 * try again.
 */
bool step_view_open(struct vcpu *vcpu, u64 gpa, u64 prot, bool guests);
/* Return: whether the instruction sees the guest's bytes of the page. mmu_lock held. */
bool step_view_shows_guest(struct vcpu *vcpu, u64 gpa);
/* Discard everything that the step view has copied or opened. */
void step_view_reset(struct vcpu *vcpu);
/* The instruction has completed: close its pages before the next one. */
void step_view_over(struct vcpu *vcpu);
/* Make the step view ready for VM entry. Takes mmu_lock; interrupts may be off. */
void step_view_enter(struct vcpu *vcpu);

#endif
