// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMMs without interrupt controllers in the kernel: the calls of their start, in their
 * order. Documentation/vmms.rst has the versions.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpuid_list.h"
#include "startup.h"

static struct vm vm;
static struct vcpu *v;

static void must_run(u32 exit)
{
	CHECK_EQ(ioctl(v->fd, KVM_RUN, 0), 0);
	REQUIRE_EQ(v->run->exit_reason, exit);
}

/* ---- VirtualBox' own backend ---- */

/* reads MSRs: one of the kernel's, one of the VMM's, one that nobody has; then it halts */
GUEST64(msrs,
	"mov $0x277, %ecx; rdmsr; mov %eax, 0xc000\n"
	"mov $0x1a0, %ecx; rdmsr; mov %eax, 0xc004\n"
	"mov $0x12345, %ecx; wrmsr\n"
	"out %al, $0x10; hlt");

static void virtualbox(void)
{
	static const struct capability needs[] = {
		CAPABILITY(USER_MEMORY), CAPABILITY(NR_MEMSLOTS), CAPABILITY(HLT),
		CAPABILITY(VCPU_EVENTS), CAPABILITY(XSAVE), CAPABILITY(XCRS),
		CAPABILITY(X86_USER_SPACE_MSR), CAPABILITY(X86_MSR_FILTER),
		CAPABILITY(SYNC_REGS), CAPABILITY(IMMEDIATE_EXIT),
	};
	static u64 pat[0x280 / 64 + 1];
	struct kvm_msr_filter filter = {
		.flags = KVM_MSR_FILTER_DEFAULT_DENY,
		.ranges = { {
			.flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			.nmsrs = 64 * ARRAY_SIZE(pat), .bitmap = (u8 *)pat,
		} },
	};
	const u64 exits = KVM_MSR_EXIT_REASON_FILTER | KVM_MSR_EXIT_REASON_UNKNOWN |
			  KVM_MSR_EXIT_REASON_INVAL;

	startup_open(&vm);
	startup_vm(&vm);
	startup_capabilities(vm.fd, needs, ARRAY_SIZE(needs));
	CHECK_OK(startup_enable(&vm, KVM_CAP_X86_USER_SPACE_MSR, exits));
	v = vm_add_vcpu(&vm, 0);
	v->run->kvm_valid_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS | KVM_SYNC_X86_EVENTS;
	startup_memory(&vm, MODE_LONG, PROG(msrs));
	startup_cpuid(v, 0, 0);
	pat[0x277 / 64] |= 1ULL << 0x277 % 64;
	CHECK_OK(ioctl(vm.fd, KVM_X86_SET_MSR_FILTER, &filter));
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	must_run(KVM_EXIT_X86_RDMSR);
	CHECK_EQ(v->run->msr.index, 0x1a0);
	CHECK_EQ(v->run->msr.reason, KVM_MSR_EXIT_REASON_FILTER);
	v->run->msr.data = 0x1234;
	v->run->msr.error = 0;
	must_run(KVM_EXIT_X86_WRMSR);
	CHECK_EQ(v->run->msr.index, 0x12345);
	v->run->msr.error = 0;
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 0x00070406);
	CHECK_EQ(DATA32(&vm, 1), 0x1234);
	/* All registers come with the exit. */
	CHECK_EQ(v->run->s.regs.regs.rcx, 0x12345);
	must_run(KVM_EXIT_HLT);
}

/* ---- Hyperlight ---- */

GUEST64(denied,
	"jmp 1f\n"
	"denied_gp: incl 0xc000; add $8, %rsp; addq $2, (%rsp); iretq\n"
	"1: mov $0x277, %ecx; rdmsr\n"
	"xor %eax, %eax; xor %edx, %edx; mov $0x1a0, %ecx; wrmsr\n"
	"out %al, $0x10; hlt");
LABEL(denied_gp);

