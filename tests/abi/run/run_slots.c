// SPDX-License-Identifier: GPL-2.0-only
/* Slots that change while a vCPU, or the host on its behalf, uses them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostmem.h"

#define GONE_GPA	0x10000000

/* ---- a write that waits for the VMM's page while its slot is deleted ---- */

GUEST64(ins_to_slot, "mov $0x10000000, %edi; mov $0x20, %edx; cld; insb; hlt");

struct gone {
	struct vm vm;
	u8 *mem;
	volatile bool deleted;
	volatile u8 after;	/* the byte when the slot had been deleted */
};

static int uffd_make(u8 *mem)
{
	struct uffdio_register reg = {
		.range = { (unsigned long)mem, PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		tap_skip("no userfaultfd");
	CHECK_OK(ioctl(fd, UFFDIO_API, &api));
	CHECK_OK(ioctl(fd, UFFDIO_REGISTER, &reg));
	return fd;
}

/* The write of INS, which was read from the port already. */
static void *complete_ins(void *arg)
{
	vcpu_run(&((struct gone *)arg)->vm.vcpu[0]);
	return NULL;
}

static void *delete_slot(void *arg)
{
	struct gone *g = arg;

	add_slot(&g->vm, 1, 0, GONE_GPA, 0, g->mem);
	g->deleted = true;
	return NULL;
}

/*
 * The slot is deleted while INS waits for its page. Whether the call waits for the write,
 * as on KVM, or the write finds no slot any more: nothing is written after the call.
 */
static void deleted_slot_is_not_written(void)
{
	pthread_t runs, deletes;
	struct uffd_msg msg;
	struct gone g = { };
	struct vcpu *v = guest_make(&g.vm, MODE_LONG, PROG(ins_to_slot));
	struct uffdio_zeropage zero;
	unsigned int i;
	bool early;
	int fd;

	g.mem = area(PAGE);
	fd = uffd_make(g.mem);
	add_slot(&g.vm, 1, 0, GONE_GPA, PAGE, g.mem);
	vcpu_run_to(v, KVM_EXIT_IO);
	*(u8 *)vcpu_io_data(v) = 0x5a;
	pthread_create(&runs, NULL, complete_ins, &g);
	REQUIRE_EQ(read(fd, &msg, sizeof(msg)), (long)sizeof(msg));
	REQUIRE_EQ(msg.event, UFFD_EVENT_PAGEFAULT);
	pthread_create(&deletes, NULL, delete_slot, &g);
	for (i = 0; i < 200 && !g.deleted; i++)
		usleep(1000);
	early = g.deleted;
	zero = (struct uffdio_zeropage){ .range = { (unsigned long)g.mem, PAGE } };
	CHECK_OK(ioctl(fd, UFFDIO_ZEROPAGE, &zero));
	pthread_join(deletes, NULL);
	g.after = early ? 0 : *(volatile u8 *)g.mem;
	pthread_join(runs, NULL);
	tap_note("the slot was deleted %s the write", early ? "before" : "after");
	CHECK_EQ(*(volatile u8 *)g.mem, g.after);
	close(fd);
}

static const struct test tests[] = {
	TEST(deleted_slot_is_not_written),
};

TAP_MAIN(tests)
