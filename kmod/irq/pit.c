// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 8254 interval timer (Intel data sheet 231164) and the PC's port 0x61. The state is
 * that of the ABI, and changes as KVM's does. No counter runs: a read computes the count
 * from the time since the load. Only channel 0 has a timer of the host, for its
 * interrupt. BCD counting is left out, as in KVM.
 *
 * KVM_REINJECT_CONTROL: while ticks are reinjected, each waits for the guest's EOI of the
 * one before, and none is lost.
 */
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/workqueue.h>

#include "irq/lint0.h"
#include "irq/pit.h"
#include "irq/routing.h"
#include "lib/compat.h"

#define PIT_GSI		0
#define PIT_HZ		1193181	/* same as KVM */

#define PIT_PORT	0x40
#define PIT_PORTS	4
#define PIT_CONTROL	3	/* the last of them */
#define PORT61		0x61
#define PORT61_PORTS	4	/* same as KVM, so that a wide access gets here */

#define CONTROL_BACK	3	/* read-back, where other commands have their channel */
#define BACK_NO_COUNT	0x20
#define BACK_NO_STATUS	0x10

#define PORT61_GATE	0x01
#define PORT61_SPEAKER	0x02
#define PORT61_REFRESH	4	/* bits */
#define PORT61_OUT	5
#define REFRESH_SHIFT	14	/* the bit toggles every 2^14 ns, about 15 us */

#define MODE_NONE	0xff	/* before the first control word */

/* A guest that ticks faster would keep a CPU of the host busy. Same as KVM. */
#define PIT_MIN_PERIOD_NS	(200 * NSEC_PER_USEC)

enum {
	MODE_TERMINAL_COUNT	= 0,
	MODE_ONE_SHOT		= 1,
	MODE_RATE		= 2,
	MODE_SQUARE		= 3,
	MODE_SOFT_STROBE	= 4,
	MODE_HARD_STROBE	= 5,
};

/* Values of read_state, write_state and count_latched: the byte that is next. */
enum { BYTE_LOW = 1, BYTE_HIGH, BYTE_BOTH, BYTE_SECOND };

/* The VM's time. */
static u64 pit_now(const struct pit *pit)
{
	return held_clock_now(&pit->clock, ktime_get_ns());
}

/* ---- the interrupt ---- */

/* In a thread of the host, since a tick may go to each of a thousand vCPUs */
static void pit_raise(struct work_struct *work)
{
	struct pit *pit = container_of(work, struct pit, work);

	irq_set_gsi(pit->vm, IRQ_SOURCE_PIT, PIT_GSI, 1);
	irq_set_gsi(pit->vm, IRQ_SOURCE_PIT, PIT_GSI, 0);
	lint0_tick(pit->vm);
}

/* Locked. A tick that has to wait for the end of the last one costs no thread. */
static void pit_tick(struct pit *pit)
{
	if (pit->reinject) {
		if (!pit->ended)
			return;
		pit->ended = false;
	}
	queue_work(system_highpri_wq, &pit->work);
}

static void pit_forget_ticks(struct pit *pit)
{
	pit->pending = 0;
	pit->ended = true;
}

static void pit_acked(struct irq_ack_notifier *n)
{
	struct pit *pit = container_of(n, struct pit, ack);
	unsigned long flags;

	raw_spin_lock_irqsave(&pit->lock, flags);
	pit->ended = true;
	if (pit->pending && --pit->pending)
		pit_tick(pit);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
}

static void pit_unmasked(struct irq_ack_notifier *n)
{
	struct pit *pit = container_of(n, struct pit, ack);
	unsigned long flags;

	raw_spin_lock_irqsave(&pit->lock, flags);
	pit_forget_ticks(pit);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
}

/* ---- the timer of channel 0 ---- */

static void pit_start(struct pit *pit)
{
	if (!pit->clock.held)
		hrtimer_start(&pit->timer, ns_to_ktime(pit->next + pit->clock.total),
			      HRTIMER_MODE_ABS_HARD);
}

static void pit_disarm(struct pit *pit)
{
	pit->armed = false;
	hrtimer_try_to_cancel(&pit->timer);
}

