/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory without struct page, of the module tests/hoststate/pfnmap.c. */
#ifndef TESTS_ABI_PFNMAP_H
#define TESTS_ABI_PFNMAP_H

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

#define PFNMAP_PAGES	4
#define PFNMAP_SIZE	(PFNMAP_PAGES * 0x1000UL)
#define PFNMAP_GPA	0x300000

enum pfnmap_part { PFNMAP_RAM, PFNMAP_LAZY, PFNMAP_SCREEN };

static inline int pfnmap_open(void)
{
	int fd = open("/dev/pfnmap", O_RDWR);

	if (fd < 0)
		tap_fail("no /dev/pfnmap: load tests/hoststate/pfnmap.ko");
	return fd;
}

/* Map a part of the device, and put it into slot 1 of the guest. Return: the memory. */
static inline u8 *pfnmap_slot(struct vm *vm, int fd, enum pfnmap_part part, int prot, u64 gpa)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1 + part, .guest_phys_addr = gpa, .memory_size = PFNMAP_SIZE,
	};
	u8 *mem = mmap(NULL, PFNMAP_SIZE, prot, MAP_SHARED, fd, part * PFNMAP_SIZE);

	REQUIRE(mem != MAP_FAILED);
	r.userspace_addr = (unsigned long)mem;
	CHECK_OK(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &r));
	return mem;
}

#endif
