// SPDX-License-Identifier: MIT
/* Monitor commands that decode the descriptor tables and the task state (SDM vol. 3, 3, 6, 8). */
#include <errno.h>
#include <string.h>

#include "guest/memory.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "monitor/descriptor.h"
#include "monitor/monitor_command.h"

/* Bytes of the largest descriptor */
#define ENTRY_MAX	16

/* Return: the system registers of the selected vCPU, or NULL with the error in *@result. */
static const struct kvm_sregs *system_of(struct stub *s, int *result)
{
	*result = reg_cache_load(s, s->general, 1U << VMXDBG_REGS_SYSTEM);
	return *result < 0 ? NULL : &s->vcpus[s->general]->regs.system;
}

static bool long_mode(const struct kvm_sregs *r)
{
	return r->efer & (1 << 10);
}

/* Read linear memory, also while gdb's addresses are physical ones. */
static ssize_t read_linear(struct stub *s, uint64_t addr, void *data, size_t len)
{
	bool physical = s->physical;
	ssize_t n;

	s->physical = false;
	n = memory_read(s, addr, data, len);
	s->physical = physical;
	return n;
}

/* ---- tables ---- */

/**
 * struct table - a table that is shown
 * @base: linear address
 * @bytes: its size
 * @entry: bytes of an entry
 * @long_mode: the vCPU is in long mode
 * @show: print entry @index at @entry, with @len bytes behind it. Returns how many entries
 *	it takes
 */
struct table {
	uint64_t base;
	uint64_t bytes;
	unsigned int entry;
	bool long_mode;
	unsigned int (*show)(struct stub *s, const struct table *t, unsigned int index,
			     const uint8_t *entry, size_t len);
};

static int show_table(struct stub *s, const struct table *t, unsigned int from, unsigned int to)
{
	unsigned int i, count = t->bytes / t->entry;
	uint8_t data[ENTRY_MAX];
	uint64_t addr;
	ssize_t n;

	for (i = from; i < count && i <= to;) {
		addr = t->base + (uint64_t)i * t->entry;
		n = read_linear(s, addr, data, memory_clip(addr, t->bytes - i * t->entry,
							   sizeof(data)));
		if (n < (ssize_t)t->entry) {
			reply_console(s, "no memory at 0x%llx\n", ull(addr));
			return 0;
		}
		i += t->show(s, t, i, data, n);
	}
	return 0;
}

/* FROM is one entry; without it all that are not empty are shown. */
static int entry_range(struct stub *s, int argc, char **argv, unsigned int *from,
		       unsigned int *to)
{
	uint64_t number;

	*from = 0;
	*to = ~0U;
	if (argc == 1)
		return 0;
	if (argc > 2 || !monitor_number(argv[1], &number))
		return monitor_usage(s);
	if (number > 0xffff)
		return reply_error(s, -EINVAL, "there is no entry %s", argv[1]);
	*from = *to = number;
	return 0;
}

static bool is_empty(const uint8_t *entry, size_t len)
{
	while (len--)
		if (*entry++)
			return false;
	return true;
}

static unsigned int show_segment(struct stub *s, const struct table *t, unsigned int index,
				 const uint8_t *entry, size_t len)
{
	struct descriptor d;
	BUF_ON_STACK(text, 160);
	unsigned int size = descriptor_parse(entry, len, t->long_mode, &d);

	if (!is_empty(entry, size)) {
		descriptor_put(&text, &d);
		reply_console(s, "%04x: %s\n", index * 8, text.data);
	}
	return size / 8;
}

static unsigned int show_gate(struct stub *s, const struct table *t, unsigned int index,
			      const uint8_t *entry, size_t len)
{
	struct gate g;
	BUF_ON_STACK(text, 160);

	if (!is_empty(entry, t->entry)) {
		gate_parse(entry, t->long_mode, &g);
		gate_put(&text, &g);
		reply_console(s, "%02x: %s\n", index, text.data);
	}
	return 1;
}

/* Real mode: the table has far pointers. */
static unsigned int show_vector(struct stub *s, const struct table *t, unsigned int index,
				const uint8_t *entry, size_t len)
{
	uint16_t offset, segment;

	memcpy(&offset, entry, 2);
	memcpy(&segment, entry + 2, 2);
	reply_console(s, "%02x: %04x:%04x  linear 0x%x\n", index, segment, offset,
		      (segment << 4) + offset);
	return 1;
}

static int mon_gdt(struct stub *s, int argc, char **argv)
{
	unsigned int from, to;
	int result = entry_range(s, argc, argv, &from, &to);
	const struct kvm_sregs *r;
	struct table t = { .entry = 8, .show = show_segment };

	if (result < 0)
		return result;
	r = system_of(s, &result);
	if (!r)
		return result;
	t.base = r->gdt.base;
	t.bytes = r->gdt.limit + 1;
	t.long_mode = long_mode(r);
	reply_console(s, "GDT at 0x%llx, limit 0x%x\n", ull(t.base), r->gdt.limit);
	/* The argument is a selector. */
	return show_table(s, &t, from / 8, to == ~0U ? to : to / 8);
}

