// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emulation of instructions that access MMIO, which is guest-physical memory
 * without a slot. An instruction has up to two reads and two writes, each in as many
 * exits to the VMM as on KVM; parts that are memory are transferred here. Registers
 * change at the end only, so an instruction can be abandoned at each exit.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>
#include <asm/vmx.h>

#include "debug/catch_exit.h"
#include "debug/dbg_object.h"
#include "debug/watch_insn.h"
#include "insn/insn.h"
#include "insn/insn_execute.h"
#include "irq/io_bus.h"
#include "irq/lapic.h"
#include "lib/walk.h"
#include "mmu/gpa.h"
#include "mmu/memslot.h"
#include "run/mmio.h"
#include "run/mmio_stack.h"
#include "run/mmio_system.h"
#include "vcpu.h"
#include "vcpu/debug_regs.h"
#include "vcpu/event.h"
#include "vcpu/fetch.h"
#include "vcpu/fpu.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vcpu/segment.h"
#include "vcpu/types.h"
#include "vcpu/vmm_exit.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

#define EXIT_BYTES	8	/* in one KVM_EXIT_MMIO */

/* ---- locate the operands ---- */

/* Return: whether the processor translated @gva for this access before the exit. */
static bool exit_translated(struct vcpu *vcpu, u64 gva, unsigned int size, bool write)
{
	u64 seen;

	if ((vcpu->exit_qual & EPT_QUAL_LINEAR) != EPT_QUAL_LINEAR ||
	    (write && !(vcpu->exit_qual & EPT_VIOLATION_ACC_WRITE)) ||
	    offset_in_page(gva) + size > PAGE_SIZE)
		return false;
	vmcs_get(&vcpu->vmcs);
	seen = vmcs_read(GUEST_LINEAR_ADDRESS);
	vmcs_put();
	return seen == gva;
}

/* Return: as gva_access_check(). */
static int mmio_translate(struct vcpu *vcpu, struct mmio_access *a, bool write)
{
	u32 access = write ? WALK_WRITE : 0;
	u64 last = a->gva + a->size - 1;
	int r = gva_access_check(vcpu, a->gva, access, &a->gpa[0]);

	if (!r && (a->gva ^ last) & PAGE_MASK)
		r = gva_access_check(vcpu, last & PAGE_MASK, access, &a->gpa[1]);
	return r;
}

static int locate(struct vcpu *vcpu, struct mmio_access *a, enum insn_seg seg,
		  u64 offset, unsigned int size, bool write)
{
	a->gva = vcpu_linear(vcpu, seg, offset);
	a->size = size;
	if (exit_translated(vcpu, a->gva, size, write)) {
		a->gpa[0] = vcpu->exit_gpa;
		return 0;
	}
	return vcpu_check_segment(vcpu, seg, offset, size, write) ?:
	       mmio_translate(vcpu, a, write);
}

/* The stack operand of @size bytes that is @below RSP */
static int locate_stack(struct vcpu *vcpu, enum mmio_phase phase, unsigned int size,
			unsigned int below)
{
	u64 offset = vcpu->regs[GPR_RSP] - below;

	offset &= gpr_mask(vcpu_stack_size(vcpu));
	return locate(vcpu, &vcpu->mmio.access[phase], INSN_SS, offset, size,
		      phase >= MMIO_WRITE);
}

/* A far CALL pushes CS, then the return address. */
static int locate_far_call(struct vcpu *vcpu)
{
	unsigned int size = vcpu->mmio.insn->reg_size;

	return locate_stack(vcpu, MMIO_WRITE, size, size) ?:
	       locate_stack(vcpu, MMIO_WRITE2, size, 2 * size);
}

static bool pushes(const struct insn *insn)
{
	return insn->op == INSN_PUSH || insn->op == INSN_CALL;
}

