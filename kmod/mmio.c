// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions on memory that the VMM did not give: it acts as the device. One
 * instruction has up to two turns, a read and a write; what turns out to be
 * memory after all is done here.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/processor-flags.h>

#include "vcpu.h"
#include "walk.h"

/* What the VMM was asked for; vcpu->mmio.phase. */
enum mmio_phase { MMIO_READ, MMIO_WRITE };

/* ---- instructions that cannot be done ---- */

static int give_up(struct vcpu *vcpu, const u8 *bytes, unsigned int len)
{
	struct kvm_run *run = vcpu->run;
	int r = exit_internal_error(vcpu, KVM_INTERNAL_ERROR_EMULATION);

	if (!len)
		return r;
	/* flags, and the two words of the instruction */
	run->emulation_failure.ndata = 3;
	run->emulation_failure.flags =
		KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
	run->emulation_failure.insn_size = len;
	memset(run->emulation_failure.insn_bytes, 0x90, INSN_MAX);
	memcpy(run->emulation_failure.insn_bytes, bytes, len);
	return r;
}

/* ---- where the operands are ---- */

static u64 linear(struct vcpu *vcpu, u8 seg, u64 offset)
{
	u64 gva = vcpu_seg_base(vcpu, seg) + offset;

	return vcpu_code_bits(vcpu) == 64 ? gva : (u32)gva;
}

static void all_regs(struct vcpu *vcpu, u64 regs[16])
{
	memcpy(regs, vcpu->regs, sizeof(vcpu->regs));
	regs[GPR_RSP] = vcpu_gpr(vcpu, GPR_RSP);
}

/* Exit qualification of an EPT violation, SDM vol. 3, table 28-7. */
#define QUAL_WRITE	BIT_ULL(1)
#define QUAL_GVA	(BIT_ULL(7) | BIT_ULL(8))	/* known, and not a page walk's */

/* The processor has translated @gva, for this access, when it exited. */
static bool exit_translated(struct vcpu *vcpu, u64 gva, u32 access)
{
	u64 seen;

	if ((vcpu->exit_qual & QUAL_GVA) != QUAL_GVA ||
	    ((access & WALK_WRITE) && !(vcpu->exit_qual & QUAL_WRITE)))
		return false;
	vmcs_get(&vcpu->vmcs);
	seen = vmcs_read(GUEST_LINEAR_ADDRESS);
	vmcs_put();
	return seen == gva;
}

/* -EFAULT: the guest gets an exception. -ENXIO: more than one page. */
static int operand(struct vcpu *vcpu, u64 gva, u32 access, u64 *gpa)
{
	if (offset_in_page(gva) + vcpu->mmio.size > PAGE_SIZE)
		return -ENXIO;
	if (exit_translated(vcpu, gva, access)) {
		*gpa = vcpu->exit_gpa;
		return 0;
	}
	return gva_access_check(vcpu, gva, access, gpa);
}

/* CMP, TEST and BT only look at their destination. */
static bool writes_memory(const struct insn *insn)
{
	switch (insn->op) {
	case INSN_LOAD:
	case INSN_LODS:
	case INSN_CMP:
	case INSN_TEST:
	case INSN_BT:
		return false;
	case INSN_STORE:
	case INSN_STOS:
		return true;
	default:
		return insn->dest_mem;
	}
}

static int find_operands(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u32 access = writes_memory(insn) && insn->op != INSN_MOVS ? WALK_WRITE : 0;
	u64 regs[16], rip;
	int r;

	all_regs(vcpu, regs);
	vmcs_get(&vcpu->vmcs);
	rip = vmcs_read(GUEST_RIP);
	vmcs_put();
	vcpu->mmio.gva = linear(vcpu, insn->seg, insn_address(insn, regs, rip));
	r = operand(vcpu, vcpu->mmio.gva, access, &vcpu->mmio.gpa);
	vcpu->mmio.dest_gva = vcpu->mmio.gva;
	vcpu->mmio.dest_gpa = vcpu->mmio.gpa;
	if (r || insn->op != INSN_MOVS)
		return r;
	vcpu->mmio.dest_gva = linear(vcpu, INSN_ES, insn_string_dest(insn, regs));
	return operand(vcpu, vcpu->mmio.dest_gva, WALK_WRITE, &vcpu->mmio.dest_gpa);
}

/* ---- the end of the instruction ---- */

static u64 size_mask(unsigned int size)
{
	return size == 8 ? ~0ULL : (1ULL << 8 * size) - 1;
}

/* SDM vol. 1, 3.4.1.1: 32-bit results clear the upper half. */
static void write_reg(u64 *reg, unsigned int size, u64 val)
{
	if (size < 4)
		*reg = (*reg & ~size_mask(size)) | (val & size_mask(size));
	else
		*reg = val & size_mask(size);
}

