// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ACPI tables (ACPI specification, chapter 5): RSDP, XSDT, FADT, FACS,
 * MADT, and a DSDT with only the sleep type of "off". Devices are not listed,
 * because they have the addresses of any PC.
 */
#include <stddef.h>
#include <string.h>

#include "acpi_pm.h"
#include "acpi_tables.h"
#include "cmos.h"
#include "ioapic.h"
#include "isa_irq.h"
#include "kbc.h"
#include "lapic.h"

#define packed __attribute__((packed))

struct packed rsdp {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t long_checksum;
	uint8_t reserved[3];
};

struct packed header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem[6];
	char oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
};

struct packed xsdt {
	struct header header;
	uint64_t tables[2];
};

/* "Generic address structure" */
struct packed address {
	uint8_t space;		/* 1: I/O port */
	uint8_t bits;
	uint8_t bit_offset;
	uint8_t access;
	uint64_t address;
};

struct packed fadt {
	struct header header;
	uint32_t facs;
	uint32_t dsdt;
	uint8_t reserved0;
	uint8_t profile;
	uint16_t sci;
	uint32_t smi_command;
	uint8_t smi_values[4];
	uint32_t pm1a_event, pm1b_event;
	uint32_t pm1a_control, pm1b_control;
	uint32_t pm2_control;
	uint32_t timer;
	uint32_t gpe0, gpe1;
	uint8_t event_length, control_length, pm2_length, timer_length;
	uint8_t gpe0_length, gpe1_length, gpe1_base;
	uint8_t cst_control;
	uint16_t c2_latency, c3_latency;
	uint16_t flush_size, flush_stride;
	uint8_t duty_offset, duty_width;
	uint8_t day_alarm, month_alarm, century;
	uint16_t boot_flags;
	uint8_t reserved1;
	uint32_t flags;
	struct address reset;
	uint8_t reset_value;
	uint8_t reserved2[3];
	uint64_t x_facs;
	uint64_t x_dsdt;
	struct address x_pm1a_event, x_pm1b_event;
	struct address x_pm1a_control, x_pm1b_control;
	struct address x_pm2_control;
	struct address x_timer;
	struct address x_gpe0, x_gpe1;
};

_Static_assert(sizeof(struct fadt) == 244, "layout is ABI");

#define BOOT_LEGACY_DEVICES	(1U << 0)
#define BOOT_NO_VGA		(1U << 2)
#define BOOT_NO_MSI		(1U << 3)
#define FLAG_WBINVD		(1U << 0)
#define FLAG_C1			(1U << 2)
#define FLAG_NO_POWER_BUTTON	(1U << 4)
#define FLAG_NO_SLEEP_BUTTON	(1U << 5)
#define FLAG_NO_FIXED_RTC	(1U << 6)
#define FLAG_TIMER_32		(1U << 8)
#define FLAG_RESET		(1U << 10)
#define NO_C2			101	/* latencies that mean "not supported" */
#define NO_C3			1001
#define RESET_VALUE		6

struct packed facs {
	char signature[4];
	uint32_t length;
	uint32_t hardware;
	uint32_t waking_vector;
	uint32_t global_lock;
	uint32_t flags;
	uint64_t x_waking_vector;
	uint8_t version;
	uint8_t reserved[31];
};

_Static_assert(sizeof(struct facs) == 64, "layout is ABI");

struct packed madt_lapic {
	uint8_t type, length;
	uint8_t processor;
	uint8_t id;
	uint32_t flags;
};

struct packed madt_ioapic {
	uint8_t type, length;
	uint8_t id, reserved;
	uint32_t address;
	uint32_t first_gsi;
};

struct packed madt_override {
	uint8_t type, length;
	uint8_t bus, source;
	uint32_t gsi;
	uint16_t flags;
};

struct packed madt_nmi {
	uint8_t type, length;
	uint8_t processor;
	uint16_t flags;
	uint8_t lint;
};

struct packed madt {
	struct header header;
	uint32_t lapic_address;
	uint32_t flags;
	struct madt_ioapic ioapic;
	struct madt_override timer, sci;
	struct madt_nmi nmi;
	struct madt_lapic lapics[APIC_BUS_MAX];
};

#define MADT_LAPIC		0
#define MADT_IOAPIC		1
#define MADT_OVERRIDE		2
#define MADT_NMI		4
#define MADT_HAS_PIC		1
#define MADT_CPU_ENABLED	1
#define MADT_ALL_CPUS		0xff
#define MADT_LEVEL_HIGH		0x0d

/* Name (_S5, Package (4) { 5, 5, 0, 0 }) */
static const uint8_t aml[] = {
	0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x04,
	0x0a, ACPI_PM_SLEEP_S5, 0x0a, ACPI_PM_SLEEP_S5, 0x00, 0x00,
};

struct packed dsdt {
	struct header header;
	uint8_t aml[sizeof(aml)];
};

/* All tables, in their layout in memory. The FACS must be aligned to 64. */
struct tables {
	struct rsdp rsdp;
	_Alignas(64) struct facs facs;
	_Alignas(16) struct xsdt xsdt;
	_Alignas(16) struct fadt fadt;
	_Alignas(16) struct madt madt;
	_Alignas(16) struct dsdt dsdt;
};

_Static_assert(ACPI_RSDP + sizeof(struct tables) <= ACPI_TABLES_END,
	       "the tables do not fit");

#define AT(table)	(ACPI_RSDP + offsetof(struct tables, table))

