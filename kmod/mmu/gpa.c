// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access to guest-physical memory, from the VMM's process or from another.
 *
 * memslot_set() waits for an RCU grace period after a slot has gone, so nobody accesses
 * the memory of a slot outside of the RCU section in which the slot was found. Such a
 * section cannot sleep: what is missing is faulted in after it, and the slot looked up
 * again. So neither a VMM that handles page faults itself (userfaultfd) nor its debugger
 * can make the other wait for ever.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "lib/compat.h"
#include "lib/mc_read.h"
#include "mmu/gpa.h"
#include "mmu/hook.h"
#include "mmu/memslot.h"
#include "mmu/mmu_notifier.h"
#include "mmu/pfnmap.h"
#include "mmu/types.h"
#include "vm.h"

/* ---- within one page ---- */

/* Return: whether the slot at @gpa permits the access, and has the byte at *@hva. */
static bool find_hva(struct vm *vm, u64 gpa, bool write, u64 *hva)
{
	struct memslot slot;

	if (!memslot_find(vm, gpa, &slot) || (write && (slot.flags & KVM_MEM_READONLY)))
		return false;
	*hva = slot.hva + (gpa - slot.gpa);
	return true;
}

/* Pin the page of the VMM, which is another process. Return: the page or NULL. */
static struct page *pin_remote(struct vm *vm, u64 hva, unsigned int flags)
{
	struct page *page;
	long got = 0;

	if (!mmget_not_zero(vm->mm))
		return NULL;
	if (!mmap_read_lock_killable(vm->mm)) {
		got = compat_gup_remote(vm->mm, hva & PAGE_MASK, flags, &page);
		mmap_read_unlock(vm->mm);
	}
	mmput(vm->mm);
	return got == 1 ? page : NULL;
}

/* Return: whether it was copied: false for a poisoned page. */
static bool page_copy(struct page *page, unsigned int offset, void *buf, size_t len,
		      bool write)
{
	void *map = kmap_local_page(page);
	bool done = true;

	if (write)
		memcpy(map + offset, buf, len);
	else
		done = mc_read(buf, map + offset, len);
	kunmap_local(map);
	return done;
}

/* Return: 0, -EAGAIN to repeat, or another error. */
static int remote_pfn_once(struct vm *vm, u64 gpa, void *buf, size_t len, bool write)
{
	unsigned long seq = READ_ONCE(vm->mmu_seq);
	struct pfnmap map;
	void *mem;
	int r = -EFAULT;
	u64 hva;

	smp_rmb();	/* the slot and the page below are at least as new as seq */
	if (!find_hva(vm, gpa, write, &hva) || !mmget_not_zero(vm->mm))
		return -EFAULT;
	r = pfnmap_find(vm->mm, hva, write, &map);
	mmput(vm->mm);
	if (r || !map.ram)
		return r ?: -EFAULT;
	mem = __va(PFN_PHYS(map.pfn)) + offset_in_page(hva);
	spin_lock(&vm->mmu_lock);
	if (mmu_stale(vm, seq, hva, len))
		r = -EAGAIN;
	else if (write)
		memcpy(mem, buf, len);
	else
		r = mc_read(buf, mem, len) ? 0 : -EFAULT;
	spin_unlock(&vm->mmu_lock);
	return r;
}

/* The VMM's memory that cannot be pinned. */
static bool remote_pfn_rw(struct vm *vm, u64 gpa, void *buf, size_t len, bool write)
{
	int r;

	do {
		r = remote_pfn_once(vm, gpa, buf, len, write);
		cond_resched();
	} while (r == -EAGAIN && !fatal_signal_pending(current));
	return !r;
}

/* The slot may change while the page is pinned: then nothing is copied. */
static bool pinned_rw(struct vm *vm, u64 gpa, u64 hva, struct page *page, void *buf, size_t len,
		      bool write)
{
	bool same;
	u64 now;

	rcu_read_lock();
	same = find_hva(vm, gpa, write, &now) && now == hva;
	if (same)
		same = page_copy(page, offset_in_page(hva), buf, len, write);
	rcu_read_unlock();
	if (same && write)
		set_page_dirty_lock(page);
	put_page(page);
	return same;
}

