// SPDX-License-Identifier: GPL-2.0-only
/* Guests that do rounds while the host works on their memory. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rounds.h"

static void *run_rounds(void *arg)
{
	struct rounds_thread *t = arg;
	struct rounds *r = t->r;

	for (;;) {
		t->last = vcpu_run(t->v);
		if (t->last == -EFAULT) {
			t->faults++;
			usleep(100);
		} else if (t->last == KVM_EXIT_IO) {
			t->rounds++;
			for (t->held = r->hold; r->hold;)
				usleep(100);
			*(u8 *)vcpu_io_data(t->v) = !r->stop;
		} else if (t->last == KVM_EXIT_MMIO) {
			t->mmios++;
		} else {
			return NULL;
		}
	}
}

void rounds_make(struct rounds *r, struct prog prog, u64 gpa)
{
	unsigned int i;

	guest_make(&r->vm, MODE_LONG, prog);
	r->mem = area(AREA);
	add_slot(&r->vm, 1, 0, gpa, AREA, r->mem);
	for (i = 1; i < r->vcpus; i++)
		guest_add_vcpu(&r->vm, i, MODE_LONG, GUEST_CODE);
}

void rounds_go(struct rounds *r)
{
	unsigned int i;

	for (i = 0; i < r->vcpus; i++) {
		struct rounds_thread *t = &r->thread[i];

		t->r = r;
		t->v = &r->vm.vcpu[i];
		CHECK_OK(pthread_create(&t->id, NULL, run_rounds, t));
	}
}

void rounds_more(struct rounds *r, u32 more)
{
	unsigned int i;

	for (i = 0; i < r->vcpus; i++) {
		u32 until = r->thread[i].rounds + more;

		while (r->thread[i].rounds < until)
			usleep(100);
	}
}

void rounds_hold(struct rounds *r)
{
	unsigned int i;

	for (i = 0; i < r->vcpus; i++)
		r->thread[i].held = false;
	r->hold = true;
	for (i = 0; i < r->vcpus; i++)
		while (!r->thread[i].held)
			usleep(100);
}

void rounds_let_go(struct rounds *r)
{
	r->hold = false;
}

void rounds_join(struct rounds *r)
{
	unsigned int i;

	for (i = 0; i < r->vcpus; i++) {
		pthread_join(r->thread[i].id, NULL);
		CHECK_EQ(r->thread[i].last, KVM_EXIT_HLT);
	}
}

void rounds_stop(struct rounds *r)
{
	rounds_more(r, 2);
	r->stop = true;
	rounds_join(r);
}

u64 rounds_done(const struct rounds *r)
{
	unsigned int i;
	u64 all = 0;

	for (i = 0; i < r->vcpus; i++)
		all += r->thread[i].rounds;
	return all;
}

u32 rounds_faults(const struct rounds *r)
{
	unsigned int i;
	u32 all = 0;

	for (i = 0; i < r->vcpus; i++)
		all += r->thread[i].faults;
	return all;
}

u32 rounds_mmios(const struct rounds *r)
{
	unsigned int i;
	u32 all = 0;

	for (i = 0; i < r->vcpus; i++)
		all += r->thread[i].mmios;
	return all;
}

void rounds_wait_faults(const struct rounds *r, u32 before)
{
	while (rounds_faults(r) < before + 3)
		usleep(100);
}

u64 rounds_sum(const struct rounds *r)
{
	size_t at;
	u64 all = 0;

	for (at = 0; at < AREA; at += r->stride)
		all += *(volatile u32 *)(r->mem + at);
	return all;
}

void rounds_collapse_and_split(struct rounds *r)
{
	if (madvise(r->mem, AREA, MADV_COLLAPSE))
		tap_note("not collapsed: %s", strerror(errno));
	rounds_more(r, 2);
	CHECK_OK(mprotect(r->mem + AREA / 2, PAGE, PROT_READ));
	CHECK_OK(mprotect(r->mem + AREA / 2, PAGE, PROT_READ | PROT_WRITE));
}

/*
 * Swap out pages of a guest that is held, which must succeed, and then of one that
 * runs.
 */
void rounds_swap_out(struct rounds *r)
{
	unsigned int i;

	swap_on();
	rounds_hold(r);
	CHECK(page_out(r->mem, AREA));
	rounds_let_go(r);
	for (i = 0; i < 3; i++)
		CHECK_OK(madvise(r->mem, AREA, MADV_PAGEOUT));
}

/* Fork. The child's memory must not change any more. */
void rounds_fork(struct rounds *r)
{
	int status;
	u64 before;
	pid_t pid = fork();

	if (!pid) {
		before = rounds_sum(r);
		usleep(3000);
		_exit(rounds_sum(r) != before);
	}
	rounds_more(r, 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/*
 * Make the memory read-only for a while. Instructions that write fail, also those
 * that the module emulates, and are repeated.
 */
void rounds_protect(struct rounds *r)
{
	u32 faults = rounds_faults(r);
	u64 before;

	CHECK_OK(mprotect(r->mem, AREA, PROT_READ));
	before = rounds_sum(r);
	rounds_wait_faults(r, faults);
	CHECK_EQ(rounds_sum(r), before);
	CHECK_OK(mprotect(r->mem, AREA, PROT_READ | PROT_WRITE));
}

/*
 * Move the memory away and back: for the guest munmap(), then new memory with the
 * same bytes.
 */
void rounds_move_away_and_back(struct rounds *r)
{
	u32 faults = rounds_faults(r), first;
	u8 *there = area(AREA);

	REQUIRE(mremap(r->mem, AREA, AREA, MREMAP_MAYMOVE | MREMAP_FIXED, there) == there);
	first = *(volatile u32 *)there;
	rounds_wait_faults(r, faults);
	CHECK_EQ(*(volatile u32 *)there, first);
	REQUIRE(mremap(there, AREA, AREA, MREMAP_MAYMOVE | MREMAP_FIXED, r->mem) == r->mem);
}

void rounds_compact(struct rounds *r)
{
	(void)r;
	if (!write_text("/proc/sys/vm/compact_memory", "1"))
		tap_skip("no compaction");
}
