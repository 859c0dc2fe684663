// SPDX-License-Identifier: GPL-2.0-only
/* Parts of the guest's page tables that an attempt to follow them did not find in memory. */
#include "debug/track_missing.h"
#include "mmu/gpa.h"

void track_missing_fault_in(struct vm *vm, struct track_missing *missing)
{
	u8 byte;

	if (gpa_read(vm, missing->gpa, &byte, 1) != 1)
		missing->never = true;
}
