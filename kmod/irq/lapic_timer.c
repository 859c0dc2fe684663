// SPDX-License-Identifier: GPL-2.0-only
/*
 * The timer of a local APIC. It counts in the VM's time by a timer of the host, which stands
 * still while that time is held. A tick of the guest's bus is vm->bus_tick_ns.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/spinlock.h>
#include <asm/apicdef.h>

#include "irq/lapic_accept.h"
#include "irq/lapic_regs.h"
#include "irq/lapic_timer.h"
#include "irq/vm_time.h"
#include "lib/compat.h"
#include "vcpu.h"
#include "vm.h"

/* A shorter period would keep the host busy with interrupts; as in KVM. */
#define MIN_PERIOD_NS	(200 * NSEC_PER_USEC)

#define FAR_SECONDS	(365 * 24 * 3600)

static u8 timer_mode(const struct lapic *lapic)
{
	return LVTT_MODE(lapic_reg(lapic, APIC_LVTT));
}

/* Return: log2 of the divisor (SDM vol. 3, figure 11-10). */
static u8 divide_shift(u32 tdcr)
{
	return (((tdcr & 3) | (tdcr & 8) >> 1) + 1) & 7;
}

/* Hard interrupt */
static enum hrtimer_restart timer_fires(struct hrtimer *timer)
{
	struct lapic *lapic = container_of(timer, struct lapic, timer.timer);
	u8 mode = timer_mode(lapic);

	lapic_local(lapic->vcpu, APIC_LVTT);
	if (mode == LVTT_PERIODIC && lapic->timer.period) {
		/* The vCPU may be about to limit the period. */
		hrtimer_forward_now(timer, ns_to_ktime(max_t(u64, lapic->timer.period,
							     MIN_PERIOD_NS)));
		lapic->timer.target = hrtimer_get_expires(timer);
		return HRTIMER_RESTART;
	}
	if (mode == LVTT_DEADLINE)
		WRITE_ONCE(lapic->timer.deadline, 0);
	WRITE_ONCE(lapic->timer.on, false);
	return HRTIMER_NORESTART;
}

void lapic_timer_init(struct lapic *lapic)
{
	compat_hrtimer_setup(&lapic->timer.timer, timer_fires, CLOCK_MONOTONIC,
			     HRTIMER_MODE_ABS_HARD);
}

void lapic_timer_stop(struct lapic *lapic)
{
	struct vm *vm = lapic->vcpu->vm;

	/* The lock keeps it from being started again as the VM's time goes on. */
	spin_lock(&vm->dbg_lock);
	hrtimer_cancel(&lapic->timer.timer);
	lapic->timer.on = false;
	spin_unlock(&vm->dbg_lock);
}

/* Let it expire in @ns of the VM's time. */
static void lapic_timer_arm(struct lapic *lapic, u64 ns)
{
	struct vm *vm = lapic->vcpu->vm;
	struct lapic_timer *t = &lapic->timer;

	spin_lock(&vm->dbg_lock);
	t->on = true;
	if (vm->time.held) {
		t->target = ns_to_ktime(ns);
	} else {
		t->target = ktime_add_ns(ktime_get(), ns);
		hrtimer_start(&t->timer, t->target, HRTIMER_MODE_ABS_HARD);
	}
	spin_unlock(&vm->dbg_lock);
}

/* Return: ns until it expires, which may be negative. */
static s64 time_left(struct lapic *lapic)
{
	struct vm *vm = lapic->vcpu->vm;
	s64 left = 0;

	spin_lock(&vm->dbg_lock);
	if (READ_ONCE(lapic->timer.on)) {
		left = ktime_to_ns(lapic->timer.target);
		if (!vm->time.held)
			left -= ktime_to_ns(ktime_get());
	}
	spin_unlock(&vm->dbg_lock);
	return left;
}

static u64 count_to_ns(const struct lapic *lapic, u32 count)
{
	u64 ticks = (u64)count << divide_shift(lapic_reg(lapic, APIC_TDCR));

	return ticks * lapic->vcpu->vm->bus_tick_ns;
}

static void limit_period(struct lapic *lapic)
{
	if (timer_mode(lapic) == LVTT_PERIODIC && lapic->timer.period)
		lapic->timer.period = max_t(u64, lapic->timer.period, MIN_PERIOD_NS);
}

void lapic_timer_start(struct lapic *lapic, u32 count)
{
	u64 ns = count_to_ns(lapic, count);

	lapic_timer_stop(lapic);
	lapic->timer.period = count_to_ns(lapic, lapic_reg(lapic, APIC_TMICT));
	if (!ns || !lapic->timer.period)
		return;
	limit_period(lapic);
	/* A restored timer has less left than its period. */
	lapic_timer_arm(lapic, min(ns, lapic->timer.period));
}

