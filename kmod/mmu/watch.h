/* SPDX-License-Identifier: GPL-2.0-only */
/* Watchpoints by the permissions of the hooked view. */
#ifndef VMXDBG_MMU_WATCH_H
#define VMXDBG_MMU_WATCH_H

struct vm;
struct watch_piece;

/*
 * Create the views that watches need, before the first watch of a VM. May sleep; takes
 * vm->lock. Return: 0, -ENOMEM.
 */
int watch_prepare(struct vm *vm);

/**
 * watch_put() - watch a piece of guest memory
 * @piece: filled in by the caller, and not freed before watch_take()
 *
 * Accesses cause exits once the next vm_flush_tlb() has returned.
 * Context: may sleep. The caller serializes calls for one @piece.
 */
void watch_put(struct vm *vm, struct watch_piece *piece);

/**
 * watch_take() - end the watch of a piece
 *
 * On return no vCPU finds @piece; its object may be freed by RCU. Accesses may still
 * cause exits until the next vm_flush_tlb().
 * Context: may sleep.
 */
void watch_take(struct vm *vm, struct watch_piece *piece);

#endif
