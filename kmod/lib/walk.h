/* SPDX-License-Identifier: GPL-2.0-only */
/* Translation of linear addresses by the guest's page tables (SDM vol. 3, chapter 4). */
#ifndef VMXDBG_LIB_WALK_H
#define VMXDBG_LIB_WALK_H

#include <linux/bits.h>
#include <linux/types.h>

/* The access. 0 translates without any check of permissions, for a debugger. */
#define WALK_WRITE	BIT(0)
#define WALK_USER	BIT(1)	/* CPL 3 access; otherwise supervisor */
#define WALK_FETCH	BIT(2)
#define WALK_CHECK	BIT(3)	/* check permissions; otherwise the others are ignored */

/* Bits of the page fault error code (SDM vol. 3, 4.7) */
#define WALK_PF_PRESENT	BIT(0)
#define WALK_PF_WRITE	BIT(1)
#define WALK_PF_USER	BIT(2)
#define WALK_PF_RSVD	BIT(3)
#define WALK_PF_FETCH	BIT(4)

/* Bits of a page table entry of 8 bytes (SDM vol. 3, table 4-15 and following) */
#define PTE_PRESENT	BIT_ULL(0)
#define PTE_WRITE	BIT_ULL(1)
#define PTE_USER	BIT_ULL(2)
#define PTE_PS		BIT_ULL(7)
#define PTE_NX		BIT_ULL(63)
#define PTE_ADDR	0x000ffffffffff000ULL

/* Address in a PDE of 4 bytes that maps 4 MiB; PSE36 is bits 39:32 of it (table 4-4). */
#define PSE_ADDR	0xffc00000ULL
#define PSE36_ADDR	0x1fe000ULL
#define PSE36_SHIFT	19

/* Bits of an entry that the processor sets (SDM vol. 3, 4.8) */
#define WALK_ACCESSED	BIT(5)
#define WALK_DIRTY	BIT(6)

/* Width of a linear address: guests have no 5-level paging. */
#define VADDR_BITS	48

/* The registers that paging depends on. */
struct walk_mode {
	u64 cr0, cr3, cr4, efer;
	u64 rflags;		/* AC, for SMAP */
	u64 pdpte[4];		/* PAE: as the last MOV CR3 loaded them */
	u8 maxphyaddr;		/* reserved bits start here */
};

struct walk_result {
	u64 gpa;
	u64 page_size;		/* bytes; 0 when paging is off */
	bool writable, user, executable;	/* all levels combined */
	u32 error_code;		/* with -EFAULT */
	/* the entries from the first table to the leaf */
	u64 entry_gpa[5], entry[5];
	u8 entries, entry_size;
};

/**
 * typedef walk_read_fn - read @len (4 or 8) bytes of guest-physical memory
 * Return: 0, or a negative errno that guest_walk() returns.
 */
typedef int (*walk_read_fn)(void *ctx, u64 gpa, void *buf, unsigned int len);

/**
 * guest_walk() - translate a linear address as the guest's CPU would
 * @mode: control registers
 * @gva: linear address; cut to 32 bits in 32-bit modes
 * @access: WALK_*
 * @read: reads a page table entry
 * @ctx: for @read
 * @res: filled in on success; on -EFAULT error_code is set
 *
 * All paging modes (none, 32-bit with PSE and PSE-36, PAE, 4-level, 5-level) and page
 * sizes are supported, with NXE, WP, SMEP, SMAP and reserved bits. The walk does not set
 * accessed and dirty bits.
 *
 * Return: 0, -EFAULT for a page fault or (with error_code 0) a non-canonical address, or
 * the error of @read.
 */
int guest_walk(const struct walk_mode *mode, u64 gva, u32 access,
	       walk_read_fn read, void *ctx, struct walk_result *res);

#endif