/*
 * As KVM, for VMMs that do not save TMCCT: with 0, a periodic timer begins a period, and a
 * one-shot expires.
 */
void lapic_timer_restore(struct lapic *lapic, u32 count)
{
	lapic_timer_start(lapic, count);
	if (count || !lapic->timer.period)
		return;
	limit_period(lapic);
	lapic_timer_arm(lapic, timer_mode(lapic) == LVTT_PERIODIC ? lapic->timer.period : 0);
}

void lapic_timer_divide(struct lapic *lapic, u32 old)
{
	u8 from = divide_shift(old), to = divide_shift(lapic_reg(lapic, APIC_TDCR));
	s64 left;

	if (from == to || !lapic->timer.period)
		return;
	left = max_t(s64, time_left(lapic), 0);
	lapic->timer.period = count_to_ns(lapic, lapic_reg(lapic, APIC_TMICT));
	limit_period(lapic);
	if (!lapic->timer.on)
		return;
	lapic_timer_stop(lapic);
	lapic_timer_arm(lapic, (u64)left >> from << to);
}

void lapic_timer_mode(struct lapic *lapic, u32 old)
{
	u8 mode = timer_mode(lapic);

	if (mode == LVTT_MODE(old))
		return;
	if (mode == LVTT_DEADLINE || LVTT_MODE(old) == LVTT_DEADLINE) {
		lapic_timer_stop(lapic);
		lapic_set_reg(lapic, APIC_TMICT, 0);
		lapic->timer.period = 0;
		lapic->timer.deadline = 0;
	}
	limit_period(lapic);
}

u32 lapic_timer_count(struct lapic *lapic)
{
	u64 rest;
	s64 left;

	if (timer_mode(lapic) == LVTT_DEADLINE || !lapic->timer.period)
		return 0;
	left = time_left(lapic);
	if (left <= 0)
		return 0;
	div64_u64_rem(left, lapic->timer.period, &rest);
	rest = div_u64(rest, lapic->vcpu->vm->bus_tick_ns);
	return rest >> divide_shift(lapic_reg(lapic, APIC_TDCR));
}

u64 lapic_timer_deadline(const struct lapic *lapic)
{
	if (!lapic_is_on(lapic->vcpu) || timer_mode(lapic) != LVTT_DEADLINE)
		return 0;
	return READ_ONCE(lapic->timer.deadline);
}

/* A far deadline comes early: a quotient of more than 64 bits would be a #DE. */
static u64 guest_ticks_to_ns(u32 khz, u64 ticks)
{
	u64 most = (u64)khz * MSEC_PER_SEC * FAR_SECONDS;

	return mul_u64_u32_div(min(ticks, most), NSEC_PER_MSEC, khz) + 1;
}

static void arm_deadline(struct lapic *lapic)
{
	struct vcpu *vcpu = lapic->vcpu;
	u64 now = vm_time_tsc(vcpu, vm_time(vcpu->vm)), left;

	if (!lapic->timer.deadline)
		return;
	if (lapic->timer.deadline > now) {
		left = lapic->timer.deadline - now;
		lapic_timer_arm(lapic, guest_ticks_to_ns(vm_time_tsc_khz(vcpu), left));
		return;
	}
	lapic->timer.deadline = 0;
	lapic_local(vcpu, APIC_LVTT);
}

void lapic_timer_set_deadline(struct lapic *lapic, u64 tsc)
{
	if (!lapic_is_on(lapic->vcpu) || timer_mode(lapic) != LVTT_DEADLINE)
		return;
	lapic_timer_stop(lapic);
	lapic->timer.deadline = tsc;
	arm_deadline(lapic);
}

void lapic_timer_tsc_moved(struct lapic *lapic)
{
	if (lapic_timer_deadline(lapic)) {
		lapic_timer_stop(lapic);
		arm_deadline(lapic);
	}
}

/* ---- the VM's time ---- */

void lapic_timers_hold(struct vm *vm)
{
	struct lapic *lapic;
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++) {
		lapic = vcpu->lapic;
		if (!lapic)
			continue;
		hrtimer_cancel(&lapic->timer.timer);
		if (lapic->timer.on)
			lapic->timer.target = ktime_sub(lapic->timer.target, ktime_get());
	}
}

void lapic_timers_go_on(struct vm *vm)
{
	struct lapic *lapic;
	struct vcpu *vcpu;
	unsigned int i;

	for (i = 0; (vcpu = vm_next_vcpu(vm, &i)); i++) {
		lapic = vcpu->lapic;
		if (!lapic || !lapic->timer.on)
			continue;
		lapic->timer.target = ktime_add(lapic->timer.target, ktime_get());
		hrtimer_start(&lapic->timer.timer, lapic->timer.target, HRTIMER_MODE_ABS_HARD);
	}
}