/* The implicit operand */
static int locate_second(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 dest = insn_string_dest(insn, vcpu->regs);

	switch (insn->op) {
	case INSN_MOVS:
		return locate(vcpu, &vcpu->mmio.access[MMIO_WRITE], INSN_ES, dest,
			      insn->size, true);
	case INSN_CMPS:
		return locate(vcpu, &vcpu->mmio.access[MMIO_READ2], INSN_ES, dest,
			      insn->size, false);
	case INSN_PUSH:
	case INSN_CALL:
		return locate_stack(vcpu, MMIO_WRITE, insn->size, insn->size);
	case INSN_POP:
		return locate_stack(vcpu, MMIO_READ, insn->size, 0);
	case INSN_CALL_FAR:
		return locate_far_call(vcpu);
	default:
		return 0;
	}
}

/* The explicit operand. SGDT, LGDT and their kind access a limit, then a base. */
static int locate_first(struct vcpu *vcpu, struct mmio_access *a, u64 offset, bool write)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 base = (offset + sizeof(u16)) & gpr_mask(insn->addr_size);

	if (insn->op < INSN_SGDT || insn->op > INSN_LIDT)
		return locate(vcpu, a, insn->seg, offset, insn->size, write);
	return locate(vcpu, a, insn->seg, offset, sizeof(u16), write) ?:
	       locate(vcpu, a + 1, insn->seg, base, insn->size - sizeof(u16), write);
}

/* Check all accesses before the first device is asked. */
static int locate_operands(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	struct mmio_access *access = vcpu->mmio.access;
	bool write = insn_writes_memory(insn) && insn->op != INSN_MOVS;
	struct mmio_access *first = &access[write ? MMIO_WRITE : MMIO_READ];
	u64 rip, offset;
	int r;

	vmcs_get(&vcpu->vmcs);
	rip = vmcs_read(GUEST_RIP);
	vcpu->regs[GPR_RSP] = vmcs_read(GUEST_RSP);
	vmcs_put();
	if (mmio_is_stack(insn)) {
		offset = mmio_stack_offset(vcpu, vcpu->regs[GPR_RSP]);
		if (mmio_stack_wraps(vcpu, offset))
			return -EOPNOTSUPP;
		return locate(vcpu, first, INSN_SS, offset, insn->size, write);
	}
	r = locate_first(vcpu, first, insn_address(insn, vcpu->regs, rip), write);
	if (write && insn_reads_memory(insn))
		access[MMIO_READ] = access[MMIO_WRITE];
	return r ?: locate_second(vcpu);
}

/* ---- string instructions ---- */

static bool repeats(const struct insn *insn)
{
	return (insn->rep || insn->repne) && insn_is_string(insn);
}

static u64 mmio_rep_left(const struct vcpu *vcpu)
{
	return vcpu->regs[GPR_RCX] & gpr_mask(vcpu->mmio.insn->addr_size);
}

static void move_index(struct vcpu *vcpu, enum gpr nr, bool down)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 *reg = &vcpu->regs[nr];

	gpr_write(reg, insn->addr_size, down ? *reg - insn->size : *reg + insn->size);
}

/* One iteration; the next one exits again. */
static void advance_string(struct vcpu *vcpu, bool down)
{
	const struct insn *insn = vcpu->mmio.insn;

	if (insn->op != INSN_STOS && insn->op != INSN_SCAS)
		move_index(vcpu, GPR_RSI, down);
	if (insn->op != INSN_LODS)
		move_index(vcpu, GPR_RDI, down);
	if (repeats(insn))
		gpr_write(&vcpu->regs[GPR_RCX], insn->addr_size,
			  vcpu->regs[GPR_RCX] - 1);
}

/* @rflags: after the iteration. Only CMPS and SCAS check ZF. */
static bool mmio_goes_on(struct vcpu *vcpu, u64 rflags)
{
	const struct insn *insn = vcpu->mmio.insn;
	bool compares = insn->op == INSN_CMPS || insn->op == INSN_SCAS;

	if (!repeats(insn) || !mmio_rep_left(vcpu))
		return false;
	return !compares || !!(rflags & X86_EFLAGS_ZF) == insn->rep;
}

/* ---- compute ---- */

static u64 jump_target(const struct vcpu *vcpu)
{
	return vcpu->mmio.access[MMIO_READ].data[0] & gpr_mask(vcpu->mmio.insn->size);
}

