/* SPDX-License-Identifier: GPL-2.0-only */
/* Lookup of hooks, and the copy of a hooked page. */
#ifndef VMXDBG_MMU_HOOK_COPY_H
#define VMXDBG_MMU_HOOK_COPY_H

#include <linux/types.h>

struct hook;
struct vcpu;
struct vm;

/* ---- mmu_lock held ---- */

/* Return: the hook of a page, or NULL. */
struct hook *hook_find(struct vm *vm, u64 gfn);
/* Return: whether any of @nr pages from @gfn is hooked. */
bool hook_within(struct vm *vm, u64 gfn, u64 nr);

/* Make the copy equal to @page except for the int3s, and open it. */
void hook_fill(struct vm *vm, struct hook *hook, struct page *page);
/* Return: whether the copy is open. Then hook->page is the page that it copies. */
bool hook_open(struct vm *vm, struct hook *hook);
/* Bring an open copy up to date with its page. Return: whether it was. */
bool hook_sync(struct hook *hook);
/* Update the copy after @len bytes at @at, an address in the page, were written. */
void hook_follow(struct hook *hook, const void *at, unsigned int len);
/* Mark the copy as shut. The caller takes it out of the hooked view. */
void hook_shut(struct hook *hook);

/* ---- any context ---- */

/* Return: the permissions of an open copy in the hooked view. */
u64 hook_prot(void);

/* ---- the vCPU's thread, takes mmu_lock ---- */

/* Handle a fetch fault at @gpa in the hooked view. Return: whether a copy was opened. */
bool hook_fetched(struct vm *vm, u64 gpa);
/*
 * Called when KVM_RUN begins: the VMM may have stored into hooked pages, as for disk
 * DMA. Copies are shut, or compared now if that is cheaper.
 */
void hook_check(struct vcpu *vcpu);

#endif
