// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints that do not stop the guest, on every kind of instruction that the
 * module executes itself. The result must be the processor's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define TRIALS		12	/* the first shows a new instruction to the module */
#define STUB		32	/* bytes */
#define INPUTS		0x100000
#define OUTPUTS		0x110000
#define EXIT_MTF	37

/* the order in which the guest pops and pushes */
enum { FLAGS, RAX, RCX, RDX, RBX, RBP, RSI, RDI, R8, R15 = R8 + 7, RSP, INPUT_WORDS };

#define OUTPUT_WORDS	18	/* the inputs, with RSP and whether the instruction jumped in front */

#define STUB_OF(insn)							\
	"1: " insn "\njmp pass_plain\n9: jmp pass_jumped\n.org 1b + 32, 0xcc\n"

#define SIZES(op)							\
	STUB_OF(op " %al, %cl") STUB_OF(op " %dh, %bl") STUB_OF(op " %r9b, %sil") \
	STUB_OF(op " %ax, %r8w") STUB_OF(op " %ecx, %edx") STUB_OF(op " %r10d, %r11d") \
	STUB_OF(op " %rbx, %r15") STUB_OF(op " %rsp, %rax") STUB_OF(op " %rdi, %rsp")
/* register to register in the second of two encodings */
#define LOADS(op)							\
	STUB_OF("{load} " op " %ah, %cl") STUB_OF("{load} " op " %ax, %r8w")	\
	STUB_OF("{load} " op " %r9d, %edx") STUB_OF("{load} " op " %rsp, %r12")
#define IMMEDIATES(op)							\
	STUB_OF(op " $0x83, %al") STUB_OF(op " $0x43, %ch") STUB_OF(op " $0x8421, %ax")	\
	STUB_OF(op " $0x8421, %r9w") STUB_OF(op " $0x87654321, %eax")	\
	STUB_OF(op " $0x87654321, %r13d") STUB_OF(op " $-0x7654321, %rax") \
	STUB_OF(op " $-0x7654321, %rbp") STUB_OF(op " $-5, %dx") STUB_OF(op " $-5, %ebx") \
	STUB_OF(op " $-8, %rsp")
#define ARITHMETIC(op)	SIZES(op) LOADS(op) IMMEDIATES(op)
#define UNARY(op)							\
	STUB_OF(op " %bh") STUB_OF(op " %sil") STUB_OF(op " %cx") STUB_OF(op " %r8d") \
	STUB_OF(op " %rdi") STUB_OF(op " %rsp")
#define WIDEN(op)							\
	STUB_OF(op "bw %ah, %cx") STUB_OF(op "bl %sil, %eax") STUB_OF(op "bq %dl, %r9")	\
	STUB_OF(op "wl %r10w, %edi") STUB_OF(op "wq %sp, %rbx")
#define CONDITION(cc)							\
	STUB_OF("set" cc " %ah") STUB_OF("set" cc " %r8b") STUB_OF("cmov" cc " %cx, %dx") \
	STUB_OF("cmov" cc " %eax, %r9d") STUB_OF("cmov" cc " %rsp, %rsi")	\
	STUB_OF("j" cc " 9f") STUB_OF("j" cc " pass_jumped")

