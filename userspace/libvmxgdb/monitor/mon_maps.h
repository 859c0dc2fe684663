/* SPDX-License-Identifier: MIT */
/* A list of what is mapped, for several commands. */
#ifndef VMXGDB_MON_MAPS_H
#define VMXGDB_MON_MAPS_H

#include "guest/stub_types.h"

enum maps_style {
	MAPS_OWN,
	MAPS_QEMU_MEM,	/* "info mem" of QEMU: ranges */
	MAPS_QEMU_TLB,	/* "info tlb" of QEMU: pages */
};

/* List what is mapped from @first to @last. Return: REPLY_LATER, for the handler to return. */
int maps_begin(struct stub *s, enum maps_style style, uint64_t first, uint64_t last);

#endif /* VMXGDB_MON_MAPS_H */
