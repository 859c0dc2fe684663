// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where each step ends. A guest's text is assembled for each width of code and
 * contains the expected ends: S(guest, n) in front of an instruction means that the
 * nth step must end there, H(guest, n, i) that it ends at HANDLER's ith instruction.
 * If KVM's steps end elsewhere, K() and KH() list all of them.
 */
#include <string.h>

#include "hard.h"

#define MAX_STEPS	24

/* flags of a mark, besides n */
#define M_KVM		0x10000		/* on KVM */
#define M_HANDLER	0x20000		/* in HANDLER */
#define M_DEBUG		0x40000		/* a #DB without a step */
#define M_VM86		0x80000		/* in VM86 mode only, absolute, and the last one */

#define MARK(p, n, at)							\
	".pushsection " #p "_stops, \"a\"; .long " #n ", " at "; .popsection\n"
#define S(p, n)		"990: " MARK(p, n, "990b - " #p "_begin")
#define H(p, n, i)	MARK(p, 0x20000 + n, #i)
#define K(p, n)		S(p, 0x10000 + n)
#define KH(p, n, i)	MARK(p, 0x30000 + n, #i)
/* ICEBP on KVM: a stop at the instruction, without a reason */
#define KI(p, n)	S(p, 0x50000 + n)
/* VM86 on KVM: no step; the guest runs until its HLT */
#define K86(p, n)	MARK(p, 0x90000 + n, "0xb881")
/* ends there on our device and on KVM */
#define SK(p, n)	S(p, n) K(p, n)

struct mark {
	u32 n, at;
};

#define STEPS_ASM(name, bits, text)					\
	GUEST_ASM(name, bits, text);					\
	extern const struct mark __start_##name##_stops[], __stop_##name##_stops[]
#define STEPS16(name, text)	STEPS_ASM(name##_16, 16, text(name##_16))
#define STEPS32(name, text)	STEPS_ASM(name##_32, 32, text(name##_32))
#define STEPS64(name, text)	STEPS_ASM(name##_64, 64, text(name##_64))
#define STEPS(name, text)						\
	STEPS16(name, text); STEPS32(name, text); STEPS64(name, text)

/* ---- 1: STI ---- */

#define STI(p)								\
	"sti\n" S(p, 1) "nop\n" S(p, 2) "nop\n" S(p, 3) "cli\n"		\
	S(p, 4) "sti\n" S(p, 5) "sti\n" S(p, 6) "cpuid\n" S(p, 7) "cli\n" S(p, 8) "hlt"
STEPS(sti, STI);

/* the shadow lasts for one instruction more, then the interrupt is delivered */
#define STI_IRQ(p)							\
	"mov $0x45, %al\n" SK(p, 1) "out %al, $0x7b\n" SK(p, 2) "sti\n"	\
	SK(p, 3) "nop\n" SK(p, 4) "nop\n" H(p, 5, 0) K(p, 5) "cli; hlt"
STEPS(sti_irq, STI_IRQ);

/* ---- 2: MOV SS, POP SS ---- */

#define MOV_SS(p)							\
	"mov %ss, %ax\n" SK(p, 1) "mov %ax, %ss\n" S(p, 2) "nop\n"	\
	S(p, 3) K(p, 2) "mov %ax, %ss\n" S(p, 4) "cpuid\n"		\
	S(p, 5) K(p, 3) K(p, 4) "hlt"
STEPS(mov_ss, MOV_SS);

#define POP_SS(p)							\
	"push %ss\n" SK(p, 1) "pop %ss\n" S(p, 2) "nop\n"		\
	S(p, 3) K(p, 2) "nop\n" S(p, 4) K(p, 3) "hlt"
STEPS16(pop_ss, POP_SS);
STEPS32(pop_ss, POP_SS);

#define SS_INT3(p)							\
	"mov %ss, %ax\n" SK(p, 1) "mov %ax, %ss\n" S(p, 2) "int3\n"	\
	H(p, 3, 0) H(p, 4, 1) H(p, 5, 2)				\
	S(p, 6) "nop\n" S(p, 7) K(p, 2) "hlt"
STEPS(ss_int3, SS_INT3);

#define SS_ICEBP(p)							\
	"mov %ss, %ax\n" SK(p, 1) "mov %ax, %ss\n" S(p, 2) KI(p, 2) ".byte 0xf1\n" \
	H(p, 3, 0) H(p, 4, 1) H(p, 5, 2) S(p, 6) "nop\n" S(p, 7) "hlt"
STEPS(ss_icebp, SS_ICEBP);

