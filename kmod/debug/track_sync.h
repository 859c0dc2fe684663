/* SPDX-License-Identifier: GPL-2.0-only */
/* Sync: follow changes of the guest's page tables before a vCPU enters the guest. */
#ifndef VMXDBG_DEBUG_TRACK_SYNC_H
#define VMXDBG_DEBUG_TRACK_SYNC_H

#include <linux/types.h>

struct vcpu;
struct vm;

/* The guest or a session has written to a guarded page. Any context. */
void track_written(struct vm *vm, u64 gfn);

/* Memslots have changed. Any context. */
void track_slots_changed(struct vm *vm);

/*
 * Handle REQ_TRACK: follow the vCPU's address space and every change since.
 * Context: the vCPU's thread before it enters the guest; may sleep.
 * Return: 0, -EINTR.
 */
int track_sync(struct vcpu *vcpu);

#endif