static void pit_arm(struct pit *pit, u32 count, bool periodic)
{
	u64 interval = mul_u64_u32_div(count, NSEC_PER_SEC, PIT_HZ);

	/* The HPET has taken the timer's place. */
	if (pit->flags & KVM_PIT_FLAGS_HPET_LEGACY)
		return;
	pit_forget_ticks(pit);
	pit->periodic = periodic;
	pit->period = periodic ? max_t(u64, interval, PIT_MIN_PERIOD_NS) : interval;
	pit->next = pit_now(pit) + interval;
	pit->armed = true;
	pit_start(pit);
}

static void pit_expire(struct pit *pit, u64 late)
{
	u64 ticks = 1;

	if (pit->periodic) {
		ticks += div64_u64(late, pit->period);
		pit->next += ticks * pit->period;
		pit_start(pit);
	} else {
		pit->armed = false;
	}
	if (pit->reinject)
		pit->pending = min_t(u64, pit->pending + ticks, S32_MAX);
	pit_tick(pit);
}

static enum hrtimer_restart pit_timer_expires(struct hrtimer *timer)
{
	struct pit *pit = container_of(timer, struct pit, timer);
	unsigned long flags;
	s64 late;

	raw_spin_lock_irqsave(&pit->lock, flags);
	late = pit_now(pit) - pit->next;
	/* Another CPU may have stopped or set it while this one waited for the lock. */
	if (pit->armed && !pit->clock.held && late >= 0)
		pit_expire(pit, late);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	return HRTIMER_NORESTART;
}

void pit_hold(struct vm *vm)
{
	struct pit *pit = vm->irq.pit;
	unsigned long flags;

	if (!pit)
		return;
	raw_spin_lock_irqsave(&pit->lock, flags);
	held_clock_hold(&pit->clock, ktime_get_ns());
	hrtimer_try_to_cancel(&pit->timer);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
}

void pit_go_on(struct vm *vm)
{
	struct pit *pit = vm->irq.pit;
	unsigned long flags;

	if (!pit)
		return;
	raw_spin_lock_irqsave(&pit->lock, flags);
	held_clock_go_on(&pit->clock, ktime_get_ns());
	if (pit->armed)
		pit_start(pit);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
}

/* ---- counting ---- */

/* Return: time since the load or the trigger; of channel 0, since its period began. */
static u64 channel_elapsed(const struct pit *pit, const struct kvm_pit_channel_state *ch)
{
	u64 now = pit_now(pit);

	if (ch != &pit->channel[0])
		return now - ch->count_load_time;
	return pit->period ? pit->period - (pit->next - now) : 0;
}

static u64 channel_ticks(const struct pit *pit, const struct kvm_pit_channel_state *ch)
{
	return mul_u64_u32_div(channel_elapsed(pit, ch), PIT_HZ, NSEC_PER_SEC);
}

static u16 channel_count(const struct pit *pit, const struct kvm_pit_channel_state *ch)
{
	u64 ticks = channel_ticks(pit, ch);

	switch (ch->mode) {
	case MODE_TERMINAL_COUNT:
	case MODE_ONE_SHOT:
	case MODE_SOFT_STROBE:
	case MODE_HARD_STROBE:
		return ch->count - ticks;
	case MODE_SQUARE:
		/* The counter goes down by two, twice a period. */
		return ch->count - 2 * ticks % ch->count;
	default:
		return ch->count - ticks % ch->count;
	}
}

static bool channel_out(const struct pit *pit, const struct kvm_pit_channel_state *ch)
{
	u64 ticks = channel_ticks(pit, ch);

	switch (ch->mode) {
	case MODE_ONE_SHOT:
		return ticks < ch->count;
	case MODE_RATE:
		return ticks && !(ticks % ch->count);
	case MODE_SQUARE:
		return ticks % ch->count < ((u64)ch->count + 1) / 2;
	case MODE_SOFT_STROBE:
	case MODE_HARD_STROBE:
		return ticks == ch->count;
	default:
		return ticks >= ch->count;
	}
}