static uint8_t checksum(const void *data, size_t len)
{
	const uint8_t *byte = data;
	uint8_t sum = 0;

	while (len--)
		sum -= *byte++;
	return sum;
}

/* Fill in the header of a complete table. */
static void finish_table(struct header *h, const char *signature,
			 uint8_t revision, uint32_t length)
{
	memcpy(h->signature, signature, 4);
	h->length = length;
	h->revision = revision;
	memcpy(h->oem, "VMXDBG", 6);
	memcpy(h->oem_table, "VMXRUN  ", 8);
	h->oem_revision = 1;
	memcpy(h->creator, "VMXR", 4);
	h->creator_revision = 1;
	h->checksum = checksum(h, length);
}

static struct address port(uint16_t number, uint8_t bits)
{
	return (struct address){
		.space = 1, .bits = bits, .access = bits / 16 + 1,
		.address = number,
	};
}

static void write_rsdp(struct rsdp *rsdp)
{
	memcpy(rsdp->signature, "RSD PTR ", 8);
	memcpy(rsdp->oem, "VMXDBG", 6);
	rsdp->revision = 2;
	rsdp->length = sizeof(*rsdp);
	rsdp->xsdt = AT(xsdt);
	rsdp->checksum = checksum(rsdp, 20);
	rsdp->long_checksum = checksum(rsdp, sizeof(*rsdp));
}

static void write_facs(struct facs *facs)
{
	memcpy(facs->signature, "FACS", 4);
	facs->length = sizeof(*facs);
	facs->version = 1;
}

static void write_fadt(struct fadt *fadt)
{
	fadt->facs = AT(facs);
	fadt->dsdt = AT(dsdt);
	fadt->sci = ACPI_PM_SCI;
	fadt->pm1a_event = ACPI_PM_EVENT;
	fadt->pm1a_control = ACPI_PM_CONTROL;
	fadt->timer = ACPI_PM_TIMER;
	fadt->event_length = 4;
	fadt->control_length = 2;
	fadt->timer_length = 4;
	fadt->c2_latency = NO_C2;
	fadt->c3_latency = NO_C3;
	fadt->century = CMOS_CENTURY;
	fadt->boot_flags = BOOT_LEGACY_DEVICES | BOOT_NO_VGA | BOOT_NO_MSI;
	fadt->flags = FLAG_WBINVD | FLAG_C1 | FLAG_NO_POWER_BUTTON |
		      FLAG_NO_SLEEP_BUTTON | FLAG_NO_FIXED_RTC |
		      FLAG_TIMER_32 | FLAG_RESET;
	fadt->reset = port(KBC_RESET_PORT, 8);
	fadt->reset_value = RESET_VALUE;
	fadt->x_dsdt = AT(dsdt);
	fadt->x_pm1a_event = port(ACPI_PM_EVENT, 32);
	fadt->x_pm1a_control = port(ACPI_PM_CONTROL, 16);
	fadt->x_timer = port(ACPI_PM_TIMER, 32);
	finish_table(&fadt->header, "FACP", 4, sizeof(*fadt));
}

static void write_madt(struct madt *madt, unsigned int cpus)
{
	madt->lapic_address = LAPIC_DEFAULT_BASE;
	madt->flags = MADT_HAS_PIC;
	madt->ioapic = (struct madt_ioapic){
		.type = MADT_IOAPIC, .length = sizeof(madt->ioapic),
		.address = IOAPIC_BASE,
	};
	/* The other wires have the same number at both controllers. */
	madt->timer = (struct madt_override){
		.type = MADT_OVERRIDE, .length = sizeof(madt->timer),
		.source = ISA_IRQ_TIMER, .gsi = ISA_IRQ_TIMER_PIN,
	};
	madt->sci = (struct madt_override){
		.type = MADT_OVERRIDE, .length = sizeof(madt->sci),
		.source = ACPI_PM_SCI, .gsi = ACPI_PM_SCI,
		.flags = MADT_LEVEL_HIGH,
	};
	madt->nmi = (struct madt_nmi){
		.type = MADT_NMI, .length = sizeof(madt->nmi),
		.processor = MADT_ALL_CPUS, .lint = 1,
	};
	for (unsigned int i = 0; i < cpus; i++)
		madt->lapics[i] = (struct madt_lapic){
			.type = MADT_LAPIC, .length = sizeof(madt->lapics[i]),
			.processor = i, .id = i, .flags = MADT_CPU_ENABLED,
		};
	finish_table(&madt->header, "APIC", 3,
	       offsetof(struct madt, lapics) + cpus * sizeof(madt->lapics[0]));
}

/**
 * acpi_tables_write - write all tables at ACPI_RSDP
 * @cpus: number of CPUs; their APIC ids start at 0
 */
void acpi_tables_write(const struct ram *ram, unsigned int cpus)
{
	struct tables *t = ram_at(ram, ACPI_RSDP, sizeof(*t));

	memset(t, 0, sizeof(*t));
	write_rsdp(&t->rsdp);
	write_facs(&t->facs);
	t->xsdt.tables[0] = AT(fadt);
	t->xsdt.tables[1] = AT(madt);
	finish_table(&t->xsdt.header, "XSDT", 1, sizeof(t->xsdt));
	write_fadt(&t->fadt);
	write_madt(&t->madt, cpus);
	memcpy(t->dsdt.aml, aml, sizeof(aml));
	finish_table(&t->dsdt.header, "DSDT", 2, sizeof(t->dsdt));
}
