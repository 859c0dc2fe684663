/* SPDX-License-Identifier: GPL-2.0-only */
/* The transport of --stdio. */
#ifndef VMXDBGD_TRANSPORT_STDIO_H
#define VMXDBGD_TRANSPORT_STDIO_H

#include "transport.h"

extern const struct transport_ops transport_stdio;

#endif /* VMXDBGD_TRANSPORT_STDIO_H */
