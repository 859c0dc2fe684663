// SPDX-License-Identifier: GPL-2.0-only
/*
 *	abi [ROUNDS [SEED]]
 *
 * Call every ioctl of /dev/vmxdbg, on every kind of its file descriptors, with
 * garbage. Each round is a process whose threads share a VM, vCPUs and a
 * session, while others unmap memory and close descriptors. The module must
 * return from each call, and free everything when the process has ended. The
 * debug checks of the kernel report other faults.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vmxdbg.h>

#include "kvm_newer.h"

#define THREADS		3
#define STEPS		600		/* of each thread */
#define FDS		16
#define RAM		(2UL << 20)
#define ROUND_SECONDS	60		/* then the process is killed, and must end */
#define GONE_SECONDS	60
#define BUF		(16UL << 10)

/* Size of arguments whose ioctl number does not encode it. */
#define MOST	4096

static const unsigned int commands[] = {
	KVM_GET_API_VERSION, KVM_CREATE_VM, KVM_CHECK_EXTENSION,
	KVM_GET_VCPU_MMAP_SIZE, KVM_GET_SUPPORTED_CPUID, KVM_GET_MSR_INDEX_LIST,
	KVM_GET_MSR_FEATURE_INDEX_LIST, KVM_X86_GET_MCE_CAP_SUPPORTED,
	KVM_CREATE_VCPU, KVM_SET_USER_MEMORY_REGION, KVM_SET_USER_MEMORY_REGION2,
	KVM_GET_DIRTY_LOG,
	KVM_CLEAR_DIRTY_LOG, KVM_SET_TSS_ADDR, KVM_SET_IDENTITY_MAP_ADDR,
	KVM_ENABLE_CAP, KVM_CREATE_IRQCHIP, KVM_IRQ_LINE, KVM_IRQ_LINE_STATUS,
	KVM_GET_IRQCHIP, KVM_SET_IRQCHIP, KVM_CREATE_PIT, KVM_CREATE_PIT2, KVM_GET_PIT,
	KVM_SET_PIT, KVM_GET_PIT2, KVM_SET_PIT2, KVM_REINJECT_CONTROL, KVM_SET_GSI_ROUTING,
	KVM_GET_CLOCK, KVM_SET_CLOCK,
	KVM_X86_SET_MSR_FILTER, KVM_SET_BOOT_CPU_ID, KVM_IOEVENTFD, KVM_IRQFD,
	KVM_RUN, KVM_RUN, KVM_RUN, KVM_RUN, KVM_RUN,
	KVM_GET_REGS, KVM_SET_REGS, KVM_GET_SREGS, KVM_SET_SREGS,
	KVM_GET_SREGS2, KVM_SET_SREGS2, KVM_GET_FPU, KVM_SET_FPU,
	KVM_GET_XSAVE, KVM_GET_XSAVE2, KVM_SET_XSAVE, KVM_GET_XCRS, KVM_SET_XCRS,
	KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, KVM_GET_MP_STATE,
	KVM_SET_MP_STATE, KVM_X86_SETUP_MCE, KVM_X86_SET_MCE,
	KVM_TPR_ACCESS_REPORTING, KVM_GET_LAPIC, KVM_SET_LAPIC,
	KVM_SET_VAPIC_ADDR, KVM_KVMCLOCK_CTRL, KVM_GET_MSRS, KVM_SET_MSRS,
	KVM_GET_CPUID2, KVM_SET_CPUID2, KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS,
	KVM_SET_GUEST_DEBUG, KVM_TRANSLATE, KVM_PRE_FAULT_MEMORY, KVM_INTERRUPT,
	KVM_NMI, KVM_SMI,
	KVM_HAS_DEVICE_ATTR, KVM_GET_DEVICE_ATTR, KVM_SET_DEVICE_ATTR,
	KVM_GET_STATS_FD, KVM_SET_SIGNAL_MASK, KVM_GET_TSC_KHZ, KVM_SET_TSC_KHZ,
	VMXDBG_GET_VERSION, VMXDBG_LIST_VMS, VMXDBG_ATTACH, VMXDBG_HOLD,
	VMXDBG_GET_INFO, VMXDBG_GET_VCPU, VMXDBG_STOP, VMXDBG_RESUME,
	VMXDBG_GET_REGS, VMXDBG_SET_REGS, VMXDBG_READ_MEM, VMXDBG_WRITE_MEM,
	VMXDBG_TRANSLATE, VMXDBG_ADD_BP, VMXDBG_DEL_BP,
	VMXDBG_GET_OBJECT, VMXDBG_ADD_CATCH, VMXDBG_SET_RING,
	VMXDBG_GET_MSRS, VMXDBG_SET_MSRS, VMXDBG_LIST_MSRS,
	VMXDBG_GET_SLOTS, VMXDBG_GET_PLACE, VMXDBG_GET_STATS, VMXDBG_LIST_OBJECTS,
	VMXDBG_SET_TIME, VMXDBG_GET_HELD, VMXDBG_INJECT, VMXDBG_RESET,
	VMXDBG_LIST_VCPUS,
};