static u64 return_address(struct vcpu *vcpu)
{
	u64 rip;

	vmcs_get(&vcpu->vmcs);
	rip = vmcs_read(GUEST_RIP);
	vmcs_put();
	return rip + vcpu->mmio.insn->len;
}

/* Compute the value to write without changing the guest's registers. */
static void compute_result(struct vcpu *vcpu, u64 out[4])
{
	u64 regs[16], rflags;

	memcpy(regs, vcpu->regs, sizeof(regs));
	vmcs_get(&vcpu->vmcs);
	rflags = vmcs_read(GUEST_RFLAGS);
	vmcs_put();
	insn_execute(vcpu->mmio.insn, regs, &rflags, out);
}

/* After all reads. Return: as segment_fetch(). */
static int compute(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	const u64 *in = vcpu->mmio.access[MMIO_READ].data;
	u64 *out = vcpu->mmio.access[MMIO_WRITE].data;
	u64 reg[4];

	if (mmio_is_system(insn))
		return mmio_system_compute(vcpu);
	switch (insn->op) {
	case INSN_STOS:
		out[0] = vcpu->regs[GPR_RAX];
		break;
	case INSN_CALL:
		out[0] = return_address(vcpu);
		fallthrough;
	case INSN_JMP:
		return vcpu_check_jump(vcpu, jump_target(vcpu));
	case INSN_DIV:
	case INSN_IDIV:
		if (!insn_divide_error(insn, vcpu->regs, in[0]))
			break;
		vcpu_raise(vcpu, X86_TRAP_DE);
		return -EFAULT;
	case INSN_STORE_SEG:
		out[0] = vcpu_selector(vcpu, insn->reg);
		break;
	case INSN_STORE_MMX:
		out[0] = vcpu_mmx(vcpu, insn->reg);
		break;
	case INSN_STORE_VECTOR:
		vcpu_vector(vcpu, insn->reg, reg);
		insn_store_vector(insn, reg, out);
		break;
	default:
		memcpy(out, in, sizeof(reg));
		if (insn->op <= INSN_SETCC && insn_writes_memory(insn))
			compute_result(vcpu, out);
	}
	return 0;
}

/* ---- complete the instruction ---- */

static void load_vector(struct vcpu *vcpu, const u64 mem[4])
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 reg[4], other[4];

	vcpu_vector(vcpu, insn->reg, reg);
	vcpu_vector(vcpu, insn->vex_reg, other);
	insn_load_vector(insn, reg, other, mem);
	vcpu_vector_set(vcpu, insn->reg, reg, insn->vex);
}

static void move_stack(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 rsp = vmcs_read(GUEST_RSP);

	gpr_write(&rsp, vcpu_stack_size(vcpu),
		  pushes(insn) ? rsp - insn->size : rsp + insn->size);
	vmcs_write(GUEST_RSP, rsp);
}

static void compare_string(struct vcpu *vcpu, u64 *rflags)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 first = vcpu->mmio.access[MMIO_READ].data[0];

	if (insn->op == INSN_CMPS)
		insn_compare(insn->size, rflags, first,
			     vcpu->mmio.access[MMIO_READ2].data[0]);
	else
		insn_compare(insn->size, rflags, vcpu->regs[GPR_RAX], first);
}

/* Update registers and flags; insn_execute() handles opcodes up to INSN_SETCC. */
static void commit(struct vcpu *vcpu, u64 *rflags)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 *in = vcpu->mmio.access[MMIO_READ].data;

	switch (insn->op) {
	case INSN_CALL:
	case INSN_PUSH:
	case INSN_POP:
		move_stack(vcpu);
		break;
	case INSN_LODS:
		gpr_write(&vcpu->regs[GPR_RAX], insn->size, in[0]);
		break;
	case INSN_CMPS:
	case INSN_SCAS:
		compare_string(vcpu, rflags);
		break;
	case INSN_LOAD_MMX:
		vcpu_mmx_set(vcpu, insn->reg, in[0] & gpr_mask(insn->size));
		break;
	case INSN_LOAD_VECTOR:
		load_vector(vcpu, in);
		break;
	default:
		if (insn->op > INSN_SETCC)
			break;
		vcpu->regs[GPR_RSP] = vmcs_read(GUEST_RSP);
		insn_execute(insn, vcpu->regs, rflags, in);
		vmcs_write(GUEST_RSP, vcpu->regs[GPR_RSP]);
	}
	if (insn_is_string(insn))
		advance_string(vcpu, *rflags & X86_EFLAGS_DF);
}

