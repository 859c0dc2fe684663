/* SPDX-License-Identifier: GPL-2.0-only */
/* All differences between kernel versions, and nothing else. Floor: 6.1. */
#ifndef VMXDBG_LIB_COMPAT_H
#define VMXDBG_LIB_COMPAT_H

#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/syscore_ops.h>
#include <linux/version.h>
#include <asm/desc.h>
/* 6.3 moved load_gs_index(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#include <asm/gsseg.h>
#endif

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

/* 6.10 renamed the field, since user space may change it at any time. */
#ifdef HINT_UNSAFE_IN_KVM
#define compat_immediate_exit	HINT_UNSAFE_IN_KVM(immediate_exit)
#else
#define compat_immediate_exit	immediate_exit
#endif

/*
 * 6.19 gave syscore callbacks an argument, and so did some stable versions of 6.12.
 * Kbuild tests whether this kernel has it.
 */
#ifdef COMPAT_HAS_SYSCORE
#define COMPAT_SYSCORE_ARG	void *data
#define COMPAT_DEFINE_SYSCORE(name, suspend_fn, resume_fn)		\
	static const struct syscore_ops name##_ops = {			\
		.suspend = (suspend_fn),				\
		.resume = (resume_fn),					\
	};								\
	static struct syscore name = { .ops = &name##_ops }
#define compat_register_syscore		register_syscore
#define compat_unregister_syscore	unregister_syscore
#else
#define COMPAT_SYSCORE_ARG	void
#define COMPAT_DEFINE_SYSCORE(name, suspend_fn, resume_fn)		\
	static struct syscore_ops name = {				\
		.suspend = (suspend_fn),				\
		.resume = (resume_fn),					\
	}
#define compat_register_syscore		register_syscore_ops
#define compat_unregister_syscore	unregister_syscore_ops
#endif

/*
 * Tell the kernel that TR's limit no longer covers the I/O bitmap. It reloads TR before
 * a task with such a bitmap returns to user space. invalidate_tss_limit() would reload
 * TR at once for the current task, with load_direct_gdt(), which 6.19 exports only to
 * KVM.
 */
static inline void compat_invalidate_tss_limit(void)
{
	this_cpu_write(__tss_limit_invalid, true);
}

#endif
