// SPDX-License-Identifier: GPL-2.0-only
/* Features of all objects: hit counts, ignore counts, actions, filters. */
#include <string.h>

#include "vmm.h"

/* 0xc000 counts the rounds */
GUEST64(rounds,
	"mov $10, %ebx\n"
	"rounds_here: incl 0xc000\n"
	"rounds_next: dec %ebx; jnz rounds_here\n"
	"hlt");
GUEST64(to_user,
	"mov $3, %ebx\n"
	"1: call to_user_here; dec %ebx; jnz 1b\n"
	"push $0x33; push $0xe000; push $0x2; push $0x3b\n"
	"push $" GADDR(to_user, to_user_cpl3) "\n"
	"iretq\n"
	"to_user_cpl3: mov $4, %ebx\n"
	"2: call to_user_here; dec %ebx; jnz 2b\n"
	"3: pause; jmp 3b\n"
	"to_user_here: incl 0xc000; ret");
LABEL(rounds_here); LABEL(rounds_next); LABEL(to_user_here); LABEL(to_user_cpl3);

static u64 hits_of(struct dbg *d, u32 id)
{
	struct vmxdbg_object o = { .id = id };

	CHECK_OK(ioctl(d->fd, VMXDBG_GET_OBJECT, &o));
	return o.hits;
}

static long add(struct dbg *d, u64 addr, struct vmxdbg_options options)
{
	return session_add_bp(d->fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = addr, .len = 1, .options = (u64)&options });
}

static u32 must_add(struct dbg *d, u64 addr, struct vmxdbg_options options)
{
	long id = add(d, addr, options);

	if (id <= 0)
		tap_fail("VMXDBG_ADD_BP: %s", strerror(-id));
	return id;
}

static void counting_does_not_stop(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = must_add(&d, AT(rounds, rounds_here),
		      (struct vmxdbg_options){ .action = VMXDBG_ACTION_COUNT });
	CHECK_EQ(hits_of(&d, id), 0);
	dbg_finish(&d);
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 10);
	CHECK_EQ(hits_of(&d, id), 10);
}

static void ignore_count_skips_hits(void)
{
	struct dbg d;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = must_add(&d, AT(rounds, rounds_here), (struct vmxdbg_options){ .ignore = 7 });
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(rounds, rounds_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 7);
	CHECK_EQ(hits_of(&d, id), 8);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(rounds, rounds_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 8);
	CHECK_OK(ioctl(d.fd, VMXDBG_DEL_BP, id));
	dbg_finish(&d);
}

static void cpl_filter(void)
{
	struct dbg d;
	u32 kernel, user, both;

	dbg_start(&d, MODE_LONG, PROG(to_user), NULL);
	kernel = must_add(&d, AT(to_user, to_user_here), (struct vmxdbg_options){
		.action = VMXDBG_ACTION_COUNT, .cpl_mask = 1 << 0 });
	user = must_add(&d, AT(to_user, to_user_here), (struct vmxdbg_options){
		.action = VMXDBG_ACTION_COUNT, .cpl_mask = 1 << 3 });
	both = must_add(&d, AT(to_user, to_user_here), (struct vmxdbg_options){
		.action = VMXDBG_ACTION_COUNT });
	CHECK_OK(session_resume(d.fd, 0, 0));
	CHECK(wait_for(GUEST_PTR(&d.vmm.vm, 0xc000, u32), 7));
	CHECK_OK(session_stop(d.fd, 0));
	CHECK_EQ(hits_of(&d, kernel), 3);
	CHECK_EQ(hits_of(&d, user), 4);
	CHECK_EQ(hits_of(&d, both), 7);
}

/* one object stops and one counts at the same place: each gets the hit */
static void two_at_one_place(void)
{
	struct dbg d;
	unsigned int i;
	u32 id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = must_add(&d, AT(rounds, rounds_here),
		      (struct vmxdbg_options){ .action = VMXDBG_ACTION_COUNT });
	must_add(&d, AT(rounds, rounds_here), (struct vmxdbg_options){ 0 });
	for (i = 1; i <= 5; i++) {
		resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(rounds, rounds_here));
		CHECK_EQ(hits_of(&d, id), i);
	}
}

