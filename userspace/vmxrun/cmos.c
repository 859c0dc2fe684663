// SPDX-License-Identifier: GPL-2.0-only
/*
 * The real-time clock and its CMOS memory (Motorola MC146818).
 *
 * The clock shows the host's UTC and cannot be set. It has no alarm and no
 * periodic interrupt. The memory has the RAM sizes where firmware stores them.
 */
#include <string.h>

#include "cmos.h"

#define RTC_SECONDS	0x00
#define RTC_MINUTES	0x02
#define RTC_HOURS	0x04
#define RTC_WEEKDAY	0x06
#define RTC_DAY		0x07
#define RTC_MONTH	0x08
#define RTC_YEAR	0x09
#define RTC_A		0x0a
#define RTC_B		0x0b
#define RTC_C		0x0c
#define RTC_D		0x0d

#define RTC_B_24H	0x02
#define RTC_B_BINARY	0x04
#define RTC_D_VALID	0x80

#define MIB		(1ULL << 20)

static uint8_t encode(const struct cmos *cmos, int val)
{
	if (cmos->ram[RTC_B] & RTC_B_BINARY)
		return val;
	return val / 10 << 4 | val % 10;
}

static uint8_t encode_hour(const struct cmos *cmos, int hour)
{
	uint8_t pm = hour >= 12 ? 0x80 : 0;

	if (cmos->ram[RTC_B] & RTC_B_24H)
		return encode(cmos, hour);
	hour %= 12;
	return encode(cmos, hour ? hour : 12) | pm;
}

static uint8_t register_read(const struct cmos *cmos, uint8_t index)
{
	time_t now = cmos->now();
	struct tm tm;

	gmtime_r(&now, &tm);
	switch (index) {
	case RTC_SECONDS:
		return encode(cmos, tm.tm_sec);
	case RTC_MINUTES:
		return encode(cmos, tm.tm_min);
	case RTC_HOURS:
		return encode_hour(cmos, tm.tm_hour);
	case RTC_WEEKDAY:
		return encode(cmos, tm.tm_wday + 1);
	case RTC_DAY:
		return encode(cmos, tm.tm_mday);
	case RTC_MONTH:
		return encode(cmos, tm.tm_mon + 1);
	case RTC_YEAR:
		return encode(cmos, tm.tm_year % 100);
	case CMOS_CENTURY:
		return encode(cmos, tm.tm_year / 100 + 19);
	default:
		return cmos->ram[index];
	}
}

static uint8_t cmos_read(void *dev, uint16_t offset)
{
	const struct cmos *cmos = dev;

	return offset ? register_read(cmos, cmos->index) : 0xff;
}

static void cmos_write(void *dev, uint16_t offset, uint8_t val)
{
	struct cmos *cmos = dev;

	if (!offset)
		cmos->index = val & 0x7f;	/* bit 7 masks NMI */
	else if (cmos->index != RTC_C && cmos->index != RTC_D)
		cmos->ram[cmos->index] = val;
}

static const struct io_ops cmos_ops = { cmos_read, cmos_write };

/* Return: false if a port belongs to another device */
bool cmos_add_ports(struct cmos *cmos, struct io_bus *bus)
{
	return io_bus_add(bus, 0x70, 2, &cmos_ops, cmos);
}

static time_t host_time(void)
{
	return time(NULL);
}

static void store16(struct cmos *cmos, uint8_t index, uint64_t val)
{
	if (val > 0xffff)
		val = 0xffff;
	cmos->ram[index] = val;
	cmos->ram[index + 1] = val >> 8;
}

/**
 * cmos_init - set the state after power-on
 * @ram_below_4g: bytes of RAM
 * @ram_above_4g: bytes of RAM
 */
void cmos_init(struct cmos *cmos, uint64_t ram_below_4g, uint64_t ram_above_4g)
{
	uint64_t extended = ram_below_4g > MIB ? ram_below_4g - MIB : 0;
	uint64_t beyond = ram_below_4g > 16 * MIB ? ram_below_4g - 16 * MIB : 0;

	memset(cmos, 0, sizeof(*cmos));
	cmos->now = host_time;
	cmos->ram[RTC_A] = 0x26;	/* 32768 Hz crystal, 1024 Hz rate */
	cmos->ram[RTC_B] = RTC_B_24H;
	cmos->ram[RTC_D] = RTC_D_VALID;
	store16(cmos, 0x15, 640);			/* KiB below 640K */
	store16(cmos, 0x17, extended >> 10);		/* KiB above 1M */
	store16(cmos, 0x30, extended >> 10);
	store16(cmos, 0x34, beyond >> 16);		/* 64 KiB above 16M */
	store16(cmos, 0x5b, ram_above_4g >> 16);	/* 64 KiB above 4G */
}
