// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments that every call of the debug plane refuses: reserved fields, flags,
 * pointers.
 */
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

GUEST64(halt, "hlt");

enum on { ON_DEVICE, ON_SESSION };

/* A call whose argument is good but for one field, of 4 or 8 bytes. */
static const struct {
	const char *what;
	enum on on;
	unsigned long call;
	u16 size, offset;
	u8 bytes;
	u64 value;
} bad[] = {
#define F(t, field) sizeof(struct t), offsetof(struct t, field), sizeof(((struct t *)0)->field)
	{ "list: reserved", ON_DEVICE, VMXDBG_LIST_VMS, F(vmxdbg_vm_list, reserved), 1 },
	{ "attach: flags", ON_DEVICE, VMXDBG_ATTACH, F(vmxdbg_attach, flags), 2 },
	{ "attach: flags", ON_DEVICE, VMXDBG_ATTACH, F(vmxdbg_attach, flags), 1U << 31 },
	{ "vcpu: reserved", ON_SESSION, VMXDBG_GET_VCPU, F(vmxdbg_vcpu, reserved[0]), 1 },
	{ "vcpu: reserved", ON_SESSION, VMXDBG_GET_VCPU, F(vmxdbg_vcpu, reserved[1]), 1 },
	{ "stop: flags", ON_SESSION, VMXDBG_STOP, F(vmxdbg_stop, flags), 1 },
	{ "resume: flags", ON_SESSION, VMXDBG_RESUME, F(vmxdbg_resume, flags), 0x40 },
	{ "resume: RANGE without STEP", ON_SESSION, VMXDBG_RESUME, F(vmxdbg_resume, flags),
	  VMXDBG_RESUME_RANGE },
	{ "resume: IRQS without STEP", ON_SESSION, VMXDBG_RESUME, F(vmxdbg_resume, flags),
	  VMXDBG_RESUME_IRQS },
	{ "resume: INTO without STEP", ON_SESSION, VMXDBG_RESUME, F(vmxdbg_resume, flags),
	  VMXDBG_RESUME_INTO },
	{ "resume: BRANCH without STEP", ON_SESSION, VMXDBG_RESUME, F(vmxdbg_resume, flags),
	  VMXDBG_RESUME_BRANCH },
	{ "resume: until two things", ON_SESSION, VMXDBG_RESUME, F(vmxdbg_resume, flags),
	  VMXDBG_RESUME_STEP | VMXDBG_RESUME_BRANCH | VMXDBG_RESUME_RETURN },
	{ "get regs: set", ON_SESSION, VMXDBG_GET_REGS, F(vmxdbg_regs, set), 9 },
	{ "get regs: size", ON_SESSION, VMXDBG_GET_REGS, F(vmxdbg_regs, size), 8 },
	{ "set regs: read-only set", ON_SESSION, VMXDBG_SET_REGS, F(vmxdbg_regs, set),
	  VMXDBG_REGS_HIDDEN },
	{ "get MSRs: too many", ON_SESSION, VMXDBG_GET_MSRS, F(vmxdbg_msrs, count),
	  VMXDBG_MSRS_MAX + 1 },
	{ "read: flags", ON_SESSION, VMXDBG_READ_MEM, F(vmxdbg_mem, flags), 2 },
	{ "read: too long", ON_SESSION, VMXDBG_READ_MEM, F(vmxdbg_mem, len), VMXDBG_MEM_MAX + 1 },
	{ "write: flags", ON_SESSION, VMXDBG_WRITE_MEM, F(vmxdbg_mem, flags), 1U << 31 },
	{ "translate: flags", ON_SESSION, VMXDBG_TRANSLATE, F(vmxdbg_translate, flags), 1 },
	{ "bp: flags", ON_SESSION, VMXDBG_ADD_BP, F(vmxdbg_bp, flags), 4 },
	{ "bp: reserved", ON_SESSION, VMXDBG_ADD_BP, F(vmxdbg_bp, reserved[0]), 1 },
	{ "bp: reserved", ON_SESSION, VMXDBG_ADD_BP, F(vmxdbg_bp, reserved[2]), 1 },
	{ "slots: reserved", ON_SESSION, VMXDBG_GET_SLOTS, F(vmxdbg_slot_list, reserved0), 1 },
	{ "slots: reserved", ON_SESSION, VMXDBG_GET_SLOTS, F(vmxdbg_slot_list, reserved[0]), 1 },
	{ "slots: reserved", ON_SESSION, VMXDBG_GET_SLOTS, F(vmxdbg_slot_list, reserved[1]), 1 },
	{ "place: flags", ON_SESSION, VMXDBG_GET_PLACE, F(vmxdbg_place, flags), 1 },
	{ "place: flags", ON_SESSION, VMXDBG_GET_PLACE, F(vmxdbg_place, flags), 1U << 31 },
	{ "place: reserved", ON_SESSION, VMXDBG_GET_PLACE, F(vmxdbg_place, reserved[0]), 1 },
	{ "place: reserved", ON_SESSION, VMXDBG_GET_PLACE, F(vmxdbg_place, reserved[3]), 1 },
	{ "stats: reserved", ON_SESSION, VMXDBG_GET_STATS, F(vmxdbg_stats, reserved[0]), 1 },
	{ "stats: reserved", ON_SESSION, VMXDBG_GET_STATS, F(vmxdbg_stats, reserved[3]), 1 },
	{ "objects: reserved", ON_SESSION, VMXDBG_LIST_OBJECTS,
	  F(vmxdbg_object_list, reserved0), 1 },
	{ "objects: reserved", ON_SESSION, VMXDBG_LIST_OBJECTS,
	  F(vmxdbg_object_list, reserved[0]), 1 },
	{ "objects: reserved", ON_SESSION, VMXDBG_LIST_OBJECTS,
	  F(vmxdbg_object_list, reserved[1]), 1 },
	{ "vCPUs: reserved", ON_SESSION, VMXDBG_LIST_VCPUS, F(vmxdbg_vcpu_list, reserved0), 1 },
	{ "vCPUs: reserved", ON_SESSION, VMXDBG_LIST_VCPUS, F(vmxdbg_vcpu_list, reserved[0]), 1 },
	{ "vCPUs: reserved", ON_SESSION, VMXDBG_LIST_VCPUS, F(vmxdbg_vcpu_list, reserved[1]), 1 },
	{ "inject: type", ON_SESSION, VMXDBG_INJECT, F(vmxdbg_inject, type), 5 },
	{ "inject: flags", ON_SESSION, VMXDBG_INJECT, F(vmxdbg_inject, flags), 1 },
	{ "inject: reserved", ON_SESSION, VMXDBG_INJECT, F(vmxdbg_inject, reserved0), 1 },
	{ "inject: reserved", ON_SESSION, VMXDBG_INJECT, F(vmxdbg_inject, reserved[0]), 1 },
	{ "inject: reserved", ON_SESSION, VMXDBG_INJECT, F(vmxdbg_inject, reserved[1]), 1 },
	{ "reset: flags", ON_SESSION, VMXDBG_RESET, F(vmxdbg_reset, flags), 1 },
	{ "reset: reserved", ON_SESSION, VMXDBG_RESET, F(vmxdbg_reset, reserved[0]), 1 },
	{ "reset: reserved", ON_SESSION, VMXDBG_RESET, F(vmxdbg_reset, reserved[6]), 1 },
	{ "time: mode", ON_SESSION, VMXDBG_SET_TIME, F(vmxdbg_time, mode), 2 },
	{ "time: flags", ON_SESSION, VMXDBG_SET_TIME, F(vmxdbg_time, flags), 1 },
	{ "time: reserved", ON_SESSION, VMXDBG_SET_TIME, F(vmxdbg_time, reserved[0]), 1 },
	{ "time: reserved", ON_SESSION, VMXDBG_SET_TIME, F(vmxdbg_time, reserved[1]),
	  1ULL << 63 },
};

