/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual machine: its memory, its vCPUs, and its debugger. */
#ifndef VMXDBG_VM_H
#define VMXDBG_VM_H

#include <linux/kref.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "debug/types.h"
#include "irq/types.h"
#include "lib/clock_scale.h"
#include "lib/dr.h"
#include "lib/held_clock.h"
#include "lib/vcpu_table.h"
#include "mmu/types.h"
#include "vmxdbg.h"

struct coalesced;
struct ring;
struct session;
struct task_struct;
struct vcpu;

#define VM_MAX_VCPUS	1024	/* as in KVM; their ids are below VCPU_IDS */
#define VM_MAX_SLOTS	32764	/* as in KVM */

/*
 * Locks, outermost first:
 *   session->mutex	ioctls of a session, one at a time
 *   vcpu->mutex	run-plane ioctls of a vCPU, KVM_RUN included
 *   vm->dr_mutex	breakpoints in debug registers, which may be moved out
 *   vm->lock		slots, vCPU creation, attach
 *   vm->irq.lock	devices on the module's own buses, the PIT, and notifiers of
 *			ends of interrupts
 *   vcpu->state_mutex	registers of a vCPU that is not in KVM_RUN's loop
 *   vm->track.lock	the guest's page tables as debug/track.c knows them
 *   vm->mmu_lock	EPT tables, hooks, software breakpoints; a spinlock
 *   vm->dbg_lock	stop, in_run, events, DR wants; a spinlock, never
 *			together with mmu_lock
 *   vm->tsc_lock	TSC offset that vCPUs share; a spinlock
 *   vm->irq.irqfds_lock	list of irqfds; a spinlock, taken with the lock of an eventfd
 *   pit->lock, pic->lock, ioapic->lock
 *			of the chips, from any context; raw spinlocks, none in another
 * A static branch (irq/vapic.c) takes cpus_read_lock() below state_mutex; callbacks of CPU
 * hotplug take no mutex of a VM.
 * No spinlock is held across an access to user memory, and none of these mutexes
 * across an access to the memory of another process.
 */
struct vm {
	struct kref ref;	/* fds of the VM, its vCPUs and its session */
	u32 id;
	atomic_t users;		/* fds of the run plane; 0: dead */
	bool dead;		/* dbg_lock; no run-plane fd is left */
	struct mm_struct *mm;	/* of the VMM, mmgrab() */
	struct task_struct *owner;	/* group leader of the VMM, referenced */
	char comm[16];
	struct mutex lock;	/* see above */

	spinlock_t tsc_lock;	/* see above */
	u64 tsc_offset;		/* of the vCPUs that share one, from vm_time(), scaled */
	u64 tsc_ratio;		/* of these vCPUs, too: tsc_ratio.h */
	bool tsc_running;	/* offset and ratio are valid */
	u32 tsc_khz;		/* of the host, as at the VM's creation */
	u32 guest_tsc_khz;	/* of vCPUs that are created: KVM_SET_TSC_KHZ */
	struct {		/* vm_clock.c; dbg_lock */
		struct clock_scale scale;	/* set at the VM's creation */
		u64 ticks, ns;	/* the clock has been @ns when vm_time() was @ticks */
	} clock;
	u64 wall_clock;		/* MSR_KVM_WALL_CLOCK; changed without a lock */
	bool clock_read;	/* a guest has turned its clock on: pvclock.c */
	bool clock_apart;	/* TSCs are apart, or vCPU 0 uses the old MSR; dbg_lock */
	bool clock_old_msr;	/* vCPU 0 turned the clock on by MSR_KVM_SYSTEM_TIME */

	unsigned long dumped;	/* bit 0: a failed entry was dumped into the log */
	bool emulation_exits;	/* KVM_CAP_EXIT_ON_EMULATION_FAILURE is enabled */
	bool exception_payload;	/* KVM_CAP_EXCEPTION_PAYLOAD is enabled */
	bool pauses_pass;	/* KVM_X86_DISABLE_EXITS_PAUSE; read by new vCPUs */
	bool triple_fault_event;	/* lock; KVM_CAP_X86_TRIPLE_FAULT_EVENT */
	bool platform_info_hidden;	/* KVM_CAP_MSR_PLATFORM_INFO is off */
	u32 quirks_off;		/* KVM_X86_QUIRK_*: KVM_CAP_DISABLE_QUIRKS2; no lock */
	u32 bus_tick_ns;	/* of local APICs' timers; lock until there is a vCPU */
	u32 vcpu_ids;		/* lock; numbers are below; 0: no vCPU yet, nothing said */

	struct msr_filter __rcu *msr_filter;	/* changed under lock, read without */
	u32 msr_exits;		/* KVM_MSR_EXIT_REASON_* that the VMM wants */