static bool is_memory(struct vcpu *vcpu, const struct mmio_access *a)
{
	return memslot_is_at(vcpu->vm, a->gpa[0]) &&
	       (offset_in_page(a->gva) + a->size <= PAGE_SIZE ||
		memslot_is_at(vcpu->vm, a->gpa[1]));
}

/*
 * Record the old bytes of watched memory. A write to a device is recorded after the
 * VMM's answer, which may not come.
 */
static void note_writes(struct vcpu *vcpu)
{
	enum mmio_phase phase;

	for (phase = MMIO_WRITE; phase < MMIO_PHASES; phase++) {
		const struct mmio_access *a = &vcpu->mmio.access[phase];

		if (a->size && READ_ONCE(vcpu->vm->nr_watches) && is_memory(vcpu, a))
			watch_note(vcpu, a->gva, a->gpa, a->size, true);
	}
}

static void note_accesses(struct vcpu *vcpu)
{
	enum mmio_phase phase;

	for (phase = MMIO_READ; phase < MMIO_PHASES; phase++) {
		const struct mmio_access *a = &vcpu->mmio.access[phase];

		if (!a->size)
			continue;
		vcpu_note_access(vcpu, a->gva, a->size, phase >= MMIO_WRITE);
		if (READ_ONCE(vcpu->vm->nr_watches))
			watch_note(vcpu, a->gva, a->gpa, a->size, phase >= MMIO_WRITE);
	}
}

/* See end_iteration() in pio.c about RF. */
static int mmio_finish(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 rflags, old;

	if (unlikely(vcpu_data_watched(vcpu)))
		note_accesses(vcpu);
	vmcs_get(&vcpu->vmcs);
	if (likely(insn->op == INSN_STORE)) {
		vcpu_skip(vcpu, insn->len);
		vmcs_put();
		return RUN_RESUME;
	}
	if (unlikely(mmio_is_system(insn))) {
		vmcs_put();
		return mmio_system_finish(vcpu);
	}
	old = vmcs_read(GUEST_RFLAGS);
	rflags = old;
	commit(vcpu, &rflags);
	if (rflags != old)
		vmcs_write(GUEST_RFLAGS, rflags);
	if (insn->op == INSN_JMP || insn->op == INSN_CALL) {
		vmcs_write(GUEST_RIP, jump_target(vcpu));
		vcpu_skip(vcpu, 0);
	} else if (mmio_goes_on(vcpu, rflags)) {
		vcpu_skip(vcpu, 0);
		vmcs_write(GUEST_RFLAGS, rflags | X86_EFLAGS_RF);
	} else {
		vcpu_skip(vcpu, insn->len);
	}
	vmcs_put();
	return RUN_RESUME;
}

/* ---- transfer ---- */

static int mmio_go_out(struct vcpu *vcpu, u64 gpa, const void *data, unsigned int len)
{
	struct kvm_run *run = vcpu->run;
	bool write = vcpu->mmio.phase >= MMIO_WRITE;

	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = gpa;
	run->mmio.len = len;
	run->mmio.is_write = write;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (write)
		memcpy(run->mmio.data, data, len);
	vcpu->mmio.turn = len;
	vcpu->pending = vcpu->mmio.insn ? PENDING_MMIO : PENDING_PIO_MMIO;
	return RUN_USER;
}

/* Return: whether the access is done. By default no VMM sees one that finds no registers. */
static bool mmio_on_lapic(struct vcpu *vcpu, u64 gpa, void *data, unsigned int len, bool write)
{
	if (lapic_is_xapic(vcpu)) {
		lapic_mmio(vcpu, gpa, data, len, write);
		return true;
	}
	if (!vm_has_quirk(vcpu->vm, KVM_X86_QUIRK_LAPIC_MMIO_HOLE))
		return false;
	if (!write)
		memset(data, 0xff, len);
	return true;
}

