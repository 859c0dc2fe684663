// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments of the ioctls of a vCPU at their bounds, as in run_bounds.c. The same results are
 * expected of KVM, which is the oracle.
 */
#include <string.h>

#include "bounds.h"

#define ALL		~0ULL

GUEST64(halt, "hlt");

static struct vm vm;
static struct vcpu *v;

static void start(void)
{
	v = guest_make(&vm, MODE_LONG, PROG(halt));
}

static void still_runs(void)
{
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* ---- the state of a vCPU ---- */

static int interrupt(u32 irq)
{
	struct kvm_interrupt i = { .irq = irq };

	return ioctl(v->fd, KVM_INTERRUPT, &i);
}

static int signal_mask(u32 len)
{
	struct {
		struct kvm_signal_mask head;
		u8 sigset[16];
	} mask = { .head.len = len };

	return ioctl(v->fd, KVM_SET_SIGNAL_MASK, &mask);
}

static int mp_state(u32 state)
{
	struct kvm_mp_state mp = { .mp_state = state };

	return ioctl(v->fd, KVM_SET_MP_STATE, &mp);
}

static int tpr_access(u32 enabled, u32 flags)
{
	struct kvm_tpr_access_ctl ctl = { .enabled = enabled, .flags = flags };

	memset(ctl.reserved, 0xff, sizeof(ctl.reserved));
	return ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, &ctl);
}

static void small_arguments(void)
{
	unsigned int state;

	start();
	GIVES(interrupt(256), EINVAL);
	GIVES(interrupt(~0U), EINVAL);
	GIVES(interrupt(255), 0);
	GIVES(signal_mask(7), EINVAL);
	GIVES(signal_mask(8), 0);
	GIVES(signal_mask(9), EINVAL);
	GIVES(ioctl(v->fd, KVM_SET_SIGNAL_MASK, NULL), 0);
	GIVES(mp_state(KVM_MP_STATE_RUNNABLE), 0);
	for (state = 1; state < 16; state++)
		GIVES(mp_state(state), EINVAL);
	GIVES(mp_state(~0U), EINVAL);
	GIVES(tpr_access(~0U, 0), 0);
	ACCEPTS(tpr_access(0, bit), 0xffffffff00000000ULL);
	GIVES(ioctl(v->fd, KVM_RUN, 1), EINVAL);
	GIVES(ioctl(v->fd, KVM_SET_TSC_KHZ, 0), 0);
}

static int debugregs(u64 flags, u64 dr6, u64 dr7)
{
	struct kvm_debugregs d = { .flags = flags, .dr6 = dr6, .dr7 = dr7 };

	memset(d.reserved, 0xff, sizeof(d.reserved));
	return ioctl(v->fd, KVM_SET_DEBUGREGS, &d);
}

static int guest_debug(u32 control)
{
	struct kvm_guest_debug d = { .control = control, .pad = ~0U };

	return ioctl(v->fd, KVM_SET_GUEST_DEBUG, &d);
}

static void debug_registers(void)
{
	u64 valid;

	start();
	ACCEPTS(debugregs(bit, 0xffff0ff0, 0x400), 0);
	ACCEPTS(debugregs(0, bit, 0x400), 0xffffffffULL);
	ACCEPTS(debugregs(0, 0xffff0ff0, bit), 0xffffffffULL);
	valid = check_extension(vm.fd, KVM_CAP_SET_GUEST_DEBUG2);
	if (on_kvm()) {
		tap_note("known difference: KVM takes any bit of kvm_guest_debug.control");
		valid = 0xffffffffULL;
	}
	/* without KVM_GUESTDBG_ENABLE the rest has no effect; injections cannot repeat */
	valid &= ~(u64)(KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP);
	ACCEPTS(bit & (KVM_GUESTDBG_INJECT_DB | KVM_GUESTDBG_INJECT_BP) || bit >> 32 ?
		(errno = EINVAL, -1) : guest_debug(bit), valid);
	GIVES(guest_debug(0), 0);
	still_runs();
}

static int xcrs(u32 nr, u32 flags, u32 xcr, u64 value)
{
	struct kvm_xcrs x = { .nr_xcrs = nr, .flags = flags,
			      .xcrs = { { .xcr = xcr, .reserved = ~0U, .value = value } } };
	unsigned int i;

	for (i = 1; i < KVM_MAX_XCRS; i++)
		x.xcrs[i] = (struct kvm_xcr){ .xcr = 1 };
	memset(x.padding, 0xff, sizeof(x.padding));
	return ioctl(v->fd, KVM_SET_XCRS, &x);
}

static void extended_control_registers(void)
{
	start();
	GIVES(xcrs(0, 0, 0, 0), 0);
	GIVES(xcrs(1, 0, 0, 1), 0);
	GIVES(xcrs(KVM_MAX_XCRS, 0, 0, 1), 0);
	GIVES(xcrs(KVM_MAX_XCRS + 1, 0, 0, 1), EINVAL);
	GIVES(xcrs(~0U, 0, 0, 1), EINVAL);
	ACCEPTS(xcrs(1, bit, 0, 1), 0xffffffff00000000ULL);
	GIVES(xcrs(1, 0, 1, ~0ULL), 0);
	ACCEPTS(xcrs(1, 0, 0, bit), 1);
	GIVES(xcrs(1, 0, 0, 5), EINVAL);	/* AVX without SSE */
	GIVES(xcrs(1, 0, 0, 3), 0);
	GIVES(xcrs(1, 0, 0, 1), 0);
	still_runs();
}

