/* SPDX-License-Identifier: GPL-2.0-only */
/* Translate, read and write linear addresses with the guest's current page tables. */
#ifndef VMXDBG_VCPU_GVA_H
#define VMXDBG_VCPU_GVA_H

#include <linux/types.h>

struct vcpu;
struct vmxdbg_translate;

/**
 * vcpu_translate() - walk the guest's page tables
 * @t: if not NULL, gets the page's size and permissions
 * Makes no permission checks and sets no flags. Context: any process. May sleep,
 * except in the VMM's process with page faults disabled.
 * Return: 0, or -ENXIO if @gva is not mapped.
 */
int vcpu_translate(struct vcpu *vcpu, u64 gva, u64 *gpa, struct vmxdbg_translate *t);

/*
 * vcpu_translate() with a memo, for addresses that recur, such as those of
 * breakpoints. Context: the vCPU's thread.
 */
int vcpu_translate_again(struct vcpu *vcpu, u64 gva, u64 *gpa);

/**
 * gva_read() - read memory, without permission checks
 * Context: as vcpu_translate().
 * Return: bytes read, up to the first page that is not mapped to memory.
 */
size_t gva_read(struct vcpu *vcpu, u64 gva, void *buf, size_t len);

/**
 * gva_read_nofault() - read memory without sleeping
 * @missing: address in the VMM, set with -EAGAIN
 * Context: the vCPU's thread.
 * Return: 0; -ENXIO if a page is not mapped to memory; -EAGAIN if the caller must
 * fault in @missing and try again.
 */
int gva_read_nofault(struct vcpu *vcpu, u64 gva, void *buf, size_t len,
		     unsigned long *missing);

/* Counterpart of gva_read(), through gpa_write(). Return: bytes written. */
size_t gva_write(struct vcpu *vcpu, u64 gva, const void *buf, size_t len);

/**
 * gva_access_check() - translate for an access by the guest's instruction
 * @walk_access: WALK_WRITE, or 0 for a read
 * Checks permissions and sets accessed and dirty flags, as a processor does.
 * Context: the VMM's process; may sleep.
 * Return: 0; -EFAULT after queueing #PF or #GP; -ENXIO if a table is not in memory;
 * -EAGAIN on a fatal signal.
 */
int gva_access_check(struct vcpu *vcpu, u64 gva, u32 walk_access, u64 *gpa);

#endif
