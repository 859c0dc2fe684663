// SPDX-License-Identifier: MIT
/* A guest that this process runs itself: which vCPUs may run, and their stops. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "embed/machine.h"
#include "embed/machine_bp.h"
#include "guest/reg_layout.h"

/* ---- life ---- */

int machine_init(struct machine *m, const struct machine_ops *ops, void *data)
{
	*m = (struct machine){
		.ops = ops,
		.data = data,
		.passing = MACHINE_NOBODY,
		.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	return m->event_fd < 0 ? -errno : 0;
}

void machine_free(struct machine *m)
{
	machine_release(m);
	m->ops->free(m);
	free(m->bps);
	free(m->sites);
	close(m->event_fd);
}

int machine_add_vcpu(struct machine *m)
{
	if (m->count == VGDB_VCPUS_MAX)
		return -ENOSPC;
	m->vcpus[m->count] = (struct machine_vcpu){
		.outside = true,
		.stopped = m->stops_new,
	};
	return m->count++;
}

/* Tell all that vCPUs may do something else now. */
static void wake(struct machine *m)
{
	unsigned int i;
	uint64_t hurry = 0;

	for (i = 0; i < m->count; i++)
		if (machine_action(m, i) == VGDB_WAIT)
			hurry |= 1ULL << i;
	__atomic_store_n(&m->hurry, hurry, __ATOMIC_RELEASE);
	if (m->threads)
		m->threads->wake(m->owner);
}

void machine_hold(struct machine *m)
{
	m->stops_new = true;
	machine_stop(m, VMXDBG_ALL_VCPUS);
}

void machine_take(struct machine *m)
{
	m->attached = true;
}

static void stop_passing(struct machine *m)
{
	if (m->passing == MACHINE_NOBODY)
		return;
	machine_bp_drop(m, m->lifted);
	m->passing = MACHINE_NOBODY;
	wake(m);
}

void machine_release(struct machine *m)
{
	unsigned int i;

	m->attached = m->stops_new = false;
	/* Breakpoints must not change under a vCPU that runs. */
	if (m->nr_bps)
		machine_stop(m, VMXDBG_ALL_VCPUS);
	stop_passing(m);
	machine_bp_del_all(m);
	for (i = 0; i < m->count; i++) {
		m->vcpus[i].stopped = m->vcpus[i].unread = m->vcpus[i].passes = false;
		m->vcpus[i].how = (struct vmxdbg_resume){ .vcpu = i };
	}
	wake(m);
}

void machine_end(struct machine *m)
{
	m->gone = true;
	wake(m);
}

/* ---- which vCPUs run ---- */

static bool steps(const struct machine_vcpu *v)
{
	return v->how.flags & VMXDBG_RESUME_STEP;
}

int machine_action(const struct machine *m, uint32_t vcpu)
{
	const struct machine_vcpu *v = &m->vcpus[vcpu];

	if (m->gone)
		return VGDB_RUN;
	if (v->stopped || (m->passing != MACHINE_NOBODY && m->passing != (int)vcpu))
		return VGDB_WAIT;
	return v->passes || steps(v) ? VGDB_STEP : VGDB_RUN;
}

bool machine_any_runs(const struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->count; i++)
		if (machine_action(m, i) != VGDB_WAIT)
			return true;
	return false;
}

uint64_t machine_rip(struct machine *m, uint32_t vcpu)
{
	struct vcpu_regs regs;

	if (m->ops->get_set(m, vcpu, VMXDBG_REGS_GENERAL, &regs.general) < 0 ||
	    m->ops->get_set(m, vcpu, VMXDBG_REGS_SYSTEM, &regs.system) < 0)
		return 0;
	return reg_linear_rip(&regs);
}

/* Wait for the threads of those in @vcpus that are in the guest. */
static void wait_outside(struct machine *m, uint64_t vcpus)
{
	unsigned int i;
	bool any;

	do {
		any = false;
		for (i = 0; i < m->count; i++) {
			if (!(vcpus >> i & 1) || m->vcpus[i].outside)
				continue;
			if (m->ops->kick)
				m->ops->kick(m, i);
			any = true;
		}
		if (any)
			m->threads->wait(m->owner);
	} while (any && !m->gone);
}

int machine_stop(struct machine *m, uint32_t vcpu)
{
	uint64_t vcpus = 0;
	unsigned int i;

	for (i = 0; i < m->count; i++) {
		if (vcpu != VMXDBG_ALL_VCPUS && vcpu != i)
			continue;
		m->vcpus[i].stopped = true;
		vcpus |= 1ULL << i;
	}
	wake(m);
	if (m->threads)
		wait_outside(m, vcpus);
	if (m->passing != MACHINE_NOBODY && (vcpus >> m->passing & 1))
		stop_passing(m);
	return m->gone ? -ENODEV : 0;
}

