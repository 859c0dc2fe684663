// SPDX-License-Identifier: GPL-2.0-only
/* The guest's FPU state, see fpu.h. */
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/types.h>
#include <asm/fpu/xcr.h>
#include <asm/processor.h>
#include <asm/vmx.h>

#include "lib/compat.h"
#include "vcpu.h"
#include "vcpu/event.h"
#include "vcpu/fpu.h"
#include "vcpu/regs.h"
#include "vmx/vmcs.h"

#define XCR0_OFFERED	(XFEATURE_MASK_FP | XFEATURE_MASK_SSE |		\
			 XFEATURE_MASK_YMM | XFEATURE_MASK_AVX512)

#define FCW_INIT	0x37f
#define MXCSR_INIT	0x1f80
#define MXCSR_MASK_OLD	0xffbf		/* if FXSAVE stores a mask of 0 */

/* Legacy region and XSAVE header (SDM vol. 1, 13.4) */
#define XSAVE_MIN_SIZE	576

#define XSAVE_LEAF	0xd
#define COMPONENTS	8		/* above all of XCR0_OFFERED */

u64 fpu_xcr0_mask, fpu_host_xcr0;
static u32 mxcsr_mask;
static u32 component_offset[COMPONENTS], component_end[COMPONENTS];

/* Cache the layout (SDM vol. 1, 13.2): CPUID is slow if the host is a guest itself. */
static void read_layout(void)
{
	u32 size, offset, ecx, edx;
	unsigned int i;

	for (i = 2; i < COMPONENTS; i++) {
		if (!(fpu_xcr0_mask & BIT_ULL(i)))
			continue;
		cpuid_count(XSAVE_LEAF, i, &size, &offset, &ecx, &edx);
		component_offset[i] = offset;
		component_end[i] = offset + size;
	}
}

u32 fpu_xsave_size(u64 xcr0)
{
	u32 size = XSAVE_MIN_SIZE;
	unsigned int i;

	for (i = 2; i < COMPONENTS; i++)
		if (xcr0 & BIT_ULL(i))
			size = max(size, component_end[i]);
	return size;
}

void fpu_component(unsigned int nr, u32 *offset, u32 *size)
{
	*offset = component_offset[nr];
	*size = component_end[nr] - component_offset[nr];
}

bool fpu_mxcsr_valid(u32 mxcsr)
{
	return !(mxcsr & ~mxcsr_mask);
}

static u32 read_mxcsr_mask(void)
{
	struct fxregs_state state __aligned(16) = { };

	kernel_fpu_begin();
	asm volatile("fxsave %0" : "+m" (state));
	kernel_fpu_end();
	return state.mxcsr_mask ?: MXCSR_MASK_OLD;
}

int fpu_init(void)
{
	if (!boot_cpu_has(X86_FEATURE_OSXSAVE))
		return -EOPNOTSUPP;
	fpu_host_xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
	fpu_xcr0_mask = fpu_host_xcr0 & XCR0_OFFERED;
	read_layout();
	mxcsr_mask = read_mxcsr_mask();
	return 0;
}

/* SDM vol. 1, 13.3, limited to the components in the guest's CPUID */
bool vcpu_xcr0_valid(struct vcpu *vcpu, u64 xcr0)
{
	u64 avx512 = xcr0 & XFEATURE_MASK_AVX512;

	if (!(xcr0 & XFEATURE_MASK_FP) ||
	    (xcr0 & ~(vcpu->xcr0_allowed | XFEATURE_MASK_FP)))
		return false;
	if ((xcr0 & XFEATURE_MASK_YMM) && !(xcr0 & XFEATURE_MASK_SSE))
		return false;
	return !avx512 || (avx512 == XFEATURE_MASK_AVX512 &&
			   (xcr0 & XFEATURE_MASK_YMM));
}

static void mark_in_use(struct xregs_state *xsave)
{
	xsave->header.xfeatures |= XFEATURE_MASK_FPSSE;
}

int vcpu_fpu_alloc(struct vcpu *vcpu)
{
	/* kzalloc() aligns powers of two to their size; XSAVE needs 64 bytes. */
	size_t size = roundup_pow_of_two(fpu_xsave_size(fpu_xcr0_mask));
	struct xregs_state *xsave = kzalloc(size, GFP_KERNEL_ACCOUNT);

	if (!xsave)
		return -ENOMEM;
	xsave->i387.cwd = FCW_INIT;
	xsave->i387.mxcsr = MXCSR_INIT;
	mark_in_use(xsave);
	vcpu->xsave = xsave;
	return 0;
}

void vcpu_fpu_free(struct vcpu *vcpu)
{
	kfree(vcpu->xsave);
	vcpu->xsave = NULL;
}

void vcpu_get_fpu(struct vcpu *vcpu, struct kvm_fpu *fpu)
{
	const struct fxregs_state *fx = vcpu->xsave;

	memset(fpu, 0, sizeof(*fpu));
	memcpy(fpu->fpr, fx->st_space, sizeof(fpu->fpr));
	memcpy(fpu->xmm, fx->xmm_space, sizeof(fpu->xmm));
	fpu->fcw = fx->cwd;
	fpu->fsw = fx->swd;
	fpu->ftwx = fx->twd;
	fpu->last_opcode = fx->fop;
	fpu->last_ip = fx->rip;
	fpu->last_dp = fx->rdp;
	fpu->mxcsr = fx->mxcsr;
}

