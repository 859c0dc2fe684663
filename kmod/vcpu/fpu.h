/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's FPU state: one XSAVE area of the standard format, in the
 * processor between context_enter() and context_leave(). IA32_XSS is never the
 * guest's, and XCR0 only as far as the host's goes.
 */
#ifndef VMXDBG_VCPU_FPU_H
#define VMXDBG_VCPU_FPU_H

#include <linux/types.h>

struct kvm_fpu;
struct vcpu;

int fpu_init(void);			/* at module load: sizes, masks */

extern u64 fpu_xcr0_mask;		/* components that guests may have */
extern u64 fpu_host_xcr0;

int vcpu_fpu_alloc(struct vcpu *vcpu);
void vcpu_fpu_free(struct vcpu *vcpu);
void vcpu_get_fpu(struct vcpu *vcpu, struct kvm_fpu *fpu);
int vcpu_set_fpu(struct vcpu *vcpu, const struct kvm_fpu *fpu);
/* one register of it, outside of context_enter() to context_leave() */
u64 vcpu_mmx(struct vcpu *vcpu, unsigned int nr);
void vcpu_mmx_set(struct vcpu *vcpu, unsigned int nr, u64 val);
void vcpu_vector(struct vcpu *vcpu, unsigned int nr, u64 val[4]);
/* @upper: all bits above 127, of which those above 255 are cleared */
void vcpu_vector_set(struct vcpu *vcpu, unsigned int nr, const u64 val[4], bool upper);
bool vcpu_xcr0_valid(struct vcpu *vcpu, u64 xcr0);
bool fpu_mxcsr_valid(u32 mxcsr);
/* where component @nr, 2 or above and of fpu_xcr0_mask, is in an XSAVE area */
void fpu_component(unsigned int nr, u32 *offset, u32 *size);
u32 fpu_xsave_size(u64 xcr0);	/* of the standard format */
int exit_xsetbv(struct vcpu *vcpu);	/* fpu.c: the guest's context is loaded */

#endif
