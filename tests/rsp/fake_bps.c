// SPDX-License-Identifier: GPL-2.0-only
/* Breakpoints and watchpoints of the fake target. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_bps.h"
#include "fake_catch.h"
#include "fake_machine.h"

bool fake_is_data(const struct vmxdbg_bp *bp)
{
	return bp->type == VMXDBG_BP_WRITE || bp->type == VMXDBG_BP_ACCESS ||
	       bp->type == VMXDBG_BP_READ;
}

static void check_bp(const struct vmxdbg_bp *bp)
{
	contract(fake.attached);
	contract(bp->id == 0 && bp->type <= VMXDBG_BP_EXEC);
	contract(!(bp->flags & ~(VMXDBG_BP_PHYSICAL | VMXDBG_BP_CR3)));
	contract(bp->flags & VMXDBG_BP_CR3 ? !(bp->cr3 & 0xfff) : !bp->cr3);
	contract(bp->len && bp->addr + bp->len - 1 >= bp->addr);
	if (bp->type == VMXDBG_BP_SOFT || bp->type == VMXDBG_BP_HARD)
		contract(bp->len == 1);
	if (bp->flags & VMXDBG_BP_PHYSICAL)
		contract(!bp->vcpu && bp->type != VMXDBG_BP_HARD);
	else
		fake_stopped(bp->vcpu);
}

int fake_add_bp(struct target *t, struct vmxdbg_bp *bp)
{
	int i, hard = 0;

	check_bp(bp);
	if (fake.gone)
		return -ENODEV;
	if (bp->type == VMXDBG_BP_SOFT && !fake_linear(bp->addr, 1))
		return -ENXIO;
	for (i = 0; i < fake.bps_used; i++)
		hard += fake.bps[i].id && fake.bps[i].type == VMXDBG_BP_HARD;
	if (bp->type == VMXDBG_BP_HARD && hard >= fake_env("FAKE_HARD", BPS_MAX))
		return -ENOSPC;
	for (i = 0; i < fake.bps_room; i++) {
		if (fake.bps[i].id)
			continue;
		if (fake_object_init(&fake.objects[i], (void *)(uintptr_t)bp->options))
			return -EINVAL;
		bp->id = ++fake.next_id;
		fake.bps[i] = *bp;
		if (i >= fake.bps_used)
			fake.bps_used = i + 1;
		return 0;
	}
	return -ENOSPC;
}

int fake_del_bp(struct target *t, uint32_t id)
{
	int i;

	contract(fake.attached && id);
	if (fake.gone)
		return -ENODEV;
	for (i = 0; i < fake.bps_used; i++) {
		if (fake.bps[i].id == id) {
			fake_object_free(&fake.objects[i]);
			fake.bps[i].id = 0;
			return 0;
		}
	}
	if (fake_catch_del(id))
		return 0;
	contract(!"there is no such breakpoint");
	return -ENOENT;
}

int fake_objects(struct target *t, struct vmxdbg_object_info **objects)
{
	int i, count = 0;

	contract(fake.attached);
	*objects = calloc(fake.bps_used + 1, sizeof(**objects));
	for (i = 0; i < fake.bps_used; i++) {
		const struct vmxdbg_bp *bp = &fake.bps[i];

		if (!bp->id)
			continue;
		(*objects)[count++] = (struct vmxdbg_object_info){
			.id = bp->id, .kind = VMXDBG_OBJECT_BP, .type = bp->type,
			.flags = bp->flags, .first = bp->addr, .last = bp->addr + bp->len - 1,
			.cr3 = bp->cr3, .sites = 1, .hits = fake.objects[i].hits,
			.vcpu_mask = bp->vcpu_mask, .vcpu_words = bp->vcpu_mask ? 1 :
			fake.objects[i].vcpu_words,
			.armed = fake_is_data(bp) ? VMXDBG_ARMED_REGISTER : VMXDBG_ARMED_COPY,
		};
	}
	return count;
}

int fake_vcpu_set(struct target *t, uint32_t id, uint64_t *words, uint32_t count)
{
	int i;

	contract(fake.attached && id);
	for (i = 0; i < fake.bps_used; i++)
		if (fake.bps[i].id == id)
			return fake_object_vcpus(&fake.objects[i], words, count);
	return -ENOENT;
}

int fake_hits(struct target *t, uint32_t id, uint64_t *hits)
{
	int i;

	contract(fake.attached && id);
	for (i = 0; i < fake.bps_used; i++) {
		if (fake.bps[i].id == id) {
			*hits = fake.objects[i].hits;
			return 0;
		}
	}
	return fake_catch_hits(id, hits) ? 0 : -ENOENT;
}

void fake_forget_bps(void)
{
	int i;

	for (i = 0; i < fake.bps_used; i++)
		fake_object_free(&fake.objects[i]);
	memset(fake.bps, 0, fake.bps_used * sizeof(*fake.bps));
	fake.bps_used = 0;
}
