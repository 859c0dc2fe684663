/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What has been found out in one hit_point about each object that was hit in it, so
 * that none counts twice: not when the hit_point comes again, and not when it is met
 * in two places.
 */
#ifndef VMXDBG_LIB_VERDICT_H
#define VMXDBG_LIB_VERDICT_H

#include <linux/types.h>

#define VERDICTS_FIRST	16	/* slots that are always there; a power of two */

enum verdict {
	VERDICT_GO,		/* nothing, or nothing more, comes of it */
	VERDICT_STOP,
	VERDICT_RECORD,		/* counted, the record is still to be made */
};

/* A hash table by id, half empty at least. Zeroed at first, and cleared. */
struct verdicts {
	u32 stamp;		/* of what was found out since verdicts_clear() */
	u32 nr, size;		/* size 0: it is @first */
	struct verdict_slot {
		u32 id, stamp;
		u8 verdict;	/* enum verdict */
	} first[VERDICTS_FIRST], *more;
};

void verdicts_clear(struct verdicts *v);
/* NULL: nothing is known */
u8 *verdicts_find(struct verdicts *v, u32 id);
/* must verdicts_grow() come before the next verdicts_add()? */
bool verdicts_full(const struct verdicts *v);
void verdicts_add(struct verdicts *v, u32 id, enum verdict verdict);
/* may sleep; what is known stays. -ENOMEM */
int verdicts_grow(struct verdicts *v);
void verdicts_free(struct verdicts *v);

#endif
