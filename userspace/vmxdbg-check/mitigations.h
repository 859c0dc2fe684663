/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows about the kernel's answers to processor flaws. */
#ifndef VMXDBG_CHECK_MITIGATIONS_H
#define VMXDBG_CHECK_MITIGATIONS_H

#include "host.h"

void check_mitigations(const struct host *host);

#endif