static bool is_string(const struct insn *insn)
{
	return insn->op == INSN_MOVS || insn->op == INSN_STOS ||
	       insn->op == INSN_LODS;
}

static bool repeats(const struct insn *insn)
{
	return is_string(insn) && (insn->rep || insn->repne);
}

static u64 rep_left(const struct vcpu *vcpu)
{
	return vcpu->regs[GPR_RCX] & size_mask(vcpu->mmio.insn->addr_size);
}

static void move_index(struct vcpu *vcpu, enum gpr nr, bool down)
{
	u64 step = vcpu->mmio.size, *reg = &vcpu->regs[nr];

	write_reg(reg, vcpu->mmio.insn->addr_size, down ? *reg - step : *reg + step);
}

/* One iteration. Another one is another exit. */
static void advance_string(struct vcpu *vcpu, bool down)
{
	const struct insn *insn = vcpu->mmio.insn;

	if (insn->op != INSN_STOS)
		move_index(vcpu, GPR_RSI, down);
	if (insn->op != INSN_LODS)
		move_index(vcpu, GPR_RDI, down);
	if (repeats(insn))
		write_reg(&vcpu->regs[GPR_RCX], insn->addr_size,
			  vcpu->regs[GPR_RCX] - 1);
}

static void note_accesses(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;

	if (insn_reads_memory(insn))
		vcpu_note_access(vcpu, vcpu->mmio.gva, vcpu->mmio.size, false);
	if (writes_memory(insn))
		vcpu_note_access(vcpu, vcpu->mmio.dest_gva, vcpu->mmio.size, true);
}

/* See pio.c about RF between iterations. */
static int finish(struct vcpu *vcpu)
{
	const struct insn *insn = vcpu->mmio.insn;
	u64 rflags;

	note_accesses(vcpu);
	vmcs_get(&vcpu->vmcs);
	rflags = vmcs_read(GUEST_RFLAGS);
	if (is_string(insn))
		advance_string(vcpu, rflags & X86_EFLAGS_DF);
	if (repeats(insn) && rep_left(vcpu)) {
		vcpu_skip(vcpu, 0);
		vmcs_write(GUEST_RFLAGS, rflags | X86_EFLAGS_RF);
	} else {
		vcpu_skip(vcpu, insn->len);
	}
	vmcs_put();
	return RUN_RESUME;
}

/* ---- the two turns ---- */

static int go_out(struct vcpu *vcpu, enum mmio_phase phase, u64 gpa)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = gpa;
	run->mmio.len = vcpu->mmio.size;
	run->mmio.is_write = phase == MMIO_WRITE;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (phase == MMIO_WRITE)
		memcpy(run->mmio.data, &vcpu->mmio.value, vcpu->mmio.size);
	vcpu->mmio.phase = phase;
	vcpu->pending = PENDING_MMIO;
	return RUN_USER;
}

static int write_turn(struct vcpu *vcpu)
{
	u64 gpa = vcpu->mmio.dest_gpa;

	if (gpa_write(vcpu->vm, gpa, &vcpu->mmio.value,
		      vcpu->mmio.size) == vcpu->mmio.size)
		return finish(vcpu);
	return go_out(vcpu, MMIO_WRITE, gpa);
}

/* Registers and flags. True: memory is still to be written. */
static bool execute(struct vcpu *vcpu)
{
	u64 regs[16], rflags;
	bool write;

	all_regs(vcpu, regs);
	vmcs_get(&vcpu->vmcs);
	rflags = vmcs_read(GUEST_RFLAGS);
	write = insn_execute(vcpu->mmio.insn, regs, &rflags, &vcpu->mmio.value);
	vmcs_write(GUEST_RFLAGS, rflags);
	vcpu_gpr_set(vcpu, GPR_RSP, regs[GPR_RSP]);
	vmcs_put();
	memcpy(vcpu->regs, regs, sizeof(regs));
	return write;
}

static int execute_turn(struct vcpu *vcpu)
{
	switch (vcpu->mmio.insn->op) {
	case INSN_STOS:
		vcpu->mmio.value = vcpu->regs[GPR_RAX];
		return write_turn(vcpu);
	case INSN_MOVS:
		return write_turn(vcpu);
	case INSN_LODS:
		write_reg(&vcpu->regs[GPR_RAX], vcpu->mmio.size, vcpu->mmio.value);
		return finish(vcpu);
	default:
		return execute(vcpu) ? write_turn(vcpu) : finish(vcpu);
	}
}

static int read_turn(struct vcpu *vcpu)
{
	u64 gpa = vcpu->mmio.gpa;

	vcpu->mmio.value = 0;
	if (!insn_reads_memory(vcpu->mmio.insn) ||
	    gpa_read(vcpu->vm, gpa, &vcpu->mmio.value,
		     vcpu->mmio.size) == vcpu->mmio.size)
		return execute_turn(vcpu);
	return go_out(vcpu, MMIO_READ, gpa);
}

