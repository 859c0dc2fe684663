// SPDX-License-Identifier: GPL-2.0-only
/*
 * A target that needs no module, for tests of the protocol.
 *
 * The target follows the contract of <vmxdbg.h>, and aborts if the daemon does
 * not. vCPUs run in lockstep while the daemon reads events, so that all runs
 * are alike. The guest is the file that --device names. Environment:
 *
 *   FAKE_VCPUS=N   number of vCPUs, 2 by default
 *   FAKE_GAP=N     vCPUs from 64 on, and below N, do not exist
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
#include <unistd.h>

#include "fake_act.h"
#include "fake_bps.h"
#include "fake_catch.h"
#include "fake_machine.h"
#include "fake_object.h"
#include "fake_registers.h"
#include "fake_run.h"
#include "fake_tables.h"
#include "fake_vms.h"
#include "guest/target.h"
#include "options.h"
#include "target_device.h"

/* ---- memory ---- */

static ssize_t memory(uint32_t vcpu, uint32_t flags, uint64_t addr, size_t len,
		      void **at)
{
	contract(len && len <= VMXDBG_MEM_MAX && addr + len - 1 >= addr);
	if (flags & VMXDBG_MEM_PHYSICAL)
		contract(vcpu == 0 && fake.attached);
	else
		fake_stopped(vcpu);
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
	fake_stopped(vcpu);
	if (!fake_linear(gva, 1))
		return -ENXIO;
	*to = (struct vmxdbg_translate){
		.vcpu = vcpu,
		.flags = VMXDBG_PAGE_WRITE | (fake_no_execute(gva) ? 0 : VMXDBG_PAGE_EXEC),
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

/* ---- catches, counters ---- */

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
	uint64_t number = vcpu == VMXDBG_ALL_VCPUS ? 100 : fake_vcpu_of(vcpu) - fake.vcpus + 1;

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

/* ---- events and resets ---- */

static const char *guest_path;

static int fake_inject_event(struct target *t, const struct vmxdbg_inject *event)
{
	struct vcpu *v = fake_stopped(event->vcpu);

	if (fake.gone)
		return -ENODEV;
	if (fake_env("FAKE_NO_INJECT", 0))
		return -EOPNOTSUPP;
	return fake_inject_valid(event) ? fake_inject(&v->waiting, event) : -EINVAL;
}

static int fake_reset(struct target *t)
{
	int i;

	contract(fake.attached);
	if (fake.gone)
		return -ENODEV;
	if (fake_env("FAKE_NO_RESET", 0))
		return -EOPNOTSUPP;
	for (i = 0; i < fake.vcpus_end; i++) {
		contract(!fake.vcpus[i].exists || fake.vcpus[i].stopped);
		fake.vcpus[i].unread = false;
	}
	fake.reset_in = fake_env("FAKE_RESET", 3);
	return -EINPROGRESS;
}

/* Breakpoints stay. */
static void reset_now(void)
{
	struct fake_event event = { .type = VMXDBG_CATCH_RESET, .data[0] = VMXDBG_RESET_VMM };
	struct vcpu *first = &fake.vcpus[0];
	struct fake_view view = {
		.rip = fake_linear_rip(first), .general = &first->general,
		.system = &first->system, .debug = &first->debug, .memory = fake_linear,
	};
	int i;

	if (fake_catch_ask(&event, &view, &first->event)) {
		fake_stop_for(first, 0);
		return;
	}
	if (fake_env("FAKE_RESET_ENDS", 0)) {
		fake.gone = fake.gone_unread = true;
		return;
	}
	memset(fake.ram, 0, sizeof(fake.ram));
	contract(fake_load(guest_path));
	fake_tables_make(fake.ram);
	for (i = 0; i < fake.vcpus_end; i++) {
		if (!fake.vcpus[i].exists)
			continue;
		fake_vcpu_new(i);
		fake.vcpus[i].stopped = true;
	}
	fake_stop_for(first, VMXDBG_WHY_RESET);
}

static int fake_next_event(struct target *t, struct vmxdbg_event *event)
{
	int i;

	contract(fake.attached);
	if (!fake.gone)
		fake_run_vcpus();
	if (fake.reset_in && !--fake.reset_in)
		reset_now();
	for (i = 0; i < fake.vcpus_end; i++) {
		struct vcpu *v = &fake.vcpus[i];

		if (!v->unread || fake.gone)
			continue;
		*event = v->event;
		v->unread = false;
		v->event = (struct vmxdbg_event){ 0 };
		fake_show_events();
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
	contract(vcpu == VMXDBG_ALL_VCPUS || fake_vcpu_of(vcpu));
	if (fake.gone)
		return -ENODEV;
	for (i = 0; i < fake.vcpus_end; i++)
		if (fake.vcpus[i].exists && (vcpu == VMXDBG_ALL_VCPUS || vcpu == (uint32_t)i))
			fake.vcpus[i].stopped = true;
	fake.stop_new |= vcpu == VMXDBG_ALL_VCPUS;
	fake_show_events();
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
		resume_one(fake_stopped(how->vcpu), how);
	fake.stop_new &= how->vcpu != VMXDBG_ALL_VCPUS;
	for (i = 0; i < fake.vcpus_end && how->vcpu == VMXDBG_ALL_VCPUS; i++)
		if (fake.vcpus[i].exists && fake.vcpus[i].stopped && !fake.vcpus[i].unread)
			resume_one(&fake.vcpus[i], how);
	fake_show_events();
	return 0;
}

/* ---- registers ---- */

static void *regs_at(uint32_t vcpu, uint32_t set, size_t size)
{
	struct vcpu *v = fake_stopped(vcpu);
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
	struct vcpu *v = fake_stopped(vcpu);
	void *at = regs_at(vcpu, set, size);

	if (fake.gone)
		return -ENODEV;
	if (set == VMXDBG_REGS_FPU && fake_env("FAKE_NO_FPU", 0))
		return -EIO;
	if (set > VMXDBG_REGS_FPU && fake_env("FAKE_FEW_REGS", 0))
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

	if (!fake_env("FAKE_RULES", 0))
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
	struct vcpu *v = fake_stopped(vcpu);

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
	if (fake_env("FAKE_FEW_REGS", 0))
		return -EOPNOTSUPP;
	if (fake.time == VMXDBG_TIME_RUN)
		fake_registers_time(&fake_stopped(vcpu)->other);
	return fake.gone ? -ENODEV :
	       fake_registers_get_msrs(&fake_stopped(vcpu)->other, entries, count, done);
}

static int fake_set_msrs(struct target *t, uint32_t vcpu, const struct kvm_msr_entry *entries,
			 uint32_t count, uint32_t *done, uint32_t *refused)
{
	contract(count && count <= VMXDBG_MSRS_MAX);
	*done = *refused = 0;
	if (fake_env("FAKE_FEW_REGS", 0))
		return -EOPNOTSUPP;
	return fake.gone ? -ENODEV :
	       fake_registers_set_msrs(&fake_stopped(vcpu)->other, entries, count, done,
				       refused);
}

static int fake_list_msrs(struct target *t, uint32_t vcpu, uint32_t *indices, uint32_t room)
{
	fake_stopped(vcpu);
	if (fake_env("FAKE_FEW_REGS", 0) || fake_env("FAKE_NO_MSR_LIST", 0))
		return -EOPNOTSUPP;
	return fake.gone ? -ENODEV : fake_registers_list_msrs(indices, room);
}

/* ---- sessions ---- */

static int vms(void)
{
	const char *path = getenv("FAKE_VM");

	int count = fake_env("FAKE_VMS", 1);

	if ((count == 1 && fake.gone) || (path && access(path, F_OK)))
		return 0;
	return count;
}

static const char *vm_name(void)
{
	static char name[20];

	snprintf(name, sizeof(name), " VM %d", FAKE_VM_FIRST + fake_vm);
	return fake_env("FAKE_MANY", 0) ? name : "";
}

static int fake_attach(struct target *t, uint32_t vm)
{
	if (vm != TARGET_ANY_VM && vm - FAKE_VM_FIRST != (uint32_t)fake_vm)
		return -ENOENT;
	if (!vms() || fake_vm >= vms() || fake.gone)
		return -ENOENT;
	if (vms() > 1 && (vm == TARGET_ANY_VM || !fake_env("FAKE_MANY", 0)))
		return -ENOTUNIQ;
	if (fake_env("FAKE_BUSY", 0) || fake.attached)
		return -EBUSY;
	fake.attached = true;
	fake.time = VMXDBG_TIME_STOP;
	fake_show_events();
	if (!fake_env("FAKE_QUIET", 0))
		fprintf(stderr, "fake: attached%s\n", vm_name());
	return 0;
}

static void fake_detach(struct target *t)
{
	int i, stopped = 0;

	if (!fake.attached)
		return;
	fake.attached = fake.held = fake.stop_new = false;
	fake_forget_bps();
	fake_ring_close();
	fake_catch_clear();
	for (i = 0; i < fake.vcpus_end; i++) {
		stopped += fake.vcpus[i].exists && fake.vcpus[i].stopped;
		fake.vcpus[i].stopped = fake.vcpus[i].unread = false;
		fake.vcpus[i].event = (struct vmxdbg_event){ 0 };
	}
	if (!fake_env("FAKE_QUIET", 0))
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
			.flags = fake_machines[i].attached ? VMXDBG_VM_ATTACHED : 0,
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
			    VMXDBG_FEATURE_VCPU_SETS |
			    (fake_env("FAKE_NO_BRANCH", 0) ? 0 : VMXDBG_FEATURE_BRANCH),
		.vm = FAKE_VM_FIRST + fake_vm,
		.pid = 4242 + fake_vm,
		.hw_breakpoints = 4,
		.max_breakpoints = fake.bps_room,
	};
	for (i = 0; i < fake.vcpus_end; i++) {
		info->vcpus += fake.vcpus[i].exists;
		if (i < 64)
			info->vcpu_mask |= (uint64_t)fake.vcpus[i].exists << i;
	}
	return 0;
}

static int fake_list_vcpus(struct target *t, uint32_t **vcpus)
{
	int i, count = 0;

	contract(fake.attached);
	*vcpus = calloc(VCPUS_MAX, sizeof(**vcpus));
	for (i = 0; *vcpus && i < fake.vcpus_end; i++)
		if (fake.vcpus[i].exists)
			(*vcpus)[count++] = i;
	return *vcpus ? count : -ENOMEM;
}

static int fake_vcpu(struct target *t, uint32_t vcpu, struct vmxdbg_vcpu *state)
{
	const struct vcpu *v = fake_vcpu_of(vcpu);

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

static int fake_set_time(struct target *t, uint32_t mode)
{
	contract(fake.attached && mode <= VMXDBG_TIME_RUN);
	if (fake.gone)
		return -ENODEV;
	if (fake.time != mode && !fake_env("FAKE_QUIET", 0))
		fprintf(stderr, "fake: time %s\n", mode == VMXDBG_TIME_RUN ? "runs" : "stops");
	fake.time = mode;
	return 0;
}

static int fake_open_ring(struct target *t, uint32_t size)
{
	int small = fake_env("FAKE_RING", 0);

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
	.vcpus = fake_list_vcpus,
	.vcpu_set = fake_vcpu_set,
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
	int i, count = fake_env("FAKE_VCPUS", 2);

	fake_vm = number;
	fake_forget_bps();
	fake_ring_close();
	fake_catch_clear();
	if (fake.eventfd > 0)
		close(fake.eventfd);
	memset(&fake, 0, offsetof(struct machine, bps));
	fake.bps_room = fake_env("FAKE_BPS", 64);
	fake.eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ram)
		memcpy(fake.ram, ram, RAM_SIZE);
	for (i = 0; i < count; i++)
		if (i < 64 || i >= fake_env("FAKE_GAP", 0))
			fake_vcpu_new(i);
	if (fake_env("FAKE_HELD", 0))
		for (i = 0; i < count; i++)
			fake.vcpus[i].stopped = true;
}

int device_open(const struct options *options)
{
	int i;

	guest_path = options->device;
	begin(0, NULL);
	if (!fake_load(options->device))
		return -1;
	fake_tables_make(fake.ram);
	for (i = 1; i < FAKE_VMS_MAX && i < fake_env("FAKE_VMS", 1); i++)
		begin(i, fake_machines[0].ram);
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
