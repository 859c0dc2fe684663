/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows about the hypervisor that holds VMX. */
#ifndef VMXDBG_CHECK_OWNER_H
#define VMXDBG_CHECK_OWNER_H

#include "host.h"

void check_owner(const struct host *host);

#endif
