// SPDX-License-Identifier: GPL-2.0-only
/* Linear addresses of a guest, through the page tables it has now. */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <asm/processor-flags.h>

#include "vcpu.h"
#include "walk.h"

#define VADDR_BITS	48	/* no 5-level paging in guests */

void vcpu_walk_mode(struct vcpu *vcpu, struct walk_mode *mode)
{
	unsigned int i;
	bool pae;

	vmcs_get(&vcpu->vmcs);
	mode->cr0 = vmcs_read(GUEST_CR0);
	mode->cr3 = vmcs_read(GUEST_CR3);
	mode->cr4 = vmcs_read(GUEST_CR4);
	mode->efer = vmcs_read(GUEST_IA32_EFER);
	mode->rflags = vmcs_read(GUEST_RFLAGS);
	pae = (mode->cr4 & X86_CR4_PAE) && !(mode->efer & EFER_LMA);
	for (i = 0; pae && i < ARRAY_SIZE(mode->pdpte); i++)
		mode->pdpte[i] = vmcs_read(GUEST_PDPTR0 + 2 * i);
	vmcs_put();
	mode->maxphyaddr = vcpu->maxphyaddr;
}

static int read_table(void *ctx, u64 gpa, void *buf, unsigned int len)
{
	struct vcpu *vcpu = ctx;

	return gpa_read(vcpu->vm, gpa, buf, len) == len ? 0 : -ENXIO;
}

int vcpu_translate(struct vcpu *vcpu, u64 gva, u64 *gpa, struct vmxdbg_translate *t)
{
	struct walk_result res;
	struct walk_mode mode;

	vcpu_walk_mode(vcpu, &mode);
	if (guest_walk(&mode, gva, 0, read_table, vcpu, &res))
		return -ENXIO;
	*gpa = res.gpa;
	if (!t)
		return 0;
	t->gpa = res.gpa;
	t->page_size = res.page_size;
	t->flags = 0;
	if (res.writable)
		t->flags |= VMXDBG_PAGE_WRITE;
	if (res.user)
		t->flags |= VMXDBG_PAGE_USER;
	if (res.executable)
		t->flags |= VMXDBG_PAGE_EXEC;
	return 0;
}

/* Pages that follow each other in linear memory need not in physical. */
size_t gva_read(struct vcpu *vcpu, u64 gva, void *buf, size_t len)
{
	size_t done = 0, part, got;
	u64 gpa;

	while (done < len) {
		part = min_t(size_t, len - done, PAGE_SIZE - offset_in_page(gva));
		if (vcpu_translate(vcpu, gva, &gpa, NULL))
			break;
		got = gpa_read(vcpu->vm, gpa, buf + done, part);
		done += got;
		gva += got;
		if (got < part)
			break;
	}
	return done;
}

size_t gva_write(struct vcpu *vcpu, u64 gva, const void *buf, size_t len)
{
	size_t done = 0, part, got;
	u64 gpa;

	while (done < len) {
		part = min_t(size_t, len - done, PAGE_SIZE - offset_in_page(gva));
		if (vcpu_translate(vcpu, gva, &gpa, NULL))
			break;
		got = gpa_write(vcpu->vm, gpa, buf + done, part);
		done += got;
		gva += got;
		if (got < part)
			break;
	}
	return done;
}

/* A and D bits are not set: the walk only looks. */
int gva_access_check(struct vcpu *vcpu, u64 gva, u32 walk_access, u64 *gpa)
{
	struct walk_result res;
	struct walk_mode mode;
	int r;

	vcpu_walk_mode(vcpu, &mode);
	if (!(mode.efer & EFER_LMA)) {
		gva = (u32)gva;
	} else if (!__is_canonical_address(gva, VADDR_BITS)) {
		vcpu_raise_gp0(vcpu);
		return -EFAULT;
	}
	walk_access |= WALK_CHECK;
	if (vcpu_cpl(vcpu) == 3)
		walk_access |= WALK_USER;
	r = guest_walk(&mode, gva, walk_access, read_table, vcpu, &res);
	if (r == -EFAULT)
		vcpu_raise_pf(vcpu, gva, res.error_code);
	else if (!r)
		*gpa = res.gpa;
	return r;
}
