// SPDX-License-Identifier: GPL-2.0-only
/* The PICs of KVM_CREATE_IRQCHIP: their registers, interrupts and state. */
#include <pthread.h>
#include <string.h>

#include "chips.h"

#define EOI		0x20
#define READ_IRR	0x0a
#define READ_ISR	0x0b

static struct chips c;

static void start(void)
{
	chips_make(&c);
	chips_init_pic(&c, 0x01);
}

static u32 isr(u16 port)
{
	DO(&c, OUT(port, READ_ISR));
	return chips_in(&c, port);
}

static u32 irr(u16 port)
{
	DO(&c, OUT(port, READ_IRR));
	return chips_in(&c, port);
}

static bool state_is(u32 chip, struct kvm_pic_state want)
{
	struct kvm_pic_state got = chips_pic(&c.vm, chip);
	const u8 *g = (const u8 *)&got, *w = (const u8 *)&want;
	unsigned int i;

	for (i = 0; i < sizeof(got); i++)
		if (g[i] != w[i])
			tap_note("byte %u is %#x, not %#x", i, g[i], w[i]);
	return !memcmp(&got, &want, sizeof(got));
}

/* ---- ioctls ---- */

static void order_of_the_calls(void)
{
	struct kvm_irq_level line = { .irq = 3, .level = 1 };
	struct kvm_irqchip chip = { };
	struct vm vm, late;

	vm_make(&vm, NULL);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_IRQCHIP, &chip), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_IRQCHIP, &chip), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_IRQCHIP, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_IRQCHIP, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_IRQ_LINE, &line), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_IRQ_LINE_STATUS, &line), ENXIO);
	CHECK_ERR(ioctl(vm.fd, KVM_IRQ_LINE, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_IRQ_LINE_STATUS, bad_pointer()), EFAULT);
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_IRQCHIP));
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_IRQCHIP), EEXIST);
	vm_add_vcpu(&vm, 0);
	CHECK_ERR(ioctl(vm.fd, KVM_CREATE_IRQCHIP), EEXIST);
	CHECK_ERR(ioctl(vm.fd, KVM_GET_IRQCHIP, bad_pointer()), EFAULT);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_IRQCHIP, bad_pointer()), EFAULT);

	vm_make(&late, NULL);
	vm_add_vcpu(&late, 0);
	CHECK_ERR(ioctl(late.fd, KVM_CREATE_IRQCHIP), EINVAL);
	CHECK_ERR(ioctl(late.fd, KVM_IRQ_LINE, &line), ENXIO);
}

static void chip_numbers(void)
{
	struct kvm_irqchip chip = { .chip_id = 3 };

	start();
	CHECK_ERR(ioctl(c.vm.fd, KVM_GET_IRQCHIP, &chip), EINVAL);
	CHECK_ERR(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip), EINVAL);
	chip.chip_id = ~0U;
	CHECK_ERR(ioctl(c.vm.fd, KVM_GET_IRQCHIP, &chip), EINVAL);
	CHECK_ERR(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip), EINVAL);
	/* The padding and the rest of the union are nobody's. */
	memset(&chip, 0xaa, sizeof(chip));
	chip.chip_id = KVM_IRQCHIP_PIC_SLAVE;
	CHECK_OK(ioctl(c.vm.fd, KVM_GET_IRQCHIP, &chip));
	CHECK_EQ(chip.chip.pic.irq_base, 0x70);
	CHECK_EQ((u8)chip.chip.dummy[511], 0xaa);
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip));
}

static void lines(void)
{
	struct kvm_irq_level line = { .irq = 3, .level = 1 };

	start();
	CHECK_OK(ioctl(c.vm.fd, KVM_IRQ_LINE, &line));
	CHECK_EQ(line.irq, 3);	/* no status from this one */
	CHECK_EQ(chips_line(&c, 24, 1), -1);
	CHECK_EQ(chips_line(&c, 4095, 1), -1);
	CHECK_EQ(chips_line(&c, 4096, 1), -1);
	CHECK_EQ(chips_line(&c, ~0U, 1), -1);
	CHECK_EQ(chips_line(&c, 5, ~0U), 1);
	CHECK_EQ(irr(0x20), 0x28);
	CHECK_EQ(chips_line(&c, 3, 0), 1 + 1);	/* the I/O APIC says so, too */
}

