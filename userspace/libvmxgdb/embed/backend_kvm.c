// SPDX-License-Identifier: MIT
/* A guest of KVM, by its file descriptors. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/kvm.h>

#include "embed/backend.h"
#include "embed/machine_bp.h"

#define DEBUG_REGISTERS	4

#define DR6_BS		(1ULL << 14)
#define DR7_RESERVED	(1ULL << 10)

#define VECTOR_DB	1
#define VECTOR_BP	3

#ifndef KVM_GUESTDBG_BLOCKIRQ
#define KVM_GUESTDBG_BLOCKIRQ	0x00100000
#endif
#ifndef KVM_CAP_SET_GUEST_DEBUG2
#define KVM_CAP_SET_GUEST_DEBUG2 195
#endif

/* A debug register that is in use */
struct slot {
	bool used;
	uint32_t type;		/* VGDB_BP_* */
	uint64_t addr;
	unsigned int len;
};

struct memory {
	uint64_t gpa;
	uint64_t size;
	char *host;
};

struct kvm_cpu {
	int fd;
	struct kvm_run *run;
	struct kvm_guest_debug set;	/* by the last KVM_SET_GUEST_DEBUG */
};

struct kvm {
	uint32_t controls;		/* KVM_GUESTDBG_* that the kernel knows */
	struct kvm_cpu cpus[VGDB_VCPUS_MAX];
	struct memory *memory;
	size_t nr_memory;
	struct slot slots[DEBUG_REGISTERS];
	struct vgdb_ops ops;		/* kick, kill, reset */
	void *context;
};

static struct kvm *of(const struct machine *m)
{
	return m->data;
}

