// SPDX-License-Identifier: MIT
/* A machine that needs no KVM: an interpreter of the few instructions of fake_cpu.c. */
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "fake_cpu.h"
#include "interpreter.h"

#define RAM_SIZE	0x200000
#define CODE		0x10000
#define SLICE		400
#define BREAKPOINTS	8

struct breakpoint {
	bool used;
	uint32_t type;
	uint64_t addr;
	uint64_t len;
};

static struct {
	uint8_t ram[RAM_SIZE];
	struct kvm_regs cpus[CPUS_MAX];
	bool dead[CPUS_MAX];
	unsigned int count;
	bool ended;
	bool has_breakpoints;
	struct breakpoint breakpoints[BREAKPOINTS];
	pthread_mutex_t lock;	/* one instruction at a time */
} machine = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- the five operations ---- */

static int get_regs(void *context, uint32_t cpu, struct vgdb_regs *regs)
{
	const struct kvm_regs *r = &machine.cpus[cpu];

	memcpy(regs->gpr, r, sizeof(regs->gpr));
	regs->gpr[VGDB_RSP] = r->rsp;
	regs->gpr[VGDB_RBP] = r->rbp;
	regs->rip = r->rip;
	regs->rflags = r->rflags;
	return 0;
}

static int set_regs(void *context, uint32_t cpu, const struct vgdb_regs *regs)
{
	struct kvm_regs *r = &machine.cpus[cpu];

	memcpy(r, regs->gpr, sizeof(regs->gpr));
	r->rsp = regs->gpr[VGDB_RSP];
	r->rbp = regs->gpr[VGDB_RBP];
	r->rip = regs->rip;
	r->rflags = regs->rflags;
	return 0;
}

static uint64_t there(uint64_t gpa, uint64_t len)
{
	if (gpa >= RAM_SIZE)
		return 0;
	return len < RAM_SIZE - gpa ? len : RAM_SIZE - gpa;
}

static int64_t read_memory(void *context, uint64_t gpa, void *data, uint64_t len)
{
	len = there(gpa, len);
	memcpy(data, machine.ram + gpa, len);
	return len;
}

static int64_t write_memory(void *context, uint64_t gpa, const void *data, uint64_t len)
{
	len = there(gpa, len);
	memcpy(machine.ram + gpa, data, len);
	return len;
}

/* ---- breakpoints, if the machine has them ---- */

static int add_breakpoint(void *context, uint32_t type, uint64_t addr, uint64_t len)
{
	int i;

	if (!machine.has_breakpoints)
		return -EOPNOTSUPP;
	for (i = 0; i < BREAKPOINTS; i++) {
		if (machine.breakpoints[i].used)
			continue;
		machine.breakpoints[i] = (struct breakpoint){ true, type, addr, len };
		return 0;
	}
	return -ENOSPC;
}

static int del_breakpoint(void *context, uint32_t type, uint64_t addr, uint64_t len)
{
	struct breakpoint *b;

	for (b = machine.breakpoints; b < machine.breakpoints + BREAKPOINTS; b++)
		if (b->used && b->type == type && b->addr == addr && b->len == len)
			b->used = false;
	return 0;
}

static bool stops_at(uint64_t rip)
{
	const struct breakpoint *b;

	for (b = machine.breakpoints; b < machine.breakpoints + BREAKPOINTS; b++)
		if (b->used && b->type <= VGDB_BP_HARD && b->addr == rip)
			return true;
	return rip < RAM_SIZE && machine.ram[rip] == 0xcc;
}

/* Return: whether an access hits a watchpoint, whose address is then in *@addr. */
static bool watched(const struct fake_access *a, uint64_t *addr)
{
	const struct breakpoint *b;

	for (b = machine.breakpoints; b < machine.breakpoints + BREAKPOINTS; b++) {
		if (!b->used || b->type <= VGDB_BP_HARD || !a->len ||
		    a->addr >= b->addr + b->len || b->addr >= a->addr + a->len)
			continue;
		if (b->type == (a->write ? VGDB_BP_READ : VGDB_BP_WRITE))
			continue;
		*addr = b->addr;
		return true;
	}
	return false;
}