/* The breakpoints at the next instruction are not hit by this resume. */
void machine_resume_one(struct machine *m, uint32_t vcpu, const struct vmxdbg_resume *how)
{
	struct machine_vcpu *v = &m->vcpus[vcpu];

	v->how = *how;
	v->how.vcpu = vcpu;
	v->unread = v->stopped = false;
	v->passes = machine_bp_executes(m, machine_rip(m, vcpu));
	wake(m);
}

/* Only the vCPU runs that steps over a lifted breakpoint: others would miss it. */
static bool begin_passing(struct machine *m, uint32_t vcpu)
{
	uint64_t others = ~(1ULL << vcpu);

	m->passing = vcpu;
	wake(m);
	if (m->threads)
		wait_outside(m, others);
	/* Stopped meanwhile */
	if (m->vcpus[vcpu].stopped) {
		m->passing = MACHINE_NOBODY;
		wake(m);
		return false;
	}
	m->lifted = machine_rip(m, vcpu);
	machine_bp_lift(m, vcpu, m->lifted);
	return true;
}

int machine_enter(struct machine *m, uint32_t vcpu)
{
	int action = machine_action(m, vcpu), result;

	if (action == VGDB_WAIT || m->gone)
		return action;
	if (m->vcpus[vcpu].passes && m->passing == MACHINE_NOBODY &&
	    !begin_passing(m, vcpu))
		return VGDB_WAIT;
	result = m->ops->run ? m->ops->run(m, vcpu, action) : 0;
	if (result < 0)
		return result;
	m->vcpus[vcpu].outside = false;
	m->vcpus[vcpu].tid = gettid();
	return action;
}

/* ---- stops ---- */

/* Return: whether the step through a range goes on at @rip. */
static bool in_range(const struct machine_vcpu *v, uint64_t rip)
{
	return (v->how.flags & VMXDBG_RESUME_RANGE) && rip >= v->how.range_start &&
	       rip < v->how.range_end;
}

/* The end of a step, which the debugger may not have asked for. */
static void stepped(struct machine *m, uint32_t vcpu, struct vmxdbg_event *event)
{
	struct machine_vcpu *v = &m->vcpus[vcpu];

	if (!steps(v))
		return;
	if (!in_range(v, event->rip)) {
		event->why |= VMXDBG_WHY_STEP;
		return;
	}
	/* The next step would run the instruction in spite of its breakpoint. */
	if (machine_bp_hit(m, vcpu, event->rip, event))
		event->why |= VMXDBG_WHY_BREAKPOINT;
}

/* Where the debugger has none, the breakpoint is one of the guest's or the VMM's. */
static void at_breakpoint(struct machine *m, uint32_t vcpu, struct vmxdbg_event *event)
{
	if (machine_bp_hit(m, vcpu, event->rip, event) ||
	    !(machine_bp_executes(m, event->rip) || machine_bp_planted(m, vcpu, event->rip)))
		event->why |= VMXDBG_WHY_BREAKPOINT;
	else
		/* Another address space's, or another mapping's */
		m->vcpus[vcpu].passes = true;
}

static struct vmxdbg_event look(struct machine *m, uint32_t vcpu, uint32_t reason)
{
	struct vmxdbg_event event = { .vcpu = vcpu, .rip = machine_rip(m, vcpu) };

	if (reason & VGDB_STEPPED)
		stepped(m, vcpu, &event);
	if (reason & VGDB_WATCHPOINT) {
		event.why |= VMXDBG_WHY_WATCH;
		machine_bp_touched(m, m->vcpus[vcpu].addr, &event);
	}
	if (reason & VGDB_BREAKPOINT)
		at_breakpoint(m, vcpu, &event);
	if (reason & VGDB_SHUTDOWN)
		event.why |= VMXDBG_WHY_SHUTDOWN;
	if (reason & (VGDB_ERROR | VGDB_OWN)) {
		event.why |= TARGET_WHY_OWN;
		event.error = m->vcpus[vcpu].signal;
	}
	return event;
}

bool machine_report(struct machine *m, uint32_t vcpu, uint32_t reason)
{
	struct machine_vcpu *v = &m->vcpus[vcpu];
	struct vmxdbg_event event;

	v->outside = true;
	wake(m);
	if (reason == VGDB_NOTHING || m->gone)
		return false;
	if (m->passing == (int)vcpu)
		stop_passing(m);
	v->passes = false;
	if (!m->attached)
		return false;
	event = look(m, vcpu, reason);
	if (!event.why)
		return false;
	v->event = event;
	v->stopped = v->unread = true;
	wake(m);
	eventfd_write(m->event_fd, 1);
	return true;
}
