// SPDX-License-Identifier: GPL-2.0-only
/* The ACPI tables, read like an operating system, and the fixed hardware. */
#include <string.h>

#include <acpi_pm.h>
#include <acpi_tables.h>
#include <tap.h>

#include "ports.h"

static struct ram ram;

static void start(unsigned int cpus)
{
	REQUIRE(ram_init(&ram, 2ULL << 20));
	acpi_tables_write(&ram, cpus);
}

static uint64_t get(uint64_t gpa, unsigned int size)
{
	uint64_t val = 0;

	memcpy(&val, ram_at(&ram, gpa, size), size);
	return val;
}

static uint8_t sum(uint64_t gpa, uint64_t len)
{
	const uint8_t *byte = ram_at(&ram, gpa, len);
	uint8_t total = 0;

	while (len--)
		total += *byte++;
	return total;
}

/* Return: address of the table, whose checksum is right */
static uint64_t table(const char *signature)
{
	uint64_t xsdt = get(ACPI_RSDP + 24, 8);
	uint64_t end = xsdt + get(xsdt + 4, 4);

	REQUIRE(!memcmp(ram_at(&ram, xsdt, 4), "XSDT", 4));
	CHECK_EQ(sum(xsdt, end - xsdt), 0);
	for (uint64_t entry = xsdt + 36; entry < end; entry += 8) {
		uint64_t gpa = get(entry, 8);

		if (memcmp(ram_at(&ram, gpa, 4), signature, 4))
			continue;
		CHECK_EQ(sum(gpa, get(gpa + 4, 4)), 0);
		return gpa;
	}
	tap_fail("no %s", signature);
}

static void the_root_is_found(void)
{
	start(1);
	CHECK(!memcmp(ram_at(&ram, ACPI_RSDP, 8), "RSD PTR ", 8));
	CHECK_EQ(sum(ACPI_RSDP, 20), 0);
	CHECK_EQ(sum(ACPI_RSDP, get(ACPI_RSDP + 20, 4)), 0);
}

/* Return: number of entries of @type in the MADT. */
static unsigned int entries(unsigned int type)
{
	uint64_t madt = table("APIC"), end = madt + get(madt + 4, 4);
	unsigned int n = 0;

	for (uint64_t e = madt + 44; e < end; e += get(e + 1, 1)) {
		REQUIRE(get(e + 1, 1));
		n += get(e, 1) == type;
	}
	return n;
}

static void there_is_an_entry_for_each_cpu(void)
{
	start(1);
	CHECK_EQ(entries(0), 1);
	start(16);
	CHECK_EQ(entries(0), 16);
	CHECK_EQ(entries(1), 1);
	CHECK_EQ(entries(2), 2);
	CHECK_EQ(get(table("APIC") + 36, 4), 0xfee00000);
}

static void the_fixed_hardware_is_where_the_table_says(void)
{
	uint64_t fadt;

	start(1);
	fadt = table("FACP");
	CHECK_EQ(get(fadt + 64, 4), ACPI_PM_CONTROL);
	CHECK_EQ(get(fadt + 76, 4), ACPI_PM_TIMER);
	CHECK_EQ(get(fadt + 120, 8), 0xcf9);
	CHECK_EQ(get(fadt + 128, 1), 6);
	CHECK_EQ(get(fadt + 36, 4) & 63, 0);
	CHECK(!memcmp(ram_at(&ram, get(fadt + 36, 4), 4), "FACS", 4));
	CHECK(!memcmp(ram_at(&ram, get(fadt + 140, 8), 4), "DSDT", 4));
	CHECK_EQ(sum(get(fadt + 140, 8), get(get(fadt + 140, 8) + 4, 4)), 0);
}

/* ---- the registers ---- */

static struct acpi_pm pm;
static unsigned int power_offs;
static uint64_t now;

static uint64_t clock_now(void *opaque)
{
	(void)opaque;
	return now++;
}

static void power_off(void *opaque)
{
	(void)opaque;
	power_offs++;
}

static void start_pm(void)
{
	pm.now = clock_now;
	pm.power_off = power_off;
	acpi_pm_power_on(&pm);
	REQUIRE(acpi_pm_add_ports(&pm, &bus));
}

static void outw(uint16_t port, uint16_t val)
{
	io_bus_write(&bus, port, &val, 2);
}

static void s5_powers_off(void)
{
	uint16_t val;

	start_pm();
	outw(ACPI_PM_CONTROL, 5 << 10);
	CHECK_EQ(power_offs, 0);
	outw(ACPI_PM_CONTROL, 1 << 10 | 1 << 13);
	CHECK_EQ(power_offs, 0);
	outw(ACPI_PM_CONTROL, 5 << 10 | 1 << 13);
	CHECK_EQ(power_offs, 1);
	/* ACPI mode is on, and "go to sleep" is never read back. */
	io_bus_read(&bus, ACPI_PM_CONTROL, &val, 2);
	CHECK_EQ(val, 5 << 10 | 1);
}

static void there_are_no_events(void)
{
	uint16_t val;

	start_pm();
	outw(ACPI_PM_EVENT, 0xffff);
	outw(ACPI_PM_EVENT + 2, 0x0121);
	io_bus_read(&bus, ACPI_PM_EVENT, &val, 2);
	CHECK_EQ(val, 0);
	io_bus_read(&bus, ACPI_PM_EVENT + 2, &val, 2);
	CHECK_EQ(val, 0x0121);
}

static void the_timer_is_read_at_once(void)
{
	uint32_t val;

	start_pm();
	/* A nanosecond before the low half overflows: the reads take longer. */
	now = 0xffffULL * 1000000000 / ACPI_PM_TIMER_HZ + 279;
	io_bus_read(&bus, ACPI_PM_TIMER, &val, 4);
	CHECK_EQ(val, 0xffff);
	now = 3600ULL * 1000000000;
	io_bus_read(&bus, ACPI_PM_TIMER, &val, 4);
	CHECK_EQ(val, (uint32_t)(3600ULL * ACPI_PM_TIMER_HZ));
	outw(ACPI_PM_TIMER, 0);
}

static const struct test tests[] = {
	TEST(the_root_is_found),
	TEST(there_is_an_entry_for_each_cpu),
	TEST(the_fixed_hardware_is_where_the_table_says),
	TEST(s5_powers_off),
	TEST(there_are_no_events),
	TEST(the_timer_is_read_at_once),
};

TAP_MAIN(tests)
