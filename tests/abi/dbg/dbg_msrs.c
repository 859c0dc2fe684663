// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSRs of a stopped vCPU. Test and VMM are one process, so values are compared with what
 * the VMM reads.
 */
#include <string.h>

#include "machine.h"

#define MSR_TSC			0x10
#define MSR_APICBASE		0x1b
#define MSR_TSC_ADJUST		0x3b
#define MSR_SPEC_CTRL		0x48
#define MSR_PRED_CMD		0x49
#define MSR_UCODE_WRITE		0x79
#define MSR_MTRR_CAP		0xfe
#define MSR_FLUSH_CMD		0x10b
#define MSR_SYSENTER_CS		0x174
#define MSR_SYSENTER_ESP	0x175
#define MSR_SYSENTER_EIP	0x176
#define MSR_MISC_ENABLE		0x1a0
#define MSR_DEBUGCTL		0x1d9
#define MSR_MTRR_BASE0		0x200
#define MSR_PAT			0x277
#define MSR_MTRR_DEF		0x2ff
#define MSR_MC0_CTL		0x400
#define MSR_EFER		0xc0000080
#define MSR_STAR		0xc0000081
#define MSR_LSTAR		0xc0000082
#define MSR_CSTAR		0xc0000083
#define MSR_FMASK		0xc0000084
#define MSR_FS_BASE		0xc0000100
#define MSR_GS_BASE		0xc0000101
#define MSR_KERNEL_GS		0xc0000102
#define MSR_UNKNOWN		0x4b564d10
#define MSR_KVM_SYSTEM_TIME	0x12
#define MSR_KVM_WALL		0x4b564d00
#define MSR_KVM_STEAL		0x4b564d03

#define KERNEL		0xffffffff81000000
#define NOT_CANONICAL	0x0000900000000000

GUEST64(halt, "hlt");

static void start(struct machine *m, struct prog prog)
{
	struct vmxdbg_attach arg = { .flags = VMXDBG_ATTACH_FD };

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(m, MODE_LONG, prog);
	arg.target = m->vm.fd;
	m->session = CHECK_OK(ioctl(m->vm.dev, VMXDBG_ATTACH, &arg));
	CHECK_OK(session_stop(m->session, VMXDBG_ALL_VCPUS));
}

static int msrs(struct machine *m, unsigned long call, struct kvm_msr_entry *entries,
		u32 count, u32 *done)
{
	struct vmxdbg_msrs arg = { .count = count, .done = ~0U, .entries = (unsigned long)entries };
	int r = ioctl(m->session, call, &arg);

	*done = arg.done;
	return r;
}

static int read_one(struct machine *m, u32 index, u64 *value)
{
	struct kvm_msr_entry entry = { .index = index };
	u32 done;
	int r = msrs(m, VMXDBG_GET_MSRS, &entry, 1, &done);

	*value = entry.data;
	return r;
}

static int write_one(struct machine *m, u32 index, u64 value)
{
	struct kvm_msr_entry entry = { .index = index, .data = value };
	u32 done;

	return msrs(m, VMXDBG_SET_MSRS, &entry, 1, &done);
}

static u32 list_all(struct machine *m, u32 *indices, u32 room)
{
	struct vmxdbg_msr_list list = { .count = room, .indices = (unsigned long)indices };

	CHECK_OK(ioctl(m->session, VMXDBG_LIST_MSRS, &list));
	return list.count;
}

static bool listed(const u32 *indices, u32 nr, u32 index)
{
	while (nr--)
		if (indices[nr] == index)
			return true;
	return false;
}

/* ---- the list ---- */

/* Each that the VMM saves, where the guest has it. */
static void check_saved(struct machine *m, const u32 *indices, u32 nr)
{
	struct {
		struct kvm_msr_list head;
		u32 indices[256];
	} saved = { .head.nmsrs = 256 };
	u32 i;

	CHECK_OK(ioctl(m->vm.dev, KVM_GET_MSR_INDEX_LIST, &saved));
	CHECK(saved.head.nmsrs > 10);
	for (i = 0; i < saved.head.nmsrs; i++)
		if (!CHECK(listed(indices, nr, saved.indices[i])))
			tap_note("MSR %#x", saved.indices[i]);
}

