// SPDX-License-Identifier: GPL-2.0-only
/* Reports of a guest's TPR to its VMM: KVM_SET_VAPIC_ADDR, KVM_TPR_ACCESS_REPORTING. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "tpr.h"

static struct vm vm;
static struct vcpu *v;

static void start(struct prog prog)
{
	v = split_guest(&vm, MODE_LONG, prog);
}

/* ---- KVM_SET_VAPIC_ADDR ---- */

#define WORD	0xc800
#define BELOW	0xcffe		/* across two pages */

static int set_vapic(struct vcpu *vcpu, u64 addr)
{
	struct kvm_vapic_addr arg = { .vapic_addr = addr };

	return ioctl(vcpu->fd, KVM_SET_VAPIC_ADDR, &arg);
}

static u32 word_at(u64 gpa)
{
	u32 word;

	memcpy(&word, vm.mem + gpa, sizeof(word));
	return word;
}

static int set_slot(u32 slot, u32 flags, u64 gpa, u64 size, void *mem)
{
	struct kvm_userspace_memory_region r = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa, .memory_size = size,
		.userspace_addr = (uintptr_t)mem,
	};

	return ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &r);
}

GUEST64(idle, "hlt");

static void addresses_of_the_word(void)
{
	void *mem = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	start(PROG(idle));
	CHECK_EQ(has_cap(&vm, KVM_CAP_VAPIC), 1);
	CHECK_OK(set_slot(1, KVM_MEM_READONLY, 0x800000, 0x1000, mem));
	CHECK_EQ(set_vapic(v, 0), 0);
	CHECK_EQ(set_vapic(v, WORD), 0);
	CHECK_EQ(set_vapic(v, WORD + 1), 0);
	CHECK_EQ(set_vapic(v, BELOW), 0);
	CHECK_EQ(set_vapic(v, GUEST_RAM - 4), 0);
	CHECK_ERR(set_vapic(v, GUEST_RAM - 3), EINVAL);
	CHECK_ERR(set_vapic(v, GUEST_RAM), EINVAL);
	CHECK_ERR(set_vapic(v, GUEST_MMIO), EINVAL);
	CHECK_ERR(set_vapic(v, 0x800000), EINVAL);
	CHECK_ERR(set_vapic(v, ~0ULL), EINVAL);
	CHECK_ERR(set_vapic(v, ~0ULL - 3), EINVAL);
	CHECK_ERR(ioctl(v->fd, KVM_SET_VAPIC_ADDR, bad_pointer()), EFAULT);
	CHECK_EQ(set_vapic(v, 0), 0);
	vm_destroy(&vm);
	v = guest_make(&vm, MODE_LONG, PROG(idle));
	CHECK_ERR(set_vapic(v, WORD), EINVAL);
	CHECK_ERR(set_vapic(v, 0), EINVAL);
	CHECK_ERR(ioctl(v->fd, KVM_SET_VAPIC_ADDR, bad_pointer()), EINVAL);
}

/*
 * 0x33 is requested behind TPR, 0x79 is served. RSI is the address of the word. ECX, EDX
 * and RDI: what the guest reads there, in the handler, and after it.
 */
GUEST64(by_word,
	"jmp 1f\n" COUNT("bw_low")
	"bw_high: mov (%rsi), %ecx; out %al, $0x12; movl $0, 0xb0(%rbx); iretq\n"
	"1: " ON "sti; out %al, $0x10\n"
	"movb $0x42, (%rsi); out %al, $0x11; movl $0x40033, 0x300(%rbx)\n"
	"movl $0x40079, 0x300(%rbx); nop; mov (%rsi), %edx; out %al, $0x13\n"
	"movb $0x2f, (%rsi); nop; out %al, $0x14; nop; out %al, $0x15\n"
	"movl $0x7f, 0x80(%rbx); mov (%rsi), %edx; mov 0x80(%rbx), %edi; out %al, $0x16\n"
	"movb $0x11, (%rsi); mov 0x80(%rbx), %edi; out %al, $0x17; hlt");
