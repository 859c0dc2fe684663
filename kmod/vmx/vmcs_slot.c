// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMCSs, and which of them is current in a CPU. Only the CPU itself changes its per-CPU
 * data, with interrupts off.
 */
#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/smp.h>
#include <asm/msr.h>
#include <asm/page.h>

#include "lib/compat.h"
#include "vmx/vmcs.h"
#include "vmx/vmcs_slot.h"
#include "vmx/vmx_check.h"

DEFINE_PER_CPU(struct vmx_cpu, vmx_cpus) = { .depth = VMCS_IDLE };
DEFINE_STATIC_KEY_FALSE(vmx_shared);
struct host_tsc vmx_host_tsc;

/* VM_INSTRUCTION_ERROR can be read while there is a current VMCS. */
void vmcs_read_failed(unsigned long field)
{
	WARN_ONCE(1, "vmxdbg: vmread of field %#lx failed, error %u\n", field,
		  field == VM_INSTRUCTION_ERROR ? 0 : vmcs_read32(VM_INSTRUCTION_ERROR));
}

void vmx_insn_failed(const char *insn, u64 operand)
{
	WARN_ONCE(1, "vmxdbg: %s of %#llx failed\n", insn, operand);
}

void vmcs_write_failed(unsigned long field, u64 value)
{
	WARN_ONCE(1, "vmxdbg: vmwrite of %#llx to field %#lx failed, error %u\n",
		  value, field, vmcs_read32(VM_INSTRUCTION_ERROR));
}

static void clear_here(struct vmcs_slot *slot)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);

	vmx_vmclear(slot->pa);
	if (c->current_slot == slot) {
		c->current_slot = NULL;
		c->ready_slot = NULL;
	}
	list_del_init(&slot->link);
	slot->launched = false;
	/* Pairs with slot_move_here(): a CPU that reads -1 may take the slot. */
	smp_store_release(&slot->cpu, -1);
}

/* Runs on the slot's CPU with interrupts off. */
static void clear_ipi(void *arg)
{
	struct vmcs_slot *slot = arg;

	if (slot->cpu == smp_processor_id())
		clear_here(slot);
}

void vmcs_clear_all_here(void)
{
	struct vmcs_slot *slot, *next;

	list_for_each_entry_safe(slot, next, &this_cpu_ptr(&vmx_cpus)->slots, link)
		clear_here(slot);
}

int vmcs_slot_init(struct vmcs_slot *slot)
{
	slot->page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!slot->page)
		return -ENOMEM;
	*(u32 *)slot->page = vmx_ctl.revision;
	slot->pa = __pa(slot->page);
	slot->cpu = -1;
	slot->launched = true;	/* makes slot_move_here() do VMCLEAR first */
	INIT_LIST_HEAD(&slot->link);
	slot->tsc_made_up = vmx_host_tsc.lost;
	slot->tsc_ratio = TSC_RATIO_ONE;
	return 0;
}

void vmcs_slot_free(struct vmcs_slot *slot)
{
	int cpu;

	if (!slot->page)
		return;
	cpus_read_lock();
	/* Pairs with clear_here(). */
	cpu = smp_load_acquire(&slot->cpu);
	if (cpu >= 0)
		smp_call_function_single(cpu, clear_ipi, slot, 1);
	cpus_read_unlock();
	free_page((unsigned long)slot->page);
	slot->page = NULL;
}

static void slot_move_here(struct vmcs_slot *slot)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);
	unsigned long flags;
	int cpu;

	/* Pairs with clear_here(). */
	cpu = smp_load_acquire(&slot->cpu);
	/* The call fails if the CPU went offline, which has cleared the slot already. */
	if (cpu >= 0)
		smp_call_function_single(cpu, clear_ipi, slot, 1);

	local_irq_save(flags);
	if (slot->launched) {	/* new: the launch state is undefined before VMCLEAR */
		vmx_vmclear(slot->pa);
		slot->launched = false;
	}
	list_add(&slot->link, &c->slots);
	slot->cpu = smp_processor_id();
	local_irq_restore(flags);
}

/*
 * A slot that was moved here is current now. The host may have been suspended since it was
 * current the last time: a suspend clears all slots, so each comes here after it.
 */
static void slot_moved(struct vmcs_slot *slot)
{
	u64 offset;

	if (likely(slot->tsc_made_up == vmx_host_tsc.lost))
		return;
	offset = vmcs_read(TSC_OFFSET);
	if (host_tsc_make_up(&vmx_host_tsc, slot->tsc_ratio, &offset, &slot->tsc_made_up))
		vmcs_write(TSC_OFFSET, offset);
}

