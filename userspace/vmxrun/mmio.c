// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices in guest-physical memory: the APICs. Each CPU has its own local APIC
 * at the address in IA32_APIC_BASE.
 *
 * All registers have 32 bits and are 16 bytes apart. A write covers a whole
 * register; a read may cover a part (SDM vol. 3, "The Local APIC Block
 * Diagram", calls everything else undefined). At other addresses reads return
 * all ones, and writes have no effect.
 */
#include <stdbool.h>
#include <string.h>

#include "mmio.h"

#define REGISTER_SPACING	16
#define REGISTER_SIZE		4

static bool is_lapic(const struct lapic *lapic, uint64_t addr)
{
	return lapic_is_on(lapic) &&
	       addr - (lapic->base & APIC_BASE_ADDRESS) < LAPIC_SIZE;
}

static bool is_ioapic(uint64_t addr)
{
	return addr - IOAPIC_BASE < IOAPIC_SIZE;
}

/**
 * mmio_read - read @size bytes at @addr into @data
 * @lapic: local APIC of the CPU
 */
void mmio_read(struct lapic *lapic, struct ioapic *ioapic, uint64_t addr,
	       void *data, unsigned int size)
{
	uint32_t offset = addr & 0xfff & -REGISTER_SPACING, val;
	unsigned int byte = addr & (REGISTER_SPACING - 1);

	memset(data, 0xff, size);
	if (byte + size > REGISTER_SIZE)
		return;
	if (is_lapic(lapic, addr))
		val = lapic_read(lapic, offset);
	else if (is_ioapic(addr))
		val = ioapic_read(ioapic, offset);
	else
		return;
	memcpy(data, (uint8_t *)&val + byte, size);
}

/**
 * mmio_write - write @size bytes at @addr from @data
 * @lapic: local APIC of the CPU
 */
void mmio_write(struct lapic *lapic, struct ioapic *ioapic, uint64_t addr,
		const void *data, unsigned int size)
{
	uint32_t offset = addr & 0xfff, val;

	if (size != REGISTER_SIZE || addr & (REGISTER_SPACING - 1))
		return;
	memcpy(&val, data, size);
	if (is_lapic(lapic, addr))
		lapic_write(lapic, offset, val);
	else if (is_ioapic(addr))
		ioapic_write(ioapic, offset, val);
}
