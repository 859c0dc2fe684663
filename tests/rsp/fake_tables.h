/* SPDX-License-Identifier: GPL-2.0-only */
/* Page tables and memory slots of the fake guest. */
#ifndef FAKE_TABLES_H
#define FAKE_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include <vmxdbg.h>

#define FAKE_HVA	0x7f1200000000ULL	/* of gpa 0 */

/*
 * Write the tables to which CR3 points at first: they map what the fake target translates,
 * by pages of 2 MiB.
 */
void fake_tables_make(uint8_t *ram);

/* Load the PAE entries, as a processor does when CR3 is loaded. */
void fake_pdptrs(const uint8_t *ram, size_t size, uint64_t cr3, __u64 *pdptrs);

int fake_slot_list(uint64_t ram_size, struct vmxdbg_slot **slots);
void fake_place_of(uint64_t ram_size, uint64_t gpa, struct vmxdbg_place *place);

#endif