LABEL(bw_low); LABEL(bw_high);

#define TAKES_IT_BACK	"KVM does not write a raised TPR to the word, and takes the old one from it"

static void start_by_word(u64 gpa)
{
	struct kvm_regs r;

	start(PROG(by_word));
	vm_gate(&vm, MODE_LONG, 0x33, AT(by_word, bw_low));
	vm_gate(&vm, MODE_LONG, 0x79, AT(by_word, bw_high));
	get_regs(v, &r);
	r.rsi = gpa;
	set_regs(v, &r);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(set_vapic(v, gpa), 0);
}

static void check_the_word(u64 gpa)
{
	struct kvm_regs r;

	start_by_word(gpa);
	/* The guest's value is TPR from the next exit on. */
	vcpu_run_out(v, 0x11);
	CHECK_EQ(word_at(gpa) & 0xff, 0x42);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x42);
	CHECK_EQ(cr8_of_sregs(v), 4);
	vcpu_run_out(v, 0x12);
	get_regs(v, &r);
	CHECK_EQ(r.rcx, 0x33007042);
	vcpu_run_out(v, 0x13);
	get_regs(v, &r);
	CHECK_EQ(r.rdx, 0x33000042);
	CHECK_EQ(DATA32(&vm, 0), 0);
	/* The guest asks for the interrupt by an exit: port 0x14. */
	vcpu_run_out(v, 0x14);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x2f);
	vcpu_run_out(v, 0x15);
	CHECK_EQ(DATA32(&vm, 0), 1);
	vcpu_run_out(v, 0x16);
	get_regs(v, &r);
	KNOWN_DIFFERENCE(r.rdx == 0x7f && r.rdi == 0x7f, TAKES_IT_BACK);
	vcpu_run_out(v, 0x17);
	get_regs(v, &r);
	CHECK_EQ(r.rdi, 0x11);
	CHECK_EQ(word_at(gpa), 0x11);
}

static void the_word_is_tpr(void)
{
	check_the_word(WORD);
}

static void a_word_across_pages(void)
{
	check_the_word(BELOW);
}

static void the_vmm_sets_the_word(void)
{
	struct kvm_regs r;

	start_by_word(WORD);
	apic_set(v, APIC_TPR, 0x63);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x42);
	set_cr8(v, 8);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x80);
	/* TPR is above both interrupts now, so the handler's OUT does not come first. */
	vcpu_run_to(v, KVM_EXIT_IO);
	get_regs(v, &r);
	KNOWN_DIFFERENCE(v->run->io.port == 0x13 && r.rdx == 0x79000080, TAKES_IT_BACK);
	CHECK_EQ(DATA32(&vm, 0), 0);
}

static void turned_off_it_is_memory(void)
{
	start_by_word(WORD);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(set_vapic(v, 0), 0);
	vcpu_run_out(v, 0x12);
	vcpu_run_out(v, 0x13);
	CHECK_EQ(word_at(WORD), 0x42);
	vcpu_run_out(v, 0x14);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x42);
	CHECK_EQ(word_at(WORD), 0x2f);
}

static u64 dirty(u64 gpa)
{
	static u64 bits[GUEST_RAM / 0x1000 / 64];
	struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = bits };

	memset(bits, 0, sizeof(bits));
	CHECK_OK(ioctl(vm.fd, KVM_GET_DIRTY_LOG, &log));
	return bits[gpa / 0x1000 / 64] >> gpa / 0x1000 % 64 & 1;
}

/* prints, and writes nothing */
GUEST64(quiet, ON "out %al, $0x10; 1: out %al, $0x11; jmp 1b");

