// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PC's pair of 8259A interrupt controllers (Intel data sheet 231468). The state is
 * that of the ABI, and changes as KVM's does. Left out, as in KVM: a single chip, buffered
 * mode, vectors of the 8080, and level triggering by ICW1 (a PC has ELCR for it).
 */
#include <linux/build_bug.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "irq/acked.h"
#include "irq/lint0.h"
#include "irq/pic.h"

#define MASTER		0
#define SLAVE		1
#define CASCADE		2	/* input of the master */
#define SPURIOUS	7	/* input whose vector a request that is gone gets */

#define PORT_MASTER	0x20
#define PORT_SLAVE	0xa0
#define PORT_ELCR	0x4d0
#define PIC_PORTS	2	/* of each device */

#define ICW1		0x10
#define ICW1_ICW4	0x01
#define ICW4_AUTO_EOI	0x02
#define ICW4_NESTED	0x10
#define OCW2_LEVEL	7
#define OCW3		0x08
#define OCW3_READ_ISR	0x01
#define OCW3_READ	0x02
#define OCW3_POLL	0x04
#define OCW3_SMM	0x20
#define OCW3_SMM_SET	0x40
#define POLL_REQUEST	0x80

/* Values of init_state: the word that the data port takes next. */
enum { INIT_DONE, INIT_ICW2, INIT_ICW3, INIT_ICW4 };

/* Commands of OCW2: its upper three bits. */
enum {
	OCW2_NO_AUTO_ROTATE	= 0,
	OCW2_EOI		= 1,
	OCW2_SPECIFIC_EOI	= 3,
	OCW2_AUTO_ROTATE	= 4,
	OCW2_ROTATE_EOI		= 5,
	OCW2_SET_PRIORITY	= 6,
	OCW2_ROTATE_SPECIFIC	= 7,
};

/* Inputs that may be level triggered: not timer, keyboard and cascade; RTC, coprocessor. */
static const u8 pic_elcr_mask[PIC_CHIPS] = { 0xf8, 0xde };

/* Return: the input of @set with the highest priority, or -1. */
static int pic_first_of(const struct kvm_pic_state *c, u8 set)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		if (set & (1U << ((i + c->priority_add) & 7)))
			return (i + c->priority_add) & 7;
	return -1;
}

static unsigned int pic_priority(const struct kvm_pic_state *c, int input)
{
	return (input - c->priority_add) & 7;
}

/* Return: inputs in service. In special mask mode, those that are masked do not count. */
static u8 pic_serving(const struct kvm_pic_state *c)
{
	return c->special_mask ? c->isr & ~c->imr : c->isr;
}

/* Return: the input whose interrupt is due, or -1. */
static int pic_due(const struct pic *pic, unsigned int chip)
{
	const struct kvm_pic_state *c = &pic->chip[chip];
	int input = pic_first_of(c, c->irr & ~c->imr);
	u8 serving = pic_serving(c);
	int served;

	/* Special fully nested mode: the slave takes care of its own priorities. */
	if (c->special_fully_nested_mode && chip == MASTER)
		serving &= ~BIT(CASCADE);
	served = pic_first_of(c, serving);
	if (input < 0 || served < 0)
		return input;
	return pic_priority(c, input) < pic_priority(c, served) ? input : -1;
}

/* Return: as pic_set_pin() */
static int pic_drive(struct kvm_pic_state *c, unsigned int input, bool level)
{
	u8 bit = BIT(input);
	bool triggers = level && ((c->elcr & bit) || !(c->last_irr & bit));
	int r = triggers && (c->irr & bit) ? 0 : 1;

	if (triggers)
		c->irr |= bit;
	else if (!level && (c->elcr & bit))
		c->irr &= ~bit;
	if (level)
		c->last_irr |= bit;
	else
		c->last_irr &= ~bit;
	return c->imr & bit ? -1 : r;
}

static void pic_update(struct pic *pic)
{
	bool output;

	pic->changed = false;
	/* The slave's output falls at each INTA, so each request is an edge. */
	if (pic_due(pic, SLAVE) >= 0) {
		pic_drive(&pic->chip[MASTER], CASCADE, true);
		pic_drive(&pic->chip[MASTER], CASCADE, false);
	}
	output = pic_due(pic, MASTER) >= 0;
	if (output && !pic->output)
		pic->rose = true;
	WRITE_ONCE(pic->output, output);
}

static void pic_notify(struct vm *vm, u16 pins, void (*tell)(struct vm *, u32, u32))
{
	unsigned long bits = pins;
	unsigned int pin;

	for_each_set_bit(pin, &bits, PIC_PINS)
		tell(vm, pin < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE, pin % 8);
}

/*
 * Everything that a change leads to elsewhere, then unlock. Notifiers drive pins, so they
 * are called without the lock, and before the output shows the pins as they were.
 */
