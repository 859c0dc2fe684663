// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSRs with which a guest works against CPU flaws: IA32_SPEC_CTRL, IA32_PRED_CMD,
 * IA32_FLUSH_CMD, IA32_ARCH_CAPABILITIES. 50-debian runs this on a CPU that has them.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cpuid_list.h"
#include "guest.h"

#define MSR_SPEC_CTRL	0x48
#define MSR_PRED_CMD	0x49
#define MSR_ARCH_CAPS	0x10a
#define MSR_FLUSH_CMD	0x10b

#define IBRS		1
#define STIBP		2
#define SSBD		4

/* leaf 7, EDX */
#define HAS_SPEC_CTRL	(1U << 26)
#define HAS_STIBP	(1U << 27)
#define HAS_FLUSH	(1U << 28)
#define HAS_CAPS	(1U << 29)
#define HAS_SSBD	(1U << 31)

#define RDCL_NO		(1U << 0)
#define SSB_NO		(1U << 4)
#define MDS_NO		(1U << 5)
#define PSCHANGE_MC_NO	(1U << 6)

#define NOT_TAKEN	(1ULL << 63)	/* in SPEC_CTRL: no processor has it */

/* Return: EDX of leaf 7, as this processor has it. */
static u32 host_edx(void)
{
	u32 a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) ? d : 0;
}

static void need_spec_ctrl(void)
{
	struct cpuid_list c;

	cpuid_supported(dev_open(), &c);
	if (!(cpuid_leaf(&c, 7)->edx & HAS_SPEC_CTRL))
		tap_skip("this CPU has no IA32_SPEC_CTRL");
}

/* Make a guest without any of the features. */
static struct vcpu *without(struct vm *vm, struct prog prog)
{
	struct vcpu *v = guest_make(vm, MODE_LONG, prog);
	struct cpuid_list c;

	cpuid_supported(dev_open(), &c);
	cpuid_leaf(&c, 7)->edx &= ~(HAS_SPEC_CTRL | HAS_STIBP | HAS_FLUSH | HAS_CAPS | HAS_SSBD);
	cpuid_leaf(&c, 0x80000008)->ebx = 0;
	CHECK_OK(ioctl(v->fd, KVM_SET_CPUID2, &c));
	return v;
}

GUEST64(halt, "hlt");

/* Accesses the MSR in RCX: reads it if RBX is 0, else writes RDX:RAX. Then ready for more. */
GUEST64(access,
	"again: test %ebx, %ebx; jnz 1f; rdmsr; jmp 2f; 1: wrmsr\n"
	"2: out %al, $0x10; jmp again");

/* Return: the vector of the exception, or -1. */
static int guest_access(struct vcpu *v, u32 index, bool write, u64 *value)
{
	struct kvm_regs r;

	get_regs(v, &r);
	r.rcx = index;
	r.rbx = write;
	r.rax = (u32)*value;
	r.rdx = *value >> 32;
	r.rip = GUEST_CODE;
	set_regs(v, &r);
	vcpu_run_to(v, KVM_EXIT_IO);
	get_regs(v, &r);
	*value = (u32)r.rax | r.rdx << 32;
	return vcpu_trap(v);
}

static int guest_write(struct vcpu *v, u32 index, u64 value)
{
	return guest_access(v, index, true, &value);
}

static u64 guest_read(struct vcpu *v, u32 index)
{
	u64 value = 0;

	CHECK_EQ(guest_access(v, index, false, &value), -1);
	return value;
}

static int guest_read_trap(struct vcpu *v, u32 index)
{
	u64 value = 0;

	return guest_access(v, index, false, &value);
}

static bool vmm_can_read(struct vcpu *v, u32 index)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr = { .head.nmsrs = 1, .entry.index = index };

	return ioctl(v->fd, KVM_GET_MSRS, &msr) == 1;
}

/* KVM asks the processor for the MSR, and the emulator answers for any. */
static bool kvm_finds_it_anyway(void)
{
	return on_kvm() && !(host_edx() & HAS_SPEC_CTRL);
}

/* ---- what there is ---- */

