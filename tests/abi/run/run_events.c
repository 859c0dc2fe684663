// SPDX-License-Identifier: GPL-2.0-only
/* Pending events of a vCPU, read and written by its VMM. */
#include <string.h>

#include "guest.h"

#define VECTOR	0x45
#define ALWAYS	(KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW | \
		 KVM_VCPUEVENT_VALID_SMM)

GUEST64(halt, "hlt");

static struct kvm_vcpu_events get_events(struct vcpu *v)
{
	struct kvm_vcpu_events e;

	memset(&e, 0xff, sizeof(e));
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	return e;
}

static int set_events(struct vcpu *v, const struct kvm_vcpu_events *e)
{
	return ioctl(v->fd, KVM_SET_VCPU_EVENTS, e);
}

/* complete the OUT that the vCPU exited with, and run nothing after it */
static void finish_out(struct vcpu *v)
{
	v->run->immediate_exit = 1;
	CHECK_EQ(vcpu_run(v), -EINTR);
	v->run->immediate_exit = 0;
}

static void events_of_a_fresh_vcpu(void)
{
	struct kvm_vcpu_events want = { .flags = ALWAYS }, e;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	e = get_events(v);
	CHECK(!memcmp(&e, &want, sizeof(e)));
	CHECK_OK(set_events(v, &e));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(fault_guest,
	"movw $" GADDR(fault_guest, fault_handler) ", 0x1000 + 13 * 16\n"
	"out %al, $0x10\n"
	"fault_next: nop; hlt\n"
	"fault_handler: pop 0xc000; pop 0xc008; hlt");
LABEL(fault_next);

static void exception_with_error_code(void)
{
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(fault_guest));

	vcpu_run_out(v, 0x10);
	finish_out(v);
	e = get_events(v);
	e.exception.injected = 1;
	e.exception.nr = 13;
	e.exception.has_error_code = 1;
	e.exception.error_code = 0x1230;
	CHECK_OK(set_events(v, &e));
	e = get_events(v);
	CHECK_EQ(e.exception.injected, 1);
	CHECK_EQ(e.exception.nr, 13);
	CHECK_EQ(e.exception.error_code, 0x1230);
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(&vm, 0), 0x1230);
	CHECK_EQ(DATA64(&vm, 1), AT(fault_guest, fault_next));
	e = get_events(v);
	CHECK_EQ(e.exception.injected, 0);
}

/* a guest with #UD injected, which is not delivered yet. Return: its events. */
static struct kvm_vcpu_events inject_ud(struct vm *vm, struct vcpu **v)
{
	struct kvm_vcpu_events e;

	*v = guest_make(vm, MODE_LONG, PROG(halt));
	e = get_events(*v);
	e.exception.injected = 1;
	e.exception.nr = 6;
	CHECK_OK(set_events(*v, &e));
	return e;
}

static void exception_without_error_code(void)
{
	struct vcpu *v;
	struct vm vm;

	inject_ud(&vm, &v);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 6);
}

static void exception_taken_back(void)
{
	struct kvm_vcpu_events e;
	struct vcpu *v;
	struct vm vm;

	e = inject_ud(&vm, &v);
	e.exception.injected = 0;
	CHECK_OK(set_events(v, &e));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void events_that_are_refused(void)
{
	struct kvm_vcpu_events good, e;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	good = get_events(v);
	e = good;
	e.exception.injected = 1;
	e.exception.nr = 32;
	CHECK_ERR(set_events(v, &e), EINVAL);
	e.exception.nr = 2;
	CHECK_ERR(set_events(v, &e), EINVAL);
	e = good;
	e.flags |= 0x80000000;
	CHECK_ERR(set_events(v, &e), EINVAL);
	/* each needs its capability enabled */
	e.flags = good.flags | KVM_VCPUEVENT_VALID_PAYLOAD;
	CHECK_ERR(set_events(v, &e), EINVAL);
	e.flags = good.flags | KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
	CHECK_ERR(set_events(v, &e), EINVAL);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* ---- exceptions that are pending, with a payload ---- */

GUEST64(payload_guest,
	"movw $" GADDR(payload_guest, pf_handler) ", 0x1000 + 14 * 16\n"
	"movw $" GADDR(payload_guest, db_handler) ", 0x1000 + 1 * 16\n"
	"out %al, $0x10\n"
	"payload_next: nop; hlt\n"
	"pf_handler: pop 0xc000; pop 0xc008; pop %rax; pop 0xc010\n"
	"mov %cr2, %rax; mov %rax, 0xc018; hlt\n"
	"db_handler: pop 0xc008; pop %rax; pop 0xc010\n"
	"mov %dr6, %rax; mov %rax, 0xc018; mov %dr7, %rax; mov %rax, 0xc020; hlt");
LABEL(payload_next);

static int want_payloads(struct vm *vm, u64 on)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_EXCEPTION_PAYLOAD, .args = { on } };

	return ioctl(vm->fd, KVM_ENABLE_CAP, &cap);
}

