// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses to pages that the hooked view protects. Each instruction runs in a VM
 * without a debugger, and in one whose page has a watchpoint, a breakpoint, or both.
 * Registers, flags and memory must be equal afterwards.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine.h"

#define PAGE		0x1000ULL
#define OPERANDS	GUEST_HIGH		/* two pages */
#define WATCHED		(OPERANDS + 0x800)	/* in the first page */
#define WATCHED_LEN	16
#define BROKEN		(OPERANDS + 0x805)	/* the breakpoint, if the test has one */
#define ROUNDS		24

/* The operand is at RBX, or at the sum of RBX, RBP and R10. */
#define ROWS(X)								\
	X(mov_store8, "mov %al, (%rbx)")				\
	X(mov_store8_high, "mov %ah, (%rbx)")				\
	X(mov_store8_rex, "mov %sil, (%rbx)")				\
	X(mov_store16, "mov %r9w, (%rbx)")				\
	X(mov_store32, "mov %ecx, (%rbx)")				\
	X(mov_store64, "mov %r12, (%rbx)")				\
	X(mov_store_rsp, "mov %rsp, (%rbx)")				\
	X(mov_imm8, "movb $0x5a, (%rbx)")				\
	X(mov_imm16, "movw $0x1234, (%rbx)")				\
	X(mov_imm32, "movl $0x89abcdef, (%rbx)")			\
	X(mov_imm64, "movq $-3, (%rbx)")				\
	X(mov_sib, "mov %rdx, -0x40(%rbx, %rbp, 8)")			\
	X(mov_addr32, "mov %edx, (%ebx)")				\
	X(mov_gs, "mov %edx, %gs:(%rbx)")				\
	X(mov_load8, "mov (%rbx), %cl")					\
	X(mov_load8_high, "mov (%rbx), %dh")				\
	X(mov_load16, "mov (%rbx), %r9w")				\
	X(mov_load32, "mov (%rbx), %ecx")				\
	X(mov_load64, "mov (%rbx), %r12")				\
	X(mov_load_base, "mov (%rbx), %rbx")				\
	X(mov_load_sp, "mov (%rbx), %rsp")				\
	X(movzx8, "movzbl (%rbx), %ecx")				\
	X(movzx8_16, "movzbw (%rbx), %cx")				\
	X(movzx16, "movzwq (%rbx), %r8")				\
	X(movsx8, "movsbq (%rbx), %rcx")				\
	X(movsx16, "movswl (%rbx), %ecx")				\
	X(movsxd, "movslq (%rbx), %rcx")				\
	X(add_load, "add (%rbx), %rax")					\
	X(adc_load, "adc (%rbx), %ax")					\
	X(sub_load, "sub (%rbx), %r9b")					\
	X(sbb_load, "sbb (%rbx), %edx")					\
	X(and_load, "and (%rbx), %rax")					\
	X(or_load, "or (%rbx), %ah")					\
	X(xor_load, "xor (%rbx), %r15d")				\
	X(cmp_load, "cmp (%rbx), %rax")					\
	X(cmp_store, "cmp %al, (%rbx)")					\
	X(cmp_imm, "cmpl $77, (%rbx)")					\
	X(test_store, "test %r9, (%rbx)")				\
	X(test_imm, "testw $0x8001, (%rbx)")				\
	X(cmov, "cmovbe (%rbx), %rcx")					\
	X(cmov32, "cmovl (%rbx), %ecx")					\
	X(bt, "bt %rbp, (%rbx)")					\
	X(bt_imm, "btl $9, (%rbx)")					\
	X(add_store, "add %rax, (%rbx)")				\
	X(adc_store, "adc %cl, (%rbx)")					\
	X(sub_store, "sub %dx, (%rbx)")					\
	X(sbb_store, "sbb %r9d, (%rbx)")				\
	X(and_store, "andq $-16, (%rbx)")				\
	X(or_store, "orb $0x81, (%rbx)")				\
	X(xor_store, "xor %rsp, (%rbx)")				\
	X(not, "notl (%rbx)")						\
	X(neg, "negq (%rbx)")						\
	X(inc, "incb (%rbx)")						\
	X(dec, "decw (%rbx)")						\
	X(lock_add, "lock add %eax, (%rbx)")				\
	X(lock_inc, "lock incq (%rbx)")					\
	X(xchg, "xchg %rax, (%rbx)")					\
	X(xchg8, "xchg %ch, (%rbx)")					\
	X(xchg_sp, "xchg %rsp, (%rbx)")				\
	X(cmpxchg, "mov (%rbx), %eax; lock cmpxchg %ecx, (%rbx)")	\
	X(cmpxchg_not, "cmpxchg %rcx, (%rbx)")				\
	X(xadd, "lock xadd %edx, (%rbx)")				\
	X(xadd8, "xadd %al, (%rbx)")					\
	X(bts, "lock bts %rbp, (%rbx)")					\
	X(btr, "btrw $3, (%rbx)")					\
	X(btc, "btcq $60, (%rbx)")					\
	X(setcc, "setle (%rbx)")					\
	/* instructions that the module does not emulate */			\
	X(rol, "rolq $3, (%rbx)")					\
	X(sar, "sarl $1, (%rbx)")					\
	X(push_memory, "push (%rbx)")					\
	X(pop_memory, "pop (%rbx)")					\
	X(stack_sp, "mov %rbx, %rsp; push %rax; pop %rcx")			\
	X(movs, "mov %rbx, %rsi; lea 24(%rbx), %rdi; movsq")		\
	X(stos, "mov %rbx, %rdi; mov $9, %ecx; rep stosl")		\
	X(cmpxchg8b, "lock cmpxchg8b (%rbx)")				\
	X(movups, "movups (%rbx), %xmm1; movups %xmm1, 16(%rbx)")