static void writes_of_the_word_are_logged(void)
{
	start(PROG(quiet));
	CHECK_OK(set_slot(0, KVM_MEM_LOG_DIRTY_PAGES, 0, GUEST_RAM, vm.mem));
	vcpu_run_out(v, 0x10);
	dirty(WORD);
	vcpu_run_out(v, 0x11);
	CHECK(!dirty(WORD));
	CHECK_EQ(set_vapic(v, WORD), 0);
	apic_set(v, APIC_TPR, 0x55);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(word_at(WORD), 0x55);
	CHECK(dirty(WORD));
}

/* The word's slot goes away, and comes back. */
static void the_slot_of_the_word_goes_away(void)
{
	u8 *mem = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	start(PROG(quiet));
	CHECK_OK(set_slot(1, 0, 0x800000, 0x1000, mem));
	CHECK_EQ(set_vapic(v, 0x800010), 0);
	vcpu_run_out(v, 0x10);
	apic_set(v, APIC_TPR, 0x31);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(mem[0x10], 0x31);
	CHECK_OK(set_slot(1, 0, 0x800000, 0, mem));
	apic_set(v, APIC_TPR, 0x32);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(mem[0x10], 0x31);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x32);
	CHECK_OK(set_slot(1, 0, 0x800000, 0x1000, mem));
	apic_set(v, APIC_TPR, 0x33);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(mem[0x10], 0x33);
	/* memory that the VMM has unmapped */
	munmap(mem, 0x1000);
	apic_set(v, APIC_TPR, 0x34);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x11);
	CHECK_EQ(apic_get(v, APIC_TPR), 0x34);
}

/* The page of the word is not there until it is written. */
static void the_word_is_swapped_out(void)
{
	unsigned int i;

	start(PROG(quiet));
	CHECK_EQ(set_vapic(v, GUEST_HIGH), 0);
	vcpu_run_out(v, 0x10);
	for (i = 1; i < 10; i++) {
		apic_set(v, APIC_TPR, i);
		CHECK_OK(madvise(vm.mem + GUEST_HIGH, 0x1000, MADV_DONTNEED));
		vcpu_run_out(v, 0x11);
		vcpu_run_out(v, 0x11);
		CHECK_EQ(apic_get(v, APIC_TPR), i);
		CHECK_EQ(word_at(GUEST_HIGH), i);
	}
}

/* An INIT ends the use of the word until the VMM sets it again. */
static void init_forgets_the_word(void)
{
	struct vcpu *other = start_victim(&vm, &v);

	CHECK_EQ(set_vapic(other, WORD), 0);
	vcpu_run_out(other, 0x12);
	vcpu_run_out(v, 0x10);
	GUEST_PTR(&vm, WORD, u32)[0] = 0x66;
	vcpu_run_out(other, 0x13);
	CHECK_EQ(apic_get(other, APIC_TPR), 0);
	CHECK_EQ(word_at(WORD), 0x66);
}

/* ---- KVM_TPR_ACCESS_REPORTING ---- */

static int report(bool on)
{
	struct kvm_tpr_access_ctl ctl = { .enabled = on };

	return ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, &ctl);
}

GUEST64(accesses,
	ON "out %al, $0x10; ac_write: movl $0x35, 0x80(%rbx)\n"
	"ac_read: mov 0x80(%rbx), %ecx; ac_after: mov $5, %eax; mov %rax, %cr8; mov %cr8, %rdx\n"
	"mov 0xa0(%rbx), %esi; ac_rmw: orl $2, 0x80(%rbx); ac_end: out %al, $0x11\n"
	X2APIC "mov $0x808, %ecx; mov $0x44, %eax; ac_wrmsr: wrmsr; ac_rdmsr: rdmsr\n"
	"ac_last: out %al, $0x12; out %al, $0x13; hlt");
LABEL(ac_write); LABEL(ac_read); LABEL(ac_after); LABEL(ac_rmw); LABEL(ac_end);
LABEL(ac_wrmsr); LABEL(ac_rdmsr); LABEL(ac_last);

