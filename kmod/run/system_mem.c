// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to descriptor tables and task-state segments that the module makes in place
 * of the processor.
 */
#include <linux/mm.h>
#include <asm/processor-flags.h>

#include "debug/watch_insn.h"
#include "lib/walk.h"
#include "mmu/gpa.h"
#include "run/system_mem.h"
#include "vcpu.h"
#include "vcpu/control_regs.h"
#include "vcpu/debug_regs.h"
#include "vcpu/event.h"
#include "vcpu/gva.h"

static int system_read_entry(void *ctx, u64 gpa, void *buf, unsigned int len)
{
	struct vcpu *vcpu = ctx;

	return gpa_read(vcpu->vm, gpa, buf, len) == len ? 0 : -ENXIO;
}

static int system_check_page(struct vcpu *vcpu, u64 gva, u32 access)
{
	struct walk_result res;
	struct walk_mode mode;
	int r;

	vcpu_walk_mode(vcpu, &mode);
	if (!(mode.efer & EFER_LMA))
		gva = (u32)gva;
	mode.rflags &= ~(u64)X86_EFLAGS_AC;	/* implicit access: SDM vol. 3, 4.6.1 */
	r = guest_walk(&mode, gva, access | WALK_CHECK, system_read_entry, vcpu, &res);
	if (r == -EFAULT)
		vcpu_raise_pf(vcpu, gva, res.error_code);
	return r;
}

int system_check(struct vcpu *vcpu, u64 gva, u32 len, u32 access)
{
	u64 last = gva + len - 1;
	int r = system_check_page(vcpu, gva, access);

	if (!r && ((gva ^ last) & PAGE_MASK))
		r = system_check_page(vcpu, last & PAGE_MASK, access);
	return r;
}

void system_note(struct vcpu *vcpu, u64 gva, u32 len, bool write)
{
	if (READ_ONCE(vcpu->vm->nr_watches))
		watch_note(vcpu, gva, NULL, len, write);
}

int system_read(struct vcpu *vcpu, u64 gva, void *buf, u32 len)
{
	int r = system_check(vcpu, gva, len, 0);

	if (r)
		return r;
	if (gva_read(vcpu, gva, buf, len) != len)
		return -ENXIO;
	system_note(vcpu, gva, len, false);
	return 0;
}

int system_write(struct vcpu *vcpu, u64 gva, const void *buf, u32 len)
{
	int r = system_check(vcpu, gva, len, WALK_WRITE);

	if (r)
		return r;
	vcpu_note_access(vcpu, gva, len, true);
	system_note(vcpu, gva, len, true);
	return gva_write(vcpu, gva, buf, len) == len ? 0 : -ENXIO;
}
