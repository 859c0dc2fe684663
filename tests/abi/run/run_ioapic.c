// SPDX-License-Identifier: GPL-2.0-only
/* The I/O APIC of KVM_CREATE_IRQCHIP: its registers, interrupts and state. */
#include <string.h>

#include "chips.h"

#define MASKED		0x10000U
#define LEVEL		0x08000U
#define REMOTE_IRR	0x04000U
#define LOGICAL		0x00800U
#define MODE(n)		((n) << 8)

#define TABLE(pin)	(0x10 + 2 * (pin))

static struct chips c;

/* With the local APIC on, and no interrupts of the PIC */
static void start(void)
{
	chips_make(&c);
	DO(&c, WRITE(LAPIC_SVR, 0x1ff), WRITE(LAPIC_LVT0, 0x10000),
	   WRITE(LAPIC + 0xe0, ~0U), WRITE(LAPIC_LDR, 0x01000000));
}

static void route(unsigned int pin, u32 low)
{
	DO(&c, IOAPIC_WRITE(TABLE(pin), low));
}

static u32 entry(unsigned int pin)
{
	return chips_ioapic(&c, TABLE(pin));
}

static void eoi(void)
{
	DO(&c, WRITE(LAPIC_EOI, 0));
}

/* ---- registers ---- */

static void fresh_state(void)
{
	struct kvm_ioapic_state s;
	unsigned int i;

	chips_make(&c);
	s = chips_ioapic_state(&c.vm);
	CHECK_EQ(s.base_address, IOAPIC);
	CHECK_EQ(s.ioregsel, 0);
	CHECK_EQ(s.id, 0);
	CHECK_EQ(s.irr, 0);
	for (i = 0; i < KVM_IOAPIC_NUM_PINS; i++)
		CHECK_EQ(s.redirtbl[i].bits, MASKED);
}

static void registers(void)
{
	u32 pins = KVM_IOAPIC_NUM_PINS;

	start();
	CHECK_EQ(chips_ioapic(&c, 1), 0x00170011);
	DO(&c, IOAPIC_WRITE(0, ~0U), IOAPIC_WRITE(1, 0), IOAPIC_WRITE(2, 0));
	CHECK_EQ(chips_ioapic(&c, 0), 0x0f000000);
	CHECK_EQ(chips_ioapic(&c, 1), 0x00170011);
	CHECK_EQ(chips_ioapic(&c, 2), 0x0f000000);
	CHECK_EQ(chips_ioapic(&c, 3), ~0U);
	DO(&c, IOAPIC_WRITE(TABLE(pins), 0), IOAPIC_WRITE(TABLE(pins - 1) + 1, 0x5a000000));
	CHECK_EQ(chips_ioapic(&c, TABLE(pins)), ~0U);
	CHECK_EQ(chips_ioapic(&c, TABLE(pins - 1) + 1), 0x5a000000);
	CHECK_EQ(chips_ioapic(&c, 0xff), ~0U);
	/* The select register has eight bits. */
	DO(&c, WRITE(IOAPIC, 0xffffff01));
	CHECK_EQ(chips_read(&c, IOAPIC), 0x01);
	CHECK_EQ(chips_read(&c, IOAPIC + 0x20), 0);
	DO(&c, WRITE(IOAPIC + 0x20, ~0U), WRITE(IOAPIC + 0x40, ~0U));
	CHECK_EQ(chips_read(&c, IOAPIC + 0x40), 0);
}

static void bits_of_an_entry(void)
{
	start();
	/* Delivery status and Remote IRR are the chip's. */
	route(5, ~0U);
	CHECK_EQ(entry(5), ~(REMOTE_IRR | 0x1000));
	DO(&c, IOAPIC_WRITE(TABLE(5) + 1, ~0U));
	CHECK_EQ(chips_ioapic(&c, TABLE(5) + 1), ~0U);
	route(5, MASKED);
	CHECK_EQ(entry(5), MASKED);
}

