// SPDX-License-Identifier: MIT
/* The guest's memory slots. */
#include <errno.h>
#include <stdlib.h>

#include "guest/slots.h"
#include "guest/target.h"

int slots_region(struct stub *s, uint64_t gpa, uint64_t *first, uint64_t *last, bool *memory)
{
	struct vmxdbg_slot *slots = NULL;
	int i, count = target_call(s->target, slots, &slots);

	*first = 0;
	*last = ~0ULL;
	*memory = false;
	if (count < 0)
		return count;
	for (i = 0; i < count && !*memory; i++) {
		uint64_t end = slots[i].gpa + slots[i].size - 1;

		if (end < gpa) {
			*first = end + 1;
		} else if (slots[i].gpa > gpa) {
			*last = slots[i].gpa - 1;
			break;
		} else {
			*first = slots[i].gpa;
			*last = end;
			*memory = true;
		}
	}
	free(slots);
	return 0;
}
