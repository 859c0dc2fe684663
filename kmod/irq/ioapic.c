// SPDX-License-Identifier: GPL-2.0-only
/*
 * The I/O APIC (Intel 82093AA). The state is that of the ABI, and changes as KVM's does. A
 * high pin means that a device requests an interrupt, whatever polarity the guest sets.
 */
#include <linux/bitmap.h>
#include <linux/jiffies.h>
#include <linux/nospec.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "irq/acked.h"
#include "irq/ioapic.h"
#include "irq/lapic_deliver.h"
#include "vmxdbg.h"

#define IOAPIC_BASE	0xfec00000ULL
#define IOAPIC_LEN	0x100

/* Registers in memory. */
#define IOREG_SELECT	0x00
#define IOREG_WINDOW	0x10

/* Registers behind the window; of the table, each pin has two. */
#define WINDOW_ID		0x00
#define WINDOW_VERSION		0x01
#define WINDOW_ARBITRATION	0x02
#define WINDOW_TABLE		0x10

#define IOAPIC_VERSION_VALUE	(0x11 | (IOAPIC_PINS - 1) << 16)

#define ENTRY_LEVEL		BIT_ULL(15)
#define ENTRY_REMOTE_IRR	BIT_ULL(14)
#define ENTRY_STATUS		BIT_ULL(12)
#define ENTRY_MASKED		BIT_ULL(16)
#define ENTRY_READ_ONLY		(ENTRY_REMOTE_IRR | ENTRY_STATUS)

/*
 * After as many EOIs with the pin high all the time, the next interrupt waits for a while,
 * so that a guest without a handler gets on. Same numbers as KVM.
 */
#define STORM_EOIS	10000
#define STORM_DELAY	(HZ / 100)

static u64 *ioapic_entry(struct ioapic *ioapic, unsigned int pin)
{
	return &ioapic->state.redirtbl[pin].bits;
}

static struct irq_message message_of(struct ioapic *ioapic, unsigned int pin)
{
	const typeof(ioapic->state.redirtbl[0].fields) *e = &ioapic->state.redirtbl[pin].fields;

	return (struct irq_message){
		.dest = e->dest_id,
		.logical = e->dest_mode,
		.mode = e->delivery_mode,
		.vector = e->vector,
		.level = e->trig_mode,
		.assert = true,
		.from = IRQ_FROM(VMXDBG_FROM_IOAPIC, pin),
	};
}

/* Return: as ioapic_set_pin(), for a pin that is high */
static int ioapic_send(struct ioapic *ioapic, unsigned int pin)
{
	u64 *entry = ioapic_entry(ioapic, pin);
	struct irq_message msg;
	int r;

	if (*entry & ENTRY_MASKED)
		return -1;
	if ((*entry & ENTRY_LEVEL) && (*entry & ENTRY_REMOTE_IRR))
		return -1;
	msg = message_of(ioapic, pin);
	if (!(*entry & ENTRY_LEVEL))
		ioapic->delivered |= BIT(pin);
	/* Without a destination it is lost, same as in KVM. */
	r = max(lapic_deliver(ioapic->vm, NULL, &msg), 0);
	if (r && (*entry & ENTRY_LEVEL))
		*entry |= ENTRY_REMOTE_IRR;
	return r;
}

static int ioapic_drive(struct ioapic *ioapic, unsigned int pin, bool level)
{
	u32 bit = BIT(pin), before = ioapic->state.irr;

	if (!level) {
		ioapic->state.irr &= ~bit;
		return 1;
	}
	ioapic->state.irr |= bit;
	if (!(*ioapic_entry(ioapic, pin) & ENTRY_LEVEL)) {
		ioapic->delivered &= ~bit;
		if (before & bit)
			return 0;
	}
	return ioapic_send(ioapic, pin);
}

int ioapic_set_pin(struct vm *vm, u32 pin, u32 source, int level)
{
	struct ioapic *ioapic = vm->irq.ioapic;
	unsigned long flags;
	int r;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	__assign_bit(source, &ioapic->lines[pin], level);
	r = ioapic_drive(ioapic, pin, ioapic->lines[pin]);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
	return r;
}

bool ioapic_rtc_waits(struct vm *vm)
{
	struct ioapic *ioapic = vm->irq.ioapic;
	struct irq_message msg;
	unsigned long flags;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	msg = message_of(ioapic, IOAPIC_RTC);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
	return lapic_dest_is_busy(vm, &msg);
}

/* ---- EOI ---- */

static bool ioapic_wants_eoi(struct ioapic *ioapic, unsigned int pin)
{
	return (*ioapic_entry(ioapic, pin) & ENTRY_LEVEL) ||
	       irq_ack_wanted(ioapic->vm, KVM_IRQCHIP_IOAPIC, pin);
}

