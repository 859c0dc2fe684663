// SPDX-License-Identifier: MIT
/* gdb's memory map: the memory slots, while memory packets mean physical addresses. */
#include <errno.h>
#include <stdlib.h>

#include "guest/stub_types.h"
#include "guest/target.h"
#include "packet/memory_map.h"

int memory_map_make(struct stub *s, const char *annex, struct buf *out)
{
	struct vmxdbg_slot *slots = NULL;
	int i, count;

	/* gdb would read nothing outside of the map, and linear addresses have none. */
	if (!s->physical)
		return -ENOENT;
	count = target_call(s->target, slots, &slots);
	if (count < 0)
		return count == -EOPNOTSUPP ? -ENOENT : count;
	buf_puts(out, "<?xml version=\"1.0\"?>\n<memory-map>\n");
	for (i = 0; i < count; i++)
		buf_printf(out, "<memory type=\"%s\" start=\"0x%llx\" length=\"0x%llx\"/>\n",
			   slots[i].flags & KVM_MEM_READONLY ? "rom" : "ram",
			   (unsigned long long)slots[i].gpa,
			   (unsigned long long)slots[i].size);
	buf_puts(out, "</memory-map>\n");
	free(slots);
	return 0;
}