/* Return: a vCPU behind its OUT, with the exception pending. */
static struct vcpu *with_pending(struct vm *vm, u8 vector, bool has_payload, u64 payload)
{
	struct kvm_vcpu_events e;
	struct vcpu *v = guest_make(vm, MODE_LONG, PROG(payload_guest));

	CHECK_EQ(has_cap(vm, KVM_CAP_EXCEPTION_PAYLOAD), 1);
	CHECK_OK(want_payloads(vm, 1));
	vcpu_run_out(v, 0x10);
	finish_out(v);
	e = get_events(v);
	CHECK_EQ(e.flags, ALWAYS | KVM_VCPUEVENT_VALID_PAYLOAD);
	CHECK_EQ(e.exception.pending | e.exception_has_payload, 0);
	e.exception.injected = 1;	/* not if it is pending */
	e.exception.pending = 1;
	e.exception.nr = vector;
	e.exception.has_error_code = vector == 14;
	e.exception.error_code = vector == 14 ? 5 : 0;
	e.exception_has_payload = has_payload;
	e.exception_payload = payload;
	CHECK_OK(set_events(v, &e));
	e = get_events(v);
	CHECK_EQ(e.exception.injected, 0);
	CHECK_EQ(e.exception.pending, 1);
	CHECK_EQ(e.exception.nr, vector);
	CHECK_EQ(e.exception_has_payload, has_payload);
	if (has_payload)
		CHECK_EQ(e.exception_payload, payload);
	return v;
}

#define RF	0x10000ULL

/* Run to the end of the handler, which has seen CR2 or DR6 as @want. */
static void delivers(struct vm *vm, struct vcpu *v, u64 want)
{
	struct kvm_vcpu_events e;

	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(DATA64(vm, 1), AT(payload_guest, payload_next));
	CHECK_EQ(DATA64(vm, 3), want);
	e = get_events(v);
	CHECK_EQ(e.exception.injected | e.exception.pending | e.exception_has_payload, 0);
}

static u64 dr6_of(struct vcpu *v)
{
	struct kvm_debugregs d;

	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &d));
	return d.dr6;
}

static void page_fault_brings_its_address(void)
{
	struct kvm_sregs sregs;
	struct vm vm;
	struct vcpu *v = with_pending(&vm, 14, true, 0x123456789aULL);

	get_sregs(v, &sregs);
	CHECK_EQ(sregs.cr2, 0);
	delivers(&vm, v, 0x123456789aULL);
	CHECK_EQ(DATA64(&vm, 0), 5);
	CHECK_EQ(DATA64(&vm, 2) & RF, RF);
}

static void page_fault_without_an_address_leaves_cr2(void)
{
	struct vm vm;

	delivers(&vm, with_pending(&vm, 14, false, 0x1234), 0);
}

static void debug_exception_brings_its_dr6(void)
{
	struct kvm_debugregs d;
	struct vm vm;
	struct vcpu *v = with_pending(&vm, 1, true, 1 << 14);

	CHECK_EQ(dr6_of(v), 0xffff0ff0);
	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &d));
	d.dr7 = 0x2400;		/* GD, which the delivery clears */
	CHECK_OK(ioctl(v->fd, KVM_SET_DEBUGREGS, &d));
	delivers(&vm, v, 0xffff4ff0);
	CHECK_EQ(DATA64(&vm, 4), 0x400);
	CHECK_EQ(DATA64(&vm, 2) & RF, 0);
}

static void payload_shows_at_once_without_the_capability(void)
{
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = with_pending(&vm, 1, true, 1 << 14);

	CHECK_OK(want_payloads(&vm, 0));
	e = get_events(v);
	CHECK_EQ(e.flags, ALWAYS);
	CHECK_EQ(e.exception.injected, 1);
	CHECK_EQ(e.exception_has_payload, 0);
	CHECK_EQ(dr6_of(v), 0xffff4ff0);
	delivers(&vm, v, 0xffff4ff0);
}