static void ioapic_note_eoi_vectors(struct ioapic *ioapic)
{
	DECLARE_BITMAP(vectors, 256);
	unsigned int i;

	bitmap_zero(vectors, 256);
	for (i = 0; i < IOAPIC_PINS; i++)
		if (ioapic_wants_eoi(ioapic, i))
			__set_bit(ioapic->state.redirtbl[i].fields.vector, vectors);
	for (i = 0; i < BITS_TO_LONGS(256); i++)
		WRITE_ONCE(ioapic->vm->irq.eoi_vectors[i], vectors[i]);
}

void ioapic_find_eoi_vectors(struct vm *vm)
{
	struct ioapic *ioapic = vm->irq.ioapic;
	unsigned long flags;

	if (!ioapic)
		return;
	raw_spin_lock_irqsave(&ioapic->lock, flags);
	ioapic_note_eoi_vectors(ioapic);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
}

/* Return: the pins with this vector. */
static unsigned long ioapic_pins_of(struct ioapic *ioapic, u8 vector)
{
	unsigned long pins = 0;
	unsigned int pin;

	for (pin = 0; pin < IOAPIC_PINS; pin++)
		if (ioapic->state.redirtbl[pin].fields.vector == vector)
			pins |= BIT(pin);
	return pins;
}

static void ioapic_end_level(struct ioapic *ioapic, unsigned int pin)
{
	u64 *entry = ioapic_entry(ioapic, pin);

	*entry &= ~ENTRY_REMOTE_IRR;
	if ((*entry & ENTRY_MASKED) || !(ioapic->state.irr & BIT(pin))) {
		ioapic->ended[pin] = 0;
	} else if (++ioapic->ended[pin] == STORM_EOIS) {
		ioapic->ended[pin] = 0;
		schedule_delayed_work(&ioapic->again, STORM_DELAY);
	} else {
		ioapic_send(ioapic, pin);
	}
}

void ioapic_eoi(struct vm *vm, u8 vector, bool level)
{
	struct ioapic *ioapic = vm->irq.ioapic;
	unsigned long pins, flags;
	unsigned int pin;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	pins = ioapic_pins_of(ioapic, vector);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);

	/* Notifiers lower or raise the pins; Remote IRR still holds back what they raise. */
	for_each_set_bit(pin, &pins, IOAPIC_PINS)
		irq_acked(vm, KVM_IRQCHIP_IOAPIC, pin);
	if (!level)
		return;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	pins = ioapic_pins_of(ioapic, vector);
	for_each_set_bit(pin, &pins, IOAPIC_PINS)
		if (*ioapic_entry(ioapic, pin) & ENTRY_LEVEL)
			ioapic_end_level(ioapic, pin);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
}

static void ioapic_again(struct work_struct *work)
{
	struct ioapic *ioapic = container_of(work, struct ioapic, again.work);
	unsigned long flags;
	unsigned int pin;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	for (pin = 0; pin < IOAPIC_PINS; pin++)
		if ((*ioapic_entry(ioapic, pin) & ENTRY_LEVEL) && (ioapic->state.irr & BIT(pin)))
			ioapic_send(ioapic, pin);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
}

/* ---- registers ---- */

static u32 ioapic_read_window(struct ioapic *ioapic)
{
	u32 i = ioapic->state.ioregsel - WINDOW_TABLE;
	u64 entry;

	switch (ioapic->state.ioregsel) {
	case WINDOW_VERSION:
		return IOAPIC_VERSION_VALUE;
	case WINDOW_ID:
	case WINDOW_ARBITRATION:
		return (ioapic->state.id & 0xf) << 24;
	}
	if (i >= 2 * IOAPIC_PINS)
		return ~0U;
	entry = *ioapic_entry(ioapic, array_index_nospec(i / 2, IOAPIC_PINS));
	return i & 1 ? entry >> 32 : entry;
}

static void ioapic_write_entry(struct ioapic *ioapic, unsigned int i, u32 val)
{
	unsigned int pin = array_index_nospec(i / 2, IOAPIC_PINS);
	u64 *entry = ioapic_entry(ioapic, pin);
	u64 before = *entry;

	if (i & 1)
		*entry = (u32)*entry | (u64)val << 32;
	else
		*entry = (*entry & ~(u64)U32_MAX) | (val & ~ENTRY_READ_ONLY) |
			 (before & ENTRY_READ_ONLY);
	/* Guests clear Remote IRR by switching to edge mode and back. */
	if (!(*entry & ENTRY_LEVEL))
		*entry &= ~ENTRY_REMOTE_IRR;
	if (before & ~*entry & ENTRY_MASKED)
		ioapic->unmasked |= BIT(pin);
	ioapic_note_eoi_vectors(ioapic);
	if ((*entry & ENTRY_LEVEL) && (ioapic->state.irr & BIT(pin)))
		ioapic_send(ioapic, pin);
}

