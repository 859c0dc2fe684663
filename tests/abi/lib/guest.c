// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "cpuid_list.h"
#include "guest.h"

#define CR0_PE	(1U << 0)
#define CR0_MP	(1U << 1)
#define CR0_ET	(1U << 4)
#define CR0_NE	(1U << 5)
#define CR0_WP	(1U << 16)
#define CR0_PG	(1U << 31)
#define CR4_PSE	(1U << 4)
#define CR4_PAE	(1U << 5)
#define CR4_FX	(3U << 9)	/* OSFXSR, OSXMMEXCPT */
#define EFER_LM	(5U << 8)	/* LME, LMA */

#define PTE_P	1
#define PTE_RWU	7
#define PTE_PS	(1 << 7)

int dev_open(void)
{
	int fd = open(tap_device(), O_RDWR | O_CLOEXEC);

	if (fd < 0)
		tap_fail("%s: %s", tap_device(), strerror(errno));
	return fd;
}

void vm_make(struct vm *vm, void *mem)
{
	struct kvm_userspace_memory_region slot = { .memory_size = GUEST_RAM };

	memset(vm, 0, sizeof(*vm));
	vm->dev = dev_open();
	vm->fd = CHECK_OK(ioctl(vm->dev, KVM_CREATE_VM, 0));
	vm->run_size = CHECK_OK(ioctl(vm->dev, KVM_GET_VCPU_MMAP_SIZE, 0));
	vm->size = GUEST_RAM;
	vm->mem = mem ? mem : mmap(NULL, vm->size, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	/* Tests count large pages: the guest's own memory has none. */
	if (!mem)
		madvise(vm->mem, vm->size, MADV_NOHUGEPAGE);
	REQUIRE(vm->mem != MAP_FAILED);
	slot.userspace_addr = (unsigned long)vm->mem;
	CHECK_OK(ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &slot));
}

struct vcpu *vm_add_vcpu_at(struct vm *vm, unsigned int place, unsigned int id)
{
	struct vcpu *v = &vm->vcpu[place];

	v->vm = vm;
	v->fd = CHECK_OK(ioctl(vm->fd, KVM_CREATE_VCPU, id));
	v->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	REQUIRE(v->run != MAP_FAILED);
	return v;
}

struct vcpu *vm_add_vcpu(struct vm *vm, unsigned int id)
{
	return vm_add_vcpu_at(vm, id, id);
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < VM_VCPUS; i++) {
		if (!vm->vcpu[i].vm)
			continue;
		munmap(vm->vcpu[i].run, vm->run_size);
		close(vm->vcpu[i].fd);
	}
	close(vm->fd);
	close(vm->dev);
	munmap(vm->mem, vm->size);
}

void vm_load(struct vm *vm, struct prog prog)
{
	size_t len = prog.end - prog.begin;

	REQUIRE(len <= GUEST_DATA - GUEST_CODE);
	memcpy(vm->mem + GUEST_CODE, prog.begin, len);
}

void vm_gate(struct vm *vm, enum guest_mode mode, u8 vector, u32 handler)
{
	u64 gate = (handler & 0xffff) | (u64)(handler >> 16) << 48 | 0xee00ULL << 32;
	volatile u64 *idt = GUEST_PTR(vm, GUEST_IDT, u64);

	if (mode == MODE_REAL) {
		GUEST_PTR(vm, 0, u32)[vector] = handler;
	} else if (mode == MODE_LONG) {
		idt[vector * 2] = gate | SEL_CODE64 << 16;
		idt[vector * 2 + 1] = 0;
	} else {
		idt[vector] = gate | SEL_CODE32 << 16;
	}
}

/* mov $vector, %al; out %al, $GUEST_TRAP_PORT; hlt: the same bytes in every mode */
static void vm_stub(struct vm *vm, u8 vector)
{
	u8 code[] = { 0xb0, vector, 0xe6, GUEST_TRAP_PORT, 0xf4 };

	memcpy(vm->mem + GUEST_STUBS + 16 * vector, code, sizeof(code));
}

