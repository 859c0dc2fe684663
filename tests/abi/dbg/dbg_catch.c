// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event catches: each type is caught once, with the right data, before the event
 * happens.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

#define READ	VMXDBG_CATCH_READ
#define WRITE	VMXDBG_CATCH_WRITE

#define MSR_FS_BASE	0xc0000100
#define MSR_LSTAR	0xc0000082
#define MSR_KERNEL_GS	0xc0000102

/*
 * Each guest causes its event at its label, counts at 0xc000 and halts. The
 * instruction's result, if it has one, is at 0xc008.
 */
#define DONE	"incl 0xc000; hlt\n"

GUEST64(out,
	"mov $0x1234, %edx; mov $0xaabbcc41, %eax\n"
	"out_here: outw %ax, %dx\n" DONE);
GUEST64(in,
	"mov $0x1234, %edx; xor %eax, %eax\n"
	"in_here: inb %dx, %al; mov %eax, 0xc008\n" DONE);
GUEST64(outs,
	"mov $0x1234, %edx; mov $0xc000, %esi; mov $3, %ecx\n"
	"outs_here: rep outsb\n" DONE);
GUEST64(wrmsr_fs,
	"mov $0xc0000100, %ecx; mov $0x1000, %eax; mov $0x7f, %edx\n"
	"wrmsr_fs_here: wrmsr; rdmsr; mov %eax, 0xc008\n" DONE);
GUEST64(rdmsr_gs,
	"mov $0xc0000102, %ecx; mov $0x2000, %eax; xor %edx, %edx; wrmsr; xor %eax, %eax\n"
	"rdmsr_gs_here: rdmsr; mov %eax, 0xc008\n" DONE);
GUEST64(wrmsr_lstar,
	"mov $0xc0000082, %ecx; mov $0x3000, %eax; xor %edx, %edx\n"
	"wrmsr_lstar_here: wrmsr; rdmsr; mov %eax, 0xc008\n" DONE);
GUEST64(cr0,
	"mov %cr0, %rax; xor $0x10000, %rax\n"
	"cr0_here: mov %rax, %cr0; mov %cr0, %rcx; xor %rax, %rcx; mov %ecx, 0xc008\n" DONE);
GUEST64(ts,
	"mov %cr0, %rax; or $8, %rax\n"
	"ts_here: mov %rax, %cr0; mov %cr0, %rax; and $8, %eax; mov %eax, 0xc008\n" DONE);
GUEST64(cr3,
	"mov %cr3, %rax\n"
	"cr3_here: mov %rax, %cr3; mov %cr3, %rcx; mov %ecx, 0xc008\n" DONE);
GUEST32(cr3_pae,
	"mov %cr3, %eax\n"
	"cr3_pae_here: mov %eax, %cr3; mov %cr3, %ecx; mov %ecx, 0xc008\n" DONE);
GUEST64(cr4,
	"mov %cr4, %rax; xor $0x80, %rax\n"
	"cr4_here: mov %rax, %cr4; mov %cr4, %rcx; xor %rax, %rcx; mov %ecx, 0xc008\n" DONE);
GUEST64(cr8,
	"mov $9, %eax\n"
	"cr8_here: mov %rax, %cr8; mov %cr8, %rcx; mov %ecx, 0xc008\n" DONE);
GUEST64(cpuid,
	"mov $7, %eax; mov $0, %ecx; cpuid; mov $0x40000000, %eax; mov $5, %ecx\n"
	"cpuid_here: cpuid\n" DONE);
GUEST64(tsc,
	"xor %eax, %eax\n"
	"tsc_here: rdtsc; or %edx, %eax; setnz 0xc008\n" DONE);
GUEST64(tscp,
	"mov $0xc0000103, %ecx; mov $0x77, %eax; xor %edx, %edx; wrmsr; xor %ecx, %ecx\n"
	"tscp_here: rdtscp; mov %ecx, 0xc008\n" DONE);
GUEST64(halt, "movl $1, 0xc000\nhalt_here: hlt");
GUEST64(vmcall,
	"mov $0x55, %eax; mov $1, %ebx; mov $2, %ecx; mov $3, %edx\n"
	"vmcall_here: vmcall; mov %eax, 0xc008\n" DONE);