GUEST64(sizes,
	"mov $0xfec00000, %ebx\n"
	"movb $0x14, (%rbx); movw $0x1234, 0x10(%rbx); mov 0x10(%rbx), %eax; out %eax, $0xf0\n"
	"movb $0x56, 0x10(%rbx); mov 0x10(%rbx), %eax; out %eax, $0xf0\n"
	"mov $0x1122334455667788, %rax; mov %rax, 0x10(%rbx); mov 0x10(%rbx), %rcx\n"
	"mov %ecx, %eax; out %eax, $0xf0; shr $32, %rcx; mov %ecx, %eax; out %eax, $0xf0\n"
	"movzbl 0x10(%rbx), %eax; out %eax, $0xf0; movzwl 0x10(%rbx), %eax; out %eax, $0xf0\n"
	"mov 0x100(%rbx), %eax; hlt");

static void accesses_of_other_sizes(void)
{
	struct vm vm;
	struct vcpu *v;

	vm_make(&vm, NULL);
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_IRQCHIP));
	vm_tables(&vm, MODE_LONG);
	vm_load(&vm, PROG(sizes));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	/* Bits 12 and 14 are read-only. */
	CHECK_EQ(vcpu_run_out(v, 0xf0), 0x0234);
	CHECK_EQ(vcpu_run_out(v, 0xf0), 0x56);
	CHECK_EQ(vcpu_run_out(v, 0xf0), 0x55662788);
	CHECK_EQ(vcpu_run_out(v, 0xf0), 0);
	CHECK_EQ(vcpu_run_out(v, 0xf0), 0x88);
	CHECK_EQ(vcpu_run_out(v, 0xf0), 0x2788);
	/* Memory behind the chip is the VMM's. */
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.phys_addr, IOAPIC + 0x100);
}

/* ---- interrupts ---- */

static void edge(void)
{
	start();
	route(5, 0x55);
	CHECK_EQ(chips_take(&c), -1);
	CHECK_EQ(chips_line(&c, 5, 1), 1 + 1);	/* the PIC takes it as well */
	CHECK_EQ(chips_take(&c), 0x55);
	CHECK_EQ(chips_line(&c, 5, 1), 1 + 0);
	eoi();
	CHECK_EQ(chips_take(&c), -1);
	chips_line(&c, 5, 0);
	chips_line(&c, 5, 1);
	CHECK_EQ(chips_take(&c), 0x55);
	CHECK_EQ(entry(5), 0x55);
}

static void pins_beyond_the_pic(void)
{
	start();
	route(23, 0x66);
	CHECK_EQ(chips_line(&c, 22, 1), -1);
	CHECK_EQ(chips_line(&c, 23, 1), 1);
	CHECK_EQ(chips_take(&c), 0x66);
	CHECK_EQ(chips_line(&c, 23, 1), 0);
	CHECK_EQ(chips_line(&c, 23, 0), 1);
}

static void masked_edge_is_lost(void)
{
	start();
	route(20, MASKED | 0x55);
	CHECK_EQ(chips_line(&c, 20, 1), -1);
	CHECK_EQ(chips_ioapic_state(&c.vm).irr, 1 << 20);
	route(20, 0x55);
	CHECK_EQ(chips_take(&c), -1);
	chips_line(&c, 20, 0);
	CHECK_EQ(chips_line(&c, 20, 1), 1);
	CHECK_EQ(chips_take(&c), 0x55);
	CHECK_EQ(chips_ioapic_state(&c.vm).irr, 0);
}

static void level(void)
{
	start();
	route(20, LEVEL | 0x55);
	CHECK_EQ(chips_line(&c, 20, 1), 1);
	CHECK_EQ(entry(20), LEVEL | REMOTE_IRR | 0x55);
	CHECK_EQ(chips_line(&c, 20, 1), -1);
	CHECK_EQ(chips_take(&c), 0x55);
	eoi();
	CHECK_EQ(entry(20), LEVEL | REMOTE_IRR | 0x55);
	CHECK_EQ(chips_take(&c), 0x55);
	CHECK_EQ(chips_ioapic_state(&c.vm).irr, 1 << 20);
	chips_line(&c, 20, 0);
	eoi();
	CHECK_EQ(entry(20), LEVEL | 0x55);
	CHECK_EQ(chips_take(&c), -1);
	CHECK_EQ(chips_ioapic_state(&c.vm).irr, 0);
}

