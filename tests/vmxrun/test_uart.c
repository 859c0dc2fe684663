// SPDX-License-Identifier: GPL-2.0-only
/* The 16550A, as drivers probe and drive it. */
#include <linux/serial_reg.h>
#include <string.h>

#include <tap.h>
#include <uart.h>

#include "ports.h"

#define BASE	0x3f8

static struct uart uart;
static bool irq;
static unsigned int rooms;
static char sent[64];
static unsigned int nr_sent;

static void set_irq(void *opaque, unsigned int input, bool level)
{
	(void)opaque;
	(void)input;
	irq = level;
}

static void transmit(void *opaque, uint8_t byte)
{
	(void)opaque;
	sent[nr_sent++] = byte;
}

static void room(void *opaque)
{
	(void)opaque;
	rooms++;
}

static void power_on(void)
{
	uart_init(&uart);
	uart.irq.set = set_irq;
	uart.transmit = transmit;
	uart.room = room;
	REQUIRE(uart_add_ports(&uart, &bus, BASE));
}

/* FIFO on, interrupt connected. */
static void start(uint8_t ier)
{
	power_on();
	outb(BASE + UART_FCR, UART_FCR_ENABLE_FIFO);
	outb(BASE + UART_MCR, UART_MCR_OUT2);
	outb(BASE + UART_IER, ier);
}

static void polled_output(void)
{
	power_on();
	for (const char *c = "hello"; *c; c++) {
		CHECK(inb(BASE + UART_LSR) & UART_LSR_THRE);
		outb(BASE + UART_TX, *c);
	}
	CHECK(!strcmp(sent, "hello"));
	CHECK(!irq);
}

