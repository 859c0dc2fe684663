/* SPDX-License-Identifier: GPL-2.0-only */
/* The transport of --unix PATH. */
#ifndef VMXDBGD_TRANSPORT_UNIX_H
#define VMXDBGD_TRANSPORT_UNIX_H

#include "transport.h"

extern const struct transport_ops transport_unix;

#endif /* VMXDBGD_TRANSPORT_UNIX_H */
