// SPDX-License-Identifier: MIT
/* The target's ring of records. */
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

const void *record_bytes(const struct vmxdbg_record_block *block)
{
	return block->flags & VMXDBG_BLOCK_MISSING ? NULL : block + 1;
}
