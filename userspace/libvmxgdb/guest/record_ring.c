// SPDX-License-Identifier: MIT
/* The target's ring of records, and the parts of a record. */
#include <errno.h>

#include "guest/record_ring.h"
#include "guest/reply.h"
#include "guest/target.h"

/* About a second of hits, as fast as the guest can have them. */
#define RING_SIZE	(1U << 22)

int record_ring_open(struct stub *s)
{
	int result;

	if (s->records.open)
		return 0;
	result = target_call(s->target, ring_open, RING_SIZE);
	if (result < 0)
		return reply_error(s, -EINVAL, result == -EOPNOTSUPP ?
				   "this target records nothing" :
				   "the target has no memory for records");
	s->records = (struct records){ .open = true };
	return 0;
}

/* ---- the parts of a record ---- */

static size_t block_size(const struct vmxdbg_record_block *block)
{
	size_t bytes = block->flags & VMXDBG_BLOCK_MISSING ? 0 : block->len;

	return sizeof(*block) + (bytes + 7) / 8 * 8;
}

const struct vmxdbg_record_block *record_block(const struct vmxdbg_record *record,
						const struct vmxdbg_record_block *block)
{
	const char *next = (const char *)(record + 1);

	if (block)
		next = (const char *)block + block_size(block);
	else if (record->flags & VMXDBG_RECORD_GENERAL)
		next += sizeof(struct kvm_regs);
	return next < (const char *)record + record->size ? (const void *)next : NULL;
}

const void *record_bytes(const struct vmxdbg_record_block *block)
{
	return block->flags & VMXDBG_BLOCK_MISSING ? NULL : block + 1;
}
