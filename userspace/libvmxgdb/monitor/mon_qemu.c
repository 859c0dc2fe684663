// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest/reply.h"
#include "guest/target.h"
#include "guest/vcpus.h"
#include "monitor/mon_maps.h"
#include "monitor/mon_qemu.h"
#include "monitor/monitor_command.h"
#include "monitor/qemu_registers.h"

static int info_mem(struct stub *s)
{
	return maps_begin(s, MAPS_QEMU_MEM, 0, ~0ULL);
}

static int info_tlb(struct stub *s)
{
	return maps_begin(s, MAPS_QEMU_TLB, 0, ~0ULL);
}

static int info_status(struct stub *s)
{
	bool runs = false;
	int i;

	for_each_vcpu(s, i)
		runs |= s->vcpus[i]->runs;
	reply_console(s, runs ? "VM status: running\n" : "VM status: paused (debug)\n");
	return 0;
}

static int info_cpus(struct stub *s)
{
	struct vmxdbg_vcpu state;
	int i, result;

	for_each_vcpu(s, i) {
		result = target_call(s->target, vcpu, i, &state);
		if (result < 0)
			return result;
		reply_console(s, "%c CPU #%d: thread_id=%d\n", i == s->general ? '*' : ' ', i,
			      state.tid);
	}
	return 0;
}

static int info_mtree(struct stub *s)
{
	struct vmxdbg_slot *slots = NULL;
	int i, count = target_call(s->target, slots, &slots);

	if (count < 0)
		return count;
	reply_console(s, "address-space: memory\n"
		      "  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n");
	for (i = 0; i < count; i++)
		reply_console(s, "    %016llx-%016llx (prio 0, %s): slot %u\n", ull(slots[i].gpa),
			      ull(slots[i].gpa + slots[i].size - 1),
			      slots[i].flags & KVM_MEM_READONLY ? "rom" : "ram", slots[i].slot);
	free(slots);
	return 0;
}

static int info_lapic(struct stub *s)
{
	return reply_error(s, -ENODEV, "the local APIC is in the VMM, if the guest has one");
}

static const struct {
	const char *name;
	const char *help;
	int (*handler)(struct stub *s);
} words[] = {
	{ "registers", "registers of the vCPU", qemu_registers },
	{ "mem", "linear addresses that are mapped", info_mem },
	{ "tlb", "linear pages with their physical addresses", info_tlb },
	{ "lapic", "none: the VMM has the local APIC", info_lapic },
	{ "status", "whether the guest runs", info_status },
	{ "cpus", "vCPUs and their threads", info_cpus },
	{ "mtree", "memory slots", info_mtree },
};

#define WORDS	(sizeof(words) / sizeof(*words))

int qemu_info(struct stub *s, const char *word)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		if (!strcmp(words[i].name, word))
			return words[i].handler(s);
	reply_console(s, "there is no \"info %.40s\", but:\n", word);
	for (i = 0; i < WORDS; i++)
		reply_console(s, "info %-10s %s\n", words[i].name, words[i].help);
	return 0;
}