/* State to read, change in a few bits, and write back. */
static const struct {
	unsigned int get, set;
} pairs[] = {
	{ KVM_GET_REGS, KVM_SET_REGS }, { KVM_GET_SREGS, KVM_SET_SREGS },
	{ KVM_GET_SREGS2, KVM_SET_SREGS2 }, { KVM_GET_FPU, KVM_SET_FPU },
	{ KVM_GET_XSAVE, KVM_SET_XSAVE }, { KVM_GET_XCRS, KVM_SET_XCRS },
	{ KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS },
	{ KVM_GET_MP_STATE, KVM_SET_MP_STATE },
	{ KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS },
	{ KVM_GET_IRQCHIP, KVM_SET_IRQCHIP }, { KVM_GET_PIT2, KVM_SET_PIT2 },
};

/* Shared by the threads of a round; data races are part of the test. */
static volatile int fds[FDS];
static volatile unsigned int nr_fds;
static uint8_t *ram;
static uint8_t *volatile run_page, *volatile ring_page;
static pthread_t thread[THREADS];
static volatile bool over;

struct fuzz {
	uint64_t random;
	uint8_t *buf;		/* BUF bytes, then an unmapped page */
};

static uint64_t rnd(struct fuzz *f)
{
	f->random ^= f->random << 13;
	f->random ^= f->random >> 7;
	f->random ^= f->random << 17;
	return f->random;
}

static bool one_in(struct fuzz *f, unsigned int n)
{
	return !(rnd(f) % n);
}

/* Return: a number that means something in some interface. */
static uint64_t number(struct fuzz *f)
{
	switch (rnd(f) % 8) {
	case 0:
		return rnd(f);
	case 1:
		return 1ULL << rnd(f) % 64;
	case 2:
		return (1ULL << rnd(f) % 64) - 1;
	case 3:
		return -(rnd(f) % 16);
	case 4:
		return (rnd(f) % (RAM >> 12)) << 12;
	case 5:
		return (uintptr_t)ram + (rnd(f) % (RAM >> 12) << 12);
	default:
		return rnd(f) % 8;
	}
}

static void fill(struct fuzz *f, uint8_t *p, size_t len)
{
	bool zeroes = one_in(f, 2);

	for (size_t i = 0; i + 8 <= len; i += 8) {
		uint64_t val = zeroes && one_in(f, 3) ? 0 : number(f);

		if (one_in(f, 2))
			val = (uint32_t)number(f) | val << 32;
		memcpy(p + i, &val, 8);
	}
}

static int any_fd(struct fuzz *f)
{
	return nr_fds ? fds[rnd(f) % nr_fds] : -1;
}

