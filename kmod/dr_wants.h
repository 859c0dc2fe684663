/* SPDX-License-Identifier: GPL-2.0-only */
/* The debug registers that a session wants on its VM's vCPUs. */
#ifndef VMXDBG_DR_WANTS_H
#define VMXDBG_DR_WANTS_H

#include "dr.h"
#include "object.h"

struct session;
struct vcpu;

/**
 * dr_wants_add() - arm a debug register
 * @want: but for @id; each vCPU of the object's set has it when this returns
 * Context: session->mutex; may sleep.
 * Return: 0, or -ENOSPC when all are taken.
 */
int dr_wants_add(struct session *s, struct object *obj, const struct dr_want *want);
void dr_wants_del(struct session *s, struct object *obj);

/* Is a debug register armed for execution at @addr on @vcpu? */
bool dr_wants_exec_at(struct vcpu *vcpu, u64 addr);

/**
 * dr_wants_hit() - which of the session's objects does a #DB mean?
 * @wants: bit n: want n of the vCPU's plan was hit (struct dr_hits.debugger)
 * @hits: also has the address of the first watchpoint that stops
 * Context: as object_hit(), which is asked about each.
 */
enum hit_result dr_wants_hit(struct vcpu *vcpu, u8 wants, struct hits *hits);

#endif
