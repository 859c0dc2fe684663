// SPDX-License-Identifier: GPL-2.0-only
/* Objects of a session, of all kinds: ids, lookup and removal. */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>

#include "debug/dbg_object.h"
#include "debug/session_object.h"
#include "lib/vcpu_set.h"
#include "vm.h"
#include "vmxdbg.h"

int session_enter(struct session *s, struct dbg_object *obj)
{
	int r;

	if (s->nr_objects >= OBJECTS_MAX)
		return -ENOSPC;
	/*
	 * Ids are cyclic: an unread event, or what a vCPU remembers, must not name an
	 * object that was created later.
	 */
	r = xa_alloc_cyclic(&s->objects, &obj->id, obj, XA_LIMIT(1, INT_MAX),
			    &s->vm->next_object, GFP_KERNEL_ACCOUNT);
	if (r < 0)
		return r;
	s->nr_objects++;
	return 0;
}

void session_forget(struct session *s, struct dbg_object *obj)
{
	xa_erase(&s->objects, obj->id);
	s->nr_objects--;
}

int session_del(struct session *s, unsigned long id)
{
	struct dbg_object *obj = xa_load(&s->objects, id);

	if (!obj)
		return -ENOENT;
	obj->ops->remove(s, obj);
	return 0;
}

void session_del_all(struct session *s)
{
	struct dbg_object *obj;
	unsigned long id;

	xa_for_each(&s->objects, id, obj) {
		obj->ops->remove(s, obj);
		cond_resched();
	}
	xa_destroy(&s->objects);
}

/* Copy as many words as fit, and say how many there are. */
static int copy_vcpus(const struct vcpu_set *set, struct vmxdbg_object *arg)
{
	u32 nr = set ? set->nr : 0, fit = min(nr, arg->vcpu_words);

	arg->vcpu_words = nr;
	if (fit && copy_to_user(u64_to_user_ptr(arg->vcpu_set), set->word,
				fit * sizeof(*set->word)))
		return -EFAULT;
	return 0;
}

int session_get_object(struct session *s, struct vmxdbg_object *arg)
{
	struct dbg_object *obj;

	if ((arg->vcpu_set && !arg->vcpu_words) ||
	    memchr_inv(arg->reserved, 0, sizeof(arg->reserved)))
		return -EINVAL;
	obj = xa_load(&s->objects, arg->id);
	if (!obj)
		return -ENOENT;
	arg->hits = atomic64_read(&obj->hits);
	return copy_vcpus(obj->vcpus, arg);
}

void session_describe(struct session *s, struct vmxdbg_object_info *info, u32 nr)
{
	struct dbg_object *obj;
	unsigned long id;
	u32 i = 0;

	xa_for_each(&s->objects, id, obj) {
		if (i == nr)
			break;
		dbg_object_describe(obj, &info[i++]);
		cond_resched();
	}
}