/* Keep a descriptor; replace an old one if there are too many. */
static void add_fd(struct fuzz *f, int fd)
{
	if (fd < 0)
		return;
	if (nr_fds < FDS) {
		fds[nr_fds] = fd;
		nr_fds = nr_fds + 1;
		return;
	}
	unsigned int i = 4 + rnd(f) % (FDS - 4);	/* the first four make a VM */

	close(fds[i]);
	fds[i] = fd;
}

static uint8_t *argument(struct fuzz *f, unsigned int cmd)
{
	size_t size = _IOC_SIZE(cmd) ? _IOC_SIZE(cmd) : MOST;

	if (size > BUF)
		size = BUF;
	switch (rnd(f) % 16) {
	case 0:
		return NULL;
	case 1:
		return (uint8_t *)number(f);
	case 2:		/* the end of the argument is not mapped */
		size = rnd(f) % size;
		break;
	case 3:		/* the argument is not writable */
		return (uint8_t *)"\0\0\0\0\0\0\0";
	}
	/*
	 * Structures with a table behind them are longer than the number
	 * encodes.
	 */
	if (one_in(f, 2) && size + MOST <= BUF)
		size += MOST;
	fill(f, f->buf + BUF - size, size);
	return f->buf + BUF - size;
}

static bool makes_fd(unsigned int cmd)
{
	return cmd == KVM_CREATE_VM || cmd == KVM_CREATE_VCPU || cmd == KVM_GET_STATS_FD ||
	       cmd == VMXDBG_ATTACH;
}

static void any_ioctl(struct fuzz *f)
{
	unsigned int cmd = commands[rnd(f) % (sizeof(commands) / sizeof(commands[0]))];
	uint8_t *arg = argument(f, cmd);
	int r;

	if (!_IOC_SIZE(cmd) && !one_in(f, 4))
		arg = (uint8_t *)(cmd == KVM_RUN ? 0 : number(f) & 0xff);
	if (one_in(f, 32))
		cmd = rnd(f);
	r = ioctl(any_fd(f), cmd, arg);
	if (makes_fd(cmd))
		add_fd(f, r);
}

static void change_state(struct fuzz *f)
{
	unsigned int i = rnd(f) % (sizeof(pairs) / sizeof(pairs[0]));
	unsigned int size = _IOC_SIZE(pairs[i].get), bits = 1 + rnd(f) % 4;
	uint8_t *p = f->buf + BUF - size;
	int fd = any_fd(f);

	if (ioctl(fd, pairs[i].get, p))
		return;
	while (bits--)
		p[rnd(f) % size] ^= 1 << rnd(f) % 8;
	ioctl(fd, pairs[i].set, p);
	ioctl(fd, KVM_RUN, 0);
}

/* Change registers as a session, and resume the vCPU. */
static void change_session_state(struct fuzz *f)
{
	static const unsigned int sizes[] = {
		sizeof(struct kvm_regs), sizeof(struct kvm_sregs), sizeof(struct kvm_debugregs),
		sizeof(struct kvm_fpu), sizeof(struct kvm_xsave), sizeof(struct kvm_xcrs),
		sizeof(struct kvm_vcpu_events), sizeof(struct vmxdbg_hidden),
		sizeof(struct vmxdbg_both),
	};
	unsigned int set = rnd(f) % (sizeof(sizes) / sizeof(sizes[0]));
	unsigned int size = sizes[set], bits = 1 + rnd(f) % 4;
	uint8_t *p = f->buf + BUF - size;
	struct vmxdbg_stop stop = { .vcpu = 0 };
	struct vmxdbg_resume resume = { .flags = rnd(f) % 2 };
	struct vmxdbg_regs arg = { .set = set, .size = size, .data = (uintptr_t)p };
	int fd = any_fd(f);

	ioctl(fd, VMXDBG_STOP, &stop);
	if (ioctl(fd, VMXDBG_GET_REGS, &arg))
		return;
	while (bits--)
		p[rnd(f) % size] ^= 1 << rnd(f) % 8;
	ioctl(fd, VMXDBG_SET_REGS, &arg);
	ioctl(fd, VMXDBG_RESUME, &resume);
}