GUEST64(lgdt,
	"sgdt 0xc010; mov $0xc000, %ebx; mov $2, %ecx\n"
	"lgdt_here: lgdt 8(%rbx, %rcx, 4); mov $0x10, %eax; mov %eax, %ds; movl $1, 0xc008\n"
	DONE);
GUEST64(sidt, "sidt_here: sidt 0xc020; movzwl 0xc020, %eax; mov %eax, 0xc008\n" DONE);
GUEST64(lldt, "xor %eax, %eax\nlldt_here: lldt %ax; movl $1, 0xc008\n" DONE);
GUEST64(str, "str_here: str %ax; movzwl %ax, %eax; mov %eax, 0xc008\n" DONE);
GUEST64(ud, "ud_here: ud2\nud_handler: " DONE);
GUEST64(pf, "movabs $0x7f0fff1238, %rax\npf_here: movl $1, (%rax)\n"
	"pf_handler: mov %cr2, %rax; mov %eax, 0xc008; pop %rax\n" DONE);
GUEST64(gp, "mov $0x73, %eax\ngp_here: mov %eax, %fs\n"
	"gp_handler: pop %rax; mov %eax, 0xc008\n" DONE);
GUEST64(bp, "bp_here: int3\nbp_next: hlt\n"
	"bp_handler: pop %rax; mov %eax, 0xc008\n" DONE);
GUEST64(raised, "mov $0x12345, %ecx\nraised_here: rdmsr\nraised_handler: pop %rax\n" DONE);
GUEST64(irq, "sti; nop; mov $0x61, %al; out %al, $0x7b\nirq_here: nop; hlt\n"
	"irq_handler: " DONE);
GUEST64(mmio_write,
	"mov $0xd0000010, %ebx; mov $0x1234567, %eax\n"
	"mmio_write_here: mov %eax, (%rbx)\n" DONE);
GUEST64(mmio_read,
	"mov $0xd0000010, %ebx\n"
	"mmio_read_here: movzwl (%rbx), %eax; mov %eax, 0xc008\n" DONE);
GUEST64(nothing, DONE);
GUEST64(reset, "reset_begins: mov $0x77, %ebx; out %al, $0x7a\nreset_out: hlt");
GUEST64(triple, "lidt 0xc100\ntriple_here: ud2");
GUEST64(rings,
	"mov $1, %eax; cpuid\n"
	"push $0x33; push $0xe000; push $0x2; push $0x3b\n"
	"push $" GADDR(rings, rings_cpl3) "\n"
	"iretq\n"
	"rings_cpl3: mov $1, %eax\n"
	"rings_user: cpuid; movl $1, 0xc000\n"
	"3: pause; jmp 3b");
GUEST64(two_cpus,
	"mov $1, %eax\n"
	"two_cpus_here: cpuid; lock incl 0xc000; hlt");
LABEL(reset_out); LABEL(triple_here); LABEL(rings_user); LABEL(two_cpus_here);
LABEL(out_here); LABEL(in_here); LABEL(outs_here); LABEL(wrmsr_fs_here); LABEL(rdmsr_gs_here);
LABEL(wrmsr_lstar_here); LABEL(cr0_here); LABEL(ts_here); LABEL(cr3_here);
LABEL(cr3_pae_here); LABEL(cr4_here); LABEL(cr8_here); LABEL(cpuid_here); LABEL(tsc_here);
LABEL(tscp_here); LABEL(halt_here); LABEL(vmcall_here); LABEL(lgdt_here); LABEL(sidt_here);
LABEL(lldt_here); LABEL(str_here); LABEL(ud_here); LABEL(ud_handler); LABEL(pf_here);
LABEL(pf_handler); LABEL(gp_here); LABEL(gp_handler); LABEL(bp_here); LABEL(bp_next);
LABEL(bp_handler); LABEL(raised_here); LABEL(raised_handler); LABEL(irq_here);
LABEL(irq_handler); LABEL(mmio_write_here); LABEL(mmio_read_here);

#define ANY	0xfeedfacefeedfaceULL	/* data that is not compared */

