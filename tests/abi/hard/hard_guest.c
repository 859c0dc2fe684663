// SPDX-License-Identifier: GPL-2.0-only
/* Handlers and set-up that the guests of the hard cases share. */
#include <string.h>

#include "hard.h"

#define RFLAGS_VM	(1U << 17)
#define RFLAGS_IOPL3	(3U << 12)
#define IO_BITMAP	0x68

/* the handlers, and at NR_COUNT one that skips an instruction of two bytes */
GUEST16(handler16,
	"incl 0xc000\nhandler16_1: nop\nhandler16_2: iret\n"
	"handler16_3: mov %sp, %bp\nhandler16_4: addw $2, (%bp)\nhandler16_5: iret");
/* uses SS, as DS is null after an interrupt in VM86 mode */
GUEST32(handler32,
	"incl %ss:0xc000\nhandler32_1: nop\nhandler32_2: iret\n"
	"handler32_3: mov %esp, %ebp\nhandler32_4: addl $2, (%ebp)\nhandler32_5: iret");
GUEST64(handler64,
	"incl 0xc000\nhandler64_1: nop\nhandler64_2: iretq\n"
	"handler64_3: mov %esp, %ebp\nhandler64_4: addq $2, (%rbp)\nhandler64_5: iretq");
LABEL(handler16_1); LABEL(handler16_2); LABEL(handler16_3); LABEL(handler16_4);
LABEL(handler16_5);
LABEL(handler32_1); LABEL(handler32_2); LABEL(handler32_3); LABEL(handler32_4);
LABEL(handler32_5);
LABEL(handler64_1); LABEL(handler64_2); LABEL(handler64_3); LABEL(handler64_4);
LABEL(handler64_5);

#define NR_COUNT	3
#define NR_HANDLER	6

#define INSNS(h) { h##_begin, h##_1, h##_2, h##_3, h##_4, h##_5 }

static const struct {
	struct prog prog;
	const u8 *insn[NR_HANDLER];
} handlers[] = {
	{ { handler16_begin, handler16_end }, INSNS(handler16) },
	{ { handler32_begin, handler32_end }, INSNS(handler32) },
	{ { handler64_begin, handler64_end }, INSNS(handler64) },
};

/* Return: the mode that the handlers of @mode run in. */
static enum guest_mode base_mode(int mode)
{
	return mode == MODE_VM86 ? MODE_PAGED32 : mode;
}

static unsigned int handler_of(int mode)
{
	if (mode == MODE_REAL)
		return 0;
	return mode == MODE_LONG ? 2 : 1;
}

u64 handler_at(int mode, unsigned int n)
{
	unsigned int h = handler_of(mode);

	return HANDLER + (u64)(handlers[h].insn[n] - handlers[h].prog.begin);
}

void hard_gate(struct vm *vm, int mode, u8 vector)
{
	vm_gate(vm, base_mode(mode), vector, HANDLER);
}

/* Set segments with base 0, so that addresses are those of real mode. */
static void enter_vm86(struct vcpu *v)
{
	struct kvm_segment seg = {
		.limit = 0xffff, .type = 3, .present = 1, .dpl = 3, .s = 1,
	};
	struct kvm_sregs s;
	struct kvm_regs r;

	get_sregs(v, &s);
	s.cs = s.ds = s.es = s.fs = s.gs = s.ss = seg;
	s.tr.limit = IO_BITMAP + 0x20;
	get_regs(v, &r);
	r.rflags |= RFLAGS_VM | RFLAGS_IOPL3;
	set_regs(v, &r);
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
}

/* Let HLT be the end in VM86 mode too, and allow ports below 0x100. */
static void prepare_vm86(struct vm *vm)
{
	vm->mem[HANDLER + 0x80] = 0xf4;
	vm_gate(vm, MODE_PAGED32, 13, HANDLER + 0x80);
	*GUEST_PTR(vm, GUEST_TSS + 0x66, u16) = IO_BITMAP;
	memset(vm->mem + GUEST_TSS + IO_BITMAP, 0, 0x20);
	vm->mem[GUEST_TSS + IO_BITMAP + 0x20] = 0xff;
}

void hard_prepare(struct vm *vm, const struct setup *setup)
{
	static const u8 vectors[] = { 1, 2, 3, 0x45, 0x80 };
	struct prog handler = handlers[handler_of(setup->mode)].prog;
	unsigned int i;

	memcpy(vm->mem + HANDLER, handler.begin, handler.end - handler.begin);
	for (i = 0; i < ARRAY_SIZE(vectors); i++)
		hard_gate(vm, setup->mode, vectors[i]);
	vm_gate(vm, base_mode(setup->mode), 6, handler_at(setup->mode, NR_COUNT));
	if (setup->mode == MODE_VM86) {
		prepare_vm86(vm);
		enter_vm86(&vm->vcpu[0]);
	}
	if (setup->prepare)
		setup->prepare(vm);
}

bool expect(u64 got, u64 ours, u64 kvm, const char *what, const char *why,
	    const char *file, int line)
{
	if (!on_kvm())
		return tap_check_eq(got, ours, what, file, line);
	if (ours != kvm)
		tap_note("KVM differs: %s", why);
	return tap_check_eq(got, kvm, what, file, line);
}

static unsigned int append(struct test *tests, unsigned int n, const struct test *more,
			   unsigned int nr)
{
	memcpy(tests + n, more, nr * sizeof(*more));
	return n + nr;
}

/* A kernel that checks itself is slow: there, only long mode's steps are run. */
int hard_main(int argc, char **argv)
{
	struct test tests[hard_steps_nr + hard_flags_nr + hard_events_nr + hard_breaks_nr];
	unsigned int i, n = 0;

	for (i = 0; i < hard_steps_nr; i++)
		if (!debug_kernel() || strstr(hard_steps[i].name, "long mode"))
			tests[n++] = hard_steps[i];
	if (n < hard_steps_nr)
		tap_note("left out on this kernel: %u of the steps", hard_steps_nr - n);
	n = append(tests, n, hard_flags, hard_flags_nr);
	n = append(tests, n, hard_events, hard_events_nr);
	n = append(tests, n, hard_breaks, hard_breaks_nr);
	return tap_main(argc, argv, tests, n);
}