static void features_are_the_processors(void)
{
	u32 both = HAS_SPEC_CTRL | HAS_STIBP | HAS_SSBD;
	struct cpuid_list c;
	u32 edx;

	cpuid_supported(dev_open(), &c);
	edx = cpuid_leaf(&c, 7)->edx;
	CHECK_EQ(edx & HAS_CAPS, HAS_CAPS);
	CHECK_EQ(edx & both, host_edx() & both);
	KNOWN_DIFFERENCE((edx & HAS_FLUSH) == (host_edx() & HAS_FLUSH),
			 "offers IA32_FLUSH_CMD from 6.4 on");
	tap_note("leaf 7: EDX %#x of %#x; leaf 0x80000008: EBX %#x", edx, host_edx(),
		 cpuid_leaf(&c, 0x80000008)->ebx);
}

/* Leaf 7 has as many subleaves as its EAX says, with nothing that the host lacks. */
static void subleaves_of_leaf_7(void)
{
	struct cpuid_list c;
	unsigned int i, subleaves = 0;
	u32 a, b, cx, d;

	cpuid_supported(dev_open(), &c);
	for (i = 0; i < c.head.nent; i++) {
		struct kvm_cpuid_entry2 *e = &c.entries[i];

		if (e->function != 7 || !e->index)
			continue;
		subleaves++;
		__cpuid_count(7, e->index, a, b, cx, d);
		CHECK(!(e->eax & ~a) && !(e->edx & ~d) && !e->ebx && !e->ecx);
	}
	CHECK_EQ(subleaves, cpuid_leaf(&c, 7)->eax);
	CHECK(cpuid_leaf(&c, 7)->eax <= 2);
}

static bool in_list(u32 index)
{
	struct {
		struct kvm_msr_list head;
		u32 indices[1024];
	} list = { .head.nmsrs = 1024 };
	unsigned int i;

	CHECK_OK(ioctl(dev_open(), KVM_GET_MSR_INDEX_LIST, &list));
	for (i = 0; i < list.head.nmsrs; i++)
		if (list.indices[i] == index)
			return true;
	return false;
}

static void values_are_in_the_list_and_commands_are_not(void)
{
	if (!kvm_finds_it_anyway())
		CHECK_EQ(in_list(MSR_SPEC_CTRL), !!(host_edx() & HAS_SPEC_CTRL));
	CHECK(in_list(MSR_ARCH_CAPS));
	CHECK(!in_list(MSR_PRED_CMD));
	CHECK(!in_list(MSR_FLUSH_CMD));
}

/* ---- guests without ---- */

static void without_the_feature_the_guest_has_no_msr(void)
{
	static const u32 msrs[] = { MSR_SPEC_CTRL, MSR_PRED_CMD, MSR_FLUSH_CMD, MSR_ARCH_CAPS };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(msrs); i++) {
		struct vm vm;
		struct vcpu *v = without(&vm, PROG(access));

		if (!CHECK_EQ(guest_read_trap(v, msrs[i]), 13) ||
		    !CHECK_EQ(guest_write(v, msrs[i], 0), 13))
			tap_note("MSR %#x", msrs[i]);
		vm_destroy(&vm);
	}
}

static void without_a_cpuid_the_vmm_still_has_them(void)
{
	bool has = host_edx() & HAS_SPEC_CTRL;
	struct vm vm;
	struct vcpu *v = without(&vm, PROG(halt));

	CHECK(vmm_can_read(v, MSR_SPEC_CTRL));
	if (!kvm_finds_it_anyway())
		CHECK_EQ(set_msr(v, MSR_SPEC_CTRL, 0), has);
	CHECK_EQ(set_msr(v, MSR_ARCH_CAPS, 0), 1);
	CHECK(!vmm_can_read(v, MSR_PRED_CMD));
	CHECK_EQ(set_msr(v, MSR_PRED_CMD, 1), has);
	CHECK_EQ(set_msr(v, MSR_PRED_CMD, 2), 0);
	CHECK(!vmm_can_read(v, MSR_FLUSH_CMD));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* ---- IA32_ARCH_CAPABILITIES ---- */

static u64 feature_msr(u32 index)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msr = { .head.nmsrs = 1, .entry.index = index };

	REQUIRE_EQ(ioctl(dev_open(), KVM_GET_MSRS, &msr), 1);
	return msr.entry.data;
}

