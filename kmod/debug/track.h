/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Breakpoints and watches by linear address: the guest's page tables are followed,
 * so that each is where its address is mapped, and only there.
 */
#ifndef VMXDBG_DEBUG_TRACK_H
#define VMXDBG_DEBUG_TRACK_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct dbg_object;
struct vcpu;
struct vm;
struct walk_mode;
struct watch;

/* One breakpoint or watch. Its fields are its owner's until track_add(). */
struct tracked {
	u64 gva, len;		/* within one half of linear memory */
	struct rb_node rb;
	u64 subtree_last;
	struct dbg_object *obj;
	struct watch *watch;	/* NULL: a breakpoint, @len is 1 */
	bool any;		/* address space, or else... */
	u64 cr3;		/* ...this one */
	unsigned int held;	/* bit n: its space in enum paging n */
	struct hlist_head sites;	/* struct site */
};

void track_init(struct vm *vm);

/**
 * track_add() - a breakpoint or watch is wherever it is mapped, from now on
 * @mode: of a stopped vCPU: where that is, nobody executes the old byte, or has an
 *	access unseen, when this has returned. Other vCPUs look before they enter
 *	the guest.
 * For a watch watch_prepare() is done.
 * Context: session->mutex, or vm->dr_mutex and the thread of the vCPU of @mode; may
 * sleep. Return: 0, -ENOMEM, -ENOSPC, -EINTR.
 */
int track_add(struct vm *vm, const struct walk_mode *mode, struct tracked *tb);

/* @tb->obj and @tb may be freed by RCU after this. */
void track_del(struct vm *vm, struct tracked *tb);

/* Guest memory in a page whose writes are noticed was written. Any context. */
void track_written(struct vm *vm, u64 gfn);
/*
 * Hooks follow what has changed; REQ_TRACK. The vCPU's thread before it enters the
 * guest, may sleep. Return: 0, -EINTR, -ENOMEM.
 */
int track_sync(struct vcpu *vcpu);

#endif
