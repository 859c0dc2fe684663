/* SPDX-License-Identifier: GPL-2.0-only */
/* Event catches: a vCPU stops before an event that is not an access to RAM. */
#ifndef VMXDBG_DEBUG_CATCH_H
#define VMXDBG_DEBUG_CATCH_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

#include "debug/dbg_object.h"
#include "vmxdbg.h"

struct session;
struct vcpu;

/* Types that are instructions. STEP_CATCH executes one uncaught. */
#define CATCH_INSNS	(BIT(VMXDBG_CATCH_IO) | BIT(VMXDBG_CATCH_MSR) |		\
			 BIT(VMXDBG_CATCH_CR) | BIT(VMXDBG_CATCH_CPUID) |	\
			 BIT(VMXDBG_CATCH_RDTSC) | BIT(VMXDBG_CATCH_HLT) |	\
			 BIT(VMXDBG_CATCH_VMCALL) | BIT(VMXDBG_CATCH_TABLE) |	\
			 BIT(VMXDBG_CATCH_MMIO) | BIT(VMXDBG_CATCH_EOI) |	\
			 BIT(VMXDBG_CATCH_IPI))

/* Types of events that a VM entry injects. */
#define CATCH_EVENTS	(BIT(VMXDBG_CATCH_EXCEPTION) | BIT(VMXDBG_CATCH_INTERRUPT))

struct catch {
	struct dbg_object obj;
	struct hlist_node link;		/* of vm->catches[type]; RCU */
	u32 type;			/* VMXDBG_CATCH_* */
	u32 filter;			/* VMXDBG_CATCH_READ, _WRITE, VMXDBG_FROM_* */
	u64 first, last;
};

/* An event that catches may match. */
struct catch_what {
	u32 type;
	u32 filter;			/* VMXDBG_CATCH_READ or _WRITE, VMXDBG_FROM_*; 0: none */
	u32 why;			/* VMXDBG_WHY_* beside VMXDBG_WHY_CATCH */
	u64 key;			/* compared with @first and @last of catches */
	u64 data[4];			/* of struct vmxdbg_event */
};

/**
 * catch_add() - VMXDBG_ADD_CATCH
 * @arg: id is set on success. When this returns, the catch is in force on each vCPU.
 * Context: session->mutex; may sleep.
 * Return: 0; -EINVAL, -ENOENT, -EFAULT, -ENOSPC, -ENOMEM; -EOPNOTSUPP if the processor
 * lacks the control for it, or for MMIO in a memslot.
 */
int catch_add(struct session *s, struct vmxdbg_catch *arg);

/**
 * catch_ask() - hit the catches that match @what, at a new hit point
 * Context: the vCPU's thread in KVM_RUN; does not sleep.
 * Return: enum hit_result. With HIT_STOP the session has its event and the vCPU stops.
 */
enum hit_result catch_ask(struct vcpu *vcpu, const struct catch_what *what);

/*
 * As catch_ask(), for @nr events of one instruction. The session's event has the data of the
 * first that stops the vCPU.
 */
enum hit_result catch_ask_all(struct vcpu *vcpu, const struct catch_what *what, unsigned int nr);

#endif
