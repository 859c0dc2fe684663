/* SPDX-License-Identifier: GPL-2.0-only */
/* All differences between kernel versions, and nothing else. Floor: 6.1. */
#ifndef VMXDBG_LIB_COMPAT_H
#define VMXDBG_LIB_COMPAT_H

#include <linux/eventfd.h>
#include <linux/fs_struct.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/coredump.h>
#include <linux/syscore_ops.h>
#include <linux/thread_info.h>
#include <linux/version.h>
#include <linux/wait.h>
#include <asm/cpu.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/reboot.h>
#include <asm/tlbflush.h>
#ifdef COMPAT_HAS_EXEC_STATE
#include <linux/sched/exec_state.h>
#endif
/* CPUID has left processor.h. */
#ifdef COMPAT_HAS_CPUID_API
#include <asm/cpuid/api.h>
#endif
/* 6.3 moved load_gs_index(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#include <asm/gsseg.h>
#endif

#ifndef CONFIG_MMU_NOTIFIER
#error "vmxdbg needs a kernel with CONFIG_MMU_NOTIFIER (any with KVM has it)"
#endif

/* Lazy rescheduling came with 6.13, and PREEMPT_RT had it under the same name. */
#ifdef _TIF_NEED_RESCHED_LAZY
#define COMPAT_RESCHED	(_TIF_NEED_RESCHED | _TIF_NEED_RESCHED_LAZY)
#else
#define COMPAT_RESCHED	_TIF_NEED_RESCHED
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

/*
 * Read the counter of the host's clocks, and the real time of that moment. 7.2 made the clock
 * an argument.
 */
static inline u64 compat_clock_snapshot(u64 *real)
{
	struct system_time_snapshot snap;

#ifdef COMPAT_HAS_SNAPSHOT_ID
	ktime_get_snapshot_id(CLOCK_REALTIME, &snap);
	*real = snap.systime;
#else
	ktime_get_snapshot(&snap);
	*real = snap.real;
#endif
	return snap.cycles;
}

/* Since 6.15, kernel_fpu_begin() disables softirqs, but not on PREEMPT_RT. */
#define COMPAT_FPU_STOPS_SOFTIRQS	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0) && \
					 !IS_ENABLED(CONFIG_PREEMPT_RT))

/* KVM of 6.14 and later says in KVM_GET_SUPPORTED_CPUID that there is a hypervisor. */
#define COMPAT_KVM_HYPERVISOR_BIT	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0))

/*
 * The first waiter of a queue, which takes what it is woken for alone. 6.17 lets only one such
 * waiter wait. Return: 0, or -EBUSY if there is one already.
 */
static inline int compat_add_wait_queue_first(struct wait_queue_head *queue,
					      struct wait_queue_entry *entry)
{
#ifdef COMPAT_HAS_WAIT_EXCLUSIVE
	return add_wait_queue_priority_exclusive(queue, entry);
#else
	add_wait_queue_priority(queue, entry);
	return 0;
#endif
}

/* 6.2 lets any signal end the wait for a page, as of userfaultfd. Before, only a fatal one. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define COMPAT_FOLL_INTERRUPTIBLE	FOLL_INTERRUPTIBLE
#else
#define COMPAT_FOLL_INTERRUPTIBLE	0
#endif

/*
 * A guest's access counts as the VMM's for NUMA balancing. 6.6 made that a flag; before, it
 * was so without.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define COMPAT_FOLL_NUMA	FOLL_HONOR_NUMA_FAULT
#else
#define COMPAT_FOLL_NUMA	0
#endif

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

/* 6.8 dropped the count, which was always 1. */
static inline void compat_eventfd_signal(struct eventfd_ctx *ctx)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

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

/* 6.16 renamed the accessors of 64-bit MSRs. */
#ifndef rdmsrl
#define rdmsrl		rdmsrq
#define wrmsrl		wrmsrq
#define rdmsrl_safe	rdmsrq_safe
#define wrmsrl_safe	wrmsrq_safe
#endif

/* In 7.x, the root directory of kernel threads is not the host's. */
#ifdef scoped_with_init_fs
#define compat_with_init_fs	scoped_with_init_fs
#else
#define compat_with_init_fs()
#endif

/* 7.x made the answers of MMU notifiers boolean. */
#ifdef COMPAT_HAS_YOUNG_BOOL
#define compat_young_t	bool
#else
#define compat_young_t	int
#endif

/*
 * Turning VMX on. 6.19 exports what sets CR4 to KVM alone, and knows the user of VMX in
 * the kernel itself.
 */
#ifdef COMPAT_HAS_KVM_ONLY_CR4
#define COMPAT_CAN_OWN_VMX	false

static inline void compat_set_vmxe(bool on)
{
}

static inline void compat_pt_handle_vmx(bool on)
{
}
#else
#define COMPAT_CAN_OWN_VMX	true

static inline void compat_set_vmxe(bool on)
{
	if (on)
		cr4_set_bits(X86_CR4_VMXE);
	else
		cr4_clear_bits(X86_CR4_VMXE);
}

/* Before VMXON and after VMXOFF: some processors cannot trace both. */
static inline void compat_pt_handle_vmx(bool on)
{
	intel_pt_handle_vmx(on);
}
#endif

/*
 * 6.6 asks the owner of VMX to turn it off in an emergency, and so do stable versions of
 * 6.1. Earlier kernels do it themselves.
 */
#if defined(COMPAT_HAS_EMERGENCY) && !defined(COMPAT_HAS_KVM_ONLY_CR4)
#define compat_register_emergency	cpu_emergency_register_virt_callback
#define compat_unregister_emergency	cpu_emergency_unregister_virt_callback
#else
static inline void compat_register_emergency(void (*fn)(void))
{
}

static inline void compat_unregister_emergency(void (*fn)(void))
{
}
#endif

/*
 * Return: whether @task's credentials are enough to trace it; else a tracer needs a
 * capability in *@ns. @mm: the memory in question. 7.x keeps both with the task, so there
 * they are known as long as the task has that memory. Context: rcu_read_lock().
 */
static inline bool compat_dumpable(struct task_struct *task, struct mm_struct *mm,
				   struct user_namespace **ns)
{
#ifdef COMPAT_HAS_EXEC_STATE
	const struct task_exec_state *state = rcu_dereference(task->exec_state);
	bool known = READ_ONCE(task->mm) == mm;

	*ns = known ? state->user_ns : &init_user_ns;
	return known && READ_ONCE(state->dumpable) == TASK_DUMPABLE_OWNER;
#else
	*ns = mm->user_ns;
	return get_dumpable(mm) == SUID_DUMP_USER;
#endif
}

/* 6.13 sets a timer up with its function. */
static inline void compat_hrtimer_setup(struct hrtimer *timer,
					enum hrtimer_restart (*fn)(struct hrtimer *timer),
					clockid_t clock, enum hrtimer_mode mode)
{
#ifdef COMPAT_HAS_HRTIMER_SETUP
	hrtimer_setup(timer, fn, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
#endif
}

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

/*
 * 6.19 exports handle_guest_split_lock() only to KVM.
 * Context: may sleep.
 * Return: whether the guest may repeat the instruction at @rip.
 */
static inline bool compat_guest_split_lock(unsigned long rip)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	pr_warn_once("vmxdbg: a guest of %s (%d) has a split lock at %#lx; split_lock_detect=off allows it\n",
		     current->comm, current->pid, rip);
	return false;
#else
	return handle_guest_split_lock(rip);
#endif
}

#endif