/* Fill in the argument of @call, so that the call would succeed. */
static void good_argument(unsigned long call, u8 *arg, struct dbg *d, void *data)
{
	static const struct vmxdbg_bp bp = { .addr = GUEST_CODE, .len = 1 };
	struct vmxdbg_regs regs = { .size = sizeof(struct kvm_regs), .data = (unsigned long)data };
	struct vmxdbg_mem mem = { .addr = GUEST_DATA, .len = 8, .buf = (unsigned long)data };
	struct vmxdbg_attach target = { .target = d->vmm.id };

	memset(arg, 0, 256);
	if (call == VMXDBG_ADD_BP)
		memcpy(arg, &bp, sizeof(bp));
	else if (call == VMXDBG_GET_REGS || call == VMXDBG_SET_REGS)
		memcpy(arg, &regs, sizeof(regs));
	else if (call == VMXDBG_READ_MEM || call == VMXDBG_WRITE_MEM)
		memcpy(arg, &mem, sizeof(mem));
	else if (call == VMXDBG_ATTACH)
		memcpy(arg, &target, sizeof(target));
}

static void reserved_fields_and_flags_are_checked(void)
{
	u8 arg[256], data[4096] = { 0 };
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		good_argument(bad[i].call, arg, &d, data);
		memcpy(arg + bad[i].offset, &bad[i].value, bad[i].bytes);
		if (!CHECK_ERR(ioctl(bad[i].on == ON_DEVICE ? d.dev : d.fd, bad[i].call, arg),
			       EINVAL))
			tap_note("%s", bad[i].what);
	}
	/* no call had an effect: the vCPU is still at its first instruction */
	CHECK_EQ(session_get_regs(d.fd, 0).rip, GUEST_CODE);
}

