// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers: the guest sees the values that the VMM writes, and the VMM reads the
 * guest's.
 */
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>

#include "guest.h"

GUEST64(halt, "hlt");

static void regs_round_trip(void)
{
	struct kvm_regs in, out;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	u64 *r = (u64 *)&in;
	unsigned int i;

	/* the sixteen general registers come first, then rip and rflags */
	for (i = 0; i < 16; i++)
		r[i] = 0x1111111111111111ULL * i + 1;
	in.rip = GUEST_CODE;
	in.rflags = 0xcd7;
	set_regs(v, &in);
	get_regs(v, &out);
	CHECK(!memcmp(&in, &out, sizeof(in)));

	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &out);
	in.rip++;
	CHECK(!memcmp(&in, &out, sizeof(in)));
}

static void rflags_bit_1_is_always_set(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	get_regs(v, &regs);
	regs.rflags = 0;
	set_regs(v, &regs);
	get_regs(v, &regs);
	CHECK_EQ(regs.rflags, 2);
}

static void rflags_reserved_bits_fail_the_entry(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	get_regs(v, &regs);
	regs.rflags |= 1ULL << 40;
	set_regs(v, &regs);
	vcpu_run_to(v, KVM_EXIT_FAIL_ENTRY);
	CHECK_EQ(v->run->fail_entry.hardware_entry_failure_reason, 0x80000021);
	regs.rflags = 2;
	set_regs(v, &regs);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/*
 * exchanges registers and pushes all 16: the guest saw the VMM's values, and the VMM
 * sees the guest's
 */
GUEST64(reverse,
	"xchg %rax, %r15; xchg %rbx, %r14; xchg %rcx, %r13; xchg %rdx, %r12\n"
	"xchg %rsi, %r11; xchg %rdi, %r10; xchg %rbp, %r9\n"
	"add $1, %r8\n"
	"hlt");

static void guest_sees_all_registers(void)
{
	struct kvm_regs in = { .rip = GUEST_CODE, .rflags = 2 }, out;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(reverse));

	in.rax = 0xa0a0a0a0a0a0a0a0; in.rbx = 0xb; in.rcx = 0xc; in.rdx = 0xd;
	in.rsi = 0x51; in.rdi = 0xd1; in.rbp = 0xb9; in.rsp = GUEST_STACK;
	in.r8 = 8; in.r9 = 9; in.r10 = 10; in.r11 = 11; in.r12 = 12; in.r13 = 13;
	in.r14 = 14; in.r15 = 0xffffffffffffffff;
	set_regs(v, &in);
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &out);
	CHECK_EQ(out.rax, in.r15);
	CHECK_EQ(out.rbx, in.r14);
	CHECK_EQ(out.rcx, in.r13);
	CHECK_EQ(out.rdx, in.r12);
	CHECK_EQ(out.rsi, in.r11);
	CHECK_EQ(out.rdi, in.r10);
	CHECK_EQ(out.rbp, in.r9);
	CHECK_EQ(out.r8, 9);
	CHECK_EQ(out.r9, in.rbp);
	CHECK_EQ(out.r10, in.rdi);
	CHECK_EQ(out.r11, in.rsi);
	CHECK_EQ(out.r12, in.rdx);
	CHECK_EQ(out.r13, in.rcx);
	CHECK_EQ(out.r14, in.rbx);
	CHECK_EQ(out.r15, in.rax);
	CHECK_EQ(out.rsp, in.rsp);
}

static void reset_state(void)
{
	struct kvm_regs regs;
	struct kvm_sregs s;
	struct vm vm;
	struct vcpu *v;

	vm_make(&vm, NULL);
	v = vm_add_vcpu(&vm, 0);
	get_regs(v, &regs);
	get_sregs(v, &s);
	/* SDM vol. 3, table 10-1 */
	CHECK_EQ(regs.rip, 0xfff0);
	CHECK_EQ(regs.rflags, 2);
	CHECK_EQ(s.cs.selector, 0xf000);
	CHECK_EQ(s.cs.base, 0xffff0000);
	CHECK_EQ(s.cs.limit, 0xffff);
	CHECK_EQ(s.cr0, 0x60000010);
	CHECK_EQ(s.cr4, 0);
	CHECK_EQ(s.efer, 0);
	CHECK_EQ(s.ds.base, 0);
	CHECK_EQ(s.idt.limit, 0xffff);
}

