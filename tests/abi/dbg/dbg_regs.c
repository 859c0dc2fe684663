// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sets of registers that a session has beside general, system, debug and FPU
 * registers. Test and VMM are one process, so each set is compared with what the VMM
 * reads.
 */
#include <string.h>

#include "machine.h"

#define XMM		160		/* in the legacy region of XSAVE */
#define MXCSR		24
#define HEADER		512		/* XSTATE_BV, XCOMP_BV, reserved */
#define YMM		4		/* in XSTATE_BV */
#define CR4_OSXSAVE	(1U << 18)

#define MSR_TSC		0x10

GUEST64(halt, "hlt");

static void start(struct machine *m, enum guest_mode mode, struct prog prog)
{
	struct vmxdbg_attach arg = { .flags = VMXDBG_ATTACH_FD };

	if (on_kvm())
		tap_skip("KVM has no debug plane");
	machine_make(m, mode, prog);
	arg.target = m->vm.fd;
	m->session = CHECK_OK(ioctl(m->vm.dev, VMXDBG_ATTACH, &arg));
	CHECK_OK(session_stop(m->session, VMXDBG_ALL_VCPUS));
}

/* The VMM's next KVM_RUN must end in HLT. */
static void run_on(struct machine *m)
{
	CHECK_OK(session_resume(m->session, 0, 0));
	vcpu_run_to(m->v, KVM_EXIT_HLT);
	CHECK_OK(session_stop(m->session, 0));
}

#define GET(m, which, data) \
	session_regs((m)->session, false, 0, which, sizeof(*(data)), data)
#define SET(m, which, data) \
	session_regs((m)->session, true, 0, which, sizeof(*(data)), data)

static u64 *at(struct kvm_xsave *x, unsigned int offset)
{
	return (u64 *)((u8 *)x->region + offset);
}

/* ---- XSAVE and XCR0 ---- */

static void same_xsave(struct machine *m)
{
	static struct kvm_xsave ours, theirs;

	memset(&ours, 0xff, sizeof(ours));
	memset(&theirs, 0xff, sizeof(theirs));
	CHECK_OK(GET(m, VMXDBG_REGS_XSAVE, &ours));
	CHECK_OK(ioctl(m->v->fd, KVM_GET_XSAVE, &theirs));
	CHECK(!memcmp(&ours, &theirs, sizeof(ours)));
}

GUEST64(vectors,
	"mov $0x1122334455667788, %rax; movq %rax, %xmm3; movq %rax, %xmm15\n"
	"fld1; hlt\n"
	"movups %xmm3, 0xc000; stmxcsr 0xc010; hlt");

static void xsave_is_that_of_the_vmm(void)
{
	static struct kvm_xsave x;
	struct machine m;

	start(&m, MODE_LONG, PROG(vectors));
	same_xsave(&m);
	run_on(&m);
	same_xsave(&m);
	CHECK_OK(GET(&m, VMXDBG_REGS_XSAVE, &x));
	CHECK_EQ(*at(&x, XMM + 3 * 16), 0x1122334455667788);
	*at(&x, XMM + 3 * 16) = 0xa1a2a3a4a5a6a7a8;
	*at(&x, MXCSR) = (*at(&x, MXCSR) & ~0xffffffffULL) | 0x9f80;
	CHECK_OK(SET(&m, VMXDBG_REGS_XSAVE, &x));
	same_xsave(&m);
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, 0), 0xa1a2a3a4a5a6a7a8);
	CHECK_EQ(DATA32(&m.vm, 4), 0x9f80);
	machine_destroy(&m);
}

/* Return: the offset of the upper halves of the YMM registers, 0 without AVX. */
static u32 ymm_offset(void)
{
	u32 a, b, c, d;

	asm("cpuid" : "=a" (a), "=b" (b), "=c" (c), "=d" (d) : "a" (0xd), "c" (0));
	if (!(a & YMM))
		return 0;
	asm("cpuid" : "=a" (a), "=b" (b), "=c" (c), "=d" (d) : "a" (0xd), "c" (2));
	return b;
}

GUEST64(stores_ymm, "vmovups %ymm5, 0xc000; hlt");

