/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verdicts on the objects that matched at one hit point. With them no object counts
 * twice if the hit point is repeated, or if the object is found in two ways.
 */
#ifndef VMXDBG_LIB_VERDICT_H
#define VMXDBG_LIB_VERDICT_H

#include <linux/types.h>

#define VERDICTS_FIRST	16	/* slots that are always there; a power of two */

enum verdict {
	VERDICT_GO,		/* no hit, or its action is complete */
	VERDICT_STOP,
	VERDICT_RECORD,		/* counted, the record is not written yet */
	VERDICT_FAILED,		/* plus VMXDBG_ERROR_*: its bytecode failed */
};

/* A hash table by id, at least half empty. Starts as all zero and verdicts_clear(). */
struct verdicts {
	u32 stamp;		/* slots with another stamp are empty */
	u32 nr, size;		/* size 0: the table is @first */
	struct verdict_slot {
		u32 id, stamp;
		u8 verdict;	/* enum verdict */
	} first[VERDICTS_FIRST], *more;
};

/* The owner of @v serializes all calls. verdicts_grow() and verdicts_free() may sleep. */
void verdicts_clear(struct verdicts *v);
/* Return: the verdict on @id, which the caller may change, or NULL. */
u8 *verdicts_find(struct verdicts *v, u32 id);
/* Return: whether verdicts_grow() must be called before the next verdicts_add(). */
bool verdicts_full(const struct verdicts *v);
void verdicts_add(struct verdicts *v, u32 id, u8 verdict);
/* Enlarge the table and keep its verdicts. Return: 0, -ENOMEM. */
int verdicts_grow(struct verdicts *v);
void verdicts_free(struct verdicts *v);

#endif