/* No MSR is permitted: a guest's access is #GP. */
static void hyperlight(void)
{
	u8 none = 0;
	struct kvm_msr_filter filter = {
		.flags = KVM_MSR_FILTER_DEFAULT_DENY,
		.ranges = { {
			.flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			.nmsrs = 1, .bitmap = &none,
		} },
	};
	u32 indices[512];

	startup_open(&vm);
	REQUIRE(ioctl(vm.dev, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY) > 0);
	startup_vm(&vm);
	v = vm_add_vcpu(&vm, 0);
	startup_cpuid(v, 0, 0);
	REQUIRE(ioctl(vm.dev, KVM_CHECK_EXTENSION, KVM_CAP_X86_MSR_FILTER) > 0);
	startup_msr_list(vm.dev, indices, ARRAY_SIZE(indices));
	CHECK_OK(ioctl(vm.fd, KVM_X86_SET_MSR_FILTER, &filter));
	startup_memory(&vm, MODE_LONG, PROG(denied));
	vm_gate(&vm, MODE_LONG, 13, AT(denied, denied_gp));
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 2);
	/* The VMM itself is not held up. */
	CHECK_EQ(get_msr(v, 0x277), 0x0007040600070406);
}

/* ---- gVisor ---- */

#define SENTRIES	12	/* vCPUs; the test runs three of them */
#define BOUNCE		20	/* vector by which gVisor gets a vCPU out */
#define GO_AWAY		SIGCHLD

/* spins with interrupts off for a while, then on; the handlers of both ways out halt */
GUEST64(sentry,
	"jmp 1f\n"
	"sentry_bounce: lock incl 0xc000; hlt; iretq\n"
	"sentry_nmi: lock incl 0xc004; hlt; iretq\n"
	"1: lock incl 0xc008\n"
	"2: cmpl $0, 0xc00c; je 2b\n"
	"sti; 3: jmp 3b");
LABEL(sentry_bounce); LABEL(sentry_nmi);

struct sentry {
	struct vcpu vcpu;
	pthread_t thread;
	volatile int bounced;		/* KVM_RUN was left for the signal */
	volatile int windows;		/* exits for the interrupt window */
	volatile int stuck;		/* another exit, or errno */
	bool nmi;
};

static struct sentry sentries[SENTRIES];

/* All signals are blocked but for KVM_RUN, which lets one in. */
static void sentry_mask(struct vcpu *of)
{
	u64 mask = ~(1ULL << (GO_AWAY - 1));
	struct {
		struct kvm_signal_mask head;
		u8 set[8];
	} arg = { .head.len = 8 };

	memcpy(arg.head.sigset, &mask, 8);
	CHECK_OK(ioctl(of->fd, KVM_SET_SIGNAL_MASK, &arg));
}

static void sentry_msr(struct vcpu *of, u32 index, u64 val)
{
	/* gVisor does without the one that makes CPUID fault. */
	if (index != 0x140)
		CHECK_EQ(set_msr(of, index, val), 1);
	else
		CHECK(set_msr(of, index, val) >= 0);
}

static void sentry_make(unsigned int id)
{
	struct kvm_regs regs = { .rip = GUEST_CODE, .rsp = GUEST_STACK - 0x200 * id, .rflags = 2 };
	struct vcpu *of = &sentries[id].vcpu;
	struct kvm_device_attr attr = {
		.group = KVM_VCPU_TSC_CTRL, .attr = KVM_VCPU_TSC_OFFSET,
	};
	u64 offset = 0;

	of->vm = &vm;
	of->fd = CHECK_OK(ioctl(vm.fd, KVM_CREATE_VCPU, id));
	sentry_mask(of);
	of->run = mmap(NULL, vm.run_size, PROT_READ | PROT_WRITE, MAP_SHARED, of->fd, 0);
	REQUIRE(of->run != MAP_FAILED);
	set_supported_cpuid(of);
	sentry_msr(of, 0x277, 0x000106);
	vcpu_reset(of, MODE_LONG, GUEST_CODE);
	set_regs(of, &regs);
	attr.addr = (unsigned long)&offset;
	CHECK_OK(ioctl(of->fd, KVM_SET_DEVICE_ATTR, &attr));
	sentry_msr(of, 0x140, 1);
}