int vcpu_set_fpu(struct vcpu *vcpu, const struct kvm_fpu *fpu)
{
	struct fxregs_state *fx = vcpu->xsave;

	if (!fpu_mxcsr_valid(fpu->mxcsr))
		return -EINVAL;		/* XRSTOR would fault */
	memcpy(fx->st_space, fpu->fpr, sizeof(fpu->fpr));
	memcpy(fx->xmm_space, fpu->xmm, sizeof(fpu->xmm));
	fx->cwd = fpu->fcw;
	fx->swd = fpu->fsw;
	fx->twd = fpu->ftwx;
	fx->fop = fpu->last_opcode;
	fx->rip = fpu->last_ip;
	fx->rdp = fpu->last_dp;
	fx->mxcsr = fpu->mxcsr;
	mark_in_use(vcpu->xsave);
	return 0;
}

/* ---- single registers ---- */

#define X87_TOP(swd)	((swd) >> 11 & 7)
#define X87_TOP_MASK	(7 << 11)

/*
 * SDM vol. 1, 9.2.1: MMX register n is physical x87 register n, st_space begins at
 * TOP.
 */
static u64 *mmx_register(struct fxregs_state *fx, unsigned int nr)
{
	return (u64 *)&fx->st_space[4 * ((nr - X87_TOP(fx->swd)) & 7)];
}

/* SDM vol. 1, 9.5.1: an MMX instruction sets TOP to 0 and tags all registers valid. */
static void enter_mmx(struct fxregs_state *fx)
{
	u32 old[32];
	unsigned int i;

	memcpy(old, fx->st_space, sizeof(old));
	for (i = 0; i < 8; i++)
		memcpy(&fx->st_space[4 * i],
		       &old[4 * ((i - X87_TOP(fx->swd)) & 7)], 16);
	fx->swd &= ~X87_TOP_MASK;
	fx->twd = 0xff;
}

u16 vcpu_x87_control(const struct vcpu *vcpu)
{
	const struct fxregs_state *fx = vcpu->xsave;

	return fx->cwd;
}

u16 vcpu_x87_status(const struct vcpu *vcpu)
{
	const struct fxregs_state *fx = vcpu->xsave;

	return fx->swd;
}

u64 vcpu_mmx(struct vcpu *vcpu, unsigned int nr)
{
	enter_mmx(vcpu->xsave);
	mark_in_use(vcpu->xsave);
	return *mmx_register(vcpu->xsave, nr);
}

/* SDM vol. 1, 9.2.1: a write sets the exponent to ones. */
void vcpu_mmx_set(struct vcpu *vcpu, unsigned int nr, u64 val)
{
	u64 *reg;

	enter_mmx(vcpu->xsave);
	mark_in_use(vcpu->xsave);
	reg = mmx_register(vcpu->xsave, nr);
	reg[0] = val;
	reg[1] |= 0xffff;
}

/*
 * Part @nr, @size bytes, of a component. A component not in use is cleared first.
 * Return: NULL if XCR0 does not enable @xfeature.
 */
static void *component_part(struct vcpu *vcpu, unsigned int xfeature,
			    unsigned int nr, unsigned int size)
{
	struct xregs_state *xsave = vcpu->xsave;
	void *component;

	if (!(vcpu->xcr0 & BIT_ULL(xfeature)))
		return NULL;
	component = vcpu->xsave + component_end[xfeature] - 16 * size;
	if (!(xsave->header.xfeatures & BIT_ULL(xfeature))) {
		memset(component, 0, 16 * size);
		xsave->header.xfeatures |= BIT_ULL(xfeature);
	}
	return component + nr * size;
}

void vcpu_vector(struct vcpu *vcpu, unsigned int nr, u64 val[4])
{
	struct fxregs_state *fx = vcpu->xsave;
	const void *upper = component_part(vcpu, XFEATURE_YMM, nr, 16);

	memcpy(val, &fx->xmm_space[4 * nr], 16);
	if (upper)
		memcpy(val + 2, upper, 16);
	else
		memset(val + 2, 0, 16);
}

void vcpu_vector_set(struct vcpu *vcpu, unsigned int nr, const u64 val[4], bool upper)
{
	struct fxregs_state *fx = vcpu->xsave;
	void *ymm, *zmm;

	memcpy(&fx->xmm_space[4 * nr], val, 16);
	mark_in_use(vcpu->xsave);
	if (!upper)
		return;
	ymm = component_part(vcpu, XFEATURE_YMM, nr, 16);
	if (ymm)
		memcpy(ymm, val + 2, 16);
	zmm = component_part(vcpu, XFEATURE_ZMM_Hi256, nr, 32);
	if (zmm)
		memset(zmm, 0, 32);
}

/* XSETBV exits unconditionally (SDM vol. 3, 26.1.2), after the check for #UD. */
int exit_xsetbv(struct vcpu *vcpu)
{
	u64 xcr0 = (u32)vcpu->regs[GPR_RAX] | vcpu->regs[GPR_RDX] << 32;

	if (vcpu_cpl(vcpu) || (u32)vcpu->regs[GPR_RCX] ||
	    !vcpu_xcr0_valid(vcpu, xcr0)) {
		vcpu_raise_gp0(vcpu);
		return RUN_RESUME;
	}
	vcpu->xcr0 = xcr0;
	xsetbv(XCR_XFEATURE_ENABLED_MASK, xcr0);
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	return RUN_RESUME;
}
