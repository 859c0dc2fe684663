/* SPDX-License-Identifier: GPL-2.0-only */
/* The copy of a hooked page; everything here with vm->mmu_lock held. */
#ifndef VMXDBG_MMU_HOOK_COPY_H
#define VMXDBG_MMU_HOOK_COPY_H

#include <linux/types.h>

struct hook;
struct vcpu;
struct vm;

/* ept.c, mmu_lock held: the hook of a page, or NULL */
struct hook *hook_find(struct vm *vm, u64 gfn);
/* the same: is any of @nr pages hooked? */
bool hook_within(struct vm *vm, u64 gfn, u64 nr);
/* mmu_lock held: @copy becomes @page with the int3s put in, and is open */
void hook_fill(struct vm *vm, struct hook *hook, struct page *page);
/* What the hooked view permits of a copy that is open. */
u64 hook_prot(void);
/* mmu_lock held: @len bytes at @at, in the page, have been written: the copy follows */
void hook_follow(struct hook *hook, const void *at, unsigned int len);
/* A fetch from @gpa faulted on the hooked view. Return: whether it now would not. */
bool hook_fetched(struct vm *vm, u64 gpa);
/*
 * The VMM may have stored into hooked pages by itself, as for its disk's DMA:
 * their copies follow, at the next fetch. For KVM_RUN.
 */
void hook_check(struct vcpu *vcpu);

/* Can its copy be executed? Then hook->page is what it is a copy of. */
bool hook_open(struct vm *vm, struct hook *hook);
/* It is what its page is now, with the int3s put in. For one that is open. */
void hook_sync(struct hook *hook);
/* Its copy goes, or has gone from the view. */
void hook_shut(struct hook *hook);

#endif