/* ---- registers ---- */

static void fresh_state(void)
{
	chips_make(&c);
	CHECK(state_is(0, (struct kvm_pic_state){ .elcr_mask = 0xf8 }));
	CHECK(state_is(1, (struct kvm_pic_state){ .elcr_mask = 0xde }));
}

static void state_after_initialization(void)
{
	start();
	CHECK(state_is(0, (struct kvm_pic_state){
		.irq_base = 0x08, .init4 = 1, .elcr_mask = 0xf8,
	}));
	CHECK(state_is(1, (struct kvm_pic_state){
		.irq_base = 0x70, .init4 = 1, .elcr_mask = 0xde,
	}));
	DO(&c, OUT(0x20, 0x19), OUT(0x21, 0x47), OUT(0x21, 0x04));
	CHECK(state_is(0, (struct kvm_pic_state){
		.irq_base = 0x40, .init4 = 1, .init_state = 3, .elcr_mask = 0xf8,
	}));
	DO(&c, OUT(0x21, 0x13), OUT(0x21, 0xa5), OUT(0x20, 0x80), OUT(0x20, 0xc5),
	   OUT(0x20, 0x6b), OUT(0x4d0, 0xff), OUT(0x4d1, 0xff));
	CHECK(state_is(0, (struct kvm_pic_state){
		.irq_base = 0x40, .init4 = 1, .elcr_mask = 0xf8, .auto_eoi = 1,
		.special_fully_nested_mode = 1, .imr = 0xa5, .rotate_on_auto_eoi = 1,
		.priority_add = 6, .special_mask = 1, .read_reg_select = 1, .elcr = 0xf8,
	}));
	CHECK_EQ(chips_in(&c, 0x4d1), 0xde);
	CHECK_EQ(chips_in(&c, 0x21), 0xa5);
	/* Without ICW4 */
	DO(&c, OUT(0x20, 0x10), OUT(0x21, 0x20), OUT(0x21, 0x04), OUT(0x21, 0xfe));
	CHECK(state_is(0, (struct kvm_pic_state){
		.irq_base = 0x20, .elcr_mask = 0xf8, .imr = 0xfe, .rotate_on_auto_eoi = 1,
		.elcr = 0xf8,
	}));
}

static void state_with_interrupts(void)
{
	start();
	chips_pulse(&c, 3);
	chips_line(&c, 12, 1);
	CHECK(state_is(0, (struct kvm_pic_state){
		.irr = 0x0c, .irq_base = 0x08, .init4 = 1, .elcr_mask = 0xf8,
	}));
	CHECK(state_is(1, (struct kvm_pic_state){
		.irr = 0x10, .last_irr = 0x10, .irq_base = 0x70, .init4 = 1, .elcr_mask = 0xde,
	}));
	CHECK_EQ(chips_take(&c), 0x74);
	CHECK(state_is(0, (struct kvm_pic_state){
		.irr = 0x08, .isr = 0x04, .irq_base = 0x08, .init4 = 1, .elcr_mask = 0xf8,
	}));
	CHECK(state_is(1, (struct kvm_pic_state){
		.isr = 0x10, .last_irr = 0x10, .irq_base = 0x70, .init4 = 1, .elcr_mask = 0xde,
	}));
	DO(&c, OUT(0xa0, EOI), OUT(0x20, EOI));
	CHECK_EQ(chips_take(&c), 0x0b);
	/* ICW1 leaves what is in service. */
	DO(&c, OUT(0x20, 0x11));
	CHECK(state_is(0, (struct kvm_pic_state){
		.isr = 0x08, .irq_base = 0x08, .init4 = 1, .init_state = 1, .elcr_mask = 0xf8,
	}));
}