static void masked_level_comes_later(void)
{
	start();
	route(20, MASKED | LEVEL | 0x55);
	CHECK_EQ(chips_line(&c, 20, 1), -1);
	route(20, LEVEL | 0x55);
	CHECK_EQ(chips_take(&c), 0x55);
	route(20, MASKED | LEVEL | 0x55);
	CHECK_EQ(entry(20), MASKED | LEVEL | REMOTE_IRR | 0x55);
	eoi();
	CHECK_EQ(entry(20), MASKED | LEVEL | 0x55);
	CHECK_EQ(chips_take(&c), -1);
	route(20, LEVEL | 0x55);
	CHECK_EQ(chips_take(&c), 0x55);
}

static void edge_mode_clears_remote_irr(void)
{
	start();
	route(20, LEVEL | 0x55);
	chips_line(&c, 20, 1);
	route(20, MASKED | 0x55);
	CHECK_EQ(entry(20), MASKED | 0x55);
	CHECK_EQ(chips_take(&c), 0x55);
	route(20, LEVEL | 0x55);
	eoi();
	CHECK_EQ(chips_take(&c), 0x55);
}

static void two_pins_with_one_vector(void)
{
	start();
	route(20, LEVEL | 0x55);
	route(21, LEVEL | 0x55);
	chips_line(&c, 20, 1);
	chips_line(&c, 21, 1);
	CHECK_EQ(chips_take(&c), 0x55);
	chips_line(&c, 20, 0);
	eoi();
	CHECK_EQ(entry(20), LEVEL | 0x55);
	CHECK_EQ(entry(21), LEVEL | REMOTE_IRR | 0x55);
	CHECK_EQ(chips_take(&c), 0x55);
}

static void eoi_of_another_vector_ends_nothing(void)
{
	start();
	route(20, LEVEL | 0x55);
	route(21, 0x66);
	chips_line(&c, 20, 1);
	CHECK_EQ(chips_take(&c), 0x55);
	chips_pulse(&c, 21);
	CHECK_EQ(chips_take(&c), 0x66);
	eoi();
	CHECK_EQ(entry(20), LEVEL | REMOTE_IRR | 0x55);
	chips_line(&c, 20, 0);
	eoi();
	CHECK_EQ(entry(20), LEVEL | 0x55);
}

static void destinations(void)
{
	start();
	route(20, LOGICAL | 0x55);
	DO(&c, IOAPIC_WRITE(TABLE(20) + 1, 0x02000000));
	CHECK_EQ(chips_pulse(&c, 20), 0);
	DO(&c, IOAPIC_WRITE(TABLE(20) + 1, 0x03000000));
	CHECK_EQ(chips_pulse(&c, 20), 1);
	CHECK_EQ(chips_take(&c), 0x55);
	eoi();
	route(20, 0x56);
	CHECK_EQ(chips_pulse(&c, 20), 0);
	DO(&c, IOAPIC_WRITE(TABLE(20) + 1, 0xff000000));
	CHECK_EQ(chips_pulse(&c, 20), 1);
	CHECK_EQ(chips_take(&c), 0x56);
	eoi();
	/* A level that nobody takes does not wait for an EOI. */
	DO(&c, IOAPIC_WRITE(TABLE(20) + 1, 0x07000000));
	route(20, LEVEL | 0x57);
	CHECK_EQ(chips_line(&c, 20, 1), 0);
	CHECK_EQ(entry(20), LEVEL | 0x57);
}

