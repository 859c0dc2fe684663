// SPDX-License-Identifier: GPL-2.0-only
/*
 * Watchpoints of any length by linear address, as a stub of gdb sets them: one object for
 * the whole length, at any alignment. Every access that touches the watched bytes in the
 * watched way hits once, and no other does.
 */
#include <string.h>

#include "vmm.h"

/*
 * The guest executes a list of accesses, each a handler and the address in RDI, then stops
 * at the breakpoint at list_over. The watched memory is at AREA, two pages of linear
 * memory whose frames are in reverse order.
 */
#define LIST		0x30000
#define LIST_MAX	0x1000
#define AREA		0x140000ULL	/* entries 0x140 and 0x141 of GUEST_PT */
#define AREA_FRAME	0x150000	/* of the second page; that of the first is after it */
#define PAGE_SIZE	0x1000

GUEST64(list,
	"list_begin: mov $0x30000, %r12d\n"
	"1: mov (%r12), %rax; test %rax, %rax; jz list_over\n"
	"mov 8(%r12), %rdi; mov %rdi, %rsi; call *%rax; add $16, %r12; jmp 1b\n"
	"list_over: jmp list_begin\n"
	/* reads */
	"rd1: mov (%rdi), %al; ret\n"
	"rd2: mov (%rdi), %ax; ret\n"
	"rd4: mov (%rdi), %eax; ret\n"
	"rd8: mov (%rdi), %rax; ret\n"
	"cmp4: cmpl $0, (%rdi); ret\n"
	"lods2: lodsw; ret\n"
	"movs_from: mov $0x2e000, %edi; movsq; ret\n"
	"push_from: push (%rdi); pop %rax; ret\n"
	"pop_reg: mov %rsp, %rbx; mov %rdi, %rsp; pop %rax; mov %rbx, %rsp; ret\n"
	"rd16: movups (%rdi), %xmm0; ret\n"
	/* writes */
	"wr1: mov %al, (%rdi); ret\n"
	"wr2: mov %ax, (%rdi); ret\n"
	"wr4: mov %eax, (%rdi); ret\n"
	"wr8: mov %rax, (%rdi); ret\n"
	"stos4: stosl; ret\n"
	"movs_to: mov $0x2e000, %esi; movsb; ret\n"
	"pop_to: push %rax; pop (%rdi); ret\n"
	"push_reg: mov %rsp, %rbx; lea 8(%rdi), %rsp; push %rax; mov %rbx, %rsp; ret\n"
	"wr16: movups %xmm0, (%rdi); ret\n"
	/* set the entry of each page to RDI */
	"map0: mov %rdi, 0x26a00; invlpg 0x140000; ret\n"
	"map1: mov %rdi, 0x26a08; invlpg 0x141000; ret\n"
	/* reads and writes */
	"inc4: incl (%rdi); ret\n"
	"xchg8: xchg %rax, (%rdi); ret\n"
	"cas2: lock cmpxchg %ax, (%rdi); ret\n"
	/* x87, and arithmetic of MMX and SSE */
	"fld4: flds (%rdi); fstp %st; ret\n"
	"fld8: fldl (%rdi); fstp %st; ret\n"
	"fld10: fldt (%rdi); fstp %st; ret\n"
	"fild2: filds (%rdi); fstp %st; ret\n"
	"fild8: fildll (%rdi); fstp %st; ret\n"
	"fmul8: fldz; fmull (%rdi); fstp %st; ret\n"
	"fldcw2: fldcw (%rdi); fninit; ret\n"
	"fst4: fldz; fstps (%rdi); ret\n"
	"fst8: fldz; fstpl (%rdi); ret\n"
	"fst10: fldz; fstpt (%rdi); ret\n"
	"fist2: fldz; fistps (%rdi); ret\n"
	"fnstcw2: fnstcw (%rdi); ret\n"
	"addss4: addss (%rdi), %xmm0; ret\n"
	"mulsd8: mulsd (%rdi), %xmm0; ret\n"
	"ucomisd8: ucomisd (%rdi), %xmm0; ret\n"
	"cvtsi2sd4: cvtsi2sdl (%rdi), %xmm0; ret\n"
	"cvttsd2si8: cvttsd2si (%rdi), %eax; ret\n"
	"paddd8: paddd (%rdi), %mm0; emms; ret\n");
