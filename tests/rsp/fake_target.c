// SPDX-License-Identifier: GPL-2.0-only
/*
 * A target that needs no module, for tests of the protocol.
 *
 * The target follows the contract of <vmxdbg.h>, and aborts if the daemon does
 * not. vCPUs run in lockstep while the daemon reads events, so that all runs
 * are alike. The guest is the file that --device names. Environment:
 *
 *   FAKE_VCPUS=N   number of vCPUs, 2 by default
 *   FAKE_BPS=N     number of breakpoints that there can be, 64 by default
 *   FAKE_RING=N    size of the ring in bytes, instead of what the daemon wants
 *   FAKE_VM=PATH   the VM appears together with this file
 *   FAKE_VMS=N     number of VMs, 1 by default, 3 at most
 *   FAKE_COMM=TEXT name of the process of each VM
 *   FAKE_MANY=1    each of them can be attached to by its number
 *   FAKE_HELD=1    the VM waits for its first debugger
 *   FAKE_NO_FPU=1  the FPU's registers cannot be read
 *   FAKE_XCR0=N    vector registers that the guest has enabled: bits of XCR0
 *   FAKE_FEW_REGS=1  the target has no registers that the module has added
 *   FAKE_NO_MSR_LIST=1  the target cannot list its MSRs
 *   FAKE_RULES=1   register values with which a processor could not go on are refused
 *   FAKE_REAL=1    the vCPUs are in real mode, in segment 0x1000
 *   FAKE_BUSY=1    another process has a session with the VM
 *   FAKE_HURRY=1   a sleeping guest takes no time
 *   FAKE_NO_BRANCH=1  steps are of single instructions only
 *   FAKE_ROM=1     the last 64 KiB of memory are a slot for reads only
 *   FAKE_QUIET=1   do not print when sessions begin and end, and when time stops
 *   FAKE_RESET=N   the VMM resets the VM when events have been read N times; 0: never
 *   FAKE_NO_RESET=1  the VMM does not reset the VM
 *   FAKE_RESET_ENDS=1  the VM ends instead
 *   FAKE_NO_INJECT=1  the VM takes no events
 *   FAKE_HARD=N    number of debug registers, no limit by default
 *   FAKE_NX=1      memory from 0x1e0000, with the stack, may not be executed
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "fake_act.h"
#include "fake_catch.h"
#include "fake_cpu.h"
#include "fake_tables.h"
#include "fake_object.h"
#include "fake_registers.h"
#include "fake_vms.h"
#include "guest/target.h"
#include "options.h"
#include "target_device.h"

#define RAM_SIZE	0x200000
#define CODE		0x10000
#define KERNEL		0xffffffff80000000ULL
#define VCPUS_MAX	4
#define BPS_MAX		20000
#define NX		0x1e0000
#define SLICE		400
#define HANDLER		0x104c0		/* of events that are injected */

struct vcpu {
	bool exists;
	bool stopped;
	bool halted;
	bool unread;
	bool dead;	/* the VMM got the end of this vCPU */
	struct vmxdbg_event event;
	struct vmxdbg_resume how;	/* of the last resume */
	bool passing;			/* the breakpoint reported at ... */
	uint64_t passing_rip;
	bool caught;			/* the event reported at ... */
	uint64_t caught_rip;
	uint64_t step_rsp;		/* when the step began */
	struct fake_waiting waiting;
	struct kvm_regs general;
	struct kvm_sregs system;
	struct kvm_debugregs debug;
	struct kvm_fpu fpu;
	struct fake_registers other;
};

static struct machine {
	bool attached;
	bool held;
	bool stop_new;		/* since a stop of all, until a resume of all */
	bool gone;
	bool gone_unread;
	uint32_t time;			/* VMXDBG_TIME_* */
	int reset_in;			/* so many reads of events; 0: no reset */
	int eventfd;
	int bps_room;
	int bps_used;			/* entries of @bps before this one */
	uint32_t next_id;
	struct vcpu vcpus[VCPUS_MAX];
	uint8_t ram[RAM_SIZE];
	struct vmxdbg_bp bps[BPS_MAX];
	struct fake_object objects[BPS_MAX];	/* options of @bps */
} machines[FAKE_VMS_MAX];

/* The one that an operation is about */
#define fake	(machines[fake_vm])

