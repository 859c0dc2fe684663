// SPDX-License-Identifier: GPL-2.0-only
/* Writes that signal an eventfd, under a session: a catch hears of each before its device. */
#include <unistd.h>

#include "event_fd.h"
#include "vmm.h"

/* Three rounds of all forms of writes */
GUEST64(bells,
	"cld; mov $3, %ebx; mov $0xd0000010, %edi; mov $0x55, %eax\n"
	"1: bells_mov: mov %eax, (%rdi)\n"
	"bells_add: lock add %eax, 4(%rdi)\n"
	"bells_out: out %al, $0x70\n"
	"mov $0x70, %edx; mov $0xc000, %esi\n"
	"bells_outs: outsb\n"
	"bells_any: mov %ax, 0x10(%rdi)\n"
	"incl 0xc100; dec %ebx; jnz 1b; hlt");
LABEL(bells_mov); LABEL(bells_add); LABEL(bells_out); LABEL(bells_outs); LABEL(bells_any);

#define FORMS	5

static const u8 *const places[FORMS] = {
	bells_mov, bells_add, bells_out, bells_outs, bells_any };

/* One for each form, made before the VMM's process */
static int fds[FORMS];

static void add_bell(struct vm *vm, unsigned int i, u64 addr, u32 len, u32 flags, u64 datamatch)
{
	struct kvm_ioeventfd arg = {
		.addr = addr, .len = len, .flags = flags, .datamatch = datamatch, .fd = fds[i],
	};

	CHECK_OK(ioctl(vm->fd, KVM_IOEVENTFD, &arg));
}

static void add_bells(struct vm *vm)
{
	add_bell(vm, 0, GUEST_MMIO + 0x10, 4, 0, 0);
	add_bell(vm, 1, GUEST_MMIO + 0x14, 4, 0, 0);
	add_bell(vm, 2, 0x70, 1, KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_DATAMATCH, 0x55);
	add_bell(vm, 3, 0x70, 1, KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_DATAMATCH, 0);
	add_bell(vm, 4, GUEST_MMIO + 0x20, 0, 0, 0);
}

static void start(struct dbg *d)
{
	static const struct vmm_options options = { .prepare = add_bells };
	unsigned int i;

	for (i = 0; i < FORMS; i++)
		fds[i] = event_fd(0);
	dbg_start(d, MODE_LONG, PROG(bells), &options);
}

/* Signals since the last call: one of form @i, or none if it is FORMS */
static void signalled_is(unsigned int i, int line)
{
	unsigned int j;

	for (j = 0; j < FORMS; j++)
		if (!tap_check_eq(count_of(fds[j]), i == j, "signals", __FILE__, line))
			tap_note("form %u, expected %u", j, i);
}

#define SIGNALLED(i)	signalled_is(i, __LINE__)

static u32 add_catch(struct dbg *d, u32 type, u64 first, u64 last, u32 action)
{
	struct vmxdbg_options options = { .action = action };
	struct vmxdbg_catch c = {
		.type = type, .first = first, .last = last, .flags = VMXDBG_CATCH_WRITE,
		.options = (u64)&options,
	};

	CHECK_OK(ioctl(d->fd, VMXDBG_ADD_CATCH, &c));
	return c.id;
}

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

static u32 catch_memory(struct dbg *d, u32 action)
{
	return add_catch(d, VMXDBG_CATCH_MMIO, GUEST_MMIO, GUEST_MMIO + 0xff, action);
}

static u32 catch_port(struct dbg *d, u32 action)
{
	return add_catch(d, VMXDBG_CATCH_IO, 0x70, 0x70, action);
}

/* The VMM has heard of nothing but the reads of ADD. */
static void at_the_end(struct dbg *d)
{
	dbg_finish(d);
	CHECK_EQ(DATA32(&d->vmm.vm, 0x40), 3);
	CHECK_EQ(d->vmm.shared->vcpu[0].outs, 0);
	CHECK_EQ(d->vmm.shared->vcpu[0].mmios, 3);
}

static void caught_before_they_signal(void)
{
	unsigned int round, i, last = FORMS;
	struct dbg d;
	u32 memory, port;

	start(&d);
	memory = catch_memory(&d, VMXDBG_ACTION_STOP);
	port = catch_port(&d, VMXDBG_ACTION_STOP);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < FORMS; i++) {
			resume_to(&d, VMXDBG_WHY_CATCH, AT(bells, places[i]));
			SIGNALLED(last);
			last = i;
			if (round != 2)
				continue;
			CHECK(dbg_step(&d, 0) > AT(bells, places[i]));
			SIGNALLED(i);
			last = FORMS;
		}
	}
	CHECK_EQ(hits_of(&d, memory), 3 * 3);
	CHECK_EQ(hits_of(&d, port), 3 * 2);
	at_the_end(&d);
	SIGNALLED(FORMS);
}

static void counted_and_signalled(void)
{
	unsigned int i;
	struct dbg d;
	u32 memory, port;

	start(&d);
	memory = catch_memory(&d, VMXDBG_ACTION_COUNT);
	port = catch_port(&d, VMXDBG_ACTION_COUNT);
	at_the_end(&d);
	CHECK_EQ(hits_of(&d, memory), 3 * 3);
	CHECK_EQ(hits_of(&d, port), 3 * 2);
	for (i = 0; i < FORMS; i++)
		CHECK_EQ(count_of(fds[i]), 3);
}

/* Breakpoints at the writes, whose pages are then hooked. */
static void breakpoints_before_they_signal(void)
{
	unsigned int round, i, last = FORMS;
	struct dbg d;

	start(&d);
	for (i = 0; i < FORMS; i++)
		CHECK(session_add(d.fd, VMXDBG_BP_SOFT, AT(bells, places[i]), 1) > 0);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < FORMS; i++) {
			resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(bells, places[i]));
			SIGNALLED(last);
			last = i;
		}
	}
	at_the_end(&d);
	SIGNALLED(FORMS - 1);
}

/* Return: the form at @rip, or FORMS. */
static unsigned int form_at(u64 rip)
{
	unsigned int i;

	for (i = 0; i < FORMS && rip != AT(bells, places[i]); i++)
		;
	return i;
}

static void each_step_signals_once(void)
{
	u64 rip = GUEST_CODE, next;
	struct dbg d;

	start(&d);
	while (DATA32(&d.vmm.vm, 0x40) < 3) {
		next = dbg_step(&d, 0);
		REQUIRE(next != rip);
		SIGNALLED(form_at(rip));
		rip = next;
	}
	at_the_end(&d);
}

/* After the session has gone, nothing stops. */
static void signals_after_a_session(void)
{
	unsigned int i;
	struct dbg d;

	start(&d);
	catch_memory(&d, VMXDBG_ACTION_STOP);
	catch_port(&d, VMXDBG_ACTION_STOP);
	resume_to(&d, VMXDBG_WHY_CATCH, AT(bells, bells_mov));
	close(d.fd);
	vmm_wait_done(&d.vmm);
	CHECK_EQ(DATA32(&d.vmm.vm, 0x40), 3);
	for (i = 0; i < FORMS; i++)
		CHECK_EQ(count_of(fds[i]), 3);
}

static const struct test tests[] = {
	TEST(caught_before_they_signal),
	TEST(counted_and_signalled),
	TEST(breakpoints_before_they_signal),
	TEST(each_step_signals_once),
	TEST(signals_after_a_session),
};

TAP_MAIN(tests)
