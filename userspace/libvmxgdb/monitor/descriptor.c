// SPDX-License-Identifier: MIT
#include <string.h>

#include "monitor/descriptor.h"

#define TYPE_CALL_16	4
#define TYPE_TASK	5
#define TYPE_INT_16	6
#define TYPE_TRAP_16	7
#define TYPE_CALL	12
#define TYPE_INT	14
#define TYPE_TRAP	15

/* QEMU's names; long mode has only some of the types. */
const char *descriptor_system_type(uint8_t type, bool long_mode)
{
	static const char * const names[2][16] = {
		{
			"Reserved", "TSS16-avl", "LDT", "TSS16-busy", "CallGate16", "TaskGate",
			"IntGate16", "TrapGate16", "Reserved", "TSS32-avl", "Reserved",
			"TSS32-busy", "CallGate32", "Reserved", "IntGate32", "TrapGate32",
		}, {
			"<hiword>", "Reserved", "LDT", "Reserved", "Reserved", "Reserved",
			"Reserved", "Reserved", "Reserved", "TSS64-avl", "Reserved", "TSS64-busy",
			"CallGate64", "Reserved", "IntGate64", "TrapGate64",
		},
	};

	return names[long_mode][type & 15];
}

static bool is_gate(uint8_t type)
{
	return (type >= TYPE_CALL_16 && type <= TYPE_TRAP_16) || type == TYPE_CALL ||
	       type >= TYPE_INT;
}

void gate_parse(const uint8_t *entry, bool long_mode, struct gate *g)
{
	uint64_t low, high = 0;

	memcpy(&low, entry, 8);
	if (long_mode)
		memcpy(&high, entry + 8, 4);
	*g = (struct gate){
		.selector = low >> 16,
		.offset = (low & 0xffff) | (low >> 32 & 0xffff0000) | high << 32,
		.type = low >> 40 & 15,
		.dpl = low >> 45 & 3,
		.present = low >> 47 & 1,
		.ist = long_mode ? low >> 32 & 7 : 0,
		.long_mode = long_mode,
	};
	if (g->type < 8)
		g->offset &= 0xffff;
}

void gate_put(struct buf *out, const struct gate *g)
{
	buf_printf(out, "%-10s ", descriptor_system_type(g->type, g->long_mode));
	if (g->type == TYPE_TASK && !g->long_mode)
		buf_printf(out, "%04x", g->selector);
	else
		buf_printf(out, "%04x:0x%llx", g->selector, (unsigned long long)g->offset);
	buf_printf(out, "  dpl %u", g->dpl);
	if (g->ist)
		buf_printf(out, " ist %u", g->ist);
	if (!g->present)
		buf_puts(out, " not present");
}

unsigned int descriptor_parse(const uint8_t *entry, size_t len, bool long_mode,
			      struct descriptor *d)
{
	uint64_t low, high = 0;
	unsigned int size = 8;

	memcpy(&low, entry, 8);
	*d = (struct descriptor){
		.base = (low >> 16 & 0xffffff) | (low >> 32 & 0xff000000),
		.limit = (low & 0xffff) | (low >> 32 & 0xf0000),
		.type = low >> 40 & 15,
		.dpl = low >> 45 & 3,
		.code_or_data = low >> 44 & 1,
		.present = low >> 47 & 1,
		.l = low >> 53 & 1,
		.db = low >> 54 & 1,
		.long_mode = long_mode,
	};
	if (low >> 55 & 1)
		d->limit = d->limit << 12 | 0xfff;
	if (d->code_or_data)
		return size;
	/* Type 0 stands for an empty entry as well. */
	if (long_mode && d->type && len >= 16) {
		size = 16;
		memcpy(&high, entry + 8, 4);
		d->base |= high << 32;
	}
	d->is_gate = is_gate(d->type);
	if (d->is_gate)
		gate_parse(entry, size == 16, &d->gate);
	return size;
}

static void put_code_or_data(struct buf *out, const struct descriptor *d)
{
	if (d->type & 8)
		buf_printf(out, "%s %s%s%s", d->l ? "code64" : d->db ? "code32" : "code16",
			   d->type & 2 ? "readable" : "execute-only",
			   d->type & 4 ? " conforming" : "", d->type & 1 ? " accessed" : "");
	else
		buf_printf(out, "%s %s%s%s", d->db ? "data32" : "data16",
			   d->type & 2 ? "writable" : "read-only",
			   d->type & 4 ? " expand-down" : "", d->type & 1 ? " accessed" : "");
}

void descriptor_put(struct buf *out, const struct descriptor *d)
{
	if (d->is_gate) {
		gate_put(out, &d->gate);
		return;
	}
	buf_printf(out, "base 0x%llx limit 0x%x ", (unsigned long long)d->base, d->limit);
	if (d->code_or_data)
		put_code_or_data(out, d);
	else
		buf_puts(out, descriptor_system_type(d->type, d->long_mode));
	buf_printf(out, " dpl %u%s", d->dpl, d->present ? "" : " not present");
}
