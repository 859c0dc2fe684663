// SPDX-License-Identifier: GPL-2.0-only
/*
 * Port I/O, handled by a device of the module's, or by the VMM. The instruction then completes
 * when the VMM calls KVM_RUN again. If the VMM moved rip meanwhile, the instruction is
 * abandoned.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/processor-flags.h>
#include <asm/vmx.h>

#include "debug/watch_insn.h"
#include "irq/io_bus.h"
#include "lib/walk.h"
#include "mmu/memslot.h"
#include "mmu/types.h"
#include "run/mmio.h"
#include "run/pio.h"
#include "vcpu.h"
#include "vcpu/debug_regs.h"
#include "vcpu/gva.h"
#include "vcpu/regs.h"
#include "vcpu/types.h"
#include "vcpu/vmm_exit.h"
#include "vmx/exit_qual.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_cpu.h"

/* Instruction information for INS and OUTS (table 28-8): 2, 4 or 8 bytes */
#define INFO_ADDR_SIZE(i) (2 << ((i) >> 7 & 3))

#define BATCH_BYTES	1024	/* of a REP in one exit to the VMM, same as KVM */

static int pio_go_out(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_IO;
	run->io.direction = vcpu->pio.in ? KVM_EXIT_IO_IN : KVM_EXIT_IO_OUT;
	run->io.size = vcpu->pio.size;
	run->io.port = vcpu->pio.port;
	run->io.count = vcpu->pio.count;
	run->io.data_offset = PAGE_SIZE;
	vcpu->pending = PENDING_PIO;
	return RUN_USER;
}

/*
 * By default a VMM finds rip behind an OUT to this port, as on old KVM (QEMU's vapic needs
 * that). The instruction is complete when KVM_RUN comes back, as others are.
 */
#define PORT_7E	0x7e