static void ioapic_write_window(struct ioapic *ioapic, u32 val)
{
	u32 i = ioapic->state.ioregsel - WINDOW_TABLE;

	if (ioapic->state.ioregsel == WINDOW_ID)
		ioapic->state.id = val >> 24 & 0xf;
	else if (i < 2 * IOAPIC_PINS)
		ioapic_write_entry(ioapic, i, val);
}

/* Unlock, and call the notifiers, which may drive pins. */
static void ioapic_finish(struct ioapic *ioapic, unsigned long flags)
	__releases(&ioapic->lock)
{
	unsigned long unmasked = ioapic->unmasked;
	unsigned int pin;

	ioapic->unmasked = 0;
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
	for_each_set_bit(pin, &unmasked, IOAPIC_PINS)
		irq_unmasked(ioapic->vm, KVM_IRQCHIP_IOAPIC, pin);
}

/* The VMM may have moved the chip to where its device is not: then it cannot be reached. */
static bool ioapic_is_at(const struct ioapic *ioapic, u64 addr)
{
	return addr - READ_ONCE(ioapic->state.base_address) < IOAPIC_LEN;
}

static bool ioapic_read(struct io_device *dev, u64 addr, void *data, u32 len)
{
	struct ioapic *ioapic = container_of(dev, struct ioapic, device);
	unsigned long flags;
	u64 val = 0;

	if (!ioapic_is_at(ioapic, addr))
		return false;
	raw_spin_lock_irqsave(&ioapic->lock, flags);
	switch (addr & 0xff) {
	case IOREG_SELECT:
		val = ioapic->state.ioregsel;
		break;
	case IOREG_WINDOW:
		val = ioapic_read_window(ioapic);
		break;
	}
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
	memcpy(data, &val, len);
	return true;
}

static bool ioapic_write(struct io_device *dev, u64 addr, const void *data, u32 len)
{
	struct ioapic *ioapic = container_of(dev, struct ioapic, device);
	unsigned long flags;
	u32 val = 0;

	if (!ioapic_is_at(ioapic, addr))
		return false;
	memcpy(&val, data, min_t(u32, len, sizeof(val)));
	raw_spin_lock_irqsave(&ioapic->lock, flags);
	switch (addr & 0xff) {
	case IOREG_SELECT:
		ioapic->state.ioregsel = val & 0xff;
		break;
	case IOREG_WINDOW:
		ioapic_write_window(ioapic, val);
		break;
	}
	ioapic_finish(ioapic, flags);
	return true;
}

static const struct io_ops ioapic_ops = { .read = ioapic_read, .write = ioapic_write };

/* ---- state and life ---- */

void ioapic_get_state(struct vm *vm, struct kvm_ioapic_state *state)
{
	struct ioapic *ioapic = vm->irq.ioapic;
	unsigned long flags;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	*state = ioapic->state;
	state->irr &= ~ioapic->delivered;
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
}

void ioapic_set_state(struct vm *vm, const struct kvm_ioapic_state *state)
{
	struct ioapic *ioapic = vm->irq.ioapic;
	unsigned long irr = state->irr, flags;
	unsigned int pin;

	raw_spin_lock_irqsave(&ioapic->lock, flags);
	ioapic->state = *state;
	ioapic->state.irr = 0;
	ioapic->delivered = 0;
	ioapic_note_eoi_vectors(ioapic);
	for_each_set_bit(pin, &irr, IOAPIC_PINS)
		ioapic_drive(ioapic, pin, true);
	raw_spin_unlock_irqrestore(&ioapic->lock, flags);
}

int ioapic_create(struct vm *vm)
{
	struct ioapic *ioapic = kzalloc(sizeof(*ioapic), GFP_KERNEL_ACCOUNT);
	unsigned int pin;
	int r;

	if (!ioapic)
		return -ENOMEM;
	raw_spin_lock_init(&ioapic->lock);
	INIT_DELAYED_WORK(&ioapic->again, ioapic_again);
	ioapic->vm = vm;
	ioapic->state.base_address = IOAPIC_BASE;
	for (pin = 0; pin < IOAPIC_PINS; pin++)
		*ioapic_entry(ioapic, pin) = ENTRY_MASKED;
	ioapic->device = (struct io_device){
		.addr = IOAPIC_BASE, .len = IOAPIC_LEN, .ops = &ioapic_ops,
	};
	vm->irq.ioapic = ioapic;
	r = io_bus_add(vm, IO_MEMORY, &ioapic->device);
	if (r) {
		vm->irq.ioapic = NULL;
		kfree(ioapic);
	}
	return r;
}

void ioapic_remove(struct vm *vm)
{
	io_bus_remove(vm, IO_MEMORY, &vm->irq.ioapic->device);
	ioapic_free(vm);
}

void ioapic_free(struct vm *vm)
{
	struct ioapic *ioapic = vm->irq.ioapic;

	if (!ioapic)
		return;
	cancel_delayed_work_sync(&ioapic->again);
	vm->irq.ioapic = NULL;
	kfree(ioapic);
}
