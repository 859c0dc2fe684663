/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading and writing guest-physical memory, from the VMM's process or not. */
#ifndef VMXDBG_MMU_GPA_H
#define VMXDBG_MMU_GPA_H

#include <linux/types.h>

struct vm;

/**
 * gpa_read() - read guest-physical memory, over slot boundaries
 * Return: bytes transferred from the start; 0 when @gpa is no memory.
 */
size_t gpa_read(struct vm *vm, u64 gpa, void *buf, size_t len);

/*
 * The same without sleeping, in the VMM's process. Return: 0, -ENXIO where there
 * is no memory, -EAGAIN when address @missing of the VMM has to be faulted in.
 */
int gpa_read_nofault(struct vm *vm, u64 gpa, void *buf, size_t len,
		     unsigned long *missing);
/*
 * The same for writing. Hooked pages' copies follow, dirty logs have it. Read-only
 * slots refuse. Whoever writes guest memory in another way has to see to these.
 */
size_t gpa_write(struct vm *vm, u64 gpa, const void *buf, size_t len);
/*
 * gpa_set_bits() - set bits of a page table entry, if it still is @old
 * @len: 4 or 8. The VMM's process only. Return: 0; -EAGAIN: it is another one
 * now; -ENXIO: it cannot be written.
 */
int gpa_set_bits(struct vm *vm, u64 gpa, u64 old, u64 bits, unsigned int len);

#endif