GUEST64(pass,
	"movq $" GADDR(pass, pass_stubs) ", 0xc000; movq $0x110000, 0xc010\n"
	"pass_next: movq $0x100000, 0xc008; movl $12, 0xc020\n"
	"pass_again: mov 0xc008, %rsp; popfq\n"
	".irp r, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15\n"
	"pop %\\r\n.endr\n"
	"mov (%rsp), %rsp; jmp *0xc000\n"
	"pass_plain: movb $0, 0xc028; jmp 1f\n"
	"pass_jumped: movb $1, 0xc028\n"
	"1: mov %rsp, 0xc018; mov 0xc010, %rsp; lea 18 * 8(%rsp), %rsp; pushfq\n"
	".irp r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax\n"
	"push %\\r\n.endr\n"
	"pushq 0xc018; pushq 0xc028\n"
	"addq $18 * 8, 0xc010; addq $17 * 8, 0xc008; decl 0xc020; jnz pass_again\n"
	"addq $32, 0xc000; cmpq $" GADDR(pass, pass_end_of_stubs) ", 0xc000; jne pass_next\n"
	"hlt\n"
	"pass_stubs:\n"
	STUB_OF("nop") STUB_OF("xchg %ax, %ax") STUB_OF("nopl (%rax)") STUB_OF("rex.W nop")
	STUB_OF("nopl 0(%rax, %rax)") STUB_OF("nopw %cs:0x12345678(%rax, %rax)")
	STUB_OF("nopl 0x12345678(%rip)") STUB_OF("nopl %eax")
	STUB_OF("endbr64") STUB_OF("endbr32")
	ARITHMETIC("add") ARITHMETIC("or") ARITHMETIC("adc") ARITHMETIC("sbb")
	ARITHMETIC("and") ARITHMETIC("sub") ARITHMETIC("xor") ARITHMETIC("cmp")
	SIZES("mov") LOADS("mov") IMMEDIATES("mov") STUB_OF("movabs $0x123456789abcdef0, %r14")
	SIZES("test") IMMEDIATES("test")
	SIZES("xchg") STUB_OF("xchg %eax, %eax; .byte 0x87, 0xc0") STUB_OF("xchg %rax, %r8")
	STUB_OF("xchg %ah, %al") STUB_OF("xchg %eax, %ebp") STUB_OF("xchg %cx, %ax")
	UNARY("not") UNARY("neg") UNARY("inc") UNARY("dec")
	WIDEN("movz") WIDEN("movs") STUB_OF("movslq %r9d, %rcx") STUB_OF("movslq %esp, %rsp")
	STUB_OF("cbtw") STUB_OF("cwtl") STUB_OF("cltq")
	STUB_OF("cwtd") STUB_OF("cltd") STUB_OF("cqto")
	STUB_OF("bswap %ebx") STUB_OF("bswap %r12") STUB_OF("bswap %rsp")
	STUB_OF("lea (%rax), %rcx") STUB_OF("lea -8(%rsp), %rsp")
	STUB_OF("lea 0x12345678(%r13, %r12, 8), %r9") STUB_OF("lea (, %rbp, 4), %edx")
	STUB_OF("lea 5(%rbp, %rsi, 2), %bx") STUB_OF("lea 0x1234(%rip), %rdi")
	STUB_OF("lea 0x1234, %r11") STUB_OF("lea (%rsp, %rax), %eax")
	CONDITION("o") CONDITION("no") CONDITION("c") CONDITION("nc") CONDITION("z")
	CONDITION("nz") CONDITION("be") CONDITION("a") CONDITION("s") CONDITION("ns")
	CONDITION("p") CONDITION("np") CONDITION("l") CONDITION("ge") CONDITION("le")
	CONDITION("g")
	STUB_OF("jmp 9f") STUB_OF("jmp pass_jumped")
	"pass_end_of_stubs:");
LABEL(pass_stubs);
LABEL(pass_end_of_stubs);

#define STUBS	((unsigned int)(pass_end_of_stubs - pass_stubs) / STUB)

static u64 random64(void)
{
	return (u64)random() << 42 ^ (u64)random() << 21 ^ (u64)random();
}

/* Values around which carries, signs and overflows change. */
static u64 interesting(void)
{
	static const u64 values[] = {
		0, 1, ~0ULL, 0x7f, 0x80, 0x7fff, 0x8000, 0x7fffffff, 0x80000000,
		0x7fffffffffffffff, 0x8000000000000000,
	};
	u64 val = random64();

	return val & 1 ? values[val / 2 % ARRAY_SIZE(values)] : random64();
}

static void prepare(struct vm *vm)
{
	volatile u64 *in = GUEST_PTR(vm, INPUTS, u64);
	unsigned int i, j;

	srandom(1);
	for (i = 0; i < TRIALS; i++, in += INPUT_WORDS) {
		/* CF PF AF ZF SF DF OF, AC, ID */
		in[FLAGS] = (random64() & 0x240cd5) | 2;
		for (j = RAX; j <= RSP; j++)
			in[j] = interesting();
	}
}

static volatile u64 *output(struct dbg *d, unsigned int stub, unsigned int trial)
{
	return GUEST_PTR(&d->vmm.vm, OUTPUTS, u64) + (stub * TRIALS + trial) * OUTPUT_WORDS;
}