struct row {
	const char *name;
	struct prog prog;
	const u8 *here;			/* the instruction that causes the event, or is interrupted by it */
	enum guest_mode mode;
	u32 type, flags;
	u64 first, last;
	u64 data[4];
	u64 result;			/* the value at 0xc008 at the end */
	u8 vector;
	const u8 *handler;
};

#define PLACE(p)	.name = #p, .prog = { p##_begin, p##_end }, .here = p##_here
#define HANDLER(p, v)	.vector = (v), .handler = p##_handler

static const struct row rows[] = {
	{ PLACE(out), MODE_LONG, VMXDBG_CATCH_IO, WRITE, 0x1234, 0x1234,
	  { 0x1234, 2, WRITE, 0xcc41 } },
	{ PLACE(in), MODE_LONG, VMXDBG_CATCH_IO, READ, 0x1000, 0x1fff,
	  { 0x1234, 1, READ, 0 }, .result = 0x5a },
	{ PLACE(wrmsr_fs), MODE_LONG, VMXDBG_CATCH_MSR, WRITE, MSR_FS_BASE, MSR_FS_BASE,
	  { MSR_FS_BASE, WRITE, 0x7f00001000 }, .result = 0x1000 },
	{ PLACE(rdmsr_gs), MODE_LONG, VMXDBG_CATCH_MSR, READ, 0xc0000000, 0xffffffff,
	  { MSR_KERNEL_GS, READ }, .result = 0x2000 },
	{ PLACE(wrmsr_lstar), MODE_LONG, VMXDBG_CATCH_MSR, WRITE, MSR_LSTAR, MSR_LSTAR,
	  { MSR_LSTAR, WRITE, 0x3000 }, .result = 0x3000 },
	{ PLACE(cr0), MODE_LONG, VMXDBG_CATCH_CR, 0, 0, 0, { 0, ANY, ANY } },
	{ PLACE(ts), MODE_LONG, VMXDBG_CATCH_CR, 0, 0, 0, { 0, ANY, ANY }, .result = 8 },
	{ PLACE(cr3), MODE_LONG, VMXDBG_CATCH_CR, 0, 3, 3, { 3, GUEST_PML4, GUEST_PML4 },
	  .result = GUEST_PML4 },
	{ PLACE(cr3_pae), MODE_PAE, VMXDBG_CATCH_CR, 0, 3, 3, { 3, GUEST_PDPT, GUEST_PDPT },
	  .result = GUEST_PDPT },
	{ PLACE(cr4), MODE_LONG, VMXDBG_CATCH_CR, 0, 4, 4, { 4, ANY, ANY } },
	{ PLACE(cr8), MODE_LONG, VMXDBG_CATCH_CR, 0, 0, 8, { 8, 9, 0 }, .result = 9 },
	{ PLACE(cpuid), MODE_LONG, VMXDBG_CATCH_CPUID, 0, 0x40000000, 0x4fffffff,
	  { 0x40000000, 5 } },
	{ PLACE(tsc), MODE_LONG, VMXDBG_CATCH_RDTSC, 0, 0, 0, { 0 }, .result = 1 },
	{ PLACE(tscp), MODE_LONG, VMXDBG_CATCH_RDTSC, 0, 0, 1, { 1 }, .result = 0x77 },
	{ PLACE(halt), MODE_LONG, VMXDBG_CATCH_HLT, 0, 0, 0, { 0 } },
	{ PLACE(vmcall), MODE_LONG, VMXDBG_CATCH_VMCALL, 0, 0x55, 0x55,
	  { 0x55, 1, 2, 3 }, .result = (u32)-1000 },
	{ PLACE(lgdt), MODE_LONG, VMXDBG_CATCH_TABLE, 0, VMXDBG_TABLE_LGDT,
	  VMXDBG_TABLE_LTR, { VMXDBG_TABLE_LGDT, 0xc010 }, .result = 1 },
	{ PLACE(sidt), MODE_LONG, VMXDBG_CATCH_TABLE, 0, VMXDBG_TABLE_SIDT,
	  VMXDBG_TABLE_SIDT, { VMXDBG_TABLE_SIDT, 0xc020 }, .result = ANY },
	{ PLACE(lldt), MODE_LONG, VMXDBG_CATCH_TABLE, 0, VMXDBG_TABLE_LLDT,
	  VMXDBG_TABLE_LLDT, { VMXDBG_TABLE_LLDT, 0, 1, 0 }, .result = 1 },
	{ PLACE(str), MODE_LONG, VMXDBG_CATCH_TABLE, 0, VMXDBG_TABLE_STR,
	  VMXDBG_TABLE_STR, { VMXDBG_TABLE_STR, 0, 1, 0 }, .result = SEL_TSS },
	{ PLACE(ud), MODE_LONG, VMXDBG_CATCH_EXCEPTION, 0, 0, 31, { 6 }, HANDLER(ud, 6) },
	{ PLACE(pf), MODE_LONG, VMXDBG_CATCH_EXCEPTION, 0, 14, 14,
	  { 14, 2, 0x7f0fff1238, 1 }, .result = 0x0fff1238, HANDLER(pf, 14) },
	{ PLACE(gp), MODE_LONG, VMXDBG_CATCH_EXCEPTION, 0, 13, 13,
	  { 13, 0x70, 0, 1 }, .result = 0x70, HANDLER(gp, 13) },
	{ PLACE(bp), MODE_LONG, VMXDBG_CATCH_EXCEPTION, 0, 3, 3, { 3 },
	  .result = ANY, HANDLER(bp, 3) },
	{ PLACE(raised), MODE_LONG, VMXDBG_CATCH_EXCEPTION, 0, 13, 14,
	  { 13, 0, 0, 1 }, HANDLER(raised, 13) },
	{ PLACE(irq), MODE_LONG, VMXDBG_CATCH_INTERRUPT, 0, 0x60, 0x6f, { 0x61, VMXDBG_FROM_VMM },
	  HANDLER(irq, 0x61) },
	{ PLACE(mmio_write), MODE_LONG, VMXDBG_CATCH_MMIO, WRITE, GUEST_MMIO, ~0ULL,
	  { GUEST_MMIO + 0x10, 4, WRITE, 0x1234567 } },
	{ PLACE(mmio_read), MODE_LONG, VMXDBG_CATCH_MMIO, READ, GUEST_MMIO + 0x10,
	  GUEST_MMIO + 0x11, { GUEST_MMIO + 0x10, 2, READ, 0 }, .result = 0x3c3c },
};

