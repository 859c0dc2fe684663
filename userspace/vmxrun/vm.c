// SPDX-License-Identifier: GPL-2.0-only
/* The VM as the device knows it: file descriptors and memory slots. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/kvm.h>
#include <vmxdbg.h>

#include "msg.h"
#include "vm.h"

/*
 * A CPU without unrestricted guest needs three pages for real mode, and one for
 * an identity map. They are just below the firmware, where no RAM is.
 */
#define TSS_ADDR		0xfffbd000UL
#define IDENTITY_MAP_ADDR	0xfffbc000ULL

static bool has_extension(const struct vm *vm, unsigned long cap)
{
	return ioctl(vm->device, KVM_CHECK_EXTENSION, cap) > 0;
}

static bool open_device(struct vm *vm, const char *path)
{
	int version, size;

	vm->path = path;
	vm->device = open(path, O_RDWR | O_CLOEXEC);
	if (vm->device < 0) {
		msg("cannot open %s: %s", path, strerror(errno));
		return false;
	}
	version = ioctl(vm->device, KVM_GET_API_VERSION, 0);
	if (version != KVM_API_VERSION) {
		msg("%s does not have version %d of the KVM interface", path,
		    KVM_API_VERSION);
		return false;
	}
	/* Without it, a signal just before KVM_RUN would be lost. */
	if (!has_extension(vm, KVM_CAP_IMMEDIATE_EXIT)) {
		msg("%s lacks KVM_CAP_IMMEDIATE_EXIT", path);
		return false;
	}
	size = ioctl(vm->device, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(struct kvm_run)) {
		msg("%s: KVM_GET_VCPU_MMAP_SIZE: %s", path, strerror(errno));
		return false;
	}
	vm->run_size = size;
	return true;
}

static bool add_slot(const struct vm *vm, uint32_t slot, uint64_t gpa,
		     uint64_t size)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)ram_at(&vm->ram, gpa, size),
	};

	if (!size || !ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		return true;
	msg("%s: memory slot at %#llx: %s", vm->path,
	    (unsigned long long)gpa, strerror(errno));
	return false;
}

static bool add_ram(struct vm *vm, uint64_t size)
{
	if (!ram_init(&vm->ram, size)) {
		msg("cannot map %llu bytes of guest memory: %s",
		    (unsigned long long)size, strerror(errno));
		return false;
	}
	return add_slot(vm, 0, 0, vm->ram.low) &&
	       add_slot(vm, 1, RAM_HIGH_BASE, size - vm->ram.low);
}

/*
 * A device that needs none may refuse. If it needs them, creating a vCPU fails.
 */
static void set_scratch_pages(const struct vm *vm)
{
	uint64_t identity = IDENTITY_MAP_ADDR;

	if (has_extension(vm, KVM_CAP_SET_IDENTITY_MAP_ADDR))
		ioctl(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, &identity);
	if (has_extension(vm, KVM_CAP_SET_TSS_ADDR))
		ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDR);
}

/**
 * vm_create - open the device at @path and make a VM with @ram_size bytes
 *
 * Return: false after a message.
 */
bool vm_create(struct vm *vm, const char *path, uint64_t ram_size)
{
	if (!open_device(vm, path))
		return false;
	vm->fd = ioctl(vm->device, KVM_CREATE_VM, 0);
	if (vm->fd < 0) {
		msg("%s: cannot create a VM: %s", path, strerror(errno));
		return false;
	}
	set_scratch_pages(vm);
	return add_ram(vm, ram_size);
}

/**
 * vm_hold - let no vCPU run until a debugger has attached and resumed it
 *
 * Return: false after a message.
 */
bool vm_hold(struct vm *vm)
{
	if (!ioctl(vm->fd, VMXDBG_HOLD, 1))
		return true;
	if (errno == ENOTTY || errno == EINVAL)
		msg("%s cannot hold a VM for a debugger (--paused)", vm->path);
	else
		msg("%s: VMXDBG_HOLD: %s", vm->path, strerror(errno));
	return false;
}
