// SPDX-License-Identifier: GPL-2.0-only
/* CR3 targets of each vCPU: address spaces that it can enter without an exit. */
#include <linux/bits.h>
#include <linux/minmax.h>
#include <asm/vmx.h>

#include "debug/track_space.h"
#include "debug/track_table.h"
#include "debug/track_vcpu.h"
#include "debug/types.h"
#include "lib/paging.h"
#include "lib/walk.h"
#include "vcpu.h"
#include "vm.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

static unsigned int track_vcpu_targets(void)
{
	return max_t(unsigned int, 1, min_t(unsigned int, vmx_ctl.cr3_targets,
					    TRACK_TARGETS));
}

static void track_vcpu_release(struct vcpu *vcpu)
{
	struct track_vcpu *tv = &vcpu->track;
	unsigned int i;

	for (i = 0; i < TRACK_TARGETS; i++) {
		if (tv->target[i].root)
			tv->target[i].root->users--;
		tv->target[i].root = NULL;
	}
	tv->next = 0;
}

/* MOV to CR3 of a CR3-target value does not exit (SDM vol. 3, 26.1.3). */
static void track_vcpu_write(struct vcpu *vcpu)
{
	struct track_vcpu *tv = &vcpu->track;
	unsigned int i;

	vmcs_get(&vcpu->vmcs);
	for (i = 0; i < vmx_ctl.cr3_targets && i < TRACK_TARGETS; i++) {
		if (!tv->target[i].root)
			break;
		vmcs_write(CR3_TARGET_VALUE0 + 2 * i, tv->target[i].value);
	}
	vmcs_put();
	tv->nr = i;
}

int track_vcpu_attach(struct track_scan *scan, struct vcpu *vcpu, const struct walk_mode *mode)
{
	u8 paging = paging_of(mode);
	struct track_vcpu *tv = &vcpu->track;
	u64 value = mode->cr3;
	struct guest_table *root;
	unsigned int i;
	int r = space_add_mode(scan, paging);

	if (r || !scan->vm->track.nr_any)
		return r;
	if (tv->paging != paging)
		track_vcpu_release(vcpu);
	tv->paging = paging;
	if ((tv->source & ~BIT_ULL(63)) == value)
		value = tv->source;
	for (i = 0; i < track_vcpu_targets(); i++)
		if (tv->target[i].root && tv->target[i].value == value)
			return 0;
	r = space_use(scan, paging, mode->cr3, &root);
	if (r)
		return r;
	i = tv->next;
	tv->next = (i + 1) % track_vcpu_targets();
	if (tv->target[i].root)
		tv->target[i].root->users--;
	tv->target[i].root = root;
	tv->target[i].value = value;
	track_vcpu_write(vcpu);
	return 0;
}

void track_vcpu_release_all(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++)
		track_vcpu_release(vcpu);
}
