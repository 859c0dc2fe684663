// SPDX-License-Identifier: MIT
/* Tables for gdb's "info os". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/object_words.h"
#include "guest/target.h"
#include "guest/vcpus.h"
#include "packet/osdata.h"
#include "packet/threads.h"

struct table {
	const char *name;
	const char *help;
	int (*rows)(struct stub *s, struct buf *out);
};

static void put_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("<>&\"", *text))
			buf_printf(out, "&#%d;", *text);
		else if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e)
			buf_puts(out, "?");
		else
			buf_add(out, text, 1);
	}
}

static void put_column(struct buf *out, const char *name, const char *text)
{
	buf_printf(out, "<column name=\"%s\">", name);
	put_text(out, text);
	buf_puts(out, "</column>");
}

static void put_number(struct buf *out, const char *name, unsigned long long number)
{
	buf_printf(out, "<column name=\"%s\">%llu</column>", name, number);
}

/*
 * The table "processes" is what gdb's "info os processes" and front ends look for; a VM is
 * a process here.
 */
static int vm_rows(struct stub *s, struct buf *out)
{
	struct vmxdbg_vm_info *vms;
	int i, count = target_call(s->target, list, &vms);
	char comm[sizeof(vms->comm) + 1] = "";

	if (count < 0)
		return count;
	for (i = 0; i < count; i++) {
		buf_puts(out, "<item>");
		put_number(out, "pid", vms[i].id);
		memcpy(comm, vms[i].comm, sizeof(vms->comm));
		put_column(out, "command", comm);
		put_number(out, "host-pid", vms[i].pid);
		put_number(out, "vcpus", vms[i].vcpus);
		put_number(out, "memory-kib", vms[i].memory >> 10);
		put_column(out, "state", vms[i].flags & VMXDBG_VM_ATTACHED ? "attached" :
			   vms[i].flags & VMXDBG_VM_HELD ? "held" : "free");
		buf_puts(out, "</item>\n");
	}
	free(vms);
	return 0;
}

static int vcpu_rows(struct stub *s, struct buf *out)
{
	int i;

	for_each_vcpu(s, i) {
		BUF_ON_STACK(state, 128);

		if (s->gone)
			break;
		thread_describe(s, i, &state);
		buf_puts(out, "<item>");
		put_number(out, "pid", s->vm);
		put_number(out, "vcpu", i);
		put_number(out, "thread", i + 1);
		put_column(out, "state", state.data);
		buf_puts(out, "</item>\n");
	}
	return 0;
}

static void put_hex(struct buf *out, const char *name, unsigned long long number)
{
	buf_printf(out, "<column name=\"%s\">0x%llx</column>", name, number);
}

static int slot_rows(struct stub *s, struct buf *out)
{
	struct vmxdbg_slot *slots = NULL;
	int i, count = s->attached && !s->gone ? target_call(s->target, slots, &slots) : 0;

	if (count < 0)
		return count;
	for (i = 0; i < count; i++) {
		const char *log = slots[i].flags & KVM_MEM_LOG_DIRTY_PAGES ? "yes" : "no";

		buf_puts(out, "<item>");
		put_number(out, "slot", slots[i].slot);
		put_hex(out, "first", slots[i].gpa);
		put_hex(out, "last", slots[i].gpa + slots[i].size - 1);
		put_number(out, "size-kib", slots[i].size >> 10);
		put_hex(out, "in-vmm", slots[i].hva);
		put_column(out, "access", slots[i].flags & KVM_MEM_READONLY ? "read" : "write");
		put_column(out, "dirty-log", log);
		buf_puts(out, "</item>\n");
	}
	free(slots);
	return 0;
}

static void put_object(struct stub *s, struct buf *out, const struct vmxdbg_object_info *o)
{
	BUF_ON_STACK(armed, 900);

	object_put_armed(o, &armed);
	object_put_filters(s, o, &armed);
	buf_puts(out, "<item>");
	put_number(out, "id", o->id);
	put_column(out, "kind", o->kind == VMXDBG_OBJECT_CATCH ? "catch" : "breakpoint");
	put_column(out, "type", object_type(o));
	put_hex(out, "first", o->first);
	put_hex(out, "last", o->last);
	put_number(out, "hits", o->hits);
	put_column(out, "armed", armed.data);
	buf_puts(out, "</item>\n");
}

static int object_rows(struct stub *s, struct buf *out)
{
	struct vmxdbg_object_info *objects = NULL;
	int i, count = s->attached && !s->gone ? target_call(s->target, objects, &objects) : 0;

	if (count < 0)
		return count;
	for (i = 0; i < count; i++)
		put_object(s, out, &objects[i]);
	free(objects);
	return 0;
}

static const struct table tables[] = {
	{ "processes", "VMs, as processes", vm_rows },
	{ "vms", "VMs of the module", vm_rows },
	{ "vcpus", "vCPUs of the attached VM", vcpu_rows },
	{ "slots", "Memory slots of the attached VM", slot_rows },
	{ "objects", "Breakpoints and catches in the module, with hits", object_rows },
};

#define NR_TABLES	(sizeof(tables) / sizeof(*tables))

static int list_tables(struct buf *out)
{
	size_t i;

	for (i = 0; i < NR_TABLES; i++) {
		buf_puts(out, "<item>");
		put_column(out, "Type", tables[i].name);
		put_column(out, "Description", tables[i].help);
		put_column(out, "Title", tables[i].help);
		buf_puts(out, "</item>\n");
	}
	return 0;
}

int osdata_make(struct stub *s, const char *name, struct buf *out)
{
	int result = -ENOENT;
	size_t i;

	buf_printf(out, "<?xml version=\"1.0\"?>\n<!DOCTYPE osdata SYSTEM \"osdata.dtd\">\n"
		   "<osdata type=\"%s\">\n", *name ? name : "types");
	if (!*name)
		result = list_tables(out);
	for (i = 0; i < NR_TABLES; i++)
		if (!strcmp(name, tables[i].name))
			result = tables[i].rows(s, out);
	buf_puts(out, "</osdata>\n");
	return result;
}
