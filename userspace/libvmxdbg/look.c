// SPDX-License-Identifier: MIT
/* A session: memory slots, the place of a gpa, counters, objects, vCPUs. */
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "vmxdbg-client.h"

/* The argument of each call that fills in an array. */
struct list {
	uint32_t count;
	uint32_t reserved0;
	uint64_t array;
	uint64_t reserved[2];
};

_Static_assert(sizeof(struct list) == sizeof(struct vmxdbg_slot_list) &&
	       sizeof(struct list) == sizeof(struct vmxdbg_object_list) &&
	       sizeof(struct list) == sizeof(struct vmxdbg_vcpu_list), "size");
_Static_assert(offsetof(struct list, array) == offsetof(struct vmxdbg_slot_list, slots) &&
	       offsetof(struct list, array) == offsetof(struct vmxdbg_object_list, objects) &&
	       offsetof(struct list, array) == offsetof(struct vmxdbg_vcpu_list, vcpus),
	       "offset of the array");

/* Repeat the call until the array is large enough: the list may grow meanwhile. */
static int list_all(int session, unsigned long request, size_t size, void **result)
{
	struct list list = { 0 };
	void *array = NULL, *bigger;
	uint32_t room = 0;

	*result = NULL;
	for (;;) {
		list.count = room;
		list.array = (uintptr_t)array;
		if (ioctl(session, request, &list) < 0)
			break;
		if (list.count <= room) {
			*result = array;
			return list.count;
		}
		room = list.count + 4;
		bigger = reallocarray(array, room, size);
		if (!bigger)
			break;
		array = bigger;
	}
	free(array);
	return -1;
}

int vmxdbg_get_slots(int session, struct vmxdbg_slot **slots)
{
	void *array;
	int count = list_all(session, VMXDBG_GET_SLOTS, sizeof(**slots), &array);

	*slots = array;
	return count;
}

int vmxdbg_list_objects(int session, struct vmxdbg_object_info **objects)
{
	void *array;
	int count = list_all(session, VMXDBG_LIST_OBJECTS, sizeof(**objects), &array);

	*objects = array;
	return count;
}

int vmxdbg_list_vcpus(int session, uint32_t **vcpus)
{
	void *array;
	int count = list_all(session, VMXDBG_LIST_VCPUS, sizeof(**vcpus), &array);

	*vcpus = array;
	return count;
}

int vmxdbg_get_vcpu_set(int session, uint32_t id, uint64_t *words, uint32_t count)
{
	struct vmxdbg_object object = {
		.id = id,
		.vcpu_words = count,
		.vcpu_set = count ? (uintptr_t)words : 0,
	};

	return ioctl(session, VMXDBG_GET_OBJECT, &object) ? -1 : (int)object.vcpu_words;
}

int vmxdbg_get_place(int session, uint64_t gpa, struct vmxdbg_place *place)
{
	*place = (struct vmxdbg_place){ .gpa = gpa };
	return ioctl(session, VMXDBG_GET_PLACE, place);
}

int vmxdbg_get_stats(int session, uint32_t vcpu, struct vmxdbg_stats *stats,
		     uint64_t *exits, uint32_t count)
{
	*stats = (struct vmxdbg_stats){
		.vcpu = vcpu,
		.count = count,
		.exits = (uintptr_t)exits,
	};
	return ioctl(session, VMXDBG_GET_STATS, stats);
}
