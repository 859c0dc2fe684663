// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 16550A serial port.
 *
 * A byte is sent when it is written, so the transmitter is always empty. Baud
 * rate, word length and parity have no effect. Register names are those of
 * <linux/serial_reg.h>.
 */
#include <linux/serial_reg.h>

#include "uart.h"

/* Carrier, data set ready, clear to send: the other side is always ready. */
#define MSR_CONNECTED	(UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS)

static bool fifo_on(const struct uart *uart)
{
	return uart->fcr & UART_FCR_ENABLE_FIFO;
}

static unsigned int rx_size(const struct uart *uart)
{
	return fifo_on(uart) ? UART_FIFO : 1;
}

/* Return: the interrupt cause with the highest priority, as in IIR. */
static uint8_t uart_cause(const struct uart *uart)
{
	static const uint8_t trigger[4] = { 1, 4, 8, 14 };

	if ((uart->ier & UART_IER_RLSI) && uart->overrun)
		return UART_IIR_RLSI;
	if ((uart->ier & UART_IER_RDI) && uart->rx_len) {
		/* Below the trigger level the time-out is immediate. */
		if (fifo_on(uart) && uart->rx_len < trigger[uart->fcr >> 6])
			return UART_IIR_RX_TIMEOUT;
		return UART_IIR_RDI;
	}
	if ((uart->ier & UART_IER_THRI) && uart->tx_empty)
		return UART_IIR_THRI;
	if ((uart->ier & UART_IER_MSI) && (uart->msr & UART_MSR_ANY_DELTA))
		return UART_IIR_MSI;
	return UART_IIR_NO_INT;
}

/* On a PC, OUT2 connects the chip to the interrupt controller. */
static void uart_update(struct uart *uart)
{
	irq_line_set(&uart->irq, (uart->mcr & UART_MCR_OUT2) &&
				 uart_cause(uart) != UART_IIR_NO_INT);
}

/* Return: how many bytes uart_receive() can take */
unsigned int uart_rx_room(const struct uart *uart)
{
	if (uart->mcr & UART_MCR_LOOP)
		return 0;
	return rx_size(uart) - uart->rx_len;
}

static void rx_push(struct uart *uart, uint8_t byte)
{
	if (uart->rx_len >= rx_size(uart)) {
		uart->overrun = true;
		return;
	}
	uart->rx[(uart->rx_head + uart->rx_len++) % UART_FIFO] = byte;
}

/**
 * uart_receive - give a byte to the receiver
 *
 * The byte is lost (an overrun) if uart_rx_room() is 0.
 */
void uart_receive(struct uart *uart, uint8_t byte)
{
	rx_push(uart, byte);
	uart_update(uart);
}

/* Tell the owner, which may have input to pass. */
static void tell_room(struct uart *uart)
{
	if (uart->room && uart_rx_room(uart))
		uart->room(uart->opaque);
}

static uint8_t read_rx(struct uart *uart)
{
	uint8_t byte;

	if (!uart->rx_len)
		return 0;
	byte = uart->rx[uart->rx_head];
	uart->rx_head = (uart->rx_head + 1) % UART_FIFO;
	if (--uart->rx_len == 0)
		tell_room(uart);
	return byte;
}

static uint8_t read_iir(struct uart *uart)
{
	uint8_t cause = uart_cause(uart);

	/* A read of IIR clears this cause. */
	if (cause == UART_IIR_THRI)
		uart->tx_empty = false;
	return cause | (fifo_on(uart) ? 0xc0 : 0);
}

static uint8_t read_lsr(struct uart *uart)
{
	uint8_t lsr = UART_LSR_THRE | UART_LSR_TEMT;

	if (uart->rx_len)
		lsr |= UART_LSR_DR;
	if (uart->overrun)
		lsr |= UART_LSR_OE;
	uart->overrun = false;
	return lsr;
}

static uint8_t read_msr(struct uart *uart)
{
	uint8_t msr = uart->msr;

	uart->msr &= ~UART_MSR_ANY_DELTA;
	return msr;
}

