// SPDX-License-Identifier: GPL-2.0-only
/* A guest with all interrupt controllers in the kernel: see chips.h. */
#include <string.h>

#include "chips.h"

#define STOP_PORT	0xf0
#define LOG		GUEST_HIGH	/* number of interrupts, then their vectors */
#define LOG_ROOM	0x1000
#define SCRIPT		GUEST_DATA
#define SCRIPT_ROOM	250		/* steps */

/* rsi: the next step. The vector of each interrupt is pushed by its own entry. */
GUEST64(chips_guest,
	"	cli\n"
	"	mov $0xc000, %esi\n"
	"next:	mov (%rsi), %ecx; mov 4(%rsi), %edx; mov 8(%rsi), %eax\n"
	"	add $12, %rsi\n"
	"	cmp $1, %ecx; jb stop; je write_port\n"
	"	cmp $3, %ecx; jb read_port; je write_mem\n"
	"	cmp $5, %ecx; jb read_mem\n"
	"	sti; nop; nop; cli; jmp next\n"
	"stop:	out %al, $0xf0; mov $0xc000, %esi; jmp next\n"
	"write_port: out %al, (%dx); jmp next\n"
	"read_port: xor %eax, %eax; in (%dx), %al; mov %eax, -4(%rsi); jmp next\n"
	"write_mem: mov %eax, (%rdx); jmp next\n"
	"read_mem: mov (%rdx), %eax; mov %eax, -4(%rsi); jmp next\n"
	"	.balign 16\n"
	"chips_entries:\n"
	"	.set vector, 0\n"
	"	.rept 256\n"
	"	.byte 0x68; .long vector\n"	/* push $vector */
	"	jmp log\n"
	"	.balign 16\n"
	"	.set vector, vector + 1\n"
	"	.endr\n"
	"log:	push %rax; push %rbx\n"
	"	mov 16(%rsp), %eax; mov 0x100000, %ebx\n"
	"	and $0xfff, %ebx\n"
	"	mov %al, 0x100004(%rbx); incl 0x100000\n"
	"	andl $~0x200, 40(%rsp)\n"	/* one at a time */
	"	pop %rbx; pop %rax; add $8, %rsp; iretq\n");
LABEL(chips_entries);

void chips_make(struct chips *c)
{
	u32 entries = AT(chips_guest, chips_entries);
	unsigned int i;

	vm_make(&c->vm, NULL);
	CHECK_OK(ioctl(c->vm.fd, KVM_CREATE_IRQCHIP));
	vm_tables(&c->vm, MODE_LONG);
	vm_load(&c->vm, PROG(chips_guest));
	for (i = 2; i < 256; i++)
		if (i < 8 ? i == 2 : i < 0x10 || i >= 0x20)
			vm_gate(&c->vm, MODE_LONG, i, entries + 16 * i);
	c->v = guest_add_vcpu(&c->vm, 0, MODE_LONG, GUEST_CODE);
}

void chips_do(struct chips *c, struct step *steps, unsigned int nr)
{
	struct step *script = (struct step *)(c->vm.mem + SCRIPT);

	REQUIRE(nr <= SCRIPT_ROOM);
	memcpy(script, steps, nr * sizeof(*steps));
	script[nr] = (struct step){ STEP_STOP, 0, 0 };
	vcpu_run_out(c->v, STOP_PORT);
	memcpy(steps, script, nr * sizeof(*steps));
}

static u32 chips_get(struct chips *c, u32 what, u32 at)
{
	struct step step = { what, at, 0 };

	chips_do(c, &step, 1);
	return step.val;
}

u32 chips_in(struct chips *c, u16 port)
{
	return chips_get(c, STEP_IN, port);
}

u32 chips_read(struct chips *c, u32 addr)
{
	return chips_get(c, STEP_READ, addr);
}

u32 chips_ioapic(struct chips *c, u32 reg)
{
	struct step steps[] = { IOAPIC_READ(reg) };

	chips_do(c, steps, ARRAY_SIZE(steps));
	return steps[1].val;
}

unsigned int chips_taken(struct chips *c)
{
	return *GUEST_PTR(&c->vm, LOG, u32);
}

u8 chips_vector(struct chips *c, unsigned int n)
{
	return GUEST_PTR(&c->vm, LOG + 4, u8)[n % LOG_ROOM];
}

void chips_forget(struct chips *c)
{
	*GUEST_PTR(&c->vm, LOG, u32) = 0;
}

int chips_take(struct chips *c)
{
	unsigned int before = chips_taken(c);

	DO(c, TAKE);
	if (chips_taken(c) == before)
		return -1;
	CHECK_EQ(chips_taken(c), before + 1);
	return chips_vector(c, before);
}

int chips_line(struct chips *c, u32 gsi, u32 level)
{
	struct kvm_irq_level line = { .irq = gsi, .level = level };

	CHECK_OK(ioctl(c->vm.fd, KVM_IRQ_LINE_STATUS, &line));
	return line.status;
}

int chips_pulse(struct chips *c, u32 gsi)
{
	int status = chips_line(c, gsi, 1);

	chips_line(c, gsi, 0);
	return status;
}

struct kvm_pic_state chips_pic(struct vm *vm, u32 chip)
{
	struct kvm_irqchip state = { .chip_id = chip };

	CHECK_OK(ioctl(vm->fd, KVM_GET_IRQCHIP, &state));
	return state.chip.pic;
}

struct kvm_ioapic_state chips_ioapic_state(struct vm *vm)
{
	struct kvm_irqchip state = { .chip_id = KVM_IRQCHIP_IOAPIC };

	CHECK_OK(ioctl(vm->fd, KVM_GET_IRQCHIP, &state));
	return state.chip.ioapic;
}

void chips_init_pic(struct chips *c, u8 icw4)
{
	DO(c,
	   OUT(0x20, 0x11), OUT(0x21, 0x08), OUT(0x21, 0x04), OUT(0x21, icw4),
	   OUT(0xa0, 0x11), OUT(0xa1, 0x70), OUT(0xa1, 0x02), OUT(0xa1, icw4),
	   OUT(0x21, 0), OUT(0xa1, 0));
}