/* MSRs of the session, from the ranges in which there are some. */
static void session_msrs(struct fuzz *f)
{
	struct kvm_msr_entry entries[4];
	struct vmxdbg_stop stop = { .vcpu = 0 };
	struct vmxdbg_msrs arg = { .count = 1 + rnd(f) % 4, .entries = (uintptr_t)entries };
	int fd = any_fd(f);

	for (unsigned int i = 0; i < arg.count; i++) {
		entries[i].index = one_in(f, 2) ? rnd(f) % 0x480 : 0xc0000080 + rnd(f) % 0x84;
		entries[i].reserved = 0;
		entries[i].data = number(f);
	}
	ioctl(fd, VMXDBG_STOP, &stop);
	ioctl(fd, one_in(f, 3) ? VMXDBG_GET_MSRS : VMXDBG_SET_MSRS, &arg);
}

#define CODE	64

/* Make bytecode that is mostly valid: it does not underflow its stack. */
static uint32_t bytecode(struct fuzz *f, uint8_t *code)
{
	static const uint8_t binary[] = { 2, 3, 4, 5, 6, 9, 10, 11, 15, 16, 17, 19, 20, 21 };
	uint32_t len = 0, depth = 0;

	while (len < CODE - 12 && !(depth && one_in(f, 12))) {
		switch (depth ? rnd(f) % 8 : rnd(f) % 3) {
		case 0:		/* const32, somewhere in RAM or above */
			code[len++] = 0x24;
			for (unsigned int i = 0; i < 4; i++)
				code[len++] = i ? rnd(f) : one_in(f, 8) * 0xd0;
			depth++;
			break;
		case 1:		/* reg, or getv */
			code[len++] = one_in(f, 4) ? 0x2c : 0x26;
			code[len++] = 0;
			code[len] = code[len - 2] == 0x2c ? 1 + rnd(f) % 5 : rnd(f) % 24;
			len++;
			depth++;
			break;
		case 2:		/* const8 */
			code[len++] = 0x22;
			code[len++] = rnd(f);
			depth++;
			break;
		case 3:		/* ref8 to ref64 */
		case 4:
			code[len++] = 0x17 + rnd(f) % 4;
			break;
		case 5:		/* trace16, which a condition may not have; or setv */
			code[len++] = one_in(f, 2) ? 0x30 : 0x2d;
			code[len++] = 0;
			code[len] = code[len - 2] == 0x2d ? 5 : rnd(f);
			len++;
			break;
		case 6:		/* to an earlier byte */
			code[len++] = 0x20;
			code[len++] = 0;
			code[len] = one_in(f, 2) ? len + 1 : rnd(f) % len;
			len++;
			depth--;
			break;
		default:
			if (depth < 2)
				break;
			code[len++] = binary[rnd(f) % sizeof(binary)];
			depth--;
		}
	}
	code[len++] = 0x27;
	if (one_in(f, 8))
		code[rnd(f) % len] = rnd(f);
	return len;
}

static void ring(struct fuzz *f)
{
	struct vmxdbg_set_ring arg = { .size = one_in(f, 3) ? 0 : 4096 << rnd(f) % 4 };
	int fd = any_fd(f);
	void *page;

	if (ioctl(fd, VMXDBG_SET_RING, &arg) || !arg.size)
		return;
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED)
		ring_page = page;
}

