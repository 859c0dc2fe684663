// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of records of a session: set, mapped, removed. vCPUs find it under RCU
 * until the session ends. A mapping holds references on the pages, not on the ring.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/fs.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "debug/session_object.h"
#include "ioctl/session_ring.h"
#include "lib/compat.h"
#include "lib/ring.h"
#include "vm.h"
#include "vmxdbg.h"

/* session->mutex held, or the session ends. */
static struct ring *ring_of(struct session *s)
{
	return rcu_dereference_protected(s->vm->ring, true);
}

int session_set_ring(struct session *s, const struct vmxdbg_set_ring *arg)
{
	struct ring *ring;

	if (memchr_inv(arg->reserved, 0, sizeof(arg->reserved)) ||
	    (arg->size && (!is_power_of_2(arg->size) || arg->size < VMXDBG_RING_MIN ||
			   arg->size > VMXDBG_RING_MAX))) {
		pr_debug_ratelimited("ring: size %#llx, or reserved is not zero\n", arg->size);
		return -EINVAL;
	}
	if (!arg->size) {
		session_free_ring(s);
		return 0;
	}
	if (ring_of(s))
		return -EBUSY;
	ring = ring_alloc(arg->size);
	if (!ring)
		return -ENOMEM;
	ring->wq = &s->wq;
	rcu_assign_pointer(s->vm->ring, ring);
	return 0;
}

void session_free_ring(struct session *s)
{
	struct ring *ring = ring_of(s);

	if (!ring)
		return;
	rcu_assign_pointer(s->vm->ring, NULL);
	synchronize_rcu();
	ring_free(ring);
}

/* A ring that was removed cannot be mapped any more. */
static vm_fault_t ring_fault(struct vm_fault *vmf)
{
	struct session *s = vmf->vma->vm_file->private_data;
	struct ring *ring;
	void *at = NULL;

	rcu_read_lock();
	ring = rcu_dereference(s->vm->ring);
	if (ring)
		at = ring_at(ring, (u64)vmf->pgoff << PAGE_SHIFT);
	if (at) {
		vmf->page = vmalloc_to_page(at);
		get_page(vmf->page);
	}
	rcu_read_unlock();
	return at ? 0 : VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct ring_vm_ops = {
	.fault = ring_fault,
};

int session_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct session *s = file->private_data;
	struct ring *ring;
	u64 end = ((u64)vma->vm_pgoff << PAGE_SHIFT) + vma->vm_end - vma->vm_start;
	int r = -ENXIO;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	rcu_read_lock();
	ring = rcu_dereference(s->vm->ring);
	if (ring)
		r = ring_at(ring, end - 1) ? 0 : -EINVAL;
	rcu_read_unlock();
	if (r)
		return r;
	vma->vm_ops = &ring_vm_ops;
	compat_vma_dontexpand(vma);
	return 0;
}

__poll_t session_poll_ring(struct session *s)
{
	struct ring *ring;
	__poll_t mask = 0;

	/* The caller is in the wait queue, so a record from here on wakes it. */
	smp_mb();
	rcu_read_lock();
	ring = rcu_dereference(s->vm->ring);
	if (ring && !ring_empty(ring))
		mask = EPOLLPRI;
	rcu_read_unlock();
	return mask;
}
