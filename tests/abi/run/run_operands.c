// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions with an operand in memory without a slot, one by one. Each row of
 * operand_rows.h runs twice: on memory, by the processor alone, and on a device that the
 * test emulates. Registers, segments, tables and memory must be equal afterwards, an
 * exception must be the same, and the device must see the accesses of the row with the
 * data of the run on memory.
 */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "arith_flags.h"
#include "guest.h"

#define PAGE		0x1000U
#define WINDOW		0x181000ULL	/* linear; operands are in this page */
#define REAL_WINDOW	0xa0000ULL	/* in real mode */
#define PLACE		0x40		/* of the operand in the page */
#define FRAME		0x103000ULL	/* the window's memory... */
#define DEVICE		(GUEST_MMIO + 0x100000)	/* ...or device */
#define HLT_AT		0x9000		/* for branches */
#define LDT_AT		0xd000
#define PORT		0x40

#define FLAG_TF		0x100U
#define FLAG_RF		0x10000U
#define DR7_L0		1
#define TSS_IST1	0x24
#define GATE_IST1	(1ULL << 32)

/* Flags of a row. */
#define WANTS_MOVBE	1

/* In place of the exits of KVM 6.1; later versions may be right. */
static const char kvm_fails[] = "KVM does not emulate it";
static const char kvm_repeats[] = "KVM repeats it for ever";
#define KVM_FAILS	kvm_fails
#define KVM_REPEATS	kvm_repeats

struct row {
	const char *group;
	unsigned int bits;
	const char *text;
	const u8 *begin, *end;
	const char *exits;
	unsigned int flags;
	u8 bytes[16];		/* the operand, if @given */
	bool given;
	bool faults;
	u8 trap;		/* vector of the exception, if it @faults */
	bool fails;		/* emulation failure, on both */
	bool port;		/* INS or OUTS: there are exits for PORT too */
	bool tf, rf;		/* the flag is set before the instruction */
	const char *kvm;	/* exits of KVM, if they differ */
	bool kvm_wrong;		/* the result of KVM differs, too */
};

/* Rows are in a section of their own, so that macros can make many of them. */
#define ROW(...)	ROW_NUMBERED(__COUNTER__, __VA_ARGS__)
#define ROW_NUMBERED(n, ...)	ROW_NAMED(n, __VA_ARGS__)
#define ROW_NAMED(n, group_, bits_, text_, exits_, ...)			\
	GUEST_ASM(row_##n, bits_, text_ "; hlt");			\
	static const struct row the_row_##n = {				\
		.group = group_, .bits = bits_, .text = text_,		\
		.begin = row_##n##_begin, .end = row_##n##_end,		\
		.exits = exits_, __VA_ARGS__ };				\
	static const struct row *const row_at_##n			\
		__attribute__((section("operand_rows"), used)) = &the_row_##n

#include "operand_rows.h"
#include "operand_rows_system.h"
#include "operand_rows_faults.h"
#include "operand_rows_stack.h"

extern const struct row *const __start_operand_rows[], *const __stop_operand_rows[];

/* ---- the machines ---- */

/*
 * One VM has memory in the window, the other one a device. With paging, a second page is
 * before the window, and none is after it.
 */
struct machine {
	struct vm vm;
	struct vcpu *v;
};

static struct machine native, emulated;
static u8 device_pages[2 * PAGE];
static u8 *const device = device_pages + PAGE;
static unsigned int bits;

static enum guest_mode mode_now(void)
{
	return bits == 16 ? MODE_REAL : bits == 32 ? MODE_PAGED32 : MODE_LONG;
}

/* Return: the window's memory in the VM of @m; a page is before it. */
static u8 *window_of(struct machine *m)
{
	if (m == &emulated)
		return device;
	return m->vm.mem + (bits == 16 ? REAL_WINDOW : FRAME);
}