static void vm_gdt(struct vm *vm, enum guest_mode mode)
{
	static const u64 gdt[] = {
		[SEL_CODE64 / 8]	= 0x00af9b000000ffff,
		[SEL_DATA / 8]		= 0x00cf93000000ffff,
		[SEL_CODE32 / 8]	= 0x00cf9b000000ffff,
		[SEL_CODE16 / 8]	= 0x00009b000000ffff,
		[SEL_USER32 / 8]	= 0x00cffb000000ffff,
		[SEL_USER_DATA / 8]	= 0x00cff3000000ffff,
		[SEL_USER64 / 8]	= 0x00affb000000ffff,
		[SEL_TSS / 8]		= 0x0000890000000067 | (u64)GUEST_TSS << 16,
		0,
	};
	u32 *tss = (u32 *)(vm->mem + GUEST_TSS);

	memcpy(vm->mem + GUEST_GDT, gdt, sizeof(gdt));
	memset(tss, 0, 0x68);
	tss[1] = GUEST_STACK - 0x800;	/* esp0, or the low half of rsp0 */
	if (mode != MODE_LONG)
		tss[2] = SEL_DATA;
}

static void vm_page_tables(struct vm *vm)
{
	volatile u64 *pdpt = GUEST_PTR(vm, GUEST_PDPT, u64);
	volatile u64 *pd = GUEST_PTR(vm, GUEST_PD, u64);
	unsigned int i;

	GUEST_PTR(vm, GUEST_PML4, u64)[0] = GUEST_PDPT | PTE_RWU;
	for (i = 0; i < 4; i++)
		pdpt[i] = (GUEST_PD + 0x1000 * i) | PTE_RWU;
	for (i = 0; i < 2048; i++)
		pd[i] = (u64)i << 21 | PTE_PS | PTE_RWU;
	pd[0] = GUEST_PT | PTE_RWU;
	for (i = 0; i < 512; i++)
		GUEST_PTR(vm, GUEST_PT, u64)[i] = (u64)i << 12 | PTE_RWU;
}

/* The entries of PAE's page directory pointers have no R/W and U/S bits. */
static void vm_page_tables_pae(struct vm *vm)
{
	unsigned int i;

	vm_page_tables(vm);
	for (i = 0; i < 4; i++)
		GUEST_PTR(vm, GUEST_PDPT, u64)[i] = (GUEST_PD + 0x1000 * i) | PTE_P;
}

static void vm_page_tables_32(struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < 1024; i++) {
		GUEST_PTR(vm, GUEST_PD32, u32)[i] = i << 22 | PTE_PS | PTE_RWU;
		GUEST_PTR(vm, GUEST_PT32, u32)[i] = i << 12 | PTE_RWU;
	}
	GUEST_PTR(vm, GUEST_PD32, u32)[0] = GUEST_PT32 | PTE_RWU;
}

/* The differences of the modes. */
static const struct {
	void (*page_tables)(struct vm *vm);
	u32 cr0, cr3, cr4;
	u16 efer, cs;
} modes[MODES] = {
	[MODE_REAL]	= { NULL, 0, 0, 0, 0, 0 },
	[MODE_FLAT32]	= { NULL, CR0_PE, 0, 0, 0, SEL_CODE32 },
	[MODE_PAGED32]	= { vm_page_tables_32, CR0_PE | CR0_PG, GUEST_PD32, CR4_PSE, 0,
			    SEL_CODE32 },
	[MODE_PAE]	= { vm_page_tables_pae, CR0_PE | CR0_PG, GUEST_PDPT, CR4_PAE, 0,
			    SEL_CODE32 },
	[MODE_LONG]	= { vm_page_tables, CR0_PE | CR0_PG, GUEST_PML4, CR4_PAE, EFER_LM,
			    SEL_CODE64 },
};

void vm_tables(struct vm *vm, enum guest_mode mode)
{
	unsigned int i;

	vm_gdt(vm, mode);
	for (i = 0; i < 256; i++) {
		vm_stub(vm, i);
		vm_gate(vm, mode, i, GUEST_STUBS + 16 * i);
	}
	if (modes[mode].page_tables)
		modes[mode].page_tables(vm);
}

static void sregs_real(struct kvm_sregs *s)
{
	const struct kvm_segment seg = {
		.limit = 0xffff, .type = 3, .present = 1, .s = 1,
	};

	s->cs = s->ds = s->es = s->fs = s->gs = s->ss = seg;
	s->idt.base = 0;
	s->idt.limit = 0xffff;
	s->cr0 = CR0_ET;
	s->cr3 = s->cr4 = s->efer = 0;
}

