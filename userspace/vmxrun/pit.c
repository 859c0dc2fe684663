// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 8254 interval timer, and port 0x61 (Intel data sheet 231164).
 *
 * No counter runs. A channel stores the time of its load, and a read computes
 * the count from the clock. Only channel 0 needs a deadline, for its interrupt.
 * BCD counting is left out, because no software uses it.
 */
#include <string.h>

#include "nsec.h"
#include "pit.h"

enum {
	MODE_TERMINAL_COUNT	= 0,
	MODE_ONE_SHOT		= 1,
	MODE_RATE		= 2,
	MODE_SQUARE		= 3,
	MODE_SOFT_STROBE	= 4,
	MODE_HARD_STROBE	= 5,
};

#define ACCESS_LOW	1
#define ACCESS_HIGH	2
#define ACCESS_BOTH	3

/* In 64 bits the product would overflow after four hours. */
static uint64_t pit_ns_to_ticks(uint64_t ns)
{
	return (unsigned __int128)ns * PIT_HZ / NSEC_PER_SEC;
}

/* Rounded up, so that the tick has happened at the result. */
static uint64_t pit_ticks_to_ns(uint64_t ticks)
{
	return ((unsigned __int128)ticks * NSEC_PER_SEC + PIT_HZ - 1) / PIT_HZ;
}

static bool pit_is_periodic(const struct pit_channel *ch)
{
	return ch->mode == MODE_RATE || ch->mode == MODE_SQUARE;
}

/* Modes that start to count with a rising gate, not with the load. */
static bool is_triggered(const struct pit_channel *ch)
{
	return ch->mode == MODE_ONE_SHOT || ch->mode == MODE_HARD_STROBE;
}

static uint64_t channel_ticks(const struct pit *pit,
			      const struct pit_channel *ch)
{
	if (!ch->gate && !is_triggered(ch))
		return ch->held;
	return pit_ns_to_ticks(pit->now(pit->opaque) - ch->start);
}

static uint16_t channel_counter(const struct pit *pit,
				const struct pit_channel *ch)
{
	uint64_t ticks;

	if (!ch->loaded)
		return ch->count;
	ticks = channel_ticks(pit, ch);
	switch (ch->mode) {
	case MODE_RATE:
		return ch->count - ticks % ch->count;
	case MODE_SQUARE:
		/* The counter goes down by two, twice a period. */
		return (ch->count - ticks * 2 % ch->count) & ~1U;
	default:
		return ch->count - ticks;
	}
}

static bool channel_out(const struct pit *pit, const struct pit_channel *ch)
{
	uint64_t ticks;

	if (!ch->loaded)
		return ch->mode != MODE_TERMINAL_COUNT;
	ticks = channel_ticks(pit, ch);
	switch (ch->mode) {
	case MODE_TERMINAL_COUNT:
	case MODE_ONE_SHOT:
		return ticks >= ch->count;
	case MODE_RATE:
		return ticks % ch->count != ch->count - 1;
	case MODE_SQUARE:
		return ticks % ch->count < (ch->count + 1) / 2;
	default:
		return ticks != ch->count;
	}
}

static void pit_set_deadline(struct pit *pit)
{
	const struct pit_channel *ch = &pit->channel[0];
	uint64_t deadline = 0;

	/*
	 * Channel 0's gate is always high, so its triggered modes never start.
	 */
	if (ch->loaded && (pit_is_periodic(ch) || !pit->fired))
		deadline = ch->start + pit_ticks_to_ns((pit->fired + 1) * ch->count);
	if (deadline == pit->deadline)
		return;
	pit->deadline = deadline;
	if (pit->deadline_changed)
		pit->deadline_changed(pit->opaque, deadline);
}

/**
 * pit_expire - raise IRQ 0 if the deadline has come
 *
 * Several missed ticks, as after a debugger's stop, cause one interrupt: the
 * interrupt controller would have merged them.
 */
void pit_expire(struct pit *pit)
{
	struct pit_channel *ch = &pit->channel[0];

	if (!pit->deadline || pit->now(pit->opaque) < pit->deadline)
		return;
	pit->fired = pit_is_periodic(ch) ? channel_ticks(pit, ch) / ch->count : 1;
	irq_line_set(&pit->irq, true);
	if (ch->mode != MODE_TERMINAL_COUNT)
		irq_line_set(&pit->irq, false);
	pit_set_deadline(pit);
}

static void channel_load(struct pit *pit, struct pit_channel *ch,
			 uint16_t count)
{
	ch->count = count ? count : 0x10000;
	ch->start = pit->now(pit->opaque);
	ch->held = 0;
	ch->loaded = !is_triggered(ch);
	if (ch == &pit->channel[0]) {
		pit->fired = 0;
		irq_line_set(&pit->irq, false);
		pit_set_deadline(pit);
	}
}