static void avx_registers_are_set(void)
{
	static struct kvm_xsave x;
	struct kvm_sregs sregs;
	struct kvm_xcrs xcrs;
	struct machine m;
	u32 ymm = ymm_offset();

	if (!ymm)
		tap_skip("no AVX");
	start(&m, MODE_LONG, PROG(stores_ymm));
	CHECK_OK(GET(&m, VMXDBG_REGS_SYSTEM, &sregs));
	sregs.cr4 |= CR4_OSXSAVE;
	CHECK_OK(SET(&m, VMXDBG_REGS_SYSTEM, &sregs));
	CHECK_OK(GET(&m, VMXDBG_REGS_XCRS, &xcrs));
	CHECK_EQ(xcrs.nr_xcrs, 1);
	CHECK_EQ(xcrs.xcrs[0].value, 1);
	xcrs.xcrs[0].value = 7;
	CHECK_OK(SET(&m, VMXDBG_REGS_XCRS, &xcrs));
	CHECK_OK(ioctl(m.v->fd, KVM_GET_XCRS, &xcrs));
	CHECK_EQ(xcrs.xcrs[0].value, 7);

	CHECK_OK(GET(&m, VMXDBG_REGS_XSAVE, &x));
	*at(&x, XMM + 5 * 16) = 0x0102030405060708;
	*at(&x, ymm + 5 * 16 + 8) = 0xf1f2f3f4f5f6f7f8;
	*at(&x, HEADER) |= YMM;
	CHECK_OK(SET(&m, VMXDBG_REGS_XSAVE, &x));
	same_xsave(&m);
	run_on(&m);
	CHECK_EQ(DATA64(&m.vm, 0), 0x0102030405060708);
	CHECK_EQ(DATA64(&m.vm, 3), 0xf1f2f3f4f5f6f7f8);
	machine_destroy(&m);
}

static void bad_xsave_is_refused(void)
{
	static const struct {
		unsigned int offset;
		u64 bits;
	} bad[] = {
		{ HEADER, 1ULL << 62 },		/* a component that does not exist */
		{ HEADER + 8, 1ULL << 63 },	/* the compacted format */
		{ HEADER + 16, 1 },
		{ HEADER + 56, 1ULL << 40 },
		{ MXCSR, 0x80000000 },
	};
	static struct kvm_xsave x, now;
	struct machine m;
	unsigned int i;

	start(&m, MODE_LONG, PROG(halt));
	CHECK_OK(GET(&m, VMXDBG_REGS_XSAVE, &x));
	*at(&x, XMM) = 5;
	CHECK_OK(SET(&m, VMXDBG_REGS_XSAVE, &x));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		*at(&x, XMM) = 6;
		*at(&x, bad[i].offset) ^= bad[i].bits;
		if (!CHECK_ERR(SET(&m, VMXDBG_REGS_XSAVE, &x), EINVAL))
			tap_note("offset %u", bad[i].offset);
		*at(&x, bad[i].offset) ^= bad[i].bits;
	}
	*at(&x, XMM) = 5;
	CHECK_OK(GET(&m, VMXDBG_REGS_XSAVE, &now));
	CHECK(!memcmp(&x, &now, sizeof(x)));
	run_on(&m);
	machine_destroy(&m);
}

static void bad_xcr0_is_refused(void)
{
	static const u64 bad[] = { 0, 2, 5, 1ULL << 62 | 1, 1ULL << 9 | 1, 0x27 };
	struct kvm_xcrs xcrs;
	struct machine m;
	unsigned int i;

	start(&m, MODE_LONG, PROG(halt));
	CHECK_OK(GET(&m, VMXDBG_REGS_XCRS, &xcrs));
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		xcrs.xcrs[0].value = bad[i];
		if (!CHECK_ERR(SET(&m, VMXDBG_REGS_XCRS, &xcrs), EINVAL))
			tap_note("XCR0 %#llx", (unsigned long long)bad[i]);
	}
	CHECK_OK(GET(&m, VMXDBG_REGS_XCRS, &xcrs));
	CHECK_EQ(xcrs.xcrs[0].value, 1);
	machine_destroy(&m);
}

/* ---- events ---- */

static void same_events(struct machine *m)
{
	struct kvm_vcpu_events ours, theirs;

	memset(&ours, 0xff, sizeof(ours));
	memset(&theirs, 0xff, sizeof(theirs));
	CHECK_OK(GET(m, VMXDBG_REGS_EVENTS, &ours));
	CHECK_OK(ioctl(m->v->fd, KVM_GET_VCPU_EVENTS, &theirs));
	CHECK(!memcmp(&ours, &theirs, sizeof(ours)));
}

