/* SPDX-License-Identifier: GPL-2.0-only */
/* Watchpoints by the permissions of the hooked view. */
#ifndef VMXDBG_MMU_WATCH_H
#define VMXDBG_MMU_WATCH_H

struct vm;
struct watch_piece;

/* What each watch of a VM needs. Before the first; may sleep, takes vm->lock. */
int watch_prepare(struct vm *vm);

/**
 * watch_put() - accesses to these bytes are seen, once vm_flush_tlb() has returned
 * @piece: filled in; the caller's until watch_take()
 * Context: may sleep, and serializes for one @piece.
 */
void watch_put(struct vm *vm, struct watch_piece *piece);

/*
 * No vCPU finds it any more, its object may be freed by RCU. The next vm_flush_tlb()
 * ends what that costs.
 */
void watch_take(struct vm *vm, struct watch_piece *piece);

/* ---- watch_hit.c: the vCPU's thread ---- */

#endif