static void the_list_has_all(void)
{
	static const u32 wanted[] = {
		MSR_TSC, MSR_APICBASE, MSR_TSC_ADJUST, MSR_MTRR_CAP, MSR_SYSENTER_CS,
		MSR_SYSENTER_ESP, MSR_SYSENTER_EIP, MSR_MISC_ENABLE, MSR_DEBUGCTL,
		MSR_MTRR_BASE0, MSR_PAT, MSR_MTRR_DEF, MSR_EFER, MSR_STAR, MSR_LSTAR,
		MSR_CSTAR, MSR_FMASK, MSR_FS_BASE, MSR_GS_BASE, MSR_KERNEL_GS,
	};
	u32 indices[512], nr, i;
	struct machine m;

	start(&m, PROG(halt));
	nr = list_all(&m, indices, 512);
	REQUIRE(nr <= 512);
	for (i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!CHECK(listed(indices, nr, wanted[i])))
			tap_note("MSR %#x", wanted[i]);
	for (i = 1; i < nr; i++)
		CHECK(indices[i - 1] < indices[i]);
	CHECK(!listed(indices, nr, MSR_PRED_CMD));
	check_saved(&m, indices, nr);
	machine_destroy(&m);
}

static void each_in_the_list_is_as_the_vmm_reads_it(void)
{
	static struct kvm_msr_entry entries[512];
	u32 indices[512], nr, i, done, at;
	struct machine m;

	start(&m, PROG(halt));
	CHECK_EQ(set_msr(m.v, MSR_LSTAR, KERNEL), 1);
	CHECK_EQ(set_msr(m.v, MSR_KERNEL_GS, KERNEL + 8), 1);
	CHECK_EQ(set_msr(m.v, MSR_MTRR_DEF, 0xc06), 1);
	nr = list_all(&m, indices, 512);
	for (i = 0; i < nr; i++)
		entries[i].index = indices[i];
	for (at = 0; at < nr; at += done) {
		u32 some = nr - at < VMXDBG_MSRS_MAX ? nr - at : VMXDBG_MSRS_MAX;

		CHECK_OK(msrs(&m, VMXDBG_GET_MSRS, entries + at, some, &done));
		REQUIRE_EQ(done, some);
	}
	for (i = 0; i < nr; i++)
		if (indices[i] != MSR_TSC && !CHECK_EQ(entries[i].data, get_msr(m.v, indices[i])))
			tap_note("MSR %#x", indices[i]);
	machine_destroy(&m);
}

static void a_short_list_is_filled(void)
{
	u32 indices[8] = { 0 }, all[512], nr;
	struct machine m;

	start(&m, PROG(halt));
	nr = list_all(&m, all, 512);
	CHECK_EQ(list_all(&m, indices, 4), nr);
	CHECK(!memcmp(indices, all, 4 * sizeof(u32)));
	CHECK_EQ(indices[4], 0);
	CHECK_EQ(list_all(&m, NULL, 0), nr);
	machine_destroy(&m);
}

static void machine_check_banks_are_listed(void)
{
	u32 indices[512], nr;
	struct machine m;
	u64 cap = 4, value;

	start(&m, PROG(halt));
	nr = list_all(&m, indices, 512);
	CHECK(listed(indices, nr, MSR_MC0_CTL + 16));
	CHECK_OK(read_one(&m, MSR_MC0_CTL + 16, &value));
	CHECK_OK(ioctl(m.v->fd, KVM_X86_SETUP_MCE, &cap));
	nr = list_all(&m, indices, 512);
	CHECK(listed(indices, nr, MSR_MC0_CTL));
	CHECK(listed(indices, nr, MSR_MC0_CTL + 15));
	CHECK(!listed(indices, nr, MSR_MC0_CTL + 16));
	CHECK_OK(read_one(&m, MSR_MC0_CTL, &value));
	CHECK_EQ(value, ~0ULL);
	CHECK_ERR(read_one(&m, MSR_MC0_CTL + 16, &value), EINVAL);
	machine_destroy(&m);
}