/* ---- exit and return ---- */

/* The processor was delivering an event, there is no instruction to decode. */
static bool was_vectoring(struct vcpu *vcpu)
{
	u32 info;

	vmcs_get(&vcpu->vmcs);
	info = vmcs_read32(IDT_VECTORING_INFO_FIELD);
	vmcs_put();
	return info & VECTORING_INFO_VALID_MASK;
}

static bool same_page(u64 a, u64 b)
{
	return a >> PAGE_SHIFT == b >> PAGE_SHIFT;
}

/* PUSH and POP have a second operand on the stack: not done. */
static bool supported(const struct insn *insn)
{
	return insn->op != INSN_PUSH && insn->op != INSN_POP;
}

int exit_mmio_slow(struct vcpu *vcpu, u64 gpa)
{
	const struct insn *insn;
	u8 bytes[INSN_MAX];
	unsigned int len;
	int r;

	if (was_vectoring(vcpu))
		return exit_internal_error(vcpu, KVM_INTERNAL_ERROR_DELIVERY_EV);
	vcpu->mmio.rip = vcpu_linear_rip(vcpu);
	insn = fetch_insn(vcpu, vcpu->mmio.rip, bytes, &len);
	if (!insn || !supported(insn))
		return give_up(vcpu, bytes, len);
	vcpu->mmio.insn = insn;
	vcpu->mmio.size = insn->size;
	if (repeats(insn) && !rep_left(vcpu)) {
		vmcs_get(&vcpu->vmcs);
		vcpu_skip(vcpu, insn->len);
		vmcs_put();
		return RUN_RESUME;
	}
	r = find_operands(vcpu);
	if (r == -EFAULT)
		return RUN_RESUME;
	if (r || !(same_page(gpa, vcpu->mmio.gpa) ||
		   same_page(gpa, vcpu->mmio.dest_gpa)))
		return give_up(vcpu, bytes, len);
	return read_turn(vcpu);
}

/* The exit was for all of what @insn does to memory: where, or false. */
static bool is_exit_access(struct vcpu *vcpu, const struct insn *insn,
			   unsigned int bits, u64 *gva)
{
	bool write = insn->op == INSN_STORE;

	if (!write && insn->op != INSN_LOAD)
		return false;
	vcpu->regs[GPR_RSP] = vmcs_read(GUEST_RSP);
	*gva = insn_address(insn, vcpu->regs, vmcs_read(GUEST_RIP));
	if (bits != 64 || insn->seg >= INSN_FS)
		*gva = linear(vcpu, insn->seg, *gva);
	return (vcpu->exit_qual & QUAL_GVA) == QUAL_GVA &&
	       !!(vcpu->exit_qual & QUAL_WRITE) == write &&
	       *gva == vmcs_read(GUEST_LINEAR_ADDRESS) &&
	       offset_in_page(*gva) + insn->size <= PAGE_SIZE;
}

/*
 * Most accesses are a MOV of a driver's, again and again: no reason to leave
 * the guest's context before it is known what to do. The rest is the slow
 * handler's.
 */
int exit_mmio(struct vcpu *vcpu)
{
	unsigned int bits = vcpu_code_bits(vcpu);
	const struct insn *insn;
	u64 gva;

	vcpu->mmio.rip = vcpu_linear_rip(vcpu);
	insn = fetch_known(vcpu, vcpu->mmio.rip, bits);
	if (!insn || !is_exit_access(vcpu, insn, bits, &gva) ||
	    (vmcs_read32(IDT_VECTORING_INFO_FIELD) & VECTORING_INFO_VALID_MASK))
		return RUN_SLOW;
	vcpu->mmio.insn = insn;
	vcpu->mmio.size = insn->size;
	vcpu->mmio.gva = gva;
	vcpu->mmio.dest_gva = gva;
	vcpu->mmio.gpa = vcpu->exit_gpa;
	vcpu->mmio.dest_gpa = vcpu->exit_gpa;
	if (insn->op == INSN_LOAD)
		return go_out(vcpu, MMIO_READ, vcpu->exit_gpa);
	insn_execute(insn, vcpu->regs, NULL, &vcpu->mmio.value);
	return go_out(vcpu, MMIO_WRITE, vcpu->exit_gpa);
}

int mmio_complete(struct vcpu *vcpu)
{
	vcpu->pending = PENDING_NONE;
	if (vcpu_linear_rip(vcpu) != vcpu->mmio.rip)
		return RUN_RESUME;
	if (vcpu->mmio.phase == MMIO_WRITE)
		return finish(vcpu);
	vcpu->mmio.value = 0;
	memcpy(&vcpu->mmio.value, vcpu->run->mmio.data, vcpu->mmio.size);
	return execute_turn(vcpu);
}
