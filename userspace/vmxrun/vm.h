/* SPDX-License-Identifier: GPL-2.0-only */
/* The VM as the device knows it: file descriptors and memory slots. */
#ifndef VMXRUN_VM_H
#define VMXRUN_VM_H

#include <stdbool.h>
#include <stddef.h>

#include "ram.h"

/**
 * struct vm - an open device and a VM on it
 * @path: path of @device, for messages
 * @device: /dev/vmxdbg or /dev/kvm
 * @fd: the VM
 * @run_size: bytes of a vCPU's struct kvm_run
 * @ram: guest memory
 */
struct vm {
	const char *path;
	int device;
	int fd;
	size_t run_size;
	struct ram ram;
};

bool vm_create(struct vm *vm, const char *path, uint64_t ram_size);
bool vm_hold(struct vm *vm);

#endif