LABEL(fld4); LABEL(fld8); LABEL(fld10); LABEL(fild2); LABEL(fild8); LABEL(fmul8); LABEL(fldcw2);
LABEL(fst4); LABEL(fst8); LABEL(fst10); LABEL(fist2); LABEL(fnstcw2); LABEL(addss4);
LABEL(mulsd8); LABEL(ucomisd8); LABEL(cvtsi2sd4); LABEL(cvttsd2si8); LABEL(paddd8);
LABEL(list_over); LABEL(map0); LABEL(map1);
LABEL(rd1); LABEL(rd2); LABEL(rd4); LABEL(rd8); LABEL(cmp4); LABEL(lods2); LABEL(movs_from);
LABEL(push_from); LABEL(pop_reg); LABEL(rd16); LABEL(wr1); LABEL(wr2); LABEL(wr4); LABEL(wr8);
LABEL(stos4); LABEL(movs_to); LABEL(pop_to); LABEL(push_reg); LABEL(wr16); LABEL(inc4);
LABEL(xchg8); LABEL(cas2);

#define READS	VMXDBG_ACCESS_READ
#define WRITES	VMXDBG_ACCESS_WRITE

static const struct op {
	const char *name;
	const u8 *code;
	u32 size, access;
} ops[] = {
#define OP(name, size, access) { #name, name, size, access }
	OP(rd1, 1, READS), OP(rd2, 2, READS), OP(rd4, 4, READS), OP(rd8, 8, READS),
	OP(cmp4, 4, READS), OP(lods2, 2, READS), OP(movs_from, 8, READS),
	OP(push_from, 8, READS), OP(pop_reg, 8, READS), OP(rd16, 16, READS),
	OP(wr1, 1, WRITES), OP(wr2, 2, WRITES), OP(wr4, 4, WRITES), OP(wr8, 8, WRITES),
	OP(stos4, 4, WRITES), OP(movs_to, 1, WRITES), OP(pop_to, 8, WRITES),
	OP(push_reg, 8, WRITES), OP(wr16, 16, WRITES),
	OP(fld4, 4, READS), OP(fld8, 8, READS), OP(fld10, 10, READS), OP(fild2, 2, READS),
	OP(fild8, 8, READS), OP(fmul8, 8, READS), OP(fldcw2, 2, READS), OP(fst4, 4, WRITES),
	OP(fst8, 8, WRITES), OP(fst10, 10, WRITES), OP(fist2, 2, WRITES),
	OP(fnstcw2, 2, WRITES), OP(addss4, 4, READS), OP(mulsd8, 8, READS),
	OP(ucomisd8, 8, READS), OP(cvtsi2sd4, 4, READS), OP(cvttsd2si8, 8, READS),
	OP(paddd8, 8, READS),
	OP(inc4, 4, READS | WRITES), OP(xchg8, 8, READS | WRITES), OP(cas2, 2, READS | WRITES),
};

static const struct op first_entry = { "map0", map0, 0, 0 };
static const struct op second_entry = { "map1", map1, 0, 0 };

struct lister {
	struct dbg d;
	u32 over;		/* the breakpoint at list_over */
	unsigned int nr;	/* entries in the list */
};

struct entry {
	u64 handler, addr;
};

static void list_start(struct lister *l)
{
	volatile u64 *pt;

	dbg_start(&l->d, MODE_LONG, PROG(list), NULL);
	pt = GUEST_PTR(&l->d.vmm.vm, GUEST_PT, u64);
	pt[AREA >> 12] = (AREA_FRAME + PAGE_SIZE) | 7;
	pt[(AREA >> 12) + 1] = AREA_FRAME | 7;
	l->over = session_must_add(l->d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(list, list_over), .len = 1 });
	l->nr = 0;
}

static void list_add(struct lister *l, const struct op *op, u64 addr)
{
	volatile struct entry *entry = GUEST_PTR(&l->d.vmm.vm, LIST, struct entry) + l->nr++;

	REQUIRE(l->nr < LIST_MAX);
	entry->handler = AT(list, op->code);
	entry->addr = addr;
	entry[1].handler = 0;
}

