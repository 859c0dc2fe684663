// SPDX-License-Identifier: GPL-2.0-only
/*
 * In-band debugging: breakpoints and injection with KVM_SET_GUEST_DEBUG, and guests
 * that debug themselves. Single steps are in run_debug_step.c.
 */
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest_debug.h"

/* ---- guests that debug themselves, nobody outside ---- */

GUEST64(own_watch,
	"movw $" GADDR(own_watch, own_watch_db) ", 0x1000 + 1 * 16\n"
	"mov $0xc040, %eax; mov %rax, %dr0\n"
	"mov $0xd0001, %eax; mov %rax, %dr7\n"	/* DR0: write, 4 bytes */
	"movl $5, 0xc040\n"
	"own_watch_after: mov 0xc040, %ecx\n"		/* a read is no hit */
	"mov %dr7, %rbx; mov %dr0, %rdx\n"
	"hlt\n"
	DB_HANDLER("own_watch_db"));
LABEL(own_watch_after);

static void guest_own_watchpoint(void)
{
	struct kvm_debugregs d;
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_watch));

	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(db_count(&vm), 1);
	CHECK_EQ(db_seen(&vm, 0).dr6, DR6_B(0));
	CHECK_EQ(db_seen(&vm, 0).rip, AT(own_watch, own_watch_after));
	get_regs(v, &regs);
	CHECK_EQ(regs.rbx, 0xd0401);
	CHECK_EQ(regs.rdx, 0xc040);
	CHECK_OK(ioctl(v->fd, KVM_GET_DEBUGREGS, &d));
	CHECK_EQ(d.db[0], 0xc040);
	CHECK_EQ(d.dr7, 0xd0401);
}

GUEST64(own_exec,
	"movw $" GADDR(own_exec, own_exec_db) ", 0x1000 + 1 * 16\n"
	"lea own_exec_here(%rip), %rax; mov %rax, %dr3\n"
	"mov $0x40, %eax; mov %rax, %dr7\n"
	"mov $3, %ecx\n"
	"own_exec_here: incl 0xc020\n"
	"loop own_exec_here; hlt\n"
	/* set RF in the frame, to go on past the breakpoint */
	"own_exec_db: orl $0x10000, 16(%rsp)\n"
	"jmp own_exec_log\n"
	DB_HANDLER("own_exec_log"));
LABEL(own_exec_here);

static void guest_own_execute_breakpoint(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_exec));

	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(db_count(&vm), 3);
	CHECK_EQ(DATA32(&vm, 8), 3);
	CHECK_EQ(db_seen(&vm, 2).dr6, DR6_B(3));
	CHECK_EQ(db_seen(&vm, 2).rip, AT(own_exec, own_exec_here));
}

/* steps itself over instructions that the hypervisor emulates */
GUEST64(own_tf,
	"movw $" GADDR(own_tf, own_tf_db) ", 0x1000 + 1 * 16\n"
	"mov $0xc0000082, %ecx; xor %edx, %edx\n"
	"pushf; orl $0x100, (%rsp); popf\n"
	"own_tf_0: nop\n"
	"own_tf_1: xor %eax, %eax\n"
	"own_tf_2: rdmsr\n"
	"own_tf_3: out %al, $0x10\n"
	"own_tf_4: in $0x11, %al\n"
	"own_tf_5: wrmsr\n"
	"own_tf_6: mov %cr0, %rsi\n"
	"own_tf_7: mov %rsi, %cr0\n"
	"own_tf_8: xor %ecx, %ecx\n"
	"own_tf_9: cpuid\n"
	"own_tf_a: pushf\n"
	"own_tf_b: andl $~0x100, (%rsp); popf\n"
	"hlt\n"
	DB_HANDLER("own_tf_db"));
LABEL(own_tf_1); LABEL(own_tf_2); LABEL(own_tf_3); LABEL(own_tf_4); LABEL(own_tf_5);
LABEL(own_tf_6); LABEL(own_tf_7); LABEL(own_tf_8); LABEL(own_tf_9); LABEL(own_tf_a);
LABEL(own_tf_b);

