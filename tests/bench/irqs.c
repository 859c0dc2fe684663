// SPDX-License-Identifier: GPL-2.0-only
/* Costs of local APICs in the kernel: their registers, and interrupts on their way. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "apic.h"
#include "bench.h"

#define VECTOR	0x45

/* A hundred times, then an exit to the VMM */
#define HUNDRED(what)	"mov $100, %esi; 2: " what "; dec %esi; jnz 2b; out %al, $0x10; jmp 1b"

#define XAPIC		"mov $0xfee00000, %ebx; movl $0x1ff, 0xf0(%rbx)\n"
#define X2APIC		"mov $0x1b, %ecx; mov $0xfee00d00, %eax; xor %edx, %edx; wrmsr\n"	\
			"mov $0x80f, %ecx; mov $0x1ff, %eax; wrmsr\n"

GUEST64(xapic_eoi, XAPIC "1: " HUNDRED("movl $0, 0xb0(%rbx)"));
GUEST64(x2apic_eoi, X2APIC "mov $0x80b, %ecx; xor %eax, %eax; 1: " HUNDRED("wrmsr"));
GUEST64(cr8, XAPIC "1: " HUNDRED("mov %cr8, %rax; xor $1, %eax; mov %rax, %cr8"));
/* to vCPU 1, which does not run */
GUEST64(icr_write, X2APIC "mov $0x830, %ecx; mov $0x45, %eax; mov $1, %edx; 1: "
	HUNDRED("wrmsr"));
/* taken, and ended */
GUEST64(self_ipi,
	"jmp 3f\nsi_handler: mov $0x80b, %ecx; xor %eax, %eax; xor %edx, %edx; wrmsr; iretq\n"
	"3: " X2APIC "sti; 1: "
	HUNDRED("mov $0x83f, %ecx; mov $0x45, %eax; xor %edx, %edx; wrmsr; nop"));
/* programmed, waited for in HLT, taken and ended */
GUEST64(timer,
	"jmp 3f\nti_handler: mov $0x80b, %ecx; xor %eax, %eax; xor %edx, %edx; wrmsr; iretq\n"
	"3: " X2APIC "mov $0x832, %ecx; mov $0x45, %eax; wrmsr; 1: "
	HUNDRED("cli; mov $0x838, %ecx; mov $1, %eax; xor %edx, %edx; wrmsr; sti; hlt"));
/* halted until the VMM's interrupt comes */
GUEST64(waits,
	"jmp 3f\nwa_handler: mov $0x80b, %ecx; xor %eax, %eax; xor %edx, %edx; wrmsr\n"
	"out %al, $0x10; iretq\n"
	"3: " X2APIC "out %al, $0x10; 1: sti; hlt; jmp 1b");
/* An IPI to the other vCPU, then halted until its answer comes; and the other. */
#define IPI_TO(n)	"mov $0x830, %ecx; mov $0x45, %eax; mov $" n ", %edx; wrmsr; "
GUEST64(asks,
	"jmp 3f\nas_handler: mov $0x80b, %ecx; xor %eax, %eax; xor %edx, %edx; wrmsr; iretq\n"
	"as_peer: " X2APIC "out %al, $0x10; 1: sti; hlt; cli; " IPI_TO("0") "jmp 1b\n"
	"3: " X2APIC "1: " HUNDRED("cli; " IPI_TO("1") "sti; hlt"));
LABEL(si_handler); LABEL(ti_handler); LABEL(wa_handler); LABEL(as_handler); LABEL(as_peer);

static struct vcpu *start(struct vm *vm, struct prog prog, const u8 *handler)
{
	struct vcpu *v;

	split_make(vm, MODE_LONG, prog);
	v = guest_add_vcpu(vm, 0, MODE_LONG, GUEST_CODE);
	vm_add_vcpu(vm, 1);
	if (handler)
		vm_gate(vm, MODE_LONG, VECTOR, GUEST_CODE + (handler - prog.begin));
	return v;
}

static void loop(const char *name, struct prog prog, const u8 *handler)
{
	struct vm vm;

	measure(name, start(&vm, prog, handler), run);
	vm_destroy(&vm);
}

static void msi_and_run(struct vcpu *v)
{
	must(send_msi(v->vm, APIC_BASE, VECTOR), "KVM_SIGNAL_MSI");
	run(v);
}

static int bell;

static void irqfd_and_run(struct vcpu *v)
{
	must(eventfd_write(bell, 1), "eventfd");
	run(v);
}

static void devices(void)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry;
	} routes = {
		.head.nr = 1,
		.entry = {
			.gsi = 24, .type = KVM_IRQ_ROUTING_MSI,
			.u.msi = { .address_lo = APIC_BASE, .data = VECTOR },
		},
	};
	struct kvm_irqfd irqfd = { .gsi = 24 };
	struct vm vm;
	struct vcpu *v = start(&vm, PROG(waits), wa_handler);

	run(v);
	measure("msi", v, msi_and_run);
	bell = eventfd(0, 0);
	irqfd.fd = bell;
	must(ioctl(vm.fd, KVM_SET_GSI_ROUTING, &routes), "KVM_SET_GSI_ROUTING");
	must(ioctl(vm.fd, KVM_IRQFD, &irqfd), "KVM_IRQFD");
	measure("irqfd", v, irqfd_and_run);
	close(bell);
	vm_destroy(&vm);
}

static volatile bool over;

static void on_signal(int sig)
{
	(void)sig;
}

static void *run_peer(void *arg)
{
	struct vcpu *v = arg;

	while (!over)
		if (ioctl(v->fd, KVM_RUN, 0) && errno != EINTR)
			must(-1, "KVM_RUN");
	return NULL;
}

/* Two halted vCPUs, in a thread each, wake one another. */
static void wake_ups(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct kvm_mp_state runnable = { KVM_MP_STATE_RUNNABLE };
	struct prog prog = PROG(asks);
	struct vm vm;
	struct vcpu *v, *peer;
	pthread_t thread;

	sigaction(SIGUSR1, &action, NULL);
	split_make(&vm, MODE_LONG, prog);
	vm_gate(&vm, MODE_LONG, VECTOR, GUEST_CODE + (as_handler - prog.begin));
	v = guest_add_vcpu(&vm, 0, MODE_LONG, GUEST_CODE);
	peer = guest_add_vcpu(&vm, 1, MODE_LONG, GUEST_CODE + (as_peer - prog.begin));
	must(ioctl(peer->fd, KVM_SET_MP_STATE, &runnable), "KVM_SET_MP_STATE");
	run(peer);
	pthread_create(&thread, NULL, run_peer, peer);
	measure("wake_ups_x200", v, run);
	over = true;
	peer->run->immediate_exit = 1;
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
	vm_destroy(&vm);
}

void bench_irqs(void)
{
	loop("xapic_eoi_x100", PROG(xapic_eoi), NULL);
	loop("x2apic_eoi_x100", PROG(x2apic_eoi), NULL);
	loop("icr_write_x100", PROG(icr_write), NULL);
	loop("self_ipi_x100", PROG(self_ipi), si_handler);
	loop("lapic_timer_x100", PROG(timer), ti_handler);
	loop("cr8_x100", PROG(cr8), NULL);
	wake_ups();
	devices();
}
