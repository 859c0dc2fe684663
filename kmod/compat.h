/* SPDX-License-Identifier: GPL-2.0-only */
/* All differences between kernel versions, and nothing else. Floor: 6.1. */
#ifndef VMXDBG_COMPAT_H
#define VMXDBG_COMPAT_H

#include <linux/mm.h>
#include <linux/version.h>

#ifndef CONFIG_MMU_NOTIFIER
#error "vmxdbg needs a kernel with CONFIG_MMU_NOTIFIER (any with KVM has it)"
#endif

/* 6.5 dropped the vmas argument of get_user_pages_remote(). */
static inline long compat_gup_remote(struct mm_struct *mm, unsigned long addr,
				     unsigned int flags, struct page **page)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	return get_user_pages_remote(mm, addr, 1, flags, page, NULL);
#else
	return get_user_pages_remote(mm, addr, 1, flags, page, NULL, NULL);
#endif
}

/* 6.3 made vm_flags read-only outside its accessors. */
static inline void compat_vma_dontexpand(struct vm_area_struct *vma)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
#else
	vma->vm_flags |= VM_DONTEXPAND | VM_DONTDUMP;
#endif
}

#endif