static void capabilities_belong_to_the_vmm(void)
{
	u64 caps = feature_msr(MSR_ARCH_CAPS);
	struct vm vm, other;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(access));

	tap_note("IA32_ARCH_CAPABILITIES is %#llx", (unsigned long long)caps);
	CHECK_EQ(get_msr(v, MSR_ARCH_CAPS), caps);
	CHECK_EQ(guest_read(v, MSR_ARCH_CAPS), caps);
	CHECK_EQ(guest_write(v, MSR_ARCH_CAPS, caps), 13);
	/* KVM of 6.4 and later keeps what the guest may have read: a vCPU that has not run. */
	v = guest_make(&other, MODE_LONG, PROG(access));
	CHECK_EQ(set_msr(v, MSR_ARCH_CAPS, 0x1234), 1);
	CHECK_EQ(guest_read(v, MSR_ARCH_CAPS), 0x1234);
}

/* Return: whether the kernel says so of the flaw; true without such a file. */
static bool not_affected(const char *flaw)
{
	char path[128], text[128] = "Not affected";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/vulnerabilities/%s", flaw);
	f = fopen(path, "r");
	if (!f)
		tap_skip("this kernel does not tell the CPU's flaws");
	if (!fgets(text, sizeof(text), f))
		tap_fail("cannot read %s", path);
	fclose(f);
	return !strncmp(text, "Not affected", 12);
}

static void capabilities_tell_what_the_kernel_tells(void)
{
	u64 caps = feature_msr(MSR_ARCH_CAPS);

	CHECK_EQ(!!(caps & RDCL_NO), not_affected("meltdown"));
	CHECK_EQ(!!(caps & SSB_NO), not_affected("spec_store_bypass"));
	CHECK_EQ(!!(caps & MDS_NO), not_affected("mds"));
	CHECK(caps & PSCHANGE_MC_NO);
}

/* ---- IA32_SPEC_CTRL ---- */

/* The value that the guest writes stays, whether or not an access exits. */
static void a_guest_has_a_value_of_its_own(void)
{
	static const u64 values[] = { 0, IBRS, IBRS | STIBP, SSBD, 0, STIBP, 0 };
	struct vm vm;
	struct vcpu *v;
	unsigned int i;

	need_spec_ctrl();
	v = guest_make(&vm, MODE_LONG, PROG(access));
	CHECK_EQ(guest_read(v, MSR_SPEC_CTRL), 0);
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		CHECK_EQ(guest_write(v, MSR_SPEC_CTRL, values[i]), -1);
		CHECK_EQ(get_msr(v, MSR_SPEC_CTRL), values[i]);
		CHECK_EQ(guest_read(v, MSR_SPEC_CTRL), values[i]);
	}
}

static void the_vmm_reads_and_writes_it(void)
{
	struct vm vm;
	struct vcpu *v;

	need_spec_ctrl();
	v = guest_make(&vm, MODE_LONG, PROG(access));
	CHECK_EQ(set_msr(v, MSR_SPEC_CTRL, SSBD), 1);
	CHECK_EQ(guest_read(v, MSR_SPEC_CTRL), SSBD);
	CHECK_EQ(guest_write(v, MSR_SPEC_CTRL, IBRS), -1);
	CHECK_EQ(get_msr(v, MSR_SPEC_CTRL), IBRS);
	CHECK_EQ(set_msr(v, MSR_SPEC_CTRL, 0), 1);
	CHECK_EQ(guest_read(v, MSR_SPEC_CTRL), 0);
}

static void bits_that_the_processor_lacks_fault(void)
{
	struct vm vm;
	struct vcpu *v;

	need_spec_ctrl();
	v = guest_make(&vm, MODE_LONG, PROG(access));
	CHECK_EQ(set_msr(v, MSR_SPEC_CTRL, NOT_TAKEN), 0);
	CHECK_EQ(guest_write(v, MSR_SPEC_CTRL, NOT_TAKEN), 13);
	CHECK_EQ(guest_write(v, MSR_SPEC_CTRL, IBRS), -1);
	CHECK_EQ(guest_write(v, MSR_SPEC_CTRL, NOT_TAKEN | SSBD), 13);
	CHECK_EQ(guest_read(v, MSR_SPEC_CTRL), IBRS);
	CHECK_EQ(set_msr(v, MSR_SPEC_CTRL, NOT_TAKEN), 0);
	CHECK_EQ(get_msr(v, MSR_SPEC_CTRL), IBRS);
}