#define SS_INT1(p)							\
	"mov %ss, %ax\n" SK(p, 1) "mov %ax, %ss\n" S(p, 2) "int $1\n"	\
	H(p, 3, 0) H(p, 4, 1) H(p, 5, 2)				\
	S(p, 6) "nop\n" S(p, 7) K(p, 2) "hlt"
STEPS(ss_int1, SS_INT1);

#define SS_SYSCALL(p)							\
	"mov %ss, %ax\n" SK(p, 1) "mov %ax, %ss\n" S(p, 2) "syscall\n"	\
	H(p, 3, 0) H(p, 4, 1) KH(p, 2, 0) KH(p, 3, 1) "hlt"
STEPS64(ss_syscall, SS_SYSCALL);

/* ---- 3: ICEBP, and the other ways into a handler ---- */

#define ICEBP(p)							\
	"nop\n" SK(p, 1) KI(p, 2) ".byte 0xf1\n" H(p, 2, 0) H(p, 3, 1) H(p, 4, 2) \
	S(p, 5) "nop\n" S(p, 6) "hlt"
STEPS(icebp, ICEBP);

/* KVM runs the handler and one more instruction */
#define INT3(p)								\
	"nop\n" SK(p, 1) "int3\n" H(p, 2, 0) H(p, 3, 1) H(p, 4, 2)	\
	S(p, 5) ".byte 0xcd, 3\n" H(p, 6, 0) H(p, 7, 1) H(p, 8, 2)	\
	S(p, 9) "nop\n" S(p, 10) K(p, 2) "hlt"
STEPS(int3, INT3);

#define INT_N(p)							\
	"nop\n" SK(p, 1) "int $0x80\n" H(p, 2, 0) H(p, 3, 1) H(p, 4, 2)	\
	S(p, 5) "nop\n" S(p, 6) K(p, 2) "hlt"
STEPS(int_n, INT_N);

/* #UD's handler skips the instruction */
#define UD(p)								\
	"nop\n" SK(p, 1) "ud2\n" H(p, 2, 3) H(p, 3, 4) H(p, 4, 5)	\
	S(p, 5) "nop\n" S(p, 6) K(p, 2) "hlt"
STEPS(ud, UD);

/* ---- 8: what exits ---- */

#define EXITS(p)							\
	"xor %eax, %eax\n" S(p, 1) "cpuid\n" S(p, 2) "in $0x10, %al\n"	\
	S(p, 3) "out %al, $0x10\n" S(p, 4) "rdtsc\n" S(p, 5) "in $0x10, %eax\n" \
	S(p, 6) "nop\n" S(p, 7) "hlt"
STEPS(exits, EXITS);

#define MSRS(p)								\
	"mov $0xc0000082, %ecx\n" S(p, 1) "rdmsr\n" S(p, 2) "wrmsr\n"	\
	S(p, 3) "mov %cr0, %eax\n" S(p, 4) "mov %eax, %cr0\n"		\
	S(p, 5) "mov %dr0, %eax\n" S(p, 6) "mov %eax, %dr0\n"		\
	S(p, 7) "wbinvd\n" S(p, 8) "hlt"
#define MSRS64(p)							\
	"mov $0xc0000082, %ecx\n" S(p, 1) "rdmsr\n" S(p, 2) "wrmsr\n"	\
	S(p, 3) "mov %cr0, %rax\n" S(p, 4) "mov %rax, %cr0\n"		\
	S(p, 5) "mov %dr0, %rax\n" S(p, 6) "mov %rax, %dr0\n"		\
	S(p, 7) "wbinvd\n" S(p, 8) "hlt"
STEPS16(msrs, MSRS);
STEPS32(msrs, MSRS);
STEPS64(msrs, MSRS64);

/* ---- 9: HLT, CR8, string I/O, MMIO ---- */

#define HLT(p)								\
	"nop\n" S(p, 1) "hlt\n" S(p, 2) "nop\n" S(p, 3) "hlt\n" S(p, 4) "nop\n" S(p, 5) "hlt"
STEPS(hlt, HLT);

#define CR8(p)								\
	"mov $3, %eax\n" S(p, 1) "mov %rax, %cr8\n" S(p, 2) "mov %cr8, %rbx\n" \
	S(p, 3) "nop\n" S(p, 4) "hlt"
STEPS64(cr8, CR8);

