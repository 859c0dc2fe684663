// SPDX-License-Identifier: MIT
/* A VM of KVM or vmxdbg whose guest begins in 64-bit mode. */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "kvm_start.h"

#define PAGE_TABLES	0x1000UL

static void *map(size_t size, int flags, int fd)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (at == MAP_FAILED)
		err(1, "mmap");
	return at;
}

static void load(char *to, const char *path)
{
	FILE *file = fopen(path, "rb");

	if (!file || !fread(to, 1, RAM_SIZE - CODE, file))
		err(1, "%s", path);
	fclose(file);
}

void vm_create(struct vm *vm, const char *device, const char *path)
{
	struct kvm_userspace_memory_region slot = { .memory_size = RAM_SIZE };
	uint64_t *tables;

	vm->device = open(device, O_RDWR | O_CLOEXEC);
	if (vm->device < 0)
		err(1, "%s", device);
	vm->fd = ioctl(vm->device, KVM_CREATE_VM, 0);
	vm->ram = map(RAM_SIZE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	slot.userspace_addr = (uintptr_t)vm->ram;
	if (vm->fd < 0 || ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot))
		err(1, "no VM");
	/* One page of 2 MiB */
	tables = (uint64_t *)(vm->ram + PAGE_TABLES);
	tables[0] = (PAGE_TABLES + 0x1000) | 3;
	tables[512] = (PAGE_TABLES + 0x2000) | 3;
	tables[1024] = 0x83;
	load(vm->ram + CODE, path);
}

void cpu_reset(const struct cpu *cpu, unsigned int number)
{
	struct kvm_regs regs = { .rip = CODE, .rflags = 2, .rdi = number };
	struct kvm_sregs s;
	struct kvm_segment code = {
		.selector = 8, .limit = ~0U, .type = 11, .present = 1, .s = 1, .l = 1, .g = 1,
	};
	struct kvm_segment data = code;

	data.selector = 0;
	data.type = 3;
	data.l = 0;
	if (ioctl(cpu->fd, KVM_GET_SREGS, &s))
		err(1, "KVM_GET_SREGS");
	s.cs = code;
	s.ds = s.es = s.fs = s.gs = s.ss = data;
	s.cr3 = PAGE_TABLES;
	s.cr4 = 0x20;
	s.cr0 = 0x80050033;
	s.efer = 0x500;
	if (ioctl(cpu->fd, KVM_SET_SREGS, &s) || ioctl(cpu->fd, KVM_SET_REGS, &regs))
		err(1, "no registers");
}

void vm_create_cpu(const struct vm *vm, unsigned int number, struct cpu *cpu)
{
	int size = ioctl(vm->device, KVM_GET_VCPU_MMAP_SIZE, 0);

	cpu->fd = ioctl(vm->fd, KVM_CREATE_VCPU, number);
	if (cpu->fd < 0 || size < 0)
		err(1, "no vCPU");
	cpu->run = map(size, MAP_SHARED, cpu->fd);
	cpu_reset(cpu, number);
}