static void modes(void)
{
	start();
	route(20, LOGICAL | MODE(1) | 0x55);
	DO(&c, IOAPIC_WRITE(TABLE(20) + 1, 0x01000000));
	CHECK_EQ(chips_pulse(&c, 20), 1);
	CHECK_EQ(chips_take(&c), 0x55);
	eoi();
	DO(&c, IOAPIC_WRITE(TABLE(20) + 1, 0));
	route(20, MODE(4) | 0x55);
	CHECK_EQ(chips_pulse(&c, 20), 1);
	DO(&c, IN(0x21));
	CHECK_EQ(chips_taken(&c), 2);
	CHECK_EQ(chips_vector(&c, 1), 2);
	/* Without effect: the PIC's own way is LINT0. */
	route(20, MODE(7) | 0x55);
	chips_pulse(&c, 20);
	CHECK_EQ(chips_take(&c), -1);
	/* Vectors below 16 are not legal. */
	CHECK_EQ(chips_read(&c, LAPIC + 0x100), 0);
}

static void apic_that_is_off_takes_nothing(void)
{
	start();
	route(20, 0x55);
	DO(&c, WRITE(LAPIC_SVR, 0x0ff));
	CHECK_EQ(chips_pulse(&c, 20), 0);
	CHECK_EQ(chips_take(&c), -1);
	DO(&c, WRITE(LAPIC_SVR, 0x1ff));
	CHECK_EQ(chips_pulse(&c, 20), 1);
	CHECK_EQ(chips_take(&c), 0x55);
}

/* ---- routes ---- */

#define ROUTES	3

static struct kvm_irq_routing_entry pin_route(u32 gsi, u32 chip, u32 pin)
{
	return (struct kvm_irq_routing_entry){
		.gsi = gsi, .type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip = { .irqchip = chip, .pin = pin },
	};
}

static int set_routes(unsigned int nr, const struct kvm_irq_routing_entry *entries)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[ROUTES];
	} arg = { .head.nr = nr };

	if (nr)
		memcpy(arg.entries, entries, nr * sizeof(*entries));
	return ioctl(c.vm.fd, KVM_SET_GSI_ROUTING, &arg);
}

#define SET_ROUTES(...)								\
({										\
	struct kvm_irq_routing_entry e_[] = { __VA_ARGS__ };			\
	set_routes(ARRAY_SIZE(e_), e_);						\
})

#define PIN	pin_route
#define MASTER	KVM_IRQCHIP_PIC_MASTER
#define SLAVE	KVM_IRQCHIP_PIC_SLAVE
#define APIC	KVM_IRQCHIP_IOAPIC

static void routes_that_cannot_be(void)
{
	struct kvm_irq_routing_entry flags = pin_route(5, KVM_IRQCHIP_IOAPIC, 5);
	struct kvm_irq_routing_entry msi = { .gsi = 5, .type = KVM_IRQ_ROUTING_MSI };

	start();
	flags.flags = 1;
	CHECK_ERR(SET_ROUTES(flags), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(5, APIC, KVM_IOAPIC_NUM_PINS)), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(5, MASTER, 8)), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(5, SLAVE, 8)), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(5, SLAVE, ~0U)), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(5, 3, 0)), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(5, ~0U, 0)), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(4096, APIC, 5)), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(5, APIC, 5), PIN(5, APIC, 6)), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(5, APIC, 5), PIN(6, APIC, 6), PIN(5, APIC, 5)), EINVAL);
	CHECK_ERR(SET_ROUTES(PIN(5, APIC, 5), msi), EINVAL);
	CHECK_ERR(SET_ROUTES(msi, PIN(5, MASTER, 5)), EINVAL);
	/* The default routes are still there. */
	route(5, 0x55);
	CHECK_EQ(chips_line(&c, 5, 1), 1 + 1);
}

static void routes_of_the_vmm(void)
{
	start();
	route(20, 0x55);
	CHECK_OK(SET_ROUTES(PIN(4095, APIC, 20), PIN(4095, MASTER, 3), PIN(4095, SLAVE, 7)));
	CHECK_EQ(chips_line(&c, 5, 1), -1);
	CHECK_EQ(chips_line(&c, 4095, 1), 3);
	CHECK_EQ(chips_take(&c), 0x55);
	CHECK_EQ(chips_pic(&c.vm, 0).irr, 0x0c);
	CHECK_EQ(chips_pic(&c.vm, 1).irr, 0x80);
	/* Two GSIs for one pin */
	CHECK_OK(SET_ROUTES(PIN(1, APIC, 21), PIN(2, APIC, 21)));
	route(21, LEVEL | 0x66);
	chips_line(&c, 1, 1);
	chips_line(&c, 2, 0);
	CHECK_EQ(entry(21), LEVEL | REMOTE_IRR | 0x66);
	CHECK_OK(set_routes(0, NULL));
	CHECK_EQ(chips_line(&c, 1, 1), -1);
}

