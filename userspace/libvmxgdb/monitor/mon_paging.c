// SPDX-License-Identifier: MIT
/* Monitor commands that follow an address through page tables, EPT and memory slots. */
#include <errno.h>

#include "guest/page_region.h"
#include "guest/page_walk.h"
#include "guest/reply.h"
#include "guest/target.h"
#include "monitor/monitor_command.h"
#include "monitor/page_text.h"

/* ---- entries ---- */

static const char *entry_name(enum paging paging, unsigned int level)
{
	static const char * const names[] = { "PTE", "PDE", "PDPTE", "PML4E", "PML5E" };

	return names[level - 1];
}

static void put_flags(struct buf *out, const struct page_entry *e, bool leaf)
{
	static const struct {
		uint64_t bit;
		const char *word;
		bool leaf;
	} flags[] = {
		{ ENTRY_ACCESSED, "accessed", false }, { ENTRY_DIRTY, "dirty", true },
		{ ENTRY_GLOBAL, "global", true }, { ENTRY_PWT, "write-through", false },
		{ ENTRY_PCD, "uncached", false }, { ENTRY_NX, "no-execute", false },
	};
	unsigned int i;

	buf_puts(out, e->value & ENTRY_WRITE ? "writable" : "read-only");
	buf_puts(out, e->value & ENTRY_USER ? " user" : " supervisor");
	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if ((e->value & flags[i].bit) && (leaf || !flags[i].leaf))
			buf_printf(out, " %s", flags[i].word);
	/* In a large page the PAT bit is bit 12. */
	if (leaf && (e->value & (e->level == 1 ? ENTRY_LARGE : 1ULL << 12)))
		buf_puts(out, " PAT");
}

static void show_entry(struct stub *s, const struct page_walk *w, const struct page_block *b,
		       const struct page_entry *e)
{
	bool last = e == &b->entries[b->depth - 1];
	BUF_ON_STACK(text, 160);

	if (!(e->value & ENTRY_PRESENT))
		buf_puts(&text, "not present");
	else if (last && b->kind == PAGE_RESERVED)
		buf_puts(&text, "has reserved bits");
	else if (w->paging == PAGING_PAE && e->level == 3)
		buf_puts(&text, "present");
	else
		put_flags(&text, e, last && b->kind == PAGE_MAPPED);
	reply_console(s, "%-5s at 0x%llx: 0x%llx  %s\n", entry_name(w->paging, e->level),
		      ull(e->at), ull(e->value), text.data);
}

/* ---- EPT and memory slots ---- */

static void show_view(struct stub *s, const char *name, const struct vmxdbg_ept *ept)
{
	static const char * const types[8] = { "UC", "WC", "2", "3", "WT", "WP", "WB", "UC-" };
	BUF_ON_STACK(size, 16);

	if (!ept->page_size) {
		reply_console(s, "EPT, %s view: not mapped yet\n", name);
		return;
	}
	page_put_size(&size, ept->page_size);
	reply_console(s, "EPT, %s view: %s page, %c%c%c, %s\n", name, size.data,
		      ept->rights & VMXDBG_EPT_READ ? 'r' : '-',
		      ept->rights & VMXDBG_EPT_WRITE ? 'w' : '-',
		      ept->rights & VMXDBG_EPT_EXEC ? 'x' : '-', types[ept->memory_type & 7]);
}

static void show_marks(struct stub *s, const struct vmxdbg_place *place)
{
	static const char * const words[] = {
		"breakpoints in a copy of the page", "a page table that breakpoints follow",
		"watchpoints", "a dirty log", "vCPUs use the hooked view now",
	};
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (place->flags & 1U << i)
			reply_console(s, "  %s\n", words[i]);
}

static int show_place(struct stub *s, uint64_t gpa)
{
	struct vmxdbg_place place;
	int result = target_call(s->target, place, gpa, &place);

	if (result == -EOPNOTSUPP)
		return 0;
	if (result < 0)
		return result;
	if (place.kind == VMXDBG_PLACE_MMIO) {
		reply_console(s, "no memory slot: accesses go to the VMM\n");
		return 0;
	}
	reply_console(s, "memory slot %u%s, in the VMM at 0x%llx\n", place.slot,
		      place.kind == VMXDBG_PLACE_READONLY ? " (read-only)" : "", ull(place.hva));
	show_view(s, "plain", &place.plain);
	show_view(s, "hooked", &place.hooked);
	show_marks(s, &place);
	return 0;
}

/* ---- commands ---- */

static int walk_to(struct stub *s, const char *text, uint64_t *addr, struct page_walk *w,
		   struct page_block *b)
{
	int result = monitor_address(s, text, addr);

	if (result == 0)
		result = page_walk_begin(s, s->general, PAGE_LEVELS, w);
	return result < 0 ? result : page_walk_at(w, *addr, b);
}