/* Return: the guest address of @label. */
static u64 at(const struct row *row, const u8 *label)
{
	return GUEST_CODE + (label - row->prog.begin);
}

static long add(struct dbg *d, struct vmxdbg_catch c)
{
	return ioctl(d->fd, VMXDBG_ADD_CATCH, &c) < 0 ? -errno : (long)c.id;
}

static u32 must_add(struct dbg *d, struct vmxdbg_catch c)
{
	long id = add(d, c);

	if (id == -EOPNOTSUPP)
		tap_skip("this processor cannot catch that");
	if (id <= 0)
		tap_fail("VMXDBG_ADD_CATCH: %s", strerror(-id));
	return id;
}

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

static const struct row *preparing;

static void prepare(struct vm *vm)
{
	if (preparing->handler)
		vm_gate(vm, preparing->mode, preparing->vector,
			at(preparing, preparing->handler));
}

static void start(struct dbg *d, const struct row *row)
{
	static const struct vmm_options options = { .prepare = prepare };

	preparing = row;
	dbg_start(d, row->mode, row->prog, &options);
}

static u32 add_row(struct dbg *d, const struct row *row, struct vmxdbg_options *options)
{
	return must_add(d, (struct vmxdbg_catch){
		.type = row->type, .first = row->first, .last = row->last,
		.flags = row->flags, .options = (u64)options });
}

static void check_event(const struct row *row, const struct vmxdbg_event *e, u32 id)
{
	unsigned int i;

	CHECK_EQ(e->nr_bps, 1);
	CHECK_EQ(e->bps[0], id);
	for (i = 0; i < 4; i++) {
		if (row->data[i] == ANY)
			continue;
		tap_note("data[%u]", i);
		CHECK_EQ(e->data[i], row->data[i]);
	}
}

static void check_end(struct dbg *d, const struct row *row)
{
	CHECK_EQ(DATA32(&d->vmm.vm, 0), 1);
	if (row->result != ANY)
		CHECK_EQ(DATA32(&d->vmm.vm, 2), row->result);
}