/* Make requests of the session that may be valid. */
static void debug(struct fuzz *f)
{
	uint8_t cond[CODE], record[CODE];
	uint64_t set[2] = { 1 + rnd(f) % 3 };
	struct vmxdbg_options options = { .action = rnd(f) % 3,
		.cond = (uintptr_t)cond, .cond_len = one_in(f, 2) ? bytecode(f, cond) : 0 };
	/* half of them at the guest's code */
	struct vmxdbg_bp bp = { .type = rnd(f) % 8,
		.addr = one_in(f, 2) ? 0x1000 + rnd(f) % 16 : rnd(f) % RAM,
		.len = 1 << rnd(f) % 4, .vcpu_mask = one_in(f, 2) ? ~0ULL : 0 };
	struct vmxdbg_catch catch = { .type = rnd(f) % VMXDBG_CATCH_TYPES,
		.last = rnd(f) % 256 };
	struct vmxdbg_resume resume = { .vcpu = one_in(f, 2) ? ~0U : 0,
		.flags = rnd(f) % 8 };
	struct vmxdbg_stop stop = { .vcpu = one_in(f, 2) ? ~0U : 0 };
	struct vmxdbg_inject inject = { .type = rnd(f) % 3, .vector = rnd(f) % 20 };
	struct vmxdbg_time time = { .mode = rnd(f) % 2 };
	struct vmxdbg_reset reset = { .flags = 0 };
	struct vmxdbg_event event;
	int fd = any_fd(f);

	if (one_in(f, 4)) {
		options.vcpu_set = (uintptr_t)set;
		options.vcpu_words = 1 + rnd(f) % 2;
	}
	if (options.action == VMXDBG_ACTION_RECORD) {
		options.record = (uintptr_t)record;
		options.record_len = bytecode(f, record);
		options.record_flags = rnd(f) % 2;
	}
	if (one_in(f, 2))
		bp.options = (uintptr_t)&options;
	switch (rnd(f) % 10) {
	case 0:
		ioctl(fd, VMXDBG_ADD_BP, &bp);
		break;
	case 6:
		ioctl(fd, VMXDBG_INJECT, &inject);
		break;
	case 7:
		ioctl(fd, VMXDBG_SET_TIME, &time);
		break;
	case 8:
		ioctl(fd, VMXDBG_RESET, &reset);
		break;
	case 5:
		ring(f);
		break;
	case 4:
		ioctl(fd, VMXDBG_ADD_CATCH, &catch);
		break;
	case 1:
		ioctl(fd, VMXDBG_DEL_BP, rnd(f) % 8);
		break;
	case 2:
		ioctl(fd, VMXDBG_STOP, &stop);
		break;
	case 3:
		ioctl(fd, VMXDBG_RESUME, &resume);
		break;
	default:
		if (poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 0) > 0 &&
		    read(fd, &event, rnd(f) % (sizeof(event) + 1)) < 0)
			break;
	}
}

