// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breakpoints at which the guest shall not stop: how a debugger handles them
 * with KVM alone, as fast as possible, and with an object of a session. Each
 * operation is a hundred hits, from the int3 to the instruction after it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>
#include <vmxdbg.h>

#include "../kunit/bytecode_code.h"
#include "bench.h"

#define NEVER		0x1234	/* RAX never has this value */
#define RING_SIZE	65536

/* @here: the instruction with the breakpoint; @undo: reverses its effect */
#define GUEST_HITS(name, here, undo)					\
	GUEST64(name, "xor %eax, %eax\n"				\
		"1: mov $100, %ecx\n"					\
		#name "_here: " here "\n" undo "\n"			\
		"dec %ecx; jnz " #name "_here\n"			\
		"out %al, $0x10; jmp 1b");				\
	LABEL(name##_here)

GUEST_HITS(on_nop, "nop", "");
GUEST_HITS(on_push, "push %rbp", "pop %rbp");
GUEST_HITS(on_memory, "incl 0xc000", "");

static const struct place {
	struct prog prog;
	const u8 *here;
	const char *if_false;	/* name of the measurement */
} on[] = {
	{ { on_nop_begin, on_nop_end }, on_nop_here, "false_condition_x100" },
	{ { on_push_begin, on_push_end }, on_push_here, "false_on_push_x100" },
	{ { on_memory_begin, on_memory_end }, on_memory_here, "false_on_memory_x100" },
}, *place;

static void expect(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "hits: %s\n", what);
	exit(1);
}

/* ---- with KVM alone ---- */

static void set_debug(struct vcpu *v, u32 control)
{
	struct kvm_guest_debug dbg = { .control = KVM_GUESTDBG_ENABLE | control };

	must(ioctl(v->fd, KVM_SET_GUEST_DEBUG, &dbg), "KVM_SET_GUEST_DEBUG");
}

static u8 *place_of(struct vcpu *v)
{
	return v->vm->mem + GUEST_CODE + (place->here - place->prog.begin);
}

static void step_over(struct vcpu *v)
{
	*place_of(v) = *place->here;
	set_debug(v, KVM_GUESTDBG_SINGLESTEP);
	run(v);
	*place_of(v) = 0xcc;
	set_debug(v, KVM_GUESTDBG_USE_SW_BP);
}

/* KVM_RUN copies the registers to run->s.regs, so no KVM_GET_REGS is needed. */
static void kvm_false(struct vcpu *v)
{
	for (run(v); v->run->exit_reason == KVM_EXIT_DEBUG; run(v)) {
		expect(v->run->s.regs.regs.rax != NEVER, "the condition is true");
		step_over(v);
	}
	expect(v->run->exit_reason == KVM_EXIT_IO, "not a hit");
}

static struct {
	u64 tsc;
	struct kvm_regs regs;
	u64 memory;
} records[100];

static void kvm_recorded(struct vcpu *v)
{
	unsigned int n = 0;

	for (run(v); v->run->exit_reason == KVM_EXIT_DEBUG; run(v)) {
		expect(n < ARRAY_SIZE(records), "too many hits");
		records[n].tsc = __rdtsc();
		records[n].regs = v->run->s.regs.regs;
		memcpy(&records[n++].memory, v->vm->mem + GUEST_DATA, sizeof(u64));
		step_over(v);
	}
	expect(n == ARRAY_SIZE(records), "too few hits");
}

static void with_kvm(struct vcpu *v)
{
	v->run->kvm_valid_regs = KVM_SYNC_X86_REGS;
	*place_of(v) = 0xcc;
	set_debug(v, KVM_GUESTDBG_USE_SW_BP);
	measure(place->if_false, v, kvm_false);
	if (place == on)
		measure("recorded_hit_x100", v, kvm_recorded);
}

/* ---- with a session ---- */

static const u8 is_never[] = { REG(0), CONST16(NEVER), EQUAL, END };
static const u8 one_word[] = { CONST16(GUEST_DATA), TRACE_QUICK(8), END };

static int attach(struct vcpu *v)
{
	struct vmxdbg_attach arg = { .flags = VMXDBG_ATTACH_FD, .target = v->vm->fd };
	int session = ioctl(v->vm->dev, VMXDBG_ATTACH, &arg);

	must(session, "VMXDBG_ATTACH");
	return session;
}

static u32 add(int session, struct vmxdbg_options options)
{
	struct vmxdbg_stop stop = { .vcpu = 0 };
	struct vmxdbg_resume resume = { .vcpu = 0 };
	struct vmxdbg_bp bp = {
		.type = VMXDBG_BP_SOFT, .len = 1, .addr = GUEST_CODE + (place->here - place->prog.begin),
		.options = (unsigned long)&options,
	};

	must(ioctl(session, VMXDBG_STOP, &stop), "VMXDBG_STOP");
	must(ioctl(session, VMXDBG_ADD_BP, &bp), "VMXDBG_ADD_BP");
	must(ioctl(session, VMXDBG_RESUME, &resume), "VMXDBG_RESUME");
	return bp.id;
}

static u64 hits_of(int session, u32 id)
{
	struct vmxdbg_object object = { .id = id };

	must(ioctl(session, VMXDBG_GET_OBJECT, &object), "VMXDBG_GET_OBJECT");
	return object.hits;
}

static volatile struct vmxdbg_ring *ring;

static void run_and_read(struct vcpu *v)
{
	run(v);
	ring->tail = ring->head;
}

static void record(struct vcpu *v, int session)
{
	struct vmxdbg_set_ring arg = { .size = RING_SIZE };
	u32 id;

	if (!wanted("recorded_hit_x100"))
		return;
	must(ioctl(session, VMXDBG_SET_RING, &arg), "VMXDBG_SET_RING");
	ring = mmap(NULL, 4096 + RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, session, 0);
	expect(ring != MAP_FAILED, "no ring");
	id = add(session, (struct vmxdbg_options){
		.action = VMXDBG_ACTION_RECORD, .record_flags = VMXDBG_RECORD_GENERAL,
		.record = (unsigned long)one_word, .record_len = sizeof(one_word) });
	measure("recorded_hit_x100", v, run_and_read);
	expect(hits_of(session, id) && !ring->lost, "not recorded");
	munmap((void *)ring, 4096 + RING_SIZE);
}

static void with_session(struct vcpu *v)
{
	int session = attach(v);
	u32 id;

	id = add(session, (struct vmxdbg_options){ .cond = (unsigned long)is_never,
						   .cond_len = sizeof(is_never) });
	measure(place->if_false, v, run);
	expect(!hits_of(session, id), "the condition is true");
	must(ioctl(session, VMXDBG_DEL_BP, id), "VMXDBG_DEL_BP");
	if (place == on)
		record(v, session);
	close(session);
}

void hits_that_go_on(void)
{
	struct vm vm;
	struct vcpu *v;

	for (place = on; place < on + ARRAY_SIZE(on); place++) {
		v = guest_make(&vm, MODE_LONG, place->prog);
		if (on_kvm())
			with_kvm(v);
		else
			with_session(v);
		vm_destroy(&vm);
	}
}