static void caught(const void *arg)
{
	const struct row *row = arg;
	struct vmxdbg_event e;
	struct dbg d;
	u32 id;

	start(&d, row);
	id = add_row(&d, row, NULL);
	e = resume_to(&d, VMXDBG_WHY_CATCH, at(row, row->here));
	check_event(row, &e, id);
	/* the event has not happened yet */
	CHECK_EQ(DATA32(&d.vmm.vm, 0), row->type == VMXDBG_CATCH_HLT);
	CHECK_EQ(d.vmm.shared->vcpu[0].outs, row->type == VMXDBG_CATCH_INTERRUPT);
	CHECK_EQ(d.vmm.shared->vcpu[0].ins, 0);
	CHECK_EQ(d.vmm.shared->vcpu[0].mmios, 0);
	CHECK_EQ(d.vmm.shared->vcpu[0].halts, 0);
	CHECK_EQ(hits_of(&d, id), 1);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 1);
	check_end(&d, row);
}

/* a counting catch stops nothing, and the guest ends as it does without */
static void counted(const void *arg)
{
	struct vmxdbg_options options = { .action = VMXDBG_ACTION_COUNT };
	const struct row *row = arg;
	struct dbg d;
	u32 id;

	start(&d, row);
	id = add_row(&d, row, &options);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 1);
	check_end(&d, row);
}

/* a step ends behind the instruction, or in the handler of an event */
static void stepped(const void *arg)
{
	const struct row *row = arg;
	struct dbg d;
	u64 rip;
	u32 id;

	start(&d, row);
	id = add_row(&d, row, NULL);
	resume_to(&d, VMXDBG_WHY_CATCH, at(row, row->here));
	if (row->type == VMXDBG_CATCH_HLT)
		return;
	rip = dbg_step(&d, row->type == VMXDBG_CATCH_INTERRUPT ? VMXDBG_RESUME_IRQS : 0);
	if (row->handler)
		CHECK_EQ(rip, at(row, row->handler));
	else
		CHECK(rip > at(row, row->here) && rip <= at(row, row->here) + 8);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 1);
	check_end(&d, row);
}

/* the catch is removed while a vCPU is stopped at it */
static void removed(const void *arg)
{
	const struct row *row = arg;
	struct dbg d;
	u32 id;

	start(&d, row);
	id = add_row(&d, row, NULL);
	resume_to(&d, VMXDBG_WHY_CATCH, at(row, row->here));
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
	dbg_finish(&d);
	check_end(&d, row);
}

/* the session ends while a vCPU is stopped at it */
static void closed(const void *arg)
{
	const struct row *row = arg;
	struct dbg d;

	start(&d, row);
	add_row(&d, row, NULL);
	resume_to(&d, VMXDBG_WHY_CATCH, at(row, row->here));
	close(d.fd);
	vmm_wait_done(&d.vmm);
	check_end(&d, row);
}

static void in_user_mode(void)
{
	struct vmxdbg_options options = { .cpl_mask = 1 << 3 };
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(rings), NULL);
	must_add(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_CPUID, .last = 1,
		 .options = (u64)&options });
	resume_to(&d, VMXDBG_WHY_CATCH, AT(rings, rings_user));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 0);
}

/* one of two CPUIDs has 7 in RAX */
static void on_condition(void)
{
	static const u8 rax_is_7[] = { 0x26, 0, 0, 0x22, 7, 0x13, 0x27 };
	struct vmxdbg_options options = {
		.cond = (u64)rax_is_7, .cond_len = sizeof(rax_is_7) };
	struct vmxdbg_event e;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(cpuid), NULL);
	id = must_add(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_CPUID, .last = -1U,
		      .options = (u64)&options });
	CHECK_OK(session_resume(d.fd, 0, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_CATCH);
	CHECK_EQ(e.data[0], 7);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 1);
}

static void of_one_vcpu(void)
{
	static const struct vmm_options options = { .vcpus = 2 };
	struct vmxdbg_event e;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(two_cpus), &options);
	id = must_add(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_CPUID, .last = 1,
		      .vcpu_mask = 1 << 1 });
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.vcpu, 1);
	CHECK_EQ(e.why, VMXDBG_WHY_CATCH);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 2);
	CHECK_EQ(hits_of(&d, id), 1);
}

