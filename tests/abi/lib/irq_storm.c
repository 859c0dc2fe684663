// SPDX-License-Identifier: GPL-2.0-only
/* See irq_storm.h. */
#include <pthread.h>
#include <unistd.h>

#include "apic.h"
#include "event_fd.h"
#include "irq_storm.h"
#include "storm.h"

#define BROKEN		0xc000		/* set by the guest: one came that was not sent */
#define READY		0xc004		/* vCPUs whose local APICs are on */
#define STOP		0xc008		/* set by the test: send no more */
#define BLOCK(i)	(GUEST_HIGH + 0x1000 * (i))	/* of vCPU i: what it counts */

/* u64 in a block, counted by the vCPU; the last two by the VMM */
#define ROUNDS		0x00
#define ARMED		0x08
#define FIRED		0x10
#define SENT(j)		(0x20 + 8 * (j))	/* IPIs to vCPU j */
#define GOT(j)		(0x40 + 8 * (j))	/* IPIs from vCPU j */
#define GOT_IRQFD	0x60
#define GOT_MSI		0x68
#define GOT_NMI		0x70
#define SENT_NMI	0x78			/* to the next vCPU */
#define SENT_IRQFD	0x90
#define SENT_MSI	0x98

#define VECTOR_IPI	0x40			/* and the sender's number */
#define VECTOR_IRQFD	0x50
#define VECTOR_MSI	0x51
#define VECTOR_TIMER	0x5f
#define VECTOR_NMI	2

#define GSI		24			/* and the vCPU's number */

/*
 * RDI and R13: the vCPU's number; R15: its block; R14: the local APIC; R12: random.
 * Each handler counts first. ECX: the destination; RBX: its block.
 */
#define HANDLER_IPI(n)								\
	"storm_ipi" #n ": incq 0x40 + 8 * " #n "(%r15)\n"			\
	"push %rax; mov 0x40 + 8 * " #n "(%r15), %rax\n"			\
	"cmp 0x100020 + 0x1000 * " #n "(, %r13, 8), %rax; jmp handled\n"
#define HANDLER(name, got, sent)						\
	"storm_" name ": incq " got "(%r15)\n"					\
	"push %rax; mov " got "(%r15), %rax; cmp " sent "(%r15), %rax; jmp handled\n"
GUEST64(irq_storm,
	"mov %edi, %r13d; mov %edi, %r15d; shl $12, %r15d; add $0x100000, %r15d\n"
	"mov $0xfee00000, %r14d; lea 1(%rdi), %r12; imul $0x1e3779b1, %r12, %r12\n"
	"movl $0x1ff, 0xf0(%r14); movl $0xb, 0x3e0(%r14); movl $0x5f, 0x320(%r14)\n"
	"sti\n"
	/* No APIC takes anything before it is on. */
	"lock incl 0xc004; 1: pause; cmpl $4, 0xc004; jb 1b\n"
	"again: incq (%r15)\n"
	"mov %r12, %rax; shl $13, %rax; xor %rax, %r12\n"
	"mov %r12, %rax; shr $7, %rax; xor %rax, %r12\n"
	"mov %r12, %rax; shl $17, %rax; xor %rax, %r12\n"
	"cmpl $0, 0xc008; jne again\n"
	/* the timer */
	"mov 0x08(%r15), %rax; cmp 0x10(%r15), %rax; jne 2f\n"
	"incq 0x08(%r15); movzwl %r12w, %eax; inc %eax; mov %eax, 0x380(%r14)\n"
	/* an IPI to any vCPU */
	"2: mov %r12, %rcx; shr $20, %rcx; and $3, %ecx\n"
	"mov %ecx, %ebx; shl $12, %ebx; add $0x100000, %ebx\n"
	"mov 0x20(%r15, %rcx, 8), %rax; cmp 0x40(%rbx, %r13, 8), %rax; jne 3f\n"
	"incq 0x20(%r15, %rcx, 8); shl $24, %ecx; mov %ecx, 0x310(%r14)\n"
	"lea 0x4040(%r13), %eax; mov %eax, 0x300(%r14)\n"
	/* an NMI to the next vCPU */
	"3: test $0x7000000, %r12d; jne 4f\n"
	"lea 1(%r13), %ecx; and $3, %ecx; mov %ecx, %ebx; shl $12, %ebx; add $0x100000, %ebx\n"
	"mov 0x78(%r15), %rax; cmp 0x70(%rbx), %rax; jne 4f\n"
	"incq 0x78(%r15); shl $24, %ecx; mov %ecx, 0x310(%r14); movl $0x4400, 0x300(%r14)\n"
	/* HLT until the timer or another comes */
	"4: test $0x30000000, %r12d; jne again\n"
	"cli; mov 0x08(%r15), %rax; cmp 0x10(%r15), %rax; je 5f; sti; hlt; jmp again\n"
	"5: sti; jmp again\n"
	HANDLER_IPI(0) HANDLER_IPI(1) HANDLER_IPI(2) HANDLER_IPI(3)
	HANDLER("irqfd", "0x60", "0x90")
	HANDLER("msi", "0x68", "0x98")
	HANDLER("timer", "0x10", "0x08")
	"handled: ja broken; movl $0, 0xb0(%r14); pop %rax; iretq\n"
	"storm_nmi: incq 0x70(%r15)\n"
	"push %rax; lea -1(%r13), %eax; and $3, %eax; shl $12, %eax\n"
	"mov 0x100078(%rax), %rax; cmp %rax, 0x70(%r15); ja broken; pop %rax; iretq\n"
	"broken: cli; movl $1, 0xc000; hlt\n");