static void guest_steps_itself_over_emulated_instructions(void)
{
	const u8 *const stops[] = {
		own_tf_1, own_tf_2, own_tf_3, own_tf_4, own_tf_5, own_tf_6, own_tf_7,
		own_tf_8, own_tf_9, own_tf_a, own_tf_b,
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_tf));
	unsigned int i;

	while (vcpu_run(v) != KVM_EXIT_HLT) {
		REQUIRE_EQ(v->run->exit_reason, KVM_EXIT_IO);
		REQUIRE(vcpu_trap(v) < 0);
	}
	for (i = 0; i < ARRAY_SIZE(stops); i++) {
		bool ok = CHECK_EQ(db_seen(&vm, i).dr6, DR6_BS);

		if (!(ok & CHECK_EQ(db_seen(&vm, i).rip, AT(own_tf, stops[i]))))
			tap_note("stop %u", i);
	}
	/* and two more: after the AND, and after the POPF that clears TF */
	CHECK_EQ(db_count(&vm), ARRAY_SIZE(stops) + 2);
}

GUEST64(own_tf_mmio,
	"movw $" GADDR(own_tf_mmio, own_tf_mmio_db) ", 0x1000 + 1 * 16\n"
	"pushf; orl $0x100, (%rsp); popf\n"
	"mov %eax, 0xd0000000\n"
	"own_tf_mmio_1: mov 0xd0000000, %eax\n"
	"own_tf_mmio_2: hlt\n"
	DB_HANDLER("own_tf_mmio_db"));
LABEL(own_tf_mmio_1); LABEL(own_tf_mmio_2);

static void guest_steps_itself_over_mmio(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_tf_mmio));

	vcpu_run_to(v, KVM_EXIT_MMIO);
	vcpu_run_to(v, KVM_EXIT_MMIO);
	vcpu_run_to(v, KVM_EXIT_HLT);
	KNOWN_DIFFERENCE(db_seen(&vm, 0).rip == AT(own_tf_mmio, own_tf_mmio_1),
			 "no #DB after MMIO that user space completes");
	KNOWN_DIFFERENCE(db_seen(&vm, 1).rip == AT(own_tf_mmio, own_tf_mmio_2),
			 "no #DB after MMIO that user space completes");
}

GUEST64(dr_values,
	"mov $0x1111, %eax; mov %rax, %dr0; mov $0x2222, %eax; mov %rax, %dr1\n"
	"mov $0x3333, %eax; mov %rax, %dr2; movabs $0xffff800044440000, %rax; mov %rax, %dr3\n"
	"mov %dr0, %r8; mov %dr1, %r9; mov %dr2, %r10; mov %dr3, %r11\n"
	"mov $0xf, %eax; mov %rax, %dr6; mov %dr6, %r12\n"
	"mov $0x300, %eax; mov %rax, %dr7; mov %dr7, %r13\n"
	"hlt");

static void guest_reads_back_its_debug_registers(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(dr_values));

	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.r8, 0x1111);
	CHECK_EQ(regs.r9, 0x2222);
	CHECK_EQ(regs.r10, 0x3333);
	CHECK_EQ(regs.r11, 0xffff800044440000);
	CHECK_EQ(regs.r12 & 0xf, 0xf);
	CHECK_EQ(regs.r12 & ~0xfULL, 0xffff0ff0);
	CHECK_EQ(regs.r13, 0x700);
}

GUEST64(dr7_high, "mov $1, %eax; shl $32, %rax; mov %rax, %dr7; hlt");
GUEST64(dr6_high, "mov $1, %eax; shl $40, %rax; mov %rax, %dr6; hlt");

static void reserved_debug_register_bits_fault(void)
{
	struct prog progs[] = { PROG(dr7_high), PROG(dr6_high) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(progs); i++) {
		struct vm vm;
		struct vcpu *v = guest_make(&vm, MODE_LONG, progs[i]);

		vcpu_run(v);
		CHECK_EQ(vcpu_trap(v), 13);
	}
}

GUEST64(own_gd,
	"movw $" GADDR(own_gd, own_gd_db) ", 0x1000 + 1 * 16\n"
	"mov $0x2000, %eax; mov %rax, %dr7\n"
	"own_gd_here: mov %dr0, %rax\n"
	"hlt\n"
	DB_HANDLER("own_gd_db"));
LABEL(own_gd_here);