/* ---- the rest ---- */

static void start(unsigned int cpu)
{
	machine.cpus[cpu] = (struct kvm_regs){
		.rip = CODE + 0x100 * cpu, .rflags = 2, .rdi = cpu,
	};
	machine.dead[cpu] = false;
}

static int reset(void *context)
{
	unsigned int i;

	for (i = 0; i < machine.count; i++)
		start(i);
	fprintf(stderr, "reset\n");
	return 0;
}

static int kill_guest(void *context)
{
	machine.ended = true;
	fprintf(stderr, "killed\n");
	return 0;
}

/* Every vCPU looks for interruptions after some instructions, so nothing must be kicked. */
static int kick(void *context, uint32_t cpu)
{
	return 0;
}

const struct vgdb_ops machine_ops = {
	.size = sizeof(machine_ops),
	.get_regs = get_regs,
	.set_regs = set_regs,
	.read_memory = read_memory,
	.write_memory = write_memory,
	.kick = kick,
	.add_breakpoint = add_breakpoint,
	.del_breakpoint = del_breakpoint,
	.kill = kill_guest,
	.reset = reset,
};

void machine_start(const char *path, unsigned int cpus)
{
	FILE *file = fopen(path, "rb");

	if (!file || !fread(machine.ram + CODE, 1, RAM_SIZE - CODE, file))
		err(1, "%s", path);
	fclose(file);
	while (machine.count < cpus)
		start(machine.count++);
}

void machine_has_breakpoints(bool has)
{
	machine.has_breakpoints = has;
}

unsigned int machine_cpus(void)
{
	return machine.count;
}

bool machine_ended(void)
{
	return machine.ended;
}

/* ---- running ---- */

static void *memory(uint64_t addr, uint64_t len)
{
	return addr < RAM_SIZE && len <= RAM_SIZE - addr ? machine.ram + addr : NULL;
}

static uint32_t outcome(struct vgdb *g, uint32_t cpu, enum fake_outcome what)
{
	switch (what) {
	case FAKE_NOTHING:
	case FAKE_HALT:
		return VGDB_NOTHING;
	case FAKE_TRIPLE_FAULT:
		machine.dead[cpu] = true;
		return VGDB_SHUTDOWN;
	case FAKE_NO_MEMORY:
		machine.dead[cpu] = true;
		vgdb_detail_text(g, cpu, 11, "the interpreter finds no memory here");
		return VGDB_ERROR;
	case FAKE_VM_ENDS:
		machine.ended = true;
		return VGDB_NOTHING;
	case FAKE_NEW_VCPU:
		if (machine.count < CPUS_MAX) {
			start(machine.count);
			machine.count++;
			vgdb_add_vcpu(g);
		}
		return VGDB_NOTHING;
	}
	return VGDB_NOTHING;
}

static uint32_t run_one(struct vgdb *g, uint32_t cpu)
{
	struct kvm_regs *r = &machine.cpus[cpu];
	struct fake_access access = { 0 };
	uint32_t reason;
	uint64_t addr;

	/* The debugger was told and let it run: the guest is of no use. */
	if (machine.dead[cpu]) {
		machine.ended = true;
		return VGDB_NOTHING;
	}
	reason = outcome(g, cpu, fake_execute(r, r->rip, memory, &access));
	if (watched(&access, &addr)) {
		vgdb_detail_addr(g, cpu, addr);
		reason |= VGDB_WATCHPOINT;
	}
	return reason;
}

uint32_t machine_run(struct vgdb *g, uint32_t cpu, int action)
{
	uint32_t reason = VGDB_NOTHING;
	int i;

	pthread_mutex_lock(&machine.lock);
	if (action == VGDB_STEP) {
		reason = run_one(g, cpu) | VGDB_STEPPED;
	} else {
		for (i = 0; i < SLICE && !reason && !machine.ended; i++)
			reason = stops_at(machine.cpus[cpu].rip) ? VGDB_BREAKPOINT :
				 run_one(g, cpu);
	}
	pthread_mutex_unlock(&machine.lock);
	return reason;
}