/* Execute the whole list; only the breakpoint at its end may stop the vCPU. */
static void list_run(struct lister *l)
{
	resume_to(&l->d, VMXDBG_WHY_BREAKPOINT, AT(list, list_over));
}

static u64 hits_of(struct lister *l, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(l->d.fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

static u32 watched_access(u32 type)
{
	return (type != VMXDBG_BP_WRITE ? READS : 0) | (type != VMXDBG_BP_READ ? WRITES : 0);
}

static bool touches(const struct op *op, u64 addr, u64 first, u64 len)
{
	return addr < first + len && first < addr + op->size;
}

/* Return: whether access @op at @addr hits the watchpoint. */
static bool hits(const struct op *op, u64 addr, u32 type, u64 first, u64 len)
{
	return touches(op, addr, first, len) && (op->access & watched_access(type));
}

static u32 add_counter(struct lister *l, u32 type, u64 addr, u64 len)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };

	return session_must_add(l->d.fd, (struct vmxdbg_bp){
		.type = type, .addr = addr, .len = len, .options = (unsigned long)&count });
}

static bool inside(const struct op *op, u64 addr)
{
	return addr >= AREA && addr + op->size <= AREA + 2 * PAGE_SIZE;
}

/* Put every access at @at into the list. Return: how many of them hit. */
static u64 list_all(struct lister *l, u64 at, u32 type, u64 first, u64 len)
{
	unsigned int i;
	u64 n = 0;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		if (!inside(&ops[i], at))
			continue;
		list_add(l, &ops[i], at);
		n += hits(&ops[i], at, type, first, len);
	}
	return n;
}

static const struct op *op_of(u64 handler)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		if (AT(list, ops[i].code) == handler)
			return &ops[i];
	tap_fail("no handler at %#llx", (unsigned long long)handler);
}

/* Execute one access of the list after the other, to find the one with wrong hits. */
static void list_find_wrong(struct lister *l, u32 id, u32 type, u64 first, u64 len)
{
	static struct entry all[LIST_MAX];
	unsigned int i, nr = l->nr;
	const struct op *op;
	u64 before, want;

	memcpy(all, l->d.vmm.vm.mem + LIST, nr * sizeof(all[0]));
	for (i = 0; i < nr; i++) {
		op = op_of(all[i].handler);
		before = hits_of(l, id);
		want = before + hits(op, all[i].addr, type, first, len);
		l->nr = 0;
		list_add(l, op, all[i].addr);
		list_run(l);
		if (hits_of(l, id) != want)
			tap_fail("%s at %#llx: %llu hits, not %llu", op->name,
				 (unsigned long long)all[i].addr,
				 (unsigned long long)(hits_of(l, id) - before),
				 (unsigned long long)(want - before));
	}
}

/* Accesses of each kind around both ends of the watchpoint, and in its middle. */
static void check_watch(struct lister *l, u32 type, u64 first, u64 len)
{
	u32 id = add_counter(l, type, first, len);
	u64 want = 0, at;

	l->nr = 0;
	for (at = first - 17; at <= first + 2; at++)
		want += list_all(l, at, type, first, len);
	for (at = first + len - 17; at <= first + len + 1; at++)
		if (at > first + 2)
			want += list_all(l, at, type, first, len);
	want += list_all(l, (first + len / 2) & ~0xfULL, type, first, len);
	list_run(l);
	if (!CHECK_EQ(hits_of(l, id), want)) {
		tap_note("type %u, %llu bytes at %#llx", type, (unsigned long long)len,
			 (unsigned long long)first);
		list_find_wrong(l, id, type, first, len);
	}
	CHECK_OK(ioctl(l->d.fd, VMXDBG_DEL_BP, id));
}

static const u64 lens[] = { 1, 2, 3, 4, 5, 7, 8, 9, 16, 63, 64, 65, 1000, 4095, 4096 };

static void check_lens(u32 type)
{
	struct lister l;
	unsigned int i;

	list_start(&l);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		/* within a page, from its begin, up to its end, across the border */
		if (lens[i] < PAGE_SIZE - 0x40)
			check_watch(&l, type, AREA + 0x21, lens[i]);
		check_watch(&l, type, AREA + PAGE_SIZE, lens[i]);
		check_watch(&l, type, AREA + PAGE_SIZE - lens[i], lens[i]);
		check_watch(&l, type, AREA + PAGE_SIZE - lens[i] / 2, lens[i]);
	}
	vmm_kill(&l.d.vmm);
}