static void pit_load_timer(struct pit *pit)
{
	const struct kvm_pit_channel_state *ch = &pit->channel[0];

	switch (ch->mode) {
	case MODE_TERMINAL_COUNT:
	case MODE_ONE_SHOT:
	case MODE_SOFT_STROBE:
		pit_arm(pit, ch->count, false);
		break;
	case MODE_RATE:
	case MODE_SQUARE:
		pit_arm(pit, ch->count, true);
		break;
	default:
		pit_disarm(pit);
	}
}

static void pit_load(struct pit *pit, unsigned int i, u32 count)
{
	pit->channel[i].count = count ?: 0x10000;
	if (i)
		pit->channel[i].count_load_time = pit_now(pit);
	else
		pit_load_timer(pit);
}

/* ---- ports ---- */

static void channel_latch_count(struct pit *pit, struct kvm_pit_channel_state *ch)
{
	if (ch->count_latched)
		return;
	ch->latched_count = channel_count(pit, ch);
	ch->count_latched = ch->rw_mode;
}

static void channel_latch_status(struct pit *pit, struct kvm_pit_channel_state *ch)
{
	if (ch->status_latched)
		return;
	ch->status = channel_out(pit, ch) << 7 | ch->rw_mode << 4 | ch->mode << 1 | ch->bcd;
	ch->status_latched = 1;
}

static void pit_read_back(struct pit *pit, u8 val)
{
	unsigned int i;

	for (i = 0; i < PIT_CHANNELS; i++) {
		if (!(val & (2U << i)))
			continue;
		if (!(val & BACK_NO_COUNT))
			channel_latch_count(pit, &pit->channel[i]);
		if (!(val & BACK_NO_STATUS))
			channel_latch_status(pit, &pit->channel[i]);
	}
}

static void pit_write_control(struct pit *pit, u8 val)
{
	u8 access = val >> 4 & 3, mode = val >> 1 & 7;
	struct kvm_pit_channel_state *ch;

	if (val >> 6 == CONTROL_BACK) {
		pit_read_back(pit, val);
		return;
	}
	ch = &pit->channel[val >> 6];
	if (!access) {
		channel_latch_count(pit, ch);
		return;
	}
	ch->rw_mode = access;
	ch->read_state = access;
	ch->write_state = access;
	/* Modes 6 and 7 mean 2 and 3. */
	ch->mode = mode > MODE_HARD_STROBE ? mode - 4 : mode;
	ch->bcd = val & 1;
}

static void pit_write_count(struct pit *pit, unsigned int i, u8 val)
{
	struct kvm_pit_channel_state *ch = &pit->channel[i];

	switch (ch->write_state) {
	default:
		pit_load(pit, i, val);
		break;
	case BYTE_HIGH:
		pit_load(pit, i, val << 8);
		break;
	case BYTE_BOTH:
		ch->write_latch = val;
		ch->write_state = BYTE_SECOND;
		break;
	case BYTE_SECOND:
		pit_load(pit, i, ch->write_latch | val << 8);
		ch->write_state = BYTE_BOTH;
		break;
	}
}

static u8 channel_read_latch(struct kvm_pit_channel_state *ch)
{
	switch (ch->count_latched) {
	case BYTE_BOTH:
		ch->count_latched = BYTE_HIGH;
		return ch->latched_count;
	case BYTE_HIGH:
		ch->count_latched = 0;
		return ch->latched_count >> 8;
	default:
		ch->count_latched = 0;
		return ch->latched_count;
	}
}

static u8 channel_read(struct pit *pit, struct kvm_pit_channel_state *ch)
{
	u16 count;

	if (ch->status_latched) {
		ch->status_latched = 0;
		return ch->status;
	}
	if (ch->count_latched)
		return channel_read_latch(ch);
	count = channel_count(pit, ch);
	switch (ch->read_state) {
	case BYTE_BOTH:
		ch->read_state = BYTE_SECOND;
		return count;
	case BYTE_SECOND:
		ch->read_state = BYTE_BOTH;
		return count >> 8;
	case BYTE_HIGH:
		return count >> 8;
	default:
		return count;
	}
}

