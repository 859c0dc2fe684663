// SPDX-License-Identifier: GPL-2.0-only
/* Access to guest-physical memory, from the VMM's process or from another. */
#include <linux/highmem.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>

#include "lib/compat.h"
#include "mmu/gpa.h"
#include "mmu/hook.h"
#include "mmu/memslot.h"
#include "mmu/types.h"
#include "vm.h"

/* Transfer within one page of the VMM, which is another process. */
static bool remote_rw(struct vm *vm, u64 hva, void *buf, size_t len, bool write)
{
	struct page *page;
	void *map;
	long got = 0;

	if (!mmget_not_zero(vm->mm))
		return false;
	if (!mmap_read_lock_killable(vm->mm)) {
		got = compat_gup_remote(vm->mm, hva & PAGE_MASK,
					write ? FOLL_WRITE : 0, &page);
		mmap_read_unlock(vm->mm);
	}
	mmput(vm->mm);
	if (got != 1)
		return false;
	map = kmap_local_page(page);
	if (write)
		memcpy(map + offset_in_page(hva), buf, len);
	else
		memcpy(buf, map + offset_in_page(hva), len);
	kunmap_local(map);
	if (write)
		set_page_dirty_lock(page);
	put_page(page);
	return true;
}

static bool hva_rw(struct vm *vm, u64 hva, void *buf, size_t len, bool write)
{
	void __user *user = (void __user *)(unsigned long)hva;

	if (current->mm != vm->mm)
		return remote_rw(vm, hva, buf, len, write);
	/* Mostly page table entries: copy_from_user() takes longer to set up. */
	if (!write && len == sizeof(u64))
		return !get_user(*(u64 *)buf, (u64 __user *)user);
	return !(write ? copy_to_user(user, buf, len) : copy_from_user(buf, user, len));
}

static size_t gpa_rw(struct vm *vm, u64 gpa, void *buf, size_t len, bool write)
{
	size_t done = 0;

	while (done < len) {
		size_t n = min_t(size_t, len - done, PAGE_SIZE - offset_in_page(gpa));
		struct memslot slot;

		if (!memslot_find(vm, gpa, &slot))
			break;
		if (write && (slot.flags & KVM_MEM_READONLY))
			break;
		if (!hva_rw(vm, slot.hva + (gpa - slot.gpa), buf + done, n, write))
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

int gpa_read_nofault(struct vm *vm, u64 gpa, void *buf, size_t len,
		     unsigned long *missing)
{
	void __user *user;
	size_t n;

	for (; len; len -= n, gpa += n, buf += n) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(gpa));
		user = memslot_user(vm, gpa);
		if (!user)
			return -ENXIO;
		if (copy_from_user_nofault(buf, user, n)) {
			*missing = (unsigned long)user;
			return -EAGAIN;
		}
	}
	return 0;
}

static int set_bits(void __user *user, u64 old, u64 bits, unsigned int len)
{
	u32 low = old;
	bool same;

	if (!user_access_begin(user, len))
		return -ENXIO;
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
	return -ENXIO;
}

int gpa_set_bits(struct vm *vm, u64 gpa, u64 old, u64 bits, unsigned int len)
{
	struct memslot slot;
	int r;

	if (current->mm != vm->mm || !memslot_find(vm, gpa, &slot) ||
	    (slot.flags & KVM_MEM_READONLY))
		return -ENXIO;
	r = set_bits((void __user *)(unsigned long)(slot.hva + (gpa - slot.gpa)), old,
		     bits, len);
	if (r)
		return r;
	memslot_mark_dirty(vm, gpa);
	if (READ_ONCE(vm->nr_hooks))
		hook_refresh(vm, gpa, len);
	return 0;
}

size_t gpa_write(struct vm *vm, u64 gpa, const void *buf, size_t len)
{
	size_t done = gpa_rw(vm, gpa, (void *)buf, len, true);

	if (done && READ_ONCE(vm->nr_hooks))
		hook_refresh(vm, gpa, done);
	return done;
}
