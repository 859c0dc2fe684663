/* SPDX-License-Identifier: GPL-2.0-only */
/* Devices in guest-physical memory: the APICs. */
#ifndef VMXRUN_MMIO_H
#define VMXRUN_MMIO_H

#include <stdint.h>

#include "ioapic.h"
#include "lapic.h"

void mmio_read(struct lapic *lapic, struct ioapic *ioapic, uint64_t addr,
	       void *data, unsigned int size);
void mmio_write(struct lapic *lapic, struct ioapic *ioapic, uint64_t addr,
		const void *data, unsigned int size);

#endif