LABEL(storm_ipi0); LABEL(storm_ipi1); LABEL(storm_ipi2); LABEL(storm_ipi3);
LABEL(storm_irqfd); LABEL(storm_msi); LABEL(storm_timer); LABEL(storm_nmi);

static const struct {
	const char *name;
	u8 vector;
	const u8 *handler;
	u32 got;		/* offset in a block */
} kinds[IRQ_STORM_KINDS] = {
	{ "IPI of vCPU 0", VECTOR_IPI, storm_ipi0, GOT(0) },
	{ "IPI of vCPU 1", VECTOR_IPI + 1, storm_ipi1, GOT(1) },
	{ "IPI of vCPU 2", VECTOR_IPI + 2, storm_ipi2, GOT(2) },
	{ "IPI of vCPU 3", VECTOR_IPI + 3, storm_ipi3, GOT(3) },
	{ "irqfd", VECTOR_IRQFD, storm_irqfd, GOT_IRQFD },
	{ "MSI", VECTOR_MSI, storm_msi, GOT_MSI },
	{ "timer", VECTOR_TIMER, storm_timer, FIRED },
	{ "NMI", VECTOR_NMI, storm_nmi, GOT_NMI },
};

struct prog irq_storm_prog(void)
{
	return PROG(irq_storm);
}

u8 irq_storm_vector(unsigned int kind)
{
	return kinds[kind].vector;
}

u64 irq_storm_handler(unsigned int kind)
{
	return AT(irq_storm, kinds[kind].handler);
}

/* ---- counts ---- */

static volatile u64 *count(struct vm *vm, unsigned int i, u32 offset)
{
	return GUEST_PTR(vm, BLOCK(i) + offset, u64);
}

/* Return: how many of a kind were sent to vCPU @i. */
static u64 sent(struct vm *vm, unsigned int i, unsigned int kind)
{
	switch (kinds[kind].vector) {
	case VECTOR_IRQFD:
		return *count(vm, i, SENT_IRQFD);
	case VECTOR_MSI:
		return *count(vm, i, SENT_MSI);
	case VECTOR_TIMER:
		return *count(vm, i, ARMED);
	case VECTOR_NMI:
		return *count(vm, (i + IRQ_STORM_VCPUS - 1) % IRQ_STORM_VCPUS, SENT_NMI);
	default:
		return *count(vm, kind, SENT(i));
	}
}

u64 irq_storm_got(struct vm *vm, unsigned int i, unsigned int kind)
{
	return *count(vm, i, kinds[kind].got);
}

u64 irq_storm_got_kind(struct vm *vm, unsigned int kind)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < IRQ_STORM_VCPUS; i++)
		sum += irq_storm_got(vm, i, kind);
	return sum;
}

u64 irq_storm_got_all(struct vm *vm)
{
	unsigned int kind;
	u64 sum = 0;

	for (kind = 0; kind < IRQ_STORM_KINDS; kind++)
		sum += irq_storm_got_kind(vm, kind);
	return sum;
}

static bool all_came(struct vm *vm)
{
	unsigned int i, kind;

	for (kind = 0; kind < IRQ_STORM_KINDS; kind++)
		for (i = 0; i < IRQ_STORM_VCPUS; i++)
			if (irq_storm_got(vm, i, kind) != sent(vm, i, kind))
				return false;
	return true;
}

static void describe(struct vm *vm)
{
	unsigned int i, kind;

	for (kind = 0; kind < IRQ_STORM_KINDS; kind++)
		for (i = 0; i < IRQ_STORM_VCPUS; i++)
			if (irq_storm_got(vm, i, kind) != sent(vm, i, kind))
				tap_note("%s to vCPU %u: sent %llu, came %llu", kinds[kind].name,
					 i, (unsigned long long)sent(vm, i, kind),
					 (unsigned long long)irq_storm_got(vm, i, kind));
}