static int call(int fd, unsigned long request, const void *argument)
{
	return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

/* ---- registers ---- */

static const unsigned long get_requests[] = {
	[VMXDBG_REGS_GENERAL] = KVM_GET_REGS,
	[VMXDBG_REGS_SYSTEM] = KVM_GET_SREGS,
	[VMXDBG_REGS_DEBUG] = KVM_GET_DEBUGREGS,
	[VMXDBG_REGS_FPU] = KVM_GET_FPU,
	[VMXDBG_REGS_XSAVE] = KVM_GET_XSAVE,
	[VMXDBG_REGS_XCRS] = KVM_GET_XCRS,
	[VMXDBG_REGS_EVENTS] = KVM_GET_VCPU_EVENTS,
};

static const unsigned long set_requests[] = {
	[VMXDBG_REGS_GENERAL] = KVM_SET_REGS,
	[VMXDBG_REGS_SYSTEM] = KVM_SET_SREGS,
	[VMXDBG_REGS_DEBUG] = KVM_SET_DEBUGREGS,
	[VMXDBG_REGS_FPU] = KVM_SET_FPU,
	[VMXDBG_REGS_XSAVE] = KVM_SET_XSAVE,
	[VMXDBG_REGS_XCRS] = KVM_SET_XCRS,
	[VMXDBG_REGS_EVENTS] = KVM_SET_VCPU_EVENTS,
};

static int kvm_get_set(struct machine *m, uint32_t vcpu, uint32_t set, void *data)
{
	/* KVM does not tell what is hidden. */
	if (set > VMXDBG_REGS_EVENTS)
		return -EOPNOTSUPP;
	return call(of(m)->cpus[vcpu].fd, get_requests[set], data);
}

static int kvm_set_set(struct machine *m, uint32_t vcpu, uint32_t set, const void *data)
{
	if (set > VMXDBG_REGS_EVENTS)
		return -EOPNOTSUPP;
	return call(of(m)->cpus[vcpu].fd, set_requests[set], data);
}

/* KVM transfers MSRs up to the first one that it refuses. */
static int transfer_msrs(int fd, unsigned long request, struct kvm_msr_entry *entries,
			 uint32_t count, uint32_t *done)
{
	struct kvm_msrs *msrs = calloc(1, sizeof(*msrs) + count * sizeof(*entries));
	int result;

	*done = 0;
	if (!msrs)
		return -ENOMEM;
	msrs->nmsrs = count;
	memcpy(msrs->entries, entries, count * sizeof(*entries));
	result = ioctl(fd, request, msrs);
	if (result < 0) {
		result = -errno;
	} else {
		*done = result;
		memcpy(entries, msrs->entries, *done * sizeof(*entries));
		result = *done < count ? -EINVAL : 0;
	}
	free(msrs);
	return result;
}

static int kvm_get_msrs(struct machine *m, uint32_t vcpu, struct kvm_msr_entry *entries,
			uint32_t count, uint32_t *done)
{
	return transfer_msrs(of(m)->cpus[vcpu].fd, KVM_GET_MSRS, entries, count, done);
}

static int kvm_set_msrs(struct machine *m, uint32_t vcpu, const struct kvm_msr_entry *entries,
			uint32_t count, uint32_t *done)
{
	return transfer_msrs(of(m)->cpus[vcpu].fd, KVM_SET_MSRS,
			     (struct kvm_msr_entry *)entries, count, done);
}

/* ---- memory ---- */

/* Return: the host's address of @gpa, with *@len cut to what is there; NULL if nothing is. */
static char *host_address(struct machine *m, uint64_t gpa, size_t *len)
{
	const struct memory *s;

	for (s = of(m)->memory; s < of(m)->memory + of(m)->nr_memory; s++) {
		if (gpa < s->gpa || gpa - s->gpa >= s->size)
			continue;
		if (*len > s->size - (gpa - s->gpa))
			*len = s->size - (gpa - s->gpa);
		return s->host + (gpa - s->gpa);
	}
	return NULL;
}

static ssize_t kvm_read_memory(struct machine *m, uint64_t gpa, void *data, size_t len)
{
	const char *at = host_address(m, gpa, &len);

	if (!at)
		return 0;
	memcpy(data, at, len);
	return len;
}

static ssize_t kvm_write_memory(struct machine *m, uint64_t gpa, const void *data,
				size_t len)
{
	char *at = host_address(m, gpa, &len);

	if (!at)
		return 0;
	memcpy(at, data, len);
	return len;
}

static int kvm_translate(struct machine *m, uint32_t vcpu, struct vmxdbg_translate *to)
{
	struct kvm_translation t = { .linear_address = to->gva };
	int result = call(of(m)->cpus[vcpu].fd, KVM_TRANSLATE, &t);

	if (result < 0)
		return result;
	if (!t.valid)
		return -ENXIO;
	to->gpa = t.physical_address;
	to->page_size = 4096;
	to->flags = VMXDBG_PAGE_EXEC | (t.writeable ? VMXDBG_PAGE_WRITE : 0) |
		    (t.usermode ? VMXDBG_PAGE_USER : 0);
	return 0;
}

/* ---- debug registers ---- */

static struct slot *free_slot(struct kvm *k)
{
	int i;

	for (i = 0; i < DEBUG_REGISTERS; i++)
		if (!k->slots[i].used)
			return &k->slots[i];
	return NULL;
}

/* The longest aligned piece of a watchpoint that one register can have */
static unsigned int piece(uint64_t addr, uint64_t len)
{
	unsigned int size = 8;

	while (size > len || addr % size)
		size /= 2;
	return size;
}

static int kvm_del_bp(struct machine *m, const struct machine_bp *bp)
{
	struct kvm *k = of(m);
	uint64_t addr = bp->addr, left = bp->len;
	unsigned int len;
	int i;

	for (; left; addr += len, left -= len) {
		len = piece(addr, left);
		for (i = 0; i < DEBUG_REGISTERS; i++)
			if (k->slots[i].used && k->slots[i].type == bp->type &&
			    k->slots[i].addr == addr && k->slots[i].len == len)
				break;
		if (i < DEBUG_REGISTERS)
			k->slots[i].used = false;
	}
	return 0;
}

static int kvm_add_bp(struct machine *m, const struct machine_bp *bp)
{
	uint64_t addr = bp->addr, left = bp->len;
	struct machine_bp done = *bp;
	struct slot *slot;
	unsigned int len;

	/* x86 has no registers for reads alone. */
	if (bp->type == VGDB_BP_SOFT || bp->type == VGDB_BP_READ)
		return -EOPNOTSUPP;
	for (; left; addr += len, left -= len) {
		slot = free_slot(of(m));
		len = piece(addr, left);
		if (!slot) {
			done.len = addr - bp->addr;
			kvm_del_bp(m, &done);
			/* An int3 takes the place of a register. */
			return bp->type == VGDB_BP_HARD ? -EOPNOTSUPP : -ENOSPC;
		}
		*slot = (struct slot){ .used = true, .type = bp->type, .addr = addr,
				       .len = len };
	}
	return 0;
}

/* DR7: enable bits, and type and length from bit 16 on */
static uint64_t dr7_bits(int number, const struct slot *slot)
{
	static const unsigned int lengths[] = { [1] = 0, [2] = 1, [4] = 3, [8] = 2 };
	unsigned int type = slot->type == VGDB_BP_HARD ? 0 :
			    slot->type == VGDB_BP_WRITE ? 1 : 3;

	return 2ULL << (2 * number) |
	       (uint64_t)(type | lengths[slot->len] << 2) << (16 + 4 * number);
}

static void put_registers(const struct kvm *k, struct kvm_guest_debug *debug)
{
	uint64_t dr7 = DR7_RESERVED;
	int i;

	for (i = 0; i < DEBUG_REGISTERS; i++) {
		if (!k->slots[i].used)
			continue;
		debug->control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP;
		debug->arch.debugreg[i] = k->slots[i].addr;
		dr7 |= dr7_bits(i, &k->slots[i]);
	}
	debug->arch.debugreg[7] = dr7;
}

static int kvm_run(struct machine *m, uint32_t vcpu, int action)
{
	struct kvm *k = of(m);
	struct kvm_cpu *cpu = &k->cpus[vcpu];
	struct kvm_guest_debug debug = { 0 };
	int result;

	put_registers(k, &debug);
	if (m->nr_sites)
		debug.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP;
	if (action == VGDB_STEP)
		debug.control |= KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
	if (action == VGDB_STEP && !(m->vcpus[vcpu].how.flags & VMXDBG_RESUME_IRQS))
		debug.control |= k->controls & KVM_GUESTDBG_BLOCKIRQ;
	if (!memcmp(&debug, &cpu->set, sizeof(debug)))
		return 0;
	result = call(cpu->fd, KVM_SET_GUEST_DEBUG, &debug);
	if (result == 0)
		cpu->set = debug;
	return result;
}

/* ---- KVM_EXIT_DEBUG ---- */

/* Give the guest the exception that was its own. */
static int give_back(struct kvm_cpu *cpu, uint32_t inject)
{
	struct kvm_guest_debug debug = cpu->set;

	debug.control |= KVM_GUESTDBG_ENABLE | inject;
	/* One that is equal would not be set again. */
	memset(&cpu->set, 0xff, sizeof(cpu->set));
	return call(cpu->fd, KVM_SET_GUEST_DEBUG, &debug);
}

static int give_debug_exception(struct kvm_cpu *cpu, uint64_t dr6)
{
	struct kvm_debugregs regs;
	int result = call(cpu->fd, KVM_GET_DEBUGREGS, &regs);

	if (result < 0)
		return result;
	regs.dr6 |= dr6;
	result = call(cpu->fd, KVM_SET_DEBUGREGS, &regs);
	return result < 0 ? result : give_back(cpu, KVM_GUESTDBG_INJECT_DB);
}

int backend_kvm_reason(struct machine *m, uint32_t vcpu)
{
	struct kvm *k = of(m);
	struct kvm_cpu *cpu = &k->cpus[vcpu];
	const struct kvm_debug_exit_arch *exit = &cpu->run->debug.arch;
	int i, reason = 0;

	if (cpu->run->exit_reason != KVM_EXIT_DEBUG)
		return -EINVAL;
	if (exit->exception == VECTOR_BP) {
		if (machine_bp_executes(m, exit->pc) ||
		    machine_bp_planted(m, vcpu, exit->pc))
			return VGDB_BREAKPOINT;
		return give_back(cpu, KVM_GUESTDBG_INJECT_BP);
	}
	if ((exit->dr6 & DR6_BS) && (cpu->set.control & KVM_GUESTDBG_SINGLESTEP))
		reason |= VGDB_STEPPED;
	for (i = 0; i < DEBUG_REGISTERS; i++) {
		if (!(exit->dr6 >> i & 1) || !k->slots[i].used)
			continue;
		if (k->slots[i].type == VGDB_BP_HARD) {
			reason |= VGDB_BREAKPOINT;
		} else {
			reason |= VGDB_WATCHPOINT;
			m->vcpus[vcpu].addr = k->slots[i].addr;
		}
	}
	return reason ? reason : give_debug_exception(cpu, exit->dr6);
}

/* ---- what the VMM adds ---- */

static int kvm_kick(struct machine *m, uint32_t vcpu)
{
	return backend_kick(&of(m)->ops, of(m)->context, vcpu);
}

static int kvm_kill(struct machine *m)
{
	return of(m)->ops.kill ? of(m)->ops.kill(of(m)->context) : -EOPNOTSUPP;
}

static int kvm_reset(struct machine *m)
{
	return of(m)->ops.reset ? of(m)->ops.reset(of(m)->context) : -EOPNOTSUPP;
}

static void kvm_free(struct machine *m)
{
	free(of(m)->memory);
	free(m->data);
}

static const struct machine_ops kvm_machine_ops = {
	.get_set = kvm_get_set,
	.set_set = kvm_set_set,
	.get_msrs = kvm_get_msrs,
	.set_msrs = kvm_set_msrs,
	.read_memory = kvm_read_memory,
	.write_memory = kvm_write_memory,
	.translate = kvm_translate,
	.add_bp = kvm_add_bp,
	.del_bp = kvm_del_bp,
	.run = kvm_run,
	.kick = kvm_kick,
	.kill = kvm_kill,
	.reset = kvm_reset,
	.free = kvm_free,
};

bool backend_is_kvm(const struct machine *m)
{
	return m->ops == &kvm_machine_ops;
}

int backend_kvm(struct machine *m, int vm_fd)
{
	struct kvm *k = calloc(1, sizeof(*k));
	int controls, result;

	if (!k)
		return -ENOMEM;
	controls = ioctl(vm_fd, KVM_CHECK_EXTENSION, KVM_CAP_SET_GUEST_DEBUG2);
	k->controls = controls > 0 ? controls : 0;
	result = controls < 0 ? -errno : machine_init(m, &kvm_machine_ops, k);
	if (result < 0)
		free(k);
	return result;
}

void backend_kvm_ops(struct machine *m, const struct vgdb_ops *ops, void *context)
{
	of(m)->ops = *ops;
	of(m)->context = context;
}

int backend_kvm_add_vcpu(struct machine *m, int vcpu_fd, struct kvm_run *run)
{
	int vcpu = machine_add_vcpu(m);

	if (vcpu >= 0)
		of(m)->cpus[vcpu] = (struct kvm_cpu){ .fd = vcpu_fd, .run = run };
	return vcpu;
}

int backend_kvm_add_memory(struct machine *m, uint64_t gpa, uint64_t size, void *host)
{
	struct kvm *k = of(m);
	struct memory *bigger;

	if (!size || gpa + size - 1 < gpa)
		return -EINVAL;
	bigger = realloc(k->memory, (k->nr_memory + 1) * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	k->memory = bigger;
	k->memory[k->nr_memory++] = (struct memory){ .gpa = gpa, .size = size, .host = host };
	return 0;
}

int backend_kvm_del_memory(struct machine *m, uint64_t gpa)
{
	struct kvm *k = of(m);
	size_t i;

	for (i = 0; i < k->nr_memory; i++) {
		if (k->memory[i].gpa != gpa)
			continue;
		k->memory[i] = k->memory[--k->nr_memory];
		return 0;
	}
	return -ENOENT;
}
