// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IOEVENTFD: writes of the guest that signal an eventfd. User space may close its
 * descriptor of the eventfd at any time; the writes signal nobody from then on.
 */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "irq/io_bus.h"
#include "irq/ioeventfd.h"
#include "lib/compat.h"
#include "vm.h"

/* s390 alone has notifications of virtio's CCW transport. */
#define IOEVENTFD_FLAGS	(KVM_IOEVENTFD_VALID_FLAG_MASK & ~KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY)

struct ioeventfd {
	struct io_device dev;
	struct list_head link;		/* in vm->irq.ioeventfds */
	enum io_space space;
	struct eventfd_ctx *eventfd;
	bool any_data;			/* @datamatch means nothing */
	u64 datamatch;
};

static bool ioeventfd_write(struct io_device *dev, u64 addr, const void *data, u32 len)
{
	struct ioeventfd *e = container_of(dev, struct ioeventfd, dev);
	u64 val = 0;

	if (addr != dev->addr || (dev->len && len != dev->len))
		return false;
	if (!e->any_data) {
		memcpy(&val, data, len);
		if (val != e->datamatch)
			return false;
	}
	compat_eventfd_signal(e->eventfd);
	return true;
}

static void ioeventfd_free(struct ioeventfd *e)
{
	eventfd_ctx_put(e->eventfd);
	kfree(e);
}

static void ioeventfd_release(struct io_device *dev)
{
	ioeventfd_free(container_of(dev, struct ioeventfd, dev));
}

static const struct io_ops ioeventfd_ops = {
	.write = ioeventfd_write,
	.release = ioeventfd_release,
};

static enum io_space space_of(const struct kvm_ioeventfd *arg)
{
	return arg->flags & KVM_IOEVENTFD_FLAG_PIO ? IO_PORTS : IO_MEMORY;
}

/* Return: whether a write could be for both. */
static bool collides(const struct ioeventfd *a, const struct ioeventfd *b)
{
	if (a->space != b->space || a->dev.addr != b->dev.addr)
		return false;
	if (!a->dev.len || !b->dev.len)
		return true;
	return a->dev.len == b->dev.len &&
	       (a->any_data || b->any_data || a->datamatch == b->datamatch);
}

static int ioeventfd_check(const struct kvm_ioeventfd *arg)
{
	switch (arg->len) {
	case 0:
		if (arg->flags & KVM_IOEVENTFD_FLAG_DATAMATCH)
			return -EINVAL;
		break;
	case 1:
	case 2:
	case 4:
	case 8:
		break;
	default:
		return -EINVAL;
	}
	return arg->addr + arg->len < arg->addr || arg->flags & ~IOEVENTFD_FLAGS ? -EINVAL : 0;
}

static int ioeventfd_add(struct vm *vm, struct ioeventfd *e)
{
	struct ioeventfd *other;
	int r;

	list_for_each_entry(other, &vm->irq.ioeventfds, link)
		if (collides(e, other))
			return -EEXIST;
	r = io_bus_add(vm, e->space, &e->dev);
	if (!r)
		list_add_tail(&e->link, &vm->irq.ioeventfds);
	return r;
}

/* @eventfd: its reference becomes the ioeventfd's, unless this fails. */
static int ioeventfd_assign(struct vm *vm, const struct kvm_ioeventfd *arg,
			    struct eventfd_ctx *eventfd)
{
	struct ioeventfd *e = kzalloc(sizeof(*e), GFP_KERNEL_ACCOUNT);
	int r;

	if (!e)
		return -ENOMEM;
	e->dev.addr = arg->addr;
	e->dev.len = arg->len;
	e->dev.uncounted = true;
	e->dev.ops = &ioeventfd_ops;
	e->space = space_of(arg);
	e->eventfd = eventfd;
	e->any_data = !(arg->flags & KVM_IOEVENTFD_FLAG_DATAMATCH);
	e->datamatch = arg->datamatch;
	mutex_lock(&vm->irq.lock);
	r = ioeventfd_add(vm, e);
	mutex_unlock(&vm->irq.lock);
	if (r)
		kfree(e);
	return r;
}

static bool is_the_one(const struct ioeventfd *e, const struct kvm_ioeventfd *arg,
		       const struct eventfd_ctx *eventfd)
{
	bool any_data = !(arg->flags & KVM_IOEVENTFD_FLAG_DATAMATCH);

	/* Same as KVM: flags that mean nothing here are ignored. */
	return e->space == space_of(arg) && e->eventfd == eventfd &&
	       e->dev.addr == arg->addr && e->dev.len == arg->len &&
	       e->any_data == any_data && (any_data || e->datamatch == arg->datamatch);
}

static int ioeventfd_deassign(struct vm *vm, const struct kvm_ioeventfd *arg,
			      struct eventfd_ctx *eventfd)
{
	struct ioeventfd *e;
	int r = -ENOENT;

	mutex_lock(&vm->irq.lock);
	list_for_each_entry(e, &vm->irq.ioeventfds, link) {
		if (!is_the_one(e, arg, eventfd))
			continue;
		list_del(&e->link);
		io_bus_remove(vm, e->space, &e->dev);
		ioeventfd_free(e);
		r = 0;
		break;
	}
	mutex_unlock(&vm->irq.lock);
	return r;
}

int ioeventfd_ioctl(struct vm *vm, const struct kvm_ioeventfd *arg)
{
	bool ends = arg->flags & KVM_IOEVENTFD_FLAG_DEASSIGN;
	struct eventfd_ctx *eventfd;
	int r = ends ? 0 : ioeventfd_check(arg);

	if (r)
		return r;
	eventfd = eventfd_ctx_fdget(arg->fd);
	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	r = ends ? ioeventfd_deassign(vm, arg, eventfd) : ioeventfd_assign(vm, arg, eventfd);
	if (ends || r)
		eventfd_ctx_put(eventfd);
	return r;
}
