/* SPDX-License-Identifier: GPL-2.0-only */
/* The wires between the machine's devices. */
#ifndef VMXRUN_WIRING_H
#define VMXRUN_WIRING_H

#include "machine_types.h"

void wiring_connect(struct machine *m);
bool wiring_add_ports(struct machine *m, int debug_exit);
void wiring_power_on(struct machine *m);
void wiring_expire(struct machine *m);

#endif
