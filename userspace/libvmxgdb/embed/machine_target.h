/* SPDX-License-Identifier: MIT */
/* The operations of a machine that the stub calls. */
#ifndef VMXGDB_MACHINE_TARGET_H
#define VMXGDB_MACHINE_TARGET_H

#include "embed/machine.h"

extern const struct target_ops machine_target_ops;

#endif /* VMXGDB_MACHINE_TARGET_H */
