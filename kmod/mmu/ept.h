/* SPDX-License-Identifier: GPL-2.0-only */
/* EPT violations on guest memory. */
#ifndef VMXDBG_MMU_EPT_H
#define VMXDBG_MMU_EPT_H

#include <linux/types.h>

struct vcpu;

/**
 * ept_fault() - map guest memory in the view that the vCPU uses
 * @write: the access was a write
 * @fetch: the access was an instruction fetch
 * Context: the vCPU's thread, may sleep; takes mmu_lock.
 * Return: 0 (also when a signal is pending: enter again or leave), -ENXIO without a
 * slot or for a write to a read-only slot (MMIO), -EFAULT where the VMM has no page,
 * -ENOMEM, -EINTR. A poisoned page is reported by SIGBUS, as KVM does.
 */
int ept_fault(struct vcpu *vcpu, u64 gpa, bool write, bool fetch);

/**
 * ept_prefault() - map guest memory as for a read, in the view of the vCPU's next entry
 * Context: the thread that has vcpu->mutex, may sleep; takes mmu_lock.
 * Return: bytes from @gpa to the end of the page that is mapped, or -ENOENT without a slot,
 * -EFAULT where the VMM has no page, -ENOMEM, -EINTR also when a signal is pending.
 */
long ept_prefault(struct vcpu *vcpu, u64 gpa);

#endif