void irq_storm_check(struct vm *vm)
{
	if (*GUEST_PTR(vm, BROKEN, u32)) {
		describe(vm);
		tap_fail("an interrupt came that was not sent");
	}
}

void irq_storm_finish(struct vm *vm)
{
	unsigned int ms;
	u64 all;

	*GUEST_PTR(vm, STOP, u32) = 1;
	for (ms = 0; !all_came(vm); ms += 10) {
		irq_storm_check(vm);
		if (ms == 20000 * tap_patience()) {
			describe(vm);
			tap_fail("interrupts were lost");
		}
		usleep(10000);
	}
	all = irq_storm_got_all(vm);
	usleep(50000);
	CHECK_EQ(irq_storm_got_all(vm), all);
	irq_storm_check(vm);
}

/* ---- the thread that signals ---- */

struct signaller {
	struct vm *vm;
	int fd[IRQ_STORM_VCPUS];	/* of the irqfds */
	u64 random;
};

static u32 rnd(struct signaller *s, u32 below)
{
	return random_below(&s->random, below);
}

static void irqfd(struct signaller *s, unsigned int i, u32 flags)
{
	struct kvm_irqfd arg = { .fd = s->fd[i], .gsi = GSI + i, .flags = flags };

	CHECK_OK(ioctl(s->vm->fd, KVM_IRQFD, &arg));
}

/* All its signals have come: another eventfd takes its place. */
static void renew_irqfd(struct signaller *s, unsigned int i)
{
	if (rnd(s, 2))
		irqfd(s, i, KVM_IRQFD_FLAG_DEASSIGN);
	close(s->fd[i]);
	s->fd[i] = event_fd(0);
	irqfd(s, i, 0);
}

static void signal_irqfd(struct signaller *s, unsigned int i)
{
	if (*count(s->vm, i, SENT_IRQFD) != *count(s->vm, i, GOT_IRQFD))
		return;
	if (!rnd(s, 64))
		renew_irqfd(s, i);
	++*count(s->vm, i, SENT_IRQFD);
	signal_it(s->fd[i]);
}

static void signal_msi(struct signaller *s, unsigned int i)
{
	if (*count(s->vm, i, SENT_MSI) != *count(s->vm, i, GOT_MSI))
		return;
	++*count(s->vm, i, SENT_MSI);
	CHECK_EQ(send_msi(s->vm, APIC_BASE | i << 12, VECTOR_MSI), 1);
}

static void *signal_all(void *arg)
{
	struct signaller *s = arg;

	while (*GUEST_PTR(s->vm, READY, u32) < IRQ_STORM_VCPUS)
		usleep(1000);
	while (!*GUEST_PTR(s->vm, STOP, u32)) {
		if (rnd(s, 2))
			signal_irqfd(s, rnd(s, IRQ_STORM_VCPUS));
		else
			signal_msi(s, rnd(s, IRQ_STORM_VCPUS));
		if (!rnd(s, 8))
			usleep(rnd(s, 200));
	}
	return NULL;
}

static void set_routes(struct vm *vm)
{
	struct {
		struct kvm_irq_routing head;
		struct kvm_irq_routing_entry entry[IRQ_STORM_VCPUS];
	} routes = { .head.nr = IRQ_STORM_VCPUS };
	unsigned int i;

	for (i = 0; i < IRQ_STORM_VCPUS; i++)
		routes.entry[i] = (struct kvm_irq_routing_entry){
			.gsi = GSI + i, .type = KVM_IRQ_ROUTING_MSI,
			.u.msi = { .address_lo = APIC_BASE | i << 12, .data = VECTOR_IRQFD },
		};
	CHECK_OK(ioctl(vm->fd, KVM_SET_GSI_ROUTING, &routes));
}

void irq_storm_prepare(struct vm *vm)
{
	static struct signaller s;
	pthread_t thread;
	unsigned int i;

	for (i = 0; i < IRQ_STORM_KINDS; i++)
		vm_gate(vm, MODE_LONG, kinds[i].vector, irq_storm_handler(i));
	set_routes(vm);
	s = (struct signaller){ .vm = vm, .random = random_from(1) };
	for (i = 0; i < IRQ_STORM_VCPUS; i++) {
		CHECK_OK(set_mp_state(&vm->vcpu[i], KVM_MP_STATE_RUNNABLE));
		s.fd[i] = event_fd(0);
		irqfd(&s, i, 0);
	}
	pthread_create(&thread, NULL, signal_all, &s);
	pthread_detach(thread);
}
