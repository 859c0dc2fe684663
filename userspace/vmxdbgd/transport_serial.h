/* SPDX-License-Identifier: GPL-2.0-only */
/* The transport of --serial TTY[,BAUD]. */
#ifndef VMXDBGD_TRANSPORT_SERIAL_H
#define VMXDBGD_TRANSPORT_SERIAL_H

#include "transport.h"

/**
 * serial_unmark() - remove the marks of BREAK and of 0xff from a line's input
 * @data: input, changed in place: a BREAK becomes 0x03, as debuggers mean it
 * @len: its length
 * @state: zero at first; kept between calls
 *
 * Return: the new length.
 */
size_t serial_unmark(char *data, size_t len, int *state);

extern const struct transport_ops transport_serial;

#endif /* VMXDBGD_TRANSPORT_SERIAL_H */