/* KVM loses the step over OUTS, and runs until another exit */
#define STRING_IO(p)							\
	"mov $0x10, %dx\n" SK(p, 1) "mov $0xc040, %edi\n" SK(p, 2) "mov $0xc040, %esi\n" \
	SK(p, 3) "insb\n" SK(p, 4) "outsb\n" S(p, 5) "nop\n" S(p, 6) "hlt\n" \
	K(p, 5) K86(p, 5)
STEPS(string_io, STRING_IO);

/* KVM loses the step over MMIO likewise */
#define MMIO(p)								\
	"mov $0xd0000000, %ebx\n" SK(p, 1) "mov %eax, (%ebx)\n"		\
	S(p, 2) "mov (%ebx), %eax\n" S(p, 3) K(p, 2) "add %eax, (%ebx)\n" \
	S(p, 4) "movb $1, (%ebx)\n" S(p, 5) "nop\n" S(p, 6) "hlt\n" K(p, 3)
STEPS32(mmio, MMIO);
STEPS64(mmio, MMIO);

/* ---- 31: REP ---- */

#define REP(p)								\
	"mov $0xc040, %esi\n" S(p, 1) "mov $0xc080, %edi\n" S(p, 2) "mov $3, %ecx\n" \
	S(p, 3) S(p, 4) S(p, 5) "rep movsb\n" S(p, 6) "mov $2, %ecx\n"	\
	S(p, 7) S(p, 8) "repe scasb\n" S(p, 9) "nop\n" S(p, 10) "hlt"
STEPS(rep, REP);

/* KVM does the remaining iterations in one */
#define REP_IO(p)							\
	"mov $0x10, %dx\n" SK(p, 1) "mov $0xc080, %edi\n" SK(p, 2) "mov $3, %ecx\n" \
	SK(p, 3) SK(p, 4) S(p, 5) "rep insb\n" S(p, 6) K(p, 5) "nop\n"	\
	S(p, 7) K(p, 6) "hlt"
STEPS(rep_io, REP_IO);

/* ---- 36: control registers, far transfers, other modes ---- */

#define CR3(p)								\
	"mov %cr3, %eax\n" S(p, 1) "mov %eax, %cr3\n" S(p, 2) "nop\n" S(p, 3) "hlt"
#define CR3_64(p)							\
	"mov %cr3, %rax\n" S(p, 1) "mov %rax, %cr3\n" S(p, 2) "nop\n" S(p, 3) "hlt"
STEPS32(cr3, CR3);
STEPS64(cr3, CR3_64);

/* @l: a local label of the text */
#define TO(p, l)	#l " - " #p "_begin + 0x8000"

#define FAR(p)								\
	"ljmp $0, $" TO(p, 1f) "\n" S(p, 1) "1: lcall $0, $" TO(p, 2f) "\n" \
	S(p, 3) "nop\n" S(p, 4) "hlt\n" S(p, 2) "2: lret"
STEPS16(far, FAR);

#define FAR32(p)							\
	"ljmp $0x18, $" TO(p, 1f) "\n" S(p, 1) "1: lcall $0x18, $" TO(p, 2f) "\n" \
	S(p, 3) "nop\n" S(p, 4) "hlt\n" S(p, 2) "2: lret"
STEPS32(far, FAR32);

/* goes to user mode by IRET, and to the kernel by INT and SYSCALL */
#define USER(p)								\
	"push $0x33\n" SK(p, 1) "push $0xe000\n" SK(p, 2) "push $2\n"	\
	SK(p, 3) "push $0x3b\n" SK(p, 4) "push $" TO(p, 1f) "\n"	\
	SK(p, 5) "iretq\n" SK(p, 6) "1: nop\n" SK(p, 7) "int $0x80\n"	\
	H(p, 8, 0) H(p, 9, 1) H(p, 10, 2) S(p, 11) "nop\n"		\
	S(p, 12) K(p, 8) "syscall\n" H(p, 13, 0) H(p, 14, 1) KH(p, 9, 0) KH(p, 10, 1) "hlt"
STEPS64(user, USER);

#define SYSRET(p)							\
	"mov $" TO(p, 1f) ", %ecx\n" SK(p, 1) "mov $2, %r11d\n" SK(p, 2) "sysretq\n" \
	SK(p, 3) "1: nop\n" SK(p, 4) "int $0x80\n" H(p, 5, 0) H(p, 6, 1) H(p, 7, 2) \
	S(p, 8) "nop\n" S(p, 9) K(p, 5) "hlt"
STEPS64(sysret, SYSRET);