static void guest_own_general_detect(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_gd));

	/* the processor clears GD on the way to the handler, which returns to the MOV */
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(db_count(&vm), 1);
	CHECK_EQ(db_seen(&vm, 0).dr6, DR6_BD);
	CHECK_EQ(db_seen(&vm, 0).rip, AT(own_gd, own_gd_here));
}

GUEST64(own_icebp,
	"movw $" GADDR(own_icebp, own_icebp_db) ", 0x1000 + 1 * 16\n"
	".byte 0xf1\n"
	"own_icebp_after: hlt\n"
	DB_HANDLER("own_icebp_db"));
LABEL(own_icebp_after);

static void guest_own_icebp(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_icebp));

	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(db_count(&vm), 1);
	CHECK_EQ(db_seen(&vm, 0).dr6, 0);
	CHECK_EQ(db_seen(&vm, 0).rip, AT(own_icebp, own_icebp_after));
}

GUEST64(own_int3,
	"movw $" GADDR(own_int3, own_int3_bp) ", 0x1000 + 3 * 16\n"
	"int3\n"
	"own_int3_1: .byte 0xcd, 3\n"
	"own_int3_2: .byte 0xf3; int3\n"
	"own_int3_3: hlt\n"
	"own_int3_bp: mov 0xc000, %eax; mov (%rsp), %rbx; mov %rbx, 0xc100(, %rax, 8)\n"
	"incl 0xc000; iretq");
LABEL(own_int3_1); LABEL(own_int3_2); LABEL(own_int3_3);

static void check_own_int3(struct vm *vm)
{
	CHECK_EQ(DATA32(vm, 0), 3);
	CHECK_EQ(*GUEST_PTR(vm, 0xc100, u64), AT(own_int3, own_int3_1));
	CHECK_EQ(*GUEST_PTR(vm, 0xc108, u64), AT(own_int3, own_int3_2));
	CHECK_EQ(*GUEST_PTR(vm, 0xc110, u64), AT(own_int3, own_int3_3));
}

static void guest_own_int3(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_int3));

	vcpu_run_to(v, KVM_EXIT_HLT);
	check_own_int3(&vm);
}

/* guest debugging is on for something else: int3 still goes to the guest */
static void guest_own_int3_beside_hardware_breakpoints(void)
{
	struct kvm_guest_debug_arch arch = { .debugreg = { [0] = 0x123456, [7] = 0x401 } };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_int3));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch));
	vcpu_run_to(v, KVM_EXIT_HLT);
	check_own_int3(&vm);
}

/* ---- breakpoints ---- */

GUEST64(int3_guest, "nop\nint3_here: int3\nnop; hlt");
LABEL(int3_here);

static void software_breakpoint_exits_at_the_int3(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(int3_guest));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, NULL));
	vcpu_run_to(v, KVM_EXIT_DEBUG);
	CHECK_EQ(v->run->debug.arch.exception, BP);
	CHECK_EQ(v->run->debug.arch.pc, AT(int3_guest, int3_here));
	CHECK_EQ(get_rip(v), AT(int3_guest, int3_here));
	set_rip(v, AT(int3_guest, int3_here) + 1);
	vcpu_run_to(v, KVM_EXIT_HLT);
}

GUEST64(data_guest,
	"data_0: movl $1, 0xc040\n"
	"data_1: mov 0xc048, %eax\n"
	"data_2: movb $1, 0xc053\n"
	"data_3: hlt");
LABEL(data_1); LABEL(data_2); LABEL(data_3);

static void hardware_watchpoints(void)
{
	struct kvm_guest_debug_arch arch = {
		.debugreg = {
			[0] = 0xc040, [1] = 0xc048, [2] = 0xc050,
			[7] = 0x400 | DR7_L(0) | DR7_L(1) | DR7_L(2) |
			      DR7_WRITE(0) | DR7_LEN4(0) | DR7_ACCESS(1) | DR7_LEN4(1) |
			      DR7_WRITE(2) | DR7_LEN4(2),
		},
	};
	const u8 *const stops[] = { data_1, data_2, data_3 };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(data_guest));
	unsigned int i;

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch));
	for (i = 0; i < ARRAY_SIZE(stops); i++) {
		vcpu_run_to(v, KVM_EXIT_DEBUG);
		CHECK_EQ(v->run->debug.arch.exception, DB);
		CHECK_EQ(v->run->debug.arch.dr6 & 0xf, DR6_B(i));
		CHECK_EQ(v->run->debug.arch.pc, AT(data_guest, stops[i]));
		CHECK_EQ(v->run->debug.arch.dr7, arch.debugreg[7]);
	}
	CHECK_OK(guest_debug(v, 0, NULL));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