/* The VMM has set it, but the guest's CPUID says that there is none. */
static void without_the_feature_a_value_of_the_vmms_is_hidden(void)
{
	struct vm vm;
	struct vcpu *v;
	int trap;

	need_spec_ctrl();
	v = without(&vm, PROG(access));
	CHECK_EQ(set_msr(v, MSR_SPEC_CTRL, IBRS), 1);
	trap = guest_read_trap(v, MSR_SPEC_CTRL);
	KNOWN_DIFFERENCE(trap == 13, "lets the guest read it from then on");
	CHECK_EQ(get_msr(v, MSR_SPEC_CTRL), IBRS);
}

/* Counts in R8 the reads that differ from R9, with exits that the kernel handles. */
GUEST64(holds,
	"mov $0x48, %ecx; mov %r9d, %eax; xor %edx, %edx; wrmsr\n"
	"xor %r8d, %r8d; mov $2000, %edi\n"
	"1: mov $1, %eax; cpuid; mov $0x48, %ecx; rdmsr\n"
	"cmp %r9, %rax; je 2f; inc %r8d\n"
	"2: dec %edi; jnz 1b\n"
	"mov %r8d, 0xc000; hlt");

static void set_r9(struct vcpu *v, u64 value)
{
	struct kvm_regs r;

	get_regs(v, &r);
	r.r9 = value;
	set_regs(v, &r);
}

static void vcpus_do_not_see_each_others(void)
{
	static const u64 values[] = { IBRS, STIBP | SSBD };
	struct vcpu *v[2];
	struct vm vm[2];
	unsigned int i;

	need_spec_ctrl();
	for (i = 0; i < 2; i++) {
		v[i] = guest_make(&vm[i], MODE_LONG, PROG(access));
		CHECK_EQ(guest_write(v[i], MSR_SPEC_CTRL, values[i]), -1);
	}
	for (i = 0; i < 20; i++)
		CHECK_EQ(guest_read(v[i & 1], MSR_SPEC_CTRL), values[i & 1]);
	vm_load(&vm[0], PROG(holds));
	set_rip(v[0], GUEST_CODE);
	set_r9(v[0], STIBP);
	vcpu_run_to(v[0], KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm[0], 0), 0);
	CHECK_EQ(get_msr(v[0], MSR_SPEC_CTRL), STIBP);
	CHECK_EQ(guest_read(v[1], MSR_SPEC_CTRL), values[1]);
}

/* An entry that fails runs no guest, so the guest's value stays. */
static void a_failed_entry_changes_nothing(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v;

	need_spec_ctrl();
	v = guest_make(&vm, MODE_LONG, PROG(access));
	CHECK_EQ(guest_write(v, MSR_SPEC_CTRL, IBRS | SSBD), -1);
	get_regs(v, &regs);
	regs.rflags |= 1ULL << 40;
	set_regs(v, &regs);
	vcpu_run_to(v, KVM_EXIT_FAIL_ENTRY);
	CHECK_EQ(get_msr(v, MSR_SPEC_CTRL), IBRS | SSBD);
	regs.rflags = 2;
	set_regs(v, &regs);
	CHECK_EQ(guest_read(v, MSR_SPEC_CTRL), IBRS | SSBD);
}

/* ---- the host's IA32_SPEC_CTRL, which the kernel's module msr shows ---- */

static int msr_device(void)
{
	cpu_set_t set;
	char path[64];
	int fd;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	CHECK_OK(sched_setaffinity(0, sizeof(set), &set));
	snprintf(path, sizeof(path), "/dev/cpu/%d/msr", sched_getcpu());
	fd = open(path, O_RDONLY);
	if (fd < 0)
		tap_skip("there is no %s", path);
	return fd;
}

