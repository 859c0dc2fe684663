// SPDX-License-Identifier: GPL-2.0-only
/*
 * ACPI's fixed hardware (ACPI specification, 4.8.3): power-off and the power
 * management timer. There are no events, because there are no buttons.
 */
#include <string.h>

#include "acpi_pm.h"
#include "nsec.h"

/* Low byte of the control register */
#define SCI_ENABLED	0x01	/* ACPI mode, always on */

/* High byte of the control register */
#define SLEEP_TYPE(val)	((val) >> 2 & 7)
#define SLEEP_ENABLE	0x20

static uint8_t event_read(void *dev, uint16_t offset)
{
	const struct acpi_pm *pm = dev;

	return offset < 2 ? 0 : pm->enable[offset - 2];
}

static void event_write(void *dev, uint16_t offset, uint8_t val)
{
	struct acpi_pm *pm = dev;

	if (offset >= 2)
		pm->enable[offset - 2] = val;
}

static uint8_t control_read(void *dev, uint16_t offset)
{
	const struct acpi_pm *pm = dev;

	return offset ? pm->control[1] : pm->control[0] | SCI_ENABLED;
}

static void control_write(void *dev, uint16_t offset, uint8_t val)
{
	struct acpi_pm *pm = dev;

	pm->control[offset] = offset ? val & ~SLEEP_ENABLE : val;
	if (offset && (val & SLEEP_ENABLE) &&
	    SLEEP_TYPE(val) == ACPI_PM_SLEEP_S5)
		pm->power_off(pm->opaque);
}

/* The read of the first byte latches the value for the other three. */
static uint8_t timer_read(void *dev, uint16_t offset)
{
	struct acpi_pm *pm = dev;

	if (!offset)
		pm->timer = (unsigned __int128)pm->now(pm->opaque) *
			    ACPI_PM_TIMER_HZ / NSEC_PER_SEC;
	return pm->timer >> 8 * offset;
}

static void timer_write(void *dev, uint16_t offset, uint8_t val)
{
	(void)dev;
	(void)offset;
	(void)val;
}

static const struct io_ops event_ops = { event_read, event_write };
static const struct io_ops control_ops = { control_read, control_write };
static const struct io_ops timer_ops = { timer_read, timer_write };

/* Return: false if a port belongs to another device */
bool acpi_pm_add_ports(struct acpi_pm *pm, struct io_bus *bus)
{
	return io_bus_add(bus, ACPI_PM_EVENT, 4, &event_ops, pm) &&
	       io_bus_add(bus, ACPI_PM_CONTROL, 2, &control_ops, pm) &&
	       io_bus_add(bus, ACPI_PM_TIMER, 4, &timer_ops, pm);
}

/**
 * acpi_pm_power_on - set the state after power-on
 */
void acpi_pm_power_on(struct acpi_pm *pm)
{
	memset(pm->enable, 0, sizeof(pm->enable));
	memset(pm->control, 0, sizeof(pm->control));
	pm->timer = 0;
}
