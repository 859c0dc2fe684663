// SPDX-License-Identifier: GPL-2.0-only
/* vCPUs with local APICs in the kernel: INIT, SIPI, HLT, IPIs, and interrupts of devices. */
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "apic.h"

#define VECTOR	0x45
#define PAGE	0x09		/* SIPI vector: 0x9000 */

#define APIC	"mov $0xfee00000, %ebx\n"
#define ON	APIC "movl $0x1ff, 0xf0(%rbx)\n"

static struct vm vm;
static struct vcpu *v;

/* ---- vCPUs in threads ---- */

struct runner {
	struct vcpu *v;
	pthread_t thread;
	volatile int exit;	/* of the last KVM_RUN */
	volatile unsigned int again;	/* KVM_RUNs that returned EAGAIN */
};

static struct runner runners[VM_VCPUS];

static void nothing(int sig)
{
	(void)sig;
}

/* Run until an exit to the VMM. */
static void *run_to_an_exit(void *arg)
{
	struct runner *r = arg;
	int exit;

	do {
		exit = vcpu_run(r->v);
		if (exit == -EAGAIN)
			r->again++;
	} while (exit == -EAGAIN);
	r->exit = exit;
	return NULL;
}

static void run_in_thread(unsigned int id)
{
	struct sigaction no_restart = { .sa_handler = nothing };
	struct runner *r = &runners[id];

	r->v = &vm.vcpu[id];
	r->exit = 0;
	r->again = 0;
	sigaction(SIGUSR1, &no_restart, NULL);
	REQUIRE(!pthread_create(&r->thread, NULL, run_to_an_exit, r));
}

/* Wait for its exit, an OUT to @port. */
static void joins(unsigned int id, u16 port)
{
	pthread_join(runners[id].thread, NULL);
	CHECK_EQ(runners[id].exit, KVM_EXIT_IO);
	CHECK_EQ(vm.vcpu[id].run->io.port, port);
}

/* End a KVM_RUN that waits, which must not have ended by itself. */
static void still_waits(unsigned int id)
{
	struct runner *r = &runners[id];

	usleep(20000);
	CHECK_EQ(r->exit, 0);
	while (!r->exit) {
		pthread_kill(r->thread, SIGUSR1);
		usleep(1000);
	}
	pthread_join(r->thread, NULL);
	CHECK_EQ(r->exit, -EINTR);
}

/* ---- INIT and SIPI ---- */

/* sends ICR values from 0xc100 on, until 0, each to the destination beside it */
GUEST64(sender,
	ON "mov $0xc100, %esi\n"
	"1: mov (%rsi), %eax; mov 4(%rsi), %ecx; add $8, %esi; test %eax, %eax; jz 2f\n"
	"mov %ecx, 0x310(%rbx); mov %eax, 0x300(%rbx); jmp 1b\n"
	"2: out %al, $0x10; hlt");

GUEST16(started, "mov $0xc000, %bx; mov %cs, %ax; mov %ax, (%bx); out %al, $0x20; hlt");

static void send(unsigned int n, u32 icr, u32 dest)
{
	*GUEST_PTR(&vm, 0xc100 + 8 * n, u32) = icr;
	*GUEST_PTR(&vm, 0xc104 + 8 * n, u32) = dest << 24;
	*GUEST_PTR(&vm, 0xc108 + 8 * n, u32) = 0;
	set_rip(v, GUEST_CODE);
}

static void make_two(void)
{
	split_make(&vm, MODE_LONG, PROG(sender));
	memcpy(vm.mem + (PAGE << 12), started_begin, started_end - started_begin);
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	set_supported_cpuid(vm_add_vcpu(&vm, 1));
}

static void init_and_sipi_start_a_vcpu(void)
{
	struct kvm_sregs s;

	make_two();
	run_in_thread(1);
	send(0, DM_INIT | ICR_ASSERT, 1);
	send(1, DM_SIPI | PAGE, 1);
	vcpu_run_out(v, 0x10);
	joins(1, 0x20);
	CHECK(runners[1].again >= 1);
	CHECK_EQ(DATA16(&vm, 0), PAGE << 8);
	CHECK_EQ(mp_state(&vm.vcpu[1]), KVM_MP_STATE_RUNNABLE);
	get_sregs(&vm.vcpu[1], &s);
	CHECK_EQ(s.cs.base, PAGE << 12);
	CHECK_EQ(s.cr0 & 1, 0);
}

