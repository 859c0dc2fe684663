/* SPDX-License-Identifier: GPL-2.0-only */
/* A VM of the vmxdbg module as target. */
#ifndef VMXDBGD_TARGET_DEVICE_H
#define VMXDBGD_TARGET_DEVICE_H

struct options;
struct target;

/* Return: a target without a session, or NULL with errno set. */
struct target *target_open(const struct options *options);

#endif /* VMXDBGD_TARGET_DEVICE_H */