static void sregs_protected(struct kvm_sregs *s, enum guest_mode mode)
{
	struct kvm_segment data = {
		.limit = 0xffffffff, .selector = SEL_DATA, .type = 3,
		.present = 1, .db = 1, .s = 1, .g = 1,
	};

	s->ds = s->es = s->fs = s->gs = s->ss = data;
	s->cs = data;
	s->cs.selector = modes[mode].cs;
	s->cs.type = 11;
	s->cs.l = mode == MODE_LONG;
	s->cs.db = mode != MODE_LONG;
	s->tr.selector = SEL_TSS;
	s->tr.base = GUEST_TSS;
	s->tr.limit = 0x67;
	s->tr.type = 11;
	s->gdt.base = GUEST_GDT;
	s->gdt.limit = 0x4f;
	s->idt.base = GUEST_IDT;
	s->idt.limit = 0xfff;
	s->cr0 = modes[mode].cr0 | CR0_MP | CR0_ET | CR0_NE | CR0_WP;
	s->cr3 = modes[mode].cr3;
	s->cr4 = modes[mode].cr4 | CR4_FX;
	s->efer = modes[mode].efer;
}

static unsigned int vcpu_number(struct vcpu *v)
{
	return v - v->vm->vcpu;
}

void vcpu_reset(struct vcpu *v, enum guest_mode mode, u64 rip)
{
	struct kvm_regs regs = {
		.rip = rip,
		.rflags = 2,
		.rsp = GUEST_STACK - 0x400 * vcpu_number(v),
	};
	struct kvm_sregs sregs;

	get_sregs(v, &sregs);
	if (mode == MODE_REAL)
		sregs_real(&sregs);
	else
		sregs_protected(&sregs, mode);
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &sregs));
	set_regs(v, &regs);
}

void vcpu_to_ring3(struct vcpu *v)
{
	struct kvm_sregs sregs;

	get_sregs(v, &sregs);
	sregs.cs.selector = SEL_USER64 | 3;
	sregs.cs.dpl = 3;
	sregs.ss.selector = SEL_USER_DATA | 3;
	sregs.ss.dpl = 3;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &sregs));
}

struct vcpu *guest_add_vcpu(struct vm *vm, unsigned int id, enum guest_mode mode, u64 rip)
{
	struct vcpu *v = vm_add_vcpu(vm, id);

	/* Later versions of KVM, as that of 7.3, refuse bits of EFER that it does not have. */
	set_supported_cpuid(v);
	vcpu_reset(v, mode, rip);
	return v;
}

struct vcpu *guest_make(struct vm *vm, enum guest_mode mode, struct prog prog)
{
	vm_make(vm, NULL);
	vm_tables(vm, mode);
	vm_load(vm, prog);
	return guest_add_vcpu(vm, 0, mode, GUEST_CODE);
}

int vcpu_run(struct vcpu *v)
{
	return ioctl(v->fd, KVM_RUN, 0) < 0 ? -errno : (int)v->run->exit_reason;
}

static void describe_exit(struct vcpu *v, int got)
{
	struct kvm_run *run = v->run;
	int trap = vcpu_trap(v);

	tap_note("stopped at rip %#llx", (unsigned long long)get_rip(v));
	if (trap >= 0)
		tap_note("guest took exception %d", trap);
	else if (got == KVM_EXIT_IO)
		tap_note("port %#x, size %u", run->io.port, run->io.size);
	else if (got == KVM_EXIT_MMIO)
		tap_note("MMIO at %#llx", (unsigned long long)run->mmio.phys_addr);
	else if (got == KVM_EXIT_FAIL_ENTRY)
		tap_note("VM entry failed, reason %#llx", (unsigned long long)
			 run->fail_entry.hardware_entry_failure_reason);
	else if (got == KVM_EXIT_INTERNAL_ERROR)
		tap_note("internal error, suberror %u", run->internal.suberror);
}

void vcpu_run_to(struct vcpu *v, u32 exit_reason)
{
	int got = vcpu_run(v);

	if (got == (int)exit_reason)
		return;
	describe_exit(v, got);
	if (got < 0)
		tap_fail("KVM_RUN: %s, wanted exit %u", strerror(-got), exit_reason);
	tap_fail("KVM_RUN ended with exit %d, not %u", got, exit_reason);
}