static void sregs_round_trip(void)
{
	struct kvm_sregs in, out;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	get_sregs(v, &in);
	in.fs.base = 0x123456789abc;
	in.gs.base = 0xffff800012345000;
	in.fs.selector = 0x33;
	in.cr2 = 0xdeadbeef000;
	in.idt.base = 0xffffffff80001000;
	in.idt.limit = 0x7ff;
	in.gdt.limit = 0x7f;
	in.cr8 = 5;
	in.apic_base &= ~0ULL;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &in));
	get_sregs(v, &out);
	CHECK(!memcmp(&in.cs, &out.cs, sizeof(in.cs)));
	CHECK(!memcmp(&in.fs, &out.fs, sizeof(in.fs)));
	CHECK(!memcmp(&in.gs, &out.gs, sizeof(in.gs)));
	CHECK(!memcmp(&in.ss, &out.ss, sizeof(in.ss)));
	CHECK(!memcmp(&in.tr, &out.tr, sizeof(in.tr)));
	CHECK_EQ(out.idt.base, in.idt.base);
	CHECK_EQ(out.idt.limit, in.idt.limit);
	CHECK_EQ(out.gdt.limit, in.gdt.limit);
	CHECK_EQ(out.cr0, in.cr0);
	CHECK_EQ(out.cr2, in.cr2);
	CHECK_EQ(out.cr3, in.cr3);
	CHECK_EQ(out.cr4, in.cr4);
	CHECK_EQ(out.cr8, in.cr8);
	CHECK_EQ(out.efer, in.efer);
	CHECK_EQ(out.apic_base, in.apic_base);
	CHECK_EQ(vcpu_run(v), KVM_EXIT_HLT);
}

/* an injected interrupt that is not delivered yet is part of the state */
static void sregs_interrupt_bitmap(void)
{
	struct kvm_interrupt irq = { .irq = 0x45 };
	struct kvm_sregs s;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_OK(ioctl(v->fd, KVM_INTERRUPT, &irq));
	get_sregs(v, &s);
	CHECK_EQ(s.interrupt_bitmap[1], 1ULL << 5);
	CHECK_EQ(s.interrupt_bitmap[0] | s.interrupt_bitmap[2] | s.interrupt_bitmap[3], 0);
}

static void set_cr4_reserved(struct kvm_sregs *s) { s->cr4 |= 1ULL << 30; }
static void set_cr4_high(struct kvm_sregs *s) { s->cr4 |= 1ULL << 40; }
static void set_cr3_high(struct kvm_sregs *s) { s->cr3 |= 1ULL << 61; }
static void clear_cr4_pae(struct kvm_sregs *s) { s->cr4 &= ~0x20ULL; }
static void clear_efer_lma(struct kvm_sregs *s) { s->efer &= ~0x400ULL; }
static void clear_cr0_pg(struct kvm_sregs *s) { s->cr0 &= ~(1ULL << 31); }

static const struct {
	const char *what;
	void (*change)(struct kvm_sregs *s);
} bad_sregs[] = {
	{ "CR4 bit 30", set_cr4_reserved },
	{ "CR4 bit 40", set_cr4_high },
	{ "CR3 bit 61 in long mode", set_cr3_high },
	{ "LME and PG without PAE", clear_cr4_pae },
	{ "LME and PG without LMA", clear_efer_lma },
	{ "LMA without PG", clear_cr0_pg },
};

static void invalid_sregs_are_refused(void)
{
	struct kvm_sregs good, s;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int i;

	get_sregs(v, &good);
	for (i = 0; i < ARRAY_SIZE(bad_sregs); i++) {
		s = good;
		bad_sregs[i].change(&s);
		if (!CHECK_ERR(ioctl(v->fd, KVM_SET_SREGS, &s), EINVAL))
			tap_note("sregs: %s", bad_sregs[i].what);
		CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &good));
	}
	CHECK_EQ(vcpu_run(v), KVM_EXIT_HLT);
}

