// SPDX-License-Identifier: GPL-2.0-only
/* A guest that never exits by itself, until killed: loop_vm DEVICE. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/kvm.h>

static int failed(const char *what)
{
	perror(what);
	return 1;
}

int main(int argc, char **argv)
{
	struct kvm_userspace_memory_region slot = { .memory_size = 0x1000 };
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rflags = 2 };
	int vm, vcpu;
	char *page;

	if (argc != 2) {
		fputs("usage: loop_vm DEVICE\n", stderr);
		return 2;
	}
	vm = ioctl(open(argv[1], O_RDWR), KVM_CREATE_VM, 0);
	if (vm < 0)
		return failed("KVM_CREATE_VM");
	page = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return failed("mmap");
	memcpy(page, "\xeb\xfe", 2);	/* jmp . */
	slot.userspace_addr = (unsigned long)page;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &slot) < 0)
		return failed("KVM_SET_USER_MEMORY_REGION");
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (vcpu < 0 || ioctl(vcpu, KVM_GET_SREGS, &sregs) < 0)
		return failed("KVM_CREATE_VCPU");
	sregs.cs.base = sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu, KVM_SET_REGS, &regs) < 0)
		return failed("KVM_SET_SREGS");
	/* Only a signal ends it, and that ends the process. */
	ioctl(vcpu, KVM_RUN, 0);
	return failed("KVM_RUN");
}