static int mon_idt(struct stub *s, int argc, char **argv)
{
	unsigned int from, to;
	int result = entry_range(s, argc, argv, &from, &to);
	const struct kvm_sregs *r;
	struct table t = { .entry = 8, .show = show_gate };

	if (result < 0)
		return result;
	r = system_of(s, &result);
	if (!r)
		return result;
	t.base = r->idt.base;
	t.bytes = r->idt.limit + 1;
	t.long_mode = long_mode(r);
	if (t.long_mode)
		t.entry = 16;
	if (!(r->cr0 & 1)) {
		t.entry = 4;
		t.show = show_vector;
	}
	if (t.bytes > 256 * t.entry)
		t.bytes = 256 * t.entry;
	reply_console(s, "IDT at 0x%llx, limit 0x%x\n", ull(t.base), r->idt.limit);
	return show_table(s, &t, from, to);
}

/* ---- the task state segment ---- */

static uint64_t field(const uint8_t *tss, unsigned int at, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, tss + at, size);
	return value;
}

static void show_tss64(struct stub *s, const uint8_t *tss)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		reply_console(s, "rsp%u 0x%016llx\n", i, ull(field(tss, 4 + 8 * i, 8)));
	for (i = 0; i < 7; i++)
		reply_console(s, "ist%u 0x%016llx\n", i + 1, ull(field(tss, 36 + 8 * i, 8)));
	reply_console(s, "I/O permission bitmap at 0x%llx\n", ull(field(tss, 102, 2)));
}

static void show_tss32(struct stub *s, const uint8_t *tss)
{
	static const char * const general[] = { "eip", "eflags", "eax", "ecx", "edx", "ebx", "esp",
						"ebp", "esi", "edi" };
	static const char * const segments[] = { "es", "cs", "ss", "ds", "fs", "gs", "ldt" };
	unsigned int i;

	reply_console(s, "link 0x%04llx\n", ull(field(tss, 0, 2)));
	for (i = 0; i < 3; i++)
		reply_console(s, "ss%u:esp%u 0x%04llx:0x%08llx\n", i, i,
			      ull(field(tss, 8 + 8 * i, 2)), ull(field(tss, 4 + 8 * i, 4)));
	reply_console(s, "cr3 0x%08llx\n", ull(field(tss, 28, 4)));
	for (i = 0; i < 10; i++)
		reply_console(s, "%s 0x%08llx\n", general[i], ull(field(tss, 32 + 4 * i, 4)));
	for (i = 0; i < 7; i++)
		reply_console(s, "%s 0x%04llx\n", segments[i], ull(field(tss, 72 + 4 * i, 2)));
	reply_console(s, "I/O permission bitmap at 0x%llx\n", ull(field(tss, 102, 2)));
}

static void show_tss16(struct stub *s, const uint8_t *tss)
{
	static const char * const names[] = { "link", "sp0", "ss0", "sp1", "ss1", "sp2", "ss2",
					      "ip", "flags", "ax", "cx", "dx", "bx", "sp", "bp",
					      "si", "di", "es", "cs", "ss", "ds", "ldt" };
	unsigned int i;

	for (i = 0; i < 22; i++)
		reply_console(s, "%s 0x%04llx\n", names[i], ull(field(tss, 2 * i, 2)));
}

static int mon_tss(struct stub *s, int argc, char **argv)
{
	const struct kvm_sregs *r;
	uint8_t tss[104] = { 0 };
	size_t size;
	int result;

	r = system_of(s, &result);
	if (!r)
		return result;
	size = r->tr.type & 8 ? 104 : 44;
	reply_console(s, "TSS of %s at 0x%llx, limit 0x%x, selector 0x%x\n",
		      long_mode(r) ? "64 bits" : size == 104 ? "32 bits" : "16 bits",
		      ull(r->tr.base), r->tr.limit, r->tr.selector);
	if (r->tr.unusable || !r->tr.present)
		return reply_error(s, -ENOENT, "the task register holds no segment");
	if (read_linear(s, r->tr.base, tss, size) < (ssize_t)size)
		return reply_error(s, -EFAULT, "no memory at 0x%llx", ull(r->tr.base));
	if (long_mode(r))
		show_tss64(s, tss);
	else if (size == 104)
		show_tss32(s, tss);
	else
		show_tss16(s, tss);
	return 0;
}

const struct monitor_command monitor_tables[] = {
	{ "gdt", "[SELECTOR]", "show the descriptors of the global table", .handler = mon_gdt },
	{ "idt", "[VECTOR]", "show where interrupts and exceptions go", .handler = mon_idt },
	{ "tss", "", "show the task state: stacks of other privilege levels",
	  .handler = mon_tss },
	{ 0 },
};