static void fpu_round_trip(void)
{
	struct kvm_fpu in, out;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int i;

	memset(&in, 0, sizeof(in));
	for (i = 0; i < sizeof(in.xmm); i++)
		((u8 *)in.xmm)[i] = i * 7 + 1;
	for (i = 0; i < 8; i++)
		memset(in.fpr[i], 0x11 * (i + 1), 10);
	in.fcw = 0x27f;
	in.fsw = 0x3800;
	in.ftwx = 0xff;
	in.mxcsr = 0x1fa0;
	CHECK_OK(ioctl(v->fd, KVM_SET_FPU, &in));
	memset(&out, 0xcc, sizeof(out));
	CHECK_OK(ioctl(v->fd, KVM_GET_FPU, &out));
	CHECK(!memcmp(in.xmm, out.xmm, sizeof(in.xmm)));
	for (i = 0; i < 8; i++)
		CHECK(!memcmp(in.fpr[i], out.fpr[i], 10));
	CHECK_EQ(out.fcw, in.fcw);
	CHECK_EQ(out.fsw, in.fsw);
	CHECK_EQ(out.ftwx, in.ftwx);
	KNOWN_DIFFERENCE(out.mxcsr == in.mxcsr, "KVM_SET_FPU and KVM_GET_FPU pass over mxcsr");

	/* a guest that does not touch them leaves them */
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(ioctl(v->fd, KVM_GET_FPU, &out));
	CHECK(!memcmp(in.xmm, out.xmm, sizeof(in.xmm)));
}

GUEST64(store_xmm, "movups %xmm3, 0xc000; hlt");

/*
 * The guest halts once for the VMM to set values: KVM_SET_FPU does not mark the state
 * of a fresh KVM vCPU as used, so its first entry would load the initial state.
 */
GUEST64(sse,
	"pcmpeqd %xmm0, %xmm0; fldz; fstp %st(0); hlt\n"
	"paddd %xmm1, %xmm0\n"
	"movups %xmm0, 0xc000\n"
	"movaps %xmm0, %xmm15\n"
	"fld1; fldpi\n"
	"hlt");

static void set_fpu_before_the_first_run(void)
{
	struct kvm_fpu fpu;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(store_xmm));

	CHECK_OK(ioctl(v->fd, KVM_GET_FPU, &fpu));
	memset(fpu.xmm[3], 0x5a, 16);
	fpu.mxcsr = 0x1f80;
	CHECK_OK(ioctl(v->fd, KVM_SET_FPU, &fpu));
	vcpu_run_to(v, KVM_EXIT_HLT);
	KNOWN_DIFFERENCE(DATA64(&vm, 0) == 0x5a5a5a5a5a5a5a5a,
			 "XSTATE_BV stays clear, the first XRSTOR loads zeros");
}

static void guest_uses_sse_and_x87(void)
{
	struct kvm_fpu fpu;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(sse));
	unsigned int i;

	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(ioctl(v->fd, KVM_GET_FPU, &fpu));
	CHECK_EQ(*(u64 *)fpu.xmm[0], ~0ULL);
	fpu.fcw = 0x37f;
	fpu.mxcsr = 0x1f80;
	for (i = 0; i < 4; i++) {
		((u32 *)fpu.xmm[0])[i] = 0x10 * i;
		((u32 *)fpu.xmm[1])[i] = 7;
	}
	CHECK_OK(ioctl(v->fd, KVM_SET_FPU, &fpu));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(ioctl(v->fd, KVM_GET_FPU, &fpu));
	for (i = 0; i < 4; i++) {
		CHECK_EQ(DATA32(&vm, i), 0x10 * i + 7);
		CHECK_EQ(((u32 *)fpu.xmm[15])[i], 0x10 * i + 7);
	}
	/* pi in st(0), 1.0 in st(1); top of stack is 6 */
	CHECK_EQ(fpu.fsw >> 11 & 7, 6);
	CHECK_EQ(*(u64 *)fpu.fpr[0], 0xc90fdaa22168c235);
	CHECK_EQ(*(u64 *)fpu.fpr[1], 0x8000000000000000);
}

