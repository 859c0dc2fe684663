// SPDX-License-Identifier: MIT
/*
 * Monitor commands that go through many page tables. They are jobs, because a guest can
 * map the whole address space page by page.
 */
#include <errno.h>

#include "guest/page_walk.h"
#include "guest/reply.h"
#include "monitor/mon_maps.h"
#include "monitor/monitor_command.h"
#include "monitor/page_text.h"

/* Limits of one slice: tables that are read, blocks of addresses, lines */
#define READS	256
#define BLOCKS	20000
#define LINES	100

/* Places that "gpa2gva" shows */
#define FOUND_MAX	100

#define MAPPED	(1U << 8)	/* in job.flags, beside the rights */

/* ---- styles ---- */

/* Rights are those of all entries; @last may be the last address that there is. */
static void show_range(struct stub *s, uint64_t first, uint64_t last)
{
	unsigned int rights = s->job.flags;
	uint64_t end = last + 1;
	BUF_ON_STACK(size, 16);

	/* QEMU's line, which other programs parse */
	if (s->job.style == MAPS_QEMU_MEM) {
		reply_console(s, "%016llx-%s%016llx %016llx %c%c%c\n", ull(first),
			      end ? "" : "1", ull(end), ull(end - first),
			      rights & PAGE_USER ? 'u' : '-', 'r',
			      rights & PAGE_WRITE ? 'w' : '-');
		return;
	}
	page_put_size(&size, end - first);
	reply_console(s, "%016llx-%016llx r%c%c %-10s %s\n", ull(first), ull(last),
		      rights & PAGE_WRITE ? 'w' : '-', rights & PAGE_EXEC ? 'x' : '-',
		      rights & PAGE_USER ? "user" : "supervisor", size.data);
}

/* QEMU's line for one page */
static void show_page(struct stub *s, const struct page_block *b)
{
	uint64_t value = b->depth ? b->entries[b->depth - 1].value : ENTRY_WRITE | ENTRY_USER;
	unsigned int level = b->depth ? b->entries[b->depth - 1].level : 1;

	reply_console(s, "%016llx: %016llx %c%c%c%c%c%c%c%c%c\n", ull(b->first), ull(b->gpa),
		      value & ENTRY_NX ? 'X' : '-', value & ENTRY_GLOBAL ? 'G' : '-',
		      level > 1 ? 'P' : '-', value & ENTRY_DIRTY ? 'D' : '-',
		      value & ENTRY_ACCESSED ? 'A' : '-', value & ENTRY_PCD ? 'C' : '-',
		      value & ENTRY_PWT ? 'T' : '-', value & ENTRY_USER ? 'U' : '-',
		      value & ENTRY_WRITE ? 'W' : '-');
}

/* ---- the walk over all addresses ---- */

/* The block ends the range before it, or belongs to it. Return: lines printed. */
static int add_range(struct stub *s, const struct page_block *b)
{
	struct job *job = &s->job;
	unsigned int flags = b->kind == PAGE_MAPPED ? MAPPED | b->rights : 0;
	bool ends = job->flags;

	if (flags == job->flags)
		return 0;
	if (ends)
		show_range(s, job->first, job->addr - 1);
	job->flags = flags;
	job->first = job->addr;
	job->any = true;
	return ends;
}

static int add_page(struct stub *s, const struct page_block *b)
{
	if (b->kind != PAGE_MAPPED)
		return 0;
	s->job.any = true;
	show_page(s, b);
	return 1;
}

/* @last: last address that was looked at */
static int end_of_maps(struct stub *s, uint64_t last, int result)
{
	struct job *job = &s->job;

	if (job->flags)
		show_range(s, job->first, last);
	if (job->style == MAPS_OWN && !job->any && result == 0)
		reply_console(s, "nothing is mapped there\n");
	return monitor_end(s, job->style == MAPS_OWN ? "maps" : "info", result);
}

