// SPDX-License-Identifier: GPL-2.0-only
/* The VMs of the fake target: their memory and vCPUs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_machine.h"

struct machine fake_machines[FAKE_VMS_MAX];

void fake_broken(const char *where, const char *what)
{
	fprintf(stderr, "fake: CONTRACT BROKEN in %s: %s\n", where, what);
	abort();
}

int fake_env(const char *name, int otherwise)
{
	const char *value = getenv(name);

	return value ? atoi(value) : otherwise;
}

struct vcpu *fake_vcpu_of(uint32_t number)
{
	contract(number < VCPUS_MAX && fake.vcpus[number].exists);
	return &fake.vcpus[number];
}

struct vcpu *fake_stopped(uint32_t number)
{
	contract(fake.attached);
	contract(fake_vcpu_of(number)->stopped || fake.gone);
	return fake_vcpu_of(number);
}

void *fake_linear(uint64_t addr, uint64_t len)
{
	if (addr >= KERNEL)
		addr -= KERNEL;
	if (addr >= RAM_SIZE || len > RAM_SIZE - addr)
		return NULL;
	return fake.ram + addr;
}

bool fake_no_execute(uint64_t addr)
{
	return fake_env("FAKE_NX", 0) && addr >= NX && addr < RAM_SIZE;
}

uint64_t fake_linear_rip(const struct vcpu *v)
{
	if (v->system.cs.l)
		return v->general.rip;
	return (uint32_t)(v->general.rip + v->system.cs.base);
}

void fake_show_events(void)
{
	uint64_t one = 1;
	bool any = fake.gone_unread;
	int i;

	for (i = 0; i < fake.vcpus_end; i++)
		any |= fake.vcpus[i].exists &&
		       (!fake.vcpus[i].stopped || fake.vcpus[i].unread);
	if (any)
		(void)!write(fake.eventfd, &one, sizeof(one));
	else
		(void)!read(fake.eventfd, &one, sizeof(one));
}

void fake_stop_for(struct vcpu *v, uint32_t why)
{
	v->stopped = v->unread = true;
	v->event.vcpu = v - fake.vcpus;
	v->event.why |= why;
	v->event.rip = fake_linear_rip(v);
}

void fake_vcpu_new(int number)
{
	struct vcpu *v = &fake.vcpus[number];

	*v = (struct vcpu){ .exists = true };
	if (number >= fake.vcpus_end)
		fake.vcpus_end = number + 1;
	/* All above 3 spin, as vCPU 1 does. */
	v->general.rip = CODE + 0x100 * (number < 4 ? number : 1);
	v->general.rflags = 2;
	v->general.rdi = number;
	v->system.cs = (struct kvm_segment){
		.selector = 0x10, .limit = ~0U, .type = 11, .present = 1,
		.s = 1, .l = 1, .g = 1,
	};
	v->system.ds.selector = v->system.ss.selector = 0x18;
	v->system.gs.base = 0xffff888000000000ULL;
	v->system.tr = (struct kvm_segment){
		.selector = 0x40, .base = 0x6000, .limit = 0x67, .type = 11, .present = 1,
	};
	v->system.cr0 = 0x80050033;
	v->system.cr3 = 0x1000;
	v->system.cr4 = 0x20;
	v->system.efer = 0xd01;
	v->debug.dr6 = 0xffff0ff0;
	v->debug.dr7 = 0x400;
	v->fpu.fcw = 0x37f;
	v->fpu.mxcsr = 0x1f80;
	fake_registers_init(&v->other, fake_env("FAKE_XCR0", 0x2e7));
	if (fake_env("FAKE_REAL", 0)) {
		v->system.cs = (struct kvm_segment){
			.selector = 0x1000, .base = 0x10000, .limit = 0xffff,
		};
		v->general.rip = 0x100 * number;
		v->system.cr0 = 0x10;
		v->system.efer = 0;
	}
}

bool fake_load(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t n;

	if (!file)
		return false;
	n = fread(fake.ram + CODE, 1, RAM_SIZE - CODE, file);
	fclose(file);
	return n > 0;
}