/* Return: whether the module has the device, and has accessed it. */
static bool mmio_on_bus(struct vcpu *vcpu, u64 gpa, void *data, unsigned int len, bool write)
{
	if (vcpu->lapic && lapic_has_page(vcpu, gpa) &&
	    mmio_on_lapic(vcpu, gpa, data, len, write))
		return true;
	return write ? io_bus_write(vcpu->vm, IO_MEMORY, gpa, data, len) :
		       io_bus_read(vcpu->vm, IO_MEMORY, gpa, data, len);
}

/* Return: the offset in an access of what is next, up to @end. */
static unsigned int mmio_next(struct vcpu *vcpu, const struct mmio_access *a,
			      unsigned int *end)
{
	const struct insn *insn = vcpu->mmio.insn;

	if (unlikely(insn && insn->words))
		return mmio_stack_next(insn, &vcpu->mmio.done, end);
	*end = a->size;
	return vcpu->mmio.done;
}

/*
 * Transfer the rest of an access, a word of the stack after the other if it has more. Each of
 * its two pages may be memory or not.
 */
static int mmio_transfer(struct vcpu *vcpu, struct mmio_access *a, bool write)
{
	unsigned int first = min_t(unsigned int, a->size,
				   PAGE_SIZE - offset_in_page(a->gva));

	while (vcpu->mmio.done < a->size) {
		unsigned int end, at = mmio_next(vcpu, a, &end);
		unsigned int len = (at < first ? min(first, end) : end) - at;
		u64 gpa = at < first ? a->gpa[0] + at : a->gpa[1] + at - first;
		void *data = (u8 *)a->data + at;
		size_t moved = write ? gpa_write(vcpu->vm, gpa, data, len) :
				       gpa_read(vcpu->vm, gpa, data, len);

		if (moved != len) {
			len = min_t(unsigned int, len, EXIT_BYTES);
			if (!mmio_on_bus(vcpu, gpa, data, len, write))
				return mmio_go_out(vcpu, gpa, data, len);
		}
		vcpu->mmio.done += len;
	}
	vcpu->mmio.done = 0;
	return RUN_RESUME;
}

static bool was_last(const struct vcpu *vcpu)
{
	enum mmio_phase phase = vcpu->mmio.phase;

	return phase == MMIO_WRITE2 ||
	       (phase == MMIO_WRITE && !vcpu->mmio.access[MMIO_WRITE2].size);
}

/* The module does not execute the instruction, for the sake of a value it has read. */
static int mmio_give_up(struct vcpu *vcpu)
{
	u8 bytes[INSN_MAX];
	unsigned int len;

	fetch_insn(vcpu, vcpu->mmio.rip, bytes, &len);
	return vmm_exit_emulation(vcpu, bytes, len);
}

static int go_on(struct vcpu *vcpu)
{
	int r;

	for (;;) {
		enum mmio_phase phase = vcpu->mmio.phase;

		r = mmio_transfer(vcpu, &vcpu->mmio.access[phase], phase >= MMIO_WRITE);
		if (r != RUN_RESUME)
			return r;
		if (was_last(vcpu))
			return mmio_finish(vcpu);
		vcpu->mmio.phase++;
		if (vcpu->mmio.phase != MMIO_WRITE)
			continue;
		r = compute(vcpu);
		if (r)
			return r == -EFAULT ? RUN_RESUME : mmio_give_up(vcpu);
		note_writes(vcpu);
	}
}

/* ---- exit and completion ---- */

/* Return: whether the exit interrupted an event delivery: no instruction to decode. */
static bool was_vectoring(struct vcpu *vcpu)
{
	u32 info;

	vmcs_get(&vcpu->vmcs);
	info = vmcs_read32(IDT_VECTORING_INFO_FIELD);
	vmcs_put();
	return info & VECTORING_INFO_VALID_MASK;
}