static void set_entry(struct vm *vm, u64 gva, u64 entry)
{
	if (bits == 64)
		GUEST_PTR(vm, GUEST_PT, u64)[gva / PAGE] = entry;
	else
		GUEST_PTR(vm, GUEST_PT32, u32)[gva / PAGE] = entry;
}

/* The frames of the two pages are apart, so that no access to both is one piece. */
static void map_window(struct machine *m)
{
	struct kvm_userspace_memory_region slot = { .slot = 0 };
	u64 gpa = m == &emulated ? DEVICE : FRAME;

	if (bits != 16) {
		set_entry(&m->vm, WINDOW - PAGE, (gpa - 2 * PAGE) | 7);
		set_entry(&m->vm, WINDOW, gpa | 7);
		set_entry(&m->vm, WINDOW + PAGE, 0);
	} else if (m == &emulated) {
		CHECK_OK(ioctl(m->vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
		slot.memory_size = REAL_WINDOW;
		slot.userspace_addr = (unsigned long)m->vm.mem;
		CHECK_OK(ioctl(m->vm.fd, KVM_SET_USER_MEMORY_REGION, &slot));
	}
}

static void machine_start(struct machine *m)
{
	m->v = guest_make(&m->vm, mode_now(), PROG(row_0));
	map_window(m);
}

/* Descriptors for the rows; see operand_rows.h. */
static void put_descriptors(struct vm *vm)
{
	static const u64 descriptors[] = {
		[NEW_LDT / 8] = 0x0000820000000000 | (u64)LDT_AT << 16 | 0x3f,
		[NEW_TSS / 8] = 0x0000890000000067 | (u64)GUEST_TSS << 16,
		[NEW_DATA / 8] = 0x00cf92000000ffff,
		[ABSENT_DATA / 8] = 0x00cf13000000ffff,
		[NEW_CODE64 / 8] = 0x00af9a000000ffff,
		[NEW_CODE32 / 8] = 0x00cf9a000000ffff,
		[ABSENT_CODE / 8] = 0x00cf1b000000ffff,
		[READ_ONLY / 8] = 0x00cf90000000ffff,
		[BUSY_TSS / 8] = 0x00008b0000000067 | (u64)GUEST_TSS << 16,
		[ABSENT_TSS / 8] = 0x0000090000000067 | (u64)GUEST_TSS << 16,
		[CALL_GATE / 8] = 0x00008c0000000000 | (u64)SEL_CODE64 << 16 | HLT_AT,
		[CONFORMING / 8] = 0x00af9e000000ffff,
		[LONG_AND_WIDE / 8] = 0x00ef9a000000ffff,
		[NEW_CODE16 / 8] = 0x00009a000000ffff,
		[FAR_LDT / 8] = 0x0000820000000000 | 0x3f,
		[FAR_LDT / 8 + 1] = 0x00008000,		/* not canonical */
	};
	volatile u64 *gdt = GUEST_PTR(vm, GUEST_GDT, u64);
	unsigned int i;

	for (i = NEW_LDT / 8; i < ARRAY_SIZE(descriptors); i++)
		gdt[i] = descriptors[i];
	for (i = 0; i < 8; i++)
		GUEST_PTR(vm, LDT_AT, u64)[i] = 0x00cf92000000ffff | (u64)i << 16;
}

/* Exceptions in 64-bit code use a stack of their own, for that of a row may be the device. */
static void put_exception_stack(struct vm *vm)
{
	volatile u64 *idt = GUEST_PTR(vm, GUEST_IDT, u64);
	u64 stack = GUEST_STACK;
	unsigned int i;

	if (bits != 64)
		return;
	memcpy(vm->mem + GUEST_TSS + TSS_IST1, &stack, sizeof(stack));
	for (i = 0; i < 32; i++)
		idt[2 * i] |= GATE_IST1;
}

static u8 *page_before(struct machine *m)
{
	if (m == &emulated)
		return device - PAGE;
	return bits == 16 ? m->vm.mem + REAL_WINDOW - PAGE : m->vm.mem + FRAME - 2 * PAGE;
}

static void put_memory(struct machine *m, const struct row *row)
{
	u8 *window = window_of(m);
	unsigned int i;

	for (i = 0; i < PAGE; i++) {
		window[i] = 0x91 + 7 * i;
		page_before(m)[i] = 0x17 + 3 * i;
		m->vm.mem[GUEST_DATA + i] = 3 + 5 * i;
		m->vm.mem[GUEST_STACK - PAGE + i] = 0;
	}
	if (row->given)
		memcpy(window + PLACE, row->bytes, sizeof(row->bytes));
	m->vm.mem[HLT_AT] = 0xf4;
	put_descriptors(&m->vm);
	put_exception_stack(&m->vm);
	memcpy(m->vm.mem + GUEST_CODE, row->begin, row->end - row->begin);
}

/* A breakpoint is on the NOP before the HLT at the end. */
static void put_debug(struct machine *m, const struct row *row)
{
	struct kvm_debugregs debug = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };

	if (row->rf) {
		debug.db[0] = GUEST_CODE + (row->end - row->begin) - 2;
		debug.dr7 |= DR7_L0;
	}
	CHECK_OK(ioctl(m->v->fd, KVM_SET_DEBUGREGS, &debug));
}

static void put_registers(struct machine *m, const struct row *row)
{
	struct kvm_regs regs = {
		.rip = GUEST_CODE, .rflags = 2, .rsp = GUEST_STACK,
		.rax = 0x1122334455667788, .rbx = WINDOW + PLACE, .rcx = 0x99aabbccddeeff0f,
		.rdx = 0x8070605040302010, .rsi = 0, .rdi = 0, .rbp = 2,
		.r9 = 0xfedcba9876543210,
	};
	struct kvm_vcpu_events none = { };
	struct kvm_sregs s;

	/* #UD waits after an emulation failure. */
	CHECK_OK(ioctl(m->v->fd, KVM_SET_VCPU_EVENTS, &none));
	vcpu_reset(m->v, mode_now(), GUEST_CODE);
	get_sregs(m->v, &s);
	s.gdt.base = GUEST_GDT;
	s.gdt.limit = 0xff;
	s.ldt = (struct kvm_segment){ .unusable = 1, .type = 2 };
	if (bits == 16) {
		s.ds.selector = REAL_WINDOW / 16;
		s.ds.base = REAL_WINDOW;
		s.es = s.ds;
		regs.rbx = PLACE;
	}
	CHECK_OK(ioctl(m->v->fd, KVM_SET_SREGS, &s));
	if (bits != 64) {
		regs.rax = (u32)regs.rax;
		regs.rcx = (u32)regs.rcx;
		regs.rdx = (u32)regs.rdx;
		regs.r9 = 0;
	}
	if (row->tf)
		regs.rflags |= FLAG_TF;
	if (row->rf)
		regs.rflags |= FLAG_RF;
	set_regs(m->v, &regs);
	put_debug(m, row);
}

/* ---- a run ---- */

/* The state after a run, and the exits of the run. */
struct outcome {
	int end;		/* KVM_EXIT_HLT; KVM_EXIT_IO after an exception; else an exit */
	int trap;
	bool rf;		/* as the exception has pushed it */
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_debugregs debug;
	u8 before[PAGE], window[PAGE];	/* one after the other */
	u8 data[PAGE], stack[PAGE], gdt[PAGE / 8], ldt[64];
	u8 out[16];		/* to PORT */
	unsigned int nr_out;
	char exits[128];
	/* the device's accesses */
	struct access {
		int at;		/* in the window or before it */
		u8 len, data[8];
		bool write;
	} access[16];
	unsigned int nr;
};

/* Return: the offset from the window of an access to the device. */
static int window_offset(u64 gpa, unsigned int len)
{
	bool before = bits != 16 && gpa < DEVICE;
	u64 base = bits == 16 ? REAL_WINDOW : before ? DEVICE - 2 * PAGE : DEVICE;

	REQUIRE(gpa >= base && len <= 8 && gpa - base + len <= PAGE);
	return (int)(gpa - base) - (before ? (int)PAGE : 0);
}

static void note_access(struct machine *m, struct outcome *o)
{
	struct kvm_run *run = m->v->run;
	int at = window_offset(run->mmio.phys_addr, run->mmio.len), from = at - PLACE;
	size_t used = strlen(o->exits);
	struct access *a = &o->access[o->nr++];

	REQUIRE(o->nr <= ARRAY_SIZE(o->access));
	if (run->mmio.is_write)
		memcpy(device + at, run->mmio.data, run->mmio.len);
	else
		memcpy(run->mmio.data, device + at, run->mmio.len);
	*a = (struct access){ .at = at, .len = run->mmio.len, .write = run->mmio.is_write };
	memcpy(a->data, run->mmio.data, a->len);
	snprintf(o->exits + used, sizeof(o->exits) - used, "%s%c%s%x.%u", used ? " " : "",
		 a->write ? 'w' : 'r', from < 0 ? "-" : "", from < 0 ? -from : from, a->len);
}

static void note_port(struct machine *m, struct outcome *o)
{
	struct kvm_run *run = m->v->run;
	unsigned int len = run->io.size * run->io.count;

	if (run->io.direction == KVM_EXIT_IO_IN) {
		memset(vcpu_io_data(m->v), 0xa5, len);
		return;
	}
	REQUIRE(o->nr_out + len <= sizeof(o->out));
	memcpy(o->out + o->nr_out, vcpu_io_data(m->v), len);
	o->nr_out += len;
}

static bool has_error_code(int vector)
{
	return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

/* RF in the frame that an exception pushed; cleared there, as not all processors set it. */
static void take_rf(struct outcome *o)
{
	unsigned int word = bits / 8, at = o->regs.rsp - (GUEST_STACK - PAGE);
	u32 *flags;

	if (bits == 16)
		return;		/* 16 bits of the flags */
	at += (2 + has_error_code(o->trap)) * word;
	REQUIRE(at + word <= PAGE);
	flags = (u32 *)(o->stack + at);
	o->rf = *flags & FLAG_RF;
	*flags &= ~FLAG_RF;
}

/* An unusable segment has a selector, and SS the CPL. */
static void forget_unused(struct kvm_segment *seg)
{
	if (!seg->unusable)
		return;
	*seg = (struct kvm_segment){ .selector = seg->selector, .unusable = 1 };
}

static void take_state(struct machine *m, struct outcome *o)
{
	struct kvm_sregs *s = &o->sregs;
	u8 *mem = m->vm.mem;

	get_regs(m->v, &o->regs);
	get_sregs(m->v, s);
	forget_unused(&s->cs);
	forget_unused(&s->ds);
	forget_unused(&s->es);
	forget_unused(&s->fs);
	forget_unused(&s->gs);
	forget_unused(&s->ss);
	forget_unused(&s->ldt);
	CHECK_OK(ioctl(m->v->fd, KVM_GET_DEBUGREGS, &o->debug));
	memcpy(o->before, page_before(m), PAGE);
	memcpy(o->window, window_of(m), PAGE);
	memcpy(o->data, mem + GUEST_DATA, PAGE);
	memcpy(o->stack, mem + GUEST_STACK - PAGE, PAGE);
	memcpy(o->gdt, mem + GUEST_GDT, sizeof(o->gdt));
	memcpy(o->ldt, mem + LDT_AT, sizeof(o->ldt));
	o->trap = vcpu_trap(m->v);
	if (o->trap >= 0)
		take_rf(o);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* End a run without exits after @ms; 0: do not. */
static void set_alarm(unsigned int ms)
{
	const struct itimerval when = { .it_value.tv_usec = 1000 * ms };
	const struct sigaction act = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &when, NULL);
}

static void run_row(struct machine *m, const struct row *row, struct outcome *o)
{
	bool port;

	memset(o, 0, sizeof(*o));
	put_memory(m, row);
	put_registers(m, row);
	do {
		o->end = vcpu_run(m->v);
		port = o->end == KVM_EXIT_IO && m->v->run->io.port == PORT;
		if (o->end == KVM_EXIT_MMIO)
			note_access(m, o);
		else if (port)
			note_port(m, o);
	} while ((o->end == KVM_EXIT_MMIO && o->nr < ARRAY_SIZE(o->access)) || port);
	take_state(m, o);
}

/* ---- comparison ---- */

/* A comparison that may fail prints nothing. */
static bool quiet;

#define NOTE(...) do {							\
	if (!quiet)							\
		tap_note(__VA_ARGS__);					\
} while (0)

/* Return: whether two states are equal; if not, print where they differ first. */
static bool same(const char *what, const void *ours, const void *theirs, size_t len)
{
	const u8 *a = ours, *b = theirs;
	size_t i;

	for (i = 0; i < len && a[i] == b[i]; i++)
		;
	if (i < len)
		NOTE("%s differ at %#zx: %#x, not %#x", what, i, a[i], b[i]);
	return i == len;
}

#define SAME(field)	same(#field, &ours->field, &right->field, sizeof(ours->field))

/* The device saw the data that the run on memory left there. Each byte is written once. */
static bool same_data(const struct outcome *ours, const struct outcome *right)
{
	const u8 *window = right->before + PAGE;
	unsigned int i;
	bool ok = true;

	for (i = 0; i < ours->nr; i++) {
		const struct access *a = &ours->access[i];

		if (a->write)
			ok &= same("written data", a->data, window + a->at, a->len);
	}
	return ok;
}

static bool same_flags(const struct row *row, u64 ours, u64 right)
{
	if (!((ours ^ right) & defined_flags(row->flags)))
		return true;
	NOTE("flags are %#llx, not %#llx", (unsigned long long)ours,
		 (unsigned long long)right);
	return false;
}

/* Flags are compared by themselves: some are undefined. An exception has pushed them. */
static bool same_state(const struct row *row, struct outcome *ours, struct outcome *right)
{
	bool ok = ours->end == right->end && ours->trap == right->trap;

	if (!ok)
		NOTE("exit %d, trap %d, not exit %d, trap %d", ours->end, ours->trap,
			 right->end, right->trap);
	ok &= same_flags(row, ours->regs.rflags, right->regs.rflags);
	ours->regs.rflags = right->regs.rflags;
	ok &= SAME(regs);
	ok &= SAME(sregs);
	ok &= SAME(debug);
	ok &= SAME(before);
	ok &= SAME(window);
	ok &= SAME(data);
	ok &= row->flags & NO_FLAGS || SAME(stack);
	ok &= SAME(gdt);
	ok &= SAME(ldt);
	ok &= SAME(out);
	return ok & same_data(ours, right);
}

static bool ends_as_told(const struct row *row, const struct outcome *o)
{
	int end = row->faults ? KVM_EXIT_IO : KVM_EXIT_HLT;
	int trap = row->faults ? row->trap : -1;

	if (o->end == end && o->trap == trap)
		return true;
	NOTE("ended with exit %d, trap %d", o->end, o->trap);
	return false;
}

static bool has_exits(const struct outcome *o, const char *exits)
{
	if (!strcmp(o->exits, exits))
		return true;
	NOTE("exits were \"%s\", not \"%s\"", o->exits, exits);
	return false;
}

static bool is_emulation_failure(struct machine *m, const struct outcome *o)
{
	return o->end == KVM_EXIT_INTERNAL_ERROR &&
	       m->v->run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION;
}

static bool is_stuck(const struct outcome *o)
{
	return (o->end == -EINTR || o->end == KVM_EXIT_MMIO) && o->regs.rip == GUEST_CODE;
}

/* ---- rows ---- */

/*
 * A fault saves RF set, so that its handler can return; a trap, and the fault of a
 * breakpoint, save it clear (SDM vol. 3, 17.3.1.1).
 */
static bool has_saved_rf(const struct row *row, const struct outcome *o)
{
	bool wanted = row->trap != 1;

	if (!row->faults || bits == 16 || o->rf == wanted)
		return true;
	tap_note("the exception saved RF %s", o->rf ? "set" : "clear");
	return false;
}

/* Return: whether the row has all it should. */
static bool is_right(const struct row *row, struct outcome *ours, struct outcome *right)
{
	bool ok = has_exits(ours, row->exits);

	ok &= ends_as_told(row, right) & ends_as_told(row, ours);
	ok &= has_saved_rf(row, ours);
	return ok & same_state(row, ours, right);
}

/* Return: whether KVM did what the row says of it. Later versions may be right. */
static bool is_kvms(const struct row *row, struct outcome *ours, struct outcome *right)
{
	bool ok;

	if (row->kvm == KVM_FAILS)
		return is_emulation_failure(&emulated, ours);
	if (row->kvm == KVM_REPEATS)
		return is_stuck(ours) || is_emulation_failure(&emulated, ours);
	quiet = true;
	ok = has_exits(ours, row->kvm ? row->kvm : row->exits) &&
	     (row->kvm_wrong || same_state(row, ours, right));
	quiet = false;
	return ok;
}

static bool check_row(const struct row *row)
{
	static struct outcome ours, right;

	if (on_kvm() && row->kvm == KVM_REPEATS)
		set_alarm(300);
	run_row(&emulated, row, &ours);
	set_alarm(0);
	if (row->fails)
		return is_emulation_failure(&emulated, &ours);
	run_row(&native, row, &right);
	if (on_kvm() && (row->kvm || row->kvm_wrong) && is_kvms(row, &ours, &right))
		return true;
	return is_right(row, &ours, &right);
}

static bool can_run(const struct row *row)
{
	unsigned int a, b, c, d;

	__cpuid(1, a, b, c, d);
	return !(row->flags & WANTS_MOVBE) || (c & bit_MOVBE);
}

/* Rows of one group for one size of code */
struct group {
	const char *name;
	unsigned int bits;
};

static void each_row(const void *arg)
{
	const struct group *group = arg;
	const struct row *const *row;
	unsigned int nr = 0;

	bits = group->bits;
	machine_start(&native);
	machine_start(&emulated);
	for (row = __start_operand_rows; row < __stop_operand_rows; row++) {
		if ((*row)->bits != bits || strcmp((*row)->group, group->name))
			continue;
		if (!can_run(*row)) {
			tap_note("the processor has no %s", (*row)->text);
			continue;
		}
		nr++;
		if (!CHECK(check_row(*row)))
			tap_note("%u bits: %s", bits, (*row)->text);
	}
	if (!nr)
		tap_skip("the processor has none of them");
}

/* ---- all tests ---- */

#define GROUPS	512

static struct group groups[GROUPS];
static struct test tests[GROUPS];
static unsigned int nr_groups;

static bool is_known(const struct row *row)
{
	unsigned int i;

	for (i = 0; i < nr_groups; i++)
		if (groups[i].bits == row->bits && !strcmp(groups[i].name, row->group))
			return true;
	return false;
}

static void add_group(const struct row *row)
{
	struct group *group = &groups[nr_groups];
	char *name;

	if (is_known(row))
		return;
	if (nr_groups == GROUPS || asprintf(&name, "%s, %u bits", row->group, row->bits) < 0)
		abort();
	*group = (struct group){ row->group, row->bits };
	tests[nr_groups++] = (struct test){ .name = name, .with = each_row, .row = group };
}

int main(int argc, char **argv)
{
	const struct row *const *row;

	for (row = __start_operand_rows; row < __stop_operand_rows; row++)
		add_group(*row);
	return tap_main(argc, argv, tests, nr_groups);
}
