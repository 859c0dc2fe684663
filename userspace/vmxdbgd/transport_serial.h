/* SPDX-License-Identifier: GPL-2.0-only */
/* The transport of --serial TTY[,BAUD]. */
#ifndef VMXDBGD_TRANSPORT_SERIAL_H
#define VMXDBGD_TRANSPORT_SERIAL_H

#include "transport.h"

extern const struct transport_ops transport_serial;

#endif /* VMXDBGD_TRANSPORT_SERIAL_H */