static void was_reported(u64 at, bool write, u64 next)
{
	CHECK_EQ(v->run->exit_reason, KVM_EXIT_TPR_ACCESS);
	CHECK_EQ(v->run->tpr_access.rip, at);
	CHECK_EQ(v->run->tpr_access.is_write, write);
	CHECK_EQ(get_rip(v), next);
}

static void reported(u64 at, bool write, u64 next)
{
	vcpu_run(v);
	was_reported(at, write, next);
}

static void accesses_are_reported(void)
{
	struct kvm_regs r;

	start(PROG(accesses));
	vcpu_run_out(v, 0x10);
	CHECK_EQ(report(true), 0);
	vcpu_run(v);
	if (on_kvm() && v->run->exit_reason == KVM_EXIT_IO) {
		tap_note("this KVM's processor makes accesses by MMIO alone");
	} else {
		was_reported(AT(accesses, ac_write), true, AT(accesses, ac_read));
		CHECK_EQ(apic_get(v, APIC_TPR), 0x35);
		reported(AT(accesses, ac_read), false, AT(accesses, ac_after));
		get_regs(v, &r);
		CHECK_EQ(r.rcx, 0x35);
		reported(AT(accesses, ac_rmw), true, AT(accesses, ac_end));
		vcpu_run_out(v, 0x11);
	}
	CHECK_EQ(apic_get(v, APIC_TPR), 0x52);
	vcpu_run(v);
	if (on_kvm() && v->run->exit_reason == KVM_EXIT_IO) {
		tap_note("this KVM's processor makes accesses by MSR alone");
		return;
	}
	was_reported(AT(accesses, ac_wrmsr), true, AT(accesses, ac_rdmsr));
	reported(AT(accesses, ac_rdmsr), false, AT(accesses, ac_last));
	get_regs(v, &r);
	CHECK_EQ(r.rax, 0x44);
	vcpu_run_out(v, 0x12);
}

static void accesses_of_the_vmm_are_not(void)
{
	start(PROG(accesses));
	CHECK_EQ(report(true), 0);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(apic_get(v, APIC_TPR), 0);
	apic_set(v, APIC_TPR, 0x20);
	set_cr8(v, 1);
	CHECK_EQ(report(false), 0);
	vcpu_run_out(v, 0x11);
	vcpu_run_out(v, 0x12);
	/* By the number of the guest's MSR, KVM takes the VMM for the guest. */
	CHECK_EQ(report(true), 0);
	CHECK_EQ(get_msr(v, MSR_X2APIC(APIC_TPR)), 0x44);
	KNOWN_DIFFERENCE(vcpu_run(v) == KVM_EXIT_IO, "KVM reports the VMM's KVM_GET_MSRS");
}

static void bounds_of_reports(void)
{
	struct kvm_tpr_access_ctl ctl = { .enabled = 1, .flags = 1 };

	start(PROG(accesses));
	CHECK_ERR(ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, &ctl), EINVAL);
	CHECK_ERR(ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, bad_pointer()), EFAULT);
	vcpu_run_out(v, 0x10);
	vcpu_run_out(v, 0x11);
	vm_destroy(&vm);
	v = guest_make(&vm, MODE_LONG, PROG(idle));
	CHECK_EQ(report(true), 0);
	CHECK_ERR(ioctl(v->fd, KVM_TPR_ACCESS_REPORTING, &ctl), EINVAL);
}

static const struct test tests[] = {
	TEST(addresses_of_the_word),
	TEST(the_word_is_tpr),
	TEST(a_word_across_pages),
	TEST(the_vmm_sets_the_word),
	TEST(turned_off_it_is_memory),
	TEST(writes_of_the_word_are_logged),
	TEST(the_slot_of_the_word_goes_away),
	TEST(the_word_is_swapped_out),
	TEST(init_forgets_the_word),
	TEST(accesses_are_reported),
	TEST(accesses_of_the_vmm_are_not),
	TEST(bounds_of_reports),
};

TAP_MAIN(tests)