static bool pit_read(struct io_device *dev, u64 addr, void *data, u32 len)
{
	struct pit *pit = container_of(dev, struct pit, device);
	unsigned int i = addr - PIT_PORT;
	unsigned long flags;

	memset(data, 0, len);
	if (i == PIT_CONTROL)
		return true;
	raw_spin_lock_irqsave(&pit->lock, flags);
	*(u8 *)data = channel_read(pit, &pit->channel[i]);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	return true;
}

static bool pit_write(struct io_device *dev, u64 addr, const void *data, u32 len)
{
	struct pit *pit = container_of(dev, struct pit, device);
	unsigned int i = addr - PIT_PORT;
	unsigned long flags;

	/* A tick that is on its way comes first: the write may end the ticks. */
	if (cancel_work(&pit->work))
		pit_raise(&pit->work);
	raw_spin_lock_irqsave(&pit->lock, flags);
	if (i == PIT_CONTROL)
		pit_write_control(pit, *(const u8 *)data);
	else
		pit_write_count(pit, i, *(const u8 *)data);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	return true;
}

/* Gates of channels 0 and 1 are always high. In modes 0 and 4 the counter does not mind. */
static void pit_set_gate(struct pit *pit, struct kvm_pit_channel_state *ch, bool gate)
{
	if (gate && !ch->gate) {
		switch (ch->mode) {
		case MODE_ONE_SHOT:
		case MODE_RATE:
		case MODE_SQUARE:
		case MODE_HARD_STROBE:
			ch->count_load_time = pit_now(pit);
		}
	}
	ch->gate = gate;
}

static bool port61_read(struct io_device *dev, u64 addr, void *data, u32 len)
{
	struct pit *pit = container_of(dev, struct pit, speaker);
	const struct kvm_pit_channel_state *ch = &pit->channel[2];
	unsigned long flags;

	if (addr != PORT61)
		return false;
	memset(data, 0, len);
	raw_spin_lock_irqsave(&pit->lock, flags);
	*(u8 *)data = (pit->flags & KVM_PIT_FLAGS_SPEAKER_DATA_ON ? PORT61_SPEAKER : 0) |
		      ch->gate | channel_out(pit, ch) << PORT61_OUT |
		      (pit_now(pit) >> REFRESH_SHIFT & 1) << PORT61_REFRESH;
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	return true;
}

static bool port61_write(struct io_device *dev, u64 addr, const void *data, u32 len)
{
	struct pit *pit = container_of(dev, struct pit, speaker);
	u8 val = *(const u8 *)data;
	unsigned long flags;

	if (addr != PORT61)
		return false;
	raw_spin_lock_irqsave(&pit->lock, flags);
	if (val & PORT61_SPEAKER)
		pit->flags |= KVM_PIT_FLAGS_SPEAKER_DATA_ON;
	else
		pit->flags &= ~KVM_PIT_FLAGS_SPEAKER_DATA_ON;
	pit_set_gate(pit, &pit->channel[2], val & PORT61_GATE);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	return true;
}

static const struct io_ops pit_ops = { .read = pit_read, .write = pit_write };
static const struct io_ops port61_ops = { .read = port61_read, .write = port61_write };

/* ---- state and life ---- */

void pit_get_state(struct vm *vm, struct kvm_pit_state2 *state)
{
	struct pit *pit = vm->irq.pit;
	unsigned long flags;

	memset(state, 0, sizeof(*state));
	raw_spin_lock_irqsave(&pit->lock, flags);
	memcpy(state->channels, pit->channel, sizeof(state->channels));
	state->flags = pit->flags;
	raw_spin_unlock_irqrestore(&pit->lock, flags);
}

/* Load what the state has. @legacy: the HPET takes the timer's place now. */
static void pit_load_all(struct pit *pit, const struct kvm_pit_channel_state *channels,
			 bool legacy)
{
	unsigned int i;

	memcpy(pit->channel, channels, sizeof(pit->channel));
	for (i = 0; i < PIT_CHANNELS; i++)
		pit_load(pit, i, pit->channel[i].count);
	if (legacy)
		pit_disarm(pit);
}