void *vcpu_io_data(struct vcpu *v)
{
	return (u8 *)v->run + v->run->io.data_offset;
}

u32 vcpu_run_out(struct vcpu *v, u16 port)
{
	struct kvm_run *run = v->run;
	u32 value = 0;

	vcpu_run_to(v, KVM_EXIT_IO);
	if (run->io.port != port || run->io.direction != KVM_EXIT_IO_OUT || run->io.count != 1) {
		describe_exit(v, KVM_EXIT_IO);
		tap_fail("the guest did not write to port %#x", port);
	}
	memcpy(&value, vcpu_io_data(v), run->io.size);
	return value;
}

int vcpu_trap(struct vcpu *v)
{
	if (v->run->exit_reason != KVM_EXIT_IO || v->run->io.port != GUEST_TRAP_PORT)
		return -1;
	return *(u8 *)vcpu_io_data(v);
}

void get_regs(struct vcpu *v, struct kvm_regs *regs)
{
	CHECK_OK(ioctl(v->fd, KVM_GET_REGS, regs));
}

void set_regs(struct vcpu *v, const struct kvm_regs *regs)
{
	CHECK_OK(ioctl(v->fd, KVM_SET_REGS, regs));
}

void get_sregs(struct vcpu *v, struct kvm_sregs *sregs)
{
	CHECK_OK(ioctl(v->fd, KVM_GET_SREGS, sregs));
}

u64 get_rip(struct vcpu *v)
{
	struct kvm_regs regs;

	get_regs(v, &regs);
	return regs.rip;
}

void set_rip(struct vcpu *v, u64 rip)
{
	struct kvm_regs regs;

	get_regs(v, &regs);
	regs.rip = rip;
	set_regs(v, &regs);
}

int has_cap(struct vm *vm, int cap)
{
	return ioctl(vm->dev, KVM_CHECK_EXTENSION, cap);
}

struct one_msr {
	struct kvm_msrs head;
	struct kvm_msr_entry entry;
};

u64 get_msr(struct vcpu *v, u32 index)
{
	struct one_msr msr = { .head.nmsrs = 1, .entry.index = index };

	REQUIRE_EQ(ioctl(v->fd, KVM_GET_MSRS, &msr), 1);
	return msr.entry.data;
}

int set_msr(struct vcpu *v, u32 index, u64 value)
{
	struct one_msr msr = {
		.head.nmsrs = 1,
		.entry = { .index = index, .data = value },
	};

	return ioctl(v->fd, KVM_SET_MSRS, &msr);
}

void set_supported_cpuid(struct vcpu *v)
{
	struct cpuid_list list;

	cpuid_supported(v->vm->dev, &list);
	cpuid_set(v, &list);
}

void *bad_pointer(void)
{
	static void *page;

	if (!page)
		page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page;
}

timer_t alarm_thread(int sig, unsigned int us)
{
	const u64 ns = us * 1000ull * tap_patience();
	struct itimerspec when = {
		.it_value = { ns / 1000000000, ns % 1000000000 },
		.it_interval = { ns / 1000000000, ns % 1000000000 },
	};
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = sig };
	timer_t timer;

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif
	event.sigev_notify_thread_id = syscall(SYS_gettid);
	CHECK_OK(timer_create(CLOCK_MONOTONIC, &event, &timer));
	CHECK_OK(timer_settime(timer, 0, &when, NULL));
	return timer;
}

bool debug_kernel(void)
{
	return !access("/proc/lockdep", R_OK);
}

bool host_since(unsigned int major, unsigned int minor)
{
	unsigned int is[2];
	struct utsname host;

	REQUIRE(!uname(&host) && sscanf(host.release, "%u.%u", &is[0], &is[1]) == 2);
	return is[0] > major || (is[0] == major && is[1] >= minor);
}

long mem_available_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

long read_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return atol(text);
}

long stat_of(const char *name)
{
	char path[64];
	long value;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", on_kvm() ? "kvm" : "vmxdbg",
		 name);
	value = read_number(path);
	if (value < 0 && !mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL))
		value = read_number(path);
	if (value < 0)
		tap_skip("no %s", path);
	return value;
}