static int pio_go_out_past(struct vcpu *vcpu)
{
	vcpu_advance(vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	vcpu->pio.point = insn_point();
	pio_go_out(vcpu);
	vcpu->pending = PENDING_PIO_PAST;
	return RUN_USER;
}

/* IN and OUT, for the VMM. VMCS current. */
static __always_inline int pio_ask_vmm(struct vcpu *vcpu)
{
	if (unlikely(vcpu->pio.port == PORT_7E) && !vcpu->pio.in &&
	    vm_has_quirk(vcpu->vm, KVM_X86_QUIRK_OUT_7E_INC_RIP))
		return pio_go_out_past(vcpu);
	return pio_go_out(vcpu);
}

/* IN and OUT of a device that the module has, if there is one. VMCS current. */
static noinline int pio_maybe_on_bus(struct vcpu *vcpu)
{
	u64 *rax = &vcpu->regs[GPR_RAX], val = 0;
	u32 size = vcpu->pio.size;
	bool in = vcpu->pio.in;

	if (!(in ? io_bus_read(vcpu->vm, IO_PORTS, vcpu->pio.port, &val, size) :
		   io_bus_write(vcpu->vm, IO_PORTS, vcpu->pio.port, rax, size)))
		return pio_ask_vmm(vcpu);
	if (in)
		gpr_write(rax, size, val);
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	return RUN_RESUME;
}

int exit_io(struct vcpu *vcpu)
{
	u64 qual = vmcs_read(EXIT_QUALIFICATION);

	vcpu->exit_qual = qual;
	vcpu->pio.point = insn_point();
	vcpu->pio.port = IO_QUAL_PORT(qual);
	vcpu->pio.size = IO_QUAL_SIZE(qual);
	vcpu->pio.in = qual & IO_QUAL_IN;
	vcpu->pio.string = qual & IO_QUAL_STRING;
	vcpu->pio.rep = qual & IO_QUAL_REP;
	vcpu->pio.count = 1;
	if (vcpu->pio.string)
		return RUN_SLOW;
	memcpy(vcpu->pio_data, &vcpu->regs[GPR_RAX], vcpu->pio.size);
	if (io_bus_used(vcpu->vm, IO_PORTS))
		return pio_maybe_on_bus(vcpu);
	return pio_ask_vmm(vcpu);
}

/* ---- INS and OUTS ---- */

static u64 read_rflags(struct vcpu *vcpu)
{
	u64 rflags;

	vmcs_get(&vcpu->vmcs);
	rflags = vmcs_read(GUEST_RFLAGS);
	vmcs_put();
	return rflags;
}

static u64 pio_rep_left(const struct vcpu *vcpu)
{
	return vcpu->regs[GPR_RCX] & gpr_mask(vcpu->pio.addr_size);
}

/*
 * Return: number of elements for one exit, ascending within a page. It is 1 if each
 * iteration may trap or be observed, or the module has the device, and for an element that
 * crosses a page.
 */
static u32 batch(struct vcpu *vcpu)
{
	u32 room = PAGE_SIZE - offset_in_page(vcpu->pio.gva);
	u32 fit = min_t(u32, room, BATCH_BYTES) / vcpu->pio.size;

	if (!vcpu->pio.rep || !fit || vcpu->stepping || vcpu_data_watched(vcpu) ||
	    vcpu->catching ||
	    io_bus_has(vcpu->vm, IO_PORTS, vcpu->pio.port, vcpu->pio.size) ||
	    (read_rflags(vcpu) & (X86_EFLAGS_DF | X86_EFLAGS_TF)))
		return 1;
	return min_t(u64, fit, pio_rep_left(vcpu));
}

/* Return: 0, -EFAULT after queueing #PF, -ENXIO if there is no memory, e.g. MMIO. */
static int pio_check_page(struct vcpu *vcpu, u64 gva)
{
	struct memslot slot;
	u64 gpa;
	int r;

	r = gva_access_check(vcpu, gva, vcpu->pio.in ? WALK_WRITE : 0, &gpa);
	if (!r && !memslot_find(vcpu->vm, gpa, &slot))
		r = -ENXIO;
	return r;
}

/* Check the memory operand with the guest's permissions. */
static int check_memory(struct vcpu *vcpu)
{
	u64 first = vcpu->pio.gva;
	u64 last = first + vcpu->pio.count * vcpu->pio.size - 1;
	int r;

	r = pio_check_page(vcpu, first);
	if (!r && (first ^ last) & PAGE_MASK)
		r = pio_check_page(vcpu, last & PAGE_MASK);
	return r;
}

static void read_exit_info(struct vcpu *vcpu)
{
	vmcs_get(&vcpu->vmcs);
	vcpu->pio.gva = vmcs_read(GUEST_LINEAR_ADDRESS);
	vcpu->pio.addr_size = INFO_ADDR_SIZE(vmcs_read32(VMX_INSTRUCTION_INFO));
	vmcs_put();
}

static void pio_skip(struct vcpu *vcpu)
{
	vmcs_get(&vcpu->vmcs);
	vcpu_skip(vcpu, vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
	vmcs_put();
}

/*
 * Iterations of a REP remain: enter the guest, so that interrupts can come in. RF
 * is set as after any iteration (SDM vol. 3, 18.3.1.1), or each one would hit an
 * instruction breakpoint.
 */
static void end_iteration(struct vcpu *vcpu)
{
	vmcs_get(&vcpu->vmcs);
	vcpu_skip(vcpu, 0);
	vmcs_write(GUEST_RFLAGS, vmcs_read(GUEST_RFLAGS) | X86_EFLAGS_RF);
	vmcs_put();
}

/* Note the access for watches; before a write as well, for the old bytes. */
static void pio_note_watched(struct vcpu *vcpu)
{
	u64 bytes = (u64)vcpu->pio.count * vcpu->pio.size;

	if (READ_ONCE(vcpu->vm->nr_watches))
		watch_note(vcpu, vcpu->pio.gva, NULL, bytes, vcpu->pio.in);
}

static int string_done(struct vcpu *vcpu)
{
	u32 count = vcpu->pio.count, addr_size = vcpu->pio.addr_size;
	u64 *index = &vcpu->regs[vcpu->pio.in ? GPR_RDI : GPR_RSI];
	u64 bytes = (u64)count * vcpu->pio.size;

	vcpu_note_access(vcpu, vcpu->pio.gva, bytes, vcpu->pio.in);
	pio_note_watched(vcpu);
	if (read_rflags(vcpu) & X86_EFLAGS_DF)
		bytes = -bytes;
	gpr_write(index, addr_size, *index + bytes);
	if (vcpu->pio.rep)
		gpr_write(&vcpu->regs[GPR_RCX], addr_size, vcpu->regs[GPR_RCX] - count);
	if (vcpu->pio.rep && pio_rep_left(vcpu))
		end_iteration(vcpu);
	else
		pio_skip(vcpu);
	return RUN_RESUME;
}

/* The data of INS are in pio_data. */
static int ins_done(struct vcpu *vcpu)
{
	int r;

	if (vcpu->pio.device) {
		r = mmio_string(vcpu);
		if (r != RUN_RESUME)
			return r;
	} else {
		/* Read-only memory ignores the write. */
		pio_note_watched(vcpu);
		gva_write(vcpu, vcpu->pio.gva, vcpu->pio_data,
			  vcpu->pio.count * vcpu->pio.size);
	}
	return string_done(vcpu);
}

/*
 * Return: whether a device of the module took the element from pio_data, or put it there.
 * The VMM has pio_data mapped and may change it at any time.
 */
static bool string_on_bus(struct vcpu *vcpu)
{
	u32 size = vcpu->pio.size;
	u64 val;

	if (!io_bus_used(vcpu->vm, IO_PORTS))
		return false;
	if (!vcpu->pio.in) {
		memcpy(&val, vcpu->pio_data, size);
		return io_bus_write(vcpu->vm, IO_PORTS, vcpu->pio.port, &val, size);
	}
	if (!io_bus_read(vcpu->vm, IO_PORTS, vcpu->pio.port, &val, size))
		return false;
	memcpy(vcpu->pio_data, &val, size);
	return true;
}

/* The data of OUTS are in pio_data. INS: ask the device for them. */
static int string_go_out(struct vcpu *vcpu)
{
	if (vcpu->pio.count != 1 || !string_on_bus(vcpu))
		return pio_go_out(vcpu);
	return vcpu->pio.in ? ins_done(vcpu) : string_done(vcpu);
}

/* Continue after the MMIO access of an element between a port and MMIO. */
static int memory_done(struct vcpu *vcpu, int r)
{
	if (r != RUN_RESUME)
		return r;
	return vcpu->pio.in ? string_done(vcpu) : string_go_out(vcpu);
}

/* Transfer one element between a port and MMIO; mmio.c does the access to MMIO. */
static int two_devices(struct vcpu *vcpu)
{
	int r;

	vcpu->pio.count = 1;
	vcpu->pio.device = true;
	r = mmio_string_locate(vcpu);
	if (r == -EFAULT)
		return RUN_RESUME;
	if (r)
		return vmm_exit_emulation(vcpu, NULL, 0);
	return vcpu->pio.in ? string_go_out(vcpu) : memory_done(vcpu, mmio_string(vcpu));
}

int exit_io_slow(struct vcpu *vcpu)
{
	size_t size;
	int r;

	read_exit_info(vcpu);
	if (vcpu->pio.rep && !pio_rep_left(vcpu)) {
		pio_skip(vcpu);
		return RUN_RESUME;
	}
	vcpu->pio.device = false;
	vcpu->pio.count = batch(vcpu);
	r = check_memory(vcpu);
	if (r == -EFAULT)
		return RUN_RESUME;
	size = vcpu->pio.count * vcpu->pio.size;
	if (!r && !vcpu->pio.in &&
	    gva_read(vcpu, vcpu->pio.gva, vcpu->pio_data, size) != size)
		r = -ENXIO;
	return r ? two_devices(vcpu) : string_go_out(vcpu);
}

/* IN and OUT. @past: rip has moved. VMCS current. */
static __always_inline void complete_register(struct vcpu *vcpu, bool past)
{
	u64 val = 0;

	if (vcpu->pio.in) {
		memcpy(&val, vcpu->pio_data, vcpu->pio.size);
		gpr_write(&vcpu->regs[GPR_RAX], vcpu->pio.size, val);
	}
	vcpu_skip(vcpu, past ? 0 : vmcs_read32(VM_EXIT_INSTRUCTION_LEN));
}

/* The VMM may have lowered RCX since the exit. Return: whether elements are left. */
static bool pio_trim(struct vcpu *vcpu)
{
	if (vcpu->pio.rep)
		vcpu->pio.count = min_t(u64, vcpu->pio.count, pio_rep_left(vcpu));
	return vcpu->pio.count;
}

int pio_complete(struct vcpu *vcpu)
{
	bool memory = vcpu->pending == PENDING_PIO_MMIO, string = vcpu->pio.string, same;
	bool past = vcpu->pending == PENDING_PIO_PAST;

	vcpu->pending = PENDING_NONE;
	vmcs_get(&vcpu->vmcs);
	same = insn_point() == vcpu->pio.point;
	if (same && !string)
		complete_register(vcpu, past);
	vmcs_put();
	if (likely(!same || !string))
		return RUN_RESUME;
	if (unlikely(!pio_trim(vcpu))) {
		pio_skip(vcpu);
		return RUN_RESUME;
	}
	if (memory)
		return memory_done(vcpu, mmio_string_complete(vcpu));
	return vcpu->pio.in ? ins_done(vcpu) : string_done(vcpu);
}
