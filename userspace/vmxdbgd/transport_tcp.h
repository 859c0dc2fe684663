/* SPDX-License-Identifier: GPL-2.0-only */
/* The transport of --tcp [ADDR:]PORT. */
#ifndef VMXDBGD_TRANSPORT_TCP_H
#define VMXDBGD_TRANSPORT_TCP_H

#include "transport.h"

extern const struct transport_ops transport_tcp;

#endif /* VMXDBGD_TRANSPORT_TCP_H */
