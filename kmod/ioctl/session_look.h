/* SPDX-License-Identifier: GPL-2.0-only */
/* The ioctls of a session that list and describe, and change nothing. */
#ifndef VMXDBG_IOCTL_SESSION_LOOK_H
#define VMXDBG_IOCTL_SESSION_LOOK_H

#include <linux/compiler.h>

struct session;
struct vmxdbg_object_list;
struct vmxdbg_place;
struct vmxdbg_slot_list;
struct vmxdbg_vcpu_list;

/*
 * All functions here: session->mutex held; may sleep. They copy the argument, check it,
 * and copy the results. Return: 0 or the error of the ioctl.
 */
int session_get_slots(struct session *s, struct vmxdbg_slot_list __user *user);
int session_get_place(struct session *s, struct vmxdbg_place __user *user);
int session_list_objects(struct session *s, struct vmxdbg_object_list __user *user);
int session_list_vcpus(struct session *s, struct vmxdbg_vcpu_list __user *user);

#endif