static bool remote_rw(struct vm *vm, u64 gpa, void *buf, size_t len, bool write)
{
	struct page *page;
	u64 hva;

	if (!find_hva(vm, gpa, write, &hva))
		return false;
	page = pin_remote(vm, hva, write ? FOLL_WRITE : 0);
	if (!page)
		return remote_pfn_rw(vm, gpa, buf, len, write);
	return pinned_rw(vm, gpa, hva, page, buf, len, write);
}

static bool remote_read_present(struct vm *vm, u64 gpa, u64 hva, void *buf, size_t len)
{
	struct page *page = pin_remote(vm, hva, FOLL_NOWAIT);

	if (!page)
		return !remote_pfn_once(vm, gpa, buf, len, false);
	return pinned_rw(vm, gpa, hva, page, buf, len, false);
}

/* Page faults disabled. Return: whether all of it was transferred. */
static bool copy_now(void __user *user, void *buf, size_t len, bool write)
{
	/* Mostly page table entries: copy_from_user() takes longer to set up. */
	if (!write && len == sizeof(u64))
		return !get_user(*(u64 *)buf, (u64 __user *)user);
	return !(write ? copy_to_user(user, buf, len) : copy_from_user(buf, user, len));
}

/*
 * An access fails at most so often after its memory was faulted in. There is memory, such as
 * a shadow stack, that can be faulted in to be written, and never written.
 */
#define FAULT_TRIES	1000

/* Return: whether the VMM's memory is there now. Without a fault handler: false. */
static bool fault_in(void __user *user, size_t len, bool write)
{
	if (faulthandler_disabled() || fatal_signal_pending(current))
		return false;
	cond_resched();
	return !(write ? fault_in_safe_writeable(user, len) : fault_in_readable(user, len));
}

/* Return: 1 if all of it was transferred, 0 if not, or -ENXIO without memory. */
static int own_rw_once(struct vm *vm, u64 gpa, u64 *hva, void *buf, size_t len, bool write)
{
	int r = -ENXIO;

	rcu_read_lock();
	if (find_hva(vm, gpa, write, hva)) {
		pagefault_disable();
		r = copy_now((void __user *)(unsigned long)*hva, buf, len, write);
		pagefault_enable();
	}
	rcu_read_unlock();
	return r;
}

static bool own_rw(struct vm *vm, u64 gpa, void *buf, size_t len, bool write)
{
	unsigned int tries = FAULT_TRIES;
	u64 hva;
	int r;

	do {
		r = own_rw_once(vm, gpa, &hva, buf, len, write);
	} while (!r && tries-- && fault_in((void __user *)(unsigned long)hva, len, write));
	return r > 0;
}

/* ---- ranges ---- */

static size_t gpa_rw(struct vm *vm, u64 gpa, void *buf, size_t len, bool write)
{
	bool own = current->mm == vm->mm;
	size_t done = 0;

	while (done < len) {
		size_t n = min_t(size_t, len - done, PAGE_SIZE - offset_in_page(gpa));

		if (!(own ? own_rw(vm, gpa, buf + done, n, write) :
			    remote_rw(vm, gpa, buf + done, n, write)))
			break;
		if (write)
			memslot_mark_dirty(vm, gpa);
		done += n;
		gpa += n;
	}
	return done;
}

size_t gpa_read(struct vm *vm, u64 gpa, void *buf, size_t len)
{
	return gpa_rw(vm, gpa, buf, len, false);
}

int gpa_read_present(struct vm *vm, u64 gpa, void *buf, size_t len)
{
	u64 hva;
	int r;

	if (current->mm == vm->mm)
		r = own_rw_once(vm, gpa, &hva, buf, len, false);
	else if (find_hva(vm, gpa, false, &hva))
		r = remote_read_present(vm, gpa, hva, buf, len);
	else
		r = -ENXIO;
	if (r < 0)
		return r;
	return r ? 0 : -EAGAIN;
}

int gpa_read_nofault(struct vm *vm, u64 gpa, void *buf, size_t len,
		     unsigned long *missing)
{
	void __user *user;
	int r = 0;
	size_t n;

	for (; len && !r; len -= n, gpa += n, buf += n) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(gpa));
		rcu_read_lock();
		user = memslot_user(vm, gpa);
		if (!user) {
			r = -ENXIO;
		} else if (copy_from_user_nofault(buf, user, n)) {
			*missing = (unsigned long)user;
			r = -EAGAIN;
		}
		rcu_read_unlock();
	}
	return r;
}