#define DEFINE(name, text)	GUEST64(x_##name, text "; hlt");
#define ENTRY(name, text)	{ #name, x_##name##_begin, x_##name##_end },

ROWS(DEFINE)

struct row {
	const char *name;
	const u8 *begin, *end;
};

static const struct row rows[] = { ROWS(ENTRY) };

static u64 random64(void)
{
	static u64 state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* ---- one instruction in both ---- */

/*
 * A trap on a stack at a random place would be a triple fault. The lab's processor
 * also saves a wrong RF if the push of a trap causes an EPT violation.
 */
static bool may_trap(const struct row *row)
{
	return !strstr(row->name, "_sp");
}

static struct kvm_regs random_regs(const struct row *row, u64 operand)
{
	struct kvm_regs regs = {
		.rip = GUEST_CODE, .rsp = GUEST_STACK - 0x40, .rbx = operand,
		.rax = random64(), .rcx = random64(), .rdx = random64(),
		.rsi = random64(), .rdi = random64(), .rbp = 8,
		.r8 = random64(), .r9 = random64(), .r10 = random64(),
		.r12 = random64(), .r15 = random64(),
		.rflags = 2 | (random64() & 0x8d5),
	};

	/* One in eight has a trap after the first instruction. */
	if (may_trap(row) && random64() % 8 == 0)
		regs.rflags |= 0x100;
	return regs;
}

/* The guest's own data breakpoint, near or at the operand, in one of four rounds. */
static struct kvm_debugregs random_debugregs(const struct row *row, u64 operand)
{
	struct kvm_debugregs dregs = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };

	if (!may_trap(row) || random64() % 4)
		return dregs;
	dregs.db[1] = ((operand + 7) & ~7ULL) - 8 * (random64() % 2);
	dregs.dr7 |= 4 | (random64() % 2 ? 0xb : 0x9) << 20;
	return dregs;
}

static void prepare(struct machine *m, const struct row *row, const struct kvm_regs *regs,
		    const struct kvm_debugregs *dregs, const u64 *words)
{
	vcpu_reset(m->v, MODE_LONG, GUEST_CODE);
	memcpy(m->vm.mem + GUEST_CODE, row->begin, row->end - row->begin);
	memset(m->vm.mem + GUEST_STACK - PAGE, 0, PAGE);
	memcpy(m->vm.mem + OPERANDS, words, 2 * PAGE);
	set_regs(m->v, regs);
	CHECK_OK(ioctl(m->v->fd, KVM_SET_DEBUGREGS, dregs));
}

static bool same_page(struct machine *a, struct machine *b, u64 gpa)
{
	return !memcmp(a->vm.mem + gpa, b->vm.mem + gpa, PAGE);
}