/* A VMM that does not know the fields leaves garbage there. */
static void pending_needs_its_flag(void)
{
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = with_pending(&vm, 14, true, 0x1000);

	e = get_events(v);
	e.flags = ALWAYS;
	CHECK_OK(set_events(v, &e));
	e = get_events(v);
	CHECK_EQ(e.exception.injected | e.exception.pending | e.exception_has_payload, 0);
	e.exception.injected = 1;
	e.exception.nr = 14;
	e.exception.has_error_code = 1;
	e.exception_has_payload = 1;
	e.exception_payload = 0x1000;
	CHECK_OK(set_events(v, &e));
	e = get_events(v);
	CHECK_EQ(e.exception.injected, 1);
	CHECK_EQ(e.exception.pending | e.exception_has_payload, 0);
	e.exception.pending = 1;
	e.exception.nr = 32;
	CHECK_ERR(set_events(v, &e), EINVAL);
	e.exception.nr = 2;
	CHECK_ERR(set_events(v, &e), EINVAL);
	e.exception.pending = 0;
	e.exception.injected = 0;
	CHECK_OK(set_events(v, &e));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* the entry fails, as on KVM, until the VMM takes the exception back */
static void exception_that_no_cpu_has_fails_the_entry(void)
{
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	e = get_events(v);
	e.exception.injected = 1;
	e.exception.nr = 6;
	e.exception.has_error_code = 1;
	CHECK_OK(set_events(v, &e));
	vcpu_run_to(v, KVM_EXIT_FAIL_ENTRY);
	CHECK_EQ(v->run->fail_entry.hardware_entry_failure_reason, 7);
	CHECK_EQ(get_events(v).exception.injected, 1);
	vcpu_run_to(v, KVM_EXIT_FAIL_ENTRY);
	e.exception.has_error_code = 0;
	CHECK_OK(set_events(v, &e));
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 6);
}

/* An entry that fails for invalid guest state keeps the injected event, too. */
static void exception_survives_a_failed_entry(void)
{
	struct kvm_regs regs;
	struct vcpu *v;
	struct vm vm;

	inject_ud(&vm, &v);
	get_regs(v, &regs);
	regs.rflags |= 1ULL << 40;
	set_regs(v, &regs);
	vcpu_run_to(v, KVM_EXIT_FAIL_ENTRY);
	CHECK_EQ(v->run->fail_entry.hardware_entry_failure_reason, 0x80000021);
	regs.rflags = 2;
	set_regs(v, &regs);
	CHECK_EQ(get_events(v).exception.injected, 1);
	vcpu_run_to(v, KVM_EXIT_IO);
	CHECK_EQ(vcpu_trap(v), 6);
}

GUEST64(irq_guest,
	"movw $" GADDR(irq_guest, irq_handler) ", 0x1000 + 0x45 * 16\n"
	"movw $" GADDR(irq_guest, irq_handler) ", 0x1000 + 2 * 16\n"
	"sti; nop\n"
	"out %al, $0x10\n"
	"irq_next: nop\n"
	"irq_after: nop; cli\n"
	"out %al, $0x11; hlt\n"
	"irq_handler: incl 0xc000; mov (%rsp), %rax; mov %rax, 0xc008; iretq");
LABEL(irq_next);
LABEL(irq_after);

/* make the guest, stopped behind its first OUT */
static struct vcpu *irq_guest_make(struct vm *vm)
{
	struct vcpu *v = guest_make(vm, MODE_LONG, PROG(irq_guest));

	vcpu_run_out(v, 0x10);
	finish_out(v);
	return v;
}

static void interrupt_shows_and_can_be_taken_back(void)
{
	struct kvm_interrupt irq = { .irq = VECTOR };
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = irq_guest_make(&vm);

	CHECK_OK(ioctl(v->fd, KVM_INTERRUPT, &irq));
	e = get_events(v);
	CHECK_EQ(e.interrupt.injected, 1);
	CHECK_EQ(e.interrupt.nr, VECTOR);
	CHECK_EQ(e.interrupt.soft, 0);
	e.interrupt.injected = 0;
	CHECK_OK(set_events(v, &e));
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 0);
}

static void interrupt_from_events(void)
{
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = irq_guest_make(&vm);

	e = get_events(v);
	e.interrupt.injected = 1;
	e.interrupt.nr = VECTOR;
	CHECK_OK(set_events(v, &e));
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(DATA64(&vm, 1), AT(irq_guest, irq_next));
}

static void shadow_holds_an_nmi_for_one_instruction(void)
{
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = irq_guest_make(&vm);

	e = get_events(v);
	CHECK_EQ(e.interrupt.shadow, 0);
	e.interrupt.shadow = KVM_X86_SHADOW_INT_MOV_SS;
	e.nmi.pending = 1;
	CHECK_OK(set_events(v, &e));
	e = get_events(v);
	CHECK_EQ(e.interrupt.shadow, KVM_X86_SHADOW_INT_MOV_SS);
	CHECK_EQ(e.nmi.pending, 1);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(DATA64(&vm, 1), AT(irq_guest, irq_after));
}