GUEST64(wreck_fpu,
	"fninit; fldz; fldz\n"
	"pcmpeqd %xmm0, %xmm0\n"
	"movdqa %xmm0, %xmm7; movdqa %xmm0, %xmm8; movdqa %xmm0, %xmm15\n"
	"movl $0x7f80, -8(%rsp); ldmxcsr -8(%rsp)\n"
	"hlt");

/*
 * Run with known values in the host's FPU registers, all in one asm. Return: the
 * number that changed.
 */
static u32 host_fpu_around_run(int fd)
{
	static const u32 in[4] __attribute__((aligned(16))) = { 1, 22, 333, 4444 };
	u32 out[3][4] __attribute__((aligned(16))) = { 0 };
	u32 mxcsr = 0x1fc0, mxcsr_after = 0;
	u16 fcw = 0x27f, fcw_after = 0;
	u64 st0 = 0;
	long ret;

	asm volatile("fninit; fldcw %[fcw]; fld1; ldmxcsr %[mxcsr]\n"
		     "movaps %[in], %%xmm0; movaps %[in], %%xmm8; movaps %[in], %%xmm15\n"
		     "syscall\n"
		     "movaps %%xmm0, %[out0]; movaps %%xmm8, %[out1]; movaps %%xmm15, %[out2]\n"
		     "stmxcsr %[mxcsr_after]; fnstcw %[fcw_after]; fstpl %[st0]; fninit\n"
		     : "=a"(ret), [out0] "=m"(out[0]), [out1] "=m"(out[1]),
		       [out2] "=m"(out[2]), [mxcsr_after] "=m"(mxcsr_after),
		       [fcw_after] "=m"(fcw_after), [st0] "=m"(st0)
		     : "a"(SYS_ioctl), "D"((long)fd), "S"((long)KVM_RUN), "d"(0L),
		       [in] "m"(in), [fcw] "m"(fcw), [mxcsr] "m"(mxcsr)
		     : "rcx", "r11", "memory", "xmm0", "xmm8", "xmm15");
	return (ret != 0) | (!!memcmp(in, out[0], 16) << 1) | (!!memcmp(in, out[1], 16) << 2) |
	       (!!memcmp(in, out[2], 16) << 3) | ((mxcsr_after != mxcsr) << 4) |
	       ((fcw_after != fcw) << 5) | ((st0 != 0x3ff0000000000000) << 6);
}

static void host_fpu_survives_a_run(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(wreck_fpu));

	CHECK_EQ(host_fpu_around_run(v->fd), 0);
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_HLT);
}

static const u32 plain_msrs[] = {
	0x174,		/* SYSENTER_CS */
	0x175,		/* SYSENTER_ESP */
	0x176,		/* SYSENTER_EIP */
	0x277,		/* PAT: see pat below */
	0xc0000081,	/* STAR */
	0xc0000082,	/* LSTAR */
	0xc0000083,	/* CSTAR */
	0xc0000084,	/* FMASK */
	0xc0000100,	/* FS_BASE */
	0xc0000101,	/* GS_BASE */
	0xc0000102,	/* KERNEL_GS_BASE */
};

static u64 msr_value(u32 index, unsigned int n)
{
	/* FMASK's upper half is reserved (SDM vol. 4): KVM takes it all the same */
	if (index == 0xc0000084)
		return 0x12345610;
	/* memory types, each valid, in an order that is not the reset value's */
	return index == 0x277 ? 0x0706050400010406 : 0x7fff12340000 + 0x1000 * n + 0x10;
}

static void msrs_round_trip(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(plain_msrs); i++)
		CHECK_EQ(set_msr(v, plain_msrs[i], msr_value(plain_msrs[i], i)), 1);
	for (i = 0; i < ARRAY_SIZE(plain_msrs); i++) {
		u64 want = msr_value(plain_msrs[i], i);
		u64 mask = plain_msrs[i] == 0x174 ? 0xffffffff : ~0ULL;

		if (!CHECK_EQ(get_msr(v, plain_msrs[i]) & mask, want & mask))
			tap_note("MSR %#x", plain_msrs[i]);
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
	for (i = 4; i < ARRAY_SIZE(plain_msrs); i++)
		CHECK_EQ(get_msr(v, plain_msrs[i]), msr_value(plain_msrs[i], i));
}

