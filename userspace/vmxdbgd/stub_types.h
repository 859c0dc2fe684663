/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of one debugger's conversation about one guest: types only.
 *
 * The protocol is all-stop. Either all vCPUs are stopped and the debugger asks,
 * or some run and the debugger waits for the one stop reply.
 */
#ifndef VMXDBGD_STUB_TYPES_H
#define VMXDBGD_STUB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

#include "buf.h"
#include "link.h"
#include "reg_layout.h"

struct target;

#define VCPUS_MAX	64	/* bits of vmxdbg_info.vcpu_mask */
#define WATCH_PIECES	4	/* debug registers of an x86 CPU */

/* Types of gdb's Z packets, numbered as on the wire. */
enum bp_type {
	BP_SOFT = 0,
	BP_HARD = 1,
	BP_WRITE = 2,
	BP_READ = 3,
	BP_ACCESS = 4,
};

/* Identity of a breakpoint. On the wire gdb's breakpoints have no numbers. */
struct bp_key {
	enum bp_type type;
	uint64_t addr;
	uint64_t len;
};

/**
 * struct bp - one breakpoint or watchpoint of the debugger
 * @key: identity
 * @ids: ids of the target's objects for it; an unaligned watchpoint has several
 * @count: number of @ids
 * @wanted: false once gdb has removed it. gdb removes all breakpoints at a
 *	stop and inserts most of them again before it resumes, so the target
 *	keeps removed ones until something runs
 */
struct bp {
	struct bp_key key;
	uint32_t ids[WATCH_PIECES];
	unsigned int count;
	bool wanted;
};

/**
 * struct bp_table - all breakpoints of the debugger
 * @bps: array
 * @count: used entries of @bps
 * @room: allocated entries of @bps
 * @one_space: "monitor space this": new breakpoints stop only where the page
 *	address in CR3 is @cr3
 * @cr3: see @one_space
 */
struct bp_table {
	struct bp *bps;
	size_t count;
	size_t room;
	bool one_space;
	uint64_t cr3;
};

/**
 * struct vcpu_event - why a vCPU stopped
 * @event: event from the target
 * @hit: breakpoints that were hit. Keys, because ids may change before gdb
 *	gets the stop reply
 * @nr_hit: number of entries in @hit
 */
struct vcpu_event {
	struct vmxdbg_event event;
	struct bp_key hit[VMXDBG_EVENT_BPS];
	unsigned int nr_hit;
};

/**
 * struct vcpu - the stub's view of a vCPU
 * @pending: the vCPU stopped, and gdb does not know yet
 * @why: reason of a pending stop
 * @loaded: sets of @regs that were read since the vCPU stopped (bit n: set n)
 * @regs: its registers
 */
struct vcpu {
	bool pending;
	struct vcpu_event why;
	unsigned int loaded;
	struct vcpu_regs regs;
};

struct stub {
	struct target *target;
	const struct layout *layout;
	struct link link;
	void (*write)(void *context, const void *data, size_t len);
	void *context;

	/* the guest */
	bool connected;		/* between stub_connect() and _disconnect() */
	bool running;		/* the debugger waits for a stop reply */
	bool gone;		/* the VM has ended */
	bool finished;		/* the debugger has detached */
	uint64_t vcpu_mask;	/* existing vCPUs */
	struct vcpu vcpus[VCPUS_MAX];
	struct bp_table bp_table;

	/* features of the debugger, from qSupported */
	bool swbreak;
	bool hwbreak;
	bool text_errors;

	/* the conversation */
	int general;		/* Hg: a vCPU */
	int resumed;		/* Hc: a vCPU, THREAD_ALL or THREAD_ANY */
	unsigned int stopped;	/* the vCPU of the last stop reply */
	struct buf stop_reply;	/* the last one */
	bool physical;		/* memory packets mean physical addresses */
	bool step_irqs;		/* steps let interrupts in */

	struct buf reply;	/* to the packet being handled */
	struct buf document;	/* a qXfer object being read */
	char error[160];	/* text of the error being returned */
};

#endif /* VMXDBGD_STUB_TYPES_H */
