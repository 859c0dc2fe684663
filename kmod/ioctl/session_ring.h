/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring of records of a session: set, mapped, removed. */
#ifndef VMXDBG_IOCTL_SESSION_RING_H
#define VMXDBG_IOCTL_SESSION_RING_H

#include <linux/poll.h>
#include <linux/types.h>

struct file;
struct session;
struct vm_area_struct;
struct vmxdbg_set_ring;

/* VMXDBG_SET_RING. Context: session->mutex held. Return: 0 or the error of the ioctl. */
int session_set_ring(struct session *s, const struct vmxdbg_set_ring *arg);
void session_free_ring(struct session *s);	/* no-op without a ring */
int session_mmap(struct file *file, struct vm_area_struct *vma);
__poll_t session_poll_ring(struct session *s);	/* after poll_wait(): EPOLLPRI or 0 */

#endif
