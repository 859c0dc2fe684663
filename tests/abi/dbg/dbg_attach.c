// SPDX-License-Identifier: GPL-2.0-only
/* Find VMs, and attach a session to one. */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm.h"

#define NOBODY 65534

GUEST64(counter, "1: incq 0xc000; jmp 1b");
GUEST64(halt, "incq 0xc000; hlt");

static void version(void)
{
	int dev = dev_open();

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	CHECK_EQ(ioctl(dev, VMXDBG_GET_VERSION, 0), VMXDBG_API_VERSION);
}

static void list_shows_a_vm(void)
{
	struct vmxdbg_vm_info vms[8];
	struct vmxdbg_vm_list list = { .count = 8, .vms = (unsigned long)vms };
	struct vmm vmm;
	char comm[16] = "";
	int dev;

	prctl(PR_SET_NAME, "list-test");
	prctl(PR_GET_NAME, comm);
	vmm_start(&vmm, MODE_LONG, PROG(halt), &(struct vmm_options){ .vcpus = 2 });
	dev = dev_open();
	memset(vms, 0xcc, sizeof(vms));
	CHECK_OK(ioctl(dev, VMXDBG_LIST_VMS, &list));
	REQUIRE_EQ(list.count, 1);
	CHECK(vms[0].id != 0 && vms[0].id != VMXDBG_ALL_VCPUS);
	CHECK_EQ(vms[0].vcpus, 2);
	CHECK_EQ(vms[0].pid, vmm.pid);
	CHECK_EQ(vms[0].flags, VMXDBG_VM_HELD);
	CHECK_EQ(vms[0].memory, GUEST_RAM);
	CHECK(!strncmp(vms[0].comm, comm, 15));
	CHECK_EQ(((u8 *)&vms[1])[0], 0xcc);

	CHECK_OK(attach(dev, 0, vms[0].id));
	CHECK_OK(ioctl(dev, VMXDBG_LIST_VMS, &list));
	CHECK(vms[0].flags & VMXDBG_VM_ATTACHED);
}

static void list_with_too_little_room_counts_all(void)
{
	struct vmxdbg_vm_info vms[2];
	struct vmxdbg_vm_list list = { .count = 1, .vms = (unsigned long)vms };
	struct vmm a, b;
	int dev;

	vmm_start(&a, MODE_LONG, PROG(halt), NULL);
	vmm_start(&b, MODE_LONG, PROG(halt), NULL);
	CHECK(a.id != b.id);
	dev = dev_open();
	memset(vms, 0xcc, sizeof(vms));
	CHECK_OK(ioctl(dev, VMXDBG_LIST_VMS, &list));
	CHECK_EQ(list.count, 2);
	CHECK(vms[0].id == a.id || vms[0].id == b.id);
	CHECK_EQ(vms[1].id, 0xcccccccc);
	list = (struct vmxdbg_vm_list){ 0 };
	CHECK_OK(ioctl(dev, VMXDBG_LIST_VMS, &list));
	CHECK_EQ(list.count, 2);
}

static void ids_are_not_used_again(void)
{
	struct vmm a, b;

	vmm_start(&a, MODE_LONG, PROG(halt), NULL);
	close(a.vm_fd);
	vmm_kill(&a);
	vmm_start(&b, MODE_LONG, PROG(halt), NULL);
	CHECK(b.id != a.id);
	CHECK_ERR(attach(dev_open(), 0, a.id), ENOENT);
}

static void attach_by_id_and_detach(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	CHECK_EQ(session_get_regs(d.fd, 0).rip, GUEST_CODE);
	CHECK(fcntl(d.fd, F_GETFD) & FD_CLOEXEC);
	close(d.fd);
	/* no trace of the session: the guest runs to its end */
	vmm_wait_done(&d.vmm);
	CHECK_EQ(DATA64(&d.vmm.vm, 0), 1);
	d.fd = CHECK_OK(attach(d.dev, 0, d.vmm.id));
}

static void attach_by_fd(void)
{
	struct vmxdbg_info info;
	struct vmm vmm;
	int fd;

	vmm_start(&vmm, MODE_LONG, PROG(halt), NULL);
	fd = CHECK_OK(attach(dev_open(), VMXDBG_ATTACH_FD, vmm.vm_fd));
	CHECK_OK(ioctl(fd, VMXDBG_GET_INFO, &info));
	CHECK_EQ(info.vm, vmm.id);
}

