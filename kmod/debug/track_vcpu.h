/* SPDX-License-Identifier: GPL-2.0-only */
/* CR3 targets of each vCPU: address spaces that it can enter without an exit. */
#ifndef VMXDBG_DEBUG_TRACK_VCPU_H
#define VMXDBG_DEBUG_TRACK_VCPU_H

struct track_scan;
struct vcpu;
struct vm;
struct walk_mode;

/*
 * Follow the address space in which the vCPU is now, and make it a CR3 target.
 * Context: the vCPU's thread, track.lock; may sleep.
 * Return: 0 or an errno of table_populate().
 */
int track_vcpu_attach(struct track_scan *scan, struct vcpu *vcpu, const struct walk_mode *mode);

/* No vCPU uses an address space any more. Context: track.lock. */
void track_vcpu_release_all(struct vm *vm);

#endif
