// SPDX-License-Identifier: GPL-2.0-only
/* Start and end of a session, and read() and poll() of its events. */
#include <linux/anon_inodes.h>
#include <linux/bitops.h>
#include <linux/compat.h>
#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/poll.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "debug/session_object.h"
#include "debug/stop.h"
#include "debug/track.h"
#include "ioctl/session.h"
#include "ioctl/session_ioctl.h"
#include "ioctl/session_ring.h"
#include "ioctl/vm_life.h"
#include "lib/trace.h"
#include "vcpu.h"
#include "vm.h"
#include "vmxdbg.h"

/* ---- events ---- */

/* dbg_lock held. All vCPUs are among the first 64. */
static struct vcpu *next_event_of_few(struct session *s)
{
	u64 left = ror64(vcpu_table_first(&s->vm->vcpus), s->next_vcpu % VCPU_WORD);
	struct vcpu *vcpu;

	for (; left; left &= left - 1) {
		vcpu = vm_vcpu(s->vm, (s->next_vcpu + __ffs64(left)) % VCPU_WORD);
		if (vcpu && vcpu->event_ready)
			return vcpu;
	}
	return NULL;
}

/* dbg_lock held. */
static struct vcpu *next_event_of_many(struct session *s)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = s->next_vcpu; (vcpu = vm_next_vcpu(s->vm, &i)); i++)
		if (vcpu->event_ready)
			return vcpu;
	for (i = 0; (vcpu = vm_next_vcpu(s->vm, &i)) && i < s->next_vcpu; i++)
		if (vcpu->event_ready)
			return vcpu;
	return NULL;
}

/* dbg_lock held. Return: the next vCPU with an event, round robin, or NULL. */
static struct vcpu *next_event(struct session *s)
{
	return likely(vcpu_table_is_small(&s->vm->vcpus)) ? next_event_of_few(s) :
							    next_event_of_many(s);
}

/* Return: 1 with an event; 0 if no more will come; -EAGAIN if none is there now. */
static int take_event(struct session *s, struct vmxdbg_event *event)
{
	struct vm *vm = s->vm;
	struct vcpu *vcpu;
	int r = 1;

	spin_lock(&vm->dbg_lock);
	vcpu = next_event(s);
	if (vcpu) {
		*event = vcpu->dbg_event;
		vcpu->event_ready = false;
		s->next_vcpu = vcpu->id + 1;
	} else if (!vm->dead) {
		r = -EAGAIN;
	} else if (s->gone_read) {
		r = 0;
	} else {
		*event = (struct vmxdbg_event){ .why = VMXDBG_WHY_GONE };
		s->gone_read = true;
	}
	spin_unlock(&vm->dbg_lock);
	return r;
}

/* The copy to the caller failed, so the event stays unread. */
static void session_put_back(struct session *s, const struct vmxdbg_event *event)
{
	struct vm *vm = s->vm;
	struct vcpu *vcpu = vm_vcpu(vm, event->vcpu);

	spin_lock(&vm->dbg_lock);
	if (event->why & VMXDBG_WHY_GONE) {
		s->gone_read = false;
	} else if (vcpu->stop && !vcpu->event_ready) {
		vcpu->dbg_event = *event;
		vcpu->event_ready = true;
	}
	spin_unlock(&vm->dbg_lock);
	wake_up_all(&s->wq);
}

static int wait_event_of(struct session *s, struct vmxdbg_event *event, bool nonblock)
{
	int r = -EAGAIN, err;

	if (nonblock)
		return take_event(s, event);
	err = wait_event_interruptible(s->wq, (r = take_event(s, event)) != -EAGAIN);
	return err ? err : r;
}

static ssize_t session_read(struct file *file, char __user *buf, size_t len,
			    loff_t *pos)
{
	struct session *s = file->private_data;
	struct vmxdbg_event event;
	size_t done = 0;
	int r = 0;

	if (len < sizeof(event))
		return -EINVAL;
	while (len - done >= sizeof(event)) {
		/* Wait for the first event only. */
		r = wait_event_of(s, &event, done || (file->f_flags & O_NONBLOCK));
		if (r <= 0)
			break;
		if (copy_to_user(buf + done, &event, sizeof(event))) {
			session_put_back(s, &event);
			r = -EFAULT;
			break;
		}
		done += sizeof(event);
	}
	return done ? done : r;
}

