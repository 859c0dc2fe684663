/* SPDX-License-Identifier: GPL-2.0-only */
/* Several fake VMs in one process. */
#ifndef FAKE_VMS_H
#define FAKE_VMS_H

#include "guest/target.h"

#define FAKE_VMS_MAX	3
#define FAKE_VM_FIRST	7	/* number of the first VM */

/* The VM that all functions of the fake target are about: 0 to FAKE_VMS_MAX - 1 */
extern int fake_vm;

/**
 * struct fake_session - a target
 * @target: operations
 * @vm: the VM that it is attached to, -1 if there is none
 */
struct fake_session {
	struct target target;
	int vm;
};

/* The operations of @of, for the VM of each session. @attach and @list choose it. */
void fake_vms_wrap(const struct target_ops *of);
extern const struct target_ops fake_vms_ops;

#endif /* FAKE_VMS_H */
