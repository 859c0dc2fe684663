// SPDX-License-Identifier: MIT
/* Breakpoints of a machine: the backend's own, or by int3 in guest memory. */
#include <errno.h>
#include <stdlib.h>

#include "embed/machine_bp.h"

#define INT3	0xcc

/* Bits of CR3 that are no address: PCID, and the one that keeps the TLB. */
#define CR3_ADDRESS	0x000ffffffffff000ULL

static const uint32_t public_type[] = {
	[VMXDBG_BP_SOFT] = VGDB_BP_SOFT,
	[VMXDBG_BP_HARD] = VGDB_BP_HARD,
	[VMXDBG_BP_WRITE] = VGDB_BP_WRITE,
	[VMXDBG_BP_ACCESS] = VGDB_BP_ACCESS,
	[VMXDBG_BP_READ] = VGDB_BP_READ,
};

static bool executes(const struct machine_bp *bp)
{
	return bp->type == VGDB_BP_SOFT || bp->type == VGDB_BP_HARD;
}

/* ---- int3 in memory ---- */

static struct machine_site *find_site(const struct machine *m, uint64_t gpa)
{
	size_t i;

	for (i = 0; i < m->nr_sites; i++)
		if (m->sites[i].gpa == gpa)
			return &m->sites[i];
	return NULL;
}

static int write_byte(struct machine *m, uint64_t gpa, uint8_t byte)
{
	ssize_t n = m->ops->write_memory(m, gpa, &byte, 1);

	if (n < 0)
		return n;
	return n == 1 ? 0 : -ENXIO;
}