static u64 host_spec_ctrl(void)
{
	int fd = msr_device();
	u64 value;

	REQUIRE_EQ(pread(fd, &value, sizeof(value), MSR_SPEC_CTRL), sizeof(value));
	close(fd);
	return value;
}

static void check_host_beside(u64 guest)
{
	u64 host = host_spec_ctrl();
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(access));
	int i;

	tap_note("host %#llx, guest %#llx", (unsigned long long)host,
		 (unsigned long long)guest);
	CHECK_EQ(guest_write(v, MSR_SPEC_CTRL, guest), -1);
	for (i = 0; i < 10; i++) {
		CHECK_EQ(guest_read(v, MSR_SPEC_CTRL), guest);
		CHECK_EQ(host_spec_ctrl(), host);
	}
	vm_destroy(&vm);
}

static void the_host_keeps_its_own(void)
{
	need_spec_ctrl();
	check_host_beside(IBRS | STIBP | SSBD);
}

/* A task that asked for it has SSBD. The guest's value does not follow. */
static void the_host_keeps_what_a_task_asked_for(void)
{
	need_spec_ctrl();
	if (prctl(PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, PR_SPEC_DISABLE, 0, 0))
		tap_skip("this host does not let a task disable the store bypass");
	CHECK_EQ(host_spec_ctrl() & SSBD, SSBD);
	check_host_beside(IBRS);
	check_host_beside(0);
}

/* ---- commands ---- */

static void barriers(void)
{
	struct vm vm;
	struct vcpu *v;
	int i;

	need_spec_ctrl();
	v = guest_make(&vm, MODE_LONG, PROG(access));
	CHECK_EQ(guest_write(v, MSR_PRED_CMD, 0), -1);
	CHECK_EQ(guest_write(v, MSR_PRED_CMD, 2), 13);
	for (i = 0; i < 3; i++)
		CHECK_EQ(guest_write(v, MSR_PRED_CMD, 1), -1);
	CHECK_EQ(guest_write(v, MSR_PRED_CMD, 2), 13);
	CHECK_EQ(guest_read_trap(v, MSR_PRED_CMD), 13);
}

static void flushes_of_the_l1_data_cache(void)
{
	struct cpuid_list c;
	struct vm vm;
	struct vcpu *v;

	cpuid_supported(dev_open(), &c);
	if (!(cpuid_leaf(&c, 7)->edx & HAS_FLUSH))
		tap_skip("guests have no IA32_FLUSH_CMD here");
	v = guest_make(&vm, MODE_LONG, PROG(access));
	CHECK_EQ(guest_write(v, MSR_FLUSH_CMD, 0), -1);
	CHECK_EQ(guest_write(v, MSR_FLUSH_CMD, 1), -1);
	CHECK_EQ(guest_write(v, MSR_FLUSH_CMD, 2), 13);
	CHECK_EQ(guest_read_trap(v, MSR_FLUSH_CMD), 13);
	CHECK_EQ(set_msr(v, MSR_FLUSH_CMD, 1), 1);
	CHECK_EQ(set_msr(v, MSR_FLUSH_CMD, 2), 0);
}

static const struct test tests[] = {
	TEST(features_are_the_processors),
	TEST(subleaves_of_leaf_7),
	TEST(values_are_in_the_list_and_commands_are_not),
	TEST(without_the_feature_the_guest_has_no_msr),
	TEST(without_a_cpuid_the_vmm_still_has_them),
	TEST(capabilities_belong_to_the_vmm),
	TEST(capabilities_tell_what_the_kernel_tells),
	TEST(a_guest_has_a_value_of_its_own),
	TEST(the_vmm_reads_and_writes_it),
	TEST(bits_that_the_processor_lacks_fault),
	TEST(without_the_feature_a_value_of_the_vmms_is_hidden),
	TEST(vcpus_do_not_see_each_others),
	TEST(a_failed_entry_changes_nothing),
	TEST(the_host_keeps_its_own),
	TEST(the_host_keeps_what_a_task_asked_for),
	TEST(barriers),
	TEST(flushes_of_the_l1_data_cache),
};

TAP_MAIN(tests)
