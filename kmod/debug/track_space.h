/* SPDX-License-Identifier: GPL-2.0-only */
/* Address spaces of the guest that are followed: their roots and lifetimes. */
#ifndef VMXDBG_DEBUG_TRACK_SPACE_H
#define VMXDBG_DEBUG_TRACK_SPACE_H

#include <linux/types.h>

struct guest_table;
struct track_scan;
struct tracked;
struct vm;

/*
 * All functions here: the caller holds track.lock; may sleep. Errors are those of
 * table_populate().
 */

/* Follow the address space, with everything tracked that it maps. */
int space_get(struct track_scan *scan, u8 paging, u64 cr3, struct guest_table **found);

/*
 * As space_get(), and add a user: a vCPU that can load @cr3 without an exit, or a
 * breakpoint of this address space. A root without a user is dropped when the guest
 * writes to it: the next load of CR3 shows whether it is still one.
 */
int space_use(struct track_scan *scan, u8 paging, u64 cr3, struct guest_table **used);

/* Stop following the address space. */
void space_drop(struct vm *vm, struct guest_table *root);

/* Use the address space of @tb, if it has one, in each paging mode of the guest. */
int space_hold(struct track_scan *scan, struct tracked *tb);
void space_release(struct vm *vm, struct tracked *tb);

/* A vCPU uses this paging mode: hold the address spaces in it, too. */
int space_add_mode(struct track_scan *scan, u8 paging);

#endif
