/* SPDX-License-Identifier: GPL-2.0-only */
/* A VM of the vmxdbg module as target. */
#ifndef VMXDBGD_TARGET_DEVICE_H
#define VMXDBGD_TARGET_DEVICE_H

struct options;
struct target;

/* Open the module's device. Return: a file descriptor, or -1 with errno set. */
int device_open(const struct options *options);

/*
 * Return: a target without a session, or NULL if there is no memory. @device: see
 * device_open(); it must stay open as long as the target is used
 */
struct target *target_new(const struct options *options, int device);

#endif /* VMXDBGD_TARGET_DEVICE_H */
