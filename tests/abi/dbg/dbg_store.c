// SPDX-License-Identifier: GPL-2.0-only
/*
 * A counting breakpoint at an instruction whose store to the stack the module
 * emulates. The instruction must end as in a VM without a debugger, whatever the
 * stack is like, and leave the same state.
 */
#include <cpuid.h>
#include <pthread.h>
#include <string.h>

#include "machine.h"

#define PAGE		0x1000ULL
#define STACK		0x170000ULL	/* a page, whose last words are used */
#define STACK_PTE	(GUEST_PT + 8 * (STACK / PAGE))
#define TOP		(STACK + PAGE - 16)
#define HANDLERS	(GUEST_STACK - 0xc00)	/* the stack of exception handlers */
#define TIMES		3		/* the module knows the instruction from the second one on */

#define PTE_P		0x1
#define PTE_W		0x2
#define PTE_U		0x4
#define PTE_A		0x20
#define PTE_D		0x40
#define CR0_WP		0x10000
#define CR0_AM		0x40000
#define CR4_SMAP	0x200000
#define FLAG_TF		0x100
#define FLAG_AC		0x40000
#define FLAG_RF		0x10000

GUEST64(push, "push %rax; hlt");
GUEST64(push_r9, "push %r9; hlt");
GUEST64(push_rsp, "push %rsp; hlt");
GUEST64(push_66, "pushw %ax; hlt");
GUEST64(call, "call 1f; nop; 1: hlt");
GUEST64(call_back, "jmp 2f; 1: hlt; 2: call 1b");

static const struct {
	const char *name;
	struct prog prog;
	unsigned int at;
} insns[] = {
	{ "push", { push_begin, push_end }, 0 },
	{ "push_r9", { push_r9_begin, push_r9_end }, 0 },
	{ "push_rsp", { push_rsp_begin, push_rsp_end }, 0 },
	{ "push_66", { push_66_begin, push_66_end }, 0 },
	{ "call", { call_begin, call_end }, 0 },
	{ "call_back", { call_back_begin, call_back_end }, 3 },
};

/* The state of the stack, after TIMES of the first row. */
static const struct stack {
	const char *name;
	u64 rsp;		/* 0: TOP */
	u64 pte_off, cr0_off, cr0_on, cr4_on, flags;
	bool user, moved, watched, once;
} stacks[] = {
	{ .name = "as before" },
	{ .name = "unaligned", .rsp = TOP - 3 },
	{ .name = "unaligned, AC", .rsp = TOP - 3, .cr0_on = CR0_AM, .flags = FLAG_AC,
	  .user = true },
	{ .name = "across pages", .rsp = STACK + 4 },
	{ .name = "of the user", .user = true },
	{ .name = "of the supervisor", .pte_off = PTE_U },
	{ .name = "of the supervisor, for the user", .pte_off = PTE_U, .user = true },
	{ .name = "not there", .pte_off = PTE_P },
	{ .name = "read-only", .pte_off = PTE_W },
	{ .name = "read-only, without WP", .pte_off = PTE_W, .cr0_off = CR0_WP },
	{ .name = "read-only, without WP, for the user", .pte_off = PTE_W,
	  .cr0_off = CR0_WP, .user = true },
	{ .name = "never accessed", .pte_off = PTE_A },
	{ .name = "clean", .pte_off = PTE_D },
	{ .name = "of the user, SMAP", .cr4_on = CR4_SMAP },
	{ .name = "of the user, SMAP, AC", .cr4_on = CR4_SMAP, .flags = FLAG_AC },
	{ .name = "of the supervisor, SMAP", .cr4_on = CR4_SMAP, .pte_off = PTE_U },
	{ .name = "elsewhere", .moved = true },
	{ .name = "not canonical", .rsp = 0x800000000010 },
	{ .name = "not canonical, above", .rsp = 0xffff800000000000 },
	{ .name = "at the end of one half", .rsp = 0x800000000000 },
	{ .name = "where the guest has a breakpoint", .watched = true },
	{ .name = "traced", .flags = FLAG_TF },
	{ .name = "traced, and a breakpoint", .flags = FLAG_TF, .watched = true },
	{ .name = "with RF", .flags = FLAG_RF },
	/* must be the last row: the access stays incomplete */
	{ .name = "no memory", .rsp = GUEST_MMIO + PAGE, .once = true },
};

/* ---- two machines, of which one is debugged ---- */

/* Exceptions have a good stack, whatever is wrong with the other. */
static void give_handlers_a_stack(struct vm *vm)
{
	volatile u64 *idt = GUEST_PTR(vm, GUEST_IDT, u64);
	u64 top = HANDLERS;
	unsigned int i;

	memcpy(vm->mem + GUEST_TSS + 0x24, &top, sizeof(top));	/* IST1 */
	for (i = 0; i < 32; i++)
		idt[2 * i] |= 1ULL << 32;
}

static void make(struct machine *m, unsigned int insn)
{
	machine_make(m, MODE_LONG, insns[insn].prog);
	give_handlers_a_stack(&m->vm);
}

static void set_sregs(struct machine *m, const struct stack *stack)
{
	struct kvm_sregs sregs;

	get_sregs(m->v, &sregs);
	sregs.cr0 &= ~stack->cr0_off;
	sregs.cr0 |= stack->cr0_on;
	sregs.cr4 |= stack->cr4_on;
	sregs.cr2 = 0;
	if (stack->user) {
		sregs.cs.selector = SEL_USER64 | 3;
		sregs.ss.selector = SEL_USER_DATA | 3;
		sregs.cs.dpl = 3;
		sregs.ss.dpl = 3;
	}
	CHECK_OK(ioctl(m->v->fd, KVM_SET_SREGS, &sregs));
}

