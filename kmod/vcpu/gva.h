/* SPDX-License-Identifier: GPL-2.0-only */
/* Linear addresses of a guest, through the page tables it has now. */
#ifndef VMXDBG_VCPU_GVA_H
#define VMXDBG_VCPU_GVA_H

#include <linux/types.h>

struct vcpu;
struct vmxdbg_translate;

int vcpu_translate(struct vcpu *vcpu, u64 gva, u64 *gpa, struct vmxdbg_translate *t);
/*
 * the same where breakpoints are, found again without a walk; it does not sleep
 * with page faults disabled
 */
int vcpu_translate_again(struct vcpu *vcpu, u64 gva, u64 *gpa);
/* bytes transferred; 0 when @gva is not mapped to memory; no protection checks */
size_t gva_read(struct vcpu *vcpu, u64 gva, void *buf, size_t len);
/*
 * the same without sleeping, in its own thread; 0, -ENXIO where no memory is
 * mapped, -EAGAIN when address @missing of the VMM has to be faulted in
 */
int gva_read_nofault(struct vcpu *vcpu, u64 gva, void *buf, size_t len,
		     unsigned long *missing);
size_t gva_write(struct vcpu *vcpu, u64 gva, const void *buf, size_t len);
/* as an instruction of the guest: on a fault the #PF is queued and -EFAULT */
int gva_access_check(struct vcpu *vcpu, u64 gva, u32 walk_access, u64 *gpa);

#endif