static void pointers_are_checked(void)
{
	static const unsigned long session_calls[] = {
		VMXDBG_GET_INFO, VMXDBG_GET_VCPU, VMXDBG_STOP, VMXDBG_RESUME, VMXDBG_GET_REGS,
		VMXDBG_SET_REGS, VMXDBG_READ_MEM, VMXDBG_WRITE_MEM, VMXDBG_TRANSLATE,
		VMXDBG_ADD_BP, VMXDBG_GET_MSRS, VMXDBG_SET_MSRS, VMXDBG_LIST_MSRS,
		VMXDBG_GET_SLOTS, VMXDBG_GET_PLACE, VMXDBG_GET_STATS, VMXDBG_LIST_OBJECTS,
		VMXDBG_SET_TIME, VMXDBG_INJECT, VMXDBG_RESET, VMXDBG_LIST_VCPUS,
	};
	struct vmxdbg_vm_list list = { .count = 1 };
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	for (i = 0; i < ARRAY_SIZE(session_calls); i++) {
		CHECK_ERR(ioctl(d.fd, session_calls[i], bad_pointer()), EFAULT);
		if (!CHECK_ERR(ioctl(d.fd, session_calls[i], NULL), EFAULT))
			tap_note("call %#lx", session_calls[i]);
	}
	CHECK_ERR(ioctl(d.dev, VMXDBG_LIST_VMS, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(d.dev, VMXDBG_ATTACH, bad_pointer()), EFAULT);
	list.vms = (unsigned long)bad_pointer();
	CHECK_ERR(ioctl(d.dev, VMXDBG_LIST_VMS, &list), EFAULT);
}

static void all_vcpus_cannot_be_stepped(void)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	CHECK_ERR(session_resume(d.fd, VMXDBG_ALL_VCPUS, VMXDBG_RESUME_STEP), EINVAL);
	CHECK_ERR(session_resume_range(d.fd, 0, 0x2000, 0x1000), EINVAL);
}

static void all_vcpus_is_no_single_vcpu(void)
{
	struct vmxdbg_vcpu v = { .vcpu = VMXDBG_ALL_VCPUS };
	struct kvm_regs regs;
	struct dbg d;
	u8 byte;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	CHECK_ERR(ioctl(d.fd, VMXDBG_GET_VCPU, &v), ENOENT);
	CHECK_ERR(session_regs(d.fd, false, VMXDBG_ALL_VCPUS, 0, sizeof(regs), &regs), ENOENT);
	CHECK_EQ(session_read(d.fd, VMXDBG_ALL_VCPUS, 0, 0, &byte, 1), -ENOENT);
}

static void unknown_calls(void)
{
	int fds[3];
	unsigned int i;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(halt), NULL);
	fds[0] = d.dev;
	fds[1] = d.vmm.vm_fd;
	fds[2] = d.fd;
	for (i = 0; i < 3; i++) {
		CHECK(ioctl(fds[i], _IO(VMXDBGIO, 0x7f), 0) < 0 &&
		      (errno == ENOTTY || errno == EINVAL || errno == EIO));
		CHECK(ioctl(fds[i], _IO('x', 1), 0) < 0 &&
		      (errno == ENOTTY || errno == EINVAL || errno == EIO));
	}
	/* calls of one plane on a file descriptor of the other */
	CHECK_ERR(ioctl(d.fd, KVM_GET_API_VERSION, 0), ENOTTY);
	CHECK(ioctl(d.dev, VMXDBG_STOP, 0) < 0);
	CHECK_ERR(write(d.fd, "x", 1), EINVAL);
}

static const struct test tests[] = {
	TEST(reserved_fields_and_flags_are_checked),
	TEST(pointers_are_checked),
	TEST(all_vcpus_cannot_be_stepped),
	TEST(all_vcpus_is_no_single_vcpu),
	TEST(unknown_calls),
};

TAP_MAIN(tests)