/* Page faults disabled. Return: 0, -EAGAIN if the entry is not @old, -EFAULT. */
static int set_bits(void __user *user, u64 old, u64 bits, unsigned int len)
{
	u32 low = old;
	bool same;

	if (!user_access_begin(user, len))
		return -EFAULT;
	if (len == sizeof(u64))
		same = unsafe_try_cmpxchg_user((u64 __user *)user, &old, old | bits,
					       failed);
	else
		same = unsafe_try_cmpxchg_user((u32 __user *)user, &low,
					       (u32)(low | bits), failed);
	user_access_end();
	return same ? 0 : -EAGAIN;
failed:
	user_access_end();
	return -EFAULT;
}

int gpa_set_bits(struct vm *vm, u64 gpa, u64 old, u64 bits, unsigned int len)
{
	unsigned int tries = FAULT_TRIES;
	void __user *user;
	u64 hva;
	int r;

	if (current->mm != vm->mm)
		return -ENXIO;
	do {
		rcu_read_lock();
		if (!find_hva(vm, gpa, true, &hva)) {
			rcu_read_unlock();
			return -ENXIO;
		}
		user = (void __user *)(unsigned long)hva;
		pagefault_disable();
		r = set_bits(user, old, bits, len);
		pagefault_enable();
		rcu_read_unlock();
	} while (r == -EFAULT && tries-- && fault_in(user, len, true));
	if (r)
		return r == -EFAULT ? -ENXIO : r;
	memslot_mark_dirty(vm, gpa);
	if (READ_ONCE(vm->nr_hooks))
		hook_refresh(vm, gpa, len);
	return 0;
}

/* Page faults disabled. Return: whether all of it was written. */
static bool put_versioned(u32 __user *user, const struct gpa_versioned *to)
{
	u32 version = to->words[to->version];
	unsigned int i;

	if (!user_access_begin(user, to->nr * sizeof(u32)))
		return false;
	unsafe_put_user(version - 1, &user[to->version], failed);
	smp_wmb();	/* pairs with a barrier of the guest's */
	for (i = 0; i < to->nr; i++)
		if (i != to->version)
			unsafe_put_user(to->words[i], &user[i], failed);
	smp_wmb();	/* likewise */
	unsafe_put_user(version, &user[to->version], failed);
	user_access_end();
	return true;
failed:
	user_access_end();
	return false;
}

/* Return: 1 if it was written, 0 if not, or -ENXIO without memory. */
static int put_versioned_once(struct vm *vm, const struct gpa_versioned *to, u64 *hva)
{
	int r = -ENXIO;

	rcu_read_lock();
	if (find_hva(vm, to->gpa, true, hva)) {
		pagefault_disable();
		r = put_versioned((void __user *)(unsigned long)*hva, to);
		pagefault_enable();
	}
	rcu_read_unlock();
	return r;
}

bool gpa_write_versioned(struct vm *vm, const struct gpa_versioned *to)
{
	size_t len = to->nr * sizeof(u32);
	unsigned int tries = FAULT_TRIES;
	u64 hva;
	int r;

	if (current->mm != vm->mm)
		return false;
	do {
		r = put_versioned_once(vm, to, &hva);
	} while (!r && tries-- && fault_in((void __user *)(unsigned long)hva, len, true));
	if (r <= 0)
		return false;
	memslot_mark_dirty(vm, to->gpa);
	if (READ_ONCE(vm->nr_hooks))
		hook_refresh(vm, to->gpa, len);
	return true;
}

bool gpa_store_nofault(struct vm *vm, u64 gpa, const void *buf, size_t len)
{
	u64 hva;

	if (current->mm != vm->mm || own_rw_once(vm, gpa, &hva, (void *)buf, len, true) <= 0)
		return false;
	memslot_mark_dirty(vm, gpa);
	return true;
}

bool gpa_write_nofault(struct vm *vm, u64 gpa, const void *buf, size_t len)
{
	if (!gpa_store_nofault(vm, gpa, buf, len))
		return false;
	if (READ_ONCE(vm->nr_hooks))
		hook_refresh(vm, gpa, len);
	return true;
}

size_t gpa_write(struct vm *vm, u64 gpa, const void *buf, size_t len)
{
	size_t done = gpa_rw(vm, gpa, (void *)buf, len, true);

	if (done && READ_ONCE(vm->nr_hooks))
		hook_refresh(vm, gpa, done);
	return done;
}
