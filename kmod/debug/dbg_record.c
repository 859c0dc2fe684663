// SPDX-License-Identifier: GPL-2.0-only
/* Records of hits in the session's ring (struct vmxdbg_record). */
#include <linux/align.h>
#include <linux/poll.h>
#include <linux/rcupdate.h>
#include <linux/wait.h>
#include <asm/msr.h>

#include "debug/bytecode_env.h"
#include "debug/dbg_object.h"
#include "debug/dbg_record.h"
#include "lib/ring.h"
#include "mmu/gpa.h"
#include "vcpu.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vmxdbg.h"

static u32 record_size(const struct dbg_object *obj, const struct traces *t)
{
	u32 size = sizeof(struct vmxdbg_record), i;

	if (obj->record_flags & VMXDBG_RECORD_GENERAL)
		size += sizeof(struct kvm_regs);
	for (i = 0; i < t->nr; i++)
		size += sizeof(t->trace[i].block) + ALIGN(t->trace[i].block.len, 8);
	return size;
}

static int read_block(struct vcpu *vcpu, const struct vmxdbg_record_block *block,
		      u64 value, void *to)
{
	unsigned long *missing = &vcpu->hit_point.missing;

	if (block->flags & VMXDBG_BLOCK_MISSING)
		return -ENXIO;
	if (block->flags & VMXDBG_BLOCK_VARIABLE) {
		*(u64 *)to = value;
		return 0;
	}
	if (block->flags & VMXDBG_BLOCK_PHYSICAL)
		return gpa_read_nofault(vcpu->vm, block->addr, to, block->len, missing);
	return gva_read_nofault(vcpu, block->addr, to, block->len, missing);
}

/* Return: the size of the block in bytes, or -EAGAIN. */
static int put_block(struct vcpu *vcpu, struct vmxdbg_record_block *to,
		     const struct vmxdbg_record_block *block, u64 value)
{
	u32 room = ALIGN(block->len, 8);
	void *data = to + 1;
	int r;

	/* Do not leave bytes of an older record in the padding. */
	if (room)
		*(u64 *)(data + room - 8) = 0;
	r = read_block(vcpu, block, value, data);
	if (r == -EAGAIN)
		return r;
	*to = *block;
	if (!r)
		return sizeof(*to) + room;
	to->flags |= VMXDBG_BLOCK_MISSING;
	return sizeof(*to);
}

/* Return: the size of the record in bytes, or -EAGAIN. */
static int record_fill(struct vcpu *vcpu, const struct dbg_object *obj, const struct traces *t,
		       struct vmxdbg_record *rec)
{
	u32 size = sizeof(*rec), i;
	int r;

	if (obj->record_flags & VMXDBG_RECORD_GENERAL) {
		vcpu_get_regs(vcpu, (void *)rec + size);
		size += sizeof(struct kvm_regs);
	}
	for (i = 0; i < t->nr; i++) {
		r = put_block(vcpu, (void *)rec + size, &t->trace[i].block, t->trace[i].value);
		if (r < 0)
			return r;
		size += r;
	}
	*rec = (struct vmxdbg_record){
		.size = size,
		.flags = obj->record_flags,
		.vcpu = vcpu->id,
		.id = obj->id,
		.tsc = rdtsc(),
		.rip = vcpu_linear_rip(vcpu),
	};
	return size;
}

static int put(struct vcpu *vcpu, struct dbg_object *obj, const struct traces *t,
	       struct ring *ring)
{
	struct vmxdbg_record *rec;
	u64 old = 0;
	int r = 0;

	spin_lock(&ring->lock);
	rec = ring_begin(ring, record_size(obj, t));
	if (rec)
		r = record_fill(vcpu, obj, t, rec);
	if (r > 0)
		old = ring_commit(ring, r);
	spin_unlock(&ring->lock);
	/* wq_has_sleeper() is the barrier that ring_wants_wakeup() needs. */
	if (r > 0 && wq_has_sleeper(ring->wq) && ring_wants_wakeup(ring, old))
		wake_up_poll(ring->wq, EPOLLPRI);
	return r < 0 ? r : 0;
}

int dbg_record_hit(struct vcpu *vcpu, struct dbg_object *obj)
{
	struct traces traces;
	struct ring *ring;
	int r = 0;

	traces.nr = 0;
	traces.bytes = 0;
	/* RCU keeps the ring until the record is written and the reader woken up. */
	rcu_read_lock();
	ring = rcu_dereference(vcpu->vm->ring);
	if (ring && obj->record)
		r = bytecode_env_trace(vcpu, obj, &traces);
	if (ring && !r)
		r = put(vcpu, obj, &traces, ring);
	rcu_read_unlock();
	return r;
}