/* ---- writes ---- */

static const struct {
	u32 index;
	u64 value;
} good[] = {
	{ MSR_STAR, 0x0023001000000000 }, { MSR_LSTAR, KERNEL }, { MSR_CSTAR, 0x1234 },
	{ MSR_FMASK, 0x47700 }, { MSR_FS_BASE, 0x7f0000001000 }, { MSR_GS_BASE, KERNEL },
	{ MSR_KERNEL_GS, KERNEL + 0x1000 }, { MSR_SYSENTER_CS, 0x10 },
	{ MSR_SYSENTER_ESP, KERNEL }, { MSR_SYSENTER_EIP, KERNEL + 5 },
	{ MSR_PAT, 0x0606060606060606 }, { MSR_TSC_ADJUST, 77 }, { MSR_MTRR_DEF, 0xc00 },
	{ MSR_MTRR_BASE0, 0x80000006 }, { MSR_EFER, 0x501 }, { MSR_EFER, 0xd00 },
	{ MSR_APICBASE, 0xfee00000 }, { MSR_DEBUGCTL, 0 },
};

static void writes_are_kept(void)
{
	struct machine m;
	unsigned int i;
	u64 value;

	start(&m, PROG(halt));
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		CHECK_OK(write_one(&m, good[i].index, good[i].value));
		CHECK_OK(read_one(&m, good[i].index, &value));
		if (!CHECK_EQ(value, good[i].value) ||
		    !CHECK_EQ(get_msr(m.v, good[i].index), good[i].value))
			tap_note("MSR %#x", good[i].index);
	}
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	machine_destroy(&m);
}

GUEST64(reads,
	"mov $0xc0000082, %ecx; rdmsr; mov %eax, 0xc000; mov %edx, 0xc004\n"
	"mov $0xc0000102, %ecx; rdmsr; mov %eax, 0xc008; mov %edx, 0xc00c\n"
	"mov %fs:8, %rax; mov %rax, 0xc010; hlt");

static void writes_reach_the_guest(void)
{
	struct machine m;

	start(&m, PROG(reads));
	DATA64(&m.vm, 65) = 0x5566;
	CHECK_OK(write_one(&m, MSR_LSTAR, KERNEL));
	CHECK_OK(write_one(&m, MSR_KERNEL_GS, KERNEL + 0x40));
	CHECK_OK(write_one(&m, MSR_FS_BASE, GUEST_DATA + 512));
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&m.vm, 0), KERNEL);
	CHECK_EQ(DATA64(&m.vm, 1), KERNEL + 0x40);
	CHECK_EQ(DATA64(&m.vm, 2), 0x5566);
	machine_destroy(&m);
}

static const struct {
	u32 index;
	u64 value;
} bad[] = {
	{ MSR_LSTAR, NOT_CANONICAL }, { MSR_CSTAR, NOT_CANONICAL },
	{ MSR_FS_BASE, NOT_CANONICAL }, { MSR_GS_BASE, 1ULL << 63 },
	{ MSR_KERNEL_GS, NOT_CANONICAL }, { MSR_FMASK, 1ULL << 32 },
	{ MSR_SYSENTER_ESP, NOT_CANONICAL }, { MSR_SYSENTER_EIP, 1ULL << 47 },
	{ MSR_SYSENTER_CS, 1ULL << 32 }, { MSR_PAT, 2 }, { MSR_MTRR_DEF, 0x100 },
	{ MSR_MTRR_BASE0, 2 }, { MSR_EFER, 0 }, { MSR_EFER, 0x400 }, { MSR_EFER, 0x100 },
	{ MSR_EFER, 0x1502 }, { MSR_EFER, 1ULL << 40 | 0x500 }, { MSR_APICBASE, 0xfee00001 },
	{ MSR_APICBASE, 1ULL << 62 }, { MSR_DEBUGCTL, 1 }, { MSR_DEBUGCTL, 2 },
	{ MSR_DEBUGCTL, 1ULL << 32 }, { MSR_UCODE_WRITE, 0x1000 }, { MSR_PRED_CMD, 0 },
	{ MSR_PRED_CMD, 1 }, { MSR_FLUSH_CMD, 0 }, { MSR_MTRR_CAP, 0 }, { MSR_UNKNOWN, 0 },
	{ MSR_SPEC_CTRL, 1ULL << 63 }, { MSR_KVM_SYSTEM_TIME, 1 }, { MSR_KVM_STEAL, 0xc041 },
};

