// SPDX-License-Identifier: GPL-2.0-only
/* The hard cases with several vCPUs: simultaneous hits, none lost, none doubled. */
#include <string.h>

#include "vmm.h"

#define VCPUS	4
#define ROUNDS	20

/* all vCPUs write to one word, ROUNDS times each */
GUEST64(share, "mov $20, %ecx\nshare_1: lock incl 0xc040\nshare_2: incl 0xc080(, %rdi, 8)\n"
	"loop share_1\nhlt");
LABEL(share_1); LABEL(share_2);

/*
 * Count hits until no more come. Every event must be of this kind and at this place.
 * The vCPU is then resumed, by its number or with all others.
 */
static void count_hits(struct dbg *d, u32 why, u64 rip, bool resume_all, u32 hits[VCPUS])
{
	struct vmxdbg_event e;
	unsigned int n;

	CHECK_OK(session_resume(d->fd, VMXDBG_ALL_VCPUS, 0));
	for (n = 0; n < VCPUS * ROUNDS; n++) {
		e = next_event(d->fd);
		CHECK_EQ(e.why, why);
		CHECK_EQ(e.rip, rip);
		REQUIRE(e.vcpu < VCPUS);
		/* the vCPU has executed the instruction once for each earlier hit */
		CHECK_EQ(DATA64(&d->vmm.vm, 16 + e.vcpu), hits[e.vcpu]);
		hits[e.vcpu]++;
		CHECK_OK(session_resume(d->fd, resume_all ? VMXDBG_ALL_VCPUS : e.vcpu, 0));
	}
	CHECK(!event_within(d->fd, 50, &e));
	vmm_wait_done(&d->vmm);
}

static void hits_of(u32 type, u64 addr, u64 len, u32 why, u64 rip, bool resume_all)
{
	u32 hits[VCPUS] = { 0 };
	struct dbg d;
	unsigned int i;

	dbg_start(&d, MODE_LONG, PROG(share), &(struct vmm_options){ .vcpus = VCPUS });
	REQUIRE(session_add(d.fd, type, addr, len) > 0);
	count_hits(&d, why, rip, resume_all, hits);
	for (i = 0; i < VCPUS; i++)
		CHECK_EQ(hits[i], ROUNDS);
	CHECK_EQ(DATA32(&d.vmm.vm, 16), VCPUS * ROUNDS);
}

static void watchpoint_on_all_vcpus(void)
{
	hits_of(VMXDBG_BP_WRITE, 0xc040, 4, VMXDBG_WHY_WATCH, AT(share, share_2), false);
}

static void watchpoint_and_resume_all(void)
{
	hits_of(VMXDBG_BP_WRITE, 0xc040, 4, VMXDBG_WHY_WATCH, AT(share, share_2), true);
}

static void hook_and_resume_all(void)
{
	hits_of(VMXDBG_BP_SOFT, AT(share, share_2), 1, VMXDBG_WHY_BREAKPOINT,
		AT(share, share_2), true);
}

static void execute_breakpoint_and_resume_all(void)
{
	hits_of(VMXDBG_BP_HARD, AT(share, share_2), 1, VMXDBG_WHY_BREAKPOINT,
		AT(share, share_2), true);
}

/* one vCPU steps over the breakpoint, again and again, while the others hit it */
static void step_over_while_others_hit(void)
{
	u32 hits[VCPUS] = { 0 };
	struct vmxdbg_event e;
	unsigned int i, left = VCPUS * ROUNDS;
	struct dbg d;

	dbg_start(&d, MODE_LONG, PROG(share), &(struct vmm_options){ .vcpus = VCPUS });
	REQUIRE(session_add(d.fd, VMXDBG_BP_SOFT, AT(share, share_2), 1) > 0);
	CHECK_OK(session_resume(d.fd, VMXDBG_ALL_VCPUS, 0));
	while (left) {
		e = next_event(d.fd);
		REQUIRE(e.vcpu < VCPUS);
		if (e.why & VMXDBG_WHY_BREAKPOINT) {
			CHECK_EQ(e.rip, AT(share, share_2));
			hits[e.vcpu]++;
			left--;
			CHECK_OK(session_resume(d.fd, e.vcpu, VMXDBG_RESUME_STEP));
			if (left)
				continue;
			e = next_event(d.fd);
		}
		CHECK_EQ(e.why, VMXDBG_WHY_STEP);
		CHECK_OK(session_resume(d.fd, e.vcpu, 0));
	}
	while (event_within(d.fd, 50, &e))
		CHECK_OK(session_resume(d.fd, e.vcpu, 0));
	vmm_wait_done(&d.vmm);
	for (i = 0; i < VCPUS; i++)
		CHECK_EQ(hits[i], ROUNDS);
}

#define ROW(row, what, fn) { "hard case " #row ": " what, fn, 30, NULL, NULL }
static const struct test tests[] = {
	ROW(23, "others hit while one steps over", step_over_while_others_hit),
	ROW(24, "a watchpoint on four vCPUs at once", watchpoint_on_all_vcpus),
	ROW(25, "a watchpoint hit while all are resumed", watchpoint_and_resume_all),
	ROW(25, "a hook hit while all are resumed", hook_and_resume_all),
	ROW(25, "an execute breakpoint hit while all are resumed",
	    execute_breakpoint_and_resume_all),
};

TAP_MAIN(tests)