struct three_msrs {
	struct kvm_msrs head;
	struct kvm_msr_entry entries[3];
};

static void msr_lists_stop_at_the_first_bad_one(void)
{
	struct three_msrs m = {
		.head.nmsrs = 3,
		.entries = { { .index = 0xc0000081, .data = 0x1234500000000 },
			     { .index = 0xdead0000 },
			     { .index = 0xc0000082, .data = 0x77 } },
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_EQ(ioctl(v->fd, KVM_SET_MSRS, &m), 1);
	CHECK_EQ(get_msr(v, 0xc0000081), 0x1234500000000);
	CHECK(get_msr(v, 0xc0000082) != 0x77);
	m.entries[0].data = 0;
	CHECK_EQ(ioctl(v->fd, KVM_GET_MSRS, &m), 1);
	CHECK_EQ(m.entries[0].data, 0x1234500000000);
}

static void msr_lists_that_are_too_long(void)
{
	struct three_msrs m = { .head.nmsrs = 100000 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_ERR(ioctl(v->fd, KVM_GET_MSRS, &m), E2BIG);
	CHECK_ERR(ioctl(v->fd, KVM_SET_MSRS, &m), E2BIG);
	m.head.nmsrs = 0;
	CHECK_EQ(ioctl(v->fd, KVM_GET_MSRS, &m), 0);
}

static void msr_values_that_the_cpu_refuses(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_EQ(set_msr(v, 0xc0000082, 0x8000000000000000), 0);	/* not canonical */
	CHECK_EQ(set_msr(v, 0xc0000102, 0x0080000000000000), 0);
	CHECK_EQ(set_msr(v, 0xc0000080, 0xdead000000000000), 0);	/* EFER, reserved */
	CHECK_EQ(set_msr(v, 0x277, 0x0202020202020202), 0);		/* PAT, type 2 */
}

static void efer_as_msr(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_EQ(get_msr(v, 0xc0000080), 0x500);
	CHECK_EQ(set_msr(v, 0xc0000080, 0xd01), 1);	/* with NXE and SCE */
	CHECK_EQ(get_msr(v, 0xc0000080), 0xd01);
	CHECK_EQ(vcpu_run(v), KVM_EXIT_HLT);
}

GUEST64(rdtsc_now, "rdtsc; shl $32, %rdx; or %rdx, %rax; hlt");

static void tsc_as_msr(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(rdtsc_now));
	u64 start = 0x123400000000;

	CHECK_EQ(set_msr(v, 0x10, start), 1);
	CHECK(get_msr(v, 0x10) >= start);
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	/* at most a second later, at any clock rate */
	CHECK(regs.rax >= start && regs.rax < start + 0x200000000);
}

/* each must raise #GP */
GUEST64(rdmsr_unknown, "mov $0xdead0000, %ecx; rdmsr; hlt");
GUEST64(wrmsr_unknown, "mov $0xdead0000, %ecx; wrmsr; hlt");
GUEST64(wrmsr_noncanonical, "mov $0xc0000082, %ecx; mov $0x80000000, %edx; wrmsr; hlt");
GUEST64(wrmsr_efer_reserved, "mov $0xc0000080, %ecx; mov $0x80000000, %edx; wrmsr; hlt");
/* LME may not change while paging is on */
GUEST64(wrmsr_efer_lme, "mov $0xc0000080, %ecx; xor %edx, %edx; xor %eax, %eax; wrmsr; hlt");
GUEST64(mov_cr4_reserved, "mov %cr4, %rax; bts $30, %rax; mov %rax, %cr4; hlt");
GUEST64(mov_cr0_pg_without_pe, "mov %cr0, %rax; btr $0, %rax; mov %rax, %cr0; hlt");
GUEST64(mov_cr8_too_large, "mov $16, %eax; mov %rax, %cr8; hlt");

static const struct {
	const char *what;
	const u8 *begin, *end;
} gp_guests[] = {
#define GP(name) { #name, name##_begin, name##_end }
	GP(rdmsr_unknown),
	GP(wrmsr_unknown),
	GP(wrmsr_noncanonical),
	GP(wrmsr_efer_reserved),
	GP(wrmsr_efer_lme),
	GP(mov_cr4_reserved),
	GP(mov_cr0_pg_without_pe),
	GP(mov_cr8_too_large),
};

static void faults_of_system_registers_reach_the_guest(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gp_guests); i++) {
		struct vm vm;
		struct vcpu *v = guest_make(&vm, MODE_LONG, (struct prog){
					    gp_guests[i].begin, gp_guests[i].end });

		vcpu_run(v);
		if (!CHECK_EQ(vcpu_trap(v), 13))
			tap_note("guest %s", gp_guests[i].what);
		vm_destroy(&vm);
	}
}

