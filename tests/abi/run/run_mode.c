// SPDX-License-Identifier: GPL-2.0-only
/* Tiny guests in every mode of the processor, and changes between modes. */
#include <string.h>

#include "guest.h"

/* each leaves its result in rax and halts */
GUEST16(add_real, "mov $0x1234, %ax; add $0x1111, %ax; hlt");
GUEST16(segment_real,
	"mov $0x0c00, %ax; mov %ax, %es; movw $0x5678, %es:4; mov 0xc004, %ax; hlt");
GUEST16(call_real, "call 1f; hlt\n1: mov $0x77, %ax; ret");
GUEST16(int_real,
	"movw $" GADDR(int_real, real_handler) ", 0x80 * 4; movw $0, 0x80 * 4 + 2\n"
	"int $0x80; add $1, %ax; hlt\n"
	"real_handler: mov $0x41, %ax; iret");
GUEST16(far_real, "ljmp $0x0800, $far_real_target - far_real_begin\n"
	"far_real_target: mov %cs, %ax; hlt");
GUEST16(flags_real, "stc; pushf; pop %ax; and $0xff, %ax; hlt");

GUEST32(add_32, "mov $0x12345678, %eax; add $0x11111111, %eax; hlt");
GUEST32(call_32, "call 1f; hlt\n1: mov $0x77, %eax; ret");
GUEST32(data_32, "movl $0xabcd, 0xc000; mov 0xc000, %eax; hlt");
GUEST32(int_32, "movw $" GADDR(int_32, handler_32) ", 0x1000 + 0x80 * 8\n"
	"int $0x80; add $1, %eax; hlt\n"
	"handler_32: mov $0x41, %eax; iret");
/* maps page 0x100000 through the page table, which must have an effect */
GUEST32(remap_32,
	"movl $0xc007, 0x28000 + 0x100 * 4; invlpg 0x100000\n"
	"movl $0x99, 0x100008; mov 0xc008, %eax; hlt");
GUEST32(remap_pae,
	"movl $0xc007, 0x26000 + 0x100 * 8; invlpg 0x100000\n"
	"movl $0x99, 0x100008; mov 0xc008, %eax; hlt");
GUEST32(pf_32,
	"movw $" GADDR(pf_32, pf_handler_32) ", 0x1000 + 14 * 8\n"
	"movl $0, 0x28000 + 0x100 * 4; invlpg 0x100000\n"
	"mov 0x100010, %ebx\n"
	"pf_handler_32: mov %cr2, %eax; hlt");

GUEST64(add_64, "movabs $0x123456789abcdef0, %rax; add $15, %rax; hlt");
GUEST64(high_address, "mov $0xc000, %ebx; movq $-5, (%rbx); mov (%rbx), %rax; hlt");
GUEST64(remap_64,
	"movq $0xc007, 0x26000 + 0x100 * 8; invlpg 0x100000\n"
	"movl $0x99, 0x100008; mov 0xc008, %eax; hlt");
GUEST64(pf_64,
	"movw $" GADDR(pf_64, pf_handler_64) ", 0x1000 + 14 * 16\n"
	"movq $0, 0x26000 + 0x100 * 8; invlpg 0x100000\n"
	"mov 0x100010, %ebx\n"
	"pf_handler_64: mov %cr2, %rax; hlt");
GUEST64(ud_64,
	"movw $" GADDR(ud_64, ud_handler) ", 0x1000 + 6 * 16\n"
	"ud_at: ud2\n"
	"ud_handler: pop %rax; hlt");
GUEST64(cr3_64, "mov %cr3, %rax; mov %rax, %cr3; hlt");
GUEST64(cr0_ts, "mov %cr0, %rax; or $8, %rax; mov %rax, %cr0; clts; mov %cr0, %rax\n"
	"and $8, %eax; hlt");
GUEST64(cr4_64, "mov %cr4, %rax; or $0x80, %rax; mov %rax, %cr4; mov %cr4, %rax\n"
	"and $0xa0, %eax; hlt");
GUEST64(lgdt_64, "sgdt 0xc000; lgdt 0xc000; movzwl 0xc000, %eax; hlt");
/* to user mode and back through an interrupt gate and the TSS's stack */
GUEST64(user_64,
	"mov $0x40, %eax; ltr %ax\n"
	"movw $" GADDR(user_64, user_back) ", 0x1000 + 0x80 * 16\n"
	"push $0x33; push $0xe000; push $2; push $0x3b; push $" GADDR(user_64, user_code) "\n"
	"iretq\n"
	"user_code: int $0x80\n"
	"user_back: mov 8(%rsp), %rax; hlt");

/* from real mode to protected mode to long mode, as a boot loader does */
GUEST16(real_to_long,
	"lgdtl 0xc100; lidtl 0xc110\n"
	"mov %cr0, %eax; or $1, %eax; mov %eax, %cr0\n"
	"ljmpl $0x18, $" GADDR(real_to_long, rtl_32) "\n"
	".code32\n"
	"rtl_32: mov $0x10, %eax; mov %eax, %ds; mov %eax, %ss; mov %eax, %es\n"
	"mov %cr4, %eax; or $0x620, %eax; mov %eax, %cr4\n"
	"mov $0x20000, %eax; mov %eax, %cr3\n"
	"mov $0xc0000080, %ecx; rdmsr; or $0x100, %eax; wrmsr\n"
	"mov %cr0, %eax; or $0x80000000, %eax; mov %eax, %cr0\n"
	"ljmpl $8, $" GADDR(real_to_long, rtl_64) "\n"
	".code64\n"
	"rtl_64: mov $0xc0000080, %ecx; rdmsr; mov %eax, %eax; hlt\n"
	".code16");