/* ---- interrupts ---- */

static void edge(void)
{
	start();
	CHECK_EQ(chips_take(&c), -1);
	CHECK_EQ(chips_line(&c, 3, 1), 1);
	chips_line(&c, 3, 0);
	CHECK_EQ(irr(0x20), 0x08);
	CHECK_EQ(chips_take(&c), 0x0b);
	CHECK_EQ(irr(0x20), 0);
	CHECK_EQ(isr(0x20), 0x08);
	CHECK_EQ(chips_take(&c), -1);
	/* The second waits for the EOI, a third is lost. */
	CHECK_EQ(chips_pulse(&c, 3), 1);
	CHECK_EQ(chips_pulse(&c, 3), 0);
	CHECK_EQ(chips_take(&c), -1);
	DO(&c, OUT(0x20, EOI));
	CHECK_EQ(chips_take(&c), 0x0b);
	DO(&c, OUT(0x20, EOI));
	CHECK_EQ(chips_take(&c), -1);
}

static void masked_edge_comes_later(void)
{
	start();
	DO(&c, OUT(0x21, 0x08));
	CHECK_EQ(chips_pulse(&c, 3), -1);
	CHECK_EQ(chips_take(&c), -1);
	DO(&c, OUT(0x21, 0));
	CHECK_EQ(chips_take(&c), 0x0b);
}

static void level(void)
{
	start();
	DO(&c, OUT(0x4d0, 0x20), OUT(0x4d1, 0x08));
	chips_line(&c, 5, 1);
	chips_line(&c, 11, 1);
	CHECK_EQ(chips_take(&c), 0x73);
	DO(&c, OUT(0xa0, EOI), OUT(0x20, EOI));
	CHECK_EQ(chips_take(&c), 0x73);
	chips_line(&c, 11, 0);
	DO(&c, OUT(0xa0, EOI), OUT(0x20, EOI));
	CHECK_EQ(chips_take(&c), 0x0d);
	DO(&c, OUT(0x20, EOI));
	chips_line(&c, 5, 0);
	CHECK_EQ(chips_take(&c), -1);
}

/* The master has latched the cascade, and the slave's request is gone. */
static void spurious(void)
{
	start();
	DO(&c, OUT(0x4d1, 0x02));
	chips_line(&c, 9, 1);
	chips_line(&c, 9, 0);
	CHECK_EQ(chips_take(&c), 0x77);
	CHECK_EQ(isr(0xa0), 0);
	CHECK_EQ(isr(0x20), 0x04);
}

static void priorities(void)
{
	start();
	chips_pulse(&c, 6);
	chips_pulse(&c, 8);
	chips_pulse(&c, 15);
	chips_pulse(&c, 1);
	CHECK_EQ(chips_take(&c), 0x09);
	chips_pulse(&c, 0);
	CHECK_EQ(chips_take(&c), 0x08);
	CHECK_EQ(isr(0x20), 0x03);
	DO(&c, OUT(0x20, EOI), OUT(0x20, EOI));
	CHECK_EQ(chips_take(&c), 0x70);
	DO(&c, OUT(0xa0, 0x60), OUT(0x20, 0x62));
	CHECK_EQ(chips_take(&c), 0x77);
	DO(&c, OUT(0xa0, 0x67), OUT(0x20, 0x62));
	CHECK_EQ(chips_take(&c), 0x0e);
}

static void rotation(void)
{
	start();
	DO(&c, OUT(0x20, 0xc3));
	chips_pulse(&c, 3);
	chips_pulse(&c, 4);
	chips_pulse(&c, 1);
	CHECK_EQ(chips_take(&c), 0x0c);
	DO(&c, OUT(0x20, 0xa0));
	chips_pulse(&c, 4);
	chips_pulse(&c, 5);
	CHECK_EQ(chips_take(&c), 0x0d);
	DO(&c, OUT(0x20, 0xe1), OUT(0x20, 0x65));
	CHECK_EQ(chips_take(&c), 0x0b);
	DO(&c, OUT(0x20, EOI));
	CHECK_EQ(chips_take(&c), 0x0c);
	DO(&c, OUT(0x20, EOI));
	CHECK_EQ(chips_take(&c), 0x09);
}

