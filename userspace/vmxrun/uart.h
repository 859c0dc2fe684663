/* SPDX-License-Identifier: GPL-2.0-only */
/* The 16550A serial port. */
#ifndef VMXRUN_UART_H
#define VMXRUN_UART_H

#include <stdbool.h>
#include <stdint.h>

#include "io_bus.h"
#include "irq_line.h"

#define UART_FIFO	16

/**
 * struct uart - the chip, with an infinitely fast line
 * @ier: register, like the next five
 * @divisor: of the baud rate; has no effect
 * @overrun: a byte was lost
 * @tx_empty: the "transmitter empty" interrupt is due
 * @rx: ring buffer of received bytes
 * @rx_head: index of the first byte in @rx
 * @rx_len: number of bytes in @rx
 * @irq: IRQ 4
 * @transmit: called with each byte from the guest; may release the machine's
 *	lock
 * @room: called when a full receiver has room again
 * @opaque: first argument of @transmit and @room
 */
struct uart {
	uint8_t ier;
	uint8_t fcr;
	uint8_t lcr;
	uint8_t mcr;
	uint8_t msr;
	uint8_t scratch;
	uint16_t divisor;
	bool overrun;
	bool tx_empty;
	uint8_t rx[UART_FIFO];
	unsigned int rx_head;
	unsigned int rx_len;
	struct irq_line irq;
	void (*transmit)(void *opaque, uint8_t byte);
	void (*room)(void *opaque);
	void *opaque;
};

void uart_init(struct uart *uart);
bool uart_add_ports(struct uart *uart, struct io_bus *bus, uint16_t base);
unsigned int uart_rx_room(const struct uart *uart);
void uart_receive(struct uart *uart, uint8_t byte);

#endif