static int plant(struct machine *m, uint64_t gpa)
{
	struct machine_site *site = find_site(m, gpa), *bigger;
	uint8_t old;
	int result;

	if (site) {
		site->users++;
		return 0;
	}
	if (m->ops->read_memory(m, gpa, &old, 1) != 1)
		return -ENXIO;
	bigger = realloc(m->sites, (m->nr_sites + 1) * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	m->sites = bigger;
	result = write_byte(m, gpa, INT3);
	if (result < 0)
		return result;
	m->sites[m->nr_sites++] = (struct machine_site){ .gpa = gpa, .users = 1, .old = old };
	return 0;
}

static void unplant(struct machine *m, uint64_t gpa)
{
	struct machine_site *site = find_site(m, gpa);

	if (!site || --site->users)
		return;
	write_byte(m, gpa, site->old);
	*site = m->sites[--m->nr_sites];
}

/* ---- breakpoints ---- */

static int arm(struct machine *m, struct machine_bp *bp, uint32_t vcpu)
{
	struct vmxdbg_translate to = { .vcpu = vcpu, .gva = bp->addr };
	int result = m->ops->add_bp(m, bp);

	if (result != -EOPNOTSUPP || !executes(bp))
		return result;
	result = m->ops->translate(m, vcpu, &to);
	if (result < 0)
		return result;
	bp->gpa = to.gpa;
	bp->planted = true;
	return plant(m, bp->gpa);
}

static void disarm(struct machine *m, const struct machine_bp *bp)
{
	if (bp->planted)
		unplant(m, bp->gpa);
	else
		m->ops->del_bp(m, bp);
}

int machine_bp_add(struct machine *m, struct vmxdbg_bp *bp)
{
	struct machine_bp new = {
		.addr = bp->addr,
		.len = bp->len,
		.cr3 = bp->cr3,
		.one_space = bp->flags & VMXDBG_BP_CR3,
	}, *bigger;
	int result;

	if (bp->type > VMXDBG_BP_READ || bp->options || bp->flags & ~VMXDBG_BP_CR3)
		return -EOPNOTSUPP;
	new.type = public_type[bp->type];
	bigger = realloc(m->bps, (m->nr_bps + 1) * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	m->bps = bigger;
	result = arm(m, &new, bp->vcpu);
	if (result < 0)
		return result;
	bp->id = new.id = ++m->next_id;
	m->bps[m->nr_bps++] = new;
	return 0;
}

int machine_bp_del(struct machine *m, uint32_t id)
{
	size_t i;

	for (i = 0; i < m->nr_bps; i++) {
		if (m->bps[i].id != id)
			continue;
		disarm(m, &m->bps[i]);
		m->bps[i] = m->bps[--m->nr_bps];
		return 0;
	}
	return -ENOENT;
}

void machine_bp_del_all(struct machine *m)
{
	while (m->nr_bps)
		disarm(m, &m->bps[--m->nr_bps]);
}

bool machine_bp_executes(const struct machine *m, uint64_t addr)
{
	size_t i;

	for (i = 0; i < m->nr_bps; i++)
		if (executes(&m->bps[i]) && m->bps[i].addr == addr)
			return true;
	return false;
}

/* ---- steps over them ---- */

static uint64_t place(struct machine *m, uint32_t vcpu, uint64_t addr)
{
	struct vmxdbg_translate to = { .vcpu = vcpu, .gva = addr };

	return m->ops->translate(m, vcpu, &to) < 0 ? ~0ULL : to.gpa;
}

/* An int3 may also be met at another linear address of its page. */
void machine_bp_lift(struct machine *m, uint32_t vcpu, uint64_t addr)
{
	struct machine_site *site = find_site(m, place(m, vcpu, addr));
	size_t i;

	if (site)
		write_byte(m, site->gpa, site->old);
	for (i = 0; i < m->nr_bps; i++)
		if (!m->bps[i].planted && executes(&m->bps[i]) && m->bps[i].addr == addr)
			m->ops->del_bp(m, &m->bps[i]);
}

void machine_bp_plant_all(struct machine *m)
{
	uint8_t byte;
	size_t i;

	for (i = 0; i < m->nr_sites; i++) {
		if (m->ops->read_memory(m, m->sites[i].gpa, &byte, 1) != 1 || byte == INT3)
			continue;
		m->sites[i].old = byte;
		write_byte(m, m->sites[i].gpa, INT3);
	}
}

/* The instruction may have changed the mapping or the byte. */
void machine_bp_drop(struct machine *m, uint64_t addr)
{
	size_t i;

	machine_bp_plant_all(m);
	for (i = 0; i < m->nr_bps; i++)
		if (!m->bps[i].planted && executes(&m->bps[i]) && m->bps[i].addr == addr)
			m->ops->add_bp(m, &m->bps[i]);
}

/* ---- hits ---- */

static bool in_space(struct machine *m, uint32_t vcpu, const struct machine_bp *bp)
{
	struct kvm_sregs sregs;

	if (!bp->one_space)
		return true;
	return m->ops->get_set(m, vcpu, VMXDBG_REGS_SYSTEM, &sregs) == 0 &&
	       (sregs.cr3 & CR3_ADDRESS) == bp->cr3;
}

static void add_hit(struct vmxdbg_event *event, const struct machine_bp *bp)
{
	if (event->nr_bps < VMXDBG_EVENT_BPS)
		event->bps[event->nr_bps++] = bp->id;
}

bool machine_bp_hit(struct machine *m, uint32_t vcpu, uint64_t addr,
		    struct vmxdbg_event *event)
{
	bool any = false;
	size_t i;

	for (i = 0; i < m->nr_bps; i++) {
		if (!executes(&m->bps[i]) || m->bps[i].addr != addr ||
		    !in_space(m, vcpu, &m->bps[i]))
			continue;
		add_hit(event, &m->bps[i]);
		any = true;
	}
	return any;
}

bool machine_bp_planted(struct machine *m, uint32_t vcpu, uint64_t addr)
{
	return m->nr_sites && find_site(m, place(m, vcpu, addr));
}

void machine_bp_touched(struct machine *m, uint64_t addr, struct vmxdbg_event *event)
{
	const struct machine_bp *bp;
	size_t i;

	event->addr = addr;
	for (i = 0; i < m->nr_bps; i++) {
		bp = &m->bps[i];
		if (!executes(bp) && addr >= bp->addr && addr - bp->addr < bp->len)
			add_hit(event, bp);
	}
}

/* ---- memory as the guest sees it ---- */

void machine_bp_hide(const struct machine *m, uint64_t gpa, void *data, size_t len)
{
	size_t i;

	for (i = 0; i < m->nr_sites; i++)
		if (m->sites[i].gpa - gpa < len)
			((uint8_t *)data)[m->sites[i].gpa - gpa] = m->sites[i].old;
}

void machine_bp_replant(struct machine *m, uint64_t gpa, const void *data, size_t len)
{
	size_t i;

	for (i = 0; i < m->nr_sites; i++) {
		if (m->sites[i].gpa - gpa >= len)
			continue;
		m->sites[i].old = ((const uint8_t *)data)[m->sites[i].gpa - gpa];
		write_byte(m, m->sites[i].gpa, INT3);
	}
}