static void shadow_without_its_flag_is_left_alone(void)
{
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = irq_guest_make(&vm);

	e = get_events(v);
	e.flags &= ~KVM_VCPUEVENT_VALID_SHADOW;
	e.interrupt.shadow = KVM_X86_SHADOW_INT_STI;
	CHECK_OK(set_events(v, &e));
	CHECK_EQ(get_events(v).interrupt.shadow, 0);
}

static void two_nmis_are_taken_one_after_the_other(void)
{
	struct vm vm;
	struct vcpu *v = irq_guest_make(&vm);

	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	/* Newer KVM reports the number of pending NMIs. */
	if (get_events(v).nmi.pending != 2 || !on_kvm())
		CHECK_EQ(get_events(v).nmi.pending, 1);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 2);
	CHECK_EQ(get_events(v).nmi.pending, 0);
}

GUEST64(masked_guest,
	"movw $" GADDR(masked_guest, masked_handler) ", 0x1000 + 2 * 16\n"
	"out %al, $0x10\n"
	"mov 0xc000, %eax; out %eax, $0x11\n"
	"mov %ss, %eax; push %rax; mov %rsp, %rbx; push %rbx; pushf; mov %cs, %eax\n"
	"push %rax; push $" GADDR(masked_guest, masked_after) "; iretq\n"
	"masked_after: mov 0xc000, %eax; out %eax, $0x12; hlt\n"
	"masked_handler: incl 0xc000; out %al, $0x13; iretq");

static void masked_nmi_waits_for_iret(void)
{
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(masked_guest));

	vcpu_run_out(v, 0x10);
	e = get_events(v);
	e.nmi.masked = 1;
	CHECK_OK(set_events(v, &e));
	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	CHECK_EQ(vcpu_run_out(v, 0x11), 0);
	CHECK_EQ(get_events(v).nmi.masked, 1);
	CHECK_EQ(get_events(v).nmi.pending, 1);
	vcpu_run_out(v, 0x13);
	CHECK_EQ(get_events(v).nmi.masked, 1);
	CHECK_EQ(vcpu_run_out(v, 0x12), 1);
	CHECK_EQ(get_events(v).nmi.masked, 0);
}

#define IRET_HLT	(GUEST_CODE + 9)

GUEST16(iret_guest, "mov $0xa000, %ax; mov %ax, %ss; mov $0x40, %sp; iret; hlt");

/* The device that is the stack sends the guest to the HLT. */
static void iret_from_a_device_ends_nmi_blocking(void)
{
	const u16 frame[] = { IRET_HLT, 0, 2 };
	struct kvm_userspace_memory_region slot = { .slot = 0 };
	struct kvm_vcpu_events e;
	unsigned int i;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_REAL, PROG(iret_guest));

	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
	slot.memory_size = 0xa0000;
	slot.userspace_addr = (unsigned long)vm.mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
	e = get_events(v);
	e.nmi.masked = 1;
	CHECK_OK(set_events(v, &e));
	for (i = 0; i < ARRAY_SIZE(frame); i++) {
		vcpu_run_to(v, KVM_EXIT_MMIO);
		memcpy(v->run->mmio.data, &frame[i], sizeof(frame[i]));
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(get_events(v).nmi.masked, 0);
}

static void mp_state_without_an_irqchip(void)
{
	static const u32 others[] = {
		KVM_MP_STATE_UNINITIALIZED, KVM_MP_STATE_INIT_RECEIVED,
		KVM_MP_STATE_HALTED, KVM_MP_STATE_SIPI_RECEIVED, 99,
	};
	struct kvm_mp_state state = { 99 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));
	unsigned int i;

	CHECK_OK(ioctl(v->fd, KVM_GET_MP_STATE, &state));
	CHECK_EQ(state.mp_state, KVM_MP_STATE_RUNNABLE);
	CHECK_OK(ioctl(v->fd, KVM_SET_MP_STATE, &state));
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		state.mp_state = others[i];
		CHECK_ERR(ioctl(v->fd, KVM_SET_MP_STATE, &state), EINVAL);
	}
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_OK(ioctl(v->fd, KVM_GET_MP_STATE, &state));
	CHECK_EQ(state.mp_state, KVM_MP_STATE_RUNNABLE);
}

static int enable_cap(struct vm *vm, u32 cap, u32 flags, u64 arg)
{
	struct kvm_enable_cap e = { .cap = cap, .flags = flags, .args = { arg } };

	return ioctl(vm->fd, KVM_ENABLE_CAP, &e);
}