/* read the exits of the only VM for @reason */
static u64 exits_for(unsigned int reason)
{
	FILE *f;
	unsigned long r, nr, found = 0;

	stat_of("exits");		/* mounts debugfs, or ends the test */
	f = fopen("/sys/kernel/debug/vmxdbg/exit_reasons", "r");
	if (!f)
		tap_fail("exit_reasons: %s", strerror(errno));
	while (fscanf(f, "%lu %lu", &r, &nr) == 2)
		if (r == reason)
			found = nr;
	fclose(f);
	return found;
}

static void start(struct dbg *d)
{
	const struct vmm_options o = { .prepare = prepare };

	dbg_start(d, MODE_LONG, PROG(pass), &o);
}

static void end(struct dbg *d)
{
	close(d->fd);
	vmm_kill(&d->vmm);
	close(d->vmm.vm_fd);
}

static long count_at(struct dbg *d, u64 addr)
{
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_COUNT };

	return session_add_bp(d->fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = addr, .len = 1, .options = (u64)&options });
}

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

static void compare(volatile u64 *got, volatile u64 *want, unsigned int stub)
{
	const u8 *code = pass_stubs + stub * STUB;
	unsigned int i;

	for (i = 0; i < OUTPUT_WORDS; i++)
		if (got[i] != want[i])
			tap_fail("stub %u, %02x %02x %02x %02x: word %u is %#llx, not %#llx",
				 stub, code[0], code[1], code[2], code[3], i,
				 (unsigned long long)got[i], (unsigned long long)want[i]);
}

static void as_the_processor_does(void)
{
	struct dbg with, plain;
	long ids[STUBS];
	unsigned int i, j;
	u64 steps;

	start(&plain);
	dbg_finish(&plain);
	start(&with);
	for (i = 0; i < STUBS; i++) {
		ids[i] = count_at(&with, AT(pass, pass_stubs) + i * STUB);
		CHECK_OK(ids[i]);
	}
	dbg_finish(&with);
	for (i = 0; i < STUBS; i++) {
		CHECK_EQ(hits_of(&with, ids[i]), TRIALS);
		for (j = 0; j < TRIALS; j++)
			compare(output(&with, i, j), output(&plain, i, j), i);
	}
	end(&plain);
	/*
	 * An instruction is stepped over the first time, and always at the end of a
	 * page.
	 */
	steps = exits_for(EXIT_MTF);
	tap_note("%u instructions, %llu of %u stepped over", STUBS,
		 (unsigned long long)steps, STUBS * TRIALS);
	CHECK(steps < 2 * STUBS);
	end(&with);
}

/* ---- what comes with the end of an instruction, or before the next one ---- */

GUEST64(row, "mov $5, %ecx\n"
	"row_first: nop\n"
	"row_second: dec %ecx\n"
	"row_third: nop; jnz row_first; hlt");
LABEL(row_first);
LABEL(row_second);
LABEL(row_third);

static void the_next_one_is_hit(void)
{
	long first, second;
	unsigned int i;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(row), NULL);
	first = count_at(&d, AT(row, row_first));
	second = count_at(&d, AT(row, row_second));
	CHECK_OK(session_add(d.fd, VMXDBG_BP_SOFT, AT(row, row_third), 1));
	for (i = 1; i <= 5; i++) {
		resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(row, row_third));
		CHECK_EQ(hits_of(&d, first), i);
		CHECK_EQ(hits_of(&d, second), i);
		CHECK_EQ(session_get_regs(d.fd, 0).rcx, 5 - i);
	}
	dbg_finish(&d);
	end(&d);
}

GUEST64(forever, "forever_here: jmp forever_here");
LABEL(forever_here);

static void a_jump_to_itself_is_hit_again(void)
{
	struct dbg d;
	long id;

	dbg_start(&d, MODE_LONG, PROG(forever), NULL);
	id = count_at(&d, AT(forever, forever_here));
	CHECK_OK(session_resume(d.fd, 0, 0));
	while (hits_of(&d, id) < 1000)
		sleep_ms(1);
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_EQ(session_get_regs(d.fd, 0).rip, AT(forever, forever_here));
	end(&d);
}