static void hardware_execute_breakpoint(void)
{
	struct kvm_guest_debug_arch arch = {
		.debugreg = { [3] = AT(data_guest, data_2), [7] = 0x400 | DR7_L(3) },
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(data_guest));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch));
	vcpu_run_to(v, KVM_EXIT_DEBUG);
	CHECK_EQ(v->run->debug.arch.exception, DB);
	CHECK_EQ(v->run->debug.arch.dr6 & 0xf, DR6_B(3));
	CHECK_EQ(v->run->debug.arch.pc, AT(data_guest, data_2));
	CHECK_EQ(vm.mem[0xc053], 0);	/* the instruction has not executed */
	CHECK_OK(guest_debug(v, 0, NULL));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(vm.mem[0xc053], 1);
}

static void guest_keeps_its_debug_registers(void)
{
	struct kvm_guest_debug_arch arch = {
		.debugreg = { [0] = 0x123456, [1] = 0x223456, [7] = 0x405 },
	};
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(dr_values));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch));
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.r8, 0x1111);
	CHECK_EQ(regs.r11, 0xffff800044440000);
	CHECK_EQ(regs.r13, 0x700);
}

static void guest_breakpoint_beside_the_debuggers(void)
{
	struct kvm_guest_debug_arch arch = {
		.debugreg = { [0] = 0x123456, [7] = 0x401 },
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_watch));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch));
	vcpu_run_to(v, KVM_EXIT_HLT);
	KNOWN_DIFFERENCE(db_count(&vm) == 1 && db_seen(&vm, 0).dr6 == DR6_B(0),
			 "the guest's breakpoints never fire while the debugger has some");
}

static void guest_general_detect_beside_hardware_breakpoints(void)
{
	struct kvm_guest_debug_arch arch = {
		.debugreg = { [0] = 0x123456, [7] = 0x401 },
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_gd));
	int got;

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch));
	got = vcpu_run(v);
	KNOWN_DIFFERENCE(got == KVM_EXIT_HLT && db_count(&vm) == 1 &&
			 db_seen(&vm, 0).dr6 == DR6_BD,
			 "DR7.GD is ignored while the debugger has hardware breakpoints");
}

static void icebp_under_guest_debug(void)
{
	struct kvm_guest_debug_arch arch = { .debugreg = { [0] = 0x123456, [7] = 0x401 } };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_icebp));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch));
	/* ICEBP is the guest's own, and the debugger did not ask for it */
	KNOWN_DIFFERENCE(vcpu_run(v) == KVM_EXIT_HLT && db_count(&vm) == 1,
			 "ICEBP under guest debug exits with no DR6 bits and loops");
}

/* ---- injection and arguments ---- */

GUEST64(inject_guest,
	"movw $" GADDR(inject_guest, inject_db_handler) ", 0x1000 + 1 * 16\n"
	"out %al, $0x10\n"
	"hlt\n"
	DB_HANDLER("inject_db_handler"));

static void inject_db(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(inject_guest));

	vcpu_run_out(v, 0x10);
	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB, NULL));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(db_count(&vm), 1);
}

GUEST64(inject_bp_guest,
	"movw $" GADDR(inject_bp_guest, inject_bp_handler) ", 0x1000 + 3 * 16\n"
	"inject_bp_here: int3\n"
	"inject_bp_after: hlt\n"
	"inject_bp_handler: mov (%rsp), %rbx; hlt");
LABEL(inject_bp_here); LABEL(inject_bp_after);

/* the VMM gets the guest's own int3 and injects it */
static void inject_bp(void)
{
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(inject_bp_guest));

	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP, NULL));
	vcpu_run_to(v, KVM_EXIT_DEBUG);
	CHECK_EQ(v->run->debug.arch.pc, AT(inject_bp_guest, inject_bp_here));
	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_SW_BP |
			     KVM_GUESTDBG_INJECT_BP, NULL));
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rbx, AT(inject_bp_guest, inject_bp_after));
}

