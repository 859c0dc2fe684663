/* SPDX-License-Identifier: GPL-2.0-only */
/* ACPI's fixed hardware: power-off and the power management timer. */
#ifndef VMXRUN_ACPI_PM_H
#define VMXRUN_ACPI_PM_H

#include <stdbool.h>
#include <stdint.h>

#include "io_bus.h"

#define ACPI_PM_EVENT		0x600	/* PM1a status and enable, 4 bytes */
#define ACPI_PM_CONTROL		0x604	/* PM1a control, 2 bytes */
#define ACPI_PM_TIMER		0x608	/* 4 bytes */
#define ACPI_PM_TIMER_HZ	3579545U
#define ACPI_PM_SCI		9	/* IRQ of events; there are none */
#define ACPI_PM_SLEEP_S5	5	/* sleep type of "off" */

/**
 * struct acpi_pm - the registers
 * @enable: PM1a enable
 * @control: PM1a control
 * @timer: value of the timer, latched by a read of its lowest byte
 * @now: returns the time in ns
 * @power_off: called when the guest enters S5
 * @opaque: argument of @now and @power_off
 */
struct acpi_pm {
	uint8_t enable[2];
	uint8_t control[2];
	uint32_t timer;
	uint64_t (*now)(void *opaque);
	void (*power_off)(void *opaque);
	void *opaque;
};

void acpi_pm_power_on(struct acpi_pm *pm);
bool acpi_pm_add_ports(struct acpi_pm *pm, struct io_bus *bus);

#endif
