/* SPDX-License-Identifier: GPL-2.0-only */
/* Wants of a session for debug registers of its VM's vCPUs. */
#ifndef VMXDBG_DEBUG_DR_WANTS_H
#define VMXDBG_DEBUG_DR_WANTS_H

#include "debug/dbg_object.h"
#include "lib/dr.h"

struct session;
struct vcpu;
struct vm;

/**
 * dr_wants_add() - arm a debug register
 * @want: filled in except @id
 * When this returns, the want is armed on each vCPU of the object. If the guest takes
 * the last register meanwhile, bp_make_room() displaces the object.
 * Context: session->mutex; may sleep.
 * Return: 0, or -ENOSPC if other wants, or the guest on one of the vCPUs, use all four.
 */
int dr_wants_add(struct session *s, struct dbg_object *obj, const struct dr_want *want);

/* Disarm @obj on all vCPUs. Context: vm->dr_mutex; may sleep. */
void dr_wants_del(struct vm *vm, struct dbg_object *obj);

/* Copy the wants for @vcpu, data first, and set vcpu->plan_ids. Return: their number. */
unsigned int dr_wants_of(struct vcpu *vcpu, struct dr_want want[DR_COUNT]);

/* Return: the object of want @id, or NULL if the want is gone. Context: vm->dr_mutex. */
struct dbg_object *dr_wants_object(struct vm *vm, u32 id);

/* Return: whether the session wants execution at @addr on @vcpu. */
bool dr_wants_exec_at(struct vcpu *vcpu, u64 addr);

/**
 * dr_wants_hit() - hit the session's objects that a #DB reports
 * @wants: bit n: want n of the vCPU's plan was hit (struct dr_hits.debugger)
 * @hits: filled in, with the access of the first watchpoint that stops
 * Context: as dbg_object_hit(), which is called for each.
 * Return: the result that matters most.
 */
enum hit_result dr_wants_hit(struct vcpu *vcpu, u8 wants, struct hits *hits);

/**
 * dr_wants_keep() - keep pending hits of wants that have no register any more
 * @was: the plan that was in the processor
 * @was_ids: vcpu->plan_ids of that plan
 * @bits: the debugger's bits among B0-B3 of that plan
 * Context: as dr_plan_vcpu(). Sets REQ_DR_ROOM.
 */
void dr_wants_keep(struct vcpu *vcpu, const struct dr_plan *was,
		   const u32 was_ids[DR_COUNT], u64 bits);

/* Report the kept hits. Context: the vCPU's thread before a VM entry; may sleep. */
void dr_wants_tell_kept(struct vcpu *vcpu);

#endif
