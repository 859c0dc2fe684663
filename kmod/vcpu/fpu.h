/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's FPU state: one XSAVE area of the standard format. Between context_enter()
 * and context_leave() the state is in the CPU, and the functions that access the area
 * must not be called. IA32_XSS of the guest is 0; XCR0 has at most the host's bits.
 */
#ifndef VMXDBG_VCPU_FPU_H
#define VMXDBG_VCPU_FPU_H

#include <linux/types.h>

struct kvm_fpu;
struct vcpu;

/* At module load: read sizes and masks. Return: 0, or -EOPNOTSUPP without XSAVE. */
int fpu_init(void);

extern u64 fpu_xcr0_mask;		/* components that guests may have */
extern u64 fpu_host_xcr0;

/* Allocate the area, in its state after RESET. Return: 0 or -ENOMEM. */
int vcpu_fpu_alloc(struct vcpu *vcpu);
void vcpu_fpu_free(struct vcpu *vcpu);

/* KVM_GET_FPU, KVM_SET_FPU. Return: -EINVAL for an MXCSR that raises #GP. */
void vcpu_get_fpu(struct vcpu *vcpu, struct kvm_fpu *fpu);
int vcpu_set_fpu(struct vcpu *vcpu, const struct kvm_fpu *fpu);

/* Single registers, as an MMX instruction accesses them (SDM vol. 1, 9.5.1) */
u64 vcpu_mmx(struct vcpu *vcpu, unsigned int nr);
void vcpu_mmx_set(struct vcpu *vcpu, unsigned int nr, u64 val);

/* The words that FNSTCW and FNSTSW store */
u16 vcpu_x87_control(const struct vcpu *vcpu);
u16 vcpu_x87_status(const struct vcpu *vcpu);

/* Low 256 bits of a vector register; the upper half reads 0 without AVX. */
void vcpu_vector(struct vcpu *vcpu, unsigned int nr, u64 val[4]);

/* @upper: write bits above 127 as well, and clear those above 255 */
void vcpu_vector_set(struct vcpu *vcpu, unsigned int nr, const u64 val[4], bool upper);

/* Return: whether the guest may set @xcr0 (SDM vol. 1, 13.3). */
bool vcpu_xcr0_valid(struct vcpu *vcpu, u64 xcr0);

/* Return: whether @mxcsr has no reserved bits. */
bool fpu_mxcsr_valid(u32 mxcsr);

/* Bytes of component @nr in an XSAVE area; @nr is 2 or more and in fpu_xcr0_mask */
void fpu_component(unsigned int nr, u32 *offset, u32 *size);

/* Return: bytes of an XSAVE area of the standard format. */
u32 fpu_xsave_size(u64 xcr0);

/* Exit handler, between context_enter() and context_leave(). Return: RUN_RESUME. */
int exit_xsetbv(struct vcpu *vcpu);

#endif