static void it_waits_without_a_sipi(void)
{
	make_two();
	run_in_thread(1);
	send(0, DM_INIT | ICR_ASSERT, 1);
	vcpu_run_out(v, 0x10);
	still_waits(1);
	CHECK_EQ(mp_state(&vm.vcpu[1]), KVM_MP_STATE_INIT_RECEIVED);
	/* the SIPI comes while nobody runs it */
	send(0, DM_SIPI | PAGE, 1);
	vcpu_run_out(v, 0x10);
	run_in_thread(1);
	joins(1, 0x20);
}

static void a_sipi_alone_starts_nothing(void)
{
	make_two();
	send(0, DM_SIPI | PAGE, 1);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(mp_state(&vm.vcpu[1]), KVM_MP_STATE_UNINITIALIZED);
	run_in_thread(1);
	still_waits(1);
}

/* An INIT by level de-assert has no effect; a second SIPI has none either. */
static void the_sequence_of_the_manual(void)
{
	make_two();
	run_in_thread(1);
	send(0, DM_INIT | ICR_ASSERT | ICR_LEVEL, 1);
	send(1, DM_INIT | ICR_LEVEL, 1);
	send(2, DM_SIPI | PAGE, 1);
	send(3, DM_SIPI | PAGE, 1);
	vcpu_run_out(v, 0x10);
	joins(1, 0x20);
	CHECK_EQ(mp_state(&vm.vcpu[1]), KVM_MP_STATE_RUNNABLE);
}

GUEST64(spin, "1: incq 0xc008; jmp 1b");

static void init_resets_a_vcpu_that_runs(void)
{
	struct kvm_sregs s;
	struct kvm_regs r;

	make_two();
	vcpu_reset(&vm.vcpu[1], MODE_LONG, 0xa000);
	memcpy(vm.mem + 0xa000, spin_begin, spin_end - spin_begin);
	CHECK_OK(set_mp_state(&vm.vcpu[1], KVM_MP_STATE_RUNNABLE));
	CHECK_EQ(set_msr(&vm.vcpu[1], 0xc0000102, 0x1234), 1);
	run_in_thread(1);
	while (!DATA64(&vm, 1))
		usleep(1000);
	send(0, DM_INIT | ICR_ASSERT, 1);
	vcpu_run_out(v, 0x10);
	still_waits(1);
	CHECK_EQ(mp_state(&vm.vcpu[1]), KVM_MP_STATE_INIT_RECEIVED);
	get_sregs(&vm.vcpu[1], &s);
	get_regs(&vm.vcpu[1], &r);
	CHECK_EQ(s.cr0, 0x10);
	CHECK_EQ(s.cr4, 0);
	CHECK_EQ(s.efer, 0);
	CHECK_EQ(s.cs.selector, 0xf000);
	CHECK_EQ(s.cs.base, 0xffff0000);
	CHECK_EQ(r.rip, 0xfff0);
	CHECK_EQ(r.rflags, 2);
	CHECK_EQ(get_msr(&vm.vcpu[1], 0xc0000102), 0x1234);	/* INIT keeps MSRs */
	CHECK_EQ(apic_get(&vm.vcpu[1], APIC_ID), 1 << 24);
	CHECK_EQ(apic_get(&vm.vcpu[1], APIC_SVR), 0xff);
}

static void init_of_the_boot_cpu(void)
{
	struct vcpu *other;
	struct kvm_regs r;

	split_make(&vm, MODE_LONG, PROG(sender));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	other = v;
	send(0, DM_INIT | ICR_ASSERT, 0);
	/* no memory is at the reset vector */
	CHECK_EQ(vcpu_run(v), KVM_EXIT_INTERNAL_ERROR);
	get_regs(other, &r);
	CHECK_EQ(r.rip, 0xfff0);
	CHECK_EQ(mp_state(v), KVM_MP_STATE_RUNNABLE);
}

static void another_boot_cpu(void)
{
	struct vcpu *boot;

	split_make(&vm, MODE_LONG, PROG(sender));
	CHECK(has_cap(&vm, KVM_CAP_SET_BOOT_CPU_ID) > 0);
	CHECK_OK(ioctl(vm.fd, KVM_SET_BOOT_CPU_ID, 2));
	v = vm_add_vcpu(&vm, 0);
	boot = vm_add_vcpu(&vm, 2);
	CHECK_EQ(mp_state(v), KVM_MP_STATE_UNINITIALIZED);
	CHECK_EQ(mp_state(boot), KVM_MP_STATE_RUNNABLE);
	CHECK_EQ(get_msr(v, MSR_APIC_BASE), APIC_BASE | BASE_ON);
	CHECK_EQ(get_msr(boot, MSR_APIC_BASE), APIC_BASE | BASE_ON | BASE_BSP);
	CHECK_EQ(apic_get(boot, APIC_LVT0), DM_EXTINT);
	CHECK_ERR(ioctl(vm.fd, KVM_SET_BOOT_CPU_ID, 0), EBUSY);
}