static void pic_finish(struct pic *pic, unsigned long flags)
	__releases(&pic->lock)
{
	u16 acked, unmasked;
	bool rose;

	while (pic->acked | pic->unmasked) {
		acked = pic->acked;
		unmasked = pic->unmasked;
		pic->acked = 0;
		pic->unmasked = 0;
		raw_spin_unlock_irqrestore(&pic->lock, flags);
		pic_notify(pic->vm, unmasked, irq_unmasked);
		pic_notify(pic->vm, acked, irq_acked);
		raw_spin_lock_irqsave(&pic->lock, flags);
	}
	if (pic->changed)
		pic_update(pic);
	rose = pic->rose;
	pic->rose = false;
	raw_spin_unlock_irqrestore(&pic->lock, flags);
	if (rose)
		lint0_raise(pic->vm);
}

int pic_set_pin(struct vm *vm, u32 pin, u32 source, int level)
{
	struct pic *pic = vm->irq.pic;
	unsigned long flags;
	int r;

	raw_spin_lock_irqsave(&pic->lock, flags);
	__assign_bit(source, &pic->lines[pin], level);
	r = pic_drive(&pic->chip[pin / 8], pin % 8, pic->lines[pin]);
	pic->changed = true;
	pic_finish(pic, flags);
	return r;
}

static void pic_end(struct pic *pic, unsigned int chip, unsigned int input)
{
	pic->chip[chip].isr &= ~BIT(input);
	pic->acked |= BIT(8 * chip + input);
}

/* INTA of a chip. Return: the input, SPURIOUS if none is due. */
static unsigned int pic_accept(struct pic *pic, unsigned int chip)
{
	struct kvm_pic_state *c = &pic->chip[chip];
	int input = pic_due(pic, chip);
	u8 bit;

	if (input < 0)
		return SPURIOUS;
	bit = BIT(input);
	c->isr |= bit;
	if (!(c->elcr & bit))
		c->irr &= ~bit;
	if (c->auto_eoi) {
		if (c->rotate_on_auto_eoi)
			c->priority_add = (input + 1) & 7;
		pic_end(pic, chip, input);
	}
	return input;
}

/* Return: the vector that a processor would get by INTA, or -1. Locked. */
static int pic_vector(struct pic *pic)
{
	unsigned int chip = MASTER;
	int input = pic_due(pic, MASTER);

	if (input == CASCADE) {
		chip = SLAVE;
		input = pic_due(pic, SLAVE);
		if (input < 0)
			input = SPURIOUS;
	}
	return input < 0 ? -1 : (u8)(pic->chip[chip].irq_base + input);
}

u32 pic_pin_of(const struct vm *vm, u8 vector)
{
	const struct pic *pic = vm->irq.pic;
	u8 pin = vector - READ_ONCE(pic->chip[MASTER].irq_base);

	return pin < 8 ? pin : 8 + (vector - READ_ONCE(pic->chip[SLAVE].irq_base)) % 8;
}

int pic_peek(struct pic *pic)
{
	unsigned long flags;
	int vector;

	raw_spin_lock_irqsave(&pic->lock, flags);
	vector = pic_vector(pic);
	raw_spin_unlock_irqrestore(&pic->lock, flags);
	return vector;
}

/* Return: the vector. Locked. */
static u8 pic_inta(struct pic *pic)
{
	unsigned int input, chip = MASTER;

	WRITE_ONCE(pic->output, false);
	input = pic_accept(pic, MASTER);
	if (input == CASCADE) {
		chip = SLAVE;
		input = pic_accept(pic, SLAVE);
	}
	pic->changed = true;
	return pic->chip[chip].irq_base + input;
}

int pic_ack(struct vm *vm, const unsigned long *only)
{
	struct pic *pic = vm->irq.pic;
	unsigned long flags;
	int vector;

	raw_spin_lock_irqsave(&pic->lock, flags);
	vector = pic_vector(pic);
	if (!only || (vector >= 0 && test_bit(vector, only)))
		vector = pic_inta(pic);
	else
		vector = -1;
	pic_finish(pic, flags);
	return vector;
}

/* As KVM's, this leaves inputs in service and the rotation at auto-EOI as they are. */
static void pic_write_icw1(struct pic *pic, unsigned int chip, u8 val)
{
	struct kvm_pic_state *c = &pic->chip[chip];
	u8 lost = c->irr & ~c->elcr;

	c->init4 = val & ICW1_ICW4;
	c->last_irr = 0;
	c->irr &= c->elcr;
	c->imr = 0;
	c->priority_add = 0;
	c->special_mask = 0;
	c->read_reg_select = 0;
	if (!c->init4) {
		c->special_fully_nested_mode = 0;
		c->auto_eoi = 0;
	}
	c->init_state = INIT_ICW2;
	/* Nobody will end these requests, which others may wait for. */
	if (lint0_takes_extint(pic->vm)) {
		c->isr &= ~lost;
		pic->acked |= lost << (8 * chip);
	}
}