/* The state stays, and the guest still runs. */
static void bad_writes_are_refused(void)
{
	static struct kvm_msr_entry before[VMXDBG_MSRS_MAX], after[VMXDBG_MSRS_MAX];
	u32 indices[VMXDBG_MSRS_MAX], nr, done, i;
	struct machine m;

	start(&m, PROG(halt));
	nr = list_all(&m, indices, VMXDBG_MSRS_MAX);
	REQUIRE(nr <= VMXDBG_MSRS_MAX);
	for (i = 0; i < nr; i++)
		before[i].index = indices[i];
	memcpy(after, before, sizeof(after));
	CHECK_OK(msrs(&m, VMXDBG_GET_MSRS, before, nr, &done));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (!CHECK_ERR(write_one(&m, bad[i].index, bad[i].value), EINVAL))
			tap_note("MSR %#x, value %#llx", bad[i].index,
				 (unsigned long long)bad[i].value);
	CHECK_OK(msrs(&m, VMXDBG_GET_MSRS, after, nr, &done));
	for (i = 0; i < nr; i++)
		if (indices[i] != MSR_TSC && !CHECK_EQ(after[i].data, before[i].data))
			tap_note("MSR %#x", indices[i]);
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	machine_destroy(&m);
}

/* A debugger that saves and restores all MSRs causes no write to guest memory. */
static void a_wall_clock_is_not_written_again(void)
{
	const u64 wall = GUEST_DATA + 0x200;
	struct machine m;

	start(&m, PROG(halt));
	CHECK_OK(session_resume(m.session, 0, 0));
	CHECK_EQ(set_msr(m.v, MSR_KVM_WALL, wall), 1);
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	CHECK(*GUEST_PTR(&m.vm, wall + 4, u32) != 0);
	*GUEST_PTR(&m.vm, wall + 4, u32) = 0;
	CHECK_OK(session_stop(m.session, 0));
	CHECK_OK(write_one(&m, MSR_KVM_WALL, wall));
	CHECK_OK(session_resume(m.session, 0, 0));
	set_rip(m.v, GUEST_CODE);
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	CHECK_EQ(*GUEST_PTR(&m.vm, wall + 4, u32), 0);
	machine_destroy(&m);
}

/* A VMM's write would join the counter of the other vCPUs, as on KVM. */
static void the_tsc_is_set_exactly(void)
{
	struct machine m;
	u64 now, then;

	start(&m, PROG(halt));
	CHECK_OK(read_one(&m, MSR_TSC, &now));
	CHECK_OK(write_one(&m, MSR_TSC, now + (1ULL << 45)));
	CHECK_OK(write_one(&m, MSR_TSC, now - 10000));
	CHECK_OK(read_one(&m, MSR_TSC, &then));
	CHECK_EQ(then, now - 10000);	/* all vCPUs are stopped */
	CHECK_OK(write_one(&m, MSR_TSC, 0));
	CHECK_OK(read_one(&m, MSR_TSC, &then));
	CHECK_EQ(then, 0);
	CHECK_EQ(get_msr(m.v, MSR_TSC_ADJUST), 0);
	machine_destroy(&m);
}

/* ---- several ---- */

