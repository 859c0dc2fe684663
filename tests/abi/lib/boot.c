// SPDX-License-Identifier: GPL-2.0-only
/* Guests on two vCPUs that take interrupts and notify a device: see startup.h. */
#include <string.h>

#include "startup.h"

/*
 * Data of the guests, from GUEST_DATA on: interrupts of BOOT_VECTOR; whether vCPU 1 is up;
 * ticks; whether to notify; whether port 0x61 is in the kernel.
 */
enum { DATA_IRQS, DATA_AP, DATA_TICKS, DATA_NOTIFY, DATA_SPEAKER };

#define AP_PAGE		0x9000	/* SIPI vector 9 */
#define PORT_ON		0x10
#define PORT_WAITS	0x12
#define PORT_END	0x13
#define PORT_AP		0x14
#define TICK_VECTOR	0x46
#define PIC_VECTOR	0x50	/* of the PIC's IRQ 0 */

#define START_AP(init, sipi)						\
	init sipi "2: pause; cmpl $0, 0xc004; je 2b\n"

#define SLEEP_UNTIL(condition, label)					\
	#label ": sti; hlt; cli; " condition " " #label "b\n"

#define NOTIFY								\
	"cmpl $0, 0xc00c; je 5f; mov $0xd0000000, %edi; movl $7, (%rdi); 5:\n"

#define WAIT_AND_END							\
	"out %al, $0x12\n" NOTIFY					\
	SLEEP_UNTIL("cmpl $0, 0xc000; je", 4)				\
	"out %al, $0x13; hlt\n"

#define DEADLINE							\
	"rdtsc; shl $32, %rdx; or %rdx, %rax; add $20000, %rax\n"	\
	"mov %rax, %rdx; shr $32, %rdx; mov $0x6e0, %ecx; wrmsr\n"

#define APIC_GUEST(name, on, eoi, init, sipi, lvtt)			\
GUEST64(name,								\
	"jmp 1f\n"							\
	#name "_irq: incl 0xc000; " eoi "iretq\n"			\
	#name "_tick: incl 0xc008; " eoi "iretq\n"			\
	"1: " on "out %al, $0x10\n"					\
	START_AP(init, sipi) lvtt DEADLINE				\
	SLEEP_UNTIL("cmpl $0, 0xc008; je", 3)				\
	WAIT_AND_END);							\
