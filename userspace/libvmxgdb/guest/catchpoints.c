// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/catchpoints.h"
#include "guest/target.h"

/* ---- the list ---- */

static bool make_room(struct catchpoints *all)
{
	size_t room = all->room ? 2 * all->room : 8;
	struct catchpoint *bigger;

	if (all->count < all->room)
		return true;
	bigger = realloc(all->list, room * sizeof(*bigger));
	if (!bigger)
		return false;
	all->list = bigger;
	all->room = room;
	return true;
}

int catchpoints_put(struct stub *s, uint32_t id, int type, const char *text)
{
	struct catchpoints *all = &s->catchpoints;
	char *copy = strdup(text);

	if (!copy || !make_room(all)) {
		free(copy);
		target_call(s->target, del_bp, id);
		return -ENOMEM;
	}
	all->list[all->count++] = (struct catchpoint){
		.number = ++all->last, .id = id, .type = type, .text = copy,
	};
	return all->last;
}

const struct catchpoint *catchpoints_get(const struct stub *s, unsigned int number)
{
	size_t i;

	for (i = 0; i < s->catchpoints.count; i++)
		if (s->catchpoints.list[i].number == number)
			return &s->catchpoints.list[i];
	return NULL;
}

const struct catchpoint *catchpoints_by_id(const struct stub *s, uint32_t id)
{
	size_t i;

	for (i = 0; i < s->catchpoints.count; i++)
		if (s->catchpoints.list[i].id == id)
			return &s->catchpoints.list[i];
	return NULL;
}

/* ---- deleting ---- */

int catchpoints_delete(struct stub *s, unsigned int number)
{
	struct catchpoints *all = &s->catchpoints;
	const struct catchpoint *found = catchpoints_get(s, number);
	size_t i;

	if (!found)
		return -ENOENT;
	target_call(s->target, del_bp, found->id);
	free(found->text);
	i = found - all->list;
	memmove(&all->list[i], &all->list[i + 1], (--all->count - i) * sizeof(*all->list));
	return 0;
}

void catchpoints_delete_all(struct stub *s)
{
	while (s->catchpoints.count)
		catchpoints_delete(s, s->catchpoints.list[0].number);
}

void catchpoints_forget(struct stub *s)
{
	struct catchpoints *all = &s->catchpoints;

	while (all->count)
		free(all->list[--all->count].text);
	free(all->list);
	*all = (struct catchpoints){ 0 };
}