	struct memslots __rcu *slots;
	u8 manual_dirty_log;	/* KVM_DIRTY_LOG_*, flags of the capability; lock */
	struct vm_irq irq;		/* devices that the module has */
	struct coalesced *coalesced;	/* run/coalesced.c */

	spinlock_t mmu_lock;	/* see above */
	unsigned long mmu_seq;	/* bumped when a translation may have changed */
	int mmu_invalidating;	/* open notifier sections... */
	u64 invalid_start, invalid_end;	/* ...all within this hva range */
	struct ept_view view[VIEW_COUNT];
	unsigned long pages[EPT_LEAF_LEVELS + 1];	/* leaves by level, level 1 first */
	u64 zapped;		/* leaves that were zapped so far; mmu_lock */
	u64 flushed;		/* of these, as many were zapped before a flush that is over */
	struct memslot leaving;	/* is deleted or moved; size 0: none; mmu_lock */
	struct mmu_notifier notifier;
	bool notified;		/* @notifier is registered */
	struct xarray hooks;	/* gfn -> struct hook; mmu_lock */
	struct list_head open_hooks;	/* hooks whose copies can be executed; mmu_lock */
	unsigned int nr_hooks;	/* mmu_lock; read before an entry without it */
	unsigned long hooks_seq;	/* generation: hook.h; mmu_lock */
	unsigned long page_refs_seq;	/* generation: page_ref.h; mmu_lock */
	unsigned int nr_breaks;	/* int3s in the copies; as nr_hooks */
	struct rb_root_cached watches;	/* struct watch_piece; mmu_lock */
	unsigned int nr_watches;	/* pieces in @watches; as nr_hooks */
	bool step_views;	/* each vCPU has its own step view; lock */

	const struct mmu_listener *listener;	/* set before the VM has an fd */
	struct track track;	/* breakpoints by linear address */

	struct vcpu_table vcpus;	/* vCPUs are added under lock */
	unsigned int guest_debug_users;	/* vCPUs under in-band debug; dbg_lock */

	spinlock_t dbg_lock;	/* see above */
	struct session *session;	/* dbg_lock; set under lock too */
	struct ring __rcu *ring;	/* of the session; written under its mutex */
	bool held;			/* VMXDBG_HOLD; dbg_lock */
	u32 next_object;		/* id to try next; session->mutex */
	bool stop_new;			/* a new vCPU is stopped, as all others are */
	bool reset_asked;		/* no vCPU has reported the reset; dbg_lock */
	struct vcpu *reset_by;		/* has reported it; NULL: none, or it is over; dbg_lock */
	wait_queue_head_t quiet_wq;	/* woken when a vCPU becomes quiet */
	unsigned int nr_still;	/* vCPUs that stand still (still.c); dbg_lock */
	bool time_runs;		/* also while all stand still; dbg_lock */
	struct held_clock time;	/* ticks of the host's TSC: vm_time.c; dbg_lock */
	wait_queue_head_t time_wq;	/* woken when the time is held, or goes on */
	struct dr_want dr_want[DR_COUNT];	/* of the session; dbg_lock */
	const struct vcpu_set *dr_vcpus[DR_COUNT];	/* of each want; dbg_lock */
	unsigned int dr_nr;
	struct mutex dr_mutex;	/* see above */
	struct hlist_head catches[VMXDBG_CATCH_TYPES];	/* session->mutex, RCU */
	u32 catch_types;	/* bit n: catches[n] is not empty; read before an entry */
	struct list_head link;	/* in the list of all VMs */
};

/* Return: the vCPU of that id, or NULL. */
/* Return: whether the VM keeps one of KVM's old ways: KVM_X86_QUIRK_*, see kvm-compat.rst. */
static inline bool vm_has_quirk(const struct vm *vm, u32 quirk)
{
	return !(READ_ONCE(vm->quirks_off) & quirk);
}

static inline struct vcpu *vm_vcpu(struct vm *vm, u32 id)
{
	return vcpu_table_find(&vm->vcpus, id);
}

/* For hot paths, and without the id. @walk: a struct vcpu_walk */
#define vm_for_each_vcpu(vm, vcpu, walk)			\
	for (walk = vcpu_walk_begin(&(vm)->vcpus);		\
	     (vcpu = vcpu_walk_next(&(vm)->vcpus, &(walk)));)

/*
 * Iterate: for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
 * Return: the first vCPU whose id is at least @i, which becomes its id, or NULL.
 */
static inline struct vcpu *vm_next_vcpu(struct vm *vm, unsigned int *i)
{
	return vcpu_table_next(&vm->vcpus, i);
}

#endif