static void in_one_address_space(void)
{
	struct vmxdbg_catch c = { .type = VMXDBG_CATCH_CPUID, .last = -1U,
		.flags = VMXDBG_BP_CR3, .cr3 = GUEST_HIGH };
	struct dbg d;
	u32 other, this;

	dbg_start(&d, MODE_LONG, PROG(two_cpus), NULL);
	other = must_add(&d, c);
	c.cr3 = GUEST_PML4;
	this = must_add(&d, c);
	CHECK_EQ(resume_to(&d, VMXDBG_WHY_CATCH, AT(two_cpus, two_cpus_here)).bps[0], this);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, other), 0);
	CHECK_EQ(hits_of(&d, this), 1);
}

/* a triple fault by itself, and one after exceptions that are caught too */
static void triple_faults(void)
{
	struct vmxdbg_options count = { .action = VMXDBG_ACTION_COUNT };
	struct vmxdbg_event e;
	struct dbg d;
	int each;

	for (each = 0; each < 2; each++) {
		dbg_start(&d, MODE_LONG, PROG(triple), NULL);
		if (each)
			must_add(&d, (struct vmxdbg_catch){ .options = (u64)&count,
				 .type = VMXDBG_CATCH_EXCEPTION, .last = 31 });
		must_add(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_RESET });
		e = resume_to(&d, VMXDBG_WHY_CATCH | VMXDBG_WHY_SHUTDOWN,
			      AT(triple, triple_here));
		CHECK_EQ(e.nr_bps, 1);
		CHECK_EQ(e.data[0], VMXDBG_RESET_TRIPLE_FAULT);
		CHECK_OK(session_resume(d.fd, 0, 0));
		CHECK(wait_for(&d.vmm.shared->vcpu[0].done, 1));
		CHECK_EQ(d.vmm.shared->vcpu[0].result, KVM_EXIT_SHUTDOWN);
		close(d.fd);
		vmm_kill(&d.vmm);
	}
}

/* The interrupt table ends before #GP's vector; #DF pushes no error code in real mode. */
GUEST16(real_df,
	"lidtw " GADDR(real_df, real_df_table) "\n"
	"real_df_here: int $0x45; hlt\n"
	"real_df_handler: pop %ax; mov %ax, 0xc008; incl 0xc000; hlt\n"
	"real_df_table: .word 0x2f, 0, 0");
LABEL(real_df_here); LABEL(real_df_handler); LABEL(real_df_table);

static void prepare_real_df(struct vm *vm)
{
	vm_gate(vm, MODE_REAL, 8, AT(real_df, real_df_handler));
}

static void double_fault_in_real_mode(void)
{
	static const struct vmm_options options = { .prepare = prepare_real_df };
	struct vmxdbg_event e;
	struct dbg d;

	dbg_start(&d, MODE_REAL, PROG(real_df), &options);
	must_add(&d, (struct vmxdbg_catch){
		.type = VMXDBG_CATCH_EXCEPTION, .first = 13, .last = 13 });
	e = resume_to(&d, VMXDBG_WHY_CATCH, AT(real_df, real_df_here));
	CHECK_EQ(e.data[3], 0);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
	CHECK_EQ(DATA32(&d.vmm.vm, 2) & 0xffff, AT(real_df, real_df_here));
}

/* the state before the reset can be read, then the reset happens */
static void reset_by_vmm(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(reset), NULL);
	d.vmm.vm.mem[VMM_INIT_RIP] = 0xf4;
	id = must_add(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_RESET, .last = 1 });
	CHECK_OK(session_resume(d.fd, 0, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_CATCH);
	CHECK_EQ(e.bps[0], id);
	CHECK_EQ(e.data[0], VMXDBG_RESET_VMM);
	CHECK_EQ(session_get_regs(d.fd, 0).rbx, 0x77);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 1);
}

static void set_reserved_bit(struct vm *vm)
{
	struct kvm_regs regs;

	get_regs(&vm->vcpu[0], &regs);
	regs.rflags |= 1ULL << 40;
	set_regs(&vm->vcpu[0], &regs);
}