static bool same_memory(struct machine *a, struct machine *b)
{
	return same_page(a, b, OPERANDS) && same_page(a, b, OPERANDS + PAGE) &&
	       same_page(a, b, GUEST_STACK - PAGE) && same_page(a, b, GUEST_PT);
}

static bool same(struct machine *a, struct machine *b, const struct row *row)
{
	int exit_a = vcpu_run(a->v), exit_b = vcpu_run(b->v);
	struct kvm_debugregs dr_a, dr_b;
	struct kvm_regs regs_a, regs_b;

	get_regs(a->v, &regs_a);
	get_regs(b->v, &regs_b);
	CHECK_OK(ioctl(a->v->fd, KVM_GET_DEBUGREGS, &dr_a));
	CHECK_OK(ioctl(b->v->fd, KVM_GET_DEBUGREGS, &dr_b));
	if (exit_a == exit_b && !memcmp(&regs_a, &regs_b, sizeof(regs_a)) &&
	    !memcmp(&dr_a, &dr_b, sizeof(dr_a)) &&
	    same_memory(a, b))
		return true;
	tap_note("%s: exits %d %d, rip %#llx %#llx, flags %#llx %#llx, rax %#llx %#llx, "
		 "dr6 %#llx %#llx, memory %d", row->name, exit_a, exit_b,
		 regs_a.rip, regs_b.rip, regs_a.rflags, regs_b.rflags, regs_a.rax,
		 regs_b.rax, dr_a.dr6, dr_b.dr6,
		 same_memory(a, b));
	return false;
}

/* Half of the operands are near the watched bytes, the others anywhere in the page. */
static u64 random_operand(void)
{
	if (random64() % 2)
		return WATCHED - 24 + random64() % 56;
	return OPERANDS + 0x40 + random64() % (PAGE - 0x40);
}

static void compare(struct machine *plain, struct machine *debugged)
{
	unsigned int i, n, j;
	u64 words[2 * PAGE / 8];

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (n = 0; n < ROUNDS; n++) {
			u64 operand = random_operand();
			struct kvm_regs regs = random_regs(&rows[i], operand);
			struct kvm_debugregs dregs = random_debugregs(&rows[i], operand);

			for (j = 0; j < ARRAY_SIZE(words); j++)
				words[j] = random64();
			prepare(plain, &rows[i], &regs, &dregs, words);
			prepare(debugged, &rows[i], &regs, &dregs, words);
			if (!CHECK(same(plain, debugged, &rows[i])))
				tap_note("operand %#lx, flags %#llx, dr7 %#llx",
					 operand, regs.rflags, dregs.dr7);
		}
	}
	machine_destroy(plain);
	machine_destroy(debugged);
}

/*
 * Mark all pages but those of the operands as accessed and dirty: a push that marks
 * one is a violation.
 */
static void make(struct machine *m)
{
	unsigned int i;

	machine_make(m, MODE_LONG, PROG(x_mov_store8));
	for (i = 0; i < OPERANDS / PAGE; i++)
		GUEST_PTR(&m->vm, GUEST_PT, u64)[i] |= 0x60;
}

static void begin(struct machine *plain, struct machine *debugged)
{
	make(plain);
	make(debugged);
}

static void on_watched_pages(void)
{
	struct machine plain, debugged;

	begin(&plain, &debugged);
	machine_count(&debugged, VMXDBG_BP_ACCESS, WATCHED, WATCHED_LEN);
	compare(&plain, &debugged);
}

static void on_pages_watched_for_writes(void)
{
	struct machine plain, debugged;

	begin(&plain, &debugged);
	machine_count(&debugged, VMXDBG_BP_WRITE, WATCHED, WATCHED_LEN);
	compare(&plain, &debugged);
}

static void need_hidden(struct machine *m)
{
	if (!session_hides(m->session))
		tap_skip("what the guest reads of that page has the int3: no HOOKS");
}

static void on_pages_with_breakpoints(void)
{
	struct machine plain, debugged;

	begin(&plain, &debugged);
	machine_count(&debugged, VMXDBG_BP_SOFT, BROKEN, 1);
	need_hidden(&debugged);
	compare(&plain, &debugged);
}

static void on_pages_with_both(void)
{
	struct machine plain, debugged;

	begin(&plain, &debugged);
	machine_count(&debugged, VMXDBG_BP_SOFT, BROKEN, 1);
	need_hidden(&debugged);
	machine_count(&debugged, VMXDBG_BP_ACCESS, WATCHED + 1, WATCHED_LEN);
	compare(&plain, &debugged);
}

