/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows about the module's device and the right to use it. */
#ifndef VMXDBG_CHECK_DEVICE_H
#define VMXDBG_CHECK_DEVICE_H

#include "host.h"

void check_device(const struct host *host);

#endif
