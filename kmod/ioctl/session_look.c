// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of a session that list and describe, and change nothing. The results of a
 * list are collected first and copied to the debugger after that.
 */
#define pr_fmt(fmt) "vmxdbg: " fmt

#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "debug/session_object.h"
#include "ioctl/session_look.h"
#include "mmu/memslot.h"
#include "mmu/place.h"
#include "vm.h"
#include "vmxdbg.h"

static int look_refuse(const char *call)
{
	pr_debug_ratelimited("%s: a reserved field or flags are not zero\n", call);
	return -EINVAL;
}

/* ---- VMXDBG_GET_SLOTS ---- */

/*
 * The VMM may add slots between their count and their copy. Return: the first @max slots
 * and the number @nr of all, or an ERR_PTR(). The caller frees them.
 */
static struct vmxdbg_slot *slots_of_now(struct vm *vm, u32 max, u32 *nr)
{
	struct vmxdbg_slot *slots = NULL;
	u32 room = 0;

	for (;;) {
		*nr = memslots_copy(vm, slots, room);
		if (room >= min(max, *nr))
			return slots;
		kvfree(slots);
		room = min(max, *nr);
		slots = kvcalloc(room, sizeof(*slots), GFP_KERNEL_ACCOUNT);
		if (!slots)
			return ERR_PTR(-ENOMEM);
	}
}

int session_get_slots(struct session *s, struct vmxdbg_slot_list __user *user)
{
	struct vmxdbg_slot_list arg;
	struct vmxdbg_slot *slots;
	int r = 0;
	u32 nr;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.reserved0 || memchr_inv(arg.reserved, 0, sizeof(arg.reserved)))
		return look_refuse("slots");
	slots = slots_of_now(s->vm, arg.count, &nr);
	if (IS_ERR(slots))
		return PTR_ERR(slots);
	if (copy_to_user(u64_to_user_ptr(arg.slots), slots, min(arg.count, nr) * sizeof(*slots)))
		r = -EFAULT;
	kvfree(slots);
	return r ?: put_user(nr, &user->count);
}

/* ---- VMXDBG_GET_PLACE ---- */

int session_get_place(struct session *s, struct vmxdbg_place __user *user)
{
	struct vmxdbg_place arg, place = { };

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.flags || memchr_inv(arg.reserved, 0, sizeof(arg.reserved)))
		return look_refuse("place");
	place.gpa = arg.gpa;
	place_look_up(s->vm, &place);
	return copy_to_user(user, &place, sizeof(place)) ? -EFAULT : 0;
}

/* ---- VMXDBG_LIST_OBJECTS ---- */

int session_list_objects(struct session *s, struct vmxdbg_object_list __user *user)
{
	struct vmxdbg_object_info *info = NULL;
	struct vmxdbg_object_list arg;
	int r = 0;
	u32 nr;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.reserved0 || memchr_inv(arg.reserved, 0, sizeof(arg.reserved)))
		return look_refuse("objects");
	nr = min(arg.count, s->nr_objects);
	if (nr) {
		info = kvcalloc(nr, sizeof(*info), GFP_KERNEL_ACCOUNT);
		if (!info)
			return -ENOMEM;
	}
	session_describe(s, info, nr);
	if (copy_to_user(u64_to_user_ptr(arg.objects), info, nr * sizeof(*info)))
		r = -EFAULT;
	kvfree(info);
	return r ?: put_user(s->nr_objects, &user->count);
}

/* ---- VMXDBG_LIST_VCPUS ---- */

/* Copy the numbers of the first @max vCPUs. Return: 0, -EFAULT; @nr: number of all. */
static int copy_numbers(struct vm *vm, u32 __user *user, u32 max, u32 *nr)
{
	unsigned int i;

	*nr = 0;
	for (i = 0; vm_next_vcpu(vm, &i); i++)
		if ((*nr)++ < max && put_user(i, user++))
			return -EFAULT;
	return 0;
}

int session_list_vcpus(struct session *s, struct vmxdbg_vcpu_list __user *user)
{
	struct vmxdbg_vcpu_list arg;
	u32 nr;
	int r;

	if (copy_from_user(&arg, user, sizeof(arg)))
		return -EFAULT;
	if (arg.reserved0 || memchr_inv(arg.reserved, 0, sizeof(arg.reserved)))
		return look_refuse("vCPUs");
	r = copy_numbers(s->vm, u64_to_user_ptr(arg.vcpus), arg.count, &nr);
	return r ?: put_user(nr, &user->count);
}