/* The linear range that is not mapped, also while gdb's addresses are physical ones */
static void show_hole(struct stub *s, uint64_t addr)
{
	bool physical = s->physical;
	unsigned int flags = 0;
	uint64_t first, last;
	int result;

	s->physical = false;
	result = page_region(s, addr, &first, &last, &flags);
	s->physical = physical;
	if (result == 0 && !flags)
		reply_console(s, "not mapped, nor is anything from 0x%llx to 0x%llx\n", ull(first),
			      ull(last));
	else
		reply_console(s, "not mapped\n");
}

static void show_end(struct stub *s, uint64_t addr, const struct page_block *b)
{
	BUF_ON_STACK(size, 16);

	page_put_size(&size, b->last - b->first + 1);
	switch (b->kind) {
	case PAGE_MAPPED:
		reply_console(s, "physical 0x%llx, %s page, r%c%c %s\n",
			      ull(b->gpa + (addr - b->first)), size.data,
			      b->rights & PAGE_WRITE ? 'w' : '-',
			      b->rights & PAGE_EXEC ? 'x' : '-',
			      b->rights & PAGE_USER ? "user" : "supervisor");
		break;
	case PAGE_NO_TABLE:
		reply_console(s, "no memory at physical 0x%llx, where the next entry would be\n",
			      ull(b->gpa));
		break;
	case PAGE_NO_ADDRESS:
		reply_console(s, "the paging mode has no such address\n");
		break;
	default:
		show_hole(s, addr);
	}
}

static int mon_pt(struct stub *s, int argc, char **argv)
{
	struct page_walk w;
	struct page_block b;
	uint64_t addr;
	unsigned int i;
	int result;

	if (argc != 2)
		return monitor_usage(s);
	result = walk_to(s, argv[1], &addr, &w, &b);
	if (result < 0)
		return result;
	reply_console(s, "0x%llx: %s", ull(addr), paging_name(w.paging));
	if (w.paging != PAGING_NONE)
		reply_console(s, ", top table at physical 0x%llx", ull(w.root));
	reply_console(s, "\n");
	for (i = 0; i < b.depth; i++)
		show_entry(s, &w, &b, &b.entries[i]);
	show_end(s, addr, &b);
	return b.kind == PAGE_MAPPED ? show_place(s, b.gpa + (addr - b.first)) : 0;
}

/* The output of these is that of QEMU's monitor. */
static int mon_gva2gpa(struct stub *s, int argc, char **argv)
{
	struct page_walk w;
	struct page_block b;
	uint64_t addr;
	int result;

	if (argc != 2)
		return monitor_usage(s);
	result = walk_to(s, argv[1], &addr, &w, &b);
	if (result < 0)
		return result;
	if (b.kind == PAGE_MAPPED)
		reply_console(s, "gpa: 0x%llx\n", ull(b.gpa + (addr - b.first)));
	else
		reply_console(s, "Unmapped\n");
	return 0;
}

static int show_hva(struct stub *s, uint64_t addr, uint64_t gpa)
{
	struct vmxdbg_place place;
	int result = target_call(s->target, place, gpa, &place);

	if (result < 0)
		return result;
	if (place.kind == VMXDBG_PLACE_MMIO)
		reply_console(s, "No memory is mapped at address 0x%llx\n", ull(gpa));
	else
		reply_console(s, "Host virtual address for 0x%llx (slot %u) is 0x%llx\n",
			      ull(addr), place.slot, ull(place.hva));
	return 0;
}

static int mon_gpa2hva(struct stub *s, int argc, char **argv)
{
	uint64_t gpa;
	int result;

	if (argc != 2)
		return monitor_usage(s);
	result = monitor_address(s, argv[1], &gpa);
	return result < 0 ? result : show_hva(s, gpa, gpa);
}

static int mon_gva2hva(struct stub *s, int argc, char **argv)
{
	struct page_walk w;
	struct page_block b;
	uint64_t addr;
	int result;

	if (argc != 2)
		return monitor_usage(s);
	result = walk_to(s, argv[1], &addr, &w, &b);
	if (result < 0)
		return result;
	if (b.kind == PAGE_MAPPED)
		return show_hva(s, addr, b.gpa + (addr - b.first));
	reply_console(s, "Unmapped\n");
	return 0;
}

const struct monitor_command monitor_paging[] = {
	{ "pt", "ADDR", "show the page table entries and the EPT entries of an address",
	  .more = "ADDR is a number or the name of a register.\n", .handler = mon_pt },
	{ "gva2gpa", "ADDR", "translate a linear address to a physical one, as QEMU",
	  .handler = mon_gva2gpa },
	{ "gva2hva", "ADDR", "translate a linear address to one of the VMM",
	  .handler = mon_gva2hva },
	{ "gpa2hva", "ADDR", "translate a physical address to one of the VMM",
	  .handler = mon_gpa2hva },
	{ 0 },
};