/* Return: whether @gpa is an operand's. If not, it is a page table's. */
static bool is_operand(struct vcpu *vcpu, u64 gpa)
{
	enum mmio_phase phase;

	for (phase = MMIO_READ; phase < MMIO_PHASES; phase++) {
		const struct mmio_access *a = &vcpu->mmio.access[phase];

		if (a->size && (!((a->gpa[0] ^ gpa) & PAGE_MASK) ||
				(offset_in_page(a->gva) + a->size > PAGE_SIZE &&
				 !((a->gpa[1] ^ gpa) & PAGE_MASK))))
			return true;
	}
	return false;
}

static void forget_accesses(struct vcpu *vcpu)
{
	vcpu->mmio.access[MMIO_READ].size = 0;
	vcpu->mmio.access[MMIO_READ2].size = 0;
	vcpu->mmio.access[MMIO_WRITE].size = 0;
	vcpu->mmio.access[MMIO_WRITE2].size = 0;
	vcpu->mmio.done = 0;
}

/* Complete an instruction without an access. */
static int mmio_skip(struct vcpu *vcpu, unsigned int len)
{
	vmcs_get(&vcpu->vmcs);
	vcpu_skip(vcpu, len);
	vmcs_put();
	return RUN_RESUME;
}

/* Return: whether a catch stops the vCPU before the accesses. */
static bool caught(struct vcpu *vcpu)
{
	enum hit_result r = catch_mmio(vcpu);

	while (r == HIT_RETRY) {
		hit_point_fault_in(vcpu);
		r = catch_mmio(vcpu);
	}
	return r == HIT_STOP;
}

int exit_mmio_slow(struct vcpu *vcpu, u64 gpa)
{
	const struct insn *insn;
	u8 bytes[INSN_MAX];
	unsigned int len;
	int r;

	if (was_vectoring(vcpu))
		return vmm_exit_internal_error(vcpu, KVM_INTERNAL_ERROR_DELIVERY_EV);
	vcpu->mmio.rip = vcpu_linear_rip(vcpu);
	insn = fetch_insn(vcpu, vcpu->mmio.rip, bytes, &len);
	if (!insn)
		return vmm_exit_emulation(vcpu, bytes, len);
	vcpu->mmio.insn = insn;
	if (insn->op == INSN_FLUSH || (repeats(insn) && !mmio_rep_left(vcpu)))
		return mmio_skip(vcpu, insn->len);
	forget_accesses(vcpu);
	r = mmio_has_check(insn) ? mmio_system_check(vcpu) : 0;
	if (!r)
		r = locate_operands(vcpu);
	if (r == -EFAULT)
		return RUN_RESUME;
	if (r || !is_operand(vcpu, gpa))
		return vmm_exit_emulation(vcpu, bytes, len);
	if (caught(vcpu))
		return RUN_RESUME;
	vcpu->mmio.phase = MMIO_READ;
	return go_on(vcpu);
}

/*
 * Return: whether the exit was for the only access of @insn, a MOV. @gva gets its
 * address.
 */
static bool mmio_is_exit_access(struct vcpu *vcpu, const struct insn *insn,
				unsigned int bits, u64 *gva)
{
	bool write = insn->op == INSN_STORE;

	if (!write && insn->op != INSN_LOAD)
		return false;
	vcpu->regs[GPR_RSP] = vmcs_read(GUEST_RSP);
	*gva = insn_address(insn, vcpu->regs, vmcs_read(GUEST_RIP));
	if (bits != 64 || insn->seg >= INSN_FS)
		*gva = vcpu_linear(vcpu, insn->seg, *gva);
	return (vcpu->exit_qual & EPT_QUAL_LINEAR) == EPT_QUAL_LINEAR &&
	       !!(vcpu->exit_qual & EPT_VIOLATION_ACC_WRITE) == write &&
	       *gva == vmcs_read(GUEST_LINEAR_ADDRESS) &&
	       offset_in_page(*gva) + insn->size <= PAGE_SIZE;
}