static void write_count(struct pit *pit, struct pit_channel *ch, uint8_t val)
{
	if (ch->access == ACCESS_LOW) {
		channel_load(pit, ch, val);
	} else if (ch->access == ACCESS_HIGH) {
		channel_load(pit, ch, val << 8);
	} else if (!ch->write_high) {
		ch->low = val;
		ch->write_high = true;
		/* Mode 0 stops counting at the first byte. */
		if (ch->mode == MODE_TERMINAL_COUNT)
			ch->loaded = false;
	} else {
		ch->write_high = false;
		channel_load(pit, ch, val << 8 | ch->low);
	}
}

static void latch_count(struct pit *pit, struct pit_channel *ch)
{
	if (ch->latched)
		return;
	ch->latch = channel_counter(pit, ch);
	ch->latched = true;
}

static void latch_status(struct pit *pit, struct pit_channel *ch)
{
	if (ch->status_latched)
		return;
	ch->status = channel_out(pit, ch) << 7 | !ch->loaded << 6 |
		     ch->access << 4 | ch->mode << 1;
	ch->status_latched = true;
}

static void read_back(struct pit *pit, uint8_t val)
{
	for (unsigned int i = 0; i < PIT_CHANNELS; i++) {
		if (!(val & (2U << i)))
			continue;
		if (!(val & 0x20))
			latch_count(pit, &pit->channel[i]);
		if (!(val & 0x10))
			latch_status(pit, &pit->channel[i]);
	}
}

static void write_control(struct pit *pit, uint8_t val)
{
	struct pit_channel *ch;
	uint8_t mode = val >> 1 & 7;

	if (val >> 6 == 3) {
		read_back(pit, val);
		return;
	}
	ch = &pit->channel[val >> 6];
	if (!(val >> 4 & 3)) {
		latch_count(pit, ch);
		return;
	}
	ch->access = val >> 4 & 3;
	/* Modes 6 and 7 mean 2 and 3. */
	ch->mode = mode > 5 ? mode - 4 : mode;
	ch->loaded = false;
	ch->latched = false;
	ch->status_latched = false;
	ch->write_high = false;
	ch->read_high = false;
	if (ch == &pit->channel[0]) {
		irq_line_set(&pit->irq, false);
		pit_set_deadline(pit);
	}
}

static void pit_write(void *dev, uint16_t offset, uint8_t val)
{
	struct pit *pit = dev;

	if (offset == 3)
		write_control(pit, val);
	else
		write_count(pit, &pit->channel[offset], val);
}

static uint8_t pit_read(void *dev, uint16_t offset)
{
	struct pit *pit = dev;
	struct pit_channel *ch;
	uint16_t val;
	bool high;

	if (offset == 3)
		return 0xff;
	ch = &pit->channel[offset];
	if (ch->status_latched) {
		ch->status_latched = false;
		return ch->status;
	}
	val = ch->latched ? ch->latch : channel_counter(pit, ch);
	high = ch->access == ACCESS_HIGH ||
	       (ch->access == ACCESS_BOTH && ch->read_high);
	if (ch->access == ACCESS_BOTH)
		ch->read_high = !ch->read_high;
	if (ch->access != ACCESS_BOTH || high)
		ch->latched = false;
	return high ? val >> 8 : val;
}

static void set_gate(struct pit *pit, struct pit_channel *ch, bool gate)
{
	uint64_t now = pit->now(pit->opaque);

	if (gate == ch->gate)
		return;
	if (!gate) {
		ch->held = channel_ticks(pit, ch);
	} else if (is_triggered(ch)) {
		ch->loaded = true;
		ch->start = now;
	} else if (pit_is_periodic(ch)) {
		ch->start = now;
	} else {
		ch->start = now - pit_ticks_to_ns(ch->held);
	}
	ch->gate = gate;
}

static uint8_t port61_read(void *dev, uint16_t offset)
{
	struct pit *pit = dev;

	(void)offset;
	pit->refresh = !pit->refresh;
	return pit->channel[2].gate | pit->speaker | pit->refresh << 4 |
	       channel_out(pit, &pit->channel[2]) << 5;
}

static void port61_write(void *dev, uint16_t offset, uint8_t val)
{
	struct pit *pit = dev;

	(void)offset;
	set_gate(pit, &pit->channel[2], val & 1);
	pit->speaker = val & 2;
}

static const struct io_ops pit_ops = { pit_read, pit_write };
static const struct io_ops port61_ops = { port61_read, port61_write };

/* Return: false if a port belongs to another device */
bool pit_add_ports(struct pit *pit, struct io_bus *bus)
{
	return io_bus_add(bus, 0x40, 4, &pit_ops, pit) &&
	       io_bus_add(bus, 0x61, 1, &port61_ops, pit);
}

/**
 * pit_init - set the state after power-on
 */
void pit_init(struct pit *pit)
{
	memset(pit->channel, 0, sizeof(pit->channel));
	for (unsigned int i = 0; i < PIT_CHANNELS; i++) {
		pit->channel[i].access = ACCESS_BOTH;
		pit->channel[i].count = 0x10000;
		pit->channel[i].gate = i != 2;
	}
	pit->deadline = 0;
	pit->fired = 0;
}
