/* SPDX-License-Identifier: GPL-2.0-only */
/* Event catches: a vCPU stops before something that is not a memory access. */
#ifndef VMXDBG_DEBUG_CATCH_H
#define VMXDBG_DEBUG_CATCH_H

#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/types.h>

#include "debug/dbg_object.h"
#include "vmxdbg.h"

struct session;
struct vcpu;

/* Those that are one instruction, which STEP_CATCH lets execute uncaught. */
#define CATCH_INSNS	(BIT(VMXDBG_CATCH_IO) | BIT(VMXDBG_CATCH_MSR) |		\
			 BIT(VMXDBG_CATCH_CR) | BIT(VMXDBG_CATCH_CPUID) |	\
			 BIT(VMXDBG_CATCH_RDTSC) | BIT(VMXDBG_CATCH_HLT) |	\
			 BIT(VMXDBG_CATCH_VMCALL) | BIT(VMXDBG_CATCH_TABLE) |	\
			 BIT(VMXDBG_CATCH_MMIO))

/* Those that go into the guest with an entry. */
#define CATCH_EVENTS	(BIT(VMXDBG_CATCH_EXCEPTION) | BIT(VMXDBG_CATCH_INTERRUPT))

struct catch {
	struct dbg_object obj;
	struct hlist_node link;		/* of vm->catches[type]; RCU */
	u32 type;			/* VMXDBG_CATCH_* */
	u32 directions;			/* VMXDBG_CATCH_READ, _WRITE */
	u64 first, last;
};

/* Something that happens, as catches see it. */
struct catch_what {
	u32 type;
	u32 direction;			/* 0: has none */
	u64 key;			/* in the ranges of its type */
	u64 data[4];			/* of struct vmxdbg_event */
};

/**
 * catch_add() - VMXDBG_ADD_CATCH
 * Context: session->mutex; may sleep. When it returns, each vCPU is caught.
 * Return: 0; -EINVAL, -ENOENT, -EFAULT, -ENOSPC, -ENOMEM; -EOPNOTSUPP where the
 * processor cannot do it, or for MMIO that is memory.
 */
int catch_add(struct session *s, struct vmxdbg_catch *arg);

/**
 * catch_ask() - ask the catches that mean @what; stop the vCPU for those that hit
 * Context: the vCPU's thread in KVM_RUN; does not sleep.
 * Return: HIT_STOP: the event is there and the vCPU is about to stop.
 */
enum hit_result catch_ask(struct vcpu *vcpu, const struct catch_what *what);

/* the same in a hit_point that hit_point_begin() has begun */
enum hit_result catch_ask_more(struct vcpu *vcpu, const struct catch_what *what);

#endif
