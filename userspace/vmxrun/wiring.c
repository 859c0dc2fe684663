// SPDX-License-Identifier: GPL-2.0-only
/* The wires between the machine's devices. */
#include "msg.h"
#include "power.h"
#include "vcpu.h"
#include "wake.h"
#include "wiring.h"

#define UART_BASE	0x3f8
#define UART_IRQ	4

/* ---- interrupts ---- */

static void pic_intr_changed(void *opaque, bool level)
{
	struct machine *m = opaque;

	if (level)
		vcpu_kick(&m->vcpus[0]);
}

static void lapic_interrupt(void *opaque)
{
	vcpu_kick(opaque);
}

/* ---- time ---- */

static uint64_t clock_now(void *opaque)
{
	const struct machine *m = opaque;

	return alarm_now(&m->alarm);
}

static uint64_t lapic_now(void *opaque)
{
	const struct vcpu *vcpu = opaque;

	return alarm_now(&vcpu->m->alarm);
}

static void pit_deadline_changed(void *opaque, uint64_t deadline)
{
	struct machine *m = opaque;

	alarm_set(&m->alarm, ALARM_PIT, deadline);
}

static void lapic_deadline_changed(void *opaque, uint64_t deadline)
{
	struct vcpu *vcpu = opaque;

	alarm_set(&vcpu->m->alarm, ALARM_LAPIC + vcpu->id, deadline);
}

/**
 * wiring_expire - tell the timers that their deadline may have come
 *
 * To be called with the machine's lock held.
 */
void wiring_expire(struct machine *m)
{
	pit_expire(&m->pit);
	for (unsigned int i = 0; i < m->nr_vcpus; i++)
		lapic_expire(&m->vcpus[i].lapic);
}

/* ---- the serial port ---- */

/*
 * The reader of the console may be slow, and timers and Ctrl-A x must not wait
 * for it. Release the lock; the UART's state is consistent here.
 */
static void uart_transmit(void *opaque, uint8_t byte)
{
	struct machine *m = opaque;

	pthread_mutex_unlock(&m->lock);
	console_write(&m->console, byte);
	pthread_mutex_lock(&m->lock);
}

static void uart_room(void *opaque)
{
	wake_event_loop(opaque);
}

/* ---- switches ---- */

static void reset_asked(void *opaque)
{
	msg("the guest asked for a reset");
	power_reset(opaque, 0);
}

static void power_off_asked(void *opaque)
{
	msg("the guest powered off");
	power_stop(opaque, 0);
}

static void debug_exit_asked(void *opaque, uint8_t status)
{
	power_stop(opaque, status);
}

/* ---- all together ---- */

static void connect_lapic(struct machine *m, struct vcpu *vcpu)
{
	struct lapic *lapic = &vcpu->lapic;

	lapic->hz = m->lapic_hz;
	lapic->now = lapic_now;
	lapic->deadline_changed = lapic_deadline_changed;
	lapic->interrupt = lapic_interrupt;
	lapic->opaque = vcpu;
	lapic->send = apic_bus_send;
	lapic->bus = &m->apic_bus;
	lapic->eoi = ioapic_eoi;
	lapic->eoi_opaque = &m->ioapic;
	m->apic_bus.lapics[m->apic_bus.nr++] = lapic;
}

/* With --irqchip split the I/O APIC's messages go to the kernel. */
static void connect_kernel(struct machine *m)
{
	if (m->kernel_irq.irqchip != IRQCHIP_SPLIT)
		return;
	m->apic_bus.send = kernel_irq_send;
	m->apic_bus.opaque = &m->kernel_irq;
	m->kernel_irq.ioapic = &m->ioapic;
	m->ioapic.routed = kernel_irq_route;
	m->ioapic.opaque = &m->kernel_irq;
}

static struct irq_line isa_wire(struct machine *m, unsigned int irq)
{
	if (m->kernel_irq.irqchip == IRQCHIP_FULL)
		return (struct irq_line){ kernel_irq_set, &m->kernel_irq, irq };
	return (struct irq_line){ isa_irq_set, &m->isa_irq, irq };
}

/**
 * wiring_connect - set the callbacks between devices
 *
 * To be called once, after all vCPUs were created.
 */
void wiring_connect(struct machine *m)
{
	m->pic.intr_changed = pic_intr_changed;
	m->pic.opaque = m;
	m->ioapic.bus = &m->apic_bus;
	m->isa_irq = (struct isa_irq){ &m->pic, &m->ioapic };
	connect_kernel(m);
	for (unsigned int i = 0; i < m->nr_vcpus; i++)
		connect_lapic(m, &m->vcpus[i]);

	if (m->kernel_irq.irqchip != IRQCHIP_FULL)
		m->pit.irq = isa_wire(m, ISA_IRQ_TIMER);
	m->pit.now = clock_now;
	m->pit.deadline_changed = pit_deadline_changed;
	m->pit.opaque = m;

	m->uart.irq = isa_wire(m, UART_IRQ);
	m->uart.transmit = uart_transmit;
	m->uart.room = uart_room;
	m->uart.opaque = m;

	m->acpi_pm.now = clock_now;
	m->acpi_pm.power_off = power_off_asked;
	m->acpi_pm.opaque = m;

	m->kbc.reset = reset_asked;
	m->kbc.opaque = m;

	m->debug_exit.exit = debug_exit_asked;
	m->debug_exit.opaque = m;
}

/**
 * wiring_power_on - set all devices to their state after power-on
 *
 * At the start and at each reset. vcpu_reset() does it for the local APICs.
 */
void wiring_power_on(struct machine *m)
{
	pic_init(&m->pic);
	ioapic_power_on(&m->ioapic);
	pit_init(&m->pit);
	alarm_set(&m->alarm, ALARM_PIT, 0);
	uart_init(&m->uart);
	cmos_init(&m->cmos, m->vm.ram.low, m->vm.ram.size - m->vm.ram.low);
	kbc_init(&m->kbc);
	acpi_pm_power_on(&m->acpi_pm);
}

/**
 * wiring_add_ports - connect the devices to the port space
 * @debug_exit: port, or -1 for none
 *
 * Return: false after a message.
 */
bool wiring_add_ports(struct machine *m, int debug_exit)
{
	bool full = m->kernel_irq.irqchip == IRQCHIP_FULL;

	if ((!full && !pic_add_ports(&m->pic, &m->io)) ||
	    (!full && !pit_add_ports(&m->pit, &m->io)) ||
	    !cmos_add_ports(&m->cmos, &m->io) ||
	    !kbc_add_ports(&m->kbc, &m->io) ||
	    !acpi_pm_add_ports(&m->acpi_pm, &m->io) ||
	    !uart_add_ports(&m->uart, &m->io, UART_BASE)) {
		msg("two devices use the same port");
		return false;
	}
	if (debug_exit < 0 ||
	    debug_exit_add_port(&m->debug_exit, &m->io, debug_exit))
		return true;
	msg("port %#x (--debug-exit) belongs to another device", debug_exit);
	return false;
}