static void inject_bp_that_no_int3_made(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(inject_guest));

	vcpu_run_out(v, 0x10);
	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_BP, NULL));
	KNOWN_DIFFERENCE(vcpu_run(v) == KVM_EXIT_IO && vcpu_trap(v) == BP,
			 "enters with an instruction length of 0, which fails");
}

/* the VMM gets a #DB and injects it: DR6 must have its cause */
static void inject_db_keeps_dr6(void)
{
	struct kvm_guest_debug_arch arch = {
		.debugreg = { [0] = 0xc040, [7] = 0x400 | DR7_L(0) | DR7_WRITE(0) | DR7_LEN4(0) },
	};
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(data_guest));

	vm_load(&vm, PROG(own_watch));
	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch));
	vcpu_run_to(v, KVM_EXIT_DEBUG);
	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_INJECT_DB, NULL));
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(db_count(&vm), 1);
	KNOWN_DIFFERENCE(db_seen(&vm, 0).dr6 == DR6_B(0), "INJECT_DB loses the DR6 bits");
}

GUEST64(nop_guest, "nop; hlt");

static void unknown_debug_flags(void)
{
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(nop_guest));
	int ret = guest_debug(v, KVM_GUESTDBG_ENABLE | 1U << 30, NULL);

	KNOWN_DIFFERENCE(ret < 0 && errno == EINVAL, "unknown control bits are ignored");
	CHECK_OK(guest_debug(v, 0, NULL));
	vcpu_run_to(v, KVM_EXIT_HLT);
}

/* ---- the host's own debug registers ---- */

static volatile u64 watched[2];

static int watch_in_host(volatile u64 *word)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT, .size = sizeof(attr), .bp_type = HW_BREAKPOINT_W,
		.bp_addr = (unsigned long)word, .bp_len = HW_BREAKPOINT_LEN_8,
		.exclude_kernel = 1, .exclude_hv = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static u64 host_hits(int fd)
{
	u64 count = 0;

	CHECK_EQ(read(fd, &count, sizeof(count)), sizeof(count));
	return count;
}

/*
 * Breakpoints of perf on this thread, while guest and debugger use debug registers.
 * They count our writes, before and after, and none of the guest's.
 */
static void host_breakpoints_survive_runs(void)
{
	struct kvm_guest_debug_arch arch = { .debugreg = { [1] = 0x123456, [7] = 0x404 } };
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(own_watch));
	int a = watch_in_host(&watched[0]), b = watch_in_host(&watched[1]);

	if (a < 0 || b < 0)
		tap_skip("no hardware breakpoints from perf: %s", strerror(errno));
	watched[0] = 1;
	vcpu_run_to(v, KVM_EXIT_HLT);
	CHECK_EQ(db_count(&vm), 1);
	watched[0] = 2;
	watched[1] = 1;
	set_rip(v, GUEST_CODE);
	CHECK_OK(guest_debug(v, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP, &arch));
	vcpu_run_to(v, KVM_EXIT_HLT);
	watched[0] = 3;
	watched[1] = 2;
	CHECK_EQ(host_hits(a), 3);
	CHECK_EQ(host_hits(b), 2);
}

static const struct test tests[] = {
	TEST(guest_own_watchpoint),
	TEST(guest_own_execute_breakpoint),
	TEST(guest_steps_itself_over_emulated_instructions),
	TEST(guest_steps_itself_over_mmio),
	TEST(guest_reads_back_its_debug_registers),
	TEST(reserved_debug_register_bits_fault),
	TEST(guest_own_general_detect),
	TEST(guest_own_icebp),
	TEST(guest_own_int3),
	TEST(guest_own_int3_beside_hardware_breakpoints),
	TEST(software_breakpoint_exits_at_the_int3),
	TEST(hardware_watchpoints),
	TEST(hardware_execute_breakpoint),
	TEST(guest_keeps_its_debug_registers),
	TEST(guest_breakpoint_beside_the_debuggers),
	TEST(guest_general_detect_beside_hardware_breakpoints),
	TEST(icebp_under_guest_debug),
	TEST(inject_db),
	TEST(inject_bp),
	TEST(inject_bp_that_no_int3_made),
	TEST(inject_db_keeps_dr6),
	TEST(unknown_debug_flags),
	TEST(host_breakpoints_survive_runs),
};

TAP_MAIN(tests)