static void an_exception_is_injected(void)
{
	struct kvm_vcpu_events events;
	struct machine m;

	start(&m, MODE_LONG, PROG(halt));
	same_events(&m);
	CHECK_OK(GET(&m, VMXDBG_REGS_EVENTS, &events));
	events.exception.injected = 1;
	events.exception.nr = 13;
	events.exception.has_error_code = 1;
	events.exception.error_code = 0x18;
	CHECK_OK(SET(&m, VMXDBG_REGS_EVENTS, &events));
	same_events(&m);
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_to(m.v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(m.v), 13);
	machine_destroy(&m);
}

GUEST64(out, "out %al, $0x10; nop; hlt");

static void an_nmi_waits_while_nmis_are_blocked(void)
{
	struct kvm_vcpu_events events;
	struct vmxdbg_hidden hidden;
	struct machine m;

	start(&m, MODE_LONG, PROG(out));
	CHECK_OK(GET(&m, VMXDBG_REGS_EVENTS, &events));
	events.nmi.masked = 1;
	events.nmi.pending = 1;
	CHECK_OK(SET(&m, VMXDBG_REGS_EVENTS, &events));
	same_events(&m);
	CHECK_OK(GET(&m, VMXDBG_REGS_HIDDEN, &hidden));
	CHECK_EQ(hidden.blocking, VMXDBG_BLOCKING_NMI);
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_out(m.v, 0x10);
	CHECK_OK(session_stop(m.session, 0));
	CHECK_OK(GET(&m, VMXDBG_REGS_EVENTS, &events));
	CHECK_EQ(events.nmi.pending, 1);
	events.nmi.masked = 0;
	CHECK_OK(SET(&m, VMXDBG_REGS_EVENTS, &events));
	CHECK_OK(session_resume(m.session, 0, 0));
	vcpu_run_to(m.v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(m.v), 2);
	machine_destroy(&m);
}

/* ---- hidden state ---- */

static u64 host_tsc(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a" (low), "=d" (high) : : "memory");
	return low | (u64)high << 32;
}

static u64 session_tsc(struct machine *m)
{
	struct kvm_msr_entry entry = { .index = MSR_TSC };
	struct vmxdbg_msrs arg = { .count = 1, .entries = (unsigned long)&entry };

	CHECK_OK(ioctl(m->session, VMXDBG_GET_MSRS, &arg));
	return entry.data;
}

static void the_tsc_offset_is_told(void)
{
	struct vmxdbg_hidden hidden;
	u64 before, guest, after;
	struct machine m;

	start(&m, MODE_LONG, PROG(halt));
	CHECK_EQ(set_msr(m.v, MSR_TSC, 1ULL << 50), 1);
	before = host_tsc();
	CHECK_OK(GET(&m, VMXDBG_REGS_HIDDEN, &hidden));
	after = host_tsc();
	guest = session_tsc(&m);	/* stands still */
	CHECK(hidden.tsc_offset + before <= guest);
	CHECK(guest <= hidden.tsc_offset + after);
	CHECK(guest >= 1ULL << 50);
	machine_destroy(&m);
}

GUEST64(shadow, "sti; nop; hlt");

static void a_shadow_is_told(void)
{
	struct vmxdbg_hidden hidden;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(shadow), NULL);
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_HIDDEN, sizeof(hidden), &hidden));
	CHECK_EQ(hidden.blocking, 0);
	CHECK_EQ(hidden.activity, VMXDBG_ACTIVITY_ACTIVE);
	CHECK_EQ(dbg_step(&d, 0), GUEST_CODE + 1);
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_HIDDEN, sizeof(hidden), &hidden));
	CHECK_EQ(hidden.blocking, VMXDBG_BLOCKING_STI);
	dbg_finish(&d);
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_HIDDEN, sizeof(hidden), &hidden));
	CHECK_EQ(hidden.blocking, 0);
	CHECK_EQ(hidden.activity, VMXDBG_ACTIVITY_HLT);
}

GUEST64(traps, "pushfq; orl $0x100, (%rsp); mov %ss, %eax; popfq; mov %eax, %ss; hlt");
LABEL(traps_end);

