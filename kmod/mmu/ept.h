/* SPDX-License-Identifier: GPL-2.0-only */
/* EPT violations on guest memory, and the flush. */
#ifndef VMXDBG_MMU_EPT_H
#define VMXDBG_MMU_EPT_H

#include <linux/types.h>

struct vcpu;

/*
 * maps @gpa in the view the vCPU uses; its thread, may sleep. 0, -ENXIO where
 * there is no slot (MMIO), -EFAULT where the VMM has no page, -ENOMEM, -EINTR
 */
int ept_fault(struct vcpu *vcpu, u64 gpa, bool write, bool fetch);

#endif