static uint8_t read_register(struct uart *uart, uint16_t offset)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (offset) {
	case UART_RX:
		return dlab ? uart->divisor & 0xff : read_rx(uart);
	case UART_IER:
		return dlab ? uart->divisor >> 8 : uart->ier;
	case UART_IIR:
		return read_iir(uart);
	case UART_LCR:
		return uart->lcr;
	case UART_MCR:
		return uart->mcr;
	case UART_LSR:
		return read_lsr(uart);
	case UART_MSR:
		return read_msr(uart);
	default:
		return uart->scratch;
	}
}

static uint8_t uart_read(void *dev, uint16_t offset)
{
	struct uart *uart = dev;
	uint8_t val = read_register(uart, offset);

	uart_update(uart);
	return val;
}

static void write_tx(struct uart *uart, uint8_t byte)
{
	if (uart->mcr & UART_MCR_LOOP)
		rx_push(uart, byte);
	else
		uart->transmit(uart->opaque, byte);
	uart->tx_empty = true;
}

static void write_ier(struct uart *uart, uint8_t val)
{
	/* Enabling it while the transmitter is empty interrupts at once. */
	if ((val & UART_IER_THRI) && !(uart->ier & UART_IER_THRI))
		uart->tx_empty = true;
	uart->ier = val & 0x0f;
}

static void write_fcr(struct uart *uart, uint8_t val)
{
	bool toggled = (val ^ uart->fcr) & UART_FCR_ENABLE_FIFO;

	if (toggled || (val & UART_FCR_CLEAR_RCVR))
		uart->rx_len = 0;
	uart->fcr = val & (UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_MASK);
	tell_room(uart);
}

/* In loopback mode the four outputs drive the four modem inputs. */
static uint8_t modem_inputs(const struct uart *uart)
{
	uint8_t in = 0;

	if (!(uart->mcr & UART_MCR_LOOP))
		return MSR_CONNECTED;
	if (uart->mcr & UART_MCR_RTS)
		in |= UART_MSR_CTS;
	if (uart->mcr & UART_MCR_DTR)
		in |= UART_MSR_DSR;
	if (uart->mcr & UART_MCR_OUT1)
		in |= UART_MSR_RI;
	if (uart->mcr & UART_MCR_OUT2)
		in |= UART_MSR_DCD;
	return in;
}

static void write_mcr(struct uart *uart, uint8_t val)
{
	uint8_t before = uart->msr & 0xf0, now, delta;

	uart->mcr = val & 0x1f;
	now = modem_inputs(uart);
	delta = (before ^ now) >> 4;
	/* TERI is set only by a falling ring indicator. */
	if (now & UART_MSR_RI)
		delta &= ~UART_MSR_TERI;
	uart->msr = now | (uart->msr & UART_MSR_ANY_DELTA) | delta;
	tell_room(uart);
}

static void write_register(struct uart *uart, uint16_t offset, uint8_t val)
{
	bool dlab = uart->lcr & UART_LCR_DLAB;

	switch (offset) {
	case UART_TX:
		if (dlab)
			uart->divisor = (uart->divisor & 0xff00) | val;
		else
			write_tx(uart, val);
		break;
	case UART_IER:
		if (dlab)
			uart->divisor = (uart->divisor & 0xff) | val << 8;
		else
			write_ier(uart, val);
		break;
	case UART_FCR:
		write_fcr(uart, val);
		break;
	case UART_LCR:
		uart->lcr = val;
		break;
	case UART_MCR:
		write_mcr(uart, val);
		break;
	case UART_SCR:
		uart->scratch = val;
		break;
	}
}

static void uart_write(void *dev, uint16_t offset, uint8_t val)
{
	struct uart *uart = dev;

	write_register(uart, offset, val);
	uart_update(uart);
}

static const struct io_ops uart_ops = { uart_read, uart_write };

/* Return: false if a port belongs to another device */
bool uart_add_ports(struct uart *uart, struct io_bus *bus, uint16_t base)
{
	return io_bus_add(bus, base, 8, &uart_ops, uart);
}

/**
 * uart_init - set the state after power-on
 */
void uart_init(struct uart *uart)
{
	uart->ier = 0;
	uart->fcr = 0;
	uart->mcr = 0;
	uart->overrun = false;
	uart->rx_len = 0;
	uart->divisor = 12;
	uart->lcr = UART_LCR_WLEN8;
	uart->msr = MSR_CONNECTED;
	uart->tx_empty = true;
}