void pit_set_state(struct vm *vm, const struct kvm_pit_state2 *state)
{
	struct pit *pit = vm->irq.pit;
	unsigned long flags;
	bool legacy;

	raw_spin_lock_irqsave(&pit->lock, flags);
	legacy = ~pit->flags & state->flags & KVM_PIT_FLAGS_HPET_LEGACY;
	pit->flags = state->flags;
	pit_load_all(pit, state->channels, legacy);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
}

void pit_set_channels(struct vm *vm, const struct kvm_pit_state *state)
{
	struct pit *pit = vm->irq.pit;
	unsigned long flags;

	raw_spin_lock_irqsave(&pit->lock, flags);
	pit_load_all(pit, state->channels, false);
	raw_spin_unlock_irqrestore(&pit->lock, flags);
}

void pit_set_reinject(struct vm *vm, bool reinject)
{
	struct pit *pit = vm->irq.pit;
	unsigned long flags;

	lockdep_assert_held(&vm->irq.lock);
	if (pit->reinject == reinject)
		return;
	raw_spin_lock_irqsave(&pit->lock, flags);
	pit_forget_ticks(pit);
	pit->reinject = reinject;
	raw_spin_unlock_irqrestore(&pit->lock, flags);
	if (reinject)
		irq_ack_register(vm, &pit->ack);
	else
		irq_ack_unregister(vm, &pit->ack);
}

static void pit_power_on(struct pit *pit)
{
	unsigned int i;

	for (i = 0; i < PIT_CHANNELS; i++) {
		pit->channel[i].mode = MODE_NONE;
		pit->channel[i].gate = i != 2;
		pit_load(pit, i, 0);
	}
	pit_forget_ticks(pit);
}

/* A session may hold the time, and end that, at any moment. */
static void pit_publish(struct vm *vm, struct pit *pit)
{
	spin_lock(&vm->dbg_lock);
	if (vm->time.held)
		held_clock_hold(&pit->clock, ktime_get_ns());
	vm->irq.pit = pit;
	spin_unlock(&vm->dbg_lock);
}

static void pit_withdraw(struct vm *vm)
{
	spin_lock(&vm->dbg_lock);
	vm->irq.pit = NULL;
	spin_unlock(&vm->dbg_lock);
}

static int pit_add_ports(struct vm *vm, struct pit *pit, u32 flags)
{
	int r;

	pit->device = (struct io_device){
		.addr = PIT_PORT, .len = PIT_PORTS, .ops = &pit_ops,
	};
	r = io_bus_add(vm, IO_PORTS, &pit->device);
	if (r || !(flags & KVM_PIT_SPEAKER_DUMMY))
		return r;
	pit->speaker = (struct io_device){
		.addr = PORT61, .len = PORT61_PORTS, .ops = &port61_ops,
	};
	r = io_bus_add(vm, IO_PORTS, &pit->speaker);
	if (r)
		io_bus_remove(vm, IO_PORTS, &pit->device);
	return r;
}

void pit_free(struct vm *vm)
{
	struct pit *pit = vm->irq.pit;

	if (!pit)
		return;
	pit_withdraw(vm);
	raw_spin_lock_irq(&pit->lock);
	pit_disarm(pit);
	raw_spin_unlock_irq(&pit->lock);
	hrtimer_cancel(&pit->timer);
	cancel_work_sync(&pit->work);
	kfree(pit);
}

int pit_create(struct vm *vm, u32 flags)
{
	struct pit *pit = kzalloc(sizeof(*pit), GFP_KERNEL_ACCOUNT);
	int r;

	if (!pit)
		return -ENOMEM;
	raw_spin_lock_init(&pit->lock);
	INIT_WORK(&pit->work, pit_raise);
	pit->vm = vm;
	compat_hrtimer_setup(&pit->timer, pit_timer_expires, CLOCK_MONOTONIC,
			     HRTIMER_MODE_ABS_HARD);
	pit->ack = (struct irq_ack_notifier){
		.gsi = PIT_GSI, .acked = pit_acked, .unmasked = pit_unmasked,
	};
	pit_power_on(pit);
	pit_publish(vm, pit);
	r = pit_add_ports(vm, pit, flags);
	if (r) {
		pit_free(vm);	/* a guest may have used the ports that were there */
		return r;
	}
	pit_set_reinject(vm, true);
	return 0;
}