static void automatic_eoi(void)
{
	start();
	chips_init_pic(&c, 0x03);
	chips_pulse(&c, 1);
	CHECK_EQ(chips_take(&c), 0x09);
	CHECK_EQ(isr(0x20), 0);
	DO(&c, OUT(0x20, 0x80));
	chips_pulse(&c, 3);
	CHECK_EQ(chips_take(&c), 0x0b);
	chips_pulse(&c, 3);
	chips_pulse(&c, 5);
	CHECK_EQ(chips_take(&c), 0x0d);
	CHECK_EQ(chips_take(&c), 0x0b);
	chips_pulse(&c, 14);
	CHECK_EQ(chips_take(&c), 0x76);
	CHECK_EQ(isr(0xa0), 0);
}

static void special_fully_nested(void)
{
	start();
	chips_init_pic(&c, 0x11);
	chips_pulse(&c, 12);
	CHECK_EQ(chips_take(&c), 0x74);
	chips_pulse(&c, 9);
	CHECK_EQ(chips_take(&c), 0x71);
	chips_pulse(&c, 13);
	CHECK_EQ(chips_take(&c), -1);
}

static void special_mask(void)
{
	start();
	chips_pulse(&c, 1);
	CHECK_EQ(chips_take(&c), 0x09);
	DO(&c, OUT(0x21, 0x02), OUT(0x20, 0x68));
	chips_pulse(&c, 6);
	KNOWN_DIFFERENCE(chips_take(&c) == 0x0e, "ignores special mask mode");
}

static void poll_command(void)
{
	u32 val;

	start();
	DO(&c, OUT(0x20, 0x0c));
	CHECK_EQ(chips_in(&c, 0x20), 0x07);
	chips_pulse(&c, 14);
	DO(&c, OUT(0x20, 0x0c));
	val = chips_in(&c, 0x20);
	CHECK_EQ(val & 7, 2);
	KNOWN_DIFFERENCE(val & 0x80, "older ones forget the bit");
	DO(&c, OUT(0xa0, 0x0c));
	CHECK_EQ(chips_in(&c, 0xa1) & 7, 6);
	CHECK_EQ(irr(0x20), 0);
	CHECK_EQ(isr(0xa0), 0);
	CHECK_EQ(chips_take(&c), -1);
}

GUEST64(wide_guest,
	"mov $0xffff, %eax; out %ax, $0x20; out %ax, $0xa0\n"
	"mov $0x4d0, %edx; out %ax, (%dx); mov $-1, %eax; in $0x20, %ax; out %eax, $0xf0\n"
	"in $0x21, %al; out %al, $0xf0");

/* Accesses of a wrong size end in the module, too. */
static void wide_accesses(void)
{
	struct vm vm;
	struct vcpu *v;

	vm_make(&vm, NULL);
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_IRQCHIP));
	vm_tables(&vm, MODE_LONG);
	vm_load(&vm, PROG(wide_guest));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	CHECK_EQ(vcpu_run_out(v, 0xf0), 0xffff0000);
	CHECK_EQ(vcpu_run_out(v, 0xf0), 0);
	c.vm = vm;
	CHECK(state_is(0, (struct kvm_pic_state){ .elcr_mask = 0xf8 }));
	CHECK(state_is(1, (struct kvm_pic_state){ .elcr_mask = 0xde }));
}

/* ---- LINT0 ---- */

#define LVT_MASKED	0x10000
#define LVT_EXTINT	0x700
#define LVT_NMI		0x400

