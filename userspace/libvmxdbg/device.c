// SPDX-License-Identifier: MIT
/* The device: open it, list the VMs, attach to one. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmxdbg-client.h"

static int close_with(int fd, int error)
{
	close(fd);
	errno = error;
	return -1;
}

int vmxdbg_open(const char *path)
{
	int fd = open(path ? path : VMXDBG_DEVICE, O_RDWR | O_CLOEXEC);
	int version;

	if (fd < 0)
		return -1;
	version = ioctl(fd, VMXDBG_GET_VERSION, 0);
	if (version < 0)
		return close_with(fd, errno);
	if (version != VMXDBG_API_VERSION)
		return close_with(fd, EPROTO);
	return fd;
}

int vmxdbg_list(int device, struct vmxdbg_vm_info **vms)
{
	struct vmxdbg_vm_list list = { 0 };
	struct vmxdbg_vm_info *array = NULL, *bigger;
	uint32_t room = 0;

	*vms = NULL;
	/* Repeat until the array is large enough: VMs may appear meanwhile. */
	for (;;) {
		list.count = room;
		list.vms = (uintptr_t)array;
		if (ioctl(device, VMXDBG_LIST_VMS, &list) < 0)
			break;
		if (list.count <= room) {
			*vms = array;
			return list.count;
		}
		room = list.count + 4;
		bigger = realloc(array, room * sizeof(*array));
		if (!bigger)
			break;
		array = bigger;
	}
	free(array);
	return -1;
}

static int attach(int device, uint32_t flags, uint32_t target)
{
	struct vmxdbg_attach a = { .flags = flags, .target = target };

	return ioctl(device, VMXDBG_ATTACH, &a);
}

int vmxdbg_attach(int device, uint32_t id)
{
	return attach(device, 0, id);
}

int vmxdbg_attach_fd(int device, int vm_fd)
{
	return attach(device, VMXDBG_ATTACH_FD, vm_fd);
}

int vmxdbg_attach_pid(int device, pid_t pid)
{
	struct vmxdbg_vm_info *vms;
	uint32_t id = 0;
	int i, found = 0;
	int count = vmxdbg_list(device, &vms);

	if (count < 0)
		return -1;
	for (i = 0; i < count; i++) {
		if (vms[i].pid == pid) {
			id = vms[i].id;
			found++;
		}
	}
	free(vms);
	if (found != 1) {
		errno = found ? EEXIST : ENOENT;
		return -1;
	}
	return vmxdbg_attach(device, id);
}

int vmxdbg_hold(int vm_fd, int hold)
{
	return ioctl(vm_fd, VMXDBG_HOLD, hold ? 1 : 0);
}

int vmxdbg_get_held(int vm_fd, struct vmxdbg_held *held)
{
	return ioctl(vm_fd, VMXDBG_GET_HELD, held);
}