static void memory(struct fuzz *f)
{
	struct kvm_userspace_memory_region slot = {
		.slot = rnd(f) % 4, .flags = rnd(f) % 4,
		.guest_phys_addr = (rnd(f) % 1024) << 12,
		.memory_size = (rnd(f) % 600) << 12,
		.userspace_addr = (uintptr_t)ram + ((rnd(f) % 512) << 12),
	};
	uint8_t *at = ram + ((rnd(f) % 512) << 12);
	size_t len = (1 + rnd(f) % 64) << 12;

	if (at + len > ram + RAM)
		len = ram + RAM - at;
	switch (rnd(f) % 6) {
	case 0:
		munmap(at, len);
		break;
	case 1:
		mprotect(at, len, rnd(f) % 8);
		break;
	case 2:
		madvise(at, len, MADV_DONTNEED);
		break;
	case 3:
		fill(f, f->buf, 4096);
		/*
		 * Let the kernel copy, which returns EFAULT for unmapped
		 * memory.
		 */
		at += rnd(f) % 4096;
		if (at + 4096 < ram + RAM &&
		    syscall(SYS_getrandom, at, rnd(f) % 256, 0) < 0)
			break;
		break;
	case 4:
		ioctl(any_fd(f), KVM_SET_USER_MEMORY_REGION, &slot);
		break;
	default:
		if (mmap(at, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
			break;
	}
}

/* Write to struct kvm_run and to a ring, as userspace may at any time. */
static void scribble(struct fuzz *f)
{
	uint64_t val = number(f);
	size_t at = rnd(f) % (one_in(f, 2) ? 256 : 8192 - 8);

	if (run_page)
		memcpy(run_page + at, &val, 1 + rnd(f) % 8);
	/* Let the kernel copy, because pages of an old ring may be unmapped. */
	if (ring_page && syscall(SYS_getrandom, ring_page + rnd(f) % 8184, 8, 0) < 0)
		return;
}

static void descriptors(struct fuzz *f)
{
	void *page;
	int fd = any_fd(f);

	switch (rnd(f) % 4) {
	case 0:
		add_fd(f, dup(fd));
		break;
	case 1:
		if (nr_fds > 4)
			close(fds[4 + rnd(f) % (nr_fds - 4)]);
		break;
	case 2:
		page = mmap(NULL, (1 + rnd(f) % 4) << 12, rnd(f) % 8,
			    1 + rnd(f) % 2, fd, (rnd(f) % 4) << 12);
		if (page != MAP_FAILED && one_in(f, 2))
			munmap(page, 4096);
		break;
	default:
		add_fd(f, open("/dev/vmxdbg", O_RDWR | O_CLOEXEC));
	}
}

/*
 * Eventfds for the writes of the guest and for interrupts, which others close, and which come
 * and go. Any descriptor may be named in place of an eventfd.
 */
static void signals(struct fuzz *f)
{
	struct kvm_ioeventfd bell = {
		.addr = one_in(f, 2) ? 0x10 : rnd(f) % RAM,
		.len = one_in(f, 3) ? 0 : 1 << rnd(f) % 4,
		.datamatch = rnd(f) % 4, .flags = rnd(f) % 8, .fd = any_fd(f),
	};
	struct kvm_irqfd line = { .gsi = rnd(f) % 32, .flags = rnd(f) % 4 };
	uint64_t one = 1;

	if (one_in(f, 4)) {
		bell.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		add_fd(f, bell.fd);
	}
	line.fd = bell.fd;
	line.resamplefd = any_fd(f);
	ioctl(one_in(f, 2) ? fds[1] : any_fd(f), KVM_IOEVENTFD, &bell);
	ioctl(one_in(f, 2) ? fds[1] : any_fd(f), KVM_IRQFD, &line);
	if (one_in(f, 2) && write(bell.fd, &one, sizeof(one)) < 0)
		return;
}

static void *fuzz_thread(void *arg)
{
	static void (*const steps[])(struct fuzz *f) = {
		any_ioctl, any_ioctl, any_ioctl, any_ioctl, any_ioctl, any_ioctl,
		change_state, change_state, change_session_state, session_msrs, debug, debug,
		memory, scribble, descriptors, signals,
	};
	/* Neighbouring seeds must not give similar sequences. */
	struct fuzz f = { .random = (uintptr_t)arg * 0x9e3779b97f4a7c15 };
	uint8_t *p = mmap(NULL, BUF + 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p + BUF, 4096))
		return NULL;
	f.buf = p;
	for (unsigned int i = 0; i < 8; i++)
		rnd(&f);
	for (unsigned int i = 0; i < STEPS; i++)
		steps[rnd(&f) % (sizeof(steps) / sizeof(steps[0]))](&f);
	return NULL;
}

static void nothing(int signal)
{
	(void)signal;
}

/* The signal ends KVM_RUN and other blocking calls. */
static void *kick_thread(void *unused)
{
	(void)unused;
	while (!over) {
		usleep(2000);
		for (unsigned int i = 0; i < THREADS && !over; i++)
			pthread_kill(thread[i], SIGUSR1);
	}
	return NULL;
}

/* Make a working VM, with a guest that causes several kinds of exits. */
static bool begin(void)
{
	static const uint8_t code[] = {
		0xe6, 0x10,		/* 1: out %al, $0x10 */
		0xe4, 0x11,		/* in $0x11, %al */
		0x0f, 0xa2,		/* cpuid */
		0xa1, 0x00, 0x20,	/* mov 0x2000, %ax */
		0xa3, 0x00, 0x30,	/* mov %ax, 0x3000 */
		0x0f, 0x21, 0xf8,	/* mov %dr7, %eax */
		0xcc,			/* int3 */
		0xeb, 0xee,		/* jmp 1b */
	};
	struct kvm_userspace_memory_region slot = { .memory_size = RAM };
	struct vmxdbg_attach attach = { 0 };
	struct kvm_sregs sregs;
	struct kvm_regs regs = { .rip = 0x1000, .rflags = 2, .rsp = 0x8000 };

	fds[0] = open("/dev/vmxdbg", O_RDWR | O_CLOEXEC);
	fds[1] = ioctl(fds[0], KVM_CREATE_VM, 0);
	fds[2] = ioctl(fds[1], KVM_CREATE_VCPU, 0);
	ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fds[2] < 0 || ram == MAP_FAILED)
		return false;
	memcpy(ram + 0x1000, code, sizeof(code));
	slot.userspace_addr = (uintptr_t)ram;
	run_page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fds[2], 0);
	if (run_page == MAP_FAILED || ioctl(fds[1], KVM_SET_USER_MEMORY_REGION, &slot) ||
	    ioctl(fds[2], KVM_GET_SREGS, &sregs))
		return false;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(fds[2], KVM_SET_SREGS, &sregs) || ioctl(fds[2], KVM_SET_REGS, &regs))
		return false;
	attach.flags = VMXDBG_ATTACH_FD;
	attach.target = fds[1];
	fds[3] = ioctl(fds[0], VMXDBG_ATTACH, &attach);
	nr_fds = 4;
	return fds[3] >= 0;
}