static void interrupts_come_by_lint0(void)
{
	start();
	DO(&c, WRITE(LAPIC_SVR, 0x1ff), WRITE(LAPIC_LVT0, LVT_MASKED | LVT_EXTINT));
	chips_pulse(&c, 3);
	CHECK_EQ(chips_take(&c), -1);
	DO(&c, WRITE(LAPIC_LVT0, 0x55));
	CHECK_EQ(chips_take(&c), -1);
	CHECK_EQ(irr(0x20), 0x08);
	DO(&c, WRITE(LAPIC_LVT0, LVT_EXTINT));
	KNOWN_DIFFERENCE(chips_take(&c) == 0x0b, "does not look at the PIC again");
	/* The local APIC has nothing to do with it. */
	CHECK_EQ(chips_read(&c, LAPIC + 0x100), 0);
}

static void interrupts_come_without_a_local_apic(void)
{
	u64 base;

	start();
	DO(&c, WRITE(LAPIC_SVR, 0x1ff), WRITE(LAPIC_LVT0, LVT_MASKED));
	base = get_msr(c.v, 0x1b);
	CHECK_EQ(set_msr(c.v, 0x1b, base & ~0x800ULL), 1);
	chips_pulse(&c, 3);
	CHECK_EQ(chips_take(&c), 0x0b);
}

/* ---- a guest that waits ---- */

GUEST64(waiter,
	"cli; mov $0x11, %al; out %al, $0x20; mov $8, %al; out %al, $0x21\n"
	"mov $4, %al; out %al, $0x21; mov $1, %al; out %al, $0x21; xor %al, %al; out %al, $0x21\n"
	"movl $1, 0xc000\n"
	"1: sti; hlt; cli; incl 0xc004; cmpl $3, 0xc004; jb 1b; out %al, $0xf0\n"
	"waiter_irq: push %rax; mov $0x20, %al; out %al, $0x20; incl 0xc008; pop %rax; iretq");
LABEL(waiter_irq);

static void *raise_lines(void *arg)
{
	struct vm *vm = arg;
	struct kvm_irq_level line = { .irq = 4 };
	unsigned int i;

	while (!DATA32(vm, 0))
		;
	for (i = 1; i <= 3; i++) {
		line.level = 1;
		CHECK_OK(ioctl(vm->fd, KVM_IRQ_LINE, &line));
		line.level = 0;
		CHECK_OK(ioctl(vm->fd, KVM_IRQ_LINE, &line));
		while (DATA32(vm, 1) < i)
			;
	}
	return NULL;
}

static void interrupt_wakes_a_halted_vcpu(void)
{
	pthread_t thread;
	struct vm vm;
	struct vcpu *v;

	vm_make(&vm, NULL);
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_IRQCHIP));
	vm_tables(&vm, MODE_LONG);
	vm_load(&vm, PROG(waiter));
	vm_gate(&vm, MODE_LONG, 0x0c, AT(waiter, waiter_irq));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	pthread_create(&thread, NULL, raise_lines, &vm);
	vcpu_run_out(v, 0xf0);
	pthread_join(thread, NULL);
	CHECK_EQ(DATA32(&vm, 2), 3);
}

/* In real mode, by the vectors of a BIOS. */
GUEST16(real_guest,
	"cli; mov $0x11, %al; out %al, $0x20; mov $8, %al; out %al, $0x21\n"
	"mov $4, %al; out %al, $0x21; mov $1, %al; out %al, $0x21; xor %al, %al; out %al, $0x21\n"
	"1: out %al, $0xf0; sti; nop; nop; cli; jmp 1b\n"
	"real_irq: push %ax; mov $0x20, %al; out %al, $0x20; incw 0xc000; pop %ax; iret");
LABEL(real_irq);

