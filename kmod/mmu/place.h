/* SPDX-License-Identifier: GPL-2.0-only */
/* State of the memory at one gpa, for a debugger. */
#ifndef VMXDBG_MMU_PLACE_H
#define VMXDBG_MMU_PLACE_H

struct vm;
struct vmxdbg_place;

/**
 * place_look_up() - describe slot and EPT entries of a gpa
 * @place: @gpa is set and the rest is zero; filled in
 * Context: takes mmu_lock; does not sleep.
 */
void place_look_up(struct vm *vm, struct vmxdbg_place *place);

#endif