/* autoconfig() of Linux's 8250 driver, as far as it goes for a 16550A. */
static void linux_finds_a_16550a(void)
{
	power_on();
	outb(BASE + UART_IER, 0x0f);
	CHECK_EQ(inb(BASE + UART_IER), 0x0f);
	outb(BASE + UART_IER, 0);
	CHECK_EQ(inb(BASE + UART_IER), 0);
	outb(BASE + UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	CHECK_EQ(inb(BASE + UART_MSR) & 0xf0, UART_MSR_DCD | UART_MSR_CTS);
	outb(BASE + UART_MCR, 0);
	outb(BASE + UART_SCR, 0xa5);
	CHECK_EQ(inb(BASE + UART_SCR), 0xa5);
	outb(BASE + UART_FCR, UART_FCR_ENABLE_FIFO);
	CHECK_EQ(inb(BASE + UART_IIR) >> 6, 3);
	/* No EFR behind LCR 0xbf: that would be a 16650. */
	outb(BASE + UART_FCR, 0);
	CHECK_EQ(inb(BASE + UART_IIR) >> 6, 0);
}

static void the_divisor_has_its_own_registers(void)
{
	power_on();
	outb(BASE + UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
	outb(BASE + UART_DLL, 0x34);
	outb(BASE + UART_DLM, 0x12);
	CHECK_EQ(inb(BASE + UART_DLL), 0x34);
	CHECK_EQ(inb(BASE + UART_DLM), 0x12);
	outb(BASE + UART_LCR, UART_LCR_WLEN8);
	CHECK_EQ(inb(BASE + UART_IER), 0);
	CHECK_EQ(nr_sent, 0);
}

static void enabling_the_transmit_interrupt_raises_it(void)
{
	start(UART_IER_THRI);
	CHECK(irq);
	CHECK_EQ(inb(BASE + UART_IIR) & 0x0f, UART_IIR_THRI);
	/* Reading IIR took it back. */
	CHECK(!irq);
	CHECK_EQ(inb(BASE + UART_IIR) & 0x0f, UART_IIR_NO_INT);
	outb(BASE + UART_TX, 'x');
	CHECK(irq);
}

/* The test for UART_BUG_THRE in serial8250_do_startup(). */
static void linux_sees_no_transmit_bug(void)
{
	power_on();
	outb(BASE + UART_IER, UART_IER_THRI);
	CHECK_EQ(inb(BASE + UART_IIR) & 0x0f, UART_IIR_THRI);
	outb(BASE + UART_IER, 0);
	outb(BASE + UART_IER, UART_IER_THRI);
	CHECK_EQ(inb(BASE + UART_IIR) & 0x0f, UART_IIR_THRI);
}

static void a_received_byte_interrupts(void)
{
	start(UART_IER_RDI);
	CHECK(!irq);
	uart_receive(&uart, 'a');
	CHECK(irq);
	CHECK_EQ(inb(BASE + UART_IIR) & 0x0f, UART_IIR_RDI);
	CHECK(inb(BASE + UART_LSR) & UART_LSR_DR);
	CHECK_EQ(inb(BASE + UART_RX), 'a');
	CHECK(!irq);
	CHECK(!(inb(BASE + UART_LSR) & UART_LSR_DR));
}

static void below_the_trigger_level_it_is_a_time_out(void)
{
	start(UART_IER_RDI);
	outb(BASE + UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_8);
	uart_receive(&uart, 'a');
	CHECK_EQ(inb(BASE + UART_IIR) & 0x0f, UART_IIR_RX_TIMEOUT);
	for (int i = 0; i < 7; i++)
		uart_receive(&uart, 'b');
	CHECK_EQ(inb(BASE + UART_IIR) & 0x0f, UART_IIR_RDI);
}

static void the_fifo_keeps_order_and_says_when_it_is_full(void)
{
	start(UART_IER_RDI);
	for (int i = 0; uart_rx_room(&uart); i++)
		uart_receive(&uart, i);
	CHECK_EQ(uart.rx_len, 16);
	for (int i = 0; i < 16; i++)
		CHECK_EQ(inb(BASE + UART_RX), i);
	CHECK_EQ(uart_rx_room(&uart), 16);
}

static void without_fifo_there_is_room_for_one(void)
{
	power_on();
	CHECK_EQ(uart_rx_room(&uart), 1);
	uart_receive(&uart, 'a');
	CHECK_EQ(uart_rx_room(&uart), 0);
	rooms = 0;
	inb(BASE + UART_RX);
	CHECK_EQ(rooms, 1);
}

static void a_byte_too_many_is_an_overrun(void)
{
	start(UART_IER_RLSI);
	for (int i = 0; i < 17; i++)
		uart_receive(&uart, i);
	CHECK(irq);
	CHECK_EQ(inb(BASE + UART_IIR) & 0x0f, UART_IIR_RLSI);
	CHECK(inb(BASE + UART_LSR) & UART_LSR_OE);
	CHECK(!(inb(BASE + UART_LSR) & UART_LSR_OE));
	CHECK(!irq);
}

static void loopback_receives_what_it_sends(void)
{
	start(0);
	outb(BASE + UART_MCR, UART_MCR_LOOP);
	CHECK_EQ(uart_rx_room(&uart), 0);
	outb(BASE + UART_TX, 'z');
	CHECK_EQ(nr_sent, 0);
	CHECK_EQ(inb(BASE + UART_RX), 'z');
}

static void without_out2_no_interrupt_leaves_the_chip(void)
{
	start(UART_IER_RDI);
	outb(BASE + UART_MCR, 0);
	uart_receive(&uart, 'a');
	CHECK(!irq);
	outb(BASE + UART_MCR, UART_MCR_OUT2);
	CHECK(irq);
}

static void clearing_the_receiver(void)
{
	start(UART_IER_RDI);
	uart_receive(&uart, 'a');
	outb(BASE + UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR);
	CHECK(!irq);
	CHECK_EQ(uart_rx_room(&uart), 16);
}

static const struct test tests[] = {
	TEST(polled_output),
	TEST(linux_finds_a_16550a),
	TEST(the_divisor_has_its_own_registers),
	TEST(enabling_the_transmit_interrupt_raises_it),
	TEST(linux_sees_no_transmit_bug),
	TEST(a_received_byte_interrupts),
	TEST(below_the_trigger_level_it_is_a_time_out),
	TEST(the_fifo_keeps_order_and_says_when_it_is_full),
	TEST(without_fifo_there_is_room_for_one),
	TEST(a_byte_too_many_is_an_overrun),
	TEST(loopback_receives_what_it_sends),
	TEST(without_out2_no_interrupt_leaves_the_chip),
	TEST(clearing_the_receiver),
};

TAP_MAIN(tests)