static void reads_of_any_length(void)
{
	check_lens(VMXDBG_BP_READ);
}

static void writes_of_any_length(void)
{
	check_lens(VMXDBG_BP_WRITE);
}

static void accesses_of_any_length(void)
{
	check_lens(VMXDBG_BP_ACCESS);
}

/*
 * The pages are not mapped when the watchpoint is created, then each in turn, then both in
 * other frames, one frame in both pages, and no more. An access through another mapping of
 * a frame is no hit.
 */
static void check_unmapped(u32 type)
{
	const u64 a = AREA_FRAME | 7, b = (AREA_FRAME + PAGE_SIZE) | 7, c = 0x160007;
	const u64 first = AREA + PAGE_SIZE - 30, len = 64;
	const struct { u64 entry[2]; } maps[] = {
		{ { a, 0 } }, { { 0, b } }, { { c, a } }, { { a, a } }, { { b, c } }, { { 0, 0 } },
	};
	unsigned int i, k, page;
	struct lister l;
	u64 want = 0, at;
	u32 id;

	list_start(&l);
	for (page = 0; page < 2; page++)
		GUEST_PTR(&l.d.vmm.vm, GUEST_PT, u64)[(AREA >> 12) + page] = 0;
	id = add_counter(&l, type, first, len);
	for (i = 0; i < ARRAY_SIZE(maps); i++) {
		list_add(&l, &first_entry, maps[i].entry[0]);
		list_add(&l, &second_entry, maps[i].entry[1]);
		for (page = 0; page < 2; page++) {
			at = AREA + page * PAGE_SIZE;
			for (k = 0; maps[i].entry[page] && k < ARRAY_SIZE(ops); k++) {
				list_add(&l, &ops[k], at);
				want += hits(&ops[k], at, type, first, len);
				list_add(&l, &ops[k], at + PAGE_SIZE - 16);
				want += hits(&ops[k], at + PAGE_SIZE - 16, type, first, len);
				/* the frame by its own address */
				list_add(&l, &ops[k], maps[i].entry[page] - 7);
			}
		}
	}
	list_run(&l);
	CHECK(want > 0);
	CHECK_EQ(hits_of(&l, id), want);
	vmm_kill(&l.d.vmm);
}

static void unmapped_at_its_creation(void)
{
	check_unmapped(VMXDBG_BP_READ);
	check_unmapped(VMXDBG_BP_WRITE);
	check_unmapped(VMXDBG_BP_ACCESS);
}

/*
 * Created in real mode, where linear addresses are physical, by a debugger that is there
 * from the first instruction on. DS is 0x1000. Then the guest turns on paging, and maps
 * the watched page to another frame.
 */
GUEST16(real,
	"mov $0x1000, %ax; mov %ax, %ds\n"
	"real_word: mov 0x31f, %ax\n"
	"mov 0x320, %ax; mov 0x323, %al; mov %al, 0x322; incb 0x321\n"
	"mov 0x324, %al\n"
	"mov 0x131f, %eax; mov 0x1320, %al; mov 0x135f, %al; mov 0x1360, %al\n"
	"xor %ax, %ax; mov %ax, %ds\n"
	"mov $0x27000, %eax; mov %eax, %cr3\n"
	"mov %cr0, %eax; or $0x80000001, %eax; mov %eax, %cr0\n"
	"ljmpl $0x18, $" GADDR(real, real_paged) "\n"
	".code32\n"
	"real_paged: mov $0x10, %eax; mov %eax, %ds; mov %eax, %ss\n"
	"mov 0x10320, %eax; mov 0x50320, %eax; mov 0x11320, %al\n"
	"real_over: nop; hlt\n");
LABEL(real_paged); LABEL(real_over);

