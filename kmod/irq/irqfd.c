// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_IRQFD: interrupts that a signal of an eventfd raises, in the context of the signal, or
 * in a work item if that would keep interrupts off for long. An eventfd that its last user
 * closes takes the irqfd with it, by a work item, since that happens in the wait queue which
 * the irqfd has to leave.
 */
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "irq/ack.h"
#include "irq/irqfd.h"
#include "irq/routing.h"
#include "lib/compat.h"
#include "vm.h"

static struct workqueue_struct *irqfd_wq;	/* ends irqfds */

/* The irqfds of a GSI that stays high until the guest has ended its interrupt */
struct irqfd_resampler {
	struct list_head link;		/* in vm->irq.resamplers */
	struct list_head irqfds;	/* vm->irq.lock; read under RCU */
	struct irq_ack_notifier notifier;
	struct vm *vm;
};

struct irqfd {
	struct list_head link;		/* in vm->irq.irqfds, or empty: it ends */
	struct vm *vm;
	u32 gsi;
	struct eventfd_ctx *eventfd;
	wait_queue_entry_t wait;	/* of @eventfd */
	poll_table poll;
	int refused;			/* an errno of irqfd_queue(), negated */
	struct work_struct later;	/* raises it, if that takes long */
	struct work_struct end;
	struct irqfd_resampler *resampler;	/* or NULL */
	struct list_head resampler_link;
	struct eventfd_ctx *resamplefd;		/* with @resampler */
};

/* An edge, or a level that stays until the guest has ended its interrupt. Any context */
static void irqfd_raise(struct irqfd *irqfd)
{
	if (irqfd->resampler) {
		irq_set_gsi(irqfd->vm, IRQ_SOURCE_RESAMPLE, irqfd->gsi, true);
	} else {
		irq_set_gsi(irqfd->vm, IRQ_SOURCE_VMM, irqfd->gsi, true);
		irq_set_gsi(irqfd->vm, IRQ_SOURCE_VMM, irqfd->gsi, false);
	}
}

static void irqfd_raise_later(struct work_struct *work)
{
	irqfd_raise(container_of(work, struct irqfd, later));
}

/* ---- level-triggered ones ---- */

/* The guest has ended the interrupt: those that still need it raise it again. */
static void resampler_acked(struct irq_ack_notifier *notifier)
{
	struct irqfd_resampler *resampler =
		container_of(notifier, struct irqfd_resampler, notifier);
	struct irqfd *irqfd;

	irq_set_gsi(resampler->vm, IRQ_SOURCE_RESAMPLE, notifier->gsi, false);
	list_for_each_entry_rcu(irqfd, &resampler->irqfds, resampler_link)
		compat_eventfd_signal(irqfd->resamplefd);
}

/* irq.lock held. Return: the resampler of a GSI, which is made if there is none, or NULL. */
static struct irqfd_resampler *resampler_of(struct vm *vm, u32 gsi)
{
	struct irqfd_resampler *resampler;

	list_for_each_entry(resampler, &vm->irq.resamplers, link)
		if (resampler->notifier.gsi == gsi)
			return resampler;
	resampler = kzalloc(sizeof(*resampler), GFP_KERNEL_ACCOUNT);
	if (!resampler)
		return NULL;
	resampler->vm = vm;
	INIT_LIST_HEAD(&resampler->irqfds);
	resampler->notifier.gsi = gsi;
	resampler->notifier.acked = resampler_acked;
	list_add(&resampler->link, &vm->irq.resamplers);
	irq_ack_register(vm, &resampler->notifier);
	return resampler;
}

/* irq.lock held. On return, nobody signals its resamplefd. */
static void resampler_leave(struct irqfd *irqfd)
{
	struct irqfd_resampler *resampler = irqfd->resampler;

	list_del_rcu(&irqfd->resampler_link);
	if (!list_empty(&resampler->irqfds)) {
		synchronize_rcu_expedited();
		return;
	}
	/* Nobody raises it any more, and soon nobody lowers it at an end. */
	irq_set_gsi(irqfd->vm, IRQ_SOURCE_RESAMPLE, irqfd->gsi, false);
	list_del(&resampler->link);
	irq_ack_unregister(irqfd->vm, &resampler->notifier);
	kfree(resampler);
}

/* ---- signals ---- */

