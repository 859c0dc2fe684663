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
 * @rx: bytes received, @rx_len of them from @rx_head on
 * @tx_empty: the "transmitter empty" interrupt is due
 * @irq: IRQ 4
 * @transmit: takes a byte the guest sent; may let go of the lock meanwhile
 * @room: told when a full receiver can take bytes again
 * @opaque: passed to both
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