/* ---- state by the VMM ---- */

static void state_moves_to_another_vm(void)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC }, moved;

	start();
	DO(&c, IOAPIC_WRITE(0, 0x05000000));
	route(20, LEVEL | 0x55);
	route(21, MASKED | LEVEL | 0x56);
	chips_line(&c, 20, 1);
	chips_line(&c, 21, 1);
	CHECK_OK(ioctl(c.vm.fd, KVM_GET_IRQCHIP, &chip));
	CHECK_EQ(chip.chip.ioapic.irr, 3 << 20);
	CHECK_EQ(chip.chip.ioapic.redirtbl[20].fields.remote_irr, 1);
	vm_destroy(&c.vm);

	start();
	chip.chip.ioapic.irr |= 1 << 22;
	chip.chip.ioapic.redirtbl[22].bits = LEVEL | 0x57;
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip));
	/* Pin 22 is sent; pin 20 was before, and its EOI is not there yet. */
	chip.chip.ioapic.redirtbl[22].fields.remote_irr = 1;
	moved = (struct kvm_irqchip){ .chip_id = KVM_IRQCHIP_IOAPIC };
	CHECK_OK(ioctl(c.vm.fd, KVM_GET_IRQCHIP, &moved));
	CHECK(!memcmp(&moved.chip.ioapic, &chip.chip.ioapic, sizeof(moved.chip.ioapic)));
	CHECK_EQ(chips_take(&c), 0x57);
	CHECK_EQ(chips_take(&c), -1);
	chips_line(&c, 22, 0);
	eoi();
	CHECK_EQ(entry(22), LEVEL | 0x57);
}

static void edges_in_a_state_are_sent_again(void)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };

	start();
	route(20, 0x55);
	CHECK_OK(ioctl(c.vm.fd, KVM_GET_IRQCHIP, &chip));
	chip.chip.ioapic.irr = 1 << 20;
	CHECK_OK(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip));
	CHECK_EQ(chips_ioapic_state(&c.vm).irr, 0);
	CHECK_EQ(chips_take(&c), 0x55);
}

static void any_state_can_be_set(void)
{
	struct kvm_irqchip chip;
	unsigned int i, pin;

	start();
	for (i = 0; i < 256; i += 15) {
		memset(&chip, i, sizeof(chip));
		chip.chip_id = KVM_IRQCHIP_IOAPIC;
		/* Modes that would stop the only vCPU: INIT, SIPI. NMI is fine. */
		for (pin = 0; pin < KVM_IOAPIC_NUM_PINS; pin++)
			chip.chip.ioapic.redirtbl[pin].fields.delivery_mode &= 1;
		CHECK_OK(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip));
		chip.chip.ioapic.base_address = IOAPIC;
		CHECK_OK(ioctl(c.vm.fd, KVM_SET_IRQCHIP, &chip));
		for (pin = 0; pin < 24; pin++)
			chips_pulse(&c, pin);
		DO(&c, READ(IOAPIC), READ(IOAPIC + 0x10), WRITE(IOAPIC + 0x10, MASKED),
		   WRITE(LAPIC_EOI, 0));
	}
}

/* A chip that was moved cannot be reached: the VMM gets the accesses. */
GUEST64(moved_guest, "mov $0xfec00000, %ebx; mov (%rbx), %eax; out %al, $0xf0; mov (%rbx), %eax");

