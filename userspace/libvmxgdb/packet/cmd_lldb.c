// SPDX-License-Identifier: MIT
/*
 * Packets that only lldb sends: about the machine, about all threads at once, and
 * about ranges of memory.
 */
#include <errno.h>
#include <string.h>

#include "guest/page_region.h"
#include "guest/page_walk.h"
#include "guest/reg_cache.h"
#include "guest/reply.h"
#include "guest/stops.h"
#include "guest/vcpus.h"
#include "packet/cmd_lldb.h"
#include "packet/threads.h"
#include "wire/parse.h"

/* ---- the conversation ---- */

/*
 * lldb names a thread behind each packet about registers. It knows threads without
 * processes, and would take a thread id with one for the end of the conversation.
 */
int cmd_thread_suffix(struct stub *s, char *args, size_t len)
{
	s->lldb = true;
	s->multiprocess = false;
	return reply_ok(s);
}

int cmd_list_threads_in_stops(struct stub *s, char *args, size_t len)
{
	s->list_threads = true;
	return reply_ok(s);
}

/* Errors have their text in hex from now on. */
int cmd_error_strings(struct stub *s, char *args, size_t len)
{
	s->error_strings = true;
	return reply_ok(s);
}

int cmd_attach_or_wait(struct stub *s, char *args, size_t len)
{
	return reply_ok(s);
}

/* With the number lldb finds out whether it is in step. */
int cmd_echo(struct stub *s, char *args, size_t len)
{
	buf_printf(&s->reply, "qEcho:%s", args);
	return 0;
}

/* ---- the machine ---- */

/*
 * The registers that lldb is told of decide how it disassembles. With a known OS it would
 * look for that OS's loader of programs, and not take addresses as they are in the ELF.
 */
static void put_machine(struct stub *s, struct buf *out)
{
	static const struct {
		const char *layout, *triple;
		int size;
	} machines[] = {
		{ "x86-64", "x86_64-unknown-unknown", 8 },
		{ "i386", "i386-unknown-unknown", 4 },
		{ "i8086", "i386-unknown-unknown-code16", 4 },
	};
	size_t i;

	for (i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		if (strcmp(machines[i].layout, s->layout->name))
			continue;
		buf_puts(out, "triple:");
		buf_hex(out, machines[i].triple, strlen(machines[i].triple));
		buf_printf(out, ";endian:little;ptrsize:%d;", machines[i].size);
	}
}

int cmd_host_info(struct stub *s, char *args, size_t len)
{
	put_machine(s, &s->reply);
	buf_puts(&s->reply, "watchpoint_exceptions_received:after;vm-page-size:4096;");
	return 0;
}

/* The VM is the process. */
int cmd_process_info(struct stub *s, char *args, size_t len)
{
	buf_printf(&s->reply, "pid:%x;", s->vm);
	put_machine(s, &s->reply);
	return 0;
}

/* There is no limit, but lldb wants a number. */
int cmd_watchpoint_info(struct stub *s, char *args, size_t len)
{
	buf_puts(&s->reply, "num:1024;");
	return 0;
}

/* ---- memory ---- */

/* qMemoryRegionInfo:ADDR. An error would switch the packet off for good, so there is none. */
int cmd_region_info(struct stub *s, char *args, size_t len)
{
	uint64_t addr, first, last;
	const char *p = args;
	unsigned int flags;

	if (!parse_hex(&p, &addr) || *p)
		return reply_malformed(s);
	if (page_region(s, addr, &first, &last, &flags) < 0) {
		static const char why[] = "the page tables cannot be read";

		buf_printf(&s->reply, "start:%llx;size:1;error:", (unsigned long long)addr);
		buf_hex(&s->reply, why, strlen(why));
		buf_puts(&s->reply, ";");
		return 0;
	}
	/* The size of the whole address space does not fit. */
	buf_printf(&s->reply, "start:%llx;size:%llx;", (unsigned long long)first,
		   (unsigned long long)(last - first == ~0ULL ? ~0ULL : last - first + 1));
	if (flags & REGION_MAPPED)
		buf_printf(&s->reply, "permissions:r%s%s;", flags & PAGE_WRITE ? "w" : "",
			   flags & PAGE_EXEC ? "x" : "");
	return 0;
}

/* ---- threads ---- */

/* qThreadStopInfoTHREAD: why a thread stopped that was not the one of the stop reply */
int cmd_thread_stop_info(struct stub *s, char *args, size_t len)
{
	const char *p = args;
	int vcpu, result = vcpu_parse_thread(s, &p, &vcpu);

	if (result < 0)
		return result;
	if (*p || !vcpu_exists(s, vcpu))
		return reply_error(s, -ESRCH, "there is no such vCPU");
	stops_describe(s, vcpu, &s->reply);
	return 0;
}

static void put_json_thread(struct stub *s, int vcpu, struct buf *out)
{
	unsigned int i, number;

	buf_printf(out, "{\"tid\":%d,\"name\":\"vCPU %d\",\"signal\":%d,\"reason\":\"%s\"",
		   vcpu + 1, vcpu, stops_signal(s, vcpu), stops_reason(s, vcpu));
	if (reg_cache_load(s, vcpu, 1U << VMXDBG_REGS_GENERAL |
				    1U << VMXDBG_REGS_SYSTEM) < 0) {
		buf_puts(out, "}");
		return;
	}
	buf_puts(out, ",\"registers\":{");
	for (i = 0; i < 4; i++) {
		number = s->layout->expedited[i];
		buf_printf(out, "%s\"%u\":\"", i ? "," : "", number);
		reg_cache_put(s->vcpus[vcpu], layout_reg(s->layout, number), out);
		buf_puts(out, "\"");
	}
	buf_puts(out, "}}");
}

/* jThreadsInfo: all threads as JSON, in which each '}' is escaped */
int cmd_threads_info(struct stub *s, char *args, size_t len)
{
	struct buf json;
	bool first = true;
	int i, result = 0;

	if (!buf_init(&json, LINK_PACKET_MAX / 2))
		return -ENOMEM;
	buf_puts(&json, "[");
	for_each_vcpu(s, i) {
		buf_puts(&json, first ? "" : ",");
		put_json_thread(s, i, &json);
		first = false;
	}
	buf_puts(&json, "]");
	/* lldb then asks for each thread. */
	if (json.full)
		result = reply_error(s, -E2BIG, "there are too many vCPUs for one reply");
	else
		buf_escaped(&s->reply, json.data, json.len, LINK_PACKET_MAX);
	buf_free(&json);
	return result;
}
