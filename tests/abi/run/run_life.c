// SPDX-License-Identifier: GPL-2.0-only
/* Lifetimes: threads, processes, closed descriptors, unmapped memory, many VMs. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

GUEST64(halt, "hlt");
GUEST64(spin, "1: pause; jmp 1b");

/* two vCPUs hand a word back and forth; rdi is the number of the vCPU */
GUEST64(ping_pong,
	"mov $200, %ecx\n"
	"1: cmp %edi, 0xc000; je 2f; pause; jmp 1b\n"
	"2: lock; incl 0xc004; xorl $1, 0xc000; loop 1b\n"
	"hlt");

static void *run_thread(void *arg)
{
	vcpu_run_to(arg, KVM_EXIT_HLT);
	return NULL;
}

static void set_rdi(struct vcpu *v, u64 value)
{
	struct kvm_regs regs;

	get_regs(v, &regs);
	regs.rdi = value;
	set_regs(v, &regs);
}

static void two_vcpus_in_two_threads(void)
{
	struct vm vm;
	struct vcpu *a = guest_make(&vm, MODE_LONG, PROG(ping_pong));
	struct vcpu *b = guest_add_vcpu(&vm, 1, MODE_LONG, GUEST_CODE);
	pthread_t threads[2];

	set_rdi(b, 1);
	pthread_create(&threads[0], NULL, run_thread, a);
	pthread_create(&threads[1], NULL, run_thread, b);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	CHECK_EQ(DATA32(&vm, 1), 400);
}

/* The id is free again when the process has no room for another descriptor. */
static void vcpu_without_a_descriptor(void)
{
	struct rlimit limit, none;
	struct vm vm;
	int fd;

	guest_make(&vm, MODE_LONG, PROG(halt));
	fd = dup(vm.fd);
	close(fd);
	CHECK_OK(getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = fd;
	CHECK_OK(setrlimit(RLIMIT_NOFILE, &none));
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_VCPU, 1), EMFILE);
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_VCPU, 0), EEXIST);
	CHECK_OK(setrlimit(RLIMIT_NOFILE, &limit));
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_VCPU, 1));
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_VCPU, 1), EEXIST);
}

static void check_fd_name(int fd, const char *want)
{
	char path[64], name[64] = "";

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(readlink(path, name, sizeof(name) - 1) > 0);
	if (!CHECK(!strcmp(name, want)))
		tap_note("the name was %s", name);
}

/* Tools that look for VMs in /proc/PID/fd know them by these names. */
static void descriptors_have_the_names_of_kvm(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	check_fd_name(vm.fd, "anon_inode:kvm-vm");
	check_fd_name(v->fd, "anon_inode:kvm-vcpu:0");
	check_fd_name(vm_add_vcpu(&vm, 63)->fd, "anon_inode:kvm-vcpu:63");
}

static void vcpu_goes_from_thread_to_thread(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	pthread_t thread;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		set_rip(v, GUEST_CODE);
		pthread_create(&thread, NULL, run_thread, v);
		pthread_join(thread, NULL);
		CHECK_EQ(get_rip(v), GUEST_CODE + 1);
	}
}

static void another_process_may_not_use_it(void)
{
	struct kvm_userspace_memory_region none = { .slot = 0 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		struct kvm_regs regs;

		CHECK_ERR(ioctl(v->fd, KVM_RUN, 0), EIO);
		CHECK_ERR(ioctl(v->fd, KVM_GET_REGS, &regs), EIO);
		CHECK_ERR(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &none), EIO);
		CHECK_ERR(ioctl(vm.fd, KVM_CREATE_VCPU, 1), EIO);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void run_with_an_argument(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_ERR(ioctl(v->fd, KVM_RUN, 1), EINVAL);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void run_page_unmapped(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_OK(munmap(v->run, vm.run_size));
	CHECK_OK(ioctl(v->fd, KVM_RUN, 0));
	v->run = mmap(NULL, vm.run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	REQUIRE(v->run != MAP_FAILED);
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_HLT);
}

/* the run page stays mapped after the descriptor is closed */
static void run_page_outlives_the_fds(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	vcpu_run_to(v, KVM_EXIT_HLT);
	close(v->fd);
	close(vm.fd);
	close(vm.dev);
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_HLT);
	v->run->exit_reason = 0;
}

static void vm_fd_closed_before_the_vcpu(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	close(vm.dev);
	close(vm.fd);
	vcpu_run_to(v, KVM_EXIT_HLT);
	close(v->fd);
}

static void vcpu_fd_closed_and_its_number_stays_taken(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	munmap(v->run, vm.run_size);
	close(v->fd);
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_VCPU, 0), EEXIST);
	close(vm.fd);
}

static void make_and_destroy(unsigned int n)
{
	while (n--) {
		struct vm vm;
		struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

		vcpu_run_to(v, KVM_EXIT_HLT);
		vm_destroy(&vm);
	}
}

static void a_hundred_vms_leave_nothing_behind(void)
{
	struct timespec rcu = { .tv_nsec = 200000000 };
	long before;

	if (debug_kernel())
		tap_skip("a debugging kernel keeps what is freed for a while");
	if (!tap_alone())
		tap_skip("others use the host's memory, too");
	make_and_destroy(10);
	nanosleep(&rcu, NULL);
	before = mem_available_kib();
	make_and_destroy(100);
	nanosleep(&rcu, NULL);
	/* one lost page table page for each would be 400 KiB */
	if (!CHECK(mem_available_kib() > before - 300))
		tap_note("%ld KiB gone", before - mem_available_kib());
}

static void vmm_killed_in_a_run(void)
{
	struct timespec nap = { .tv_nsec = 20000000 };
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		struct vm vm;

		vcpu_run(guest_make(&vm, MODE_LONG, PROG(spin)));
		_exit(1);
	}
	nanosleep(&nap, NULL);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
}

static void vmm_exits_while_a_thread_runs(void)
{
	struct timespec nap = { .tv_nsec = 20000000 };
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		pthread_t thread;
		struct vm vm;

		pthread_create(&thread, NULL, run_thread,
			       guest_make(&vm, MODE_LONG, PROG(spin)));
		nanosleep(&nap, NULL);
		_exit(7);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 7);
}

static const struct test tests[] = {
	TEST(two_vcpus_in_two_threads),
	TEST(vcpu_without_a_descriptor),
	TEST(descriptors_have_the_names_of_kvm),
	TEST(vcpu_goes_from_thread_to_thread),
	TEST(another_process_may_not_use_it),
	TEST(run_with_an_argument),
	TEST(run_page_unmapped),
	TEST(run_page_outlives_the_fds),
	TEST(vm_fd_closed_before_the_vcpu),
	TEST(vcpu_fd_closed_and_its_number_stays_taken),
	TEST(a_hundred_vms_leave_nothing_behind),
	TEST(vmm_killed_in_a_run),
	TEST(vmm_exits_while_a_thread_runs),
};

TAP_MAIN(tests)
