// SPDX-License-Identifier: MIT
/* Making frames of records that the target has made at tracepoints. */
#include <string.h>

#include <vmxdbg-client.h>

#include "guest/record_ring.h"
#include "guest/trace.h"
#include "guest/trace_code.h"
#include "guest/trace_frame.h"
#include "guest/trace_record.h"

/* The general registers as if in 64-bit code, where the pc of a record is rip. */
static void take_general(const struct vmxdbg_record *record, struct vcpu_regs *regs)
{
	const struct kvm_regs *general = vmxdbg_record_regs(record);

	memset(regs, 0, sizeof(*regs));
	regs->system.efer = 1 << 10;	/* LMA */
	regs->system.cs.l = 1;
	if (general)
		regs->general = *general;
	regs->general.rip = record->rip;
}

/* Return: the value of a register that has a block for itself; moves *@block there. */
static bool own_block(const struct trace_point *p, unsigned int number,
		      const struct vmxdbg_record *record, uint64_t *value)
{
	const struct vmxdbg_record_block *block = NULL;
	unsigned int i;

	for (i = 0; i < p->nr_regs; i++) {
		block = vmxdbg_record_next(record, block);
		if (!block)
			return false;
		*value = block->addr;
		if (p->regs[i] == number)
			return true;
	}
	return false;
}

static void put_registers(const struct stub *s, const struct trace_point *p,
			  const struct vmxdbg_record *record, struct trace_frame *head,
			  struct buf *out)
{
	uint8_t bytes[REG_BYTES_MAX];
	struct vcpu_regs regs;
	const struct reg *reg;
	unsigned int i;
	uint64_t value;
	bool known;

	if (!p->general && !p->nr_regs)
		return;
	take_general(record, &regs);
	buf_puts(out, "R");
	for (i = 0; (reg = layout_g_reg(s->layout, i)); i++) {
		memset(bytes, 0, sizeof(bytes));
		known = (p->general && trace_code_general(reg)) || reg->get == reg_linear_rip;
		if (known)
			reg_get(reg, &regs, bytes);
		else if (own_block(p, i, record, &value)) {
			known = true;
			memcpy(bytes, &value, sizeof(value));
		}
		if (known && i < TRACE_REGS_MAX)
			head->known[i / 64] |= 1ULL << i % 64;
		buf_add(out, bytes, reg->bits / 8);
	}
	head->regs = out->len - 1;
}

static void put_block(const struct vmxdbg_record_block *block, struct buf *out)
{
	const void *bytes = record_bytes(block);
	uint64_t value;

	if (!bytes || !block->len)
		return;
	if (!(block->flags & VMXDBG_BLOCK_VARIABLE)) {
		trace_put_memory(out, block->addr, bytes, block->len);
		return;
	}
	memcpy(&value, bytes, sizeof(value));
	trace_put_var(out, block->addr, value);
}

static void put_blocks(const struct trace_point *p, const struct vmxdbg_record *record,
		       struct buf *out)
{
	const struct vmxdbg_record_block *block = NULL;
	unsigned int i;

	for (i = 0; (block = vmxdbg_record_next(record, block)); i++)
		if (i >= p->nr_regs)
			put_block(block, out);
}

void trace_record(struct stub *s, const struct vmxdbg_record *record)
{
	struct trace_point *p = trace_by_id(s, record->id);
	struct trace_frame head = { .pc = record->rip };
	struct buf data;

	if (!p || !s->trace.running || !buf_init(&data, TRACE_FRAME_MAX))
		return;
	head.number = p->number;
	head.tracepoint = p->addr;
	put_registers(s, p, record, &head, &data);
	put_blocks(p, record, &data);
	trace_put_vars(s, &data);
	trace_add_frame(s, p, &head, &data, true);
	buf_free(&data);
}