static void pic_write_ocw2(struct pic *pic, unsigned int chip, u8 val)
{
	struct kvm_pic_state *c = &pic->chip[chip];
	unsigned int command = val >> 5;
	int input = val & OCW2_LEVEL;

	switch (command) {
	case OCW2_NO_AUTO_ROTATE:
	case OCW2_AUTO_ROTATE:
		c->rotate_on_auto_eoi = command == OCW2_AUTO_ROTATE;
		return;
	case OCW2_EOI:
	case OCW2_ROTATE_EOI:
		input = pic_first_of(c, pic_serving(c));
		if (input < 0)
			return;
		break;
	case OCW2_SPECIFIC_EOI:
	case OCW2_SET_PRIORITY:
	case OCW2_ROTATE_SPECIFIC:
		break;
	default:
		return;
	}
	if (command >= OCW2_ROTATE_EOI)
		c->priority_add = (input + 1) & 7;
	if (command != OCW2_SET_PRIORITY)
		pic_end(pic, chip, input);
	pic->changed = true;
}

static void pic_write_ocw3(struct pic *pic, unsigned int chip, u8 val)
{
	struct kvm_pic_state *c = &pic->chip[chip];

	if (val & OCW3_POLL)
		c->poll = 1;
	if (val & OCW3_READ)
		c->read_reg_select = val & OCW3_READ_ISR;
	if (val & OCW3_SMM_SET) {
		c->special_mask = !!(val & OCW3_SMM);
		pic->changed = true;
	}
}

static void pic_write_command(struct pic *pic, unsigned int chip, u8 val)
{
	if (val & ICW1)
		pic_write_icw1(pic, chip, val);
	else if (val & OCW3)
		pic_write_ocw3(pic, chip, val);
	else
		pic_write_ocw2(pic, chip, val);
}

static void pic_write_mask(struct pic *pic, unsigned int chip, u8 val)
{
	struct kvm_pic_state *c = &pic->chip[chip];

	pic->unmasked |= (c->imr & ~val) << (8 * chip);
	c->imr = val;
	pic->changed = true;
}

static void pic_write_data(struct pic *pic, unsigned int chip, u8 val)
{
	struct kvm_pic_state *c = &pic->chip[chip];

	switch (c->init_state) {
	case INIT_DONE:
		pic_write_mask(pic, chip, val);
		break;
	case INIT_ICW2:
		c->irq_base = val & ~7;
		c->init_state = INIT_ICW3;
		break;
	case INIT_ICW3:
		/* The wiring of a PC fixes the cascade. */
		c->init_state = c->init4 ? INIT_ICW4 : INIT_DONE;
		break;
	case INIT_ICW4:
		c->special_fully_nested_mode = !!(val & ICW4_NESTED);
		c->auto_eoi = !!(val & ICW4_AUTO_EOI);
		c->init_state = INIT_DONE;
		break;
	}
}

/* A read after the poll command takes the interrupt; as in KVM, it does not get in service. */
static u8 pic_poll(struct pic *pic, unsigned int chip)
{
	struct kvm_pic_state *c = &pic->chip[chip];
	int input = pic_due(pic, chip);

	c->poll = 0;
	pic->changed = input != CASCADE || chip == SLAVE;
	if (input < 0)
		return SPURIOUS;
	if (chip == SLAVE) {
		pic->chip[MASTER].isr &= ~BIT(CASCADE);
		pic->chip[MASTER].irr &= ~BIT(CASCADE);
	}
	c->irr &= ~BIT(input);
	pic_end(pic, chip, input);
	return POLL_REQUEST | input;
}

static u8 pic_read_register(struct pic *pic, unsigned int chip, unsigned int port)
{
	const struct kvm_pic_state *c = &pic->chip[chip];

	if (c->poll)
		return pic_poll(pic, chip);
	if (port)
		return c->imr;
	return c->read_reg_select ? c->isr : c->irr;
}

/* ---- ports; the chips ignore accesses of more than a byte ---- */

static bool pic_read(struct pic *pic, unsigned int chip, u64 addr, void *data, u32 len)
{
	unsigned long flags;

	memset(data, 0, len);
	if (len != 1)
		return true;
	raw_spin_lock_irqsave(&pic->lock, flags);
	*(u8 *)data = pic_read_register(pic, chip, addr & 1);
	pic_finish(pic, flags);
	return true;
}

