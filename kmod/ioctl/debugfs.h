/* SPDX-License-Identifier: GPL-2.0-only */

#ifndef VMXDBG_IOCTL_DEBUGFS_H
#define VMXDBG_IOCTL_DEBUGFS_H

#include <linux/types.h>

void stat_init(void);
void stat_exit(void);

#endif
