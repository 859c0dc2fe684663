// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events whose delivery causes a VM exit, because the stack's page is not populated
 * yet. They must be delivered then, once and unchanged.
 */
#include <sys/mman.h>

#include "guest.h"

#define FRESH_STACK	0x180000	/* a page that nobody has accessed */

/* OUT, then the instruction that causes the event, if there is one */
GUEST64(vectored,
	"mov $0x180000, %esp; out %al, $0x10\n"
	"vectored_nop: nop; out %al, $0x11; hlt\n"
	"vectored_int: int $0x45\n"
	"vectored_int_next: out %al, $0x11; hlt\n"
	"vectored_int3: int3\n"
	"vectored_int3_next: out %al, $0x11; hlt\n"
	"vectored_ud: ud2\n"
	"vectored_gp: mov $0xfff8, %eax\n"
	"vectored_gp_here: mov %eax, %fs\n"
	"vectored_handler: incl 0xc000; mov (%rsp), %rax; mov %rax, 0xc008\n"
	"mov 8(%rsp), %rax; mov %rax, 0xc010; out %al, $0x12; hlt");
LABEL(vectored_nop);
LABEL(vectored_int);
LABEL(vectored_int_next);
LABEL(vectored_int3);
LABEL(vectored_int3_next);
LABEL(vectored_ud);
LABEL(vectored_gp);
LABEL(vectored_gp_here);
LABEL(vectored_handler);

/* make the guest, after its first OUT, on the missing stack */
static struct vcpu *vectored_make(struct vm *vm, u8 vector, const u8 *at)
{
	struct vcpu *v = guest_make(vm, MODE_LONG, PROG(vectored));

	vm_gate(vm, MODE_LONG, vector, AT(vectored, vectored_handler));
	vcpu_run_out(v, 0x10);
	v->run->immediate_exit = 1;
	CHECK_EQ(vcpu_run(v), -EINTR);
	v->run->immediate_exit = 0;
	set_rip(v, AT(vectored, at));
	return v;
}

/* Check for one event, whose frame begins at @rsp, with the error code if it has one. */
static void check_frame(struct vm *vm, struct vcpu *v, u64 rip, u64 error, u64 rsp)
{
	struct kvm_regs r;

	vcpu_run_out(v, 0x12);
	get_regs(v, &r);
	CHECK_EQ(DATA32(vm, 0), 1);
	CHECK_EQ(r.rsp, rsp);
	if (rsp == FRESH_STACK - 40) {
		CHECK_EQ(DATA64(vm, 1), rip);
	} else {
		CHECK_EQ(DATA64(vm, 1), error);
		CHECK_EQ(DATA64(vm, 2), rip);
	}
}

static void nmi(void)
{
	struct vm vm;
	struct vcpu *v = vectored_make(&vm, 2, vectored_nop);
	struct kvm_vcpu_events e;

	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	check_frame(&vm, v, AT(vectored, vectored_nop), 0, FRESH_STACK - 40);
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	CHECK_EQ(e.nmi.masked, 1);
	CHECK_EQ(e.nmi.pending, 0);
}

static void interrupt(void)
{
	struct kvm_interrupt irq = { .irq = 0x45 };
	struct vm vm;
	struct vcpu *v = vectored_make(&vm, 0x45, vectored_nop);
	struct kvm_regs r;

	get_regs(v, &r);
	r.rflags |= 0x200;
	set_regs(v, &r);
	CHECK_OK(ioctl(v->fd, KVM_INTERRUPT, &irq));
	check_frame(&vm, v, AT(vectored, vectored_nop), 0, FRESH_STACK - 40);
}

static void software_interrupt(void)
{
	struct vm vm;
	struct vcpu *v = vectored_make(&vm, 0x45, vectored_int);

	check_frame(&vm, v, AT(vectored, vectored_int_next), 0, FRESH_STACK - 40);
}

static void breakpoint_instruction(void)
{
	struct vm vm;
	struct vcpu *v = vectored_make(&vm, 3, vectored_int3);

	check_frame(&vm, v, AT(vectored, vectored_int3_next), 0, FRESH_STACK - 40);
}

static void fault_without_error_code(void)
{
	struct vm vm;
	struct vcpu *v = vectored_make(&vm, 6, vectored_ud);

	check_frame(&vm, v, AT(vectored, vectored_ud), 0, FRESH_STACK - 40);
}

static void fault_with_error_code(void)
{
	struct vm vm;
	struct vcpu *v = vectored_make(&vm, 13, vectored_gp);

	check_frame(&vm, v, AT(vectored, vectored_gp_here), 0xfff8, FRESH_STACK - 48);
}

/* An exception that the VMM injects causes the same exit. */
static void exception_of_the_vmm(void)
{
	struct vm vm;
	struct vcpu *v = vectored_make(&vm, 13, vectored_nop);
	struct kvm_vcpu_events e;

	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	e.exception.injected = 1;
	e.exception.nr = 13;
	e.exception.has_error_code = 1;
	e.exception.error_code = 0x48;
	CHECK_OK(ioctl(v->fd, KVM_SET_VCPU_EVENTS, &e));
	check_frame(&vm, v, AT(vectored, vectored_nop), 0x48, FRESH_STACK - 48);
}