/* Without KVM */
static noinline void make_ready(struct vmcs_slot *slot)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);
	bool moved = slot->cpu != smp_processor_id();
	unsigned long flags;

	if (unlikely(c->state == VMX_CPU_OFF))
		return;		/* reboot: there will be no VM entry */
	if (moved)
		slot_move_here(slot);
	local_irq_save(flags);
	vmx_vmptrld(slot->pa);
	c->current_slot = slot;
	c->ready_slot = slot;
	if (moved)
		slot_moved(slot);
	local_irq_restore(flags);
}

/* ---- beside KVM ---- */

/* Return: whether KVM takes the VMCS at @pa, which is current here, for its own. */
static bool is_foreign(const struct vmx_cpu *c, u64 pa)
{
	return pa != VMPTR_NONE && !(c->current_slot && c->current_slot->pa == pa);
}

/*
 * A reboot began: KVM turns VMX off soon, in an interrupt, when no VMCS of ours may be
 * active. So each is active only with interrupts off, until give_back().
 */
static bool must_not_stay(void)
{
	return unlikely(__this_cpu_read(vmx_cpus.state) == VMX_CPU_STOPPING);
}

static noinline void take(struct vmcs_slot *slot)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);
	bool moved = slot->cpu != smp_processor_id();
	unsigned long flags;
	u64 now;

	if (unlikely(c->state == VMX_CPU_OFF))
		return;
	if (moved)
		slot_move_here(slot);
	local_irq_save(flags);
	now = vmx_vmptrst();
	vmx_vmptrld(slot->pa);
	/* A guest of KVM's may have run here since. */
	if (!c->current_slot || c->current_slot->pa != now)
		c->last_guest = NULL;
	if (is_foreign(c, now))
		c->owed = now;
	else if (must_not_stay())
		c->owed = VMPTR_NONE;
	if (c->owed)
		c->depth = VMCS_OWES;
	c->flags = flags;
	c->current_slot = slot;
	if (moved)
		slot_moved(slot);
	if (!c->owed)
		local_irq_restore(flags);
}

static void give_back(struct vmx_cpu *c)
{
	u64 pa = c->owed;

	/* KVM does no IBPB itself if its own guest entered this CPU before, and does next. */
	if (unlikely(c->last_guest)) {
		c->last_guest = NULL;
		wrmsrl(MSR_IA32_PRED_CMD, PRED_CMD_IBPB);
	}
	c->owed = 0;
	if (must_not_stay() && c->current_slot)
		clear_here(c->current_slot);
	if (likely(pa != VMPTR_NONE))
		vmx_vmptrld(pa);
	local_irq_restore(c->flags);
}

/*
 * Return: whether @slot is current here, and then active here, as slot->cpu says. While a
 * reboot has VMX off, VMPTRST faults; then no VMCS can be made current either.
 */
static bool is_current(const struct vmcs_slot *slot)
{
	/* Without an address in a register */
	asm volatile("1: vmptrst %%gs:vmx_cpus+%c0(%%rip)\n2:\n" _ASM_EXTABLE(1b, 2b)
		     : : "i" (offsetof(struct vmx_cpu, vmptr)) : "cc", "memory");
	return __this_cpu_read(vmx_cpus.vmptr) == slot->pa;
}

/* One vmcs_get() more. Return: whether it is the outermost, after VMCS_IDLE. */
static bool is_outermost(void)
{
	int *depth = (__force void *)(uintptr_t)&vmx_cpus.depth;
	bool outermost;

	asm("incl %%gs:%1" : "=@ccz" (outermost), "+m" (*depth));
	return outermost;
}

void vmcs_load(struct vmcs_slot *slot)
{
	if (!static_branch_unlikely(&vmx_shared)) {
		make_ready(slot);
		return;
	}
	if (is_outermost() && (must_not_stay() || !is_current(slot)))
		take(slot);
}

void vmcs_pay(void)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);

	c->depth = VMCS_IDLE;
	give_back(c);
}

void vmcs_lend(void)
{
	struct vmx_cpu *c = this_cpu_ptr(&vmx_cpus);

	c->depth = 0;
	give_back(c);
}

void vmcs_take_back(struct vmcs_slot *slot)
{
	take(slot);
}

void vmcs_irq_window(struct vmcs_slot *slot)
{
	vmcs_lend();
	vmcs_take_back(slot);
}