static int xsave(size_t offset, u64 value)
{
	struct kvm_xsave x;

	CHECK_OK(ioctl(v->fd, KVM_GET_XSAVE, &x));
	memcpy((u8 *)&x + offset, &value, sizeof(value));
	return ioctl(v->fd, KVM_SET_XSAVE, &x);
}

static void header_of_xsave(void)
{
	unsigned int at;
	u64 known = 3;

	start();
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx"))
		known |= 4;
	ACCEPTS(xsave(512, bit), known);
	for (at = 520; at < 576; at += 8)
		ACCEPTS(xsave(at, bit), 0);
	still_runs();
}

/* ---- pending events ---- */

static struct kvm_vcpu_events no_events(void)
{
	struct kvm_vcpu_events e;

	memset(&e, 0, sizeof(e));
	memset(e.reserved, 0xff, sizeof(e.reserved));
	return e;
}

static int set_events(const struct kvm_vcpu_events *e)
{
	return ioctl(v->fd, KVM_SET_VCPU_EVENTS, e);
}

static int event_flags(u32 flags)
{
	struct kvm_vcpu_events e = no_events();

	e.flags = flags;
	return set_events(&e);
}

static int event_exception(u8 nr, bool injected, u8 pending)
{
	struct kvm_vcpu_events e = no_events();

	e.exception.nr = nr;
	e.exception.injected = injected;
	e.exception.pending = pending;
	return set_events(&e);
}

static int event_smi(u8 smm, u8 pending)
{
	struct kvm_vcpu_events e = no_events();

	e.flags = KVM_VCPUEVENT_VALID_SMM;
	e.smi.smm = smm;
	e.smi.pending = pending;
	return set_events(&e);
}

static int event_shadow(u8 shadow)
{
	struct kvm_vcpu_events e = no_events();

	e.flags = KVM_VCPUEVENT_VALID_SHADOW;
	e.interrupt.shadow = shadow;
	return set_events(&e);
}

static void events(void)
{
	unsigned int nr;

	start();
	ACCEPTS(event_flags(bit), 0xffffffff0000000fULL);
	CHECK_OK(enable_cap(&vm, KVM_CAP_X86_TRIPLE_FAULT_EVENT, 0, 1));
	ACCEPTS(event_flags(bit), 0xffffffff0000002fULL);
	for (nr = 0; nr < 256; nr++) {
		gives(error_of(event_exception(nr, true, 0)), nr < 32 && nr != 2 ? 0 : EINVAL,
		      "event_exception(nr, true, 0)", __FILE__, nr);
		gives(error_of(event_exception(nr, false, 0)), 0,
		      "event_exception(nr, false, 0)", __FILE__, nr);
	}
	GIVES(event_exception(255, false, 1), 0);
	GIVES(event_smi(0, 0), 0);
	KNOWN_DIFFERENCE(error_of(event_smi(1, 0)) == EINVAL, "has SMM");
	KNOWN_DIFFERENCE(error_of(event_smi(0, 1)) == EINVAL, "has SMM");
	GIVES(event_smi(0, 0), 0);
	for (nr = 0; nr < 256; nr++)
		gives(error_of(event_shadow(nr)), 0, "event_shadow(nr)", __FILE__, nr);
	GIVES(event_shadow(0), 0);
	CHECK_OK(event_exception(0, false, 0));
	still_runs();
}

/* ---- special registers ---- */

static struct kvm_sregs good;

static int sregs(__u64 *field, u64 value)
{
	u64 was = *field;
	int r;

	*field = value;
	r = ioctl(v->fd, KVM_SET_SREGS, &good);
	*field = was;
	return r;
}

static int sregs2_flags(u64 flags)
{
	struct kvm_sregs2 s;

	CHECK_OK(ioctl(v->fd, KVM_GET_SREGS2, &s));
	s.flags = flags;
	return ioctl(v->fd, KVM_SET_SREGS2, &s);
}

static void special_registers(void)
{
	u64 width;

	start();
	width = guest_physical_end() - 1;
	get_sregs(v, &good);
	/* a 64-bit vCPU: PG, PE, PAE, LME and LMA must stay */
	ACCEPTS(sregs(&good.cr3, good.cr3 | bit), width);
	ACCEPTS(sregs(&good.cr2, bit), ALL);
	ACCEPTS(sregs(&good.cr0, good.cr0 ^ bit), 0x5ffffffeULL);
	if (on_kvm()) {
		/* KVM checks EFER here since 7.x, as we do. */
		bool checks_efer = sregs(&good.efer, good.efer ^ 1ULL << 63) < 0;

		tap_note("known difference: KVM takes reserved bits of %sCR8",
			 checks_efer ? "" : "EFER and ");
		ACCEPTS(sregs(&good.efer, good.efer ^ bit), checks_efer ? 0x801 : ~0x500ULL);
		ACCEPTS(sregs(&good.cr8, bit), ALL);
	} else {
		ACCEPTS(sregs(&good.efer, good.efer ^ bit), 0x801);
		ACCEPTS(sregs(&good.cr8, bit), 0xf);
	}
	ACCEPTS(sregs(&good.apic_base, good.apic_base ^ bit), (width & ~0xfffULL) | 0xd00);
	ACCEPTS(sregs2_flags(bit), 0);
	GIVES(ioctl(v->fd, KVM_SET_SREGS, &good), 0);
	still_runs();
}