/* The VMM drops the memory while it has the vCPU, and the delivery exits again. */
static void nmi_with_the_page_taken_away(void)
{
	struct kvm_userspace_memory_region slot = { .slot = 0 };
	struct vm vm;
	struct vcpu *v = vectored_make(&vm, 2, vectored_nop);

	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
	slot.memory_size = vm.size;
	slot.userspace_addr = (unsigned long)vm.mem;
	CHECK_OK(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
	check_frame(&vm, v, AT(vectored, vectored_nop), 0, FRESH_STACK - 40);
}

GUEST64(order,
	"mov $0x180000, %esp; out %al, $0x10\n"
	"order_nop: nop; out %al, $0x11; sti; nop; out %al, $0x13; hlt\n"
	"order_irq: incl 0xc000; mov (%rsp), %rax; mov %rax, 0xc008; iretq\n"
	"order_nmi: incl 0xc004; mov (%rsp), %rax; mov %rax, 0xc010; iretq");
LABEL(order_nop);
LABEL(order_irq);
LABEL(order_nmi);

/* a guest with an interrupt whose delivery was interrupted: the stack is not accessible */
static struct vcpu *order_make(struct vm *vm)
{
	struct kvm_interrupt irq = { .irq = 0x45 };
	struct vcpu *v = guest_make(vm, MODE_LONG, PROG(order));
	struct kvm_regs r;
	void *page;

	vm_gate(vm, MODE_LONG, 0x45, AT(order, order_irq));
	vm_gate(vm, MODE_LONG, 2, AT(order, order_nmi));
	vcpu_run_out(v, 0x10);
	get_regs(v, &r);
	r.rip = AT(order, order_nop);
	r.rflags |= 0x200;
	set_regs(v, &r);
	page = vm->mem + FRESH_STACK - 0x1000;
	CHECK_OK(mprotect(page, 0x1000, PROT_NONE));
	CHECK_OK(ioctl(v->fd, KVM_INTERRUPT, &irq));
	CHECK_EQ(vcpu_run(v), -EFAULT);
	CHECK_OK(mprotect(page, 0x1000, PROT_READ | PROT_WRITE));
	return v;
}

/* The NMI enters before the first instruction of the interrupt's handler. */
static void interrupt_stays_before_an_nmi(void)
{
	struct vm vm;
	struct vcpu *v = order_make(&vm);

	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	vcpu_run_out(v, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 1);
	CHECK_EQ(DATA32(&vm, 1), 1);
	CHECK_EQ(DATA64(&vm, 1), AT(order, order_nop));
	CHECK_EQ(DATA64(&vm, 2), AT(order, order_irq));
}

static void interrupt_waits_while_the_vmm_clears_if(void)
{
	struct vm vm;
	struct vcpu *v = order_make(&vm);
	struct kvm_regs r;

	get_regs(v, &r);
	r.rflags &= ~0x200ULL;
	set_regs(v, &r);
	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	KNOWN_DIFFERENCE(vcpu_run(v) == KVM_EXIT_IO, "injects with IF clear: the entry fails");
	if (on_kvm())
		return;
	CHECK_EQ(v->run->io.port, 0x11);
	CHECK_EQ(DATA32(&vm, 0), 0);
	CHECK_EQ(DATA32(&vm, 1), 1);
	CHECK_EQ(DATA64(&vm, 2), AT(order, order_nop));
	vcpu_run_out(v, 0x13);
	CHECK_EQ(DATA32(&vm, 0), 1);
}

/* The NMI is injected, no longer pending, and a VMM may put that into another vCPU. */
static void nmi_in_delivery_is_injected(void)
{
	struct vm vm;
	struct vcpu *v = vectored_make(&vm, 2, vectored_nop);
	void *page = vm.mem + FRESH_STACK - 0x1000;
	struct kvm_vcpu_events e;

	CHECK_OK(mprotect(page, 0x1000, PROT_NONE));
	CHECK_OK(ioctl(v->fd, KVM_NMI, 0));
	CHECK_EQ(vcpu_run(v), -EFAULT);
	CHECK_OK(mprotect(page, 0x1000, PROT_READ | PROT_WRITE));
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	CHECK_EQ(e.nmi.injected, 1);
	CHECK_EQ(e.nmi.pending, 0);
	CHECK_EQ(e.nmi.masked, 0);
	CHECK_OK(ioctl(v->fd, KVM_SET_VCPU_EVENTS, &e));
	CHECK_OK(ioctl(v->fd, KVM_GET_VCPU_EVENTS, &e));
	CHECK_EQ(e.nmi.injected, 1);
	CHECK_EQ(e.nmi.pending, 0);
	check_frame(&vm, v, AT(vectored, vectored_nop), 0, FRESH_STACK - 40);
}

static const struct test tests[] = {
	TEST_HARD(28, nmi),
	TEST_HARD(28, interrupt),
	TEST_HARD(28, software_interrupt),
	TEST_HARD(28, breakpoint_instruction),
	TEST(fault_without_error_code),
	TEST_HARD(28, fault_with_error_code),
	TEST(exception_of_the_vmm),
	TEST_HARD(28, nmi_with_the_page_taken_away),
	TEST(interrupt_stays_before_an_nmi),
	TEST(interrupt_waits_while_the_vmm_clears_if),
	TEST(nmi_in_delivery_is_injected),
};

TAP_MAIN(tests)