#define contract(condition) \
	((condition) ? (void)0 : broken(__func__, #condition))

static void broken(const char *where, const char *what)
{
	fprintf(stderr, "fake: CONTRACT BROKEN in %s: %s\n", where, what);
	abort();
}

static int env(const char *name, int otherwise)
{
	const char *value = getenv(name);

	return value ? atoi(value) : otherwise;
}

static struct vcpu *vcpu_of(uint32_t number)
{
	contract(number < VCPUS_MAX && fake.vcpus[number].exists);
	return &fake.vcpus[number];
}

static struct vcpu *stopped_vcpu(uint32_t number)
{
	contract(fake.attached);
	contract(vcpu_of(number)->stopped || fake.gone);
	return vcpu_of(number);
}

/* ---- memory ---- */

static void *linear(uint64_t addr, uint64_t len)
{
	if (addr >= KERNEL)
		addr -= KERNEL;
	if (addr >= RAM_SIZE || len > RAM_SIZE - addr)
		return NULL;
	return fake.ram + addr;
}

static bool no_execute(uint64_t addr)
{
	return env("FAKE_NX", 0) && addr >= NX && addr < RAM_SIZE;
}

static uint64_t linear_rip(const struct vcpu *v)
{
	if (v->system.cs.l)
		return v->general.rip;
	return (uint32_t)(v->general.rip + v->system.cs.base);
}

static ssize_t memory(uint32_t vcpu, uint32_t flags, uint64_t addr, size_t len,
		      void **at)
{
	contract(len && len <= VMXDBG_MEM_MAX && addr + len - 1 >= addr);
	if (flags & VMXDBG_MEM_PHYSICAL)
		contract(vcpu == 0 && fake.attached);
	else
		stopped_vcpu(vcpu);
	if (fake.gone)
		return -ENODEV;
	if (addr >= KERNEL && !(flags & VMXDBG_MEM_PHYSICAL))
		addr -= KERNEL;
	if (addr >= RAM_SIZE)
		return -ENXIO;
	*at = fake.ram + addr;
	return len < RAM_SIZE - addr ? len : RAM_SIZE - addr;
}

static ssize_t fake_read_mem(struct target *t, uint32_t vcpu, uint32_t flags,
			     uint64_t addr, void *data, size_t len)
{
	void *at;
	ssize_t n = memory(vcpu, flags, addr, len, &at);

	if (n > 0)
		memcpy(data, at, n);
	return n;
}

static ssize_t fake_write_mem(struct target *t, uint32_t vcpu, uint32_t flags,
			      uint64_t addr, const void *data, size_t len)
{
	void *at;
	ssize_t n = memory(vcpu, flags, addr, len, &at);

	if (n > 0)
		memcpy(at, data, n);
	return n;
}

static int fake_translate(struct target *t, uint32_t vcpu, uint64_t gva,
			  struct vmxdbg_translate *to)
{
	stopped_vcpu(vcpu);
	if (!linear(gva, 1))
		return -ENXIO;
	*to = (struct vmxdbg_translate){
		.vcpu = vcpu,
		.flags = VMXDBG_PAGE_WRITE | (no_execute(gva) ? 0 : VMXDBG_PAGE_EXEC),
		.gva = gva,
		.gpa = gva >= KERNEL ? gva - KERNEL : gva,
		.page_size = 0x200000,
	};
	return 0;
}

/* ---- memory slots ---- */

static int fake_slots(struct target *t, struct vmxdbg_slot **slots)
{
	contract(fake.attached);
	return fake.gone ? -ENODEV : fake_slot_list(RAM_SIZE, slots);
}

static int fake_place(struct target *t, uint64_t gpa, struct vmxdbg_place *place)
{
	contract(fake.attached);
	if (fake.gone)
		return -ENODEV;
	fake_place_of(RAM_SIZE, gpa, place);
	return 0;
}

/* ---- breakpoints ---- */

static bool is_data(const struct vmxdbg_bp *bp)
{
	return bp->type == VMXDBG_BP_WRITE || bp->type == VMXDBG_BP_ACCESS ||
	       bp->type == VMXDBG_BP_READ;
}

static void check_bp(const struct vmxdbg_bp *bp)
{
	contract(fake.attached);
	contract(bp->id == 0 && bp->type <= VMXDBG_BP_EXEC);
	contract(!(bp->flags & ~(VMXDBG_BP_PHYSICAL | VMXDBG_BP_CR3)));
	contract(bp->flags & VMXDBG_BP_CR3 ? !(bp->cr3 & 0xfff) : !bp->cr3);
	contract(bp->len && bp->addr + bp->len - 1 >= bp->addr);
	if (bp->type == VMXDBG_BP_SOFT || bp->type == VMXDBG_BP_HARD)
		contract(bp->len == 1);
	if (bp->flags & VMXDBG_BP_PHYSICAL)
		contract(!bp->vcpu && bp->type != VMXDBG_BP_HARD);
	else
		stopped_vcpu(bp->vcpu);
}

static int fake_add_bp(struct target *t, struct vmxdbg_bp *bp)
{
	int i, hard = 0;

	check_bp(bp);
	if (fake.gone)
		return -ENODEV;
	if (bp->type == VMXDBG_BP_SOFT && !linear(bp->addr, 1))
		return -ENXIO;
	for (i = 0; i < fake.bps_used; i++)
		hard += fake.bps[i].id && fake.bps[i].type == VMXDBG_BP_HARD;
	if (bp->type == VMXDBG_BP_HARD && hard >= env("FAKE_HARD", BPS_MAX))
		return -ENOSPC;
	for (i = 0; i < fake.bps_room; i++) {
		if (fake.bps[i].id)
			continue;
		if (fake_object_init(&fake.objects[i], (void *)(uintptr_t)bp->options))
			return -EINVAL;
		bp->id = ++fake.next_id;
		fake.bps[i] = *bp;
		if (i >= fake.bps_used)
			fake.bps_used = i + 1;
		return 0;
	}
	return -ENOSPC;
}

static int fake_del_bp(struct target *t, uint32_t id)
{
	int i;

	contract(fake.attached && id);
	if (fake.gone)
		return -ENODEV;
	for (i = 0; i < fake.bps_used; i++) {
		if (fake.bps[i].id == id) {
			fake_object_free(&fake.objects[i]);
			fake.bps[i].id = 0;
			return 0;
		}
	}
	if (fake_catch_del(id))
		return 0;
	contract(!"there is no such breakpoint");
	return -ENOENT;
}

static int fake_objects(struct target *t, struct vmxdbg_object_info **objects)
{
	int i, count = 0;

	contract(fake.attached);
	*objects = calloc(fake.bps_used + 1, sizeof(**objects));
	for (i = 0; i < fake.bps_used; i++) {
		const struct vmxdbg_bp *bp = &fake.bps[i];

		if (!bp->id)
			continue;
		(*objects)[count++] = (struct vmxdbg_object_info){
			.id = bp->id, .kind = VMXDBG_OBJECT_BP, .type = bp->type,
			.flags = bp->flags, .first = bp->addr, .last = bp->addr + bp->len - 1,
			.cr3 = bp->cr3, .sites = 1, .hits = fake.objects[i].hits,
			.armed = is_data(bp) ? VMXDBG_ARMED_REGISTER : VMXDBG_ARMED_COPY,
		};
	}
	return count;
}

static int fake_add_catch(struct target *t, struct vmxdbg_catch *c)
{
	int result;

	contract(fake.attached && !c->id);
	if (fake.gone)
		return -ENODEV;
	if (c->type == VMXDBG_CATCH_MMIO && c->last < RAM_SIZE)
		return -EOPNOTSUPP;
	c->id = ++fake.next_id;
	result = fake_catch_add(c);
	if (result < 0)
		c->id = 0;
	return result;
}

/* Counters by which tests recognize the vCPU */
static int fake_stats(struct target *t, uint32_t vcpu, struct vmxdbg_stats *stats,
		      uint64_t *exits, uint32_t count)
{
	uint64_t number = vcpu == VMXDBG_ALL_VCPUS ? 100 : vcpu_of(vcpu) - fake.vcpus + 1;

	contract(fake.attached);
	contract(count >= 76);
	memset(exits, 0, count * sizeof(*exits));
	exits[1] = 10 * number;
	exits[48] = 48 * number;
	exits[70] = 70;
	*stats = (struct vmxdbg_stats){
		.vcpu = vcpu, .count = 76, .entries = 1000 * number, .failed_entries = 1,
		.vmm_exits = number, .ept_faults = 48, .pages_4k = 3, .pages_2m = 2,
		.hooked_pages = 5, .followed_entries = 6, .followed_spaces = 7,
	};
	return fake.gone ? -ENODEV : 0;
}

/* ---- running ---- */

/* The descriptor is readable while a vCPU runs or an event waits. */
static void show_events(void)
{
	uint64_t one = 1;
	bool any = fake.gone_unread;
	int i;

	for (i = 0; i < VCPUS_MAX; i++)
		any |= fake.vcpus[i].exists &&
		       (!fake.vcpus[i].stopped || fake.vcpus[i].unread);
	if (any)
		(void)!write(fake.eventfd, &one, sizeof(one));
	else
		(void)!read(fake.eventfd, &one, sizeof(one));
}

static void stop_for(struct vcpu *v, uint32_t why)
{
	v->stopped = v->unread = true;
	v->event.vcpu = v - fake.vcpus;
	v->event.why |= why;
	v->event.rip = linear_rip(v);
}

static void hit(struct vcpu *v, const struct vmxdbg_bp *bp)
{
	struct fake_view view = {
		.vcpu = v - fake.vcpus, .id = bp->id, .rip = linear_rip(v),
		.addr = is_data(bp) ? bp->addr : 0,
		.general = &v->general, .system = &v->system, .debug = &v->debug,
		.memory = linear,
	};
	int result = fake_object_hit(&fake.objects[bp - fake.bps], &view);

	if (!result)
		return;
	if (result < 0) {
		v->event.error = -result;
		if (v->event.nr_bps < VMXDBG_EVENT_BPS)
			v->event.bps[v->event.nr_bps++] = v->event.bps[0];
		v->event.bps[0] = bp->id;
		stop_for(v, VMXDBG_WHY_ERROR);
	} else if (v->event.nr_bps < VMXDBG_EVENT_BPS) {
		v->event.bps[v->event.nr_bps++] = bp->id;
	}
	if (is_data(bp) && !v->event.addr)
		v->event.addr = bp->addr;
	stop_for(v, is_data(bp) ? VMXDBG_WHY_WATCH : VMXDBG_WHY_BREAKPOINT);
}

static bool in_space(const struct vcpu *v, const struct vmxdbg_bp *bp)
{
	if (bp->vcpu_mask && !(bp->vcpu_mask >> (v - fake.vcpus) & 1))
		return false;
	return !(bp->flags & VMXDBG_BP_CR3) || bp->cr3 == (v->system.cr3 & ~0xfffULL);
}

/* Return: the kind of address that the breakpoint has. */
static uint64_t addr_for(const struct vmxdbg_bp *bp, uint64_t addr)
{
	return (bp->flags & VMXDBG_BP_PHYSICAL) && addr >= KERNEL ? addr - KERNEL : addr;
}

static bool breakpoint_here(struct vcpu *v)
{
	uint64_t rip = linear_rip(v);
	bool passing = v->passing && v->passing_rip == rip;
	int i;

	v->passing = false;
	for (i = 0; i < fake.bps_used && !passing; i++)
		if (fake.bps[i].id && !is_data(&fake.bps[i]) &&
		    (fake.bps[i].type == VMXDBG_BP_HARD || !no_execute(rip)) &&
		    addr_for(&fake.bps[i], rip) - fake.bps[i].addr < fake.bps[i].len &&
		    in_space(v, &fake.bps[i]))
			hit(v, &fake.bps[i]);
	if (v->stopped) {
		v->passing = true;
		v->passing_rip = rip;
	}
	return v->stopped;
}

static void describe_access(struct vcpu *v, const struct fake_access *a, uint64_t rip)
{
	struct vmxdbg_event *event = &v->event;

	if (event->access)
		return;
	event->access = VMXDBG_ACCESS_GPA |
			(a->write ? VMXDBG_ACCESS_WRITE : VMXDBG_ACCESS_READ);
	event->addr = a->addr;
	event->gpa = a->addr >= KERNEL ? a->addr - KERNEL : a->addr;
	event->size = a->len;
	event->insn = rip;
	if (a->len != 8 || !a->write)
		return;
	event->access |= VMXDBG_ACCESS_VALUES;
	event->old_value = a->old;
	memcpy(&event->new_value, linear(a->addr, 8), 8);
}

/* @rip: of the instruction that has made the access */
static void watchpoints(struct vcpu *v, const struct fake_access *a, uint64_t rip)
{
	int i;

	for (i = 0; i < fake.bps_used && a->len; i++) {
		const struct vmxdbg_bp *bp = &fake.bps[i];

		uint64_t addr = addr_for(bp, a->addr);

		if (bp->id && is_data(bp) && in_space(v, bp) &&
		    addr < bp->addr + bp->len &&
		    bp->addr < addr + a->len &&
		    bp->type != (a->write ? VMXDBG_BP_READ : VMXDBG_BP_WRITE)) {
			hit(v, bp);
			if (v->stopped)
				describe_access(v, a, rip);
		}
	}
}

static void vcpu_new(int number)
{
	struct vcpu *v = &fake.vcpus[number];

	*v = (struct vcpu){ .exists = true };
	v->general.rip = CODE + 0x100 * number;
	v->general.rflags = 2;
	v->general.rdi = number;
	v->system.cs = (struct kvm_segment){
		.selector = 0x10, .limit = ~0U, .type = 11, .present = 1,
		.s = 1, .l = 1, .g = 1,
	};
	v->system.ds.selector = v->system.ss.selector = 0x18;
	v->system.gs.base = 0xffff888000000000ULL;
	v->system.tr = (struct kvm_segment){
		.selector = 0x40, .base = 0x6000, .limit = 0x67, .type = 11, .present = 1,
	};
	v->system.cr0 = 0x80050033;
	v->system.cr3 = 0x1000;
	v->system.cr4 = 0x20;
	v->system.efer = 0xd01;
	v->debug.dr6 = 0xffff0ff0;
	v->debug.dr7 = 0x400;
	v->fpu.fcw = 0x37f;
	v->fpu.mxcsr = 0x1f80;
	fake_registers_init(&v->other, env("FAKE_XCR0", 0x2e7));
	if (env("FAKE_REAL", 0)) {
		v->system.cs = (struct kvm_segment){
			.selector = 0x1000, .base = 0x10000, .limit = 0xffff,
		};
		v->general.rip = 0x100 * number;
		v->system.cr0 = 0x10;
		v->system.efer = 0;
	}
}

static void outcome(struct vcpu *v, enum fake_outcome what)
{
	int i;

	switch (what) {
	case FAKE_NOTHING:
		break;
	case FAKE_HALT:
		v->halted = true;
		break;
	case FAKE_TRIPLE_FAULT:
		stop_for(v, VMXDBG_WHY_SHUTDOWN);
		v->dead = true;
		break;
	case FAKE_NO_MEMORY:
		stop_for(v, VMXDBG_WHY_ERROR);
		v->event.error = VMXDBG_ERROR_FETCH;
		v->dead = true;
		break;
	case FAKE_VM_ENDS:
		fake.gone = fake.gone_unread = true;
		break;
	case FAKE_NEW_VCPU:
		for (i = 0; i < VCPUS_MAX; i++) {
			if (!fake.vcpus[i].exists) {
				vcpu_new(i);
				fake.vcpus[i].stopped = fake.stop_new;
				break;
			}
		}
		break;
	}
}

/* @opcode: first byte of the instruction that was executed */
static bool steps_on(const struct vcpu *v, uint8_t opcode)
{
	uint64_t rip = linear_rip(v);
	bool ret = opcode == 0xc3;

	if (v->how.flags & VMXDBG_RESUME_BRANCH)
		return opcode != 0xe8 && opcode != 0xe9 && opcode != 0xeb && !ret;
	if (v->how.flags & VMXDBG_RESUME_RETURN)
		return !ret || v->general.rsp <= v->step_rsp;

	if (!(v->how.flags & VMXDBG_RESUME_STEP))
		return true;
	return (v->how.flags & VMXDBG_RESUME_RANGE) &&
	       rip >= v->how.range_start && rip < v->how.range_end;
}

static bool died(enum fake_outcome what)
{
	return what == FAKE_TRIPLE_FAULT || what == FAKE_NO_MEMORY;
}

static bool catch_here(struct vcpu *v)
{
	struct fake_view view = {
		.vcpu = v - fake.vcpus, .rip = linear_rip(v), .general = &v->general,
		.system = &v->system, .debug = &v->debug, .memory = linear,
	};
	const uint8_t *code = linear(view.rip, 16);
	bool again = v->caught && v->caught_rip == view.rip;
	struct fake_event event;

	v->caught = false;
	if (again || !code || !fake_catch_decode(&v->general, code, &event) ||
	    !fake_catch_ask(&event, &view, &v->event))
		return false;
	stop_for(v, 0);
	v->caught = v->passing = true;
	v->caught_rip = v->passing_rip = view.rip;
	return true;
}

static void run_one(struct vcpu *v)
{
	struct fake_access access;
	enum fake_outcome what;
	uint64_t rip = linear_rip(v);
	uint8_t opcode = linear(rip, 1) ? *(uint8_t *)linear(rip, 1) : 0;

	if (fake_deliver(&v->waiting, v->how.flags & VMXDBG_RESUME_STEP &&
			 !(v->how.flags & (VMXDBG_RESUME_IRQS | VMXDBG_RESUME_INTO)),
			 &v->general, &v->system, HANDLER, linear)) {
		/* A step ends in the handler. */
		if (v->how.flags & VMXDBG_RESUME_STEP)
			stop_for(v, VMXDBG_WHY_STEP);
		return;
	}
	if (breakpoint_here(v) || catch_here(v))
		return;
	access = (struct fake_access){ 0 };
	if (no_execute(linear_rip(v)))
		what = FAKE_TRIPLE_FAULT;
	else
		what = fake_execute(&v->general, linear_rip(v), linear, &access);
	if (!died(what))
		watchpoints(v, &access, rip);
	outcome(v, what);
	if (!steps_on(v, opcode) && !died(what))
		stop_for(v, VMXDBG_WHY_STEP);
}

/* Run until an event, or for a limited number of instructions. */
static void run_all(void)
{
	bool event = false, ran = false, halted = false;
	int i, n;

	for (n = 0; n < SLICE && !event && !fake.gone; n++) {
		for (i = 0; i < VCPUS_MAX && !fake.gone; i++) {
			struct vcpu *v = &fake.vcpus[i];

			halted |= v->halted && !v->stopped;
			if (!v->exists || v->stopped || v->halted)
				continue;
			ran = true;
			run_one(v);
			event |= v->unread;
		}
	}
	/* Do not use up the CPU that runs the test. */
	if (!ran && halted && !env("FAKE_HURRY", 0))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

/* ---- events and resets ---- */

static const char *guest_path;

static bool load(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file)
		return false;
	n = fread(fake.ram + CODE, 1, RAM_SIZE - CODE, file);
	fclose(file);
	return n > 0;
}

static int fake_inject_event(struct target *t, const struct vmxdbg_inject *event)
{
	struct vcpu *v = stopped_vcpu(event->vcpu);

	if (fake.gone)
		return -ENODEV;
	if (env("FAKE_NO_INJECT", 0))
		return -EOPNOTSUPP;
	return fake_inject_valid(event) ? fake_inject(&v->waiting, event) : -EINVAL;
}

static int fake_reset(struct target *t)
{
	int i;

	contract(fake.attached);
	if (fake.gone)
		return -ENODEV;
	if (env("FAKE_NO_RESET", 0))
		return -EOPNOTSUPP;
	for (i = 0; i < VCPUS_MAX; i++) {
		contract(!fake.vcpus[i].exists || fake.vcpus[i].stopped);
		fake.vcpus[i].unread = false;
	}
	fake.reset_in = env("FAKE_RESET", 3);
	return -EINPROGRESS;
}

/* Breakpoints stay. */
static void reset_now(void)
{
	struct fake_event event = { .type = VMXDBG_CATCH_RESET, .data[0] = VMXDBG_RESET_VMM };
	struct vcpu *first = &fake.vcpus[0];
	struct fake_view view = {
		.rip = linear_rip(first), .general = &first->general,
		.system = &first->system, .debug = &first->debug, .memory = linear,
	};
	int i;

	if (fake_catch_ask(&event, &view, &first->event)) {
		stop_for(first, 0);
		return;
	}
	if (env("FAKE_RESET_ENDS", 0)) {
		fake.gone = fake.gone_unread = true;
		return;
	}
	memset(fake.ram, 0, sizeof(fake.ram));
	contract(load(guest_path));
	fake_tables_make(fake.ram);
	for (i = 0; i < VCPUS_MAX; i++) {
		if (!fake.vcpus[i].exists)
			continue;
		vcpu_new(i);
		fake.vcpus[i].stopped = true;
	}
	stop_for(first, VMXDBG_WHY_RESET);
}

static int fake_next_event(struct target *t, struct vmxdbg_event *event)
{
	int i;

	contract(fake.attached);
	if (!fake.gone)
		run_all();
	if (fake.reset_in && !--fake.reset_in)
		reset_now();
	for (i = 0; i < VCPUS_MAX; i++) {
		struct vcpu *v = &fake.vcpus[i];

		if (!v->unread || fake.gone)
			continue;
		*event = v->event;
		v->unread = false;
		v->event = (struct vmxdbg_event){ 0 };
		show_events();
		return 1;
	}
	if (fake.gone_unread) {
		*event = (struct vmxdbg_event){ .why = VMXDBG_WHY_GONE };
		fake.gone_unread = false;
		return 1;
	}
	return fake.gone ? -ENODEV : 0;
}

static int fake_stop(struct target *t, uint32_t vcpu)
{
	int i;

	contract(fake.attached);
	contract(vcpu == VMXDBG_ALL_VCPUS || vcpu_of(vcpu));
	if (fake.gone)
		return -ENODEV;
	for (i = 0; i < VCPUS_MAX; i++)
		if (fake.vcpus[i].exists && (vcpu == VMXDBG_ALL_VCPUS || vcpu == (uint32_t)i))
			fake.vcpus[i].stopped = true;
	fake.stop_new |= vcpu == VMXDBG_ALL_VCPUS;
	show_events();
	return 0;
}

static void resume_one(struct vcpu *v, const struct vmxdbg_resume *how)
{
	contract(!v->unread);
	v->stopped = false;
	v->halted = v->dead;
	v->step_rsp = v->general.rsp;
	v->how = *how;
}

static int fake_resume(struct target *t, const struct vmxdbg_resume *how)
{
	int i;

	contract(fake.attached);
	contract(!(how->flags & ~63U));
	if (how->flags & ~VMXDBG_RESUME_STEP)
		contract(how->flags & VMXDBG_RESUME_STEP);
	contract(__builtin_popcount(how->flags & (VMXDBG_RESUME_RANGE | VMXDBG_RESUME_BRANCH |
						  VMXDBG_RESUME_RETURN)) <= 1);
	if (how->flags & VMXDBG_RESUME_RANGE)
		contract(how->range_start < how->range_end);
	else
		contract(!how->range_start && !how->range_end);
	if (fake.gone)
		return -ENODEV;
	if (how->vcpu == VMXDBG_ALL_VCPUS)
		contract(!(how->flags & VMXDBG_RESUME_STEP));
	else
		resume_one(stopped_vcpu(how->vcpu), how);
	fake.stop_new &= how->vcpu != VMXDBG_ALL_VCPUS;
	for (i = 0; i < VCPUS_MAX && how->vcpu == VMXDBG_ALL_VCPUS; i++)
		if (fake.vcpus[i].exists && fake.vcpus[i].stopped && !fake.vcpus[i].unread)
			resume_one(&fake.vcpus[i], how);
	show_events();
	return 0;
}

/* ---- registers ---- */

static void *regs_at(uint32_t vcpu, uint32_t set, size_t size)
{
	struct vcpu *v = stopped_vcpu(vcpu);
	void *at[] = { &v->general, &v->system, &v->debug, &v->fpu };
	size_t sizes[] = { sizeof(v->general), sizeof(v->system),
			   sizeof(v->debug), sizeof(v->fpu) };
	size_t wanted;
	void *other = fake_registers_set(&v->other, set, &wanted);

	if (other) {
		contract(size == wanted);
		return other;
	}
	contract(set < 4 && size == sizes[set]);
	return at[set];
}

static int fake_get_regs(struct target *t, uint32_t vcpu, uint32_t set,
			 void *data, size_t size)
{
	struct vcpu *v = stopped_vcpu(vcpu);
	void *at = regs_at(vcpu, set, size);

	if (fake.gone)
		return -ENODEV;
	if (set == VMXDBG_REGS_FPU && env("FAKE_NO_FPU", 0))
		return -EIO;
	if (set > VMXDBG_REGS_FPU && env("FAKE_FEW_REGS", 0))
		return -EOPNOTSUPP;
	if (set == VMXDBG_REGS_HIDDEN)
		fake_pdptrs(fake.ram, RAM_SIZE, v->system.cr3, v->other.hidden.pdptrs);
	if (set == VMXDBG_REGS_XSAVE)
		fake_registers_put_fpu(&v->other, &v->fpu);
	memcpy(data, at, size);
	return 0;
}

/* Return: VMXDBG_REFUSED_* */
static uint32_t refuse(const struct vcpu *v, uint32_t set, const void *data)
{
	const struct vmxdbg_both old = { .general = v->general, .system = v->system };
	struct vmxdbg_both now = old;

	if (!env("FAKE_RULES", 0))
		return 0;
	if (set == VMXDBG_REGS_EVENTS)
		return fake_events_refuse(data, &v->general);
	if (set == VMXDBG_REGS_BOTH)
		now = *(const struct vmxdbg_both *)data;
	if (set == VMXDBG_REGS_GENERAL)
		now.general = *(const struct kvm_regs *)data;
	if (set == VMXDBG_REGS_SYSTEM)
		now.system = *(const struct kvm_sregs *)data;
	return fake_registers_refuse(&old, &now);
}

static void take_both(struct vcpu *v, const struct vmxdbg_both *both)
{
	v->general = both->general;
	v->system = both->system;
}

static int fake_set_regs(struct target *t, uint32_t vcpu, uint32_t set,
			 const void *data, size_t size, uint32_t *refused)
{
	struct vcpu *v = stopped_vcpu(vcpu);

	contract(set != VMXDBG_REGS_HIDDEN);
	contract(set != VMXDBG_REGS_BOTH || size == sizeof(struct vmxdbg_both));
	*refused = 0;
	if (fake.gone)
		return -ENODEV;
	*refused = refuse(v, set, data);
	if (*refused)
		return -EINVAL;
	if (set == VMXDBG_REGS_BOTH) {
		take_both(v, data);
		return 0;
	}
	memcpy(regs_at(vcpu, set, size), data, size);
	if (set == VMXDBG_REGS_XSAVE)
		fake_registers_take_fpu(&v->other, &v->fpu);
	return 0;
}

static int fake_get_msrs(struct target *t, uint32_t vcpu, struct kvm_msr_entry *entries,
			 uint32_t count, uint32_t *done)
{
	contract(count && count <= VMXDBG_MSRS_MAX);
	*done = 0;
	if (env("FAKE_FEW_REGS", 0))
		return -EOPNOTSUPP;
	return fake.gone ? -ENODEV :
	       fake_registers_get_msrs(&stopped_vcpu(vcpu)->other, entries, count, done);
}

static int fake_set_msrs(struct target *t, uint32_t vcpu, const struct kvm_msr_entry *entries,
			 uint32_t count, uint32_t *done, uint32_t *refused)
{
	contract(count && count <= VMXDBG_MSRS_MAX);
	*done = *refused = 0;
	if (env("FAKE_FEW_REGS", 0))
		return -EOPNOTSUPP;
	return fake.gone ? -ENODEV :
	       fake_registers_set_msrs(&stopped_vcpu(vcpu)->other, entries, count, done,
				       refused);
}

static int fake_list_msrs(struct target *t, uint32_t vcpu, uint32_t *indices, uint32_t room)
{
	stopped_vcpu(vcpu);
	if (env("FAKE_FEW_REGS", 0) || env("FAKE_NO_MSR_LIST", 0))
		return -EOPNOTSUPP;
	return fake.gone ? -ENODEV : fake_registers_list_msrs(indices, room);
}

/* ---- sessions ---- */

static void forget_bps(void)
{
	int i;

	for (i = 0; i < fake.bps_used; i++)
		fake_object_free(&fake.objects[i]);
	memset(fake.bps, 0, fake.bps_used * sizeof(*fake.bps));
	fake.bps_used = 0;
}

static int vms(void)
{
	const char *path = getenv("FAKE_VM");

	int count = env("FAKE_VMS", 1);

	if ((count == 1 && fake.gone) || (path && access(path, F_OK)))
		return 0;
	return count;
}

static const char *vm_name(void)
{
	static char name[20];

	snprintf(name, sizeof(name), " VM %d", FAKE_VM_FIRST + fake_vm);
	return env("FAKE_MANY", 0) ? name : "";
}

static int fake_attach(struct target *t, uint32_t vm)
{
	if (vm != TARGET_ANY_VM && vm - FAKE_VM_FIRST != (uint32_t)fake_vm)
		return -ENOENT;
	if (!vms() || fake_vm >= vms() || fake.gone)
		return -ENOENT;
	if (vms() > 1 && (vm == TARGET_ANY_VM || !env("FAKE_MANY", 0)))
		return -ENOTUNIQ;
	if (env("FAKE_BUSY", 0) || fake.attached)
		return -EBUSY;
	fake.attached = true;
	fake.time = VMXDBG_TIME_STOP;
	show_events();
	if (!env("FAKE_QUIET", 0))
		fprintf(stderr, "fake: attached%s\n", vm_name());
	return 0;
}

static void fake_detach(struct target *t)
{
	int i, stopped = 0;

	if (!fake.attached)
		return;
	fake.attached = fake.held = fake.stop_new = false;
	forget_bps();
	fake_ring_close();
	fake_catch_clear();
	for (i = 0; i < VCPUS_MAX; i++) {
		stopped += fake.vcpus[i].exists && fake.vcpus[i].stopped;
		fake.vcpus[i].stopped = fake.vcpus[i].unread = false;
		fake.vcpus[i].event = (struct vmxdbg_event){ 0 };
	}
	if (!env("FAKE_QUIET", 0))
		fprintf(stderr, "fake: detached%s, %d vCPUs were stopped\n", vm_name(), stopped);
}

static int fake_list(struct target *t, struct vmxdbg_vm_info **list)
{
	const char *comm = getenv("FAKE_COMM");
	int i, count = vms();

	*list = count ? calloc(count, sizeof(**list)) : NULL;
	for (i = 0; i < count; i++) {
		(*list)[i] = (struct vmxdbg_vm_info){
			.id = FAKE_VM_FIRST + i, .pid = 4242 + i, .vcpus = 2,
			.memory = RAM_SIZE,
			.flags = machines[i].attached ? VMXDBG_VM_ATTACHED : 0,
		};
		strncpy((*list)[i].comm, comm ? comm : "fakevmm", sizeof((*list)[i].comm));
	}
	return count;
}

static int fake_info(struct target *t, struct vmxdbg_info *info)
{
	int i;

	contract(fake.attached);
	*info = (struct vmxdbg_info){
		.version = VMXDBG_API_VERSION,
		.features = VMXDBG_FEATURE_HOOKS | VMXDBG_FEATURE_MTF |
			    (env("FAKE_NO_BRANCH", 0) ? 0 : VMXDBG_FEATURE_BRANCH),
		.vm = FAKE_VM_FIRST + fake_vm,
		.pid = 4242 + fake_vm,
		.hw_breakpoints = 4,
		.max_breakpoints = fake.bps_room,
	};
	for (i = 0; i < VCPUS_MAX; i++)
		info->vcpu_mask |= (uint64_t)fake.vcpus[i].exists << i;
	return 0;
}

static int fake_vcpu(struct target *t, uint32_t vcpu, struct vmxdbg_vcpu *state)
{
	const struct vcpu *v = vcpu_of(vcpu);

	*state = (struct vmxdbg_vcpu){
		.vcpu = vcpu,
		.state = v->stopped,
		.flags = v->halted ? VMXDBG_VCPU_HALTED : 0,
		.tid = 5000 + vcpu,
	};
	return 0;
}

static int fake_event_fd(struct target *t)
{
	return fake.eventfd;
}

static int fake_hits(struct target *t, uint32_t id, uint64_t *hits)
{
	int i;

	contract(fake.attached && id);
	for (i = 0; i < fake.bps_used; i++) {
		if (fake.bps[i].id == id) {
			*hits = fake.objects[i].hits;
			return 0;
		}
	}
	return fake_catch_hits(id, hits) ? 0 : -ENOENT;
}

static int fake_set_time(struct target *t, uint32_t mode)
{
	contract(fake.attached && mode <= VMXDBG_TIME_RUN);
	if (fake.gone)
		return -ENODEV;
	if (fake.time != mode && !env("FAKE_QUIET", 0))
		fprintf(stderr, "fake: time %s\n", mode == VMXDBG_TIME_RUN ? "runs" : "stops");
	fake.time = mode;
	return 0;
}

static int fake_open_ring(struct target *t, uint32_t size)
{
	int small = env("FAKE_RING", 0);

	contract(fake.attached);
	return fake_ring_open(small ? (uint32_t)small : size);
}

static const struct vmxdbg_record *fake_next_record(struct target *t)
{
	contract(fake.attached);
	return fake_ring_next();
}

static uint64_t fake_lost_records(struct target *t)
{
	return fake_ring_lost();
}

static const struct target_ops fake_ops = {
	.attach = fake_attach,
	.detach = fake_detach,
	.list = fake_list,
	.info = fake_info,
	.event_fd = fake_event_fd,
	.next_event = fake_next_event,
	.stop = fake_stop,
	.resume = fake_resume,
	.vcpu = fake_vcpu,
	.get_regs = fake_get_regs,
	.set_regs = fake_set_regs,
	.read_mem = fake_read_mem,
	.write_mem = fake_write_mem,
	.translate = fake_translate,
	.add_bp = fake_add_bp,
	.del_bp = fake_del_bp,
	.slots = fake_slots,
	.place = fake_place,
	.objects = fake_objects,
	.set_time = fake_set_time,
	.get_msrs = fake_get_msrs,
	.set_msrs = fake_set_msrs,
	.list_msrs = fake_list_msrs,
	.inject = fake_inject_event,
	.reset = fake_reset,
	.stats = fake_stats,
	.add_catch = fake_add_catch,
	.hits = fake_hits,
	.ring_open = fake_open_ring,
	.ring_next = fake_next_record,
	.ring_lost = fake_lost_records,
};

static void begin(int number, const uint8_t *ram)
{
	int i, count = env("FAKE_VCPUS", 2);

	fake_vm = number;
	forget_bps();
	fake_ring_close();
	fake_catch_clear();
	if (fake.eventfd > 0)
		close(fake.eventfd);
	memset(&fake, 0, offsetof(struct machine, bps));
	fake.bps_room = env("FAKE_BPS", 64);
	fake.eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ram)
		memcpy(fake.ram, ram, RAM_SIZE);
	for (i = 0; i < count; i++)
		vcpu_new(i);
	if (env("FAKE_HELD", 0))
		for (i = 0; i < count; i++)
			fake.vcpus[i].stopped = true;
}

int device_open(const struct options *options)
{
	int i;

	guest_path = options->device;
	begin(0, NULL);
	if (!load(options->device))
		return -1;
	fake_tables_make(fake.ram);
	for (i = 1; i < FAKE_VMS_MAX && i < env("FAKE_VMS", 1); i++)
		begin(i, machines[0].ram);
	fake_vm = 0;
	return eventfd(0, EFD_CLOEXEC);
}

struct target *target_new(const struct options *options, int device)
{
	struct fake_session *session = calloc(1, sizeof(*session));

	fake_vms_wrap(&fake_ops);
	if (!session)
		return NULL;
	*session = (struct fake_session){ .target.ops = &fake_vms_ops, .vm = -1 };
	return &session->target;
}