/* the VMM has made the guest's state invalid, and the debugger mends it or not */
static void failed_entry(bool mended)
{
	struct vmm_options options = { .prepare = set_reserved_bit };
	struct vmxdbg_event e;
	struct kvm_regs regs;
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(nothing), &options);
	id = must_add(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_ENTRY });
	CHECK_OK(session_resume(d.fd, 0, 0));
	e = next_event(d.fd);
	CHECK_EQ(e.why, VMXDBG_WHY_CATCH);
	CHECK_EQ(e.bps[0], id);
	CHECK_EQ(e.data[0], 0x80000021);	/* invalid guest state */
	if (!mended) {
		CHECK_OK(session_resume(d.fd, 0, 0));
		CHECK(wait_for(&d.vmm.shared->vcpu[0].done, 1));
		CHECK_EQ(d.vmm.shared->vcpu[0].result, KVM_EXIT_FAIL_ENTRY);
		return;
	}
	regs = session_get_regs(d.fd, 0);
	regs.rflags = 2;
	session_set_regs(d.fd, 0, &regs);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 1);
}

static void failed_entry_mended(void)
{
	failed_entry(true);
}

static void failed_entry_told(void)
{
	failed_entry(false);
}

static const struct vmxdbg_catch bad[] = {
	{ .type = VMXDBG_CATCH_TYPES },
	{ .type = VMXDBG_CATCH_IO, .first = 2, .last = 1 },
	{ .type = VMXDBG_CATCH_IO, .last = 0x10000 },
	{ .type = VMXDBG_CATCH_MSR, .last = 1ULL << 32 },
	{ .type = VMXDBG_CATCH_CR, .last = 9 },
	{ .type = VMXDBG_CATCH_HLT, .last = 1 },
	{ .type = VMXDBG_CATCH_EXCEPTION, .last = 32 },
	{ .type = VMXDBG_CATCH_HLT, .flags = READ },
	{ .type = VMXDBG_CATCH_IO, .flags = VMXDBG_BP_PHYSICAL },
	{ .type = VMXDBG_CATCH_IO, .cr3 = 0x1000 },
	{ .type = VMXDBG_CATCH_IO, .flags = VMXDBG_BP_CR3, .cr3 = 0x1001 },
	{ .type = VMXDBG_CATCH_IO, .reserved0 = 1 },
	{ .type = VMXDBG_CATCH_IO, .reserved = { 0, 0, 0, 1 } },
};

static void bad_arguments(void)
{
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(nothing), NULL);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("catch %u", i);
		CHECK_EQ(add(&d, bad[i]), -EINVAL);
	}
	CHECK_EQ(add(&d, (struct vmxdbg_catch){ .vcpu_mask = 2 }), -ENOENT);
	CHECK_EQ(add(&d, (struct vmxdbg_catch){ .options = (u64)bad_pointer() }), -EFAULT);
	CHECK_EQ(add(&d, (struct vmxdbg_catch){ .type = VMXDBG_CATCH_MMIO,
			       .first = GUEST_RAM - 1, .last = GUEST_MMIO }), -EOPNOTSUPP);
	CHECK_ERR(ioctl(d.fd, VMXDBG_ADD_CATCH, bad_pointer()), EFAULT);
	dbg_finish(&d);
}

/* each iteration of a REP is an event, and each is an exit of its own */
static void rep_by_iteration(void)
{
	struct vmxdbg_event e;
	struct dbg d;
	u32 id, i;

	dbg_start(&d, MODE_LONG, PROG(outs), NULL);
	id = must_add(&d, (struct vmxdbg_catch){ .first = 0x1234, .last = 0x1234 });
	for (i = 0; i < 3; i++) {
		e = resume_to(&d, VMXDBG_WHY_CATCH, AT(outs, outs_here));
		CHECK_EQ(e.data[3], 0xc000 + i);
		CHECK_EQ(d.vmm.shared->vcpu[0].outs, i);
	}
	CHECK_EQ(hits_of(&d, id), 3);
	dbg_finish(&d);
	CHECK_EQ(hits_of(&d, id), 3);
}

/* ---- writes that the VMM does not see one by one ---- */