static void set_debugregs(struct machine *m, const struct stack *stack)
{
	struct kvm_debugregs dregs = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };

	if (stack->watched) {
		dregs.db[1] = TOP - 8;
		dregs.dr7 |= 0x4 | 0x9ULL << 20;	/* L1: writes of 8 bytes */
	}
	CHECK_OK(ioctl(m->v->fd, KVM_SET_DEBUGREGS, &dregs));
}

static int run_on(struct machine *m, unsigned int insn, const struct stack *stack)
{
	struct kvm_regs regs = {
		.rip = GUEST_CODE + insns[insn].at, .rsp = stack->rsp ?: TOP,
		.rax = 0x1122334455667788, .r9 = 0x99aabbccddeeff00,
		.rflags = 2 | stack->flags,
	};
	u64 pte = (stack->moved ? STACK + PAGE : STACK) | PTE_P | PTE_W | PTE_U | PTE_A | PTE_D;

	vcpu_reset(m->v, MODE_LONG, GUEST_CODE);
	memset(m->vm.mem + STACK, 0, 2 * PAGE);
	*GUEST_PTR(&m->vm, STACK_PTE, u64) = pte & ~stack->pte_off;
	set_sregs(m, stack);
	set_debugregs(m, stack);
	set_regs(m->v, &regs);
	return vcpu_run(m->v);
}

static bool same_state(struct machine *a, struct machine *b)
{
	struct kvm_debugregs dregs_a, dregs_b;
	struct kvm_sregs sregs_a, sregs_b;
	struct kvm_regs regs_a, regs_b;

	get_regs(a->v, &regs_a);
	get_regs(b->v, &regs_b);
	get_sregs(a->v, &sregs_a);
	get_sregs(b->v, &sregs_b);
	CHECK_OK(ioctl(a->v->fd, KVM_GET_DEBUGREGS, &dregs_a));
	CHECK_OK(ioctl(b->v->fd, KVM_GET_DEBUGREGS, &dregs_b));
	if (!memcmp(&regs_a, &regs_b, sizeof(regs_a)) && sregs_a.cr2 == sregs_b.cr2 &&
	    !memcmp(&dregs_a, &dregs_b, sizeof(dregs_a)) &&
	    !memcmp(a->vm.mem, b->vm.mem, GUEST_RAM))
		return true;
	tap_note("rip %#llx %#llx, rsp %#llx %#llx, flags %#llx %#llx, cr2 %#llx %#llx, "
		 "dr6 %#llx %#llx, memory %d", regs_a.rip, regs_b.rip, regs_a.rsp, regs_b.rsp,
		 regs_a.rflags, regs_b.rflags, sregs_a.cr2, sregs_b.cr2, dregs_a.dr6,
		 dregs_b.dr6, memcmp(a->vm.mem, b->vm.mem, GUEST_RAM));
	return false;
}

/* The session hears first of an instruction that cannot be emulated, and lets it go on. */
static void *let_go_on(void *arg)
{
	struct machine *m = arg;

	CHECK_EQ(next_event(m->session).error, VMXDBG_ERROR_EMULATION);
	CHECK_OK(session_resume(m->session, 0, 0));
	return NULL;
}

static int run_debugged(struct machine *m, unsigned int insn, const struct stack *stack,
			bool dead_end)
{
	pthread_t id;
	int r;

	if (!dead_end)
		return run_on(m, insn, stack);
	pthread_create(&id, NULL, let_go_on, m);
	r = run_on(m, insn, stack);
	pthread_join(id, NULL);
	return r;
}

/* Return: the number of hits. */
static unsigned int check(struct machine *plain, struct machine *debugged, unsigned int insn,
			  const struct stack *stack)
{
	unsigned int i, times = stack->once ? 1 : TIMES;
	int a, b;

	for (i = 0; i < TIMES; i++)
		CHECK_EQ(run_on(debugged, insn, &stacks[0]), KVM_EXIT_HLT);
	/*
	 * An instruction that changes the page's translation makes the module look it
	 * up again.
	 */
	for (i = 0; i < times; i++) {
		a = run_on(plain, insn, stack);
		b = run_debugged(debugged, insn, stack, a == KVM_EXIT_INTERNAL_ERROR);
		CHECK_EQ(a, b);
		if (!CHECK(same_state(plain, debugged)))
			tap_note("%s, %s", insns[insn].name, stack->name);
	}
	return TIMES + times;
}

static void check_all(bool smap)
{
	struct machine plain, debugged;
	unsigned int insn, i, runs;
	long id;

	for (insn = 0; insn < ARRAY_SIZE(insns); insn++) {
		make(&plain, insn);
		make(&debugged, insn);
		id = machine_count(&debugged, VMXDBG_BP_SOFT, GUEST_CODE + insns[insn].at, 1);
		for (i = 0, runs = 0; i < ARRAY_SIZE(stacks); i++) {
			if (!stacks[i].cr4_on == smap)
				continue;
			runs += check(&plain, &debugged, insn, &stacks[i]);
		}
		CHECK_EQ(machine_hits(&debugged, id), runs);
		machine_destroy(&plain);
		machine_destroy(&debugged);
	}
}

static void stacks_of_all_kinds(void)
{
	check_all(false);
}

static void stacks_with_smap(void)
{
	unsigned int eax, ebx, ecx, edx;

	if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(ebx & (1U << 20)))
		tap_skip("the processor has no SMAP");
	check_all(true);
}

static const struct test tests[] = {
	TEST(stacks_of_all_kinds),
	TEST(stacks_with_smap),
};

TAP_MAIN(tests)