GUEST64(swap_gs,
	"swapgs\n"
	"mov $0xc0000101, %ecx; rdmsr; mov %eax, 0xc000\n"
	"mov $0xc0000102, %ecx; rdmsr; mov %eax, 0xc004\n"
	"mov $0xc0000082, %ecx; mov $0x5678, %eax; mov $0, %edx; wrmsr\n"
	"mov %gs:0, %eax; mov %eax, 0xc008\n"
	"hlt");

static void guest_msrs(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(swap_gs));

	*GUEST_PTR(&vm, 0xd000, u32) = 0x600d;
	CHECK_EQ(set_msr(v, 0xc0000102, 0xd000), 1);
	CHECK_EQ(set_msr(v, 0xc0000101, 0x1000), 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), 0xd000);
	CHECK_EQ(DATA32(&vm, 1), 0x1000);
	CHECK_EQ(DATA32(&vm, 2), 0x600d);
	CHECK_EQ(get_msr(v, 0xc0000102), 0x1000);
	CHECK_EQ(get_msr(v, 0xc0000082), 0x5678);
}

/* SYSCALL and SYSRET through the MSRs that the VMM set */
GUEST64(syscalls,
	"mov $0xc0000080, %ecx; rdmsr; or $1, %eax; wrmsr\n"
	"lea 1f(%rip), %rcx\n"
	"mov $2, %r11d\n"
	"sysretq\n"
	"1: mov %cs, %eax; mov %eax, 0xc000\n"
	"syscall\n"
	"syscall_entry: mov %cs, %eax; mov %eax, 0xc004\n"
	"mov %rcx, 0xc008\n"
	"hlt");
LABEL(syscall_entry);

static void syscall_and_sysret(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(syscalls));

	CHECK_EQ(set_msr(v, 0xc0000081, (u64)(SEL_USER32 | 3) << 48 | (u64)SEL_CODE64 << 32), 1);
	CHECK_EQ(set_msr(v, 0xc0000082, AT(syscalls, syscall_entry)), 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA32(&vm, 0), SEL_USER64 | 3);
	CHECK_EQ(DATA32(&vm, 1), SEL_CODE64);
	CHECK_EQ(DATA64(&vm, 1), AT(syscalls, syscall_entry));
}

#define CPUID_MAX 8

struct cpuid {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[CPUID_MAX];
};

static const struct cpuid our_cpuid = {
	.head.nent = 6,
	.entries = {
		{ .function = 0, .eax = 7, .ebx = 0x44784d56, .ecx = 0x61626364, .edx = 0x5a5a5a5a },
		/* with PAE, FXSR, SSE, SSE2, MSR, PGE, PSE */
		{ .function = 1, .eax = 0x306c3, .edx = 0x07802078 },
		{ .function = 4, .index = 0, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
		  .eax = 0x40 },
		{ .function = 4, .index = 1, .flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
		  .eax = 0x41 },
		{ .function = 0x80000000, .eax = 0x80000001 },
		/* long mode, NX, SYSCALL */
		{ .function = 0x80000001, .edx = 0x20100800, .ecx = 1 },
	},
};

GUEST64(cpuid_guest, "cpuid; hlt");

