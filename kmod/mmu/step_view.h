/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's own view of guest memory for one instruction. */
#ifndef VMXDBG_MMU_STEP_VIEW_H
#define VMXDBG_MMU_STEP_VIEW_H

#include <linux/types.h>

struct vcpu;
struct vm;

/* Each vCPU of the VM has one after this. May sleep; vm->lock is taken. */
int step_views_prepare(struct vm *vm);
/* The same for one vCPU, or more tables for it. vm->lock held, or its thread. */
int step_view_prepare(struct vcpu *vcpu);
void step_view_free(struct vcpu *vcpu);

/* The vCPU's thread, none of them sleeps. */

/**
 * step_view_open() - let the instruction at hand use a page
 * @prot: EPT_R, EPT_W, EPT_X that it needs beside what is permitted
 * @guests: even if it only executes, it is to see the guest's bytes, not a copy
 * mmu_lock held. False: the hooked view does not have the page so, or tables are
 * missing: ept_fault(), step_view_prepare(), step_view_reset(), and again.
 */
bool step_view_open(struct vcpu *vcpu, u64 gpa, u64 prot, bool guests);

/* does the instruction see the guest's own bytes of the page? mmu_lock held */
bool step_view_shows_guest(struct vcpu *vcpu, u64 gpa);
/* nothing is open any more, and nothing that was copied counts */
void step_view_reset(struct vcpu *vcpu);
/* the instruction is over */
void step_view_over(struct vcpu *vcpu);
/* before an entry with it; takes mmu_lock, interrupts may be off */
void step_view_enter(struct vcpu *vcpu);

#endif
