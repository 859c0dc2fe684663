/* SPDX-License-Identifier: GPL-2.0-only */

#ifndef VMXDBG_IOCTL_DEBUGFS_H
#define VMXDBG_IOCTL_DEBUGFS_H

#include <linux/types.h>

void debugfs_init(void);
void debugfs_exit(void);

#endif