/* the way from real mode to long mode */
#define UP(p)								\
	"lgdtl 0xc100\n" S(p, 1) "mov %cr0, %eax\n" S(p, 2) "or $1, %eax\n" \
	S(p, 3) "mov %eax, %cr0\n" S(p, 4) "ljmpl $0x18, $" TO(p, 1f) "\n" \
	".code32\n" S(p, 5) "1: mov %cr4, %eax\n" S(p, 6) "or $0x20, %eax\n" \
	S(p, 7) "mov %eax, %cr4\n" S(p, 8) "mov $0x20000, %eax\n"	\
	S(p, 9) "mov %eax, %cr3\n" S(p, 10) "mov $0xc0000080, %ecx\n"	\
	S(p, 11) "rdmsr\n" S(p, 12) "or $0x100, %eax\n" S(p, 13) "wrmsr\n" \
	S(p, 14) "mov %cr0, %eax\n" S(p, 15) "or $0x80000000, %eax\n"	\
	S(p, 16) "mov %eax, %cr0\n" S(p, 17) "ljmpl $8, $" TO(p, 2f) "\n" \
	".code64\n" S(p, 18) "2: nop\n" S(p, 19) "hlt\n.code16"
STEPS16(up, UP);

#define PAGING_OFF(p)							\
	"mov %cr0, %eax\n" S(p, 1) "and $0x7fffffff, %eax\n" S(p, 2) "mov %eax, %cr0\n" \
	S(p, 3) "nop\n" S(p, 4) "or $0x80000000, %eax\n" S(p, 5) "mov %eax, %cr0\n" \
	S(p, 6) "nop\n" S(p, 7) "hlt"
STEPS32(paging_off, PAGING_OFF);

/* ---- the guests, and what they need beside their code ---- */

static void put_gdt(struct vm *vm)
{
	vm_tables(vm, MODE_LONG);
	*GUEST_PTR(vm, 0xc100, u32) = 0x4f | GUEST_GDT << 16;
}

/* SYSCALL into HANDLER: the steps end before the handler's last instruction. */
static void put_syscall(struct vm *vm)
{
	hard_syscall(vm, HANDLER);
}

struct steps {
	const u8 *begin, *end;
	const struct mark *first, *last;
	int mode;
	unsigned int flags;		/* flags of target_step() */
	void (*prepare)(struct vm *vm);
};

