/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows about the kernel, and whether it takes the module. */
#ifndef VMXDBG_CHECK_MODULE_H
#define VMXDBG_CHECK_MODULE_H

#include "host.h"

void check_module_loads(const struct host *host);

#endif