/* Runs in a process of its own. */
static void one_round(uint64_t seed)
{
	struct sigaction action = { .sa_handler = nothing };
	pthread_t kicks;

	sigaction(SIGUSR1, &action, NULL);
	if (!begin()) {
		printf("# cannot make a VM: %s\n", strerror(errno));
		exit(1);
	}
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, fuzz_thread,
			       (void *)(uintptr_t)(seed * THREADS + i + 1));
	pthread_create(&kicks, NULL, kick_thread, NULL);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	over = true;
	/*
	 * Half of the rounds leave the cleanup to exit(), which frees all at
	 * once.
	 */
	if (seed & 1)
		for (unsigned int i = 0; i < nr_fds; i++)
			close(fds[i]);
	_exit(0);
}

static bool gone_within(pid_t pid, unsigned int seconds, int *status)
{
	for (unsigned int i = 0; i < seconds * 50; i++) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		usleep(20000);
	}
	return false;
}

/* Return: false when the process could not be ended. */
static bool round_in_child(uint64_t seed, unsigned int *killed,
			   unsigned int *crashed)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		one_round(seed);
	if (!gone_within(pid, ROUND_SECONDS, &status)) {
		kill(pid, SIGKILL);
		(*killed)++;
		if (!gone_within(pid, GONE_SECONDS, &status))
			return false;
	}
	/* A thread may access memory that another thread has unmapped. */
	*crashed += WIFSIGNALED(status);
	return !WIFEXITED(status) || !WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? atoi(argv[1]) : 20, killed = 0;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
	unsigned int crashed = 0;

	printf("# seed %llu\n", (unsigned long long)seed);
	for (unsigned int i = 0; i < rounds; i++) {
		if (!round_in_child(seed + i, &killed, &crashed)) {
			printf("# round %u, seed %llu: it does not end\n", i,
			       (unsigned long long)(seed + i));
			printf("not ok 1 - garbage\n1..1\n");
			return 1;
		}
	}
	printf("# %u rounds, %u ended by force, %u of them or others by a signal\n",
	       rounds, killed, crashed);
	printf("ok 1 - garbage\n1..1\n");
	return 0;
}