static void states_that_a_vmm_sets(void)
{
	make_two();
	CHECK_OK(set_mp_state(v, KVM_MP_STATE_UNINITIALIZED));
	CHECK_EQ(mp_state(v), KVM_MP_STATE_UNINITIALIZED);
	CHECK_OK(set_mp_state(v, KVM_MP_STATE_HALTED));
	CHECK_EQ(mp_state(v), KVM_MP_STATE_HALTED);
	CHECK_OK(set_mp_state(v, KVM_MP_STATE_INIT_RECEIVED));
	CHECK_EQ(mp_state(v), KVM_MP_STATE_INIT_RECEIVED);
	CHECK_OK(set_mp_state(v, KVM_MP_STATE_RUNNABLE));
	CHECK_ERR(set_mp_state(v, 5), EINVAL);
	CHECK_ERR(set_mp_state(v, 10), EINVAL);
	CHECK_ERR(set_mp_state(v, ~0U), EINVAL);
	v->run->immediate_exit = 1;
	CHECK_OK(set_mp_state(v, KVM_MP_STATE_UNINITIALIZED));
	CHECK_EQ(vcpu_run(v), -EINTR);
}

/* ---- HLT and IPIs ---- */

/* counts interrupts at 0xc000 + 4 * APIC id, and waits for them */
GUEST64(waiter,
	"jmp 1f\nwa_handler: lock incl 0xc000(,%rbp,4); movl $0, 0xb0(%rbx); iretq\n"
	"wa_nmi: lock incl 0xc020(,%rbp,4); iretq\n"
	"1: " ON "mov 0x20(%rbx), %ebp; shr $24, %ebp; movl $0xffffffff, 0xe0(%rbx)\n"
	"mov %ebp, %ecx; mov $0x1000000, %eax; shl %cl, %eax; mov %eax, 0xd0(%rbx)\n"
	"lock incl 0xc040; 2: sti; hlt; cli; cmpl $0, 0xc044; jz 2b; out %al, $0x20; hlt");
LABEL(wa_handler); LABEL(wa_nmi);

#define WAITER		0xa000
#define WAITS(label)	(WAITER + (u64)((label) - waiter_begin))

static u32 taken(unsigned int id)
{
	return DATA32(&vm, id);
}

/* vCPU 0 sends, @others wait. */
static void make_waiters(unsigned int others)
{
	unsigned int i;

	split_make(&vm, MODE_LONG, PROG(sender));
	memcpy(vm.mem + WAITER, waiter_begin, waiter_end - waiter_begin);
	vm_gate(&vm, MODE_LONG, VECTOR, WAITS(wa_handler));
	vm_gate(&vm, MODE_LONG, 2, WAITS(wa_nmi));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	for (i = 1; i <= others; i++) {
		guest_add_vcpu(&vm, i, MODE_LONG, WAITER);
		CHECK_OK(set_mp_state(&vm.vcpu[i], KVM_MP_STATE_RUNNABLE));
		run_in_thread(i);
	}
	while (DATA32(&vm, 16) < others)
		usleep(1000);
}

static bool comes(volatile u32 *count, u32 want)
{
	unsigned int i;

	for (i = 0; i < 5000 && *count != want; i++)
		usleep(1000);
	return *count == want;
}

static void they_took(unsigned int others, u32 first, u32 second, u32 third)
{
	const u32 want[] = { first, second, third };
	unsigned int i;

	for (i = 0; i < others; i++)
		if (!CHECK(comes(&DATA32(&vm, 1 + i), want[i])))
			tap_note("vCPU %u took %u, not %u", 1 + i, taken(1 + i), want[i]);
}

static void an_ipi(u32 icr, u32 dest)
{
	send(0, icr, dest);
	vcpu_run_out(v, 0x10);
}

static void an_ipi_wakes_from_hlt(void)
{
	make_waiters(1);
	an_ipi(VECTOR | ICR_ASSERT, 1);
	they_took(1, 1, 0, 0);
	an_ipi(VECTOR | ICR_ASSERT, 1);
	they_took(1, 2, 0, 0);
	DATA32(&vm, 17) = 1;
	an_ipi(VECTOR | ICR_ASSERT, 1);
	joins(1, 0x20);
}

static void halted_is_a_state(void)
{
	make_waiters(1);
	still_waits(1);
	CHECK_EQ(mp_state(&vm.vcpu[1]), KVM_MP_STATE_HALTED);
	run_in_thread(1);
	an_ipi(VECTOR | ICR_ASSERT, 1);
	they_took(1, 1, 0, 0);
}

