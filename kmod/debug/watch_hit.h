/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses to pages that the hooked view protects for a watch. */
#ifndef VMXDBG_DEBUG_WATCH_HIT_H
#define VMXDBG_DEBUG_WATCH_HIT_H

#include <linux/types.h>

#include "debug/dbg_object.h"

struct vcpu;

#define WATCH_NOT_MINE	-1

/*
 * watch_violation() - an EPT violation while something is watched
 * Fast section, exit_qual and exit_gpa set. Return: RUN_*, or WATCH_NOT_MINE.
 */
int watch_violation(struct vcpu *vcpu);
/* RUN_SLOW of the former: what it could not have. May sleep. 0 or an errno. */
int watch_violation_slow(struct vcpu *vcpu);
/* the instruction is over: as dbg_object_hit(), for all that it touched */
enum hit_result watch_hits(struct vcpu *vcpu, struct hits *hits);
/* is execution at @rip watched? */
bool watch_exec_at(struct vcpu *vcpu, u64 rip);

#endif