/* from long mode down to real mode */
GUEST64(long_to_real,
	"push $0x18; push $" GADDR(long_to_real, ltr_32) "; lretq\n"
	".code32\n"
	"ltr_32: mov %cr0, %eax; and $0x7fffffff, %eax; mov %eax, %cr0\n"
	"mov $0xc0000080, %ecx; rdmsr; and $0xfffffeff, %eax; wrmsr\n"
	"ljmpl $0x20, $" GADDR(long_to_real, ltr_16) "\n"
	".code16\n"
	"ltr_16: mov %cr0, %eax; and $0xfffe, %ax; mov %eax, %cr0\n"
	"ljmp $0, $" GADDR(long_to_real, ltr_real) "\n"
	"ltr_real: xor %ax, %ax; mov %ax, %ds; mov %ax, %ss\n"
	"mov $0xc0000080, %ecx; rdmsr; hlt");

#define G(name, mode, wanted) { #name, mode, name##_begin, name##_end, wanted }

LABEL(ud_at);

static const struct {
	const char *name;
	enum guest_mode mode;
	const u8 *begin, *end;
	u64 wanted;
} guests[] = {
	G(add_real, MODE_REAL, 0x2345),
	G(segment_real, MODE_REAL, 0x5678),
	G(call_real, MODE_REAL, 0x77),
	G(int_real, MODE_REAL, 0x42),
	G(far_real, MODE_REAL, 0x800),
	G(flags_real, MODE_REAL, 0x03),
	G(add_32, MODE_FLAT32, 0x23456789),
	G(call_32, MODE_FLAT32, 0x77),
	G(int_32, MODE_FLAT32, 0x42),
	G(add_32, MODE_PAGED32, 0x23456789),
	G(data_32, MODE_PAGED32, 0xabcd),
	G(int_32, MODE_PAGED32, 0x42),
	G(remap_32, MODE_PAGED32, 0x99),
	G(pf_32, MODE_PAGED32, 0x100010),
	G(add_32, MODE_PAE, 0x23456789),
	G(call_32, MODE_PAE, 0x77),
	G(int_32, MODE_PAE, 0x42),
	G(remap_pae, MODE_PAE, 0x99),
	G(add_64, MODE_LONG, 0x123456789abcdeff),
	G(high_address, MODE_LONG, -5ULL),
	G(remap_64, MODE_LONG, 0x99),
	G(pf_64, MODE_LONG, 0x100010),
	G(ud_64, MODE_LONG, 0x800a),
	G(cr3_64, MODE_LONG, GUEST_PML4),
	G(cr0_ts, MODE_LONG, 0),
	G(cr4_64, MODE_LONG, 0xa0),
	G(lgdt_64, MODE_LONG, 0x4f),
	G(user_64, MODE_LONG, 0x3b),
};

static void tiny_guests(void)
{
	struct kvm_regs regs;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(guests); i++) {
		struct vm vm;
		struct vcpu *v = guest_make(&vm, guests[i].mode, (struct prog){
					    guests[i].begin, guests[i].end });
		bool ok = CHECK_EQ(vcpu_run(v), KVM_EXIT_HLT);

		get_regs(v, &regs);
		ok &= CHECK_EQ(regs.rax, guests[i].wanted);
		if (!ok)
			tap_note("guest %s, mode %d: rip %#llx, exception %d", guests[i].name,
				 guests[i].mode, regs.rip, vcpu_trap(v));
		vm_destroy(&vm);
	}
}

/* store the operand of LGDT and LIDT: limit, then base */
static void put_pseudo_descriptor(struct vm *vm, u32 gpa, u16 limit, u32 base)
{
	*GUEST_PTR(vm, gpa, u16) = limit;
	*GUEST_PTR(vm, gpa + 2, u16) = base;
	*GUEST_PTR(vm, gpa + 4, u16) = base >> 16;
}

static void real_mode_to_long_mode(void)
{
	struct kvm_sregs sregs;
	struct kvm_regs regs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_REAL, PROG(real_to_long));

	vm_tables(&vm, MODE_LONG);
	put_pseudo_descriptor(&vm, 0xc100, 0x4f, GUEST_GDT);
	put_pseudo_descriptor(&vm, 0xc110, 0xfff, GUEST_IDT);
	vcpu_run_to(v, KVM_EXIT_HLT);
	get_regs(v, &regs);
	CHECK_EQ(regs.rax, 0x500);
	get_sregs(v, &sregs);
	CHECK_EQ(sregs.efer, 0x500);
	CHECK_EQ(sregs.cs.l, 1);
	CHECK_EQ(sregs.cs.selector, SEL_CODE64);
	CHECK_EQ(sregs.gdt.base, GUEST_GDT);
	CHECK_EQ(sregs.cr0 & 0x80000001, 0x80000001);
	CHECK_EQ(sregs.cr3, GUEST_PML4);
}

static void long_mode_to_real_mode(void)
{
	struct kvm_sregs sregs;
	struct vm vm;
	struct vcpu *v = guest_make(&vm, MODE_LONG, PROG(long_to_real));

	vcpu_run_to(v, KVM_EXIT_HLT);
	get_sregs(v, &sregs);
	CHECK_EQ(sregs.efer, 0);
	CHECK_EQ(sregs.cr0 & 0x80000001, 0);
	CHECK_EQ(sregs.cs.selector, 0);
	CHECK_EQ(sregs.ds.base, 0);
}

static const struct test tests[] = {
	TEST(tiny_guests),
	TEST(real_mode_to_long_mode),
	TEST(long_mode_to_real_mode),
};

TAP_MAIN(tests)
