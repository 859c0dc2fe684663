/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests that set the task priority of a local APIC in the kernel. */
#ifndef TESTS_ABI_TPR_H
#define TESTS_ABI_TPR_H

#include <string.h>

#include "apic.h"

#define VECTOR	0x45

/* for guests: RBX is the APIC's base */
#define APIC	"mov $0xfee00000, %ebx\n"
#define ON	APIC "movl $0x1ff, 0xf0(%rbx)\n"
#define X2APIC	"mov $0x1b, %ecx; mov $0xfee00d00, %eax; xor %edx, %edx; wrmsr\n"	\
		"mov $0x80f, %ecx; mov $0x1ff, %eax; wrmsr\n"

/* counts interrupts */
#define COUNT(label)	label ": incl 0xc000; movl $0, 0xb0(%rbx); iretq\n"

static inline u64 cr8_of_sregs(struct vcpu *v)
{
	struct kvm_sregs s;

	get_sregs(v, &s);
	return s.cr8;
}

static inline void set_cr8(struct vcpu *v, u64 cr8)
{
	struct kvm_sregs s;

	get_sregs(v, &s);
	s.cr8 = cr8;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
}

/* vCPU 0 sends INIT and SIPI to vCPU 1, which has raised its TPR. */
GUEST64(sender,
	ON "movl $0x1000000, 0x310(%rbx); movl $0x4500, 0x300(%rbx); movl $0x460a, 0x300(%rbx)\n"
	"out %al, $0x10; hlt");
GUEST64(victim,
	ON "mov $12, %eax; mov %rax, %cr8; out %al, $0x11; movl $0x40045, 0x300(%rbx)\n"
	"out %al, $0x12; hlt");
GUEST16(begins, "out %al, $0x13; hlt");

/* Return: vCPU 1, which is at its first OUT. @v: set to vCPU 0 */
static inline struct vcpu *start_victim(struct vm *vm, struct vcpu **v)
{
	struct vcpu *other;

	*v = split_guest(vm, MODE_LONG, PROG(sender));
	memcpy(vm->mem + 0x9000, victim_begin, victim_end - victim_begin);
	memcpy(vm->mem + 0xa000, begins_begin, begins_end - begins_begin);
	other = guest_add_vcpu(vm, 1, MODE_LONG, 0x9000);
	CHECK_EQ(set_mp_state(other, KVM_MP_STATE_RUNNABLE), 0);
	vcpu_run_out(other, 0x11);
	CHECK_EQ(apic_get(other, APIC_TPR), 0xc0);
	return other;
}

#endif
