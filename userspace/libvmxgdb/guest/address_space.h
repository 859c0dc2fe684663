/* SPDX-License-Identifier: MIT */
/*
 * Address spaces of the guest: which values of CR3 mean one process.
 *
 * The target compares the page address in CR3 and ignores bits 0 to 11. That is enough but
 * in two cases:
 *
 * - With page-table isolation Linux has two root tables for each process, side by side: one
 *   for user mode, and one for the kernel, which maps the same user memory.
 * - With PAE paging without long mode the root table has only 32 bytes, and several of them
 *   may be in one page.
 */
#ifndef VMXGDB_ADDRESS_SPACE_H
#define VMXGDB_ADDRESS_SPACE_H

#include "guest/condition_text.h"
#include "guest/stub_types.h"

/**
 * address_space_of() - find out the address space of a stopped vCPU
 * @s: stub
 * @vcpu: vCPU
 * @space: result
 *
 * Return: 0 or a negative errno with its text in s->error.
 */
int address_space_of(struct stub *s, int vcpu, struct address_space *space);

/*
 * Let @c hold only in the address space, in addition to an object's flag VMXDBG_BP_CR3,
 * which is set only if *@flag is set afterwards. Return: 0 or a negative errno.
 */
int address_space_require(const struct address_space *space, struct condition *c, bool *flag);

/* Describe the address space for the user. */
void address_space_put(const struct address_space *space, struct buf *out);

#endif /* VMXGDB_ADDRESS_SPACE_H */
