/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual machine: its memory, its vCPUs, and who debugs it. */
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
#include "lib/dr.h"
#include "mmu/types.h"
#include "vmxdbg.h"

struct ring;
struct session;
struct task_struct;
struct vcpu;

#define VM_MAX_VCPUS	64	/* vCPU sets are masks of 64 bits */
#define VM_MAX_SLOTS	32764	/* as KVM has */

/*
 * Locks, outermost first:
 *   session->mutex	a session's ioctls, one at a time
 *   vcpu->mutex	the run plane's ioctls of a vCPU, KVM_RUN included
 *   vm->dr_mutex	where breakpoints are, while one may be moved out of its
 *			debug register
 *   vm->lock		slots, vCPU creation, attach
 *   vcpu->state_mutex	a vCPU's registers while it is not in KVM_RUN's loop
 *   track.lock	of a VM: what track.c knows of the guest's page tables
 *   vm->mmu_lock	EPT tables, hooks, soft breakpoints; a spinlock
 *   vm->dbg_lock	stop, in_run, events, DR wants; a spinlock, never
 *			together with mmu_lock
 *   vm->tsc_lock	how the vCPUs count time; a spinlock
 * No spinlock is held over user memory, and no mutex of these over another
 * process's.
 */
struct vm {
	struct kref ref;	/* fds of the VM, its vCPUs and its session */
	u32 id;
	atomic_t users;		/* fds of the run plane only; 0: dead */
	bool dead;		/* dbg_lock; the run plane has let go */
	struct mm_struct *mm;	/* mmgrab()bed: the VMM's */
	struct task_struct *owner;	/* group leader of the VMM, referenced */
	char comm[16];
	struct mutex lock;	/* see above */

	spinlock_t tsc_lock;	/* see above */
	u64 tsc_offset;		/* of the vCPUs that count together */
	bool tsc_running;	/* there is one */

	unsigned long dumped;	/* bit 0: what failed to enter is in the log */
	bool triple_fault_event;	/* lock; KVM_CAP_X86_TRIPLE_FAULT_EVENT */

	struct memslots __rcu *slots;

	spinlock_t mmu_lock;	/* see above */
	unsigned long mmu_seq;	/* bumped when a translation may have changed */
	int mmu_invalidating;	/* notifier sections open now... */
	u64 invalid_start, invalid_end;	/* ...all within this range of hva */
	struct ept_view view[VIEW_COUNT];
	unsigned long pages[EPT_LEAF_LEVELS + 1];	/* leaves by level, from 1 */
	struct mmu_notifier notifier;
	bool notified;		/* notifier is registered */
	struct xarray hooks;	/* gfn -> struct hook; mmu_lock */
	struct list_head open_hooks;	/* whose copies can be executed; mmu_lock */
	unsigned int nr_hooks;	/* read without the lock before an entry */
	unsigned long hooks_seq;	/* hook.h; mmu_lock */
	unsigned long page_refs_seq;	/* what page_ref.h has is void; mmu_lock */
	unsigned int nr_breaks;	/* the same: int3s in their copies */
	struct rb_root_cached watches;	/* of struct watch_piece; mmu_lock */
	unsigned int nr_watches;	/* pieces; read without the lock too */
	bool step_views;	/* lock; each vCPU has a step view of its own */

	const struct mmu_listener *listener;	/* set before the VM has an fd */
	struct track track;	/* breakpoints by linear address */

	struct vcpu *vcpus[VM_MAX_VCPUS];	/* set once, smp_store_release */
	u64 vcpu_mask;		/* bit n: vcpus[n] is there */
	unsigned int guest_debug_users;	/* vCPUs in in-band debug; dbg_lock */

	spinlock_t dbg_lock;	/* see above */
	struct session *session;	/* dbg_lock; set under lock too */
	struct ring __rcu *ring;	/* the session's; written under its mutex */
	bool held;			/* VMXDBG_HOLD; dbg_lock */
	u32 next_object;		/* an id; the session's mutex */
	bool stop_new;			/* all are stopped: one that is made is, too */
	wait_queue_head_t quiet_wq;	/* a vCPU has come to rest */
	struct dr_want dr_want[DR_COUNT];	/* the session's; dbg_lock */
	u64 dr_mask[DR_COUNT];	/* vCPUs that each is for; dbg_lock */
	unsigned int dr_nr;
	struct mutex dr_mutex;	/* see above */
	struct hlist_head catches[VMXDBG_CATCH_TYPES];	/* session->mutex, RCU */
	u32 catch_types;	/* which are not empty; read before an entry */
	struct list_head link;	/* of all VMs */
};

/* Return: the vCPU of that id, or NULL. */
static inline struct vcpu *vm_vcpu(struct vm *vm, u32 id)
{
	/* Pairs with vcpu_add(). */
	return id < VM_MAX_VCPUS ? smp_load_acquire(&vm->vcpus[id]) : NULL;
}

/* for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++): the vCPU at or after @i */
static inline struct vcpu *vm_next_vcpu(struct vm *vm, unsigned int *i)
{
	for (; *i < VM_MAX_VCPUS; (*i)++)
		if (vm_vcpu(vm, *i))
			return vm_vcpu(vm, *i);
	return NULL;
}

#endif