/* Prepare the tables that the guest in real mode will use; 0x10000 is another frame then. */
static void real_start(struct lister *l)
{
	volatile u32 *pt;
	struct kvm_sregs sregs;
	unsigned int i;

	dbg_start(&l->d, MODE_REAL, PROG(real), NULL);
	pt = GUEST_PTR(&l->d.vmm.vm, GUEST_PT32, u32);
	for (i = 0; i < 1024; i++)
		pt[i] = i << 12 | 7;
	pt[0x10] = 0x50007;
	*GUEST_PTR(&l->d.vmm.vm, GUEST_PD32, u32) = GUEST_PT32 | 7;
	CHECK_OK(session_regs(l->d.fd, false, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs));
	sregs.gdt.base = GUEST_GDT;
	sregs.gdt.limit = 0x4f;
	CHECK_OK(session_regs(l->d.fd, true, 0, VMXDBG_REGS_SYSTEM, sizeof(sregs), &sregs));
}

static void created_in_real_mode(void)
{
	u32 three, many, write;
	struct lister l;

	real_start(&l);
	three = add_counter(&l, VMXDBG_BP_READ, 0x10321, 3);
	many = add_counter(&l, VMXDBG_BP_ACCESS, 0x11320, 64);
	write = add_counter(&l, VMXDBG_BP_WRITE, 0x10321, 3);
	session_must_add(l.d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(real, real_paged), .len = 1 });
	resume_to(&l.d, VMXDBG_WHY_BREAKPOINT, AT(real, real_paged));
	CHECK_EQ(hits_of(&l, three), 3);	/* a word, a byte, INC */
	CHECK_EQ(hits_of(&l, many), 3);
	CHECK_EQ(hits_of(&l, write), 2);
	session_must_add(l.d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(real, real_over), .len = 1 });
	resume_to(&l.d, VMXDBG_WHY_BREAKPOINT, AT(real, real_over));
	/* 0x10320 by its new frame, and not the frame by its own address */
	CHECK_EQ(hits_of(&l, three), 4);
	CHECK_EQ(hits_of(&l, many), 4);
	CHECK_EQ(hits_of(&l, write), 2);
	dbg_finish(&l.d);
}

/* The access begins before the watched bytes. */
static void the_stop_names_the_access(void)
{
	struct vmxdbg_event e;
	struct lister l;
	u32 id;

	list_start(&l);
	memset(l.d.vmm.vm.mem + AREA_FRAME, 0x11, 2 * PAGE_SIZE);
	id = session_must_add(l.d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_ACCESS, .addr = AREA + PAGE_SIZE - 30, .len = 64 });
	list_add(&l, &ops[0], AREA + PAGE_SIZE - 31);		/* rd1 */
	list_add(&l, &ops[3], AREA + PAGE_SIZE - 31);		/* rd8 */
	CHECK_OK(session_resume(l.d.fd, 0, 0));
	e = next_event(l.d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_WATCH);
	CHECK_EQ(e.bps[0], id);
	CHECK_EQ(e.insn, AT(list, rd8));
	CHECK_EQ(e.addr, AREA + PAGE_SIZE - 31);
	CHECK_EQ(e.gpa, AREA_FRAME + 2 * PAGE_SIZE - 31);
	CHECK_EQ(e.size, 8);
	CHECK_EQ(e.access, READS | VMXDBG_ACCESS_GPA | VMXDBG_ACCESS_VALUES);
	CHECK_EQ(e.new_value, 0x1111111111111111);
	list_run(&l);
	vmm_kill(&l.d.vmm);
}

/* The guest executes code on a page that is watched for reads: only loads from it hit. */
static void code_is_not_read_by_its_execution(void)
{
	struct lister l;
	u32 id;

	list_start(&l);
	id = add_counter(&l, VMXDBG_BP_READ, GUEST_CODE, PAGE_SIZE);
	list_add(&l, &ops[3], AREA);
	list_add(&l, &ops[3], GUEST_CODE + 8);
	list_add(&l, &ops[2], GUEST_CODE + PAGE_SIZE - 4);
	list_run(&l);
	CHECK_EQ(hits_of(&l, id), 2);
	vmm_kill(&l.d.vmm);
}

static const struct test tests[] = {
	TEST_SLOW(reads_of_any_length, 60),
	TEST_SLOW(writes_of_any_length, 60),
	TEST_SLOW(accesses_of_any_length, 60),
	TEST(unmapped_at_its_creation),
	TEST(created_in_real_mode),
	TEST(the_stop_names_the_access),
	TEST(code_is_not_read_by_its_execution),
};

TAP_MAIN(tests)