/* @irqfd: not in vm->irq.irqfds any more. irq.lock held. */
static void irqfd_end(struct irqfd *irqfd)
{
	u64 count;

	eventfd_ctx_remove_wait_queue(irqfd->eventfd, &irqfd->wait, &count);
	cancel_work_sync(&irqfd->later);
	if (irqfd->resampler) {
		resampler_leave(irqfd);
		eventfd_ctx_put(irqfd->resamplefd);
	}
	eventfd_ctx_put(irqfd->eventfd);
	kfree(irqfd);
}

static void irqfd_end_work(struct work_struct *work)
{
	struct irqfd *irqfd = container_of(work, struct irqfd, end);
	struct vm *vm = irqfd->vm;

	mutex_lock(&vm->irq.lock);
	irqfd_end(irqfd);
	mutex_unlock(&vm->irq.lock);
}

/*
 * The last user has closed the eventfd. Under the lock, so that irqfd_release(), which does
 * not find the irqfd any more, waits for the work. Any context.
 */
static void irqfd_closed(struct irqfd *irqfd)
{
	struct vm_irq *irq = &irqfd->vm->irq;
	unsigned long flags;

	spin_lock_irqsave(&irq->irqfds_lock, flags);
	if (!list_empty(&irqfd->link)) {
		list_del_init(&irqfd->link);
		queue_work(irqfd_wq, &irqfd->end);
	}
	spin_unlock_irqrestore(&irq->irqfds_lock, flags);
}

/* The lock of the wait queue is held, and interrupts are off. */
static int irqfd_wakeup(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct irqfd *irqfd = container_of(wait, struct irqfd, wait);
	__poll_t flags = key_to_poll(key);
	u64 count;

	if (flags & EPOLLIN) {
		eventfd_ctx_do_read(irqfd->eventfd, &count);
		if (unlikely(irq_gsi_is_slow(irqfd->vm, irqfd->gsi)))
			queue_work(irqfd_wq, &irqfd->later);
		else
			irqfd_raise(irqfd);
	}
	if (flags & EPOLLHUP)
		irqfd_closed(irqfd);
	return flags & EPOLLIN ? 1 : 0;
}

static void irqfd_queue(struct file *file, wait_queue_head_t *wqh, poll_table *poll)
{
	struct irqfd *irqfd = container_of(poll, struct irqfd, poll);

	irqfd->refused = compat_add_wait_queue_first(wqh, &irqfd->wait);
}

/* ---- ioctl ---- */

/* irq.lock held. Return: whether an irqfd of this VM has the eventfd. */
static bool eventfd_in_use(struct vm *vm, const struct eventfd_ctx *eventfd)
{
	struct irqfd *irqfd;
	bool found = false;

	spin_lock_irq(&vm->irq.irqfds_lock);
	list_for_each_entry(irqfd, &vm->irq.irqfds, link)
		if (irqfd->eventfd == eventfd)
			found = true;
	spin_unlock_irq(&vm->irq.irqfds_lock);
	return found;
}

/* irq.lock held. Undo what irqfd_add() did of an irqfd that does not wait for its eventfd. */
static void irqfd_forget(struct irqfd *irqfd)
{
	struct vm_irq *irq = &irqfd->vm->irq;

	spin_lock_irq(&irq->irqfds_lock);
	list_del_init(&irqfd->link);
	spin_unlock_irq(&irq->irqfds_lock);
	if (irqfd->resampler)
		resampler_leave(irqfd);
}

/*
 * irq.lock held. On success, the references to both eventfds are the irqfd's. Return: 0,
 * -ENOMEM, or -EBUSY if this VM has one for the eventfd, or anybody where the kernel allows
 * only one.
 */
static int irqfd_add(struct irqfd *irqfd, struct file *file)
{
	struct vm *vm = irqfd->vm;
	bool signaled;

	if (eventfd_in_use(vm, irqfd->eventfd))
		return -EBUSY;
	if (irqfd->resamplefd) {
		irqfd->resampler = resampler_of(vm, irqfd->gsi);
		if (!irqfd->resampler)
			return -ENOMEM;
		list_add_rcu(&irqfd->resampler_link, &irqfd->resampler->irqfds);
	}
	spin_lock_irq(&vm->irq.irqfds_lock);
	list_add_tail(&irqfd->link, &vm->irq.irqfds);
	spin_unlock_irq(&vm->irq.irqfds_lock);
	signaled = vfs_poll(file, &irqfd->poll) & EPOLLIN;
	if (irqfd->refused) {
		irqfd_forget(irqfd);
		return irqfd->refused;
	}
	/* Signals from before count as well. */
	if (signaled)
		irqfd_raise(irqfd);
	return 0;
}