/* an ignore count on an object in a debug register */
static void ignore_count_in_a_debug_register(void)
{
	struct vmxdbg_options options = { .ignore = 4 };
	struct dbg d;
	long id;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	id = session_add_bp(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_HARD, .addr = AT(rounds, rounds_here), .len = 1,
		.options = (u64)&options });
	REQUIRE(id > 0);
	resume_to(&d, VMXDBG_WHY_BREAKPOINT, AT(rounds, rounds_here));
	CHECK_EQ(DATA32(&d.vmm.vm, 0), 4);
	CHECK_EQ(hits_of(&d, id), 5);
}

/*
 * One instruction hits a debug register, an int3 and a watchpoint by EPT, in each
 * combination of stopping and counting.
 */
static void three_by_one_instruction(unsigned int stops)
{
	struct vmxdbg_options options[3];
	struct vmxdbg_bp bp[3] = {
		{ .type = VMXDBG_BP_HARD, .addr = AT(rounds, rounds_here), .len = 1 },
		{ .type = VMXDBG_BP_SOFT, .addr = AT(rounds, rounds_here), .len = 1 },
		{ .type = VMXDBG_BP_WRITE, .addr = 0xc000, .len = 4,
		  .flags = VMXDBG_BP_PHYSICAL },
	};
	struct vmxdbg_event e;
	struct dbg d;
	long id[3];
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	for (i = 0; i < 3; i++) {
		options[i] = (struct vmxdbg_options){
			.action = stops & 1 << i ? VMXDBG_ACTION_STOP : VMXDBG_ACTION_COUNT };
		bp[i].options = (u64)&options[i];
		id[i] = session_add_bp(d.fd, bp[i]);
		REQUIRE(id[i] > 0);
	}
	CHECK_OK(session_resume(d.fd, 0, 0));
	for (i = !!(stops & 3) * 10 + !!(stops & 4) * 10; i; i--) {
		e = next_event(d.fd);
		CHECK_EQ(e.rip, e.why == VMXDBG_WHY_WATCH ? AT(rounds, rounds_next) :
							    AT(rounds, rounds_here));
		CHECK_OK(session_resume(d.fd, 0, 0));
	}
	vmm_wait_done(&d.vmm);
	for (i = 0; i < 3; i++)
		CHECK_EQ(hits_of(&d, id[i]), 10);
	vmm_kill(&d.vmm);
}

static void three_kinds_at_one_place(void)
{
	unsigned int stops;

	for (stops = 0; stops < 8; stops++) {
		tap_note("those that stop: %u", stops);
		three_by_one_instruction(stops);
	}
}

static const struct vmxdbg_options bad[] = {
	{ .action = VMXDBG_ACTION_RECORD + 1 },
	{ .cpl_mask = 0x10 },
	{ .cond_len = VMXDBG_CODE_MAX + 1 },
	{ .action = VMXDBG_ACTION_RECORD, .record_len = VMXDBG_CODE_MAX + 1 },
	{ .record_len = 1 },
	{ .record_flags = VMXDBG_RECORD_GENERAL },
	{ .action = VMXDBG_ACTION_RECORD, .record_flags = 2 },
	{ .vcpu_set = 1 },			/* without words */
	{ .vcpu_words = VMXDBG_VCPU_WORDS + 1 },
	{ .reserved = { 1 } },
	{ .reserved = { 0, 0, 1 } },
};

static void bad_options(void)
{
	struct vmxdbg_object o = { .id = 77 };
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(rounds), NULL);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tap_note("options %u", i);
		CHECK_EQ(add(&d, AT(rounds, rounds_here), bad[i]), -EINVAL);
	}
	CHECK_EQ(session_add_bp(d.fd, (struct vmxdbg_bp){
		.type = VMXDBG_BP_SOFT, .addr = AT(rounds, rounds_here), .len = 1,
		.options = (u64)bad_pointer() }), -EFAULT);
	CHECK_ERR(ioctl(d.fd, VMXDBG_GET_OBJECT, &o), ENOENT);
	CHECK_ERR(ioctl(d.fd, VMXDBG_GET_OBJECT, bad_pointer()), EFAULT);
	o.vcpu_set = 1;
	CHECK_ERR(ioctl(d.fd, VMXDBG_GET_OBJECT, &o), EINVAL);
	dbg_finish(&d);
}

static const struct test tests[] = {
	TEST(counting_does_not_stop),
	TEST(ignore_count_skips_hits),
	TEST(cpl_filter),
	TEST(two_at_one_place),
	TEST(ignore_count_in_a_debug_register),
	TEST_SLOW(three_kinds_at_one_place, 30),
	TEST(bad_options),
};

TAP_MAIN(tests)