static void the_first_that_fails_ends_the_call(void)
{
	struct kvm_msr_entry entries[] = {
		{ .index = MSR_STAR, .data = 1 }, { .index = MSR_LSTAR, .data = 2 },
		{ .index = MSR_UNKNOWN, .data = 3 }, { .index = MSR_CSTAR, .data = 4 },
	};
	struct machine m;
	u32 done;

	start(&m, PROG(halt));
	CHECK_ERR(msrs(&m, VMXDBG_SET_MSRS, entries, 4, &done), EINVAL);
	CHECK_EQ(done, 2);
	CHECK_EQ(get_msr(m.v, MSR_STAR), 1);
	CHECK_EQ(get_msr(m.v, MSR_LSTAR), 2);
	CHECK_EQ(get_msr(m.v, MSR_CSTAR), 0);
	entries[0].data = 0x77;
	entries[1].data = 0x77;
	entries[3].data = 0x77;
	CHECK_ERR(msrs(&m, VMXDBG_GET_MSRS, entries, 4, &done), EINVAL);
	CHECK_EQ(done, 2);
	CHECK_EQ(entries[0].data, 1);
	CHECK_EQ(entries[1].data, 2);
	CHECK_EQ(entries[2].data, 3);
	CHECK_EQ(entries[3].data, 0x77);
	CHECK_OK(msrs(&m, VMXDBG_SET_MSRS, entries, 0, &done));
	CHECK_EQ(done, 0);
	machine_destroy(&m);
}

static void arguments_are_checked(void)
{
	static struct kvm_msr_entry entries[VMXDBG_MSRS_MAX + 1];
	struct vmxdbg_msrs arg = { .count = 1, .entries = (unsigned long)entries };
	struct vmxdbg_msr_list list = { .count = 4 };
	struct machine m;
	u32 done;

	start(&m, PROG(halt));
	entries[0].index = MSR_STAR;
	CHECK_ERR(msrs(&m, VMXDBG_GET_MSRS, entries, VMXDBG_MSRS_MAX + 1, &done), EINVAL);
	CHECK_ERR(msrs(&m, VMXDBG_SET_MSRS, entries, ~0U, &done), EINVAL);
	CHECK_ERR(msrs(&m, VMXDBG_GET_MSRS, bad_pointer(), 1, &done), EFAULT);
	CHECK_ERR(msrs(&m, VMXDBG_SET_MSRS, bad_pointer(), 1, &done), EFAULT);
	CHECK_EQ(done, 0);
	list.indices = (unsigned long)bad_pointer();
	CHECK_ERR(ioctl(m.session, VMXDBG_LIST_MSRS, &list), EFAULT);
	arg.vcpu = 1;
	list.vcpu = 1;
	CHECK_ERR(ioctl(m.session, VMXDBG_GET_MSRS, &arg), ENOENT);
	CHECK_ERR(ioctl(m.session, VMXDBG_SET_MSRS, &arg), ENOENT);
	CHECK_ERR(ioctl(m.session, VMXDBG_LIST_MSRS, &list), ENOENT);
	arg.vcpu = 0;
	list.vcpu = 0;
	CHECK_OK(session_resume(m.session, 0, 0));
	CHECK_ERR(ioctl(m.session, VMXDBG_GET_MSRS, &arg), EBUSY);
	CHECK_ERR(ioctl(m.session, VMXDBG_SET_MSRS, &arg), EBUSY);
	CHECK_ERR(ioctl(m.session, VMXDBG_LIST_MSRS, &list), EBUSY);
	machine_destroy(&m);
}

static const struct test tests[] = {
	TEST(the_list_has_all),
	TEST(each_in_the_list_is_as_the_vmm_reads_it),
	TEST(a_short_list_is_filled),
	TEST(machine_check_banks_are_listed),
	TEST(writes_are_kept),
	TEST(writes_reach_the_guest),
	TEST(bad_writes_are_refused),
	TEST(a_wall_clock_is_not_written_again),
	TEST(the_tsc_is_set_exactly),
	TEST(the_first_that_fails_ends_the_call),
	TEST(arguments_are_checked),
};

TAP_MAIN(tests)