LABEL(name##_irq); LABEL(name##_tick)

APIC_GUEST(boot_xapic,
	   "mov $0xfee00000, %ebx; movl $0x1ff, 0xf0(%rbx)\n",
	   "movl $0, 0xb0(%rbx); ",
	   "movl $0x1000000, 0x310(%rbx); movl $0x4500, 0x300(%rbx)\n",
	   "movl $0x4609, 0x300(%rbx)\n",
	   "movl $0x40046, 0x320(%rbx)\n");

#define WRMSR(index, high, low)						\
	"mov $" #index ", %ecx; mov $" #high ", %edx; mov $" #low ", %eax; wrmsr\n"

APIC_GUEST(boot_x2apic,
	   "mov $0x1b, %ecx; rdmsr; or $0xc00, %eax; wrmsr\n" WRMSR(0x80f, 0, 0x1ff),
	   "push %rax; push %rcx; push %rdx\n" WRMSR(0x80b, 0, 0)
	   "pop %rdx; pop %rcx; pop %rax; ",
	   WRMSR(0x830, 1, 0x4500),
	   WRMSR(0x830, 1, 0x4609),
	   WRMSR(0x832, 0, 0x40046));

#define OUTB(port, val)	"mov $" #val ", %al; out %al, $" #port "\n"

GUEST64(boot_chips,
	"jmp 1f\n"
	"boot_chips_irq: push %rax; incl 0xc000;" OUTB(0x20, 0x20) "pop %rax; iretq\n"
	"boot_chips_tick: push %rax; incl 0xc008;" OUTB(0x20, 0x20) "pop %rax; iretq\n"
	"1: mov $0xfee00000, %ebx; movl $0x1ff, 0xf0(%rbx)\n"
	"out %al, $0x10\n"
	START_AP("movl $0x1000000, 0x310(%rbx); movl $0x4500, 0x300(%rbx)\n",
		 "movl $0x4609, 0x300(%rbx)\n")
	"cmpl $0, 0xc010; je 6f; in $0x61, %al; out %al, $0x61; 6:\n"
	OUTB(0x20, 0x11) OUTB(0x21, 0x50) OUTB(0x21, 0x04) OUTB(0x21, 0x01)
	OUTB(0xa0, 0x11) OUTB(0xa1, 0x58) OUTB(0xa1, 0x02) OUTB(0xa1, 0x01)
	OUTB(0xa1, 0xff) OUTB(0x21, 0xee)	/* IRQs 0 and 4 */
	/* 27 ms: a slow host must get from one tick to the next, as none is lost */
	OUTB(0x43, 0x34) OUTB(0x40, 0x00) OUTB(0x40, 0x80)
	SLEEP_UNTIL("cmpl $2, 0xc008; jb", 3)
	OUTB(0x21, 0xef)
	WAIT_AND_END);
LABEL(boot_chips_irq); LABEL(boot_chips_tick);

GUEST16(second, "movl $1, 0xc004; out %al, $0x14; hlt");

static const struct {
	struct prog prog;
	const u8 *irq, *tick;
	u8 irq_vector, tick_vector;
} guests[] = {
	[BOOT_XAPIC]	= { PROG(boot_xapic), boot_xapic_irq, boot_xapic_tick,
			    BOOT_VECTOR, TICK_VECTOR },
	[BOOT_X2APIC]	= { PROG(boot_x2apic), boot_x2apic_irq, boot_x2apic_tick,
			    BOOT_VECTOR, TICK_VECTOR },
	[BOOT_CHIPS]	= { PROG(boot_chips), boot_chips_irq, boot_chips_tick,
			    PIC_VECTOR + BOOT_GSI, PIC_VECTOR },
	[BOOT_SPEAKER]	= { PROG(boot_chips), boot_chips_irq, boot_chips_tick,
			    PIC_VECTOR + BOOT_GSI, PIC_VECTOR },
};

void boot_memory(struct boot *b, enum boot_guest guest)
{
	const u8 *begin = guests[guest].prog.begin;

	b->notify = -1;
	startup_memory(&b->vm, MODE_LONG, guests[guest].prog);
	vm_gate(&b->vm, MODE_LONG, guests[guest].irq_vector,
		GUEST_CODE + (guests[guest].irq - begin));
	vm_gate(&b->vm, MODE_LONG, guests[guest].tick_vector,
		GUEST_CODE + (guests[guest].tick - begin));
	memcpy(b->vm.mem + AP_PAGE, second_begin, second_end - second_begin);
	DATA32(&b->vm, DATA_SPEAKER) = guest == BOOT_SPEAKER;
}

void boot_registers(struct boot *b)
{
	vcpu_reset(&b->vm.vcpu[0], MODE_LONG, GUEST_CODE);
}

/* A vCPU that gets INIT and SIPI leaves KVM_RUN with EAGAIN, and is run again. */
static void *run_ap(void *arg)
{
	struct boot *b = arg;

	do
		b->ap_exit = vcpu_run(&b->vm.vcpu[1]);
	while (b->ap_exit == -EAGAIN);
	return NULL;
}

void boot_run(struct boot *b)
{
	struct vcpu *v = &b->vm.vcpu[0];

	DATA32(&b->vm, DATA_NOTIFY) = b->notify >= 0;
	vcpu_run_out(v, PORT_ON);
	REQUIRE(!pthread_create(&b->ap, NULL, run_ap, b));
	vcpu_run_out(v, PORT_WAITS);
	CHECK(DATA32(&b->vm, DATA_TICKS) > 0);
	pthread_join(b->ap, NULL);
	CHECK_EQ(b->ap_exit, KVM_EXIT_IO);
	CHECK_EQ(b->vm.vcpu[1].run->io.port, PORT_AP);
}

void boot_end(struct boot *b)
{
	vcpu_run_out(&b->vm.vcpu[0], PORT_END);
	CHECK_EQ(DATA32(&b->vm, DATA_IRQS), 1);
	if (b->notify >= 0)
		CHECK_EQ(startup_signals(b->notify), 1);
}
