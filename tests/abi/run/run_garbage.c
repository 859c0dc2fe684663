// SPDX-License-Identifier: GPL-2.0-only
/* Invalid arguments: each ioctl fails with KVM's errno, and changes nothing. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

GUEST64(halt, "hlt");

/* The state of a vCPU, as far as it can be read. */
struct state {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_fpu fpu;
	struct kvm_debugregs debugregs;
	struct kvm_vcpu_events events;
	struct kvm_mp_state mp_state;
	struct kvm_xcrs xcrs;
	u64 pat, star;
};

static struct state state_of(struct vcpu *v)
{
	struct state s;

	memset(&s, 0, sizeof(s));
	CHECK_OK(ioctl(v->fd, KVM_GET_REGS, &s.regs));
	CHECK_OK(ioctl(v->fd, KVM_GET_SREGS, &s.sregs));
	CHECK_OK(ioctl(v->fd, KVM_GET_FPU, &s.fpu));
	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &s.debugregs));
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &s.events));
	CHECK_OK(ioctl(v->fd, KVM_GET_MP_STATE, &s.mp_state));
	CHECK_OK(ioctl(v->fd, KVM_GET_XCRS, &s.xcrs));
	s.pat = get_msr(v, 0x277);
	s.star = get_msr(v, 0xc0000081);
	return s;
}

static void same_state(struct vcpu *v, const struct state *before)
{
	struct state now = state_of(v);

	CHECK(!memcmp(before, &now, sizeof(now)));
}

struct call {
	const char *name;
	unsigned long cmd;
	size_t size;		/* bytes that are read or written, at least */
};

#define CALL(cmd)		{ #cmd, cmd, _IOC_SIZE(cmd) }

/* Calls with a table behind the head read more. */
static const struct call of_dev[] = {
	CALL(KVM_GET_SUPPORTED_CPUID), CALL(KVM_GET_MSR_INDEX_LIST),
	CALL(KVM_GET_MSR_FEATURE_INDEX_LIST), CALL(KVM_GET_MSRS),
	CALL(KVM_X86_GET_MCE_CAP_SUPPORTED),
};

static const struct call of_vm[] = {
	CALL(KVM_SET_USER_MEMORY_REGION), CALL(KVM_GET_DIRTY_LOG),
};

static const struct call of_vcpu[] = {
	CALL(KVM_GET_REGS), CALL(KVM_SET_REGS), CALL(KVM_GET_SREGS),
	CALL(KVM_SET_SREGS), CALL(KVM_GET_SREGS2), CALL(KVM_SET_SREGS2),
	CALL(KVM_GET_FPU), CALL(KVM_SET_FPU), CALL(KVM_GET_XSAVE),
	CALL(KVM_SET_XSAVE), CALL(KVM_GET_XCRS), CALL(KVM_SET_XCRS),
	CALL(KVM_GET_VCPU_EVENTS), CALL(KVM_SET_VCPU_EVENTS),
	CALL(KVM_GET_MP_STATE), CALL(KVM_SET_MP_STATE),
	CALL(KVM_GET_DEBUGREGS), CALL(KVM_SET_DEBUGREGS),
	CALL(KVM_SET_GUEST_DEBUG), CALL(KVM_TRANSLATE), CALL(KVM_INTERRUPT),
	CALL(KVM_GET_MSRS), CALL(KVM_SET_MSRS),
	CALL(KVM_GET_CPUID2), CALL(KVM_SET_CPUID2), CALL(KVM_ENABLE_CAP),
};

static void refused(const struct call *call, int fd, void *arg, const char *how)
{
	int r = ioctl(fd, call->cmd, arg);

	if (r >= 0 || errno != EFAULT)
		tap_note("%s with %s gives %d, %s", call->name, how, r,
			 r < 0 ? strerror(errno) : "no error");
	CHECK(r < 0 && errno == EFAULT);
}