#define ROW_(row, what, mode, name, mode_name, flags, prepare)			\
	{ "hard case " #row ": " what ", " mode_name, NULL, 0, steps_end_there,	\
	  &(const struct steps){ name##_begin, name##_end, __start_##name##_stops, \
				 __stop_##name##_stops, mode, flags, prepare } }
#define ROW16(row, what, name, flags)						\
	ROW_(row, what, MODE_REAL, name##_16, "real mode", flags, NULL)
#define ROW86(row, what, name, flags)						\
	ROW_(row, what, MODE_VM86, name##_16, "VM86", flags, NULL)
#define ROW32(row, what, name, flags)						\
	ROW_(row, what, MODE_FLAT32, name##_32, "protected mode", flags, NULL)
#define ROWPAE(row, what, name, flags)						\
	ROW_(row, what, MODE_PAE, name##_32, "PAE", flags, NULL)
#define ROW64(row, what, name, flags)						\
	ROW_(row, what, MODE_LONG, name##_64, "long mode", flags, NULL)
#define ROWS_KERNEL(row, what, name, flags)					\
	ROW16(row, what, name, flags), ROW32(row, what, name, flags),		\
	ROWPAE(row, what, name, flags), ROW64(row, what, name, flags)
#define ROWS(row, what, name, flags)						\
	ROWS_KERNEL(row, what, name, flags), ROW86(row, what, name, flags)

/* Where the steps end, with KVM's own ends on KVM if there are any. */
struct trace {
	u64 rip[MAX_STEPS];
	u32 what[MAX_STEPS];
	bool of_kvm;
};

static u64 place_of(const struct steps *t, const struct mark *m)
{
	if (m->n & M_VM86)
		return m->at;
	return m->n & M_HANDLER ? handler_at(t->mode, m->at) : GUEST_CODE + m->at;
}

static void read_marks(const struct steps *t, bool kvm, struct trace *trace)
{
	const struct mark *m;
	unsigned int n;

	memset(trace, 0, sizeof(*trace));
	trace->of_kvm = kvm;
	for (m = t->first; m < t->last; m++) {
		if (!(m->n & M_KVM) != !kvm || (m->n & M_VM86 && t->mode != MODE_VM86))
			continue;
		n = m->n & 0xffff;
		REQUIRE(n < MAX_STEPS);
		trace->rip[n] = place_of(t, m);
		trace->what[n] = m->n & M_DEBUG ? STOP_DEBUG : STOP_STEP;
	}
}

static void expected(const struct steps *t, struct trace *trace)
{
	if (on_kvm()) {
		read_marks(t, true, trace);
		if (trace->rip[1])
			return;
	}
	read_marks(t, false, trace);
}

/* The registers must not show a debugger's TF, in-band or through a session. */
static bool same_stop(struct stop got, u64 rip, u32 what)
{
	struct kvm_regs regs;
	bool ok = CHECK_EQ(got.rip, rip);

	ok &= CHECK_EQ(got.what, what);
	target_get_regs(&regs);
	return ok & CHECK_EQ(regs.rflags & RFLAGS_TF, 0);
}

/* Fail, and print where the next steps end. */
static void fail_at(unsigned int step, unsigned int flags)
{
	struct stop stop[6];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stop); i++)
		stop[i] = target_step(flags);
	tap_fail("step %u; the next end at %#llx, %#llx, %#llx, %#llx, %#llx, %#llx", step,
		 (unsigned long long)stop[0].rip, (unsigned long long)stop[1].rip,
		 (unsigned long long)stop[2].rip, (unsigned long long)stop[3].rip,
		 (unsigned long long)stop[4].rip, (unsigned long long)stop[5].rip);
}

static void steps_end_there(const void *row)
{
	const struct steps *t = row;
	const struct setup setup = {
		.mode = t->mode, .prog = { t->begin, t->end }, .halts = 100,
		.prepare = t->prepare,
	};
	struct trace want;
	unsigned int n;

	target_start(&setup);
	expected(t, &want);
	for (n = 1; n < MAX_STEPS && want.rip[n]; n++)
		if (!same_stop(target_step(t->flags), want.rip[n], want.what[n]))
			fail_at(n, t->flags);
	if (want.of_kvm)
		tap_note("KVM's steps end elsewhere");
	CHECK(n > 1);
}

const struct test hard_steps[] = {
	ROWS(1, "step STI", sti, 0),
	ROWS(1, "step STI with an interrupt waiting", sti_irq, STEP_IRQS),
	ROWS(2, "step MOV SS", mov_ss, 0),
	ROW16(2, "step POP SS", pop_ss, 0),
	ROW86(2, "step POP SS", pop_ss, 0),
	ROW32(2, "step POP SS", pop_ss, 0),
	ROWPAE(2, "step POP SS", pop_ss, 0),
	ROWS(2, "step MOV SS, then INT3", ss_int3, 0),
	ROWS(2, "step MOV SS, then ICEBP", ss_icebp, 0),
	ROWS(2, "step MOV SS, then INT 1", ss_int1, 0),
	ROW_(2, "step MOV SS, then SYSCALL", MODE_LONG, ss_syscall_64, "long mode", 0,
	     put_syscall),
	ROWS(3, "step ICEBP", icebp, 0),
	ROWS(3, "step INT3", int3, 0),
	ROWS(3, "step INT n", int_n, 0),
	ROWS(3, "step UD2", ud, 0),
	ROWS(8, "step CPUID, IN, OUT, RDTSC", exits, 0),
	ROWS_KERNEL(8, "step RDMSR, WRMSR, MOV CR, MOV DR", msrs, 0),
	ROWS_KERNEL(9, "step HLT", hlt, 0),
	ROW64(9, "step MOV CR8", cr8, 0),
	ROWS(9, "step string I/O", string_io, 0),
	ROW32(9, "step MMIO", mmio, 0),
	ROWPAE(9, "step MMIO", mmio, 0),
	ROW64(9, "step MMIO", mmio, 0),
	ROWS(31, "step REP", rep, 0),
	ROWS(31, "step REP INS", rep_io, 0),
	ROWPAE(36, "step MOV CR3", cr3, 0),
	ROW64(36, "step MOV CR3", cr3, 0),
	ROW16(36, "step far transfers", far, 0),
	ROW32(36, "step far transfers", far, 0),
	ROW_(36, "step to user mode and back", MODE_LONG, user_64, "long mode", 0, put_syscall),
	ROW_(36, "step SYSRET", MODE_LONG, sysret_64, "long mode", 0, put_syscall),
	ROW_(36, "step from real to long mode", MODE_REAL, up_16, "real mode", 0, put_gdt),
	ROWPAE(36, "step paging off and on", paging_off, 0),
};
const unsigned int hard_steps_nr = ARRAY_SIZE(hard_steps);
