// SPDX-License-Identifier: GPL-2.0-only
/* Address spaces of the guest that are followed: their roots and lifetimes. */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/list.h>

#include "debug/track_range.h"
#include "debug/track_space.h"
#include "debug/track_table.h"
#include "debug/types.h"
#include "lib/paging.h"
#include "vm.h"

#define ROOTS_MAX	1024	/* more only if all have users */

void space_drop(struct vm *vm, struct guest_table *root)
{
	list_del(&root->link);
	vm->track.nr_roots--;
	table_put(vm, root);
}

static void space_drop_oldest(struct vm *vm)
{
	struct guest_table *root;

	list_for_each_entry(root, &vm->track.roots, link) {
		if (!root->users) {
			space_drop(vm, root);
			return;
		}
	}
}

int space_get(struct track_scan *scan, u8 paging, u64 cr3, struct guest_table **found)
{
	u64 gpa = paging_root(paging, cr3);
	u8 level = paging_levels(paging);
	struct track *t = &scan->vm->track;
	struct guest_table *root = table_find(t, paging, level, gpa, 0);

	*found = root;
	if (root) {
		list_move_tail(&root->link, &t->roots);
		return 0;
	}
	if (t->nr_roots >= ROOTS_MAX)
		space_drop_oldest(scan->vm);
	root = table_new(scan->vm, paging, level, gpa, 0);
	if (IS_ERR(root))
		return PTR_ERR(root);
	root->is_root = true;
	list_add_tail(&root->link, &t->roots);
	t->nr_roots++;
	*found = root;
	return table_populate(scan, root);
}

int space_use(struct track_scan *scan, u8 paging, u64 cr3, struct guest_table **used)
{
	struct guest_table *root = NULL;
	int r = space_get(scan, paging, cr3, &root);

	if (!r)
		root->users++;
	*used = root;
	return r;
}

int space_hold(struct track_scan *scan, struct tracked *tb)
{
	unsigned int left = scan->vm->track.kinds & ~tb->held;
	struct guest_table *root;
	int r = 0;

	for (; left && !r && !tb->any; left &= left - 1) {
		r = space_use(scan, __ffs(left), tb->cr3, &root);
		if (!r)
			tb->held |= BIT(__ffs(left));
	}
	return r;
}

void space_release(struct vm *vm, struct tracked *tb)
{
	unsigned int left = tb->held;
	struct guest_table *root;
	u8 paging;

	for (; left; left &= left - 1) {
		paging = __ffs(left);
		root = table_find(&vm->track, paging, paging_levels(paging),
				  paging_root(paging, tb->cr3), 0);
		root->users--;
	}
	tb->held = 0;
}

int space_add_mode(struct track_scan *scan, u8 paging)
{
	struct track *t = &scan->vm->track;
	struct tracked *tb;
	int r;

	if (t->kinds & BIT(paging))
		return 0;
	t->kinds |= BIT(paging);
	for_each_tracked(tb, t, 0, TRACK_VA_MASK) {
		r = space_hold(scan, tb);
		if (r) {
			t->kinds &= ~BIT(paging);
			return r;
		}
	}
	return 0;
}