static const struct {
	u32 function, index;
	u32 eax, ebx;
} cpuid_wanted[] = {
	{ 0, 0, 7, 0x44784d56 },
	{ 4, 0, 0x40, 0 },
	{ 4, 1, 0x41, 0 },
	{ 4, 2, 0, 0 },			/* a missing index gives zeros */
	{ 3, 0, 0, 0 },			/* a missing leaf below the last one */
	{ 0x80000000, 0, 0x80000001, 0 },
};

static void cpuid_as_the_vmm_set_it(void)
{
	struct cpuid back = { .head.nent = CPUID_MAX };
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(cpuid_guest));
	unsigned int i;

	CHECK_OK(ioctl(v->fd, KVM_SET_CPUID2, &our_cpuid));
	if (!ioctl(v->fd, KVM_GET_CPUID2, &back)) {
		KNOWN_DIFFERENCE(back.head.nent == our_cpuid.head.nent,
				 "before 6.3, KVM_GET_CPUID2 did not say how many it gave");
		CHECK_EQ(back.entries[3].eax, 0x41);
	}
	for (i = 0; i < ARRAY_SIZE(cpuid_wanted); i++) {
		get_regs(v, &regs);
		regs.rip = GUEST_CODE;
		regs.rax = 0xffffffff00000000 | cpuid_wanted[i].function;
		regs.rcx = cpuid_wanted[i].index;
		set_regs(v, &regs);
		vcpu_run_to(v, KVM_EXIT_HLT);
		get_regs(v, &regs);
		/* compares 64 bits: CPUID clears the upper halves */
		CHECK_EQ(regs.rax, cpuid_wanted[i].eax);
		if (!CHECK_EQ(regs.rbx, cpuid_wanted[i].ebx))
			tap_note("leaf %#x, index %u", cpuid_wanted[i].function,
				 cpuid_wanted[i].index);
	}
}

static void cpuid_lists_of_bad_length(void)
{
	struct cpuid c = our_cpuid;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	c.head.nent = 100000;
	CHECK_ERR(ioctl(v->fd, KVM_SET_CPUID2, &c), E2BIG);
	c.head.nent = 1;
	CHECK_ERR(ioctl(v->fd, KVM_GET_CPUID2, &c), E2BIG);
}

static void debugregs_round_trip(void)
{
	struct kvm_debugregs in = {
		.db = { 0x1000, 0xffff800000002000, 0x3000, 0x4000 },
		.dr6 = 0xffff0ff1, .dr7 = 0x00d00402,
	}, out;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_OK(ioctl(v->fd, KVM_SET_DEBUGREGS, &in));
	memset(&out, 0xff, sizeof(out));
	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &out));
	CHECK(!memcmp(&in, &out, sizeof(in)));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &out));
	CHECK(!memcmp(&in, &out, sizeof(in)));
}

static void debugregs_at_reset(void)
{
	struct kvm_debugregs d;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &d));
	CHECK_EQ(d.dr6, 0xffff0ff0);
	CHECK_EQ(d.dr7, 0x400);
	CHECK_EQ(d.flags, 0);
}

static void debugregs_reserved_bits(void)
{
	struct kvm_debugregs good, d;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &good));
	d = good;
	d.flags = 1;
	CHECK_ERR(ioctl(v->fd, KVM_SET_DEBUGREGS, &d), EINVAL);
	d = good;
	d.dr6 |= 1ULL << 32;
	CHECK_ERR(ioctl(v->fd, KVM_SET_DEBUGREGS, &d), EINVAL);
	d = good;
	d.dr7 |= 1ULL << 63;
	CHECK_ERR(ioctl(v->fd, KVM_SET_DEBUGREGS, &d), EINVAL);
}