/* The registers in struct kvm_run. */
static int sync_regs(u64 valid, u64 dirty)
{
	int r;

	v->run->kvm_valid_regs = valid;
	v->run->kvm_dirty_regs = dirty;
	r = vcpu_run(v);
	v->run->kvm_valid_regs = 0;
	v->run->kvm_dirty_regs = 0;
	if (r < 0)
		errno = -r;
	return r < 0 ? -1 : 0;
}

static void sets_of_shared_registers(void)
{
	u64 valid = 7;

	start();
	if (on_kvm() && !error_of((set_rip(v, GUEST_CODE), sync_regs(1ULL << 63, 0)))) {
		tap_note("known difference: this KVM ignores the upper 32 bits");
		valid |= 0xffffffffULL << 32;
	}
	ACCEPTS((set_rip(v, GUEST_CODE), sync_regs(bit, 0)), valid);
	CHECK_EQ(check_extension(vm.fd, KVM_CAP_SYNC_REGS), 7);
	set_rip(v, GUEST_CODE);
	GIVES(sync_regs(7, 0), 0);
	ACCEPTS((v->run->s.regs.regs.rip = GUEST_CODE, sync_regs(0, bit)), valid);
}

/* ---- machine checks ---- */

static int setup_mce(u64 cap)
{
	return ioctl(v->fd, KVM_X86_SETUP_MCE, &cap);
}

static int set_mce(u8 bank, u64 status)
{
	struct kvm_x86_mce mce = { .bank = bank, .status = status };

	return ioctl(v->fd, KVM_X86_SET_MCE, &mce);
}

static void machine_checks(void)
{
	u64 cap;

	start();
	CHECK_OK(ioctl(vm.dev, KVM_X86_GET_MCE_CAP_SUPPORTED, &cap));
	GIVES(setup_mce(0), EINVAL);
	GIVES(setup_mce(33), EINVAL);
	GIVES(setup_mce(32), 0);
	ACCEPTS(setup_mce(10 | bit), (cap & ~0xffULL) | 0xff001f);
	GIVES(setup_mce(10), 0);
	GIVES(set_mce(9, 1ULL << 63), 0);
	GIVES(set_mce(10, 1ULL << 63), EINVAL);
	GIVES(set_mce(255, 1ULL << 63), EINVAL);
	GIVES(set_mce(9, ~0ULL >> 1), EINVAL);
	still_runs();
}

/* ---- translation ---- */

/* Return: the physical address, ~0 if the result says that there is none. */
static u64 translate(u64 gva)
{
	struct kvm_translation t = { .linear_address = gva };

	CHECK_OK(ioctl(v->fd, KVM_TRANSLATE, &t));
	return t.valid ? t.physical_address : ~0ULL;
}

static void addresses_that_are_translated(void)
{
	start();
	CHECK_EQ(translate(0), 0);
	CHECK_EQ(translate(0xffffffff), 0xffffffff);
	CHECK_EQ(translate(0x100000000), ALL);
	CHECK_EQ(translate(0x7fffffffffff), ALL);
	CHECK_EQ(translate(0x800000000000), ALL);
	CHECK_EQ(translate(0xffff800000000000), ALL);
	CHECK_EQ(translate(~0ULL), ALL);
	KNOWN_DIFFERENCE(translate(1ULL << 48 | 0x8000) == ALL, "ignores bits 63:48");
	KNOWN_DIFFERENCE(translate(0xffff000000008000) == ALL, "ignores bits 63:48");
}

/* Linear addresses have 32 bits outside 64-bit mode. */
static void addresses_without_paging(void)
{
	v = guest_make(&vm, MODE_FLAT32, PROG(halt));
	CHECK_EQ(translate(0), 0);
	CHECK_EQ(translate(0xffffffff), 0xffffffff);
	KNOWN_DIFFERENCE(translate(0x100000000) == 0, "takes all bits for an address");
	KNOWN_DIFFERENCE(translate(~0ULL - 1) == 0xfffffffe, "takes all bits for an address");
}

static const struct test tests[] = {
	TEST(small_arguments),
	TEST(debug_registers),
	TEST(extended_control_registers),
	TEST(header_of_xsave),
	TEST(events),
	TEST(special_registers),
	TEST(sets_of_shared_registers),
	TEST(machine_checks),
	TEST(addresses_that_are_translated),
	TEST(addresses_without_paging),
};

TAP_MAIN(tests)
