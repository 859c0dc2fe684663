// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM that never rests, until it is killed: spin_vm DEVICE FILE. Two vCPUs count in the
 * guest's memory, which is FILE, as 32-bit numbers: each counts the times it came to the
 * start, with 1000 turns of a loop and an OUT in between. A third vCPU does not run: the
 * registers that only its VMCS holds are read all the time, and the number of times is the
 * third number.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#define SIZE		0x10000
#define CODE		0x1000
#define VCPUS		3
#define READ		2		/* the one that is only read */

static const char *device;
static int vm, run_size;
static volatile unsigned int *memory;

/* 16-bit code; BX is the address of the vCPU's number. */
static const unsigned char guest[] = {
	0x66, 0xff, 0x07,	/* 0: incl (%bx) */
	0xb9, 0xe8, 0x03,	/*    mov $1000, %cx */
	0xe2, 0xfe,		/* 1: loop 1b */
	0xe6, 0x10,		/*    out %al, $0x10 */
	0xeb, 0xf4,		/*    jmp 0b */
};

static void fail(const char *what)
{
	fprintf(stderr, "spin_vm %s: %s: %s\n", device, what, strerror(errno));
	exit(1);
}

static int call(int fd, unsigned long request, void *arg, const char *what)
{
	int r = ioctl(fd, request, arg);

	if (r < 0)
		fail(what);
	return r;
}

#define CALL(fd, request, arg)	call(fd, request, (void *)(arg), #request)

static int make_vcpu(long id)
{
	int vcpu = CALL(vm, KVM_CREATE_VCPU, id);
	struct kvm_regs regs = { .rip = CODE, .rbx = 4 * id, .rflags = 2 };
	struct kvm_sregs sregs;

	CALL(vcpu, KVM_GET_SREGS, &sregs);
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	CALL(vcpu, KVM_SET_SREGS, &sregs);
	CALL(vcpu, KVM_SET_REGS, &regs);
	return vcpu;
}

static void *spin(void *id)
{
	int vcpu = make_vcpu((long)id);
	struct kvm_run *run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);

	if (run == MAP_FAILED)
		fail("mmap");
	for (;;) {
		if (ioctl(vcpu, KVM_RUN, 0) < 0 && errno != EINTR && errno != EAGAIN)
			fail("KVM_RUN");
		if (run->exit_reason != KVM_EXIT_IO && run->exit_reason != KVM_EXIT_INTR) {
			fprintf(stderr, "spin_vm %s: exit %u\n", device, run->exit_reason);
			exit(1);
		}
	}
}

static void read_on(void)
{
	int vcpu = make_vcpu(READ);
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	for (;;) {
		CALL(vcpu, KVM_GET_SREGS, &sregs);
		CALL(vcpu, KVM_GET_REGS, &regs);
		if (sregs.cs.limit != 0xffff || regs.rflags != 2) {
			fprintf(stderr, "spin_vm %s: CS.limit %#x, RFLAGS %#llx\n", device,
				sregs.cs.limit, regs.rflags);
			exit(1);
		}
		memory[READ]++;
	}
}

int main(int argc, char **argv)
{
	struct kvm_userspace_memory_region slot = { .memory_size = SIZE };
	pthread_t thread;
	int file, dev;
	long id;

	if (argc != 3) {
		fputs("usage: spin_vm DEVICE FILE\n", stderr);
		return 2;
	}
	device = argv[1];
	file = open(argv[2], O_RDWR | O_CREAT, 0600);
	dev = open(device, O_RDWR);
	if (file < 0 || dev < 0 || ftruncate(file, SIZE))
		fail("open");
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	if (memory == MAP_FAILED)
		fail("mmap");
	memcpy((char *)memory + CODE, guest, sizeof(guest));
	vm = CALL(dev, KVM_CREATE_VM, 0);
	run_size = CALL(dev, KVM_GET_VCPU_MMAP_SIZE, 0);
	slot.userspace_addr = (unsigned long)memory;
	CALL(vm, KVM_SET_USER_MEMORY_REGION, &slot);
	for (id = 0; id < VCPUS; id++)
		if (id != READ && pthread_create(&thread, NULL, spin, (void *)id))
			fail("pthread_create");
	read_on();
	return 0;
}
