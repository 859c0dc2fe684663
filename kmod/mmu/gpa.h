/* SPDX-License-Identifier: GPL-2.0-only */
/* Access to guest-physical memory, from the VMM's process or from another. */
#ifndef VMXDBG_MMU_GPA_H
#define VMXDBG_MMU_GPA_H

#include <linux/types.h>

struct vm;

/**
 * gpa_read() - read guest-physical memory, across slot boundaries
 * Context: any process, may sleep.
 * Return: bytes transferred from the start; 0 if there is no memory at @gpa.
 */
size_t gpa_read(struct vm *vm, u64 gpa, void *buf, size_t len);

/**
 * gpa_write() - write guest-physical memory, across slot boundaries
 *
 * Dirty logs and the copies of hooked pages are updated. Code that writes guest
 * memory in any other way must do both itself.
 * Context: any process, may sleep.
 * Return: bytes transferred from the start; 0 for no memory or a read-only slot.
 */
size_t gpa_write(struct vm *vm, u64 gpa, const void *buf, size_t len);

/**
 * gpa_read_present() - read guest-physical memory on one page, if it is there now
 *
 * A page that the VMM must supply (userfaultfd), or that is swapped out, is not waited
 * for; gpa_read() waits.
 * Context: any process, may sleep.
 * Return: 0, -ENXIO where there is no memory, -EAGAIN if the page is not there.
 */
int gpa_read_present(struct vm *vm, u64 gpa, void *buf, size_t len);

/**
 * gpa_read_nofault() - read guest-physical memory without sleeping
 * @missing: set with -EAGAIN: the address in the VMM that must be faulted in
 * Context: the VMM's process.
 * Return: 0, -ENXIO where there is no memory, -EAGAIN.
 */
int gpa_read_nofault(struct vm *vm, u64 gpa, void *buf, size_t len,
		     unsigned long *missing);

/**
 * gpa_set_bits() - set bits of a page table entry if the entry still equals @old
 * @len: 4 or 8 bytes
 * Context: the VMM's process, may sleep.
 * Return: 0, -EAGAIN if the entry has changed, -ENXIO if it cannot be written.
 */
int gpa_set_bits(struct vm *vm, u64 gpa, u64 old, u64 bits, unsigned int len);

/**
 * gpa_write_nofault() - write to memory of one page, if that is present
 * Dirty logs and hooked pages are updated, as by gpa_write().
 * Context: the VMM's process.
 * Return: whether it was written.
 */
bool gpa_write_nofault(struct vm *vm, u64 gpa, const void *buf, size_t len);

/**
 * gpa_store_nofault() - gpa_write_nofault() that leaves hooked pages alone
 *
 * The copy of a hooked page gets the bytes by the next gpa_write() there.
 * Context: the VMM's process; interrupts may be off.
 * Return: whether it was written.
 */
bool gpa_store_nofault(struct vm *vm, u64 gpa, const void *buf, size_t len);

/* A structure that other vCPUs read while it changes: they repeat while its version is odd. */
struct gpa_versioned {
	u64 gpa;		/* all of it on one page */
	const u32 *words;	/* the new content */
	unsigned int nr;	/* of @words */
	unsigned int version;	/* the word of the version, whose value in @words is even */
};

/**
 * gpa_write_versioned() - write such a structure, with an odd version meanwhile
 * Dirty logs and hooked pages are updated, as by gpa_write().
 * Context: the VMM's process, may sleep.
 * Return: whether it was written: false for no memory or a read-only slot.
 */
bool gpa_write_versioned(struct vm *vm, const struct gpa_versioned *to);

#endif