static void an_nmi_wakes_from_hlt(void)
{
	make_waiters(2);
	an_ipi(DM_NMI | ICR_ASSERT, 2);
	CHECK(comes(&DATA32(&vm, 8 + 2), 1));
	CHECK_EQ(DATA32(&vm, 8 + 1), 0);
	an_ipi(DM_NMI | ICR_ASSERT | ICR_OTHERS, 0);
	CHECK(comes(&DATA32(&vm, 8 + 1), 1));
	CHECK(comes(&DATA32(&vm, 8 + 2), 2));
}

static void destinations(void)
{
	make_waiters(3);
	an_ipi(VECTOR | ICR_ASSERT, 2);
	they_took(3, 0, 1, 0);
	an_ipi(VECTOR | ICR_ASSERT | ICR_OTHERS, 0);
	they_took(3, 1, 2, 1);
	an_ipi(VECTOR | ICR_ASSERT | ICR_LOGICAL, 0x0a);
	they_took(3, 2, 2, 2);
	an_ipi(VECTOR | ICR_ASSERT | ICR_LOGICAL, 0x04);
	they_took(3, 2, 3, 2);
	an_ipi(VECTOR | ICR_ASSERT, 9);		/* nobody */
	they_took(3, 2, 3, 2);
}

static void a_cluster(void)
{
	make_waiters(3);
	still_waits(1);
	still_waits(2);
	still_waits(3);
	apic_set(&vm.vcpu[1], APIC_DFR, 0x0fffffff);
	apic_set(&vm.vcpu[1], APIC_LDR, 0x11000000);
	apic_set(&vm.vcpu[2], APIC_DFR, 0x0fffffff);
	apic_set(&vm.vcpu[2], APIC_LDR, 0x12000000);
	apic_set(&vm.vcpu[3], APIC_DFR, 0x0fffffff);
	apic_set(&vm.vcpu[3], APIC_LDR, 0x21000000);
	run_in_thread(1);
	run_in_thread(2);
	run_in_thread(3);
	an_ipi(VECTOR | ICR_ASSERT | ICR_LOGICAL, 0x13);
	they_took(3, 1, 1, 0);
	an_ipi(VECTOR | ICR_ASSERT | ICR_LOGICAL, 0x21);
	they_took(3, 1, 1, 1);
	an_ipi(VECTOR | ICR_ASSERT | ICR_LOGICAL, 0x12);
	they_took(3, 1, 2, 1);
}

static void the_lowest_priority_takes_it(void)
{
	unsigned int i;

	make_waiters(3);
	for (i = 0; i < 6; i++) {
		an_ipi(VECTOR | ICR_ASSERT | ICR_LOGICAL | DM_LOWEST, 0x0e);
		usleep(2000);
	}
	for (i = 0; i < 5000 && taken(1) + taken(2) + taken(3) < 6; i++)
		usleep(1000);
	CHECK_EQ(taken(1) + taken(2) + taken(3), 6);
	/* The processor chooses; KVM hashes the vector. */
	for (i = 1; i <= 3 && !on_kvm(); i++)
		CHECK_EQ(taken(i), 2);
}

/* ---- interrupts of devices ---- */

#define MSI(dest)	(0xfee00000 | (dest) << 12)
#define MSI_LOGICAL	4
#define MSI_LEVEL	0x8000

static void an_msi(void)
{
	make_waiters(2);
	CHECK_EQ(send_msi(&vm, MSI(2), VECTOR), 1);
	they_took(2, 0, 1, 0);
	CHECK_EQ(send_msi(&vm, MSI(0x06) | MSI_LOGICAL, VECTOR), 2);
	they_took(2, 1, 2, 0);
	CHECK_EQ(send_msi(&vm, MSI(0xff), 0x400), 3);	/* an NMI for all */
	CHECK(comes(&DATA32(&vm, 8 + 1), 1));
	CHECK(comes(&DATA32(&vm, 8 + 2), 1));
	CHECK_EQ(send_msi(&vm, MSI(9), VECTOR), 0);
}

static int set_routes(const struct kvm_irq_routing_entry *entries, u32 nr, u32 flags)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entries[4];
	} r = { .head.nr = nr, .head.flags = flags };

	if (entries)
		memcpy(r.entries, entries, nr * sizeof(*entries));
	return ioctl(vm.fd, KVM_SET_GSI_ROUTING, &r);
}