/* TF: a #DB after each instruction, which counts them at 0xc000 */
GUEST64(traced, "mov $5, %ecx; 1: pushfq; orl $0x100, (%rsp); popfq\n"
	"traced_here: nop; pushfq; andl $~0x100, (%rsp); popfq; dec %ecx; jnz 1b; hlt\n"
	".balign 16\n"
	"traced_trap: incl 0xc000; iretq");
LABEL(traced_here);
LABEL(traced_trap);

static void prepare_traced(struct vm *vm)
{
	vm_gate(vm, MODE_LONG, 1, AT(traced, traced_trap));
}

static void the_guests_own_trap_comes(void)
{
	const struct vmm_options o = { .prepare = prepare_traced };
	unsigned int with;
	struct dbg d;
	long id;

	for (with = 0; with < 2; with++) {
		dbg_start(&d, MODE_LONG, PROG(traced), &o);
		id = with ? count_at(&d, AT(traced, traced_here)) : 0;
		dbg_finish(&d);
		CHECK_EQ(DATA32(&d.vmm.vm, 0), 5 * 4);
		if (with)
			CHECK_EQ(hits_of(&d, id), 5);
		end(&d);
	}
}

/* INC and DEC of EAX by turns: 10 rounds of INC, then 10 of DEC */
GUEST64(rewrites, "mov $0x100, %ebx; xor %eax, %eax\n"
	"1: mov $10, %ecx\n"
	"rewrites_here: inc %eax; dec %ecx; jnz rewrites_here\n"
	"add %eax, 0xc000; xorb $8, " GADDR(rewrites, rewrites_here) " + 1\n"
	"dec %ebx; jnz 1b; hlt");
LABEL(rewrites_here);

static void new_code_is_executed(void)
{
	struct dbg d;
	long id;

	dbg_start(&d, MODE_LONG, PROG(rewrites), NULL);
	id = count_at(&d, AT(rewrites, rewrites_here));
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 0x100 * 10);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0x80 * 10);
	end(&d);
}

/*
 * The linear page at 0x170000 maps two pages by turns, one with INC EAX, one with ADD
 * $16. The breakpoint is on the ADD.
 */
GUEST64(remaps, "mov $100, %ebx; xor %eax, %eax\n"
	"1: xorq $0x3000, 0x26000 + 8 * 0x170; invlpg 0x170000\n"
	"mov $0x170000, %edx; call *%rdx; dec %ebx; jnz 1b\n"
	"mov %eax, 0xc000; hlt");

static void prepare_remaps(struct vm *vm)
{
	static const u8 inc[] = { 0xff, 0xc0, 0xc3 }, add[] = { 0x83, 0xc0, 0x10, 0xc3 };

	memcpy(vm->mem + 0x171000, inc, sizeof(inc));
	memcpy(vm->mem + 0x172000, add, sizeof(add));
	GUEST_PTR(vm, GUEST_PT, u64)[0x170] = 0x171007;
}

static void new_translations_are_followed(void)
{
	const struct vmm_options o = { .prepare = prepare_remaps };
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_COUNT };
	struct dbg d;
	long id;

	dbg_start(&d, MODE_LONG, PROG(remaps), &o);
	id = session_add_bp(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .flags = VMXDBG_BP_PHYSICAL, .addr = 0x172000,
		.len = 1, .options = (u64)&options });
	CHECK_OK(id);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 50);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 50 + 50 * 16);
	end(&d);
}

/* ---- those that store to the stack ---- */

/* folds the pushed value into 0xc000, and the stack's page table entry into 0xc008 */
GUEST64(pushes, "mov $50, %ecx; mov $0x123456789abc, %rax; mov %rax, %r9\n"
	"1: mov $0x170ff8, %esp; andb $0x9f, 0x26000 + 8 * 0x170; invlpg 0x170000\n"
	"testb $1, %cl; jz pushes_rax; push %rcx\n"
	"pushes_rax: push %rax\n"
	"pushes_r9: push %r9\n"
	"pushes_rsp: push %rsp\n"
	"pushes_call: call 2f\n"
	"2: mov 0x26000 + 8 * 0x170, %rdx; add %rdx, 0xc008; rolq 0xc008\n"
	"mov $0x170fb8, %esi\n"
	"3: mov (%rsi), %rdx; add %rdx, 0xc000; rolq 0xc000; add $8, %esi\n"
	"cmp $0x171000, %esi; jne 3b\n"
	"add %rax, %r9; rol %rax; dec %ecx; jnz 1b; mov %rsp, 0xc010; hlt");