GUEST64(coalesced,
	"mov $2, %ebx; mov $0xd0000010, %edi; mov $0xc000, %esi\n"
	"1: mov $0x55, %eax\n"
	"coalesced_mov: mov %eax, (%rdi)\n"
	"coalesced_add: lock add %eax, 4(%rdi)\n"
	"coalesced_out: out %al, $0x70\n"
	"mov $0x70, %edx\n"
	"coalesced_outs: outsb\n"
	"coalesced_next: incl 0xc100; dec %ebx; jnz 1b; hlt");
LABEL(coalesced_mov); LABEL(coalesced_add); LABEL(coalesced_out); LABEL(coalesced_outs);
LABEL(coalesced_next);

static void add_zones(struct vm *vm)
{
	struct kvm_coalesced_mmio_zone zone = { .addr = GUEST_MMIO, .size = 0x100 };

	CHECK_OK(ioctl(vm->fd, KVM_REGISTER_COALESCED_MMIO, &zone));
	zone = (struct kvm_coalesced_mmio_zone){ .addr = 0x70, .size = 1, .pio = 1 };
	CHECK_OK(ioctl(vm->fd, KVM_REGISTER_COALESCED_MMIO, &zone));
}

static void coalesced_writes(void)
{
	static const struct vmm_options options = { .prepare = add_zones };
	static const u8 *const places[] = {
		coalesced_mov, coalesced_add, coalesced_out, coalesced_outs };
	struct dbg d;
	unsigned int i;
	u32 mmio, port;

	dbg_start(&d, MODE_LONG, PROG(coalesced), &options);
	mmio = must_add(&d, (struct vmxdbg_catch){
		.type = VMXDBG_CATCH_MMIO, .flags = VMXDBG_CATCH_WRITE,
		.first = GUEST_MMIO, .last = GUEST_MMIO + 0xff });
	port = must_add(&d, (struct vmxdbg_catch){
		.type = VMXDBG_CATCH_IO, .flags = VMXDBG_CATCH_WRITE,
		.first = 0x70, .last = 0x70 });
	/* by resumes, then by steps */
	for (i = 0; i < ARRAY_SIZE(places); i++)
		resume_to(&d, VMXDBG_WHY_CATCH, AT(coalesced, places[i]));
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		resume_to(&d, VMXDBG_WHY_CATCH, AT(coalesced, places[i]));
		CHECK(dbg_step(&d, 0) > AT(coalesced, places[i]));
	}
	CHECK_EQ(hits_of(&d, mmio), 4);
	CHECK_EQ(hits_of(&d, port), 4);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0x40), 2);
	CHECK_EQ(d.vmm.shared->vcpu[0].outs, 0);
	CHECK_EQ(d.vmm.shared->vcpu[0].mmios, 2);	/* reads of ADD */
}

static const struct test others[] = {
	TEST(coalesced_writes),
	TEST(rep_by_iteration),
	TEST(in_user_mode),
	TEST(on_condition),
	TEST(of_one_vcpu),
	TEST(in_one_address_space),
	TEST(triple_faults),
	TEST(reset_by_vmm),
	TEST(double_fault_in_real_mode),
	TEST(failed_entry_mended),
	TEST(failed_entry_told),
	TEST(bad_arguments),
};

static const char *name_of(const char *way, const char *row)
{
	char *name;

	if (asprintf(&name, "%s_%s", row, way) < 0)
		exit(2);
	return name;
}

/* each row of the table is tested in each of these ways */
static const struct {
	const char *name;
	void (*fn)(const void *row);
} ways[] = {
	{ "caught", caught }, { "counted", counted }, { "stepped", stepped },
	{ "removed", removed }, { "closed", closed },
};

int main(int argc, char **argv)
{
	static struct test tests[ARRAY_SIZE(ways) * ARRAY_SIZE(rows) + ARRAY_SIZE(others)];
	unsigned int i, j, nr = 0;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (j = 0; j < ARRAY_SIZE(ways); j++) {
			struct test *t = &tests[nr++];

			t->name = name_of(ways[j].name, rows[i].name);
			t->with = ways[j].fn;
			t->row = &rows[i];
		}
	}
	for (i = 0; i < ARRAY_SIZE(others); i++)
		tests[nr++] = others[i];
	return tap_main(argc, argv, tests, nr);
}
