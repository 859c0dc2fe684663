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

#include "dr.h"
#include "track.h"
#include "vmxdbg.h"

#define VM_MAX_VCPUS	64	/* vCPU sets are masks of 64 bits */
#define VM_MAX_SLOTS	32764	/* as KVM has */

struct dirty_log;
struct ring;
struct session;
struct vcpu;
struct vm;

/* Hears of changes in guest memory, with no lock held. Any context. */
struct mmu_listener {
	void (*written)(struct vm *vm, u64 gfn);	/* a page that hook_guard() guards */
	void (*slots_changed)(struct vm *vm);
};

/* One piece of guest RAM. Slots of a VM are sorted by gpa and never overlap. */
struct memslot {
	u32 id;
	u32 flags;		/* KVM_MEM_READONLY, KVM_MEM_LOG_DIRTY_PAGES */
	u64 gpa, size, hva;	/* bytes */
	struct dirty_log *dirty;	/* with KVM_MEM_LOG_DIRTY_PAGES, else NULL */
};

struct memslots {
	struct rcu_head rcu;
	unsigned int nr;
	struct memslot slot[];
};

/*
 * The two views of guest memory (Documentation/design.rst), and what a vCPU may
 * use in their place for one instruction (step_view.h).
 */
enum ept_view_id { VIEW_PLAIN, VIEW_HOOKED, VIEW_COUNT, VIEW_STEP = VIEW_COUNT, VIEW_NONE };

#define EPT_LEAF_LEVELS	3	/* 4 KiB, 2 MiB, 1 GiB */

struct ept_view {
	u64 *root;		/* NULL until first used */
	u64 eptp;
};

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
	unsigned long spots_seq;	/* what spot.h has is void; mmu_lock */
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

/* vm_ioctl.c */
int vm_create_fd(unsigned long type);
long vm_check_extension(unsigned long cap);
struct vm *vm_from_file(struct file *file);	/* NULL: not a VM's; no reference */
/* vm.c */
int vm_create(struct vm **out);	/* with one user, or an errno */
struct vm *vm_get_by_id(u32 id);	/* with a reference, or NULL */
void vm_get(struct vm *vm);
void vm_put(struct vm *vm);
void vm_user_get(struct vm *vm);	/* a run-plane fd more, with a reference */
void vm_user_put(struct vm *vm);	/* the last one: dead, session is told */
/* calls @fn for each VM under a mutex, oldest first; @fn must not sleep long */
int vm_for_each(int (*fn)(struct vm *vm, void *arg), void *arg);
static inline struct vcpu *vm_vcpu(struct vm *vm, u32 id)	/* or NULL */
{
	/* Pairs with vcpu_add(). */
	return id < VM_MAX_VCPUS ? smp_load_acquire(&vm->vcpus[id]) : NULL;
}

/* memslot.c */
int memslot_set(struct vm *vm, const struct kvm_userspace_memory_region *r);
void memslots_free(struct vm *vm);
u64 memslots_bytes(struct vm *vm);

/**
 * memslot_find() - where guest-physical memory is in the VMM
 * @slot: a copy of the slot that holds @gpa
 * Takes RCU by itself. Return: whether there is one.
 */
bool memslot_find(struct vm *vm, u64 gpa, struct memslot *slot);
bool memslot_is_at(struct vm *vm, u64 gpa);	/* is there one? */
bool memslots_within(struct vm *vm, u64 first, u64 last);	/* any of this? */
/* address in the VMM, for reading: NULL where there is no slot */
void __user *memslot_user(struct vm *vm, u64 gpa);
/* the same by its number; vm->lock held */
bool memslot_by_id(struct vm *vm, u32 id, struct memslot *slot);
/*
 * a byte of the page at @gpa has been written, not by the guest itself: to be
 * called after the write, or a log that is turned on meanwhile misses it
 */
void memslot_mark_dirty(struct vm *vm, u64 gpa);

/* gpa.c: guest-physical memory. All may sleep. Any process may call. */

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

/* mmu_lock held: a table goes, or a hook comes or goes */
static inline void spots_moved(struct vm *vm)
{
	WRITE_ONCE(vm->spots_seq, vm->spots_seq + 1);
}

/* ept_table.c */
int ept_init(struct vm *vm);
void ept_free(struct vm *vm);
/* the hooked view's root exists after this; may sleep */
int ept_view_prepare(struct vm *vm, enum ept_view_id view);
/* These under mmu_lock. Zap [start, end) in both views; true: flush needed. */
bool ept_zap(struct vm *vm, u64 start, u64 end);
/* the same, but only a write faults then, and maps 4 KiB */
bool ept_write_protect(struct vm *vm, u64 start, u64 end);
/* zap small pages where the next fault may find a large one */
bool ept_collapse(struct vm *vm, u64 start, u64 end);
/* [start, end) in the hooked view alone */
bool ept_zap_hooked(struct vm *vm, u64 start, u64 end);
/* the next write to the page faults, on any view; true: flush needed */
bool ept_notice_writes(struct vm *vm, u64 gpa);
/* the leaf for @gpa and its level, or 0 */
u64 ept_find(struct vm *vm, enum ept_view_id view, u64 gpa, int *level);
/* where that is; NULL too if it is large */
u64 *ept_small_leaf(struct vm *vm, enum ept_view_id view, u64 gpa);
/* where that is, or NULL: good until a table goes, see spots_seq */
u64 *ept_find_entry(struct vm *vm, enum ept_view_id view, u64 gpa, int *level);
bool ept_maps_any(struct vm *vm, u64 start, u64 end);
bool ept_maps(struct vm *vm, enum ept_view_id view, u64 gpa);
/* vm_request.c */
/*
 * sets @req, an enum vcpu_request, on every vCPU; those in the guest now have
 * left it when this returns. Interrupts on.
 */
void vm_request(struct vm *vm, int req);
/*
 * every vCPU forgets cached translations before it runs guest code again;
 * those in the guest now have left it when this returns. Interrupts on.
 */
void ept_flush(struct vm *vm);

/* mmu_notifier.c */
int vm_notifier_register(struct vm *vm);
void vm_notifier_unregister(struct vm *vm);

#endif
