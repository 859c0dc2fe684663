// SPDX-License-Identifier: GPL-2.0-only
/* Runs guests of the hard cases, to their ends or to a stop, and compares runs. */
#include <string.h>

#include "hard.h"

#define MAX_STEPS	300

struct hard_db hard_seen(unsigned int n)
{
	return *(struct hard_db *)(target_vm()->mem + 0xc100 + 32 * n);
}

u32 hard_count(void)
{
	return DATA32(target_vm(), 0);
}

void hard_start(int mode, struct prog prog)
{
	target_start(&(struct setup){ .mode = mode, .prog = prog });
}

void hard_check_stop(struct stop got, u32 what, u64 rip)
{
	bool ok = CHECK_EQ(got.what, what);

	if (!(ok & CHECK_EQ(got.rip, rip)))
		tap_fail("a wrong stop");
}

unsigned int hard_step_to_end(void)
{
	struct stop stop = { 0 };
	unsigned int n;

	for (n = 0; n < MAX_STEPS; n++) {
		stop = target_step(0);
		if (stop.what & (STOP_END | STOP_LOST) ||
		    (stop.what & STOP_STEP &&
		     target_vm()->mem[stop.rip] == 0xf4))
			break;
		if (on_kvm() && stop.what == STOP_DEBUG)
			break;
	}
	return n;
}

struct result {
	u8 data[0x1000];
	bool ended;
};

/* Run the guest to its end. Return: what its data page then holds. */
static struct result result_of(int mode, struct prog prog, void (*prepare)(struct vm *),
			       enum how how)
{
	static struct result r;
	struct stop stop = { 0 };

	target_start(&(struct setup){ .mode = mode, .prog = prog, .prepare = prepare });
	if (how == BESIDE) {
		REQUIRE(target_watch(0xe800, 4, false) >= 0);
		REQUIRE(target_break(0xe900) >= 0);
	}
	if (how == STEPPED)
		hard_step_to_end();
	else
		stop = target_go();
	r.ended = how == STEPPED || stop.what == STOP_END;
	memcpy(r.data, target_vm()->mem + GUEST_DATA, sizeof(r.data));
	target_end();
	return r;
}

bool hard_same_data(int mode, struct prog prog, void (*prepare)(struct vm *), enum how how)
{
	struct result alone = result_of(mode, prog, prepare, ALONE);
	struct result other = result_of(mode, prog, prepare, how);
	unsigned int i;

	REQUIRE(alone.ended);
	if (!other.ended)
		return false;
	for (i = 0; i < sizeof(alone.data); i += 8) {
		u64 a = *(u64 *)(alone.data + i), b = *(u64 *)(other.data + i);

		if (a == b)
			continue;
		tap_note("at %#x: %#llx alone, %#llx debugged", GUEST_DATA + i,
			 (unsigned long long)a, (unsigned long long)b);
		return false;
	}
	return true;
}

void hard_syscall(struct vm *vm, u64 entry)
{
	struct vcpu *v = &vm->vcpu[0];
	struct kvm_sregs s;

	set_msr(v, 0xc0000081, (u64)SEL_CODE64 << 32 | (u64)SEL_USER32 << 48);
	set_msr(v, 0xc0000082, entry);
	get_sregs(v, &s);
	s.efer |= 1;
	CHECK_OK(ioctl(v->fd, KVM_SET_SREGS, &s));
}
