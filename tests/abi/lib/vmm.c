// SPDX-License-Identifier: GPL-2.0-only
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vmm.h"

#define PATIENCE_MS	4000

void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}

bool wait_for(const volatile u32 *count, u32 wanted)
{
	unsigned int ms;

	for (ms = 0; ms < PATIENCE_MS && *count < wanted; ms++)
		sleep_ms(1);
	return *count >= wanted;
}

bool vmm_counts(struct vmm *vmm, unsigned int n)
{
	u64 before = DATA64(&vmm->vm, n);
	unsigned int ms;

	for (ms = 0; ms < PATIENCE_MS && DATA64(&vmm->vm, n) == before; ms++)
		sleep_ms(1);
	return DATA64(&vmm->vm, n) != before;
}

/* ---- in the VMM ---- */

static struct vmm_shared *shared;
static unsigned int halts_wanted;

/* The VMM emulates INIT and SIPI. The OUT must complete before. */
static void answer_init(struct vcpu *v)
{
	v->run->immediate_exit = 1;
	CHECK_EQ(vcpu_run(v), -EINTR);
	v->run->immediate_exit = 0;
	vcpu_reset(v, MODE_REAL, VMM_INIT_RIP);
}

/* Reset as a VMM does: one set of registers after the other. */
static void answer_reset(struct vcpu *v)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rip = 0xfff0, .rflags = 2 };

	get_sregs(v, &sregs);
	sregs.cs.base = 0xffff0000;
	sregs.cs.selector = 0xf000;
	sregs.cs.l = 0;
	sregs.cr0 = 0x10;
	sregs.efer = 0;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &sregs));
	set_regs(v, &regs);
	vcpu_reset(v, MODE_REAL, VMM_INIT_RIP);
}

static void answer_out(struct vcpu *v, struct vmm_vcpu *state)
{
	struct kvm_interrupt irq;
	u32 value = 0;

	memcpy(&value, vcpu_io_data(v), v->run->io.size);
	state->last_out = value;
	state->outs += v->run->io.count;
	irq.irq = value & 0xff;
	if (v->run->io.port == VMM_INTERRUPT_PORT)
		CHECK_OK(ioctl(v->fd, KVM_INTERRUPT, &irq));
	if (v->run->io.port == VMM_NMI_PORT)
		CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	if (v->run->io.port == VMM_SLEEP_PORT)
		sleep_ms(300);
	if (v->run->io.port == VMM_RESET_PORT)
		answer_reset(v);
	if (v->run->io.port == VMM_INIT_PORT)
		answer_init(v);
}

/* Return: whether to go on. */
static bool answer(struct vcpu *v, struct vmm_vcpu *state, int got)
{
	if (vcpu_trap(v) >= 0 && got == KVM_EXIT_IO) {
		state->trap = vcpu_trap(v) + 1;
		return false;
	}
	switch (got) {
	case -EAGAIN:		/* a SIPI has come */
		return true;
	case -EINTR:
		state->eintr++;
		return !shared->quit;
	case KVM_EXIT_IO:
		if (v->run->io.direction == KVM_EXIT_IO_OUT) {
			answer_out(v, state);
			return true;
		}
		memset(vcpu_io_data(v), 0x5a, v->run->io.size * v->run->io.count);
		state->ins++;
		return true;
	case KVM_EXIT_MMIO:
		if (!v->run->mmio.is_write)
			memset(v->run->mmio.data, 0x3c, 8);
		state->mmios++;
		return true;
	case KVM_EXIT_HLT:
		return state->halts++ < halts_wanted;
	case KVM_EXIT_DEBUG:
		state->debug_exits++;
		return false;
	}
	return false;
}

static void on_signal(int sig)
{
	(void)sig;
}

static void *vcpu_main(void *arg)
{
	struct vcpu *v = arg;
	struct vmm_vcpu *state = &shared->vcpu[v - v->vm->vcpu];
	int got;

	state->tid = syscall(SYS_gettid);
	do {
		got = vcpu_run(v);
		state->result = got;
	} while (answer(v, state, got));
	state->done = 1;
	return NULL;
}

static void send_fd(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	CHECK_OK(sendmsg(socket, &msg, 0));
}

static int receive_fd(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&msg))
		tap_fail("the VMM did not start");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static void vmm_guest(struct vm *vm, void *mem, enum guest_mode mode, struct prog prog,
		      const struct vmm_options *o)
{
	unsigned int i, n = o->vcpus ? o->vcpus : 1;
	struct kvm_enable_cap split = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 24 } };

	vm_make(vm, mem);
	if (o->split)
		CHECK_OK(ioctl(vm->fd, KVM_ENABLE_CAP, &split));
	vm_tables(vm, mode);
	vm_load(vm, prog);
	for (i = 0; i < n; i++) {
		struct vcpu *v = guest_add_vcpu(vm, i, mode, GUEST_CODE);
		struct kvm_guest_debug dbg = { .control = KVM_GUESTDBG_ENABLE };
		struct kvm_regs regs;

		get_regs(v, &regs);
		regs.rdi = i;
		set_regs(v, &regs);
		if (o->guest_debug)
			CHECK_OK(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &dbg));
	}
	if (o->prepare)
		o->prepare(vm);
	if (!o->no_hold)
		CHECK_OK(ioctl(vm->fd, VMXDBG_HOLD, 1));
}