static void translate(void)
{
	struct kvm_translation t = { .linear_address = 0x123456 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_OK(ioctl(v->fd, KVM_TRANSLATE, &t));
	CHECK_EQ(t.valid, 1);
	CHECK_EQ(t.physical_address, 0x123456);

	GUEST_PTR(&vm, GUEST_PT, u64)[0x123] = 0x88000 | 7;
	CHECK_OK(ioctl(v->fd, KVM_TRANSLATE, &t));
	CHECK_EQ(t.physical_address, 0x88456);

	GUEST_PTR(&vm, GUEST_PT, u64)[0x123] = 0;
	CHECK_OK(ioctl(v->fd, KVM_TRANSLATE, &t));
	CHECK_EQ(t.valid, 0);
}

/* Valid and invalid table entries of each level. */
static void translate_entries(void)
{
	static const struct {
		u32 table;
		u64 entry, addr;	/* the translation of 0x123456, 0 for none */
	} rows[] = {
		{ GUEST_PT + 8 * 0x123, 0x88000 | 7 | 0x80, 0x88456 },	/* PAT */
		{ GUEST_PT + 8 * 0x123, 0x88000 | 1, 0x88456 },
		{ GUEST_PT + 8 * 0x123, 0x88000 | 1 | 1ULL << 63, 0 },	/* NXE is 0 */
		{ GUEST_PT + 8 * 0x123, 0x88000 | 1 | 1ULL << 51, 0 },
		{ GUEST_PD, 0x40000000 | 0x87, 0x40123456 },
		{ GUEST_PD, 0x40000000 | 0x1087, 0x40123456 },		/* PAT */
		{ GUEST_PD, 0x40000000 | 0x2087, 0 },
		{ GUEST_PD, 0x40000000 | 6, 0 },
		{ GUEST_PD, 0x7fff0000 | 7, 0 },			/* no memory at that address */
		{ GUEST_PDPT, 0x80000000 | 0x87, 0x80123456 },
		{ GUEST_PDPT, 0x80000000 | 0x200087, 0 },
		{ GUEST_PML4, GUEST_PDPT | 0x87, 0 },
	};
	struct kvm_translation t = { .linear_address = 0x123456 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		volatile u64 *entry = GUEST_PTR(&vm, rows[i].table, u64);
		u64 old = *entry;

		*entry = rows[i].entry;
		CHECK_OK(ioctl(v->fd, KVM_TRANSLATE, &t));
		if (!CHECK_EQ(t.valid, rows[i].addr != 0) ||
		    (t.valid && !CHECK_EQ(t.physical_address, rows[i].addr)))
			tap_note("entry %#llx", (unsigned long long)rows[i].entry);
		*entry = old;
	}
	t.linear_address = 1ULL << 47;
	CHECK_OK(ioctl(v->fd, KVM_TRANSLATE, &t));
	CHECK_EQ(t.valid, 0);
}

static void translate_without_paging(void)
{
	struct kvm_translation t = { .linear_address = 0x123456 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_REAL, PROG(halt));

	CHECK_OK(ioctl(v->fd, KVM_TRANSLATE, &t));
	CHECK_EQ(t.valid, 1);
	CHECK_EQ(t.physical_address, 0x123456);
}

static const struct test tests[] = {
	TEST(regs_round_trip),
	TEST(rflags_bit_1_is_always_set),
	TEST(rflags_reserved_bits_fail_the_entry),
	TEST(guest_sees_all_registers),
	TEST(reset_state),
	TEST(sregs_round_trip),
	TEST(sregs_interrupt_bitmap),
	TEST(invalid_sregs_are_refused),
	TEST(fpu_round_trip),
	TEST(set_fpu_before_the_first_run),
	TEST(guest_uses_sse_and_x87),
	TEST(host_fpu_survives_a_run),
	TEST(msrs_round_trip),
	TEST(msr_lists_stop_at_the_first_bad_one),
	TEST(msr_lists_that_are_too_long),
	TEST(msr_values_that_the_cpu_refuses),
	TEST(efer_as_msr),
	TEST(tsc_as_msr),
	TEST(faults_of_system_registers_reach_the_guest),
	TEST(guest_msrs),
	TEST(syscall_and_sysret),
	TEST(cpuid_as_the_vmm_set_it),
	TEST(cpuid_lists_of_bad_length),
	TEST(debugregs_round_trip),
	TEST(debugregs_at_reset),
	TEST(debugregs_reserved_bits),
	TEST(translate),
	TEST(translate_entries),
	TEST(translate_without_paging),
};

TAP_MAIN(tests)
