// SPDX-License-Identifier: GPL-2.0-only
/* Notifiers of the end of an interrupt. */
#include <kunit/test.h>

#include "irq/ioapic.h"

/* ---- in place of the I/O APIC ---- */

static unsigned int looked;	/* calls of ioapic_find_eoi_vectors() */

static void ack_test_find_eoi_vectors(struct vm *vm)
{
	looked++;
}

#define ioapic_find_eoi_vectors		ack_test_find_eoi_vectors

#include "../../kmod/irq/ack.c"
#include "../../kmod/irq/acked.c"

struct counted {
	struct irq_ack_notifier n;
	unsigned int acked, unmasked;
};

static void count_ack(struct irq_ack_notifier *n)
{
	container_of(n, struct counted, n)->acked++;
}

static void count_unmask(struct irq_ack_notifier *n)
{
	container_of(n, struct counted, n)->unmasked++;
}

static struct vm *vm_of(struct kunit *test)
{
	return test->priv;
}

static void add(struct kunit *test, struct counted *c, u32 gsi)
{
	struct vm *vm = vm_of(test);

	*c = (struct counted){ .n = { .gsi = gsi, .acked = count_ack } };
	mutex_lock(&vm->irq.lock);
	irq_ack_register(vm, &c->n);
	mutex_unlock(&vm->irq.lock);
}

static void del(struct kunit *test, struct counted *c)
{
	struct vm *vm = vm_of(test);

	mutex_lock(&vm->irq.lock);
	irq_ack_unregister(vm, &c->n);
	mutex_unlock(&vm->irq.lock);
}

static int ack_test_init(struct kunit *test)
{
	struct vm *vm = kunit_kzalloc(test, sizeof(*vm), GFP_KERNEL);
	unsigned int pin;

	if (!vm)
		return -ENOMEM;
	mutex_init(&vm->irq.lock);
	/* Pin n of the I/O APIC has GSI 20 + n, and the PICs' pins have their numbers. */
	for (pin = 0; pin < KVM_IOAPIC_NUM_PINS; pin++)
		vm->irq.pin_gsi[KVM_IRQCHIP_IOAPIC][pin] = 20 + pin + 1;
	for (pin = 0; pin < 8; pin++) {
		vm->irq.pin_gsi[KVM_IRQCHIP_PIC_MASTER][pin] = pin + 1;
		vm->irq.pin_gsi[KVM_IRQCHIP_PIC_SLAVE][pin] = 8 + pin + 1;
	}
	vm->irq.pin_gsi[KVM_IRQCHIP_IOAPIC][9] = 0;
	test->priv = vm;
	looked = 0;
	return 0;
}

static void pin_tells_the_notifiers_of_its_gsi(struct kunit *test)
{
	struct vm *vm = vm_of(test);
	struct counted a, b, other;

	add(test, &a, 12);
	add(test, &b, 12);
	add(test, &other, 4);
	irq_acked(vm, KVM_IRQCHIP_PIC_SLAVE, 4);
	KUNIT_EXPECT_EQ(test, a.acked, 1U);
	KUNIT_EXPECT_EQ(test, b.acked, 1U);
	KUNIT_EXPECT_EQ(test, other.acked, 0U);
	irq_acked(vm, KVM_IRQCHIP_PIC_MASTER, 4);
	KUNIT_EXPECT_EQ(test, a.acked, 1U);
	KUNIT_EXPECT_EQ(test, other.acked, 1U);
	irq_acked(vm, KVM_IRQCHIP_IOAPIC, 4);
	KUNIT_EXPECT_EQ(test, other.acked, 1U);
}

static void pin_without_a_gsi_tells_nobody(struct kunit *test)
{
	struct counted a, b;

	add(test, &a, 29);
	add(test, &b, -1);
	irq_acked(vm_of(test), KVM_IRQCHIP_IOAPIC, 9);
	KUNIT_EXPECT_EQ(test, a.acked + b.acked, 0U);
	KUNIT_EXPECT_FALSE(test, irq_ack_wanted(vm_of(test), KVM_IRQCHIP_IOAPIC, 9));
}

static void notifier_that_is_gone_is_not_told(struct kunit *test)
{
	struct vm *vm = vm_of(test);
	struct counted a, b;

	add(test, &a, 24);
	add(test, &b, 24);
	del(test, &a);
	irq_acked(vm, KVM_IRQCHIP_IOAPIC, 4);
	KUNIT_EXPECT_EQ(test, a.acked, 0U);
	KUNIT_EXPECT_EQ(test, b.acked, 1U);
	KUNIT_EXPECT_TRUE(test, irq_ack_wanted(vm, KVM_IRQCHIP_IOAPIC, 4));
	del(test, &b);
	KUNIT_EXPECT_FALSE(test, irq_ack_wanted(vm, KVM_IRQCHIP_IOAPIC, 4));
	/* The I/O APIC looks again which EOIs are wanted. */
	KUNIT_EXPECT_EQ(test, looked, 4U);
}

static void unmasking_is_told_to_those_who_ask(struct kunit *test)
{
	struct vm *vm = vm_of(test);
	struct counted a, b;

	add(test, &a, 0);
	add(test, &b, 0);
	a.n.unmasked = count_unmask;
	irq_unmasked(vm, KVM_IRQCHIP_PIC_MASTER, 0);
	irq_unmasked(vm, KVM_IRQCHIP_PIC_MASTER, 1);
	KUNIT_EXPECT_EQ(test, a.unmasked, 1U);
	KUNIT_EXPECT_EQ(test, b.unmasked, 0U);
	KUNIT_EXPECT_EQ(test, a.acked + b.acked, 0U);
}

static struct kunit_case irq_ack_cases[] = {
	KUNIT_CASE(pin_tells_the_notifiers_of_its_gsi),
	KUNIT_CASE(pin_without_a_gsi_tells_nobody),
	KUNIT_CASE(notifier_that_is_gone_is_not_told),
	KUNIT_CASE(unmasking_is_told_to_those_who_ask),
	{ }
};

static struct kunit_suite irq_ack_suite = {
	.name = "vmxdbg-irq-ack",
	.init = ack_test_init,
	.test_cases = irq_ack_cases,
};

kunit_test_suite(irq_ack_suite);