static void attach_to_what_is_not_there(void)
{
	struct vmm vmm;
	int dev, pipes[2];

	vmm_start(&vmm, MODE_LONG, PROG(halt), NULL);
	dev = dev_open();
	CHECK_OK(pipe(pipes));
	CHECK_ERR(attach(dev, 0, 0), ENOENT);
	CHECK_ERR(attach(dev, 0, vmm.id + 1000), ENOENT);
	CHECK_ERR(attach(dev, VMXDBG_ATTACH_FD, 999), EBADF);
	CHECK_ERR(attach(dev, VMXDBG_ATTACH_FD, -1), EBADF);
	CHECK_ERR(attach(dev, VMXDBG_ATTACH_FD, pipes[0]), EINVAL);
	CHECK_ERR(attach(dev, VMXDBG_ATTACH_FD, dev), EINVAL);
	CHECK_ERR(attach(dev, 1U << 31, vmm.id), EINVAL);
	CHECK_OK(attach(dev, 0, vmm.id));
}

static void one_session_per_vm(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	CHECK_ERR(attach(d.dev, 0, d.vmm.id), EBUSY);
	CHECK_ERR(attach(d.dev, VMXDBG_ATTACH_FD, d.vmm.vm_fd), EBUSY);
	close(d.fd);
	CHECK_OK(attach(d.dev, 0, d.vmm.id));
}

static void in_band_debugging_excludes_a_session(void)
{
	struct vmm vmm;

	vmm_start(&vmm, MODE_LONG, PROG(halt), &(struct vmm_options){ .guest_debug = true });
	CHECK_ERR(attach(dev_open(), 0, vmm.id), EBUSY);
}

/* the VM belongs to this process, so that the test can try both */
static void session_excludes_in_band_debugging(void)
{
	struct kvm_guest_debug on = { .control = KVM_GUESTDBG_ENABLE };
	struct kvm_guest_debug off = { .control = 0 };
	struct vm vm;
	struct vcpu *v;
	int fd;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	v = guest_make(&vm, MODE_LONG, PROG(halt));
	fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
	CHECK_ERR(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &on), EBUSY);
	close(fd);
	CHECK_OK(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &on));
	CHECK_ERR(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd), EBUSY);
	CHECK_OK(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &off));
	CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
}

/*
 * Attaching needs the permission that ptrace() needs: another user gets none from an
 * open device.
 */
static void another_user_may_not_attach(void)
{
	struct vmxdbg_vm_info vms[4];
	struct vmxdbg_vm_list list = { .count = 4, .vms = (unsigned long)vms };
	struct vmm vmm;
	int dev, status;
	pid_t pid;

	vmm_start(&vmm, MODE_LONG, PROG(halt), NULL);
	dev = dev_open();
	pid = fork();
	if (!pid) {
		CHECK_OK(setgid(NOBODY));
		CHECK_OK(setuid(NOBODY));
		CHECK(attach(dev, 0, vmm.id) < 0 && (errno == EPERM || errno == EACCES));
		CHECK(attach(dev, VMXDBG_ATTACH_FD, vmm.vm_fd) < 0 &&
		      (errno == EPERM || errno == EACCES));
		CHECK_OK(ioctl(dev, VMXDBG_LIST_VMS, &list));
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK(WIFEXITED(status));
	CHECK_OK(attach(dev, 0, vmm.id));
}

static void others_may_not_open_the_device(void)
{
	struct stat st;

	if (on_kvm())
		tap_skip("KVM sets the mode of its device by itself");
	CHECK_OK(stat(tap_device(), &st));
	CHECK(S_ISCHR(st.st_mode));
	CHECK_EQ(st.st_mode & 7, 0);
}

static void info(void)
{
	struct vmxdbg_info i;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), &(struct vmm_options){ .vcpus = 3 });
	memset(&i, 0xcc, sizeof(i));
	CHECK_OK(ioctl(d.fd, VMXDBG_GET_INFO, &i));
	CHECK_EQ(i.version, VMXDBG_API_VERSION);
	CHECK(i.features & VMXDBG_FEATURE_MTF);
	CHECK_EQ(i.vm, d.vmm.id);
	CHECK_EQ(i.pid, d.vmm.pid);
	CHECK_EQ(i.vcpu_mask, 7);
	CHECK_EQ(i.vcpus, 3);
	CHECK_EQ(i.hw_breakpoints, 4);
	CHECK(i.max_breakpoints >= 64);
	CHECK_EQ(i.reserved0 | i.reserved[0] | i.reserved[1] | i.reserved[2], 0);
}