/* ---- modes without 64-bit code ---- */

#define OTHER_MODES(bits, name)						\
	GUEST_ASM(name, bits,						\
		"mov $0xc000, %bx; mov $0x1234, %ax; mov $50, %cx\n"	\
		"1: mov %ax, 8(%bx); add 8(%bx), %ax; incb 10(%bx)\n"	\
		"mov 10(%bx), %dl; mov %dl, 11(%bx); xchg %al, 11(%bx)\n" \
		"loop 1b; hlt")

OTHER_MODES(16, loop16);
OTHER_MODES(32, loop32);

static void run_in_mode(enum guest_mode mode, struct prog prog)
{
	struct kvm_regs regs_a, regs_b;
	struct machine plain, debugged;

	machine_make(&plain, mode, prog);
	machine_make(&debugged, mode, prog);
	machine_count(&debugged, VMXDBG_BP_ACCESS, GUEST_DATA + 0x800, 64);
	vcpu_run_to(plain.v, KVM_EXIT_HLT);
	vcpu_run_to(debugged.v, KVM_EXIT_HLT);
	get_regs(plain.v, &regs_a);
	get_regs(debugged.v, &regs_b);
	CHECK(!memcmp(&regs_a, &regs_b, sizeof(regs_a)));
	CHECK(!memcmp(plain.vm.mem, debugged.vm.mem, GUEST_RAM));
	CHECK_EQ(GUEST_PTR(&debugged.vm, GUEST_DATA, u8)[10], 50);
	machine_destroy(&plain);
	machine_destroy(&debugged);
}

static void in_each_mode(void)
{
	run_in_mode(MODE_REAL, PROG(loop16));
	run_in_mode(MODE_FLAT32, PROG(loop32));
	run_in_mode(MODE_PAGED32, PROG(loop32));
	run_in_mode(MODE_PAE, PROG(loop32));
}

/* ---- page tables ---- */

#define MARKS		0x60		/* accessed, dirty */

GUEST64(marks, "mov 0x100010, %eax; out %al, $0x10; mov %eax, 0x100010; hlt");

static void flags_of_page_tables_are_set(void)
{
	volatile u64 *pte;
	struct machine m;

	machine_make(&m, MODE_LONG, PROG(marks));
	machine_count(&m, VMXDBG_BP_ACCESS, WATCHED, WATCHED_LEN);
	vcpu_run_to(m.v, KVM_EXIT_IO);
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	/*
	 * Everything is mapped and known now, but the entry has no accessed and dirty
	 * bits.
	 */
	pte = &GUEST_PTR(&m.vm, GUEST_PT, u64)[OPERANDS / PAGE];
	*pte &= ~(u64)MARKS;
	vcpu_reset(m.v, MODE_LONG, GUEST_CODE);
	vcpu_run_to(m.v, KVM_EXIT_IO);
	CHECK_EQ(*pte & MARKS, 0x20);
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	CHECK_EQ(*pte & MARKS, 0x60);
	machine_destroy(&m);
}

/* ---- code that is written ---- */

/*
 * The function at 0x100805 is mov $imm, %eax; ret. The breakpoint is at one of the
 * two.
 */
#define FUNCTION	BROKEN
GUEST64(rewriter,
	"mov $200, %ebp; xor %ebx, %ebx\n"
	"1: imul $0x01234567, %ebp, %esi\n"
	"mov %esi, 0x100806; call 2f\n"		/* beside the int3 */
	"add %ebp, %esi; addl %ebp, 0x100806; call 2f\n"
	"mov %esi, %eax; not %eax; mov %eax, %esi; xchg %eax, 0x100806; call 2f\n"
	"shl $8, %rsi; or $0xb8, %rsi\n"
	"movabs $0xc30000000000, %rax; xor $0x3300, %esi; or %rsi, %rax\n"
	"mov %rax, 0x100805; shr $8, %rsi; call 2f\n"	/* across it */
	"movb $0xb9, 0x100805; mov $0xb8, %al; xchg %al, 0x100805; call 2f\n"
	"dec %ebp; jnz 1b; hlt\n"
	"2: mov $0x100805, %edx; xor %eax, %eax; call *%rdx\n"
	"cmp %esi, %eax; je 3f; inc %ebx\n"
	"3: ret");

