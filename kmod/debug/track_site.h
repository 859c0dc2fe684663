/* SPDX-License-Identifier: GPL-2.0-only */
/* Sites: where tracked breakpoints and watches are armed in guest-physical memory. */
#ifndef VMXDBG_DEBUG_TRACK_SITE_H
#define VMXDBG_DEBUG_TRACK_SITE_H

#include <linux/types.h>

struct hlist_head;
struct tracked;
struct vm;

/* All functions here: the caller holds track.lock; may sleep. */

/**
 * site_arm() - arm the part of a breakpoint or watch that one leaf entry maps
 * @sites: list of the entry's sites; the new one is added
 * @base: first linear address that the entry maps
 * @end: last linear address that the entry maps
 * @gpa: guest-physical address of @base
 * Without guest memory there the site is added, but not armed.
 * Return: 0, -ENOMEM.
 */
int site_arm(struct vm *vm, struct hlist_head *sites, struct tracked *tb, u64 base, u64 end,
	     u64 gpa);

/* Disarm and free all sites of an entry, or of a breakpoint or watch. */
void site_disarm_entry(struct vm *vm, struct hlist_head *sites);
void site_disarm_tracked(struct vm *vm, struct tracked *tb);

/* Is every site of the entry in guest memory? */
bool site_all_armed(const struct hlist_head *sites);

/* Flush the TLB if sites of watches have come or gone, then release track.lock. */
void track_unlock(struct vm *vm);

#endif