static void triple_fault_event(void)
{
	struct kvm_vcpu_events e;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	if (!has_cap(&vm, KVM_CAP_X86_TRIPLE_FAULT_EVENT))
		tap_skip("no KVM_CAP_X86_TRIPLE_FAULT_EVENT");
	CHECK_OK(enable_cap(&vm, KVM_CAP_X86_TRIPLE_FAULT_EVENT, 0, 1));
	e = get_events(v);
	CHECK_EQ(e.flags, ALWAYS | KVM_VCPUEVENT_VALID_TRIPLE_FAULT);
	CHECK_EQ(e.triple_fault.pending, 0);
	e.triple_fault.pending = 1;
	CHECK_OK(set_events(v, &e));
	CHECK_EQ(get_events(v).triple_fault.pending, 1);
	vcpu_run_to(v, KVM_EXIT_SHUTDOWN);
	CHECK_EQ(get_events(v).triple_fault.pending, 0);
}

static void enable_cap_that_is_not_there(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(halt));

	CHECK_ERR(enable_cap(&vm, 9999, 0, 1), EINVAL);
	CHECK_ERR(enable_cap(&vm, KVM_CAP_X86_TRIPLE_FAULT_EVENT, 1, 1), EINVAL);
	CHECK_ERR(ioctl(vm.fd, KVM_ENABLE_CAP, bad_pointer()), EFAULT);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/*
 * Instructions that exit, and the exceptions that are raised for them. IDT, GDT and stack
 * are touched before, so that nothing interrupts the delivery.
 */
GUEST64(rf_guest,
	"rf_msr: call rf_touch; mov $0x12345, %ecx; xor %eax, %eax; xor %edx, %edx; wrmsr; hlt\n"
	"rf_cr: call rf_touch; mov $0x80000000, %eax; mov %rax, %cr0; hlt\n"
	"rf_dr: call rf_touch; mov $1, %eax; shl $32, %rax; mov %rax, %dr7; hlt\n"
	"rf_detect: call rf_touch; mov $0x2400, %eax; mov %rax, %dr7; mov %dr0, %rax; hlt\n"
	"rf_touch: mov 0x1000, %eax; mov 0x2000, %eax; ret\n"
	"rf_error: mov 24(%rsp), %eax; out %eax, $0x10; hlt\n"
	"rf_plain: mov 16(%rsp), %eax; out %eax, $0x10; hlt");
LABEL(rf_msr); LABEL(rf_cr); LABEL(rf_dr); LABEL(rf_detect);
LABEL(rf_error); LABEL(rf_plain);

static u32 rf_pushed_at(const u8 *label)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(rf_guest));

	vm_gate(&vm, MODE_LONG, 13, AT(rf_guest, rf_error));
	vm_gate(&vm, MODE_LONG, 1, AT(rf_guest, rf_plain));
	set_rip(v, AT(rf_guest, label));
	return vcpu_run_out(v, 0x10) & 0x10000;
}

static void faults_push_rf(void)
{
	CHECK_EQ(rf_pushed_at(rf_msr), 0x10000);
	CHECK_EQ(rf_pushed_at(rf_cr), 0x10000);
	CHECK_EQ(rf_pushed_at(rf_dr), 0x10000);
}

static void general_detect_pushes_no_rf(void)
{
	CHECK_EQ(rf_pushed_at(rf_detect), 0);
}

static const struct test tests[] = {
	TEST(events_of_a_fresh_vcpu),
	TEST(exception_with_error_code),
	TEST(exception_without_error_code),
	TEST(exception_taken_back),
	TEST(events_that_are_refused),
	TEST(page_fault_brings_its_address),
	TEST(page_fault_without_an_address_leaves_cr2),
	TEST(debug_exception_brings_its_dr6),
	TEST(payload_shows_at_once_without_the_capability),
	TEST(pending_needs_its_flag),
	TEST(exception_that_no_cpu_has_fails_the_entry),
	TEST(exception_survives_a_failed_entry),
	TEST(interrupt_shows_and_can_be_taken_back),
	TEST(interrupt_from_events),
	TEST(shadow_holds_an_nmi_for_one_instruction),
	TEST(shadow_without_its_flag_is_left_alone),
	TEST(two_nmis_are_taken_one_after_the_other),
	TEST(masked_nmi_waits_for_iret),
	TEST(iret_from_a_device_ends_nmi_blocking),
	TEST(faults_push_rf),
	TEST(general_detect_pushes_no_rf),
	TEST(mp_state_without_an_irqchip),
	TEST(triple_fault_event),
	TEST(enable_cap_that_is_not_there),
};

TAP_MAIN(tests)
