/* SPDX-License-Identifier: GPL-2.0-only */
/* Violations of pages that are protected for a watch, and hits on watches. */
#ifndef VMXDBG_DEBUG_WATCH_HIT_H
#define VMXDBG_DEBUG_WATCH_HIT_H

#include <linux/types.h>

#include "debug/dbg_object.h"

struct vcpu;

#define WATCH_NOT_MINE	-1

/**
 * watch_violation() - handle an EPT violation of a page protected for a watch or hook
 * Context: fast section, exit_qual and exit_gpa set; does not sleep.
 * Return: RUN_RESUME, RUN_SLOW, or WATCH_NOT_MINE if the page is not protected.
 */
int watch_violation(struct vcpu *vcpu);

/*
 * After RUN_SLOW of watch_violation(): provide memory, the decoded instruction and
 * tables of the step view. May sleep. Return: 0 or an errno.
 */
int watch_violation_slow(struct vcpu *vcpu);

/* The instruction is over: hit the watches that it touched, as dbg_object_hit() does. */
enum hit_result watch_hits(struct vcpu *vcpu, struct hits *hits);

/* Return: whether execution at linear address @rip is watched. */
bool watch_exec_at(struct vcpu *vcpu, u64 rip);

#endif