static void rewrite(u64 at, bool watched)
{
	static const u8 function[] = { 0xb8, 0, 0, 0, 0, 0xc3 };
	struct kvm_regs regs;
	struct machine m;
	long id;

	machine_make(&m, MODE_LONG, PROG(rewriter));
	memcpy(m.vm.mem + FUNCTION, function, sizeof(function));
	id = machine_count(&m, VMXDBG_BP_SOFT, at, 1);
	if (watched)
		machine_count(&m, VMXDBG_BP_ACCESS, OPERANDS + 0x900, 8);
	vcpu_run_to(m.v, KVM_EXIT_HLT);
	get_regs(m.v, &regs);
	CHECK_EQ(regs.rbx, 0);
	CHECK_EQ(regs.rbp, 0);
	CHECK_EQ(machine_hits(&m, id), 1000);
	machine_destroy(&m);
}

static void copies_follow(void)
{
	rewrite(FUNCTION, false);
	rewrite(FUNCTION, true);
	rewrite(FUNCTION + 5, false);
	rewrite(FUNCTION + 5, true);
}

/* ---- two vCPUs ---- */

#define SMP_ROUNDS	2000

GUEST64(smp,
	"xor %ebx, %ebx\n"
	"mov $1, %eax; lock xadd %eax, 0x10c000; and $1, %eax\n"
	"mov $2000, %ecx\n"
	"1: lock incl 0x100010\n"			/* written by both vCPUs */
	"incb 0x100020(%rax)\n"				/* neighbouring bytes, one for each vCPU */
	"incw 0x100040(, %rax, 2)\n"
	"mov %ecx, 0x100060(, %rax, 4)\n"
	"cmp %ecx, 0x100060(, %rax, 4); je 2f; inc %ebx\n"
	"2: mov $3, %esi; lock xadd %rsi, 0x100080\n"
	"loop 1b; add %ebx, 0x10c008(, %rax, 4); hlt");

static void two_vcpus(bool watched, bool broken)
{
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(smp), &(struct vmm_options){ .vcpus = 2 });
	if (watched)
		CHECK(session_add(d.fd, VMXDBG_BP_ACCESS, WATCHED, 8) > 0);
	if (broken)
		CHECK(session_add(d.fd, VMXDBG_BP_SOFT, BROKEN, 1) > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	vmm_wait_done(&d.vmm);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, 0x100010, u32)[0], 2 * SMP_ROUNDS);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, 0x100020, u8)[0], SMP_ROUNDS % 256);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, 0x100020, u8)[1], SMP_ROUNDS % 256);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, 0x100040, u16)[0], SMP_ROUNDS);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, 0x100040, u16)[1], SMP_ROUNDS);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, 0x100080, u64)[0], 6 * SMP_ROUNDS);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, 0x10c008, u32)[0], 0);
	CHECK_EQ(GUEST_PTR(&d.vmm.vm, 0x10c008, u32)[1], 0);
	close(d.fd);
	vmm_kill(&d.vmm);
}

static void two_vcpus_lose_nothing(void)
{
	two_vcpus(true, false);
	two_vcpus(false, true);
	two_vcpus(true, true);
}

/* ---- the VMM's memory ---- */

#define SLOT_GPA	0x10000000ULL
#define SLOT_PAGES	64

GUEST64(slot_loop, "1: mov 0x10003010, %eax; out %eax, $0x10; inc %eax\n"
	"mov %eax, 0x10003010; out %eax, $0x11; jmp 1b");

static void *slot_memory(struct machine *m, u32 flags)
{
	void *mem = mmap(NULL, SLOT_PAGES * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region r = {
		.slot = 1, .flags = flags, .guest_phys_addr = SLOT_GPA,
		.memory_size = SLOT_PAGES * PAGE, .userspace_addr = (unsigned long)mem,
	};

	REQUIRE(mem != MAP_FAILED);
	CHECK_OK(ioctl(m->vm.fd, KVM_SET_USER_MEMORY_REGION, &r));
	return mem;
}

static volatile u32 *start_on_slot(struct machine *m, u32 flags, u32 type)
{
	volatile u32 *word;

	machine_make(m, MODE_LONG, PROG(slot_loop));
	word = slot_memory(m, flags) + 0x3010;
	machine_count(m, type, SLOT_GPA + 0x3800, 1);
	return word;
}

static u64 dirty(struct machine *m)
{
	u64 bits;
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = &bits };

	CHECK_OK(ioctl(m->vm.fd, KVM_GET_DIRTY_LOG, &log));
	return bits;
}

