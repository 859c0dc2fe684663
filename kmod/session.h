/* SPDX-License-Identifier: GPL-2.0-only */
/* A debugger's hold on a VM: one per VM, belongs to its file descriptor. */
#ifndef VMXDBG_SESSION_H
#define VMXDBG_SESSION_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "object.h"
#include "vm.h"
#include "vmxdbg.h"

#define OBJECTS_MAX	65536	/* of a session */

struct file;
struct vcpu;
struct vm_area_struct;

struct session {
	struct vm *vm;			/* with a reference */
	struct mutex mutex;		/* one ioctl at a time */
	wait_queue_head_t wq;		/* for events */

	/* vm->dbg_lock */
	bool closing;			/* takes no events any more */
	bool gone_read;			/* VMXDBG_WHY_GONE was */
	u32 next_vcpu;			/* whose event is looked for first */

	/* mutex */
	struct xarray objects;		/* id -> struct object */
	unsigned int nr_objects;
};

/* for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++): the vCPU at or after @i */
static inline struct vcpu *vm_next_vcpu(struct vm *vm, unsigned int *i)
{
	for (; *i < VM_MAX_VCPUS; (*i)++)
		if (vm_vcpu(vm, *i))
			return vm_vcpu(vm, *i);
	return NULL;
}

/* ---- attach.c: for main.c and vm.c ---- */
long vm_list_ioctl(struct vmxdbg_vm_list __user *user);
long vm_attach_ioctl(struct vmxdbg_attach __user *user);

/* ---- session.c ---- */
/**
 * session_create_fd() - begin a session with @vm
 * Takes over the caller's reference on @vm, also when it fails.
 * Return: a file descriptor; -EBUSY, -ENODEV, -ENOMEM, -EINTR...
 */
int session_create_fd(struct vm *vm);

/* ---- session_object.c; session->mutex held ---- */
/* Gives @obj its id. Return: 0, -ENOSPC, -ENOMEM. */
int session_enter(struct session *s, struct object *obj);
void session_forget(struct session *s, struct object *obj);
int session_del(struct session *s, unsigned long id);	/* 0 or -ENOENT */
void session_del_all(struct session *s);
int session_get_object(struct session *s, struct vmxdbg_object *arg);

/* ---- session_ioctl.c ---- */
long session_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* ---- session_mem.c ---- */
/**
 * session_mem() - VMXDBG_READ_MEM and VMXDBG_WRITE_MEM
 * @mem: checked here; @done is right on return, whatever that is
 * Context: session->mutex.
 * Return: 0 or what the ioctl returns.
 */
int session_mem(struct session *s, struct vmxdbg_mem *mem, bool write);

/* ---- session_ring.c ---- */
/* VMXDBG_SET_RING. Context: session->mutex. Return: what the ioctl returns. */
int session_set_ring(struct session *s, const struct vmxdbg_set_ring *arg);
void session_free_ring(struct session *s);	/* if there is one */
int session_mmap(struct file *file, struct vm_area_struct *vma);
__poll_t session_poll_ring(struct session *s);	/* after poll_wait(): EPOLLPRI or 0 */

/* ---- stop.c: see also vcpu.h ---- */
/* A vCPU that nobody else can see yet; vm->lock held. */
void stop_init_vcpu(struct vcpu *vcpu);
/**
 * stop_vcpus() - no vCPU of @mask runs guest code when this has returned 0
 * Context: session->mutex. Return: 0, -ERESTARTSYS on a signal.
 */
int stop_vcpus(struct vm *vm, u64 mask);
/**
 * stop_lock() - take a stopped vCPU's state into one's hands
 * Waits for the moment it takes a vCPU that has stopped by itself to come out.
 * Context: session->mutex; state_mutex is held after success.
 * Return: 0, -EBUSY when it is not stopped, -EINTR or -ERESTARTSYS on a signal.
 */
int stop_lock(struct vcpu *vcpu);
void stop_unlock(struct vcpu *vcpu);
/* stop_lock() held: what VMXDBG_RESUME says happens after stop_unlock(). */
void stop_resume(struct vcpu *vcpu, const struct vmxdbg_resume *arg);
/* The session is closing and its breakpoints are gone: all vCPUs run. */
void stop_end(struct vm *vm);
/**
 * stop_hold() - VMXDBG_HOLD
 * @on: 1 to hold the vCPUs that are and that will be, 0 to let them go
 * Context: may sleep, takes vm->lock.
 * Return: 0, -EINVAL, -EBUSY when there is a session, -EINTR.
 */
int stop_hold(struct vm *vm, unsigned long on);

#endif
