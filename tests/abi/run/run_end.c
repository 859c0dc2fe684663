// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways for a VMM to end while its guest runs, other than by its own will. If a part
 * of the VM is left, the module cannot be unloaded after the program.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define BIG_GPA		0x40000000UL
#define BIG_SIZE	0x10000000UL
#define MIB		(1UL << 20)

GUEST64(count, "1: incl 0xc000; jmp 1b");
GUEST64(touch_all,
	"mov $0x40000000, %rdi\n"
	"1: mov %eax, (%rdi); add $4096, %rdi; cmp $0x50000000, %rdi; jb 1b; hlt");

static void *run_thread(void *arg)
{
	vcpu_run(arg);
	return NULL;
}

/* Start the guest on another thread, and wait until it is in its loop. */
static void run_beside(struct vm *vm, struct prog prog)
{
	struct vcpu *v = guest_make(vm, MODE_LONG, prog);
	pthread_t thread;

	REQUIRE(!pthread_create(&thread, NULL, run_thread, v));
	while (!DATA32(vm, 0))
		usleep(1000);
}

/* exec() kills the other threads and closes descriptors, all at once. */
static void vmm_execs_while_a_thread_runs(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct vm vm;

		run_beside(&vm, PROG(count));
		execl("/bin/sh", "sh", "-c", "exit 7", NULL);
		_exit(1);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 7);
}

/* A child inherits the descriptors, but not the address space that the VM belongs to. */
static void vmm_is_killed_and_its_child_lives_on(void)
{
	int told[2], status;
	char byte;
	pid_t pid;

	REQUIRE(!pipe(told));
	pid = fork();
	if (!pid) {
		struct vm vm;

		run_beside(&vm, PROG(count));
		if (!fork()) {
			sleep(1);
			/*
			 * The VMM is dead, and these are the last descriptors of its
			 * VM.
			 */
			byte = ioctl(vm.vcpu[0].fd, KVM_RUN, 0) < 0 &&
			       ioctl(vm.fd, KVM_CHECK_EXTENSION, 0) < 0;
			_exit(write(told[1], &byte, 1) != 1);
		}
		kill(getpid(), SIGKILL);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	close(told[1]);
	CHECK_EQ(read(told[0], &byte, 1), 1);
	CHECK_EQ(byte, 1);
	close(told[0]);
}

static long available(void)
{
	return mem_available_kib() * 1024;
}

static void *some_memory(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/* Take almost all memory, so that the guest soon has the rest. */
static void use_up_memory(void)
{
	struct kvm_userspace_memory_region r = {
		.slot = 1, .guest_phys_addr = BIG_GPA, .memory_size = BIG_SIZE,
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(touch_all));
	int adj = open("/proc/self/oom_score_adj", O_WRONLY);
	size_t size;
	void *mem;

	if (adj < 0 || write(adj, "1000", 4) != 4)
		_exit(2);
	r.userspace_addr = (unsigned long)some_memory(BIG_SIZE);
	if (ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r))
		_exit(3);
	size = available() - 48 * MIB;
	mem = some_memory(size);
	madvise(mem, size, MADV_HUGEPAGE);	/* for speed only */
	if (madvise(mem, size, MADV_POPULATE_WRITE))
		_exit(5);
	vcpu_run(v);
	_exit(4);
}

static long available_after_kill(void)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		use_up_memory();
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	if (!CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
		tap_note("status %#x", status);
	sleep(1);
	return available();
}

/*
 * The first kills drop the host's caches and shift its reserves. Memory that a VM keeps is
 * missing after each of them.
 */
static void vmm_is_killed_for_its_memory(void)
{
	long before, after, lost = LONG_MAX;
	int kill;

	if (!tap_alone())
		tap_skip("others use the host's memory, too");
	before = available_after_kill();
	/* One kill takes long there, and the counts mean nothing. */
	if (debug_kernel()) {
		tap_note("killed; what came back is not counted on a debugging kernel");
		return;
	}
	for (kill = 0; kill < 4 && lost >= (long)(16 * MIB); kill++) {
		after = available_after_kill();
		lost = before - after;
		before = after;
	}
	if (!CHECK(lost < (long)(16 * MIB)))
		tap_note("%ld KiB gone after the last of %d kills", lost / 1024, kill + 1);
}

static const struct test tests[] = {
	TEST(vmm_execs_while_a_thread_runs),
	TEST(vmm_is_killed_and_its_child_lives_on),
	TEST_SLOW(vmm_is_killed_for_its_memory, 120),
};

TAP_MAIN(tests)