/* The access of exit_mmio(). Return: whether the module has the device. */
static noinline bool mmio_exit_on_bus(struct vcpu *vcpu, struct mmio_access *a)
{
	return mmio_on_bus(vcpu, vcpu->exit_gpa, a->data, a->size,
			   vcpu->mmio.phase == MMIO_WRITE);
}

/*
 * Fast half: most accesses are recurring MOVs of a driver, and a memo has them
 * decoded without leaving the guest's context. The slow half does the rest.
 */
int exit_mmio(struct vcpu *vcpu)
{
	unsigned int bits = vcpu_code_bits(vcpu);
	const struct insn *insn;
	struct mmio_access *a;
	enum hit_result r;
	u64 gva;

	vcpu->mmio.rip = linear_rip();
	insn = fetch_known(vcpu, vcpu->mmio.rip, bits);
	if (!insn || !mmio_is_exit_access(vcpu, insn, bits, &gva) ||
	    (vmcs_read32(IDT_VECTORING_INFO_FIELD) & VECTORING_INFO_VALID_MASK))
		return RUN_SLOW;
	vcpu->mmio.insn = insn;
	vcpu->mmio.phase = insn->op == INSN_LOAD ? MMIO_READ : MMIO_WRITE;
	forget_accesses(vcpu);
	a = &vcpu->mmio.access[vcpu->mmio.phase];
	a->gva = gva;
	a->gpa[0] = vcpu->exit_gpa;
	a->size = insn->size;
	if (insn->op == INSN_STORE)
		insn_execute(insn, vcpu->regs, NULL, a->data);
	if (vcpu->catching) {
		r = catch_mmio(vcpu);
		if (r != HIT_GO)
			return r == HIT_RETRY ? RUN_RETRY : RUN_RESUME;
	}
	if ((vcpu->lapic || io_bus_used(vcpu->vm, IO_MEMORY)) && mmio_exit_on_bus(vcpu, a))
		return mmio_finish(vcpu);
	return mmio_go_out(vcpu, vcpu->exit_gpa, a->data, insn->size);
}

int mmio_string_locate(struct vcpu *vcpu)
{
	bool write = vcpu->pio.in;
	struct mmio_access *a = &vcpu->mmio.access[write ? MMIO_WRITE : MMIO_READ];

	forget_accesses(vcpu);
	vcpu->mmio.insn = NULL;
	vcpu->mmio.rip = vcpu_linear_rip(vcpu);
	vcpu->mmio.phase = write ? MMIO_WRITE : MMIO_READ;
	a->gva = vcpu->pio.gva;
	a->size = vcpu->pio.size;
	return mmio_translate(vcpu, a, write);
}

static int string_go_on(struct vcpu *vcpu)
{
	struct mmio_access *a = &vcpu->mmio.access[vcpu->mmio.phase];
	int r = mmio_transfer(vcpu, a, vcpu->pio.in);

	if (r == RUN_RESUME && !vcpu->pio.in)
		memcpy(vcpu->pio_data, a->data, vcpu->pio.size);
	return r;
}

int mmio_string(struct vcpu *vcpu)
{
	if (vcpu->pio.in)
		memcpy(vcpu->mmio.access[MMIO_WRITE].data, vcpu->pio_data, vcpu->pio.size);
	return string_go_on(vcpu);
}

/* Take the VMM's answer. */
static __always_inline void take_turn(struct vcpu *vcpu)
{
	struct mmio_access *a = &vcpu->mmio.access[vcpu->mmio.phase];
	unsigned int end;

	if (vcpu->mmio.phase < MMIO_WRITE)
		memcpy((u8 *)a->data + mmio_next(vcpu, a, &end), vcpu->run->mmio.data,
		       vcpu->mmio.turn);
	vcpu->mmio.done += vcpu->mmio.turn;
}

int mmio_string_complete(struct vcpu *vcpu)
{
	take_turn(vcpu);
	return string_go_on(vcpu);
}

int mmio_complete(struct vcpu *vcpu)
{
	vcpu->pending = PENDING_NONE;
	if (vcpu_linear_rip(vcpu) != vcpu->mmio.rip)
		return RUN_RESUME;
	take_turn(vcpu);
	return go_on(vcpu);
}