static bool pic_write(struct pic *pic, unsigned int chip, u64 addr, const void *data, u32 len)
{
	unsigned long flags;

	if (len != 1)
		return true;
	raw_spin_lock_irqsave(&pic->lock, flags);
	if (addr & 1)
		pic_write_data(pic, chip, *(const u8 *)data);
	else
		pic_write_command(pic, chip, *(const u8 *)data);
	pic_finish(pic, flags);
	return true;
}

static bool master_read(struct io_device *dev, u64 addr, void *data, u32 len)
{
	return pic_read(container_of(dev, struct pic, master), MASTER, addr, data, len);
}

static bool master_write(struct io_device *dev, u64 addr, const void *data, u32 len)
{
	return pic_write(container_of(dev, struct pic, master), MASTER, addr, data, len);
}

static bool slave_read(struct io_device *dev, u64 addr, void *data, u32 len)
{
	return pic_read(container_of(dev, struct pic, slave), SLAVE, addr, data, len);
}

static bool slave_write(struct io_device *dev, u64 addr, const void *data, u32 len)
{
	return pic_write(container_of(dev, struct pic, slave), SLAVE, addr, data, len);
}

static bool elcr_read(struct io_device *dev, u64 addr, void *data, u32 len)
{
	struct pic *pic = container_of(dev, struct pic, elcr);

	memset(data, 0, len);
	if (len == 1)
		*(u8 *)data = READ_ONCE(pic->chip[addr & 1].elcr);
	return true;
}

static bool elcr_write(struct io_device *dev, u64 addr, const void *data, u32 len)
{
	struct pic *pic = container_of(dev, struct pic, elcr);
	struct kvm_pic_state *c = &pic->chip[addr & 1];
	unsigned long flags;

	if (len != 1)
		return true;
	raw_spin_lock_irqsave(&pic->lock, flags);
	c->elcr = *(const u8 *)data & c->elcr_mask;
	pic_finish(pic, flags);
	return true;
}

static const struct io_ops pic_master_ops = { .read = master_read, .write = master_write };
static const struct io_ops pic_slave_ops = { .read = slave_read, .write = slave_write };
static const struct io_ops pic_elcr_ops = { .read = elcr_read, .write = elcr_write };

/* ---- state and life ---- */

void pic_get_state(struct vm *vm, unsigned int chip, struct kvm_pic_state *state)
{
	struct pic *pic = vm->irq.pic;
	unsigned long flags;

	raw_spin_lock_irqsave(&pic->lock, flags);
	*state = pic->chip[chip];
	raw_spin_unlock_irqrestore(&pic->lock, flags);
}

void pic_set_state(struct vm *vm, unsigned int chip, const struct kvm_pic_state *state)
{
	struct pic *pic = vm->irq.pic;
	unsigned long flags;

	raw_spin_lock_irqsave(&pic->lock, flags);
	pic->chip[chip] = *state;
	pic->changed = true;
	pic_finish(pic, flags);
}

int pic_create(struct vm *vm)
{
	struct pic *pic = kzalloc(sizeof(*pic), GFP_KERNEL_ACCOUNT);
	int r;

	if (!pic)
		return -ENOMEM;
	raw_spin_lock_init(&pic->lock);
	pic->vm = vm;
	pic->chip[MASTER].elcr_mask = pic_elcr_mask[MASTER];
	pic->chip[SLAVE].elcr_mask = pic_elcr_mask[SLAVE];
	pic->master = (struct io_device){
		.addr = PORT_MASTER, .len = PIC_PORTS, .ops = &pic_master_ops,
	};
	pic->slave = (struct io_device){
		.addr = PORT_SLAVE, .len = PIC_PORTS, .ops = &pic_slave_ops,
	};
	pic->elcr = (struct io_device){
		.addr = PORT_ELCR, .len = PIC_PORTS, .ops = &pic_elcr_ops,
	};
	vm->irq.pic = pic;
	r = io_bus_add(vm, IO_PORTS, &pic->master);
	if (r)
		goto no_master;
	r = io_bus_add(vm, IO_PORTS, &pic->slave);
	if (r)
		goto no_slave;
	r = io_bus_add(vm, IO_PORTS, &pic->elcr);
	if (r)
		goto no_elcr;
	return 0;

no_elcr:
	io_bus_remove(vm, IO_PORTS, &pic->slave);
no_slave:
	io_bus_remove(vm, IO_PORTS, &pic->master);
no_master:
	vm->irq.pic = NULL;
	kfree(pic);
	return r;
}

void pic_remove(struct vm *vm)
{
	struct pic *pic = vm->irq.pic;

	io_bus_remove(vm, IO_PORTS, &pic->master);
	io_bus_remove(vm, IO_PORTS, &pic->slave);
	io_bus_remove(vm, IO_PORTS, &pic->elcr);
	pic_free(vm);
}

void pic_free(struct vm *vm)
{
	kfree(vm->irq.pic);
	vm->irq.pic = NULL;
}