static int maps_slice(struct stub *s)
{
	struct job *job = &s->job;
	int blocks, lines = 0;
	struct page_block b;
	struct page_walk w;
	int result = page_walk_begin(s, s->general, READS, &w);

	for (blocks = 0; result == 0 && blocks < BLOCKS && lines < LINES; blocks++) {
		result = page_walk_at(&w, job->addr, &b);
		if (result < 0)
			break;
		if (job->style == MAPS_QEMU_TLB) {
			lines += add_page(s, &b);
		} else {
			lines += add_range(s, &b);
			page_walk_widen(&w, &b);
		}
		if (b.last >= job->last)
			return end_of_maps(s, job->last, 0);
		job->addr = b.last + 1;
	}
	if (result == 0 || result == -EAGAIN)
		return REPLY_LATER;
	return end_of_maps(s, job->addr - 1, result);
}

int maps_begin(struct stub *s, enum maps_style style, uint64_t first, uint64_t last)
{
	s->job = (struct job){ .work = maps_slice, .addr = first, .last = last, .style = style,
			       .pattern = s->job.pattern };
	return REPLY_LATER;
}

static int mon_maps(struct stub *s, int argc, char **argv)
{
	uint64_t first = 0, last = ~0ULL;
	int result = 0;

	if (argc > 3)
		return monitor_usage(s);
	if (argc > 1)
		result = monitor_address(s, argv[1], &first);
	if (argc > 2 && result == 0)
		result = monitor_address(s, argv[2], &last);
	if (result < 0)
		return result;
	if (first > last)
		return reply_error(s, -EINVAL, "TO is below FROM");
	return maps_begin(s, MAPS_OWN, first, last);
}

/* ---- linear addresses of a physical one ---- */

/* job.first is the physical address, job.flags counts what was found. */
static int end_of_search(struct stub *s, int result)
{
	if (!s->job.flags && result == 0)
		reply_console(s, "no linear address leads to physical 0x%llx\n",
			      ull(s->job.first));
	return monitor_end(s, "gpa2gva", result);
}

static void show_found(struct stub *s, const struct page_block *b)
{
	BUF_ON_STACK(size, 16);

	page_put_size(&size, b->last - b->first + 1);
	reply_console(s, "0x%llx  %s page, r%c%c %s\n",
		      ull(b->first + (s->job.first - b->gpa)), size.data,
		      b->rights & PAGE_WRITE ? 'w' : '-', b->rights & PAGE_EXEC ? 'x' : '-',
		      b->rights & PAGE_USER ? "user" : "supervisor");
}

static int search_slice(struct stub *s)
{
	struct job *job = &s->job;
	struct page_block b;
	struct page_walk w;
	int blocks, result = page_walk_begin(s, s->general, READS, &w);

	for (blocks = 0; result == 0 && blocks < BLOCKS; blocks++) {
		if (job->flags == FOUND_MAX) {
			reply_console(s, "more: monitor gpa2gva 0x%llx 0x%llx\n",
				      ull(job->first), ull(job->addr));
			return end_of_search(s, 0);
		}
		result = page_walk_at(&w, job->addr, &b);
		if (result < 0)
			break;
		if (b.kind == PAGE_MAPPED && job->first - b.gpa <= b.last - b.first) {
			show_found(s, &b);
			job->flags++;
		} else {
			page_walk_widen(&w, &b);
		}
		if (b.last == ~0ULL)
			return end_of_search(s, 0);
		job->addr = b.last + 1;
	}
	if (result == 0 || result == -EAGAIN)
		return REPLY_LATER;
	return end_of_search(s, result);
}

static int mon_gpa2gva(struct stub *s, int argc, char **argv)
{
	uint64_t gpa, from = 0;
	int result;

	if (argc < 2 || argc > 3)
		return monitor_usage(s);
	result = monitor_address(s, argv[1], &gpa);
	if (argc > 2 && result == 0)
		result = monitor_address(s, argv[2], &from);
	if (result < 0)
		return result;
	s->job = (struct job){ .work = search_slice, .addr = from, .first = gpa,
			       .pattern = s->job.pattern };
	return REPLY_LATER;
}

const struct monitor_command monitor_maps[] = {
	{ "maps", "[FROM [TO]]", "show the linear addresses that are mapped, and their rights",
	  .more = "The rights are those that all entries of the page tables allow. Ctrl-C ends it.\n",
	  .handler = mon_maps },
	{ "gpa2gva", "ADDR [FROM]", "search the page tables for a physical address",
	  .more = "FROM is the linear address where the search begins. Ctrl-C ends it.\n",
	  .handler = mon_gpa2gva },
	{ 0 },
};