static void log_writes(u32 type)
{
	volatile u32 *word;
	unsigned int i;
	struct machine m;

	word = start_on_slot(&m, KVM_MEM_LOG_DIRTY_PAGES, type);
	for (i = 0; i < 6; i++) {
		CHECK_EQ(vcpu_run_out(m.v, 0x10), i);
		CHECK_EQ(vcpu_run_out(m.v, 0x11), i + 1);
		CHECK_EQ(*word, i + 1);
		/* every other time the page is in the log already */
		if (i % 2)
			CHECK_EQ(dirty(&m), 8);
	}
	CHECK_EQ(dirty(&m), 0);
	machine_destroy(&m);
}

static void dirty_logs_have_it(void)
{
	log_writes(VMXDBG_BP_WRITE);
	log_writes(VMXDBG_BP_ACCESS);
	log_writes(VMXDBG_BP_SOFT);
}

/* Writes to read-only memory exit to the VMM. */
static void read_only(u32 type)
{
	volatile u32 *word;
	unsigned int i;
	struct machine m;

	word = start_on_slot(&m, KVM_MEM_READONLY, type);
	*word = 5;
	for (i = 0; i < 4; i++) {
		CHECK_EQ(vcpu_run_out(m.v, 0x10), 5);
		vcpu_run_to(m.v, KVM_EXIT_MMIO);
		CHECK_EQ(m.v->run->mmio.is_write, 1);
		CHECK_EQ(m.v->run->mmio.phys_addr, SLOT_GPA + 0x3010);
		CHECK_EQ(m.v->run->mmio.data[0], 6);
		CHECK_EQ(vcpu_run_out(m.v, 0x11), 6);
		CHECK_EQ(*word, 5);
	}
	machine_destroy(&m);
}

static void read_only_memory(void)
{
	read_only(VMXDBG_BP_WRITE);
	read_only(VMXDBG_BP_ACCESS);
	read_only(VMXDBG_BP_SOFT);
}

static void remap(u32 type)
{
	volatile u32 *word;
	struct machine m;
	void *page;

	word = start_on_slot(&m, 0, type);
	page = (void *)((unsigned long)word & -PAGE);
	CHECK_EQ(vcpu_run_out(m.v, 0x10), 0);
	CHECK_EQ(vcpu_run_out(m.v, 0x11), 1);
	CHECK_EQ(vcpu_run_out(m.v, 0x10), 1);
	CHECK_EQ(vcpu_run_out(m.v, 0x11), 2);
	CHECK_OK(madvise(page, PAGE, MADV_DONTNEED));
	CHECK_EQ(vcpu_run_out(m.v, 0x10), 0);
	CHECK_EQ(vcpu_run_out(m.v, 0x11), 1);
	CHECK_EQ(*word, 1);
	CHECK_EQ(vcpu_run_out(m.v, 0x10), 1);
	CHECK_OK(madvise(page, PAGE, MADV_DONTNEED));
	CHECK_EQ(vcpu_run_out(m.v, 0x11), 2);
	CHECK_EQ(*word, 2);
	REQUIRE(mmap(page, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page);
	*word = 70;
	CHECK_EQ(vcpu_run_out(m.v, 0x10), 70);
	CHECK_EQ(vcpu_run_out(m.v, 0x11), 71);
	CHECK_EQ(*word, 71);
	machine_destroy(&m);
}

static void memory_that_moves(void)
{
	remap(VMXDBG_BP_WRITE);
	remap(VMXDBG_BP_ACCESS);
	remap(VMXDBG_BP_SOFT);
}

static const struct test tests[] = {
	TEST(on_watched_pages),
	TEST(on_pages_watched_for_writes),
	TEST(on_pages_with_breakpoints),
	TEST(on_pages_with_both),
	TEST(in_each_mode),
	TEST(flags_of_page_tables_are_set),
	TEST(copies_follow),
	TEST(two_vcpus_lose_nothing),
	TEST(dirty_logs_have_it),
	TEST(read_only_memory),
	TEST(memory_that_moves),
};

TAP_MAIN(tests)
