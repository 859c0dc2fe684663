// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that follows the guest's page tables is charged to the cgroup of the debugger,
 * also when the guest changes its tables, which is in a thread of the VMM. A debugger that
 * exceeds its limit is killed alone.
 * Suite: 50-debian
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "hostmem.h"
#include "vmm.h"

#define WATCHED		0x200000	/* 2 MiB; what is below is mapped from the start */
#define TABLES		256		/* of 512 entries that map nothing */

/* links a table of 512 entries again and again, and unlinks it */
GUEST64(links,
	"mov $0x22008, %edi; mov $256, %ecx; mov $0x2a007, %eax; rep stosq\n"
	"links_done: incl 0xc000\n"
	"mov $0x22008, %edi; mov $256, %ecx; xor %eax, %eax; rep stosq\n"
	"incl 0xc000; hlt");
LABEL(links_done);

static struct vmm vmm;

/* Attach to the VM, watch what the tables map, and let the guest run. */
static void watch_in_group(struct dbg *d)
{
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_WRITE, .addr = WATCHED, .len = TABLES * 0x200000UL,
	};

	d->vmm = vmm;
	d->dev = dev_open();
	d->fd = attach(d->dev, 0, vmm.id);
	REQUIRE(d->fd >= 0);
	/* a VM that is held from the start stops at once */
	CHECK_OK(session_stop(d->fd, VMXDBG_ALL_VCPUS));
	session_must_add(d->fd, bp);
}

static void watch(void)
{
	long before, after;
	struct dbg d;
	u32 id;

	watch_in_group(&d);
	id = session_must_add(d.fd, (struct vmxdbg_bp){ .addr = AT(links, links_done),
							.len = 1 });
	before = group_kernel_memory();
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(links, links_done));
	after = group_kernel_memory();
	tap_note("%ld KiB", (after - before) / KIB);
	CHECK(after - before >= 2 * (long)MIB);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
	CHECK_OK(session_resume(d.fd, 0, 0));
	vmm_wait_done(&d.vmm);
}

static void the_debugger_pays(void)
{
	int status;

	vmm_start(&vmm, MODE_LONG, PROG(links), NULL);
	group_make("max");
	status = group_run(watch);
	CHECK(WIFEXITED(status) && !WEXITSTATUS(status));
	CHECK_EQ(DATA32(&vmm.vm, 0), 2);
	group_remove();
}

static void watch_too_much(void)
{
	struct dbg d;

	watch_in_group(&d);
	CHECK_OK(session_resume(d.fd, 0, 0));
	for (;;)
		pause();
}

static void beyond_its_limit_it_dies_alone(void)
{
	int status;

	vmm_start(&vmm, MODE_LONG, PROG(links), NULL);
	group_make("3145728");
	status = group_run(watch_too_much);
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), SIGKILL);
	vmm_wait_done(&vmm);
	CHECK_EQ(DATA32(&vmm.vm, 0), 2);
	group_remove();
}

static const struct test tests[] = {
	TEST_SLOW(the_debugger_pays, 60),
	TEST_SLOW(beyond_its_limit_it_dies_alone, 60),
};

TAP_MAIN(tests)