static __poll_t session_poll(struct file *file, poll_table *wait)
{
	struct session *s = file->private_data;
	struct vm *vm = s->vm;
	__poll_t mask = 0;

	poll_wait(file, &s->wq, wait);
	spin_lock(&vm->dbg_lock);
	if (next_event(s) || (vm->dead && !s->gone_read))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (vm->dead)
		mask |= EPOLLHUP;
	spin_unlock(&vm->dbg_lock);
	return mask | session_poll_ring(s);
}

/* ---- life ---- */

/* Longest time that close() waits for a VMM that keeps the end from being complete. */
#define END_PATIENCE	HZ

static struct workqueue_struct *ends;

int __init session_init(void)
{
	ends = alloc_workqueue("vmxdbg_end", WQ_UNBOUND, 0);
	return ends ? 0 : -ENOMEM;
}

void session_exit(void)
{
	destroy_workqueue(ends);
}

static void session_put(struct session *s)
{
	if (!refcount_dec_and_test(&s->ends))
		return;
	mutex_destroy(&s->mutex);
	kfree(s);
}

/*
 * Leave the guest as if there had never been a session. Reports stop first, so that
 * a vCPU that hits a breakpoint passes over it. vm->session stays set until the end,
 * so that no other session finds leftovers.
 */
static void session_leave(struct work_struct *work)
{
	struct session *s = container_of(work, struct session, end_work);
	struct vm *vm = s->vm;

	spin_lock(&vm->dbg_lock);
	s->closing = true;
	spin_unlock(&vm->dbg_lock);

	mutex_lock(&s->mutex);
	session_del_all(s);
	session_free_ring(s);
	mutex_unlock(&s->mutex);
	stop_end(vm);
	track_end(vm);

	spin_lock(&vm->dbg_lock);
	vm->session = NULL;
	spin_unlock(&vm->dbg_lock);
	trace_vmxdbg_session(vm->id, false);

	vm_put(vm);
	complete(&s->ended);
	session_put(s);
}

/*
 * A thread of the VMM's may wait for a page that the VMM supplies (userfaultfd) with a
 * lock held that the end needs. A worker waits for that, not the debugger.
 */
static void session_end(struct session *s)
{
	refcount_set(&s->ends, 2);
	init_completion(&s->ended);
	INIT_WORK(&s->end_work, session_leave);
	queue_work(ends, &s->end_work);
	wait_for_completion_timeout(&s->ended, END_PATIENCE);
	session_put(s);
}

static int session_release(struct inode *inode, struct file *file)
{
	session_end(file->private_data);
	return 0;
}

static const struct file_operations session_fops = {
	.owner = THIS_MODULE,
	.read = session_read,
	.poll = session_poll,
	.mmap = session_mmap,
	.unlocked_ioctl = session_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = session_release,
	.llseek = noop_llseek,
};

static struct session *session_alloc(struct vm *vm)
{
	struct session *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return NULL;
	s->vm = vm;
	mutex_init(&s->mutex);
	init_waitqueue_head(&s->wq);
	xa_init_flags(&s->objects, XA_FLAGS_ALLOC1);
	return s;
}

static int session_claim(struct session *s)
{
	struct vm *vm = s->vm;
	int r = 0;

	if (mutex_lock_killable(&vm->lock))
		return -EINTR;
	spin_lock(&vm->dbg_lock);
	if (vm->dead)
		r = -ENODEV;
	else if (vm->session || vm->guest_debug_users)
		r = -EBUSY;
	else
		vm->session = s;
	spin_unlock(&vm->dbg_lock);
	mutex_unlock(&vm->lock);
	return r;
}

int session_create_fd(struct vm *vm)
{
	struct session *s = session_alloc(vm);
	int r = s ? session_claim(s) : -ENOMEM;

	if (r) {
		kfree(s);
		vm_put(vm);
		return r;
	}
	track_begin(vm);
	trace_vmxdbg_session(vm->id, true);
	r = anon_inode_getfd("[vmxdbg-session]", &session_fops, s, O_RDWR | O_CLOEXEC);
	if (r < 0)
		session_end(s);
	return r;
}