static void attach_to_a_running_guest_does_not_stop_it(void)
{
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(counter), &(struct vmm_options){ .no_hold = true });
	CHECK(vmm_counts(&d.vmm, 0) && vmm_counts(&d.vmm, 0));
	CHECK_EQ(session_vcpu(d.fd, 0).state, VMXDBG_VCPU_RUNNING);
	CHECK(!event_within(d.fd, 0, &e));
}

static void hold_waits_for_the_first_session(void)
{
	struct vmm vmm;
	int fd;

	vmm_start(&vmm, MODE_LONG, PROG(halt), NULL);
	sleep_ms(30);
	CHECK_EQ(DATA64(&vmm.vm, 0), 0);
	CHECK_EQ(vmm.shared->vcpu[0].done, 0);
	fd = CHECK_OK(attach(dev_open(), 0, vmm.id));
	sleep_ms(10);
	CHECK_EQ(DATA64(&vmm.vm, 0), 0);
	CHECK_EQ(session_vcpu(fd, 0).state, VMXDBG_VCPU_STOPPED);
	CHECK_ERR(ioctl(vmm.vm_fd, VMXDBG_HOLD, 1), EBUSY);
	CHECK_OK(session_resume(fd, 0, 0));
	vmm_wait_done(&vmm);
	CHECK_EQ(DATA64(&vmm.vm, 0), 1);
}

static void hold_let_go_by_the_vmm(void)
{
	struct vm vm;
	struct vcpu *v;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	v = guest_make(&vm, MODE_LONG, PROG(halt));
	CHECK_ERR(ioctl(vm.fd, VMXDBG_HOLD, 2), EINVAL);
	CHECK_OK(ioctl(vm.fd, VMXDBG_HOLD, 1));
	CHECK_OK(ioctl(vm.fd, VMXDBG_HOLD, 0));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* The debugger was faster than the VMM: it waits for the VM, and attaches to one without vCPU. */
static void hold_while_a_session_waits_for_the_vcpu(void)
{
	struct vm vm;
	int fd;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	vm_make(&vm, NULL);
	fd = CHECK_OK(attach(vm.dev, VMXDBG_ATTACH_FD, vm.fd));
	CHECK_ERR(ioctl(vm.fd, VMXDBG_HOLD, 0), EBUSY);
	CHECK_OK(ioctl(vm.fd, VMXDBG_HOLD, 1));
	vm_add_vcpu(&vm, 0);
	CHECK_EQ(session_vcpu(fd, 0).state, VMXDBG_VCPU_STOPPED);
	CHECK_ERR(ioctl(vm.fd, VMXDBG_HOLD, 1), EBUSY);
	CHECK_OK(session_resume(fd, 0, 0));
	CHECK_EQ(session_vcpu(fd, 0).state, VMXDBG_VCPU_RUNNING);
	vm_add_vcpu(&vm, 1);
	CHECK_EQ(session_vcpu(fd, 1).state, VMXDBG_VCPU_RUNNING);
}

/* a signal ends the KVM_RUN of a held vCPU, and the next KVM_RUN waits again */
static void hold_and_a_signal(void)
{
	struct vmm_vcpu *state;
	struct vmm vmm;
	unsigned int i;

	vmm_start(&vmm, MODE_LONG, PROG(halt), NULL);
	state = &vmm.shared->vcpu[0];
	REQUIRE(wait_for(&state->tid, 1));
	/* The first signal may come before KVM_RUN. */
	for (i = 0; i < 100 && !state->eintr; i++) {
		CHECK_OK(tgkill_vmm(&vmm, 0));
		sleep_ms(10);
	}
	CHECK(wait_for(&state->eintr, 1));
	CHECK_EQ(DATA64(&vmm.vm, 0), 0);
	CHECK_EQ(state->done, 0);
}

static const struct test tests[] = {
	TEST(version),
	TEST(list_shows_a_vm),
	TEST(list_with_too_little_room_counts_all),
	TEST(ids_are_not_used_again),
	TEST(attach_by_id_and_detach),
	TEST(attach_by_fd),
	TEST(attach_to_what_is_not_there),
	TEST(one_session_per_vm),
	TEST(in_band_debugging_excludes_a_session),
	TEST(session_excludes_in_band_debugging),
	TEST(another_user_may_not_attach),
	TEST(others_may_not_open_the_device),
	TEST(info),
	TEST(attach_to_a_running_guest_does_not_stop_it),
	TEST(hold_waits_for_the_first_session),
	TEST(hold_let_go_by_the_vmm),
	TEST(hold_while_a_session_waits_for_the_vcpu),
	TEST(hold_and_a_signal),
};

TAP_MAIN(tests)
