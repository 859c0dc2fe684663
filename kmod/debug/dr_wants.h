/* SPDX-License-Identifier: GPL-2.0-only */
/* The debug registers that a session wants on its VM's vCPUs. */
#ifndef VMXDBG_DEBUG_DR_WANTS_H
#define VMXDBG_DEBUG_DR_WANTS_H

#include "debug/dbg_object.h"
#include "lib/dr.h"

struct session;
struct vcpu;
struct vm;

/**
 * dr_wants_add() - arm a debug register
 * @want: but for @id; each vCPU of the object's set has it when this returns, or,
 *	where the guest has taken the last register meanwhile, see bp_make_room()
 * Context: session->mutex; may sleep.
 * Return: 0, or -ENOSPC when all are taken, by the guest on one of the vCPUs or by
 * other wants.
 */
int dr_wants_add(struct session *s, struct dbg_object *obj, const struct dr_want *want);

/* vm->dr_mutex held */
void dr_wants_del(struct vm *vm, struct dbg_object *obj);

/* Those for @vcpu, for data first. Return: how many; also in vcpu->plan_ids. */
unsigned int dr_wants_of(struct vcpu *vcpu, struct dr_want want[DR_COUNT]);

/* vm->dr_mutex held: whose want @id is, if it still is one, or NULL */
struct dbg_object *dr_wants_object(struct vm *vm, u32 id);

/* Is a debug register armed for execution at @addr on @vcpu? */
bool dr_wants_exec_at(struct vcpu *vcpu, u64 addr);

/**
 * dr_wants_hit() - which of the session's objects does a #DB mean?
 * @wants: bit n: want n of the vCPU's plan was hit (struct dr_hits.debugger)
 * @hits: also has the address of the first watchpoint that stops
 * Context: as dbg_object_hit(), which is asked about each.
 */
enum hit_result dr_wants_hit(struct vcpu *vcpu, u8 wants, struct hits *hits);

/*
 * dr_wants_keep() - hits that wait in the VMCS and have no register any more
 * @was: the plan that they were met in; @bits: B0-B3 of it that are the debugger's
 */
void dr_wants_keep(struct vcpu *vcpu, const struct dr_plan *was,
		   const u32 was_ids[DR_COUNT], u64 bits);
/* The vCPU's thread, before it enters the guest; may sleep: these are told now. */
void dr_wants_tell_kept(struct vcpu *vcpu);

#endif