static void a_pending_trap_is_told(void)
{
	struct vmxdbg_hidden hidden;
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(traps), NULL);
	for (i = 0; i < 5; i++)
		dbg_step(&d, 0);
	CHECK_EQ(session_get_regs(d.fd, 0).rip, AT(traps, traps_end) - 1);
	CHECK_OK(session_regs(d.fd, false, 0, VMXDBG_REGS_HIDDEN, sizeof(hidden), &hidden));
	CHECK_EQ(hidden.blocking, VMXDBG_BLOCKING_MOV_SS);
	CHECK_EQ(hidden.pending_debug, 1 << 14);	/* BS */
}

GUEST32(halt32, "hlt");

static void pdptrs_are_told_with_pae_paging(void)
{
	struct vmxdbg_hidden hidden;
	struct machine m;
	unsigned int i;

	start(&m, MODE_PAE, PROG(halt32));
	CHECK_OK(GET(&m, VMXDBG_REGS_HIDDEN, &hidden));
	for (i = 0; i < 4; i++)
		CHECK_EQ(hidden.pdptrs[i], (GUEST_PD + 0x1000 * i) | 1);
	machine_destroy(&m);
	start(&m, MODE_LONG, PROG(halt));
	CHECK_OK(GET(&m, VMXDBG_REGS_HIDDEN, &hidden));
	for (i = 0; i < 4; i++)
		CHECK_EQ(hidden.pdptrs[i], 0);
	machine_destroy(&m);
}

/* ---- arguments ---- */

static void sizes_are_exact(void)
{
	static const u32 sizes[] = {
		[VMXDBG_REGS_GENERAL] = sizeof(struct kvm_regs),
		[VMXDBG_REGS_SYSTEM] = sizeof(struct kvm_sregs),
		[VMXDBG_REGS_DEBUG] = sizeof(struct kvm_debugregs),
		[VMXDBG_REGS_FPU] = sizeof(struct kvm_fpu),
		[VMXDBG_REGS_XSAVE] = sizeof(struct kvm_xsave),
		[VMXDBG_REGS_XCRS] = sizeof(struct kvm_xcrs),
		[VMXDBG_REGS_EVENTS] = sizeof(struct kvm_vcpu_events),
		[VMXDBG_REGS_HIDDEN] = sizeof(struct vmxdbg_hidden),
		[VMXDBG_REGS_BOTH] = sizeof(struct vmxdbg_both),
	};
	static u8 data[8192];
	struct machine m;
	bool set;
	u32 i;

	start(&m, MODE_LONG, PROG(halt));
	for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
		u32 which = i / 2, size = sizes[which];

		set = i & 1;
		CHECK_ERR(session_regs(m.session, set, 0, which, size - 1, data), EINVAL);
		CHECK_ERR(session_regs(m.session, set, 0, which, size + 8, data), EINVAL);
		CHECK_ERR(session_regs(m.session, set, 0, which, 0, data), EINVAL);
		if (set && which == VMXDBG_REGS_HIDDEN)
			CHECK_ERR(session_regs(m.session, set, 0, which, size, data), EINVAL);
		else
			CHECK_OK(session_regs(m.session, set, 0, which, size, data));
		CHECK_ERR(session_regs(m.session, set, 1, which, size, data),
			  which == VMXDBG_REGS_HIDDEN && set ? EINVAL : ENOENT);
	}
	CHECK_ERR(session_regs(m.session, false, 0, ARRAY_SIZE(sizes), 8, data), EINVAL);
	CHECK_ERR(session_regs(m.session, false, 0, ~0U, 8, data), EINVAL);
	CHECK_ERR(session_regs(m.session, false, 0, VMXDBG_REGS_XSAVE, 4096, bad_pointer()),
		  EFAULT);
	CHECK_ERR(session_regs(m.session, true, 0, VMXDBG_REGS_XSAVE, 4096, bad_pointer()),
		  EFAULT);
	run_on(&m);
	machine_destroy(&m);
}

static const struct test tests[] = {
	TEST(xsave_is_that_of_the_vmm),
	TEST(avx_registers_are_set),
	TEST(bad_xsave_is_refused),
	TEST(bad_xcr0_is_refused),
	TEST(an_exception_is_injected),
	TEST(an_nmi_waits_while_nmis_are_blocked),
	TEST(the_tsc_offset_is_told),
	TEST(a_shadow_is_told),
	TEST(a_pending_trap_is_told),
	TEST(pdptrs_are_told_with_pae_paging),
	TEST(sizes_are_exact),
};

TAP_MAIN(tests)