/* Return: @len bytes at the end of a page, with nothing mapped behind. */
static void *cut_short(size_t len, int fill)
{
	u8 *p = mmap(NULL, 2 * 4096 + 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(p != MAP_FAILED);
	CHECK_OK(munmap(p + 2 * 4096, 4096));
	memset(p, fill, 2 * 4096);
	return p + 2 * 4096 - len;
}

static void all_of(const struct call *calls, unsigned int nr, int fd, struct vcpu *v)
{
	for (unsigned int i = 0; i < nr; i++) {
		struct state before = state_of(v);

		refused(&calls[i], fd, NULL, "NULL");
		refused(&calls[i], fd, bad_pointer(), "a pointer to nothing");
		refused(&calls[i], fd, (void *)~0xfffULL, "a pointer of the kernel's");
		refused(&calls[i], fd, (void *)(1ULL << 62), "no pointer");
		refused(&calls[i], fd, cut_short(calls[i].size - 1, 0), "a byte too few");
		refused(&calls[i], fd, cut_short(1, 0xff), "a byte");
		same_state(v, &before);
	}
}

static void device_ioctls_without_memory(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	all_of(of_dev, ARRAY_SIZE(of_dev), vm.dev, v);
}

static void vm_ioctls_without_memory(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	all_of(of_vm, ARRAY_SIZE(of_vm), vm.fd, v);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void vcpu_ioctls_without_memory(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	all_of(of_vcpu, ARRAY_SIZE(of_vcpu), v->fd, v);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* Tables that end before the number of entries in the head. */
static void tables_cut_short(void)
{
	static const struct call calls[] = {
		CALL(KVM_GET_MSRS), CALL(KVM_SET_MSRS), CALL(KVM_SET_CPUID2),
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	u32 *head;

	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++) {
		struct state before = state_of(v);

		head = cut_short(8 + 15, 0);
		head[0] = 4;
		refused(&calls[i], v->fd, head, "half an entry");
		same_state(v, &before);
	}
	head = cut_short(8, 0);
	head[0] = ~0U;
	CHECK_ERR(ioctl(v->fd, KVM_GET_MSRS, head), E2BIG);
	CHECK_ERR(ioctl(v->fd, KVM_SET_MSRS, head), E2BIG);
	CHECK_ERR(ioctl(v->fd, KVM_SET_CPUID2, head), E2BIG);
}

/* A state with all bits set is invalid in several ways. */
static void states_of_all_ones(void)
{
	static const struct call calls[] = {
		CALL(KVM_SET_SREGS), CALL(KVM_SET_SREGS2), CALL(KVM_SET_XCRS),
		CALL(KVM_SET_VCPU_EVENTS), CALL(KVM_SET_MP_STATE),
		CALL(KVM_SET_DEBUGREGS), CALL(KVM_INTERRUPT),
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++) {
		struct state before = state_of(v);

		if (!CHECK(ioctl(v->fd, calls[i].cmd, cut_short(calls[i].size, 0xff)) < 0))
			tap_note("%s takes all ones", calls[i].name);
		else if (!CHECK_EQ(errno, EINVAL))
			tap_note("%s: %s", calls[i].name, strerror(errno));
		same_state(v, &before);
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* KVM gives EINVAL where the kernel's rule is ENOTTY; KVM's VMs give ENOTTY. */
static void unknown(int fd, unsigned long cmd)
{
	int r = ioctl(fd, cmd, 0);

	KNOWN_DIFFERENCE(r < 0 && errno == ENOTTY, "EINVAL for what it does not know");
	CHECK(r < 0 && (errno == ENOTTY || errno == EINVAL));
}

static void ioctls_of_another_kind(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	struct state before = state_of(v);

	unknown(vm.dev, KVM_GET_REGS);
	unknown(vm.dev, KVM_RUN);
	unknown(vm.dev, KVM_CREATE_VCPU);
	unknown(vm.fd, KVM_GET_REGS);
	unknown(vm.fd, KVM_CREATE_VM);
	unknown(v->fd, KVM_CREATE_VM);
	unknown(v->fd, 0);
	unknown(v->fd, _IO(KVMIO, 0x3f));
	CHECK_ERR(ioctl(v->fd, KVM_RUN, 1), EINVAL);
	same_state(v, &before);
}

static const struct test tests[] = {
	TEST(device_ioctls_without_memory),
	TEST(vm_ioctls_without_memory),
	TEST(vcpu_ioctls_without_memory),
	TEST(tables_cut_short),
	TEST(states_of_all_ones),
	TEST(ioctls_of_another_kind),
};

TAP_MAIN(tests)
