/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of the guest's page tables that an attempt to follow them did not find in memory. */
#ifndef VMXDBG_DEBUG_TRACK_MISSING_H
#define VMXDBG_DEBUG_TRACK_MISSING_H

#include <linux/types.h>

struct vm;

/*
 * A part of the guest's page tables that is not in memory, zeroed before the first attempt.
 * The VMM may take as long as it likes to supply it (userfaultfd), and nobody may wait for
 * that with a mutex that the end of a session takes.
 */
struct track_missing {
	u64 gpa;
	bool never;	/* no entry is supplied: those missing read as not present */
};

/**
 * track_missing_fault_in() - wait until the VMM has supplied what an attempt missed
 * Context: any process, no mutex but session->mutex; sleeps until a fatal signal.
 */
void track_missing_fault_in(struct vm *vm, struct track_missing *missing);

#endif