static void real_mode(void)
{
	unsigned int i;
	struct vm vm;
	struct vcpu *v;

	vm_make(&vm, NULL);
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_IRQCHIP));
	vm_tables(&vm, MODE_REAL);
	vm_load(&vm, PROG(real_guest));
	vm_gate(&vm, MODE_REAL, 0x0c, AT(real_guest, real_irq));
	v = guest_add_vcpu(&vm, 0, MODE_REAL, GUEST_CODE);
	c.vm = vm;
	vcpu_run_out(v, 0xf0);
	for (i = 0; i < 3; i++) {
		CHECK_EQ(DATA16(&vm, 0), i);
		chips_pulse(&c, 4);
		vcpu_run_out(v, 0xf0);
	}
	CHECK_EQ(DATA16(&vm, 0), 3);
}

/* ---- state by the VMM ---- */

static void state_moves_to_another_vm(void)
{
	struct kvm_irqchip chips[2] = { { .chip_id = 0 }, { .chip_id = 1 } };
	unsigned int i;

	start();
	DO(&c, OUT(0x4d1, 0x08));
	chips_pulse(&c, 3);
	chips_line(&c, 11, 1);
	for (i = 0; i < 2; i++)
		CHECK_OK(ioctl(c.vm.fd, KVM_GET_IRQCHIP, &chips[i]));
	vm_destroy(&c.vm);

	chips_make(&c);
	for (i = 0; i < 2; i++)
		CHECK_OK(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chips[i]));
	CHECK(state_is(0, chips[0].chip.pic));
	CHECK(state_is(1, chips[1].chip.pic));
	CHECK_EQ(chips_take(&c), 0x73);
	DO(&c, OUT(0xa0, EOI), OUT(0x20, EOI));
	/* The pin is low here, but its level was not. */
	CHECK_EQ(chips_take(&c), 0x73);
	chips_line(&c, 11, 0);
	DO(&c, OUT(0xa0, EOI), OUT(0x20, EOI));
	CHECK_EQ(chips_take(&c), 0x0b);
}

static void set_state_raises_the_output(void)
{
	struct kvm_irqchip chip = { .chip_id = 0 };

	start();
	chip.chip.pic = chips_pic(&c.vm, 0);
	chip.chip.pic.irr = 0x40;
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip));
	CHECK_EQ(chips_take(&c), 0x0e);
	chip.chip.pic.irr = 0;
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip));
	CHECK_EQ(chips_take(&c), -1);
}

/* The elcr_mask is state, too. */
static void any_state_can_be_set(void)
{
	struct kvm_irqchip chip;
	unsigned int i, n;

	start();
	for (i = 0; i < 256; i += 15) {
		for (n = 0; n < 2; n++) {
			memset(&chip, i, sizeof(chip));
			chip.chip_id = n;
			CHECK_OK(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip));
		}
		/* With nothing due: the vectors may be anyone's. */
		for (n = 0; n < 16; n++)
			chips_pulse(&c, n);
		DO(&c, OUT(0x20, i), OUT(0x21, i), IN(0x20), IN(0x21), OUT(0xa0, i),
		   OUT(0xa1, i), IN(0xa0), IN(0xa1), OUT(0x4d0, i), IN(0x4d0));
	}
}

static const struct test tests[] = {
	TEST(order_of_the_calls),
	TEST(chip_numbers),
	TEST(lines),
	TEST(fresh_state),
	TEST(state_after_initialization),
	TEST(state_with_interrupts),
	TEST(edge),
	TEST(masked_edge_comes_later),
	TEST(level),
	TEST(spurious),
	TEST(priorities),
	TEST(rotation),
	TEST(automatic_eoi),
	TEST(special_fully_nested),
	TEST(special_mask),
	TEST(poll_command),
	TEST(wide_accesses),
	TEST(interrupts_come_by_lint0),
	TEST(interrupts_come_without_a_local_apic),
	TEST(interrupt_wakes_a_halted_vcpu),
	TEST(real_mode),
	TEST(state_moves_to_another_vm),
	TEST(set_state_raises_the_output),
	TEST(any_state_can_be_set),
};

TAP_MAIN(tests)