static void chip_at_another_address(void)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };
	struct vm vm;
	struct vcpu *v;

	vm_make(&vm, NULL);
	CHECK_OK(ioctl(vm.fd, KVM_CREATE_IRQCHIP));
	vm_tables(&vm, MODE_LONG);
	vm_load(&vm, PROG(moved_guest));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	vcpu_run_out(v, 0xf0);
	CHECK_OK(ioctl(vm.fd, KVM_GET_IRQCHIP, &chip));
	chip.chip.ioapic.base_address = IOAPIC + 0x1000;
	CHECK_OK(ioctl(vm.fd, KVM_SET_IRQCHIP, &chip));
	vcpu_run_to(v, KVM_EXIT_MMIO);
	CHECK_EQ(v->run->mmio.phys_addr, IOAPIC);
}

/* ---- the real-time clock ---- */

#define RTC	8

/* A tick before the EOI of the last one is lost, and the VMM hears of it. */
static void ticks_of_the_clock(void)
{
	struct kvm_irq_level line = { .irq = RTC, .level = 1 };

	start();
	route(RTC, 0x58);
	CHECK_EQ(chips_pulse(&c, RTC), 1 + 1);
	CHECK_EQ(chips_take(&c), 0x58);
	CHECK_EQ(chips_pulse(&c, RTC), 0);
	eoi();
	CHECK_EQ(chips_take(&c), -1);
	CHECK_EQ(chips_pulse(&c, RTC), 1 + 0);
	CHECK_EQ(chips_take(&c), 0x58);
	/* a VMM that does not ask */
	CHECK_OK(ioctl(c.vm.fd, KVM_IRQ_LINE, &line));
	CHECK_EQ(chips_line(&c, RTC, 0), 1 + 1);
	eoi();
	CHECK_EQ(chips_take(&c), 0x58);
	KNOWN_DIFFERENCE(chips_pulse(&c, RTC) == 0, "took the EOI before for this interrupt's");
}

/* The vector of before is in service for ever. */
static void the_clock_gets_another_vector(void)
{
	start();
	route(RTC, 0x58);
	chips_pulse(&c, RTC);
	CHECK_EQ(chips_take(&c), 0x58);
	CHECK_EQ(chips_pulse(&c, RTC), 0);
	route(RTC, MASKED);
	route(RTC, 0x99);
	KNOWN_DIFFERENCE(chips_pulse(&c, RTC) == 1 + 0, "waits for the EOI of the old vector");
	KNOWN_DIFFERENCE(chips_take(&c) == 0x99, "waits for the EOI of the old vector");
}

/* The VMM resets the local APIC: nobody ends the interrupt. */
static void the_clock_after_a_reset_of_the_apic(void)
{
	struct kvm_lapic_state s;

	start();
	CHECK_OK(ioctl(c.v->fd, KVM_GET_LAPIC, &s));
	route(RTC, 0x58);
	chips_pulse(&c, RTC);
	CHECK_EQ(chips_take(&c), 0x58);
	CHECK_EQ(chips_pulse(&c, RTC), 0);
	CHECK_OK(ioctl(c.v->fd, KVM_SET_LAPIC, &s));
	CHECK_EQ(chips_pulse(&c, RTC), 1 + 0);
	CHECK_EQ(chips_take(&c), 0x58);
}

static const struct test tests[] = {
	TEST(fresh_state),
	TEST(registers),
	TEST(bits_of_an_entry),
	TEST(accesses_of_other_sizes),
	TEST(edge),
	TEST(pins_beyond_the_pic),
	TEST(masked_edge_is_lost),
	TEST(level),
	TEST(masked_level_comes_later),
	TEST(edge_mode_clears_remote_irr),
	TEST(two_pins_with_one_vector),
	TEST(eoi_of_another_vector_ends_nothing),
	TEST(destinations),
	TEST(modes),
	TEST(apic_that_is_off_takes_nothing),
	TEST(routes_that_cannot_be),
	TEST(routes_of_the_vmm),
	TEST(state_moves_to_another_vm),
	TEST(edges_in_a_state_are_sent_again),
	TEST(any_state_can_be_set),
	TEST(chip_at_another_address),
	TEST(ticks_of_the_clock),
	TEST(the_clock_gets_another_vector),
	TEST(the_clock_after_a_reset_of_the_apic),
};

TAP_MAIN(tests)