static void vmm_main(int socket, void *mem, enum guest_mode mode, struct prog prog,
		     const struct vmm_options *o)
{
	struct sigaction sa = { .sa_handler = on_signal };
	pthread_t threads[VM_VCPUS];
	unsigned int i, n = o->vcpus ? o->vcpus : 1;
	static struct vm vm;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	halts_wanted = o->halts;
	sigaction(SIGUSR1, &sa, NULL);
	vmm_guest(&vm, mem, mode, prog, o);
	send_fd(socket, vm.fd);
	shared->ready = 1;
	for (i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, vcpu_main, &vm.vcpu[i]);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	/* keep the VM until we are killed: a session can still read it */
	for (;;)
		pause();
}

/* ---- in the test ---- */

void vmm_start(struct vmm *vmm, enum guest_mode mode, struct prog prog,
	       const struct vmm_options *options)
{
	static const struct vmm_options defaults;
	int pair[2], dev;

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	memset(vmm, 0, sizeof(*vmm));
	vmm->vcpus = options && options->vcpus ? options->vcpus : 1;
	vmm->vm.mem = mmap(NULL, GUEST_RAM, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	madvise(vmm->vm.mem, GUEST_RAM, MADV_NOHUGEPAGE);	/* as in guest.c */
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	vmm->shared = shared;
	CHECK_OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	vmm->pid = fork();
	if (!vmm->pid)
		vmm_main(pair[1], vmm->vm.mem, mode, prog, options ? options : &defaults);
	close(pair[1]);
	vmm->vm_fd = receive_fd(pair[0]);
	close(pair[0]);
	dev = dev_open();
	vmm->id = vm_id_of(dev, vmm->pid);
	close(dev);
}

void vmm_kill(struct vmm *vmm)
{
	int status;

	kill(vmm->pid, SIGKILL);
	waitpid(vmm->pid, &status, 0);
}

int tgkill_vmm(struct vmm *vmm, unsigned int vcpu)
{
	return syscall(SYS_tgkill, vmm->pid, vmm->shared->vcpu[vcpu].tid, SIGUSR1);
}

void vmm_wait_done(struct vmm *vmm)
{
	unsigned int i;

	for (i = 0; i < vmm->vcpus; i++) {
		struct vmm_vcpu *v = &vmm->shared->vcpu[i];

		if (!wait_for(&v->done, 1))
			tap_fail("vCPU %u does not end: %u OUTs, result %d", i, v->outs,
				 v->result);
		if (v->trap)
			tap_fail("vCPU %u took exception %u", i, v->trap - 1);
		if (v->result != KVM_EXIT_HLT)
			tap_fail("vCPU %u: KVM_RUN ended with %d", i, v->result);
	}
}

u32 vm_id_of(int dev, pid_t pid)
{
	struct vmxdbg_vm_info vms[64];
	struct vmxdbg_vm_list list = { .count = 64, .vms = (unsigned long)vms };
	unsigned int i;

	CHECK_OK(ioctl(dev, VMXDBG_LIST_VMS, &list));
	for (i = 0; i < list.count && i < 64; i++)
		if (vms[i].pid == pid)
			return vms[i].id;
	return 0;
}

int attach(int dev, u32 flags, u32 target)
{
	struct vmxdbg_attach arg = { .flags = flags, .target = target };

	return ioctl(dev, VMXDBG_ATTACH, &arg);
}

void dbg_start(struct dbg *d, enum guest_mode mode, struct prog prog,
	       const struct vmm_options *options)
{
	vmm_start(&d->vmm, mode, prog, options);
	d->dev = dev_open();
	REQUIRE(d->vmm.id != 0);
	d->fd = CHECK_OK(attach(d->dev, 0, d->vmm.id));
	/* a VM that is held from the start stops at once */
	if (!options || !options->no_hold)
		CHECK_OK(session_stop(d->fd, VMXDBG_ALL_VCPUS));
}

int session_stop(int fd, u32 vcpu)
{
	struct vmxdbg_stop arg = { .vcpu = vcpu };

	return ioctl(fd, VMXDBG_STOP, &arg);
}

int session_resume(int fd, u32 vcpu, u32 flags)
{
	struct vmxdbg_resume arg = { .vcpu = vcpu, .flags = flags };

	return ioctl(fd, VMXDBG_RESUME, &arg);
}

int session_resume_range(int fd, u32 vcpu, u64 start, u64 end)
{
	struct vmxdbg_resume arg = {
		.vcpu = vcpu, .flags = VMXDBG_RESUME_STEP | VMXDBG_RESUME_RANGE,
		.range_start = start, .range_end = end,
	};

	return ioctl(fd, VMXDBG_RESUME, &arg);
}

int session_regs(int fd, bool set, u32 vcpu, u32 which, u32 size, void *data)
{
	struct vmxdbg_regs arg = {
		.vcpu = vcpu, .set = which, .size = size, .data = (unsigned long)data,
	};

	return ioctl(fd, set ? VMXDBG_SET_REGS : VMXDBG_GET_REGS, &arg);
}

struct kvm_regs session_get_regs(int fd, u32 vcpu)
{
	struct kvm_regs regs;

	CHECK_OK(session_regs(fd, false, vcpu, VMXDBG_REGS_GENERAL, sizeof(regs), &regs));
	return regs;
}

void session_set_regs(int fd, u32 vcpu, const struct kvm_regs *regs)
{
	CHECK_OK(session_regs(fd, true, vcpu, VMXDBG_REGS_GENERAL, sizeof(*regs),
			      (void *)regs));
}

static long session_mem(int fd, unsigned long call, u32 vcpu, u32 flags, u64 addr,
			const void *buf, u64 len)
{
	struct vmxdbg_mem arg = {
		.vcpu = vcpu, .flags = flags, .addr = addr, .len = len,
		.buf = (unsigned long)buf,
	};

	return ioctl(fd, call, &arg) < 0 ? -errno : (long)arg.done;
}

long session_read(int fd, u32 vcpu, u32 flags, u64 addr, void *buf, u64 len)
{
	return session_mem(fd, VMXDBG_READ_MEM, vcpu, flags, addr, buf, len);
}

long session_write(int fd, u32 vcpu, u32 flags, u64 addr, const void *buf, u64 len)
{
	return session_mem(fd, VMXDBG_WRITE_MEM, vcpu, flags, addr, buf, len);
}

struct vmxdbg_vcpu session_vcpu(int fd, u32 vcpu)
{
	struct vmxdbg_vcpu arg = { .vcpu = vcpu };

	CHECK_OK(ioctl(fd, VMXDBG_GET_VCPU, &arg));
	return arg;
}

long session_add_bp(int fd, struct vmxdbg_bp bp)
{
	return ioctl(fd, VMXDBG_ADD_BP, &bp) < 0 ? -errno : (long)bp.id;
}

u32 session_must_add(int fd, struct vmxdbg_bp bp)
{
	long id = session_add_bp(fd, bp);

	if (id <= 0)
		tap_fail("VMXDBG_ADD_BP of type %u at %#llx: %s", bp.type,
			 (unsigned long long)bp.addr, strerror(-id));
	return id;
}

long session_add(int fd, u32 type, u64 addr, u64 len)
{
	return session_add_bp(fd, (struct vmxdbg_bp){ .type = type, .addr = addr, .len = len });
}

bool session_hides(int fd)
{
	struct vmxdbg_info info;

	CHECK_OK(ioctl(fd, VMXDBG_GET_INFO, &info));
	return info.features & VMXDBG_FEATURE_HOOKS;
}

bool event_within(int fd, int ms, struct vmxdbg_event *event)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, ms) != 1 || !(p.revents & POLLIN))
		return false;
	return read(fd, event, sizeof(*event)) == sizeof(*event);
}

