/* SPDX-License-Identifier: GPL-2.0-only */
/* Finding VMs, and the right to debug them. */
#ifndef VMXDBG_IOCTL_ATTACH_H
#define VMXDBG_IOCTL_ATTACH_H

#include <linux/types.h>

struct vmxdbg_attach;
struct vmxdbg_vm_list;

long vm_list_ioctl(struct vmxdbg_vm_list __user *user);
long vm_attach_ioctl(struct vmxdbg_attach __user *user);

#endif
