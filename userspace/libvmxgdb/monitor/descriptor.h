/* SPDX-License-Identifier: MIT */
/* Descriptors of segments and gates (SDM vol. 3, 3.4.5, 3.5, 6.11, 6.14). */
#ifndef VMXGDB_DESCRIPTOR_H
#define VMXGDB_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/buf.h"

/**
 * struct gate - a gate
 * @selector: code segment, or TSS of a task gate
 * @offset: where it leads
 * @type: bits 40 to 43 of the descriptor
 * @ist: number of the stack, in long mode; 0: none
 */
struct gate {
	uint16_t selector;
	uint64_t offset;
	uint8_t type;
	uint8_t dpl;
	bool present;
	uint8_t ist;
	bool long_mode;
};

/**
 * struct descriptor - an entry of a GDT or LDT
 * @is_gate: only @gate and the rights are valid
 * @limit: limit in bytes
 * @code_or_data: S is set: no system descriptor
 */
struct descriptor {
	bool is_gate;
	struct gate gate;
	uint64_t base;
	uint32_t limit;
	uint8_t type;
	uint8_t dpl;
	bool code_or_data;
	bool present;
	bool l;
	bool db;
	bool long_mode;
};

/*
 * Parse the descriptor at @entry, of which @len bytes are there, at least 8.
 * Return: its size: 8, or 16 for a system descriptor of long mode that is whole.
 */
unsigned int descriptor_parse(const uint8_t *entry, size_t len, bool long_mode,
			      struct descriptor *d);
void descriptor_put(struct buf *out, const struct descriptor *d);

/* Parse a gate of 8 bytes, or 16 in long mode. */
void gate_parse(const uint8_t *entry, bool long_mode, struct gate *g);
void gate_put(struct buf *out, const struct gate *g);

/* Return: the name of a system descriptor's type. */
const char *descriptor_system_type(uint8_t type, bool long_mode);

#endif /* VMXGDB_DESCRIPTOR_H */