struct vmxdbg_event next_event(int fd)
{
	struct vmxdbg_event e;

	if (!event_within(fd, PATIENCE_MS, &e))
		tap_fail("no event came");
	return e;
}

void wait_for_event(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, PATIENCE_MS) != 1 || !(p.revents & POLLIN))
		tap_fail("no event came");
}

static void describe_vcpu(struct dbg *d)
{
	struct vmm_vcpu *v = &d->vmm.shared->vcpu[0];

	tap_note("vCPU 0 in its VMM: result %d, %u OUTs, %u EINTR%s, exception %d", v->result,
		 v->outs, v->eintr, v->done ? ", done" : "", (int)v->trap - 1);
}

struct vmxdbg_event resume_to(struct dbg *d, u32 why, u64 rip)
{
	struct vmxdbg_event e;

	CHECK_OK(session_resume(d->fd, 0, 0));
	if (!event_within(d->fd, PATIENCE_MS, &e)) {
		describe_vcpu(d);
		tap_fail("no event came, wanted %#x at %#llx", why, (unsigned long long)rip);
	}
	CHECK_EQ(e.why, why);
	CHECK_EQ(e.rip, rip);
	CHECK_EQ(e.vcpu, 0);
	return e;
}

u64 dbg_step(struct dbg *d, u32 flags)
{
	struct vmxdbg_event e;

	CHECK_OK(session_resume(d->fd, 0, VMXDBG_RESUME_STEP | flags));
	if (!event_within(d->fd, PATIENCE_MS, &e)) {
		describe_vcpu(d);
		tap_fail("the step does not end");
	}
	CHECK_EQ(e.why, VMXDBG_WHY_STEP);
	CHECK_EQ(e.vcpu, 0);
	return e.rip;
}

void dbg_finish(struct dbg *d)
{
	struct vmxdbg_event e;

	CHECK_OK(session_resume(d->fd, VMXDBG_ALL_VCPUS, 0));
	vmm_wait_done(&d->vmm);
	if (event_within(d->fd, 0, &e))
		tap_fail("event %#x at %#llx that nobody wanted", e.why,
			 (unsigned long long)e.rip);
}