/* Out of the guest, by the ways that gVisor has, until it halts */
static void *sentry_run(void *arg)
{
	const struct timespec at_once = { 0 };
	struct sentry *s = arg;
	struct kvm_interrupt bounce = { .irq = BOUNCE };
	sigset_t all, only;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	sigemptyset(&only);
	sigaddset(&only, GO_AWAY);
	for (;;) {
		int got = vcpu_run(&s->vcpu);
		bool ready = s->vcpu.run->ready_for_interrupt_injection;

		if (got == -EINTR) {
			if (sigtimedwait(&only, NULL, &at_once) != GO_AWAY)
				continue;
			s->bounced++;
			if (s->nmi) {
				CHECK_OK(ioctl(s->vcpu.fd, KVM_NMI));
				continue;
			}
			if (!ready) {
				s->vcpu.run->request_interrupt_window = 1;
				continue;
			}
		} else if (got == KVM_EXIT_IRQ_WINDOW_OPEN) {
			s->windows++;
		} else {
			s->stuck = got == KVM_EXIT_HLT ? 0 : got;
			return NULL;
		}
		s->vcpu.run->request_interrupt_window = 0;
		CHECK_OK(ioctl(s->vcpu.fd, KVM_INTERRUPT, &bounce));
	}
}

static void sentry_slot(u32 slot, u64 gpa, u64 size, u32 flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot, .guest_phys_addr = gpa, .memory_size = size, .flags = flags,
		.userspace_addr = (unsigned long)vm.mem,
	};

	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &region));
}

/* Slots all over the guest's address space come and go while vCPUs run. */
static void sentry_slots(u64 top)
{
	unsigned int i, turn;

	for (turn = 0; turn < 4; turn++) {
		for (i = 1; i <= 64; i++)
			sentry_slot(i, top / 80 * i & ~0xfffULL, 0x10000, i % 2 ?
				    KVM_MEM_READONLY : 0);
		for (i = 1; i <= 64; i++)
			sentry_slot(i, 0, 0, 0);
	}
}

static void bounce(struct sentry *s)
{
	unsigned int i;

	pthread_kill(s->thread, GO_AWAY);
	for (i = 0; i < 5000 && !s->bounced; i++)
		usleep(1000);
	CHECK(s->bounced);
}

static u64 guest_top(void)
{
	struct kvm_cpuid_entry2 *e;
	struct cpuid_list list;

	cpuid_supported(vm.dev, &list);
	e = cpuid_find(&list, 0x80000008);
	return 1ULL << (e ? e->eax & 0xff : 36);
}

static void gvisor(void)
{
	unsigned int i;

	startup_open(&vm);
	startup_vm(&vm);
	CHECK(ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS) >= SENTRIES);
	CHECK(ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS) >= 500);
	CHECK(ioctl(vm.fd, KVM_CHECK_EXTENSION, KVM_CAP_TSC_CONTROL) >= 0);
	startup_memory(&vm, MODE_LONG, PROG(sentry));
	vm_gate(&vm, MODE_LONG, BOUNCE, AT(sentry, sentry_bounce));
	vm_gate(&vm, MODE_LONG, 2, AT(sentry, sentry_nmi));
	CHECK_OK(ioctl(vm.fd, KVM_SET_TSS_ADDR, 0xfffbd000));
	for (i = 0; i < SENTRIES; i++)
		sentry_make(i);
	sentries[2].nmi = true;
	for (i = 0; i < 3; i++)
		REQUIRE(!pthread_create(&sentries[i].thread, NULL, sentry_run, &sentries[i]));
	while (DATA32(&vm, 2) < 3)
		usleep(1000);
	sentry_slots(guest_top());
	/* with interrupts off: by its window, and by an NMI */
	bounce(&sentries[0]);
	bounce(&sentries[2]);
	DATA32(&vm, 3) = 1;
	bounce(&sentries[1]);
	for (i = 0; i < 3; i++) {
		pthread_join(sentries[i].thread, NULL);
		CHECK_EQ(sentries[i].stuck, 0);
	}
	CHECK_EQ(sentries[0].windows, 1);
	CHECK_EQ(DATA32(&vm, 0), 2);
	CHECK_EQ(DATA32(&vm, 1), 1);
}

/* ---- ToroV ---- */

/* a system call is an OUT of 4 bytes */
GUEST64(toro, "mov $1, %eax; out %eax, $0x10; mov $60, %eax; out %eax, $0x10; hlt");