LABEL(pushes_rax);
LABEL(pushes_r9);
LABEL(pushes_rsp);
LABEL(pushes_call);

/* another object on the stack's page */
enum company { NOBODY, A_HOOK, A_WATCH, A_WATCH_BESIDE, COMPANIES };

static long with_company(struct dbg *d, enum company company)
{
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_COUNT };
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_WRITE, .addr = 0x170fe0, .len = 24,
		.options = (u64)&options,
	};

	if (company == NOBODY)
		return 0;
	if (company == A_HOOK) {
		bp.type = VMXDBG_BP_SOFT;
		bp.flags = VMXDBG_BP_PHYSICAL;
		bp.len = 1;
	} else if (company == A_WATCH_BESIDE) {
		bp.addr = 0x170100;
	}
	return session_add_bp(d->fd, bp);
}

static void pushes_are_stores(void)
{
	const u8 * const places[] = { pushes_rax, pushes_r9, pushes_rsp, pushes_call };
	struct dbg with, plain;
	unsigned int company, i;
	long ids[4], other;

	dbg_start(&plain, MODE_LONG, PROG(pushes), NULL);
	dbg_finish(&plain);
	for (company = 0; company < COMPANIES; company++) {
		tap_note("company %u", company);
		dbg_start(&with, MODE_LONG, PROG(pushes), NULL);
		for (i = 0; i < ARRAY_SIZE(places); i++)
			ids[i] = count_at(&with, GUEST_CODE + (u64)(places[i] - pushes_begin));
		other = with_company(&with, company);
		CHECK_OK(other);
		dbg_finish(&with);
		for (i = 0; i < ARRAY_SIZE(places); i++)
			CHECK_EQ(hits_of(&with, ids[i]), 50);
		/* The first sum may include an int3 that the guest can see. */
		for (i = company == A_HOOK && !session_hides(with.fd); i < 3; i++)
			CHECK_EQ(DATA64(&with.vmm.vm, i), DATA64(&plain.vmm.vm, i));
		if (other)
			CHECK_EQ(hits_of(&with, other), company == A_WATCH ? 3 * 50 : 0);
		end(&with);
	}
	end(&plain);
}

/* Only the first of each is stepped, and stores to a table that the session follows. */
static void pushes_are_not_stepped(void)
{
	u64 steps;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(pushes), NULL);
	count_at(&d, AT(pushes, pushes_r9));
	count_at(&d, AT(pushes, pushes_rsp));
	count_at(&d, AT(pushes, pushes_call));
	dbg_finish(&d);
	steps = exits_for(EXIT_MTF);
	tap_note("%llu steps with 150 hits", (unsigned long long)steps);
	CHECK(steps < 50 + 15);
	end(&d);
}

/* MUL is not executed by the module: it is stepped, at its page and not at the copy. */
GUEST64(multiply,
	"mov $0xc000, %ebx; mov $20, %ecx\n"
	"multiply_mul: mul %rcx\n"
	"dec %ecx; jnz multiply_mul; hlt");
LABEL(multiply_mul);

static void stepped_ones_beside_a_watch_count_once(void)
{
	struct vmxdbg_bp watch = { .type = VMXDBG_BP_WRITE, .addr = GUEST_HIGH, .len = 3,
				   .flags = VMXDBG_BP_PHYSICAL };
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(multiply), NULL);
	id = count_at(&d, AT(multiply, multiply_mul));
	CHECK(session_add_bp(d.fd, watch) > 0);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 20);
	end(&d);
}

static const struct test tests[] = {
	TEST_SLOW(as_the_processor_does, 60),
	TEST(the_next_one_is_hit),
	TEST(a_jump_to_itself_is_hit_again),
	TEST(the_guests_own_trap_comes),
	TEST(new_code_is_executed),
	TEST(new_translations_are_followed),
	TEST(pushes_are_stores),
	TEST(pushes_are_not_stepped),
	TEST(stepped_ones_beside_a_watch_count_once),
};

TAP_MAIN(tests)
