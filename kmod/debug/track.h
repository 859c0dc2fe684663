/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Breakpoints and watches by linear address: the guest's page tables are followed,
 * so that each is armed where its address is mapped, and only there.
 */
#ifndef VMXDBG_DEBUG_TRACK_H
#define VMXDBG_DEBUG_TRACK_H

struct track_missing;
struct tracked;
struct vm;
struct walk_mode;

void track_init(struct vm *vm);

/*
 * Charge what follows page tables to the caller's cgroup, also in threads of the VMM, until
 * track_end(). Context: a process; may sleep.
 */
void track_begin(struct vm *vm);
void track_end(struct vm *vm);

/**
 * track_try_add() - arm a breakpoint or watch wherever it is mapped, from now on
 * @mode: of a stopped vCPU. When this returns, no vCPU in that address space executes
 *	the old byte or makes an access unseen. The other vCPUs follow their address
 *	space before they enter the guest.
 * @tb: filled in; a watch comes after watch_prepare()
 * Context: session->mutex, or vm->dr_mutex in the thread of the vCPU of @mode; may
 * sleep. Return: 0, -ENOMEM, -ENOSPC, -EINTR, -EAGAIN if track_missing_fault_in() is due.
 */
int track_try_add(struct vm *vm, const struct walk_mode *mode, struct tracked *tb,
		  struct track_missing *missing);

/* Disarm it everywhere. @tb->obj and @tb may be freed by RCU after this. */
void track_del(struct vm *vm, struct tracked *tb);

#endif
