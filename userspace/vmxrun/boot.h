/* SPDX-License-Identifier: GPL-2.0-only */
/* The first vCPU's state at the start of the guest. */
#ifndef VMXRUN_BOOT_H
#define VMXRUN_BOOT_H

#include <stdint.h>

#include <linux/kvm.h>

#include "ram.h"

/*
 * Low memory that the loaders use:
 *
 *	0x90000	global descriptor table
 *	0x91000	PVH start info, module list, memory map
 *	0x92000	Linux's zero page (struct boot_params)
 *	0x93000	page tables: PML4, one PDPT, four page directories
 *	0x99000	command line
 *	0x9b000	(end)
 */
#define BOOT_AREA	0x90000
#define BOOT_GDT	0x90000
#define BOOT_PVH	0x91000
#define BOOT_ZERO_PAGE	0x92000
#define BOOT_PAGES	0x93000
#define BOOT_CMDLINE	0x99000
#define BOOT_AREA_END	0x9b000
#define BOOT_CMDLINE_SIZE (BOOT_AREA_END - BOOT_CMDLINE)

enum boot_mode {
	BOOT_AUTO,
	BOOT_PVH32,		/* PVH, with the entry of the file's note */
	BOOT_REAL16,
	BOOT_FLAT32,		/* protected mode, flat segments, no paging */
	BOOT_LONG64,		/* 64-bit Linux boot protocol */
};

/**
 * struct boot - how the guest starts
 * @mode: mode of the CPU; not BOOT_AUTO or BOOT_PVH32 after loading
 * @entry: physical address of the first instruction
 * @rbx: physical address of the PVH start info
 * @rsi: physical address of Linux's zero page
 */
struct boot {
	enum boot_mode mode;
	uint64_t entry;
	uint64_t rbx;
	uint64_t rsi;
};

void boot_tables(const struct boot *boot, const struct ram *ram);
void boot_registers(const struct boot *boot, struct kvm_regs *regs,
		    struct kvm_sregs *sregs);

#endif