static int irqfd_make(struct vm *vm, const struct kvm_irqfd *arg, struct file *file)
{
	struct irqfd *irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);
	int r = 0;

	if (!irqfd)
		return -ENOMEM;
	irqfd->vm = vm;
	irqfd->gsi = arg->gsi;
	INIT_WORK(&irqfd->later, irqfd_raise_later);
	INIT_WORK(&irqfd->end, irqfd_end_work);
	init_waitqueue_func_entry(&irqfd->wait, irqfd_wakeup);
	init_poll_funcptr(&irqfd->poll, irqfd_queue);
	irqfd->eventfd = eventfd_ctx_fileget(file);
	if (arg->flags & KVM_IRQFD_FLAG_RESAMPLE) {
		irqfd->resamplefd = eventfd_ctx_fdget(arg->resamplefd);
		if (IS_ERR(irqfd->resamplefd)) {
			r = PTR_ERR(irqfd->resamplefd);
			irqfd->resamplefd = NULL;
		}
	}
	if (!r) {
		mutex_lock(&vm->irq.lock);
		r = irqfd_add(irqfd, file);
		mutex_unlock(&vm->irq.lock);
	}
	if (!r)
		return 0;
	if (irqfd->resamplefd)
		eventfd_ctx_put(irqfd->resamplefd);
	eventfd_ctx_put(irqfd->eventfd);
	kfree(irqfd);
	return r;
}

/* Return: one of @eventfd and @gsi, or any without @eventfd, which the caller ends; or NULL. */
static struct irqfd *irqfd_pick(struct vm *vm, const struct eventfd_ctx *eventfd, u32 gsi)
{
	struct irqfd *irqfd, *found = NULL;

	spin_lock_irq(&vm->irq.irqfds_lock);
	list_for_each_entry(irqfd, &vm->irq.irqfds, link) {
		if (!eventfd || (irqfd->eventfd == eventfd && irqfd->gsi == gsi)) {
			list_del_init(&irqfd->link);
			found = irqfd;
			break;
		}
	}
	spin_unlock_irq(&vm->irq.irqfds_lock);
	return found;
}

static void irqfds_end(struct vm *vm, const struct eventfd_ctx *eventfd, u32 gsi)
{
	struct irqfd *irqfd;

	mutex_lock(&vm->irq.lock);
	while ((irqfd = irqfd_pick(vm, eventfd, gsi)))
		irqfd_end(irqfd);
	mutex_unlock(&vm->irq.lock);
}

static int irqfd_deassign(struct vm *vm, const struct kvm_irqfd *arg)
{
	struct eventfd_ctx *eventfd = eventfd_ctx_fdget(arg->fd);

	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	irqfds_end(vm, eventfd, arg->gsi);
	eventfd_ctx_put(eventfd);
	return 0;
}

static int irqfd_assign(struct vm *vm, const struct kvm_irqfd *arg)
{
	bool resample = arg->flags & KVM_IRQFD_FLAG_RESAMPLE;
	enum irq_mode mode = READ_ONCE(vm->irq.mode);
	struct file *file;
	int r;

	/* The VMM's I/O APIC hears of EOIs itself. */
	if (mode == IRQ_USER || (resample && mode != IRQ_FULL))
		return -EINVAL;
	file = eventfd_fget(arg->fd);
	if (IS_ERR(file))
		return PTR_ERR(file);
	r = irqfd_make(vm, arg, file);
	fput(file);
	return r;
}

int irqfd_ioctl(struct vm *vm, const struct kvm_irqfd *arg)
{
	if (arg->flags & ~(KVM_IRQFD_FLAG_DEASSIGN | KVM_IRQFD_FLAG_RESAMPLE))
		return -EINVAL;
	if (arg->flags & KVM_IRQFD_FLAG_DEASSIGN)
		return irqfd_deassign(vm, arg);
	return irqfd_assign(vm, arg);
}

/* ---- life ---- */

void irqfd_vm_init(struct vm *vm)
{
	spin_lock_init(&vm->irq.irqfds_lock);
	INIT_LIST_HEAD(&vm->irq.irqfds);
	INIT_LIST_HEAD(&vm->irq.resamplers);
}

void irqfd_release(struct vm *vm)
{
	irqfds_end(vm, NULL, 0);
	/* Others end since their eventfd was closed. */
	flush_workqueue(irqfd_wq);
}

int irqfd_init(void)
{
	irqfd_wq = alloc_workqueue("vmxdbg-irqfd", WQ_UNBOUND, 0);
	return irqfd_wq ? 0 : -ENOMEM;
}

void irqfd_exit(void)
{
	destroy_workqueue(irqfd_wq);
}