static int toro_vcpu(void *arg)
{
	struct kvm_guest_debug debug = {
		.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP | KVM_GUESTDBG_SINGLESTEP,
	};

	(void)arg;
	CHECK_OK(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &debug));
	must_run(KVM_EXIT_DEBUG);
	CHECK_EQ(get_rip(v), GUEST_CODE + 5);
	debug.control = 0;
	CHECK_OK(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &debug));
	CHECK_EQ(vcpu_run_out(v, 0x10), 1);
	CHECK_EQ(vcpu_run_out(v, 0x10), 60);
	return 0;
}

/* The vCPU runs in another process, which shares the memory and the files. */
static void torov(void)
{
	static u8 stack[0x10000] __attribute__((aligned(16)));
	int status;
	pid_t pid;

	startup_open(&vm);
	startup_vm(&vm);
	startup_memory(&vm, MODE_LONG, PROG(toro));
	v = vm_add_vcpu(&vm, 0);
	startup_needs_long_mode(v);
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	pid = clone(toro_vcpu, stack + sizeof(stack), CLONE_VM | CLONE_FILES | SIGCHLD, NULL);
	REQUIRE(pid > 0);
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/* ---- Solo5 ---- */

/* A hypercall, and then a write to its own code, which the VMM has mapped read-only */
GUEST64(unikernel, "mov $0x1000, %eax; out %eax, $0x50; movl $0, 0x8000; hlt");

static void solo5(void)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	startup_open(&vm);
	startup_vm(&vm);
	v = vm_add_vcpu(&vm, 0);
	REQUIRE(ioctl(vm.dev, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY) > 0);
	startup_memory(&vm, MODE_LONG, PROG(unikernel));
	CHECK(ioctl(vm.dev, KVM_CHECK_EXTENSION, KVM_CAP_IOEVENTFD) >= 0);
	startup_cpuid(v, 0, 0);
	vcpu_reset(v, MODE_LONG, GUEST_CODE);
	get_sregs(v, &s);
	s.apic_base = 0;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
	REQUIRE(ioctl(vm.dev, KVM_CHECK_EXTENSION, KVM_CAP_GET_TSC_KHZ) > 0);
	CHECK(ioctl(v->fd, KVM_GET_TSC_KHZ, 0) > 0);
	CHECK_OK(mprotect(vm.mem + GUEST_CODE, 0x1000, PROT_READ));
	CHECK_EQ(vcpu_run_out(v, 0x50), 0x1000);
	CHECK_ERR(ioctl(v->fd, KVM_RUN, 0), EFAULT);
	get_regs(v, &r);
	CHECK_EQ(r.rip, GUEST_CODE + 7);
}

/* ---- kvm-hello-world ---- */

GUEST16(hello16, "mov $0x48, %al; out %al, $0xe9; movw $42, 0xc000; hlt");
GUEST32(hello32, "mov $0x48, %al; out %al, $0xe9; movl $42, 0xc000; hlt");
GUEST64(hello64, "mov $0x48, %al; out %al, $0xe9; movq $42, 0xc000; hlt");

static void kvm_hello_world(void)
{
	static const struct {
		enum guest_mode mode;
		struct prog prog;
	} modes[] = {
		{ MODE_REAL, PROG(hello16) }, { MODE_FLAT32, PROG(hello32) },
		{ MODE_PAGED32, PROG(hello32) }, { MODE_LONG, PROG(hello64) },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		startup_open(&vm);
		startup_vm(&vm);
		CHECK_OK(ioctl(vm.fd, KVM_SET_TSS_ADDR, 0xfffbd000));
		startup_memory(&vm, modes[i].mode, modes[i].prog);
		CHECK_OK(madvise(vm.mem, vm.size, MADV_MERGEABLE));
		v = vm_add_vcpu(&vm, 0);
		if (modes[i].mode == MODE_LONG)
			startup_needs_long_mode(v);
		vcpu_reset(v, modes[i].mode, GUEST_CODE);
		CHECK_EQ(vcpu_run_out(v, 0xe9), 'H');
		must_run(KVM_EXIT_HLT);
		CHECK_EQ(DATA16(&vm, 0), 42);
		vm_destroy(&vm);
	}
}

static const struct test tests[] = {
	TEST(virtualbox),
	TEST(hyperlight),
	TEST(gvisor),
	TEST(torov),
	TEST(solo5),
	TEST(kvm_hello_world),
};

TAP_MAIN(tests)
