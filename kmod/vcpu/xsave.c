// SPDX-License-Identifier: GPL-2.0-only
/* The whole FPU state, as a VMM reads and writes it: see xsave.h. */
#include <linux/string.h>
#include <asm/page.h>
#include <asm/fpu/types.h>
#include <asm/fpu/xcr.h>

#include "vcpu.h"
#include "vcpu/fpu.h"
#include "vcpu/xsave.h"

#define LEGACY_FP	offsetof(struct fxregs_state, xmm_space)
#define MXCSR_OWNERS	(XFEATURE_MASK_FPSSE | XFEATURE_MASK_YMM)

/* Components that the guest's CPUID does not have are not marked in the header. */
void vcpu_get_xsave(struct vcpu *vcpu, void *area)
{
	const struct xregs_state *from = vcpu->xsave;
	struct xregs_state *to = area;

	memcpy(area, from, fpu_xsave_size(fpu_xcr0_mask));
	memset(&to->header, 0, sizeof(to->header));
	to->header.xfeatures = from->header.xfeatures &
			       (vcpu->xcr0_allowed | XFEATURE_MASK_FPSSE);
}

static bool header_valid(const struct xstate_header *header)
{
	return !(header->xfeatures & ~fpu_xcr0_mask) && !header->xcomp_bv &&
	       !memchr_inv(header->reserved, 0, sizeof(header->reserved));
}

static bool mxcsr_wanted(u64 features)
{
	return features & MXCSR_OWNERS;
}

/* The caller copies marked components only: the others are in their initial state. */
static void set_component(struct vcpu *vcpu, const void *area, unsigned int nr)
{
	u32 offset, size;

	fpu_component(nr, &offset, &size);
	memcpy(vcpu->xsave + offset, area + offset, size);
}

/* Owners of the bytes in the legacy region: SDM vol. 1, 13.4.1 */
static void set_legacy(struct fxregs_state *to, const struct fxregs_state *from,
		       u64 features)
{
	u32 mxcsr = to->mxcsr, mask = to->mxcsr_mask;

	if (mxcsr_wanted(features))
		mxcsr = from->mxcsr;
	if (features & XFEATURE_MASK_FP)
		memcpy(to, from, LEGACY_FP);
	if (features & XFEATURE_MASK_SSE)
		memcpy(to->xmm_space, from->xmm_space, sizeof(to->xmm_space));
	to->mxcsr = mxcsr;
	to->mxcsr_mask = mask;
}

int vcpu_set_xsave(struct vcpu *vcpu, const void *area)
{
	const struct xregs_state *from = area;
	struct xregs_state *to = vcpu->xsave;
	u64 features = from->header.xfeatures;
	unsigned int i;

	if (!header_valid(&from->header))
		return -EINVAL;
	if (mxcsr_wanted(features) && !fpu_mxcsr_valid(from->i387.mxcsr))
		return -EINVAL;		/* XRSTOR would fault */
	set_legacy(&to->i387, &from->i387, features);
	for (i = 2; i < 63; i++)
		if (features & BIT_ULL(i))
			set_component(vcpu, area, i);
	to->header.xfeatures = features;
	return 0;
}

void vcpu_get_xcrs(struct vcpu *vcpu, struct kvm_xcrs *xcrs)
{
	memset(xcrs, 0, sizeof(*xcrs));
	xcrs->nr_xcrs = 1;
	xcrs->xcrs[0].xcr = XCR_XFEATURE_ENABLED_MASK;
	xcrs->xcrs[0].value = vcpu->xcr0;
}

/* Same as KVM: registers other than XCR0 are ignored. */
int vcpu_set_xcrs(struct vcpu *vcpu, const struct kvm_xcrs *xcrs)
{
	unsigned int i;

	if (xcrs->nr_xcrs > KVM_MAX_XCRS || xcrs->flags)
		return -EINVAL;
	for (i = 0; i < xcrs->nr_xcrs; i++) {
		if (xcrs->xcrs[i].xcr != XCR_XFEATURE_ENABLED_MASK)
			continue;
		if (!vcpu_xcr0_valid(vcpu, xcrs->xcrs[i].value))
			return -EINVAL;
		vcpu->xcr0 = xcrs->xcrs[i].value;
		break;
	}
	return 0;
}
