/* SPDX-License-Identifier: GPL-2.0-only */
/* Breakpoints and watchpoints: a session's objects. */
#ifndef VMXDBG_BP_H
#define VMXDBG_BP_H

#include <linux/types.h>

struct session;
struct vcpu;
struct vmxdbg_bp;

#define BP_MAX	65536	/* objects of a session */

/* What a hit of a debug register has to pass; beside its struct dr_want. */
struct bp_dr {
	u32 why;	/* VMXDBG_WHY_* */
	bool any_cr3;
	u64 cr3;	/* PCID bits clear */
};

/* These four: session->mutex held, no vCPU's state_mutex. May sleep. */
int bp_add(struct session *s, struct vmxdbg_bp *arg);	/* sets arg->id */
int bp_del(struct session *s, unsigned long id);
void bp_del_all(struct session *s);
/*
 * software breakpoints that wait in a debug register and that stopped @vcpu
 * where it is now: the page is mapped, so they move to it
 */
void bp_resolve_pending(struct session *s, struct vcpu *vcpu);

/* Is a debug register armed for execution at @addr on @vcpu? */
bool bp_exec_at(struct vcpu *vcpu, u64 addr);

/**
 * bp_dr_hits() - which of the session's objects does a #DB mean?
 * @vcpu: the caller's, in KVM_RUN
 * @wants: bit n: want n of its plan was hit (struct dr_hits.debugger)
 * @ids: room for DR_COUNT ids
 * @why: VMXDBG_WHY_* of those that hit, 0 when none did
 * @addr: data address of the first watchpoint, else 0
 *
 * Return: how many hit once address space filters have been looked at.
 */
unsigned int bp_dr_hits(struct vcpu *vcpu, u8 wants, u32 *ids, u32 *why, u64 *addr);

#endif