static void routes(void)
{
	struct kvm_irq_routing_entry e[2] = {
		{ .gsi = 5, .type = KVM_IRQ_ROUTING_MSI,
		  .u.msi = { .address_lo = MSI(1), .data = VECTOR } },
		{ .gsi = 4095, .type = KVM_IRQ_ROUTING_MSI,
		  .u.msi = { .address_lo = MSI(1), .data = VECTOR } },
	};

	make_waiters(1);
	CHECK_OK(set_routes(e, 2, 0));
	CHECK_OK(set_routes(NULL, 0, 0));
	CHECK_OK(set_routes(e, 1, 0));
	CHECK_ERR(set_routes(e, 1, 1), EINVAL);
	e[1].gsi = 4096;
	CHECK_ERR(set_routes(e, 2, 0), EINVAL);
	e[1].gsi = 5;
	CHECK_ERR(set_routes(e, 2, 0), EINVAL);
	e[1].gsi = 6;
	e[1].type = KVM_IRQ_ROUTING_IRQCHIP;
	CHECK_ERR(set_routes(e, 2, 0), EINVAL);
	e[1].type = 99;
	CHECK_ERR(set_routes(e, 2, 0), EINVAL);
	e[0].flags = 2;
	CHECK_ERR(set_routes(e, 1, 0), EINVAL);
	e[0].flags = KVM_MSI_VALID_DEVID;
	CHECK_OK(set_routes(e, 1, 0));
	CHECK_ERR(ioctl(vm.fd, KVM_SET_GSI_ROUTING, bad_pointer()), EFAULT);
}

/* The VMM's I/O APIC hears of the end of its level-triggered interrupts. */
GUEST64(ends,
	"jmp 1f\nen_handler: incl 0xc000; movl $0, 0xb0(%rbx); iretq\n"
	"1: " ON "sti; 2: out %al, $0x10; nop; jmp 2b");
LABEL(en_handler);

static void ends_of_interrupts(void)
{
	struct kvm_irq_routing_entry e = {
		.gsi = 5, .type = KVM_IRQ_ROUTING_MSI,
		.u.msi = { .address_lo = MSI(0), .data = VECTOR | MSI_LEVEL },
	};

	v = split_guest(&vm, MODE_LONG, PROG(ends));
	vm_gate(&vm, MODE_LONG, VECTOR, AT(ends, en_handler));
	vm_gate(&vm, MODE_LONG, VECTOR + 1, AT(ends, en_handler));
	vcpu_run_out(v, 0x10);
	CHECK_OK(set_routes(&e, 1, 0));
	CHECK_EQ(send_msi(&vm, MSI(0), VECTOR | MSI_LEVEL), 1);
	CHECK(apic_has(v, APIC_TMR, VECTOR));
	vcpu_run_to(v, KVM_EXIT_IOAPIC_EOI);
	CHECK_EQ(v->run->eoi.vector, VECTOR);
	CHECK_EQ(DATA32(&vm, 0), 1);
	vcpu_run_out(v, 0x10);
	/* not of another vector, and not of one that has no route of the I/O APIC */
	CHECK_EQ(send_msi(&vm, MSI(0), VECTOR + 1), 1);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 2);
	e.gsi = 24;
	CHECK_OK(set_routes(&e, 1, 0));
	CHECK_EQ(send_msi(&vm, MSI(0), VECTOR | MSI_LEVEL), 1);
	vcpu_run_out(v, 0x10);
	CHECK_EQ(DATA32(&vm, 0), 3);
}

static void msis_need_apics(void)
{
	vm_make(&vm, NULL);
	CHECK_ERR(send_msi(&vm, MSI(0), VECTOR), EINVAL);
	CHECK_ERR(set_routes(NULL, 0, 0), EINVAL);
	CHECK_ERR(ioctl(vm.fd, KVM_SIGNAL_MSI, bad_pointer()), EFAULT);
}

static const struct test tests[] = {
	TEST(init_and_sipi_start_a_vcpu),
	TEST(it_waits_without_a_sipi),
	TEST(a_sipi_alone_starts_nothing),
	TEST(the_sequence_of_the_manual),
	TEST(init_resets_a_vcpu_that_runs),
	TEST(init_of_the_boot_cpu),
	TEST(another_boot_cpu),
	TEST(states_that_a_vmm_sets),
	TEST(an_ipi_wakes_from_hlt),
	TEST(halted_is_a_state),
	TEST(an_nmi_wakes_from_hlt),
	TEST(destinations),
	TEST(a_cluster),
	TEST(the_lowest_priority_takes_it),
	TEST(an_msi),
	TEST(routes),
	TEST(ends_of_interrupts),
	TEST(msis_need_apics),
};

TAP_MAIN(tests)
